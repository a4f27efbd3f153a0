/*
 * The four ways back of docs/amplify.md, walked with examples/realtechee: a real git repository, the real build spec in real bash, the operator's own
 * code before an Amplify of the tests. The third, a backend's stack that goes back, is walked in the emulator's CloudFormation (npm run integ:amplify).
 */
import { execFileSync } from 'child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { buildSpecIn, templateOf } from './example';
import { RealtecheeStack } from '../../examples/realtechee/realtechee-stack';
import { restoreVariables } from '../../src/amplify/operator/restore';
import { removeBuilds, runBuild } from '../amplify/build/run';
import { APP_ID, Deployment, TestWorld, variablesOf } from '../amplify/operator/operator-world';

const REQUIRED = ['BACKEND_SUFFIX', 'USER_POOL_ID', 'USER_POOL_CLIENT_ID', 'IDENTITY_POOL_ID', 'GRAPHQL_URL', 'API_KEY', 'S3_BUCKET'];
const RIGHT = { AMPLIFY_APP_ID: APP_ID, ...Object.fromEntries(REQUIRED.map(name => [name, `right ${name}`])) };
const BRANCH = 'production';
/** The build of these sources fails where somebody has broken the site or the backend. */
const DOES = { 'npm run build': 'test ! -f broken-site || exit 3', 'npx ampx pipeline-deploy': 'test ! -f broken-backend || exit 4' };

let spec: string;
let repository: string;
let world: TestWorld;
let deployment: Deployment;
/** What visitors get: the last build that succeeded. */
let served: { readonly page: string; readonly variables: Record<string, string> } | undefined;

beforeAll(() => {
  spec = buildSpecIn(templateOf('realtechee', app => new RealtecheeStack(app, 'Realtechee')));
});
afterAll(removeBuilds);

beforeEach(async () => {
  repository = mkdtempSync(join(tmpdir(), 'ways-back-'));
  git('init', '--quiet', '--initial-branch', BRANCH);
  served = undefined;
  world = new TestWorld();
  world.amplify.add(BRANCH);
  deployment = new Deployment(world, 'Custom::AmplifyVariables');
  await deployVariables(RIGHT);
  commit('page', 'first');
  expect(build().code).toBe(0);
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

function git(...words: string[]): void {
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-C', repository, ...words], { stdio: 'ignore' });
}

function commit(file: string, text: string): void {
  writeFileSync(join(repository, file), text);
  git('add', '--all');
  git('commit', '--quiet', '--message', `${file}: ${text}`);
}

/** As a deployment of the stack does: CloudFormation changes the branch, and the operator remembers it. */
async function deployVariables(variables: Record<string, string>): Promise<void> {
  world.amplify.branches.get(BRANCH)!.environmentVariables = variables;
  expect(await deployment.deploy(variablesOf(BRANCH, variables))).toBe(true);
}

/** As Amplify does after a push, and after StartJob: the last commit with the variables that the branch has. */
function build(): { readonly code: number; readonly output: string } {
  const files = Object.fromEntries(readdirSync(repository).filter(name => name !== '.git').map(name => [name, readFileSync(join(repository, name), 'utf8')]));
  const { environmentVariables } = world.amplify.branches.get(BRANCH)!;
  const { code, output } = runBuild(spec, { env: { AWS_BRANCH: BRANCH, ...environmentVariables }, files, does: DOES });
  if (code === 0) served = { page: files.page, variables: environmentVariables };
  return { code, output };
}

test('a failed deployment leaves what was served, and git revert makes the branch deployable again', () => {
  commit('broken-site', 'x');
  expect(build().code).toBe(3);
  expect(served?.page).toBe('first');

  git('revert', '--no-edit', 'HEAD');
  commit('page', 'second');
  expect(build().code).toBe(0);
  expect(served?.page).toBe('second');
});

test('a deployment that is live and wrong goes back with its commit', () => {
  commit('page', 'wrong');
  expect(build().code).toBe(0);
  git('revert', '--no-edit', 'HEAD');
  expect(build().code).toBe(0);
  expect(served?.page).toBe('first');
});

test('wrong variables: the previous ones come back by one command, which also builds the branch', async () => {
  const { API_KEY: _, ...wrong } = RIGHT as Record<string, string>;
  await deployVariables({ ...wrong, GRAPHQL_URL: 'https://wrong.example.com' });
  expect(build()).toMatchObject({ code: 1, output: expect.stringContaining('lacks API_KEY') });
  expect(served?.variables).toEqual(RIGHT);

  const jobs = world.amplify.jobsOf(BRANCH).length;
  expect(await restoreVariables({ restoreVariables: BRANCH, version: 'previous' }, world)).toMatchObject({ added: ['API_KEY'], changed: ['GRAPHQL_URL'] });
  expect(world.amplify.jobsOf(BRANCH)).toHaveLength(jobs + 1);
  expect(build().code).toBe(0);
  expect(served?.variables).toEqual(RIGHT);
});

test('the same command once more undoes it', async () => {
  const wrong = { ...RIGHT, GRAPHQL_URL: 'https://wrong.example.com' };
  await deployVariables(wrong);
  await restoreVariables({ restoreVariables: BRANCH, version: 'previous' }, world);
  await restoreVariables({ restoreVariables: BRANCH, version: 'previous' }, world);
  expect(world.amplify.branches.get(BRANCH)!.environmentVariables).toEqual(wrong);
});

test('a backend that fails to deploy stops the build before the site is built', () => {
  commit('broken-backend', 'x');
  commit('page', 'second');
  expect(build().code).toBe(4);
  expect(served?.page).toBe('first');
});

test('everything: variables, backend and site go back together', async () => {
  await deployVariables({ ...RIGHT, S3_BUCKET: 'wrong' });
  commit('page', 'wrong');
  expect(build().code).toBe(0);
  commit('broken-backend', 'x');
  expect(build().code).toBe(4);

  await restoreVariables({ restoreVariables: BRANCH, version: 'previous' }, world);
  git('revert', '--no-edit', 'HEAD', 'HEAD~1');
  expect(build().code).toBe(0);
  expect(served).toEqual({ page: 'first', variables: RIGHT });
});
