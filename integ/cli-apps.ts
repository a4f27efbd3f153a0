/*
 * A new app of each pattern, as a user begins it: the packed package, an empty folder, `init`, `npm install`, `npm test`, `cdk synth`, its workflows and
 * its report.
 */
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Checks } from './emulator/checks';
import { ProcessResult, removeTemporaryDirectory, run, runToEnd, temporaryDirectory } from './emulator/process';
import { REPOSITORY } from './emulator/python';
import { compileWhereStale } from '../projenrc/compile-where-stale';

const AMPLIFY = 'amplify-multi-branch-app';
const PATTERNS = ['fargate-api-with-rds', 'static-cdn-site', AMPLIFY, 'production-web-platform'];
const WORKFLOWS = {
  delivery: ['delivery-drift.yml', 'delivery-pull-request.yml', 'delivery-rollback.yml', 'delivery.yml'],
  promotion: ['promotion.yml'],
};
/** From `init` to a green `npm test`. */
const LIMIT_SECONDS = 180;
const OWN = ['npx', 'cdk-web-platform'];
const INSTALL = ['npm', 'install', '--no-audit', '--no-fund'];

/** The command line as a user has it: installed from the tarball, in a folder of its own. */
export interface PackedCli {
  readonly tarball: string;
  readonly directory: string;
  readonly program: string;
}

interface Measured {
  readonly app: string;
  readonly init: string;
  readonly install: string;
  readonly test: string;
  readonly synth: string;
  readonly report: string;
  readonly untilGreen: string;
}

/** Packs what npm would publish, and installs it. */
export async function packAndInstall(checks: Checks): Promise<PackedCli> {
  compileWhereStale(['src', 'cli']);
  const directory = temporaryDirectory(os.tmpdir(), 'cli');
  const tarball = await checks.step('npm pack', async () => {
    const packed = JSON.parse((await run(['npm', 'pack', '--json', '--silent', '--pack-destination', directory], { cwd: REPOSITORY })).replace(/^[^[]*/, ''));
    console.log(`  ${(packed[0].size / 1e6).toFixed(2)} MB, ${packed[0].entryCount} files, ${(packed[0].unpackedSize / 1e6).toFixed(1)} MB unpacked`);
    return path.join(directory, packed[0].filename);
  });
  await checks.step('installing it into an empty folder, with its peers', () => run([...INSTALL, '--prefix', directory, tarball], { cwd: directory }));
  return { tarball, directory, program: path.join(directory, 'node_modules/.bin/cdk-web-platform') };
}

/** Begins all of them, one with projen too, and says what each step took. */
export async function beginApps(cli: PackedCli, checks: Checks): Promise<void> {
  const measured: Measured[] = [];
  for (const pattern of PATTERNS) measured.push(await begin(cli, pattern, [], checks));
  measured.push(await begin(cli, PATTERNS[1], ['--projen'], checks));
  console.table(measured);
}

async function begin(cli: PackedCli, pattern: string, options: string[], checks: Checks): Promise<Measured> {
  const app = [pattern, ...options].join(' ');
  const directory = temporaryDirectory(os.tmpdir(), 'app');
  const seconds: { [step: string]: number } = {};
  const step = async (name: string, command: readonly string[], code = 0): Promise<ProcessResult> => {
    const started = Date.now();
    const result = await checks.step(`${app}: ${name}`, () => runToEnd(command, { cwd: directory, environment: environmentOfUser() }));
    seconds[name] = (Date.now() - started) / 1000;
    checks.check(`${app}: ${name} ends with ${code}`, result.code === code, result.output.slice(-3000));
    return result;
  };
  await step('init', [cli.program, 'init', '--yes', '--pattern', pattern, '--name', 'shop', '--directory', '.', '--repository', 'acme/shop',
    '--package', cli.tarball, ...options]);
  await step('install', INSTALL);
  if (options.includes('--projen')) await step('projen', ['npm', 'run', 'projen']);
  const test = await step('test', ['npm', 'test']);
  checks.check(`${app}: its tests ran`, /^# pass [1-9]/m.test(test.output) || /pass [1-9]/.test(test.output), test.output.slice(-1000));
  const untilGreen = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  checks.check(`${app}: green within ${LIMIT_SECONDS} s of init`, untilGreen < LIMIT_SECONDS, untilGreen);
  const workflows = path.join(directory, '.github/workflows');
  checks.check(`${app}: its tests wrote no workflow`, !fs.existsSync(workflows), fs.readdirSync(directory));
  await step('synth', ['npx', 'cdk', 'synth', '--quiet']);
  checks.check(`${app}: there is an assembly`, fs.existsSync(path.join(directory, 'cdk.out/manifest.json')), fs.readdirSync(directory));
  const written = fs.readdirSync(workflows).sort();
  checks.check(`${app}: there are its workflows`, written.join() === WORKFLOWS[pattern === AMPLIFY ? 'promotion' : 'delivery'].join(), written);
  await step('workflows --check', [...OWN, 'workflows', '--check']);
  fs.appendFileSync(path.join(workflows, written[0]), '# by hand\n');
  const stale = await step('workflows --check of a changed one', [...OWN, 'workflows', '--check'], 1);
  checks.check(`${app}: the stale workflow is named`, stale.output.includes(`${written[0]} is stale`), stale.output.slice(-1000));
  await step('estimate', [...OWN, 'estimate', '--app', 'cdk.out']);
  await step('report', [...OWN, 'report', '--app', 'cdk.out']);
  const page = path.join(directory, 'cdk.out/report/index.html');
  checks.check(`${app}: the report is of its stacks`, fs.existsSync(page) && fs.readFileSync(page, 'utf8').includes('shop'), fs.readdirSync(path.join(directory, 'cdk.out')));
  removeTemporaryDirectory(directory);

  const shown = (name: string) => `${(seconds[name] ?? 0).toFixed(1)} s`;
  return { app, init: shown('init'), install: shown('install'), test: shown('test'), synth: shown('synth'), report: shown('report'), untilGreen: `${untilGreen.toFixed(1)} s` };
}

/** Without what starts this repository's own programs, and without a pipeline around it: there projen installs what a lockfile says, and nothing new. */
function environmentOfUser(): NodeJS.ProcessEnv {
  const environment = Object.entries(process.env).filter(([name]) => !/^(CI$|GITHUB_|TSX_|CDK_|NODE_OPTIONS$|npm_(package|lifecycle)_)/.test(name));
  return { ...Object.fromEntries(environment), CDK_DISABLE_CLI_TELEMETRY: 'true' };
}
