import { AmplifyPlatform } from '../amplify-framework';
import { BuildPlan } from './plan';
import { allPlanned, byBranch, indent, names, Planned } from './script';
import { isSetByAws, previewName, storedName } from '../variable-names';

/** Gives variables back the names that the app knows. */
export function givenBack(plan: BuildPlan): string {
  const branches = renamed(plan.branches, storedName);
  const previews = plan.previews ? renamed([plan.previews], previewName) : '';
  if (branches + previews === '') return '';
  const note = '# Variables get the names back that the app wants: Amplify refuses those that begin with AWS';
  if (previews === '' && !plan.previews) return `${note}.\n${branches}`;
  return `${note}, and has no branch's for pull requests.
if [[ -n "\${AWS_PULL_REQUEST_ID:-}" ]]; then
${indent(previews || ':')}
else
${indent(branches || ':')}
fi`;
}

function renamed(planned: readonly Planned[], stored: (name: string) => string): string {
  const others = [...new Set(planned.flatMap(({ variables }) => variables))].filter(name => stored(name) !== name && !isSetByAws(name)).sort();
  return others.map(name => {
    const given = `export ${name}="$${stored(name)}"`;
    return planned.every(({ requires, variables }) => requires.includes(name) && variables.includes(name)) ? given : `[[ -z "\${${stored(name)}+given}" ]] || ${given}`;
  }).join('\n');
}

/** Everything that the app may have at build time: for the build itself, and for a server that is started for a test. */
export function environment(plan: BuildPlan, write: boolean): string[] {
  const server = plan.framework.platform === AmplifyPlatform.SSR && allPlanned(plan).some(planned => serverNames(planned).length > 0);
  const secrets = allPlanned(plan).some(({ buildSecrets = [] }) => buildSecrets.length > 0);
  return [
    givenBack(plan),
    server || secrets ? byBranch(plan, planned => [
      ...server ? [`_build_variables=${names(serverNames(planned))}`] : [],
      ...secrets ? [`_build_secrets=${names(planned.buildSecrets ?? [])}`] : [],
    ].join('\n')) : '',
    server && write ? WRITE : '',
    server && plan.framework.label.startsWith('Next.js') ? HIDE : '',
    secrets ? READ : '',
  ];
}

function serverNames({ variables, secrets = [] }: Planned): string[] {
  return [...variables.filter(name => !secrets.includes(name)), ...secrets.length > 0 ? ['SECRET_PARAMETERS'] : []];
}

/*
 * Amplify gives the variables of a branch to its build only; a server-rendered app has at run time what was in this file when it was built
 * (https://docs.aws.amazon.com/amplify/latest/userguide/ssr-environment-variables.html). Next.js reads it with dotenv and dotenv-expand: quotes cannot be
 * escaped, \n and \r are read within double quotes only, a carriage return is lost elsewhere, and $ is taken for a variable unless it is escaped.
 */
const WRITE = String.raw`# A server has at run time what .env.production says, exactly as it is here.
_build_variables="$_build_variables" node - <<"SCRIPT"
const { appendFileSync } = require("fs");
// Each way to quote a value, and what a value must not have for it.
const ways = [
  ["\x27", /[\x27\r]|\\$/],
  ["\"", /"|\\[nr]|\\$/],
  ["${'`'}", /[${'`'}\r]|\\$/],
  ["", /^$|^[\s"\x27${'`'}]|\s$|[#\r\n\u2028\u2029]/],
];
const names = process.env._build_variables.split(" ").filter(name => name && name in process.env);
const lines = names.map(name => {
  const value = process.env[name];
  const way = ways.find(([, unfit]) => !unfit.test(value));
  if (!way) {
    console.error(name + " has quotes of all kinds, or ends in a backslash, so that .env.production cannot have it. Change the value, or make it a secret.");
    process.exit(1);
  }
  return name + "=" + way[0] + value.replace(/\r/g, "\\r").replace(/\$/g, "\\$&") + way[0] + "\n";
});
appendFileSync(".env.production", "\n" + lines.join(""));
SCRIPT`;

/** dotenv-expand also expands variables that are set already, and unlike those of the file they cannot be escaped. */
const HIDE = `# In a value that is also set here, Next.js would take $ for a variable. The build has such a value from .env.production alone.
for _build_name in $_build_variables; do
  [[ "\${!_build_name:-}" != *"\\$"* ]] || unset "$_build_name"
done`;

/**
 * Without $(…), which Amplify has expanded when it printed a command before it ran it: https://github.com/aws-amplify/amplify-hosting/issues/2821
 * The AWS CLI ends the value with an end of line; Parameter Store has no empty values.
 */
const READ = `# Secrets that the build may read. They stay in its memory.
for _build_parameter in \${SECRET_PARAMETERS//,/ }; do
  _build_name="\${_build_parameter##*/}"
  [[ " $_build_secrets " == *" $_build_name "* ]] || continue
  _build_value=""
  IFS= read -r -d "" _build_value < <(aws ssm get-parameter --name "$_build_parameter" --with-decryption --query Parameter.Value --output text) || true
  if [[ -z "$_build_value" ]]; then
    echo "The secret $_build_name cannot be read from the parameter $_build_parameter." >&2
    exit 1
  fi
  export "$_build_name=\${_build_value%?}"
done`;
