import { readFileSync, statSync } from 'fs';
import { join } from 'path';
import type { Context } from 'aws-lambda';
import { LocalAws, Refusal } from './migration-aws';
import { until } from './migration-world';
import { LifecycleHookAnswer } from '../../../src/service/release/lifecycle-hook';
import { CommandAnswer } from '../../../src/service/release/migration-by-hand';
import { handler } from '../../../src/service/release/migrations.lambda';

/*
 * The handler as it is, with the real clients, against a server that plays AWS. Tasks are processes.
 */
const REVISION = 'arn:aws:ecs:eu-central-1:111111111111:service-revision/Cluster/Api/2';
const FUNCTION = 'arn:aws:lambda:eu-central-1:111111111111:function:Migrations';
const API_2 = 'arn:aws:ecs:eu-central-1:111111111111:task-definition/Api:2';

let aws: LocalAws;
let lines: { [name: string]: unknown }[];

beforeAll(async () => {
  aws = await LocalAws.start();
});

beforeEach(() => {
  aws.serviceRevisions[REVISION] = API_2;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.address,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    CLUSTER: 'arn:aws:ecs:eu-central-1:111111111111:cluster/Cluster',
    SUBNETS: 'subnet-1,subnet-2',
    SECURITY_GROUPS: 'sg-1',
    CONTAINER: 'app',
    LOG_GROUP: 'migration-logs',
    STREAM_PREFIX: 'app',
    TABLE: 'Log',
    TIMEOUT_SECONDS: '900',
  });
  lines = [];
  jest.spyOn(console, 'log').mockImplementation(line => { lines.push(JSON.parse(line)); });
});

afterEach(() => aws.reset());
afterAll(() => aws.stop());

function context(remaining = 900_000, awsRequestId = 'invocation'): Context {
  return { invokedFunctionArn: FUNCTION, awsRequestId, getRemainingTimeInMillis: () => remaining } as Context;
}

function hookEvent(details: object, executionId = 'execution') {
  const executionDetails = { serviceArn: 'arn:service', targetServiceRevisionArn: REVISION };
  return { executionId, lifecycleStage: 'PRE_SCALE_UP', resourceArn: 'arn:service', executionDetails, hookDetails: details };
}

function request(type: string, version: string, taskDefinition: string, changes: object = {}) {
  return {
    RequestType: type,
    ResponseURL: `${aws.address}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Run',
    ResourceProperties: { TaskDefinition: taskDefinition, Version: version, ReleasedByHook: 'false' },
    ...changes,
  };
}

/** Asks as ECS does, until it is over. */
async function deploy(details: object, executionId?: string): Promise<LifecycleHookAnswer> {
  let answer = await handler(hookEvent(details, executionId), context()) as LifecycleHookAnswer;
  for (let calls = 1; answer.hookStatus === 'IN_PROGRESS' && calls < 200; calls++) {
    await new Promise(resolve => setTimeout(resolve, 20));
    answer = await handler(hookEvent(answer.hookDetails!, executionId), context()) as LifecycleHookAnswer;
  }
  return answer;
}

function release(version: string, ...command: string[]) {
  return { version, taskDefinition: aws.ecs.register(...command), serviceTaskDefinition: API_2 };
}

test('a release runs one task on demand, in its cluster, subnets and security group, and records it', async () => {
  const details = release('v1', 'sh', '-c', 'echo migrated');

  expect(await deploy(details)).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(aws.inputs('RunTask')).toEqual([{
    cluster: process.env.CLUSTER,
    taskDefinition: details.taskDefinition,
    count: 1,
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' } },
    propagateTags: 'TASK_DEFINITION',
    clientToken: expect.stringMatching(/^[0-9a-f]{64}$/),
    startedBy: expect.stringMatching(/^migration-[0-9a-f]{24}$/),
  }]);
  expect(aws.table.get('lock')).toBeUndefined();
  expect([...aws.table.values()]).toEqual([expect.objectContaining({
    id: { S: expect.stringMatching(/^version [0-9a-f]{64}$/) },
    version: { S: 'v1' },
    status: { S: 'SUCCEEDED' },
    migrated: { BOOL: true },
    exitCode: { N: '0' },
    lastLines: { S: 'migrated' },
  })]);
  expect(lines.find(({ migration }) => migration === 'finished')).toMatchObject({ version: 'v1', exitCode: 0, seconds: 0, lastLines: ['migrated'] });
});

test('a second release of the version asks ECS for nothing but what is deployed', async () => {
  await deploy(release('v1', 'true'), 'one');
  aws.calls.length = 0;

  expect(await deploy(release('v1', 'sh', '-c', 'echo no; exit 1'), 'two')).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(aws.calls.map(({ operation }) => operation)).toEqual(['DescribeServiceRevisions', 'GetItem']);
});

test('the library takes little of a deployment: steps of a release take less than a second together', async () => {
  const begin = performance.now();
  await deploy(release('v1', 'true'));

  expect(performance.now() - begin).toBeLessThan(1000);
});

test('a failed release announces why on the event bus', async () => {
  expect(await deploy(release('v1', 'sh', '-c', 'echo "no such table"; exit 1'))).toEqual({ hookStatus: 'FAILED' });
  expect(aws.events).toEqual([expect.objectContaining({ Source: 'cdk-web-platform', DetailType: 'Release Step Failed', Resources: ['arn:service'] })]);
  expect(JSON.parse(aws.events[0].Detail)).toMatchObject({ step: 'migration', reason: expect.stringContaining('no such table') });
});

test('an event that EventBridge does not take leaves the answer as it is', async () => {
  aws.instead.PutEvents = { FailedEntryCount: 1, Entries: [{ ErrorMessage: 'too big' }] };

  expect(await deploy(release('v1', 'sh', '-c', 'echo no; exit 1'))).toEqual({ hookStatus: 'FAILED' });
  expect(lines.at(-1)).toMatchObject({ migration: 'failure not announced', problem: 'Error: EventBridge took no event: too big' });
});

test('output that cannot be read hides nothing else', async () => {
  aws.refusals.GetLogEvents = [new Refusal('AccessDeniedException')];

  expect(await deploy(release('v1', 'sh', '-c', 'echo no; exit 1'))).toEqual({ hookStatus: 'FAILED' });
  expect(lines.map(({ migration }) => migration)).toEqual(expect.arrayContaining(['output unknown', 'failed']));
});

test('a release of another version than the details is let through', async () => {
  aws.serviceRevisions[REVISION] = 'arn:aws:ecs:eu-central-1:111111111111:task-definition/Api:1';

  expect(await deploy(release('v2', 'true'))).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(aws.inputs('RunTask')).toEqual([]);
});

describe('ECS that starts no task', () => {
  test.each([
    'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    "You've reached the limit on the number of tasks you can run concurrently",
    'RESOURCE:ENI',
  ])('because "%s" is asked again, with another token', async reason => {
    const details = release('v1', 'true');
    aws.ecs.refusals.push({ refusal: reason, passing: true });

    expect(await deploy(details)).toEqual({ hookStatus: 'SUCCEEDED' });
    const [first, second] = aws.inputs('RunTask').map(({ clientToken }) => clientToken);
    expect(first).not.toBe(second);
  });

  test.each<[string, object, string]>([['a reason that stays', { failures: [{ reason: 'MISSING', detail: 'cluster' }] }, 'MISSING cluster'], ['no reason', {}, 'it gave no reason']])(
    'for %s fails the release', async (_, answer, reason) => {
      aws.instead.RunTask = answer;

      expect(await deploy(release('v1', 'true'))).toEqual({ hookStatus: 'FAILED' });
      expect(lines).toContainEqual(expect.objectContaining({ migration: 'failed', reason: expect.stringContaining(`ECS starts no task: ${reason}`) }));
    });

  test('because it was started with other subnets before names the task, and it is that one', async () => {
    const details = release('v1', 'true');
    const { task } = await aws.ecs.run({ taskDefinition: details.taskDefinition, token: 'earlier', startedBy: 'earlier' }) as { task: string };
    aws.refusals.RunTask = [new Refusal('ConflictException', 'conflict', 400, { resourceIds: [task] })];

    expect(await deploy(details)).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(aws.inputs('DescribeTasks')[0]).toMatchObject({ tasks: [task] });
    expect(aws.ecs.tasks).toHaveLength(1);
  });
});

test('throttling is waited out in further calls', async () => {
  const details = release('v1', 'true');
  aws.refusals.RunTask = [1, 2, 3].map(() => new Refusal('ThrottlingException'));
  const answer = await handler(hookEvent(details), context());

  expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 5 });
  expect(await deploy(details)).toEqual({ hookStatus: 'SUCCEEDED' });
});

test('a task that hangs is stopped with its reason', async () => {
  process.env.TIMEOUT_SECONDS = '0.1';

  expect(await deploy(release('v1', 'sleep', '60'))).toEqual({ hookStatus: 'FAILED' });
  expect(aws.inputs('StopTask')).toEqual([expect.objectContaining({ task: aws.ecs.tasks[0].arn, reason: expect.stringMatching(/^Migration: time limit of .* reached$/) })]);
});

test('a lock whose holder asked for a task and never came back is looked after', async () => {
  const details = release('v1', 'sh', '-c', 'sleep 0.1');
  await handler(hookEvent(details, 'killed'), context());
  const { task, started, ...before } = aws.table.get('lock')!;
  aws.table.set('lock', { ...before, phase: { S: 'LAUNCHING' }, touched: { N: String(Date.now() - 120_000) } });

  expect(await deploy(release('v2', 'true'), 'next')).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(aws.inputs('ListTasks')).toEqual([{ cluster: process.env.CLUSTER, startedBy: aws.ecs.tasks[0].startedBy }]);
  expect(aws.ecs.tasks).toHaveLength(2);
  expect(aws.ecs.overlaps()).toEqual([]);
});

test('a lock that is given back between two looks is taken', async () => {
  aws.refusals.PutItem = [new Refusal('ConditionalCheckFailedException')];

  expect(await deploy(release('v1', 'true'))).toEqual({ hookStatus: 'SUCCEEDED' });
});

test('an error of the table that stays is told', async () => {
  aws.refusals.PutItem = [new Refusal('ResourceNotFoundException', 'no such table')];

  expect(await deploy(release('v1', 'true'))).toEqual({ hookStatus: 'FAILED' });
  expect(lines.at(-1)).toMatchObject({ reason: 'The migration could not go on. ResourceNotFoundException: no such table' });
});

describe('CloudFormation', () => {
  test('is answered at once for a version that is migrated', async () => {
    await deploy(release('v1', 'true'));
    await handler(request('Update', 'v1', 'any'), context());

    expect(aws.answers).toEqual([{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Run', Status: 'SUCCESS', PhysicalResourceId: 'Run' }]);
  });

  test('waits for the first version through several invocations', async () => {
    const { taskDefinition } = release('v1', 'sh', '-c', 'sleep 0.1');
    await handler(request('Create', 'v1', taskDefinition), context(60_000));
    expect(aws.answers).toEqual([]);
    expect(aws.invocations).toEqual([expect.objectContaining({ RequestId: 'request', since: expect.any(Number) })]);
    await until(() => aws.ecs.tasks[0].state.stopped);

    await handler(aws.invocations[0], context());
    expect(aws.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
    expect(aws.ecs.tasks).toHaveLength(1);
  });

  test('is told when the function cannot call itself', async () => {
    aws.refusals.Invoke = [new Refusal('AccessDeniedException', 'not allowed', 403)];
    await handler(request('Create', 'v1', release('v1', 'true').taskDefinition), context(60_000));

    expect(aws.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('could not go on waiting for the migration. AccessDeniedException: not allowed') });
  });
});

describe('a command by hand', () => {
  test('runs in the newest migrated version, whose command it replaces, and doubts all records', async () => {
    aws.pageSize = 1;
    const one = release('v1', 'true');
    const two = release('v2', 'true');
    await deploy(one, 'one');
    await until(() => Date.now() > new Date([...aws.table.values()][0].at.S!).getTime());
    await deploy(two, 'two');
    const command = ['sh', '-c', 'echo "back again"'];
    const answer = await handler({ command }, context(60_000, 'a')) as CommandAnswer;

    expect(answer).toEqual({ status: 'RUNNING', task: aws.ecs.tasks[2].arn, taskDefinition: two.taskDefinition });
    expect(aws.inputs('RunTask').at(-1)).toMatchObject({ taskDefinition: two.taskDefinition, overrides: { containerOverrides: [{ name: 'app', command }] } });
    expect([...aws.table.values()].filter(({ id }) => id.S!.startsWith('version')).map(({ unsure }) => unsure)).toEqual([{ BOOL: true }, { BOOL: true }]);
    await until(() => aws.ecs.tasks[2].state.stopped);
    expect(await handler(aws.invocations[0], context(900_000, 'b'))).toMatchObject({ status: 'SUCCEEDED', exitCode: 0, lastLines: ['back again'] });
  });

  test('that fails throws its reason', async () => {
    const { taskDefinition } = release('v1', 'true');
    const asked = { command: ['sh', '-c', 'echo "no revision"; exit 255'], taskDefinition };
    await handler(asked, context(60_000));
    await until(() => aws.ecs.tasks[0].state.stopped);

    await expect(handler(asked, context())).rejects.toThrow(/exit code 255\.\nLast lines of its output:\nno revision/);
  });

  test.each<[unknown]>([[{}], [{ command: [] }], [{ command: 'alembic downgrade -1' }], ['alembic downgrade -1'], [null], [['alembic']]])('is not %j, which is told with what is taken', async event => {
    await expect(handler(event, context())).rejects.toThrow('or a command to run by hand: { "command": ["alembic", "downgrade", "-1"] }');
  });
});

test('the bundle is small and has no SDK in it', () => {
  const bundle = join(__dirname, '../../../assets/service/release/migrations.lambda/index.js');

  expect(statSync(bundle).size).toBeLessThan(50_000);
  expect(readFileSync(bundle, 'utf8')).toContain('require("@aws-sdk/client-ecs")');
});
