import { awsError, LocalWorld, until } from './migration-world';
import { LifecycleHookAnswer, LifecycleHookEvent } from '../../../src/service/release/lifecycle-hook';
import { advance } from '../../../src/service/release/migration-advance';
import { answerHook } from '../../../src/service/release/migration-hook';

const REVISION = 'arn:aws:ecs:eu-central-1:111111111111:service-revision/Cluster/Api/2';
const SERVICE = 'arn:aws:ecs:eu-central-1:111111111111:service/Cluster/Api';
const API_2 = 'arn:aws:ecs:eu-central-1:111111111111:task-definition/Api:2';

let world: LocalWorld;

beforeEach(() => {
  world = new LocalWorld();
  world.serviceRevisions[REVISION] = API_2;
});

afterEach(() => world.tasks.clear());

function event(executionId: string, configured: LifecycleHookEvent['hookDetails'], serviceRevision = REVISION): LifecycleHookEvent {
  return {
    executionId,
    lifecycleStage: 'PRE_SCALE_UP',
    resourceArn: SERVICE,
    executionDetails: { serviceArn: SERVICE, targetServiceRevisionArn: serviceRevision },
    hookDetails: configured,
  };
}

function details(version: string, ...command: string[]) {
  return { version, taskDefinition: world.tasks.register(...command), serviceTaskDefinition: API_2 };
}

/** Asks as ECS does: again with what was answered, until it is over. */
async function deploy(first: LifecycleHookEvent): Promise<LifecycleHookAnswer[]> {
  const answers = [await answerHook(first, world)];
  while (answers.at(-1)!.hookStatus === 'IN_PROGRESS') {
    await new Promise(resolve => setTimeout(resolve, 10));
    answers.push(await answerHook({ ...first, hookDetails: answers.at(-1)!.hookDetails }, world));
  }
  return answers;
}

test('a release waits for its migration in further calls, with the configured details and its own state', async () => {
  const configured = details('v2', 'sh', '-c', 'sleep 0.2; echo done');
  const answers = await deploy(event('execution-1', configured));

  expect(answers[0]).toEqual({
    hookStatus: 'IN_PROGRESS',
    callBackDelay: 5,
    hookDetails: { ...configured, execution: 'execution-1', since: expect.stringMatching(/^\d+$/), serviceRevision: REVISION, task: world.tasks.tasks[0].arn },
  });
  expect(answers.length).toBeGreaterThan(2);
  expect(answers.at(-1)).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(world.story()).toEqual(['started', 'waiting', 'finished']);
  expect(world.announced).toEqual([]);
});

test('details may be text, as ECS may send them', async () => {
  expect(await answerHook(event('execution-1', JSON.stringify(details('v2', 'true'))), world)).toMatchObject({ hookStatus: 'IN_PROGRESS', hookDetails: { version: 'v2' } });
});

test('a failure blocks the deployment and is announced with its reason', async () => {
  const answers = await deploy(event('execution-1', details('v2', 'sh', '-c', 'echo "column exists"; exit 1')));

  expect(answers.at(-1)).toEqual({ hookStatus: 'FAILED' });
  expect(world.announced).toEqual([{
    Source: 'cdk-web-platform', DetailType: 'Release Step Failed', Resources: [SERVICE], Detail: expect.any(String),
  }]);
  expect(JSON.parse(world.announced[0].Detail as string)).toEqual({
    step: 'migration', serviceRevision: REVISION, reason: expect.stringMatching(/exit code 1\.\nLast lines of its output:\ncolumn exists\nTask arn/),
  });
  expect(world.lines.at(-1)).toMatchObject({ migration: 'blocks the deployment', reason: expect.stringContaining('column exists') });
});

test('a failure that cannot be announced stays a failure', async () => {
  const configured = details('v2', 'false');
  await advance(world.run('execution-1', 'v2', configured.taskDefinition), world);
  world.outage = awsError('InternalException', 500);

  expect((await deploy(event('execution-1', configured))).at(-1)).toEqual({ hookStatus: 'FAILED' });
  expect(world.lines.at(-1)).toMatchObject({ migration: 'failure not announced', problem: 'InternalException: no' });
});

test('the same execution asked twice at once starts one task and gets one answer', async () => {
  const configured = details('v2', 'sh', '-c', 'sleep 0.1');
  const ends = await Promise.all([deploy(event('execution-1', configured)), deploy(event('execution-1', configured))]);

  expect(ends.map(answers => answers.at(-1))).toEqual([{ hookStatus: 'SUCCEEDED' }, { hookStatus: 'SUCCEEDED' }]);
  expect(world.tasks.tasks).toHaveLength(1);
});

test('another execution id in later calls is still the same execution', async () => {
  const configured = details('v2', 'sh', '-c', 'sleep 0.1; exit 1');
  const { hookDetails } = await answerHook(event('execution-1', configured), world);
  await until(() => world.tasks.tasks[0].state.stopped);

  expect(await answerHook(event('execution-1b', hookDetails), world)).toEqual({ hookStatus: 'FAILED' });
  expect(await answerHook(event('execution-1c', hookDetails), world)).toEqual({ hookStatus: 'FAILED' });
  expect(world.tasks.tasks).toHaveLength(1);
});

test('state of another deployment counts for nothing', async () => {
  const configured = details('v2', 'true');
  const state = { ...configured, execution: 'execution-0', since: '0', serviceRevision: 'another' };

  expect(await answerHook(event('execution-1', state), world)).toMatchObject({ hookDetails: { execution: 'execution-1', serviceRevision: REVISION } });
});

describe('a deployment of another version than the details', () => {
  test('is let through, and nothing is run: ECS rolls back, or somebody deploys an old version', async () => {
    world.serviceRevisions.old = 'arn:aws:ecs:eu-central-1:111111111111:task-definition/Api:1';

    expect(await answerHook(event('execution-1', details('v2', 'true'), 'old'), world)).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(world.tasks.requests).toBe(0);
    expect(world.lines).toEqual([expect.objectContaining({ migration: 'not for this version', serviceRevision: 'old', starts: world.serviceRevisions.old })]);
  });

  test.each([['is unknown to ECS', undefined], ['cannot be asked for', awsError('AccessDeniedException', 400)]])('that %s goes on', async (_, outage) => {
    world.outage = outage;

    expect(await answerHook(event('execution-1', details('v2', 'true'), 'unknown'), world)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    expect(world.lines[0]).toMatchObject({ migration: 'version of the deployment unknown', serviceRevision: 'unknown' });
  });
});

test.each(['taskDefinition', 'version', 'serviceTaskDefinition'])('details without %s block the deployment with a reason', async name => {
  expect(await answerHook(event('execution-1', { ...details('v2', 'true'), [name]: undefined }), world)).toEqual({ hookStatus: 'FAILED' });
  expect(world.lines[0]).toMatchObject({ reason: `The migration could not be started. Error: The hook's details have no ${name}.` });
});

test('details that are no JSON block the deployment with a reason', async () => {
  expect(await answerHook(event('execution-1', 'nonsense'), world)).toEqual({ hookStatus: 'FAILED' });
  expect(world.lines[0]).toMatchObject({ reason: expect.stringContaining('SyntaxError') });
});
