import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { parse } from 'yaml';
import { AmplifyFramework } from '../../../src/amplify/amplify-framework';
import { BranchBackend } from '../../../src/amplify/branch-backend';
import { BuildPlan, PlannedBranch } from '../../../src/amplify/build/plan';
import { storedName } from '../../../src/amplify/variable-names';

/** As much of a build spec as the tests read. */
export interface BuildSpec extends Application {
  readonly version: number;
  readonly applications?: (Application & { readonly appRoot: string })[];
}

interface Application {
  readonly backend?: { readonly phases: Phases };
  readonly frontend: {
    readonly phases: Phases;
    readonly artifacts: { readonly baseDirectory: string; readonly files: string[] };
    readonly cache?: { readonly paths: string[] };
  };
}

type Phases = Readonly<Partial<Record<'preBuild' | 'build' | 'postBuild', { readonly commands: string[] }>>>;

/** How Amplify may run commands: all in one shell, each in its own, or with the shell told not to stop by itself. */
export const SHELLS = ['one shell', 'a shell each', 'a condition'] as const;
export type Shell = typeof SHELLS[number];

export interface BuildOptions {
  readonly shell?: Shell;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes of calls that fail, by their beginning, such as `npm run build`. */
  readonly failing?: Readonly<Record<string, number>>;
  /** SSM parameters that can be read. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Files of the repository. */
  readonly files?: Readonly<Record<string, string>>;
  /** Shell commands that a call runs, by its beginning. */
  readonly does?: Readonly<Record<string, string>>;
}

export interface Call {
  /** With its arguments. */
  readonly command: string;
  readonly argv: string[];
  readonly env: Record<string, string>;
  readonly directory: string;
}

export interface BuildRun {
  readonly code: number;
  readonly output: string;
  readonly calls: Call[];
  /** The app's folder. */
  readonly folder: string;
  readonly commands: string[];
  read(file: string): string | undefined;
}

// The signs that end a record and a field occur in no argument.
const STAND_IN = `#!/bin/bash
home="\${BASH_SOURCE[0]%/*}/.."
command="\${0##*/} $*"
{ printf '%s\\0' "$PWD" "\${0##*/}" "$@"; printf '\\0\\0'; env -0; printf '\\0\\0'; } >> "$home/calls"
case "$command" in
  "aws ssm get-parameter "*)
    file="$home/parameters$4"
    [[ -f "$file" ]] || { echo "An error occurred (ParameterNotFound)" >&2; exit 254; }
    cat "$file"; echo ;;
esac
while IFS=$'\\t' read -r beginning does; do
  [[ "$command" != "$beginning"* ]] || eval "$does"
done < "$home/does"
exit 0
`;

/** Runs a build spec as Amplify does, with stand-ins for the programs that would reach out. */
export function runBuild(spec: string, { shell = 'one shell', env = {}, failing = {}, parameters = {}, files = {}, does = {} }: BuildOptions = {}): BuildRun {
  const home = mkdtempSync(join(FOLDER, 'run-'));
  const parsed = parse(spec) as BuildSpec;
  const application = parsed.applications?.[0] ?? parsed;
  const folder = join(home, 'repository', parsed.applications?.[0].appRoot ?? '');
  const commands = commandsOf(application);
  const exits = Object.fromEntries(Object.entries(failing).map(([beginning, code]) => [beginning, `exit ${code}`]));

  write(join(home, 'calls'), '');
  write(join(home, 'does'), Object.entries({ ...does, ...exits }).map(entry => `${entry.join('\t')}\n`).join(''));
  for (const program of ['npm', 'npx', 'aws']) write(join(home, 'programs', program), STAND_IN, 0o755);
  for (const [name, value] of Object.entries(parameters)) write(join(home, 'parameters', name), value);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) write(join(folder, name), text);

  const environment = { PATH: `${join(home, 'programs')}:${dirname(process.execPath)}:/usr/bin:/bin`, HOME: home, AWS_APP_ID: 'd2mgxqlhqfnu3l', ...env };
  let output = '';
  let code = 0;
  for (const file of shellScripts(commands, shell)) {
    write(join(home, 'amplify.sh'), file);
    const run = spawnSync('bash', [join(home, 'amplify.sh')], { cwd: folder, env: environment, encoding: 'utf8', timeout: 60_000 });
    output += run.stdout + run.stderr;
    code = run.status ?? -1;
    if (code !== 0) break;
  }
  const read = (file: string) => existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined;
  return { code, output, calls: callsIn(join(home, 'calls')), folder, commands, read };
}

/** In the order in which Amplify runs them. */
export function commandsOf({ backend, frontend }: Application): string[] {
  return [backend?.phases, frontend.phases].flatMap(phases => (['preBuild', 'build', 'postBuild'] as const).flatMap(phase => phases?.[phase]?.commands ?? []));
}

function shellScripts(commands: string[], shell: Shell): string[] {
  switch (shell) {
    case 'one shell': return [commands.map(command => `${command}\ncode=$?; [ $code -eq 0 ] || exit $code\n`).join('\n')];
    case 'a shell each': return commands;
    case 'a condition': return [commands.map(command => `{\n${command}\n} || exit $?`).join('\n')];
  }
}

function callsIn(file: string): Call[] {
  const parts = readFileSync(file, 'utf8').split('\0\0\0').slice(0, -1);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [];
    const [directory, ...argv] = part.split('\0');
    const env = Object.fromEntries(parts[index + 1].split('\0').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    return [{ command: argv.join(' '), argv, env, directory }];
  });
}

function write(file: string, text: string, mode?: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}

const FOLDER = mkdtempSync(join(tmpdir(), 'amplify-builds-'));

export function removeBuilds(): void {
  rmSync(FOLDER, { recursive: true, force: true });
}

/** A branch without needs. */
export function branch(name: string, planned: Partial<PlannedBranch> = {}): PlannedBranch {
  return { name, backend: BranchBackend.none(), requires: [], variables: planned.requires ?? [], secrets: [], buildSecrets: [], ...planned };
}

/** A plan for an app of Vite, with `planned` in place of the defaults. */
export function plan(branches: readonly PlannedBranch[], planned: Partial<BuildPlan> = {}): BuildPlan {
  const framework = planned.framework ?? AmplifyFramework.vite();
  return { framework, branches, ...planned };
}

/** Variables of a branch as Amplify gives them to its builds. */
export function variablesOf({ name, variables, secrets }: PlannedBranch, values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    AWS_BRANCH: name,
    AMPLIFY_APP_ID: 'd2mgxqlhqfnu3l',
    ...Object.fromEntries(variables.map(variable => [storedName(variable), values[variable] ?? `${variable} of ${name}`])),
    ...secrets.length > 0 ? { SECRET_PARAMETERS: secrets.map(secret => parameterOf(secret)).join(',') } : {},
  };
}

export function parameterOf(secret: string): string {
  return `/amplify/d2mgxqlhqfnu3l/main-branch-fea140fca9/${secret}`;
}
