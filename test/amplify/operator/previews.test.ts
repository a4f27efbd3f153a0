import { APP_ID, TestWorld } from './operator-world';
import { AwsError } from './ssm-stand-in';
import { backendStackName } from '../../../src/amplify/operator/branch-paths';
import { removePreviews } from '../../../src/amplify/operator/previews';

const HOURS = 3_600_000;
const WEEK = { lifetimeHours: 7 * 24, haveBackends: false };
const WITH_BACKENDS = { ...WEEK, haveBackends: true };

let world: TestWorld;

beforeEach(() => {
  world = new TestWorld();
  world.amplify.add('main', { updateTime: before(9999) });
});

const before = (hours: number) => new Date(world.time.getTime() - hours * HOURS);
const names = () => [...world.amplify.branches.keys()];

function addPreview(name: string, hours: number, changes: object = {}): void {
  world.amplify.add(name, { sourceBranch: 'feature', updateTime: before(hours), jobs: [{ jobId: '1', status: 'SUCCEED', startTime: before(hours + 1), endTime: before(hours) }], ...changes });
}

test('previews without a build in their lifetime go, over all pages of branches', async () => {
  for (let number = 1; number <= 5; number++) addPreview(`pr-${number}`, number % 2 ? 169 : 167);
  expect(await removePreviews(WEEK, world)).toEqual({ removed: ['pr-1', 'pr-3', 'pr-5'], waiting: [] });
  expect(names()).toEqual(['main', 'pr-2', 'pr-4']);
  expect(world.lines).toContainEqual({ removed: ['pr-1', 'pr-3', 'pr-5'], waiting: [], problems: [] });
});

test('exactly at the end of its lifetime a preview stays', async () => {
  addPreview('pr-1', 168);
  expect(await removePreviews(WEEK, world)).toEqual({ removed: [], waiting: [] });
});

test('the newest build counts, whatever order Amplify lists them in, and a running one always', async () => {
  const ended = (hours: number) => ({ jobId: String(hours), status: 'SUCCEED', startTime: before(hours), endTime: before(hours) });
  addPreview('pr-1', 999, { jobs: [ended(1), ended(999)] });
  addPreview('pr-2', 999, { jobs: [ended(999), ended(1)] });
  addPreview('pr-3', 999, { jobs: [ended(999), { jobId: '2', status: 'RUNNING', startTime: before(500) }] });
  addPreview('pr-4', 999, { jobs: [{ jobId: '1', status: 'PENDING' }] });
  expect(await removePreviews(WEEK, world)).toEqual({ removed: [], waiting: [] });
});

test('a preview that was never built counts from its last change', async () => {
  addPreview('pr-1', 167, { jobs: [] });
  addPreview('pr-2', 169, { jobs: [] });
  expect(await removePreviews(WEEK, world)).toMatchObject({ removed: ['pr-2'] });
});

test('branches that only look like previews stay', async () => {
  for (const name of ['production', 'prod', 'pr-', 'pr-1-fix', 'xpr-1', 'pr-01', 'PR-1', 'preview']) addPreview(name, 999);
  addPreview('pr-7', 999, { sourceBranch: undefined });
  const existing = names();
  expect(await removePreviews(WEEK, world)).toEqual({ removed: [], waiting: [] });
  expect(names()).toEqual(existing);
  expect(world.told).toContain('pr-7');
});

test('one that Amplify says shows a pull request by its stage goes', async () => {
  addPreview('pr-7', 999, { sourceBranch: undefined, stage: 'PULL_REQUEST' });
  expect(await removePreviews(WEEK, world)).toMatchObject({ removed: ['pr-7'] });
});

test('a backend goes first, and its branch once it has gone, although Amplify changed the branch meanwhile', async () => {
  addPreview('pr-12', 169);
  const stackName = backendStackName(APP_ID, 'pr-12');
  expect(stackName).toMatch(new RegExp(`^amplify-${APP_ID}-pr12-branch-[0-9a-f]{10}$`));
  world.stacks.set(stackName, 'UPDATE_COMPLETE');
  expect(await removePreviews(WITH_BACKENDS, world)).toEqual({ removed: [], waiting: ['pr-12'] });
  expect(await removePreviews(WITH_BACKENDS, world)).toEqual({ removed: [], waiting: ['pr-12'] });
  expect(world.deletedStacks).toEqual([stackName]);
  world.amplify.branches.get('pr-12')!.updateTime = world.time;
  world.stacks.delete(stackName);
  expect(await removePreviews(WITH_BACKENDS, world)).toEqual({ removed: ['pr-12'], waiting: [] });
  expect(names()).toEqual(['main']);
});

test('a backend that could not be deleted is tried again, and its branch waits', async () => {
  addPreview('pr-12', 169);
  world.stacks.set(backendStackName(APP_ID, 'pr-12'), 'DELETE_FAILED');
  expect(await removePreviews(WITH_BACKENDS, world)).toEqual({ removed: [], waiting: ['pr-12'] });
  expect(world.deletedStacks).toHaveLength(1);
  expect(world.told).toContain('could not be deleted last time');
});

test('without backends of their own no stack is touched', async () => {
  addPreview('pr-12', 169);
  world.stacks.set(backendStackName(APP_ID, 'pr-12'), 'UPDATE_COMPLETE');
  expect(await removePreviews(WEEK, world)).toMatchObject({ removed: ['pr-12'] });
  expect(world.deletedStacks).toEqual([]);
});

test('one that cannot be removed does not stop the others, and Lambda hears of it', async () => {
  for (const name of ['pr-1', 'pr-2', 'pr-3']) addPreview(name, 999);
  world.amplify.fault = ({ action, input }) => action === 'DeleteBranch' && input.branchName === 'pr-2' ? new AwsError('InternalFailureException', 'later') : undefined;
  await expect(removePreviews(WEEK, world)).rejects.toThrow('Not all previews could be removed: pr-2: later');
  expect(names()).toEqual(['main', 'pr-2']);
});

test('one that Amplify removes meanwhile counts as removed', async () => {
  addPreview('pr-1', 999);
  world.amplify.fault = ({ action, input }) => {
    if (action === 'DeleteBranch') world.amplify.branches.delete(input.branchName);
    return undefined;
  };
  expect(await removePreviews(WEEK, world)).toMatchObject({ removed: ['pr-1'] });
});
