import { LocalWorld } from './migration-world';
import { answerMigrationRequest, failRequest, MigrationRequest } from '../../../src/service/release/migration-custom-resource';
import { CloudFormationReceiver } from '../../cloudformation-receiver';

let world: LocalWorld;
let receiver: CloudFormationReceiver;

beforeEach(async () => {
  world = new LocalWorld();
  receiver = await CloudFormationReceiver.start();
});

afterEach(async () => {
  await world.tasks.clear();
  await receiver.stop();
});

function request(
  type: MigrationRequest['RequestType'], version: string, command: string[], changes: { readonly ReleasedByHook?: 'true'; readonly RequestId?: string } = {},
): MigrationRequest {
  const { ReleasedByHook = 'false', RequestId = `request of ${version}` } = changes;
  return {
    ...receiver.request(type, type === 'Create' ? undefined : 'Run'),
    RequestId,
    ResourceProperties: { TaskDefinition: world.tasks.register(...command), Version: version, ReleasedByHook },
  };
}

test('the first version is migrated before anything that depends on it', async () => {
  expect(await answerMigrationRequest(request('Create', 'v1', ['sh', '-c', 'sleep 0.1'], { ReleasedByHook: 'true' }), world)).toBeUndefined();

  expect(receiver.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'Resource', RequestId: 'request of v1' })]);
  expect(world.tasks.tasks).toHaveLength(1);
  expect(world.tasks.tasks[0].state).toMatchObject({ exitCode: 0 });
});

test('a later version is migrated where no hook does it', async () => {
  await answerMigrationRequest(request('Create', 'v1', ['true']), world);
  await answerMigrationRequest(request('Update', 'v2', ['true']), world);

  expect(receiver.answers.map(({ PhysicalResourceId }) => PhysicalResourceId)).toEqual(['Resource', 'Run']);
  expect(world.tasks.tasks).toHaveLength(2);
});

test('a later version is left to the hook where there is one', async () => {
  await answerMigrationRequest(request('Update', 'v2', ['false'], { ReleasedByHook: 'true' }), world);

  expect(receiver.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  expect(world.tasks.requests).toBe(0);
});

test('a rollback runs nothing and succeeds', async () => {
  await answerMigrationRequest(request('Create', 'v1', ['true']), world);
  await answerMigrationRequest(request('Update', 'v2', ['true']), world);
  await answerMigrationRequest(request('Update', 'v1', ['false'], { RequestId: 'rollback' }), world);

  expect(receiver.answers.at(-1)).toMatchObject({ Status: 'SUCCESS', RequestId: 'rollback' });
  expect(world.tasks.tasks).toHaveLength(2);
});

test('a failed version answers with its reason, and its rollback succeeds', async () => {
  await answerMigrationRequest(request('Create', 'v1', ['true']), world);
  await answerMigrationRequest(request('Update', 'v2', ['sh', '-c', 'echo "syntax error at or near"; exit 1']), world);
  await answerMigrationRequest(request('Update', 'v1', ['false'], { RequestId: 'rollback' }), world);

  expect(receiver.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'FAILED', 'SUCCESS']);
  expect(receiver.answers[1].Reason).toMatch(/exit code 1\.\nLast lines of its output:\nsyntax error at or near\n/);
});

test('the same request twice runs once and is answered the same', async () => {
  const fails = request('Create', 'v1', ['false']);
  await answerMigrationRequest(fails, world);
  await answerMigrationRequest(fails, world);

  expect(receiver.answers.map(({ Reason }) => Reason)).toEqual([receiver.answers[0].Reason, receiver.answers[0].Reason]);
  expect(world.tasks.tasks).toHaveLength(1);
});

test('deleting runs nothing', async () => {
  await answerMigrationRequest(request('Delete', 'v1', ['false']), world);

  expect(receiver.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'Run' })]);
  expect(world.tasks.requests).toBe(0);
});

test('a migration that outlasts the invocation goes on in a further one, and CloudFormation hears nothing until it has ended', async () => {
  world.remainingMilliseconds = 60_000;
  const first = request('Create', 'v1', ['sh', '-c', 'sleep 0.2']);
  const continuation = await answerMigrationRequest(first, world);

  expect(continuation).toEqual({ ...first, since: expect.any(Number) });
  expect(receiver.answers).toEqual([]);
  world.remainingMilliseconds = 900_000;
  expect(await answerMigrationRequest(JSON.parse(JSON.stringify(continuation)), world)).toBeUndefined();
  expect(receiver.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  expect(world.tasks.tasks).toHaveLength(1);
});

test('within an hour there is an answer, whatever the time limit: also behind another migration', async () => {
  world.limit = 55 * 60_000;
  await answerMigrationRequest({ ...request('Create', 'v1', ['sleep', '60']), since: world.now() - 55 * 60_000 }, world);
  expect(receiver.answers).toEqual([expect.objectContaining({ Status: 'FAILED', Reason: expect.stringContaining('CloudFormation waits no longer') })]);

  world.remainingMilliseconds = 0;
  await answerMigrationRequest(request('Create', 'v2', ['sleep', '60']), world);
  await answerMigrationRequest({ ...request('Create', 'v3', ['true']), since: world.now() - 55 * 60_000 }, world);
  expect(receiver.answers[1]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('Another migration is under way') });
});

test('an event that makes no sense is answered, not thrown', async () => {
  await answerMigrationRequest({ ...receiver.request('Create'), ResourceProperties: undefined } as unknown as MigrationRequest, world);

  expect(receiver.answers).toEqual([expect.objectContaining({ Status: 'FAILED', Reason: expect.stringContaining('The migration failed. TypeError') })]);
});

test.each([['of quotes', '"'.repeat(5000)], ['of letters of other alphabets', 'ж'.repeat(5000)], ['of line ends', 'line\n'.repeat(2000)]])(
  'a long reason %s is shortened to what CloudFormation takes', async (_, reason) => {
    await failRequest(request('Create', 'v1', ['true']), reason);

    expect(Buffer.byteLength(JSON.stringify(receiver.answers[0]))).toBeLessThan(4096);
    expect(receiver.answers[0].Reason!.length).toBeGreaterThan(900);
    expect(receiver.answers[0].Reason).toMatch(/…$/);
  });
