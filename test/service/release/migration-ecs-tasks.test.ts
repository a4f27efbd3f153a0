import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LocalAws } from './migration-aws';
import { EcsTasks } from '../../../src/service/release/migration-ecs-tasks';

const TASK = 'arn:aws:ecs:eu-central-1:111111111111:task/Cluster/abc';

let aws: LocalAws;
let pauses: number[];
let tasks: EcsTasks;

beforeAll(async () => {
  aws = await LocalAws.start();
});

beforeEach(() => {
  const options = { endpoint: aws.address, region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const place = { cluster: 'Cluster', subnets: ['subnet-1'], securityGroups: ['sg-1'], container: 'app', logGroup: 'migration-logs', streamPrefix: 'app' };
  pauses = [];
  tasks = new EcsTasks(new ECSClient(options), place, () => ({
    client: new CloudWatchLogsClient(options),
    command: input => new GetLogEventsCommand(input),
    sleep: async milliseconds => { pauses.push(milliseconds); },
  }));
});

afterEach(() => aws.reset());
afterAll(() => aws.stop());

describe('output', () => {
  test('that has not arrived is waited for a moment where it matters', async () => {
    expect(await tasks.lastLines(TASK, true)).toEqual([]);
    expect(pauses).toEqual([1000, 1000, 1000]);
    expect(aws.inputs('GetLogEvents')).toHaveLength(4);
    expect(aws.inputs('GetLogEvents')[0]).toEqual({ logGroupName: 'migration-logs', logStreamName: 'app/app/abc', startFromHead: false, limit: 20 });
  });

  test('is not waited for where it does not', async () => {
    expect(await tasks.lastLines(TASK, false)).toEqual([]);
    expect(pauses).toEqual([]);
  });

  test('that is there is taken at once, line by line', async () => {
    aws.instead.GetLogEvents = { events: [{ message: 'one\n' }, { message: 'two\nthree' }, {}] };

    expect(await tasks.lastLines(TASK, true)).toEqual(['one', 'two', 'three', '']);
    expect(pauses).toEqual([]);
  });
});

describe('a task', () => {
  const described = (task: object) => {
    aws.instead.DescribeTasks = { tasks: [{ taskArn: TASK, ...task }] };
    return tasks.describe(TASK);
  };

  test('that runs has no end', async () => {
    expect(await described({ lastStatus: 'RUNNING', startedAt: 1000, stopCode: '', stoppedReason: '', containers: [{ name: 'app', lastStatus: 'RUNNING', exitCode: null }] }))
      .toEqual({ stopped: false, startedAt: 1_000_000, stopCode: '' });
  });

  test('whose command has ended counts as stopped before ECS has cleared it away', async () => {
    const containers = [{ name: 'proxy', lastStatus: 'RUNNING' }, { name: 'app', lastStatus: 'STOPPED', exitCode: 0 }];

    expect(await described({ lastStatus: 'RUNNING', containers })).toMatchObject({ stopped: true, exitCode: 0 });
    expect(await described({ lastStatus: 'DEPROVISIONING', containers: [{ name: 'app', lastStatus: 'STOPPED' }] })).toMatchObject({ stopped: false });
  });

  test('that stopped has the reasons of task and container, and its times', async () => {
    const task = { lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start', executionStoppedAt: 12, stoppedAt: 30 };

    expect(await described({ ...task, containers: [{ name: 'app', reason: 'CannotStartContainerError: no such file' }] })).toEqual({
      stopped: true, stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start: CannotStartContainerError: no such file', endedAt: 12_000,
    });
    expect(await described({ ...task, executionStoppedAt: undefined })).toMatchObject({ endedAt: 30_000 });
  });

  test('that ECS does not know is none', async () => {
    aws.instead.DescribeTasks = { failures: [{ arn: TASK, reason: 'MISSING' }] };

    expect(await tasks.describe(TASK)).toBeUndefined();
  });

  test('is found by who started it, where it runs', async () => {
    aws.instead.ListTasks = {};
    expect(await tasks.find('migration-1')).toBeUndefined();
    aws.instead.ListTasks = { taskArns: [TASK] };
    expect(await tasks.find('migration-1')).toBe(TASK);
  });
});
