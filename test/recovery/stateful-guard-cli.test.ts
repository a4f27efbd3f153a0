import { spawn, spawnSync } from 'child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

/* The CLI of the CDK, in a process of its own: what a team sees in its terminal. */

const ROOT = join(__dirname, '..', '..');
const APP = `${process.execPath} --require ${join(ROOT, 'node_modules/tsx/dist/cjs/index.cjs')} ${join(__dirname, 'guarded-cli-app.ts')}`;
const CLI = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'guard-cli-')); });
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function environment(key: string, ci: string) {
  const { CI, CODEBUILD_BUILD_ID, TF_BUILD, JENKINS_URL, TEAMCITY_VERSION, NODE_ENV, ...rest } = process.env;
  return { ...rest, CI: ci, TABLE_KEY: key, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.dev.json'), CDK_DISABLE_CLI_TELEMETRY: 'true' };
}

function cdk(command: string[], key: string, ci = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...command, '--app', APP], {
    cwd: directory, env: environment(key, ci), encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

test('cdk synth writes the lock file; synth, diff and deploy fail with the reason; a pipeline compares', () => {
  const first = cdk(['synth', '--quiet'], 'id');
  expect(first.output).toContain('StatefulGuard wrote stateful.lock.json: commit it.\n  added Shop OrdersA9B65338');
  expect(first.status).toBe(0);
  const lock = readFileSync(join(directory, 'stateful.lock.json'), 'utf8');

  for (const command of [['synth', 'Other'], ['diff', '--no-change-set'], ['deploy', '--all']]) {
    const { status, output } = cdk(command, 'pk');
    expect(output).toContain('PlatformError: stateful.lock.json: a deployment would lose, replace or break what keeps state.\n');
    expect(output).toContain('KeySchema: [{"AttributeName":"id","KeyType":"HASH"}] → [{"AttributeName":"pk","KeyType":"HASH"}]');
    expect(status).toBe(1);
  }
  expect(cdk(['synth', '--quiet'], 'id', 'true').status).toBe(0);
  expect(readFileSync(join(directory, 'stateful.lock.json'), 'utf8')).toBe(lock);
}, 120_000);

test('two synths at once leave one whole lock file', async () => {
  const codes = await Promise.all([1, 2, 3].map(number => new Promise(resolve => {
    const [node, ...args] = APP.split(' ');
    spawn(node, args, { cwd: directory, env: { ...environment('id', ''), CDK_OUTDIR: join(directory, `out${number}`) }, stdio: 'ignore' }).on('exit', resolve);
  })));
  expect(codes).toEqual([0, 0, 0]);
  expect(Object.keys(JSON.parse(readFileSync(join(directory, 'stateful.lock.json'), 'utf8')).stacks)).toEqual(['Shop']);
  expect(readdirSync(directory).sort()).toEqual(['out1', 'out2', 'out3', 'stateful.lock.json']);
}, 60_000);
