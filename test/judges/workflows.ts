/*
 * Judges of GitHub workflows: actionlint, shellcheck on each `run:`, and zizmor at its strictest, none of them with the internet.
 * `--offline` leaves out zizmor's audits that ask GitHub, such as whether a commit is really in the repository that it is said to be of;
 * `actions:outdated` asks that.
 */
import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { join, relative } from 'path';
import { parse } from 'yaml';
import { goTool } from './go-tool';
import { REPOSITORY } from '../../integ/emulator/python';
import { DesktopReleaseWorkflow, DesktopSystem, OldVersions } from '../../src';

/** What judges say of some workflows. */
export interface WorkflowVerdict {
  readonly files: number;
  readonly scripts: number;
  /** Findings of each judge, as `file:line rule message`. */
  readonly findings: { readonly [judge: string]: string[] };
}

const ACTIONLINT = { program: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.12' };

/** What a comment in a file tells it to ignore counts as found: only what is really so is so. */
const ZIZMOR = ['--offline', '--no-config', '--no-ignores', '--persona', 'pedantic', '--no-progress', '--no-exit-codes', '--format', 'json-v1'];

/** What the library writes with other options than the examples. */
const GENERATED: { readonly [name: string]: () => string } = {
  'desktop-default': () => new DesktopReleaseWorkflow().toYaml(),
  'desktop-all-options': () => new DesktopReleaseWorkflow({
    name: 'Release of the desktop app',
    channels: ['latest', 'beta', 'alpha'],
    tagPrefix: 'desktop-v',
    workingDirectory: 'apps/desktop',
    outputDirectory: 'release/out',
    environment: 'production',
    buildVariables: ['VITE_API_BASE_URL', 'VITE_SENTRY_DSN'],
    initialRollout: 10,
    oldVersions: OldVersions.keepNewest(20),
  }).toYaml(),
  'desktop-linux': () => new DesktopReleaseWorkflow({ systems: [DesktopSystem.LINUX], buildVariables: [] }).toYaml(),
};

/** Each judge finds one thing here, or it does not judge. */
const WRONG = `name: Wrong
on: push
permissions: {}
jobs:
  job:
    name: Job
    runs-on: ubuntu-24.04
    needs: nobody
    steps:
      - name: Interpolates
        run: echo "\${{ github.event.head_commit.message }}"
      - name: Splits words
        run: rm $HOME/x
`;

/** The workflows of all examples, and those that the library writes with other options. */
export async function judgeWorkflows(bin: string, folder: string): Promise<WorkflowVerdict> {
  const actionlint = await goTool(ACTIONLINT.program, ACTIONLINT.version);
  const judge = (files: string[]) => ({ ...lint(actionlint, join(bin, 'shellcheck'), files), zizmor: audit(join(bin, 'zizmor'), files) });
  const wrong = Object.entries(judge([write(folder, 'wrong', WRONG)]));
  for (const [name, findings] of wrong) if (findings.length === 0) throw new Error(`${name} finds nothing in a workflow that is wrong`);

  const files = [...ofExamples(), ...Object.entries(GENERATED).map(([name, text]) => write(folder, name, text()))];
  return { files: files.length, scripts: files.flatMap(scripts).length, findings: judge(files) };
}

function ofExamples(): string[] {
  const folders = readdirSync(join(REPOSITORY, 'examples')).map(example => join(REPOSITORY, 'examples', example, '.github', 'workflows'));
  return folders.filter(existsSync).flatMap(each => readdirSync(each).filter(name => /\.ya?ml$/.test(name)).map(name => join(each, name)));
}

function write(folder: string, name: string, text: string): string {
  const workflows = join(folder, name, '.github', 'workflows');
  mkdirSync(workflows, { recursive: true });
  const file = join(workflows, `${name}.yml`);
  writeFileSync(file, text);
  return file;
}

function scripts(file: string): string[] {
  const { jobs } = parse(readFileSync(file, 'utf8')) as { jobs: Record<string, { steps?: { run?: string }[] }> };
  return Object.values(jobs).flatMap(({ steps = [] }) => steps.flatMap(step => step.run ?? []));
}

function lint(actionlint: string, shellcheck: string, files: string[]): { actionlint: string[]; shellcheck: string[] } {
  const output = run(actionlint, ['-shellcheck', shellcheck, '-pyflakes', '', '-format', '{{json .}}', ...files], [0, 1]);
  const found = JSON.parse(output) as { kind: string; filepath: string; line: number; message: string }[] | null ?? [];
  const lines = (ofShell: boolean) => found.filter(({ kind }) => (kind === 'shellcheck') === ofShell)
    .map(({ kind, filepath, line, message }) => `${filepath}:${line} ${kind} ${message}`);
  return { actionlint: lines(false), shellcheck: lines(true) };
}

interface Audited {
  readonly ident: string;
  readonly desc: string;
  readonly locations: {
    readonly symbolic: { readonly key: { readonly Local: { readonly verbatim_path: string } } };
    readonly concrete: { readonly location: { readonly start_point: { readonly row: number } } };
  }[];
}

function audit(zizmor: string, files: string[]): string[] {
  const output = run(zizmor, [...ZIZMOR, ...files], [0]);
  return (JSON.parse(output) as Audited[]).map(({ ident, desc, locations: [first] }) => (
    `${relative(REPOSITORY, first.symbolic.key.Local.verbatim_path)}:${first.concrete.location.start_point.row + 1} ${ident} ${desc}`
  ));
}

/** A judge that neither judges nor says that it found something has failed. */
function run(command: string, args: string[], codes: number[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (status === null || !codes.includes(status)) throw new Error(`${command} ${args.join(' ')} ends with ${status}: ${stderr}`);
  return stdout;
}
