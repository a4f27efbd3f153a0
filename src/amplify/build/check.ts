import { BuildPlan } from './plan';
import { allPlanned, byBranch, insideQuotes, names, Planned, script, word } from './script';
import { isSetByAws } from '../variable-names';

/** The first thing that a build does: nothing is installed or built for a branch that lacks something. */
export function checkScript(plan: BuildPlan): string {
  return script(
    `# What the branch needs is checked before anything is installed or built.\n${plan.previews ? '' : refuseOthers()}`.trimEnd(),
    byBranch(plan, required, unknown(plan)),
    allPlanned(plan).some(planned => required(planned) !== NOTHING) ? report(plan) : '',
  );
}

const NOTHING = ':';

function required(planned: Planned): string {
  const { name, requires, secrets = [] } = planned;
  const variables = requires.filter(wanted => !secrets.includes(wanted) && !isSetByAws(wanted));
  if (variables.length + secrets.length === 0) return NOTHING;
  const inFront = name === undefined ? ['_build_in_front=PREVIEW_'] : [];
  return [`_build_required=${names(variables)}`, ...inFront, ...secrets.length > 0 ? [`_build_secrets=${names(secrets)}`] : []].join('\n');
}

function refuseOthers(): string {
  return `if [[ -n "\${AWS_PULL_REQUEST_ID:-}" ]]; then
  echo "This app has no previews of pull requests, so pull request $AWS_PULL_REQUEST_ID is not built. Give the app previews, or turn them off in Amplify." >&2
  exit 1
fi`;
}

function unknown({ branches }: BuildPlan): string {
  const known = branches.map(({ name }) => name);
  return `echo "Branch '\${AWS_BRANCH:-}' is not one of ${insideQuotes(known.join(', '))}. \
Add it to the app in its stack and deploy that, or disconnect it in Amplify." >&2
exit 1`;
}

/** All that is missing in one message, under the names that the app knows. */
function report(plan: BuildPlan): string {
  const all = allPlanned(plan);
  const renamed = plan.branches.some(({ requires }) => requires.some(name => /^AWS/.test(name) && !isSetByAws(name)));
  const withSecrets = all.some(({ secrets = [] }) => secrets.length > 0);
  return `_build_missing=""
for _build_name in \${_build_required:-}; do
  _build_stored="\${_build_in_front:-}$_build_name"
${renamed ? '  [[ "$_build_stored" != AWS* ]] || _build_stored="APP_$_build_stored"\n' : ''}\
  [[ -n "\${!_build_stored:-}" ]] || _build_missing="$_build_missing, $_build_name"
done
${withSecrets ? `for _build_name in \${_build_secrets:-}; do
  [[ ",\${SECRET_PARAMETERS:-}," == *"/$_build_name,"* ]] || _build_missing="$_build_missing, $_build_name"
done
` : ''}\
if [[ -n "$_build_missing" ]]; then
  echo "Branch '\${AWS_BRANCH:-}' lacks \${_build_missing#, }. Give it a value for each in the app's stack, and deploy that." >&2
  exit 1
fi`;
}

/** Commands that deploy the branch's backend, or find out how to reach the one that it shares. */
export function backendScript(plan: BuildPlan): string {
  return script(
    'export AMPLIFY_APP_ID="${AMPLIFY_APP_ID:-$AWS_APP_ID}"',
    byBranch(plan, ({ backend }) => {
      if (backend.deploys) return 'npx ampx pipeline-deploy --branch "$AWS_BRANCH" --app-id "$AMPLIFY_APP_ID"';
      if (backend.sharedBranch === undefined) return 'echo "This branch has no backend."';
      return `npx ampx generate outputs --branch ${word(backend.sharedBranch)} --app-id "$AMPLIFY_APP_ID"`;
    }),
  );
}
