import { arnOf, CLUSTER, FakeAws, KeptDeployment, SECRET, SERVICE, SERVICE_ARN, TOPIC } from './release-operator-aws';
import { releaseStepFailed } from '../../../src/service/release/release-event';
import { handler as typedHandler } from '../../../src/service/release/release-operator.lambda';

const ENVIRONMENT = { AWS_REGION: 'us-west-2', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', TOPIC_ARN: TOPIC };
const IMAGE = '111122223333.dkr.ecr.us-west-2.amazonaws.com/api';
const [BLUE, GREEN] = ['4980306466373577095', '1485800978477494678'].map(id => arnOf('service-revision', id));
const DEPLOYMENT = arnOf('service-deployment', 'NCWGC2ZR-taawPAYrIaU5');
const CONSOLE = 'https://console.aws.amazon.com/ecs/v2/clusters/default/services/servicetest/deployments?region=us-west-2';

/** The events of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
const stateChange = (eventType: string, eventName: string, reason: string, arn = SERVICE_ARN) => ({
  'version': '0',
  'id': 'ddca6449-b258-46c0-8653-e0e3aEXAMPLE',
  'detail-type': 'ECS Deployment State Change',
  'source': 'aws.ecs',
  'account': '111122223333',
  'time': '2020-05-23T12:31:14Z',
  'region': 'us-west-2',
  'resources': [arn],
  'detail': { eventType, eventName, deploymentId: 'ecs-svc/123', updatedAt: '2020-05-23T11:11:11Z', reason },
});
const BEGUN = stateChange('INFO', 'SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment deploymentId in progress.');
const COMPLETED = stateChange('INFO', 'SERVICE_DEPLOYMENT_COMPLETED', 'ECS deployment deploymentID completed.');
const FAILED = stateChange('ERROR', 'SERVICE_DEPLOYMENT_FAILED', 'ECS deployment circuit breaker: task failed to start.');
const ROLLED_BACK = stateChange('INFO', 'SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment circuit breaker: rolling back to deploymentId deploymentID.');

/** The event of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html */
const AWAITING = {
  'version': '0',
  'id': '3329f79b-3dca-07f8-b1c2-5fe99f0b5e87',
  'detail-type': 'ECS Hook State Change',
  'source': 'aws.ecs',
  'account': '123456789012',
  'time': '2026-03-05T15:54:41Z',
  'region': 'us-west-2',
  'resources': ['arn:aws:ecs:us-west-2:123456789012:service-deployment/my-cluster/my-service/0EYSiB0qap8xf0N76FsbE'],
  'detail': {
    eventType: 'INFO',
    eventName: 'HOOK_AWAITING_ACTION',
    hookId: 'ecs-pause-e7tK9G_WRJqNF_EOMjztDXfKenlJuEUVjsNStf4WLKw',
    hookType: 'PAUSE',
    expiresAt: '2026-03-05T16:04:41Z',
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    clusterArn: 'arn:aws:ecs:us-west-2:123456789012:cluster/my-cluster',
    serviceArn: 'arn:aws:ecs:us-west-2:123456789012:service/my-cluster/my-service',
    serviceDeploymentArn: 'arn:aws:ecs:us-west-2:123456789012:service-deployment/my-cluster/my-service/0EYSiB0qap8xf0N76FsbE',
    updatedAt: '2026-03-05T15:54:41.618059641Z',
  },
};

/** EventBridge knows no types. */
const handler = typedHandler as (event: object) => Promise<void>;

const seconds = (time: string) => Date.parse(time) / 1000;
const minutesAgo = (minutes: number) => Date.now() / 1000 - minutes * 60;

let aws: FakeAws;
let log: jest.SpyInstance;
const before = process.env;

beforeAll(async () => {
  aws = await FakeAws.start();
});
afterAll(() => aws.stop());

beforeEach(() => {
  process.env = { ...before, ...ENVIRONMENT, AWS_ENDPOINT_URL: aws.url };
  log = jest.spyOn(console, 'log').mockImplementation();
  aws.revisions = {
    [BLUE]: revision(BLUE, 41, { containerName: 'app', image: `${IMAGE}:1.1`, imageDigest: 'sha256:aaaa' }),
    [GREEN]: revision(GREEN, 42, { containerName: 'app', image: `${IMAGE}@sha256:bbbb`, imageDigest: 'sha256:bbbb' }, { containerName: 'proxy', image: 'nginx' }),
  };
});
afterEach(() => {
  process.env = before;
  jest.restoreAllMocks();
  aws.forget();
});

function revision(serviceRevisionArn: string, number: number, ...containerImages: object[]): object {
  return { serviceRevisionArn, taskDefinition: `arn:aws:ecs:us-west-2:111122223333:task-definition/api:${number}`, containerImages };
}

function deployment(status: string, createdAt: number, more: object = {}): KeptDeployment {
  return {
    serviceDeploymentArn: DEPLOYMENT,
    serviceArn: SERVICE_ARN,
    status,
    createdAt,
    sourceServiceRevisions: [{ arn: BLUE, runningTaskCount: 2 }],
    targetServiceRevision: { arn: GREEN, runningTaskCount: 0 },
    ...more,
  };
}

const check = (more: object = {}) => ({ check: { cluster: CLUSTER, service: SERVICE, timeoutMinutes: 30, secrets: [], ...more } });
const logged = () => log.mock.calls.map(([line]) => JSON.parse(line));

describe('news', () => {
  test('of a rollback: what, from which version to which, why, when and where to look', async () => {
    aws.deployments = [
      deployment('SUCCESSFUL', seconds('2020-05-23T13:00:00Z'), { serviceDeploymentArn: arnOf('service-deployment', 'later') }),
      deployment('ROLLBACK_IN_PROGRESS', seconds('2020-05-23T12:20:00Z'), {
        statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
        rollback: { reason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.', startedAt: seconds('2020-05-23T12:31:00Z') },
        alarms: { status: 'TRIGGERED', alarmNames: ['Errors', 'Latency'], triggeredAlarmNames: ['Errors'] },
      }),
      deployment('SUCCESSFUL', seconds('2020-05-22T12:20:00Z'), { serviceDeploymentArn: arnOf('service-deployment', 'earlier') }),
    ];
    await handler(ROLLED_BACK);

    expect(aws.mail).toEqual([{
      subject: 'Release of servicetest rolled back',
      text: [
        'The release of servicetest was rolled back.',
        '',
        'service: servicetest',
        'cluster: default',
        'from: api:41',
        `  app: ${IMAGE}:1.1 (sha256:aaaa)`,
        'to: api:42',
        `  app: ${IMAGE}@sha256:bbbb`,
        '  proxy: nginx',
        'reason: ECS deployment circuit breaker: rolling back to deploymentId deploymentID.',
        'reason: Service deployment rolled back because the circuit breaker threshold was exceeded.',
        'alarms: Errors',
        'state: ROLLBACK_IN_PROGRESS',
        'when: 2020-05-23T12:31:14Z',
        `deployment: ${DEPLOYMENT}`,
        `console: ${CONSOLE}`,
      ].join('\n'),
    }]);
    expect(aws.called('Publish')).toMatchObject([{ TopicArn: TOPIC }]);
    expect(logged()).toEqual([{ told: 'Release of servicetest rolled back', service: SERVICE_ARN }]);
  });

  test('of a first release that failed', async () => {
    aws.deployments = [deployment('STOPPED', seconds('2020-05-23T12:20:00Z'), { sourceServiceRevisions: [] })];
    await handler(FAILED);

    expect(aws.mail).toEqual([{
      subject: 'Release of servicetest failed',
      text: [
        'The release of servicetest failed.',
        '',
        'service: servicetest',
        'cluster: default',
        'from: nothing, this was the first release',
        'to: api:42',
        `  app: ${IMAGE}@sha256:bbbb`,
        '  proxy: nginx',
        'reason: ECS deployment circuit breaker: task failed to start.',
        'state: STOPPED',
        'when: 2020-05-23T12:31:14Z',
        `deployment: ${DEPLOYMENT}`,
        `console: ${CONSOLE}`,
      ].join('\n'),
    }]);
  });

  test('of a step that failed: the reason that ECS does not know, and the release that it was a step of', async () => {
    aws.deployments = [
      deployment('IN_PROGRESS', seconds('2020-05-23T12:25:00Z'), { serviceDeploymentArn: arnOf('service-deployment', 'other'), targetServiceRevision: { arn: BLUE } }),
      deployment('IN_PROGRESS', seconds('2020-05-23T12:20:00Z')),
    ];
    const hook = { executionDetails: { serviceArn: SERVICE_ARN, targetServiceRevisionArn: GREEN } } as Parameters<typeof releaseStepFailed>[0];
    const entry = releaseStepFailed(hook, 'migration', 'exit code 1 after 3 s\nERROR: column "name" does not exist');
    await handler({
      'time': '2020-05-23T12:31:14Z', 'source': entry.Source, 'detail-type': entry.DetailType, 'resources': entry.Resources, 'detail': JSON.parse(entry.Detail),
    });

    expect(aws.mail).toEqual([{
      subject: 'Release of servicetest failed: migration',
      text: [
        'The release of servicetest failed in the step migration.',
        '',
        'service: servicetest',
        'cluster: default',
        'from: api:41',
        `  app: ${IMAGE}:1.1 (sha256:aaaa)`,
        'to: api:42',
        `  app: ${IMAGE}@sha256:bbbb`,
        '  proxy: nginx',
        'reason: exit code 1 after 3 s',
        '  ERROR: column "name" does not exist',
        'state: IN_PROGRESS',
        'when: 2020-05-23T12:31:14Z',
        `deployment: ${DEPLOYMENT}`,
        `console: ${CONSOLE}`,
      ].join('\n'),
    }]);
  });

  test('of a release that waits for a person: until when, and the two commands', async () => {
    const { hookId, serviceDeploymentArn, expiresAt } = AWAITING.detail;
    aws.deployments = [deployment('IN_PROGRESS', seconds('2026-03-05T15:40:00Z'), {
      serviceDeploymentArn,
      lifecycleHookDetails: [{ hookId, targetType: 'PAUSE', status: 'AWAITING_ACTION', expiresAt: seconds(expiresAt), timeoutAction: 'ROLLBACK' }],
    })];
    await handler(AWAITING);

    const command = `aws ecs continue-service-deployment --region us-west-2 --service-deployment-arn ${serviceDeploymentArn} --hook-id ${hookId} --action`;
    expect(aws.mail).toEqual([{
      subject: 'Release of my-service waits for a person',
      text: [
        'The release of my-service waits for a person.',
        '',
        'service: my-service',
        'cluster: my-cluster',
        'from: api:41',
        `  app: ${IMAGE}:1.1 (sha256:aaaa)`,
        'to: api:42',
        `  app: ${IMAGE}@sha256:bbbb`,
        '  proxy: nginx',
        'state: IN_PROGRESS',
        'when: 2026-03-05T15:54:41Z',
        `deployment: ${serviceDeploymentArn}`,
        'console: https://console.aws.amazon.com/ecs/v2/clusters/my-cluster/services/my-service/deployments?region=us-west-2',
        'stage: POST_TEST_TRAFFIC_SHIFT',
        'until: 2026-03-05T16:04:41Z, then it is rolled back',
        '',
        'To continue:',
        `  ${command} CONTINUE`,
        'To roll back:',
        `  ${command} ROLLBACK`,
      ].join('\n'),
    }]);
  });

  test.each([['a release that begins', BEGUN], ['a release that is complete', COMPLETED], ['an event of another kind', { ...FAILED, 'detail-type': 'ECS Task State Change' }]])(
    '%s is none', async (_, event) => {
      await handler(event);
      expect(aws.calls).toEqual([]);
    });

  test('goes out without versions where ECS cannot be asked', async () => {
    aws.failures.ListServiceDeployments = [{ type: 'AccessDeniedException', message: 'no' }];
    await handler(FAILED);

    expect(aws.mail).toEqual([{
      subject: 'Release of servicetest failed',
      text: [
        'The release of servicetest failed.',
        '',
        'service: servicetest',
        'cluster: default',
        'reason: ECS deployment circuit breaker: task failed to start.',
        'when: 2020-05-23T12:31:14Z',
        `console: ${CONSOLE}`,
      ].join('\n'),
    }]);
    expect(logged()[0]).toEqual({ service: SERVICE_ARN, problem: 'the message goes out without versions: AccessDeniedException: no' });
  });

  test('goes out where ECS knows no deployment', async () => {
    await handler(FAILED);
    expect(aws.mail).toMatchObject([{ text: expect.not.stringMatching(/from:|to:|state:/) }]);
  });

  test('that is not taken fails, so that Lambda tries again', async () => {
    aws.failures.Publish = [{ type: 'AuthorizationError', message: 'not authorized', status: 403 }];
    await expect(handler(FAILED)).rejects.toThrow('not authorized');
    await handler(FAILED);
    expect(aws.mail).toHaveLength(2);
  });

  test('is nobody\'s without a topic', async () => {
    delete process.env.TOPIC_ARN;
    await handler(FAILED);
    expect(aws.calls).toEqual([]);
  });
});

describe('a check', () => {
  test('rolls back what has not settled in time, and says so', async () => {
    aws.deployments = [deployment('IN_PROGRESS', minutesAgo(31))];
    await handler(check());

    expect(aws.called('StopServiceDeployment')).toEqual([{ serviceDeploymentArn: DEPLOYMENT, stopType: 'ROLLBACK' }]);
    expect(aws.mail).toMatchObject([{ subject: 'Release of servicetest rolled back' }]);
    expect(aws.mail[0].text.replace(/when: .*Z/, 'when: now')).toBe([
      'The release of servicetest has not settled in time and is rolled back.',
      '',
      'service: servicetest',
      'cluster: default',
      'from: api:41',
      `  app: ${IMAGE}:1.1 (sha256:aaaa)`,
      'to: api:42',
      `  app: ${IMAGE}@sha256:bbbb`,
      '  proxy: nginx',
      'reason: not settled after 30 minutes',
      'state: IN_PROGRESS',
      'when: now',
      `deployment: ${DEPLOYMENT}`,
      `console: ${CONSOLE}`,
    ].join('\n'));
    expect(logged()[0]).toMatchObject({ deployment: DEPLOYMENT, stopped: 'ROLLBACK' });
  });

  test('aborts a first deployment that ECS refuses to roll back', async () => {
    aws.deployments = [deployment('IN_PROGRESS', minutesAgo(31), { sourceServiceRevisions: [] })];
    aws.failures.StopServiceDeployment = [{ type: 'InvalidParameterException', message: 'No rollback candidate was found to run the rollback.' }];
    await handler(check());

    expect(aws.called('StopServiceDeployment').map(({ stopType }) => stopType)).toEqual(['ROLLBACK', 'ABORT']);
    expect(aws.mail).toMatchObject([{
      subject: 'Release of servicetest stopped',
      text: expect.stringMatching(/^The release of servicetest has not settled in time and was stopped; there was no version to go back to\./),
    }]);
  });

  test('ends without a message where there is no topic', async () => {
    delete process.env.TOPIC_ARN;
    aws.deployments = [deployment('IN_PROGRESS', minutesAgo(31))];
    await handler(check());
    expect(aws.called('StopServiceDeployment')).toHaveLength(1);
    expect(aws.mail).toEqual([]);
  });

  test('finds a service that CloudFormation is still making', async () => {
    aws.resources = { ApiService: SERVICE_ARN };
    aws.deployments = [deployment('IN_PROGRESS', minutesAgo(31))];
    await handler(check({ service: undefined, stack: 'arn:aws:cloudformation:us-west-2:111122223333:stack/Platform/1', resource: 'ApiService' }));

    expect(aws.called('DescribeStackResource')).toMatchObject([{ StackName: 'arn:aws:cloudformation:us-west-2:111122223333:stack/Platform/1', LogicalResourceId: 'ApiService' }]);
    expect(aws.called('ListServiceDeployments')).toMatchObject([{ cluster: CLUSTER, service: SERVICE }, ...aws.called('ListServiceDeployments').slice(1)]);
    expect(aws.called('StopServiceDeployment')).toHaveLength(1);
  });

  test.each<[string, { [logicalId: string]: string | undefined }]>([['is not begun', {}], ['has no physical id', { ApiService: undefined }]])(
    'does nothing where the service %s', async (_, resources) => {
      aws.resources = resources;
      await handler(check({ service: undefined, stack: 'stack', resource: 'ApiService' }));
      expect(aws.calls.map(({ operation }) => operation)).toEqual(['DescribeStackResource']);
      expect(log).not.toHaveBeenCalled();
    });

  test('deploys anew, once and as it is, when a secret was rotated', async () => {
    aws.rotations = { [SECRET]: minutesAgo(3), other: minutesAgo(900) };
    aws.deployments = [deployment('SUCCESSFUL', minutesAgo(600))];
    aws.service = { status: 'ACTIVE', desiredCount: 2, taskDefinition: 'api:42', deployments: [{ status: 'PRIMARY', createdAt: minutesAgo(600) }] };
    await handler(check({ secrets: [SECRET, 'other'] }));

    expect(aws.called('UpdateService')).toEqual([{ cluster: CLUSTER, service: SERVICE, forceNewDeployment: true }]);
    expect(logged()).toMatchObject([{ cluster: CLUSTER, service: SERVICE, restarted: 'a secret was rotated' }]);

    aws.deployments.unshift(deployment('IN_PROGRESS', minutesAgo(0), { serviceDeploymentArn: arnOf('service-deployment', 'forced') }));
    await handler(check({ secrets: [SECRET, 'other'] }));
    aws.deployments[0].status = 'SUCCESSFUL';
    await handler(check({ secrets: [SECRET, 'other'] }));
    expect(aws.called('UpdateService')).toHaveLength(1);
    expect(aws.mail).toEqual([]);
  });

  test('reads every page and every revision', async () => {
    aws.pageSize = 7;
    aws.rotations = { [SECRET]: minutesAgo(300) };
    aws.deployments = Array.from({ length: 25 }, (_, index) => {
      const arn = arnOf('service-revision', `${index}`);
      aws.revisions[arn] = revision(arn, 100 + index);
      return deployment('ROLLBACK_SUCCESSFUL', minutesAgo(10 * index), { serviceDeploymentArn: arnOf('service-deployment', `${index}`), targetServiceRevision: { arn } });
    });
    aws.service = { status: 'ACTIVE', desiredCount: 2, taskDefinition: 'arn:aws:ecs:us-west-2:111122223333:task-definition/api:124', deployments: [] };
    await handler(check({ secrets: [SECRET] }));

    expect(aws.called('DescribeServiceRevisions').map(({ serviceRevisionArns }) => serviceRevisionArns.length)).toEqual([20, 5]);
    expect(aws.called('UpdateService')).toEqual([]);
  });

  test('makes no noise of a service that is gone', async () => {
    aws.failures.ListServiceDeployments = [{ type: 'ServiceNotFoundException', message: 'Service not found.' }, { type: 'ClusterNotFoundException', message: 'Cluster not found.' }];
    await handler(check());
    await handler(check());
    expect(log).not.toHaveBeenCalled();
  });

  test('fails where it lacks a right, which nobody would notice otherwise', async () => {
    aws.failures.ListServiceDeployments = [{ type: 'AccessDeniedException', message: 'not authorized to perform: ecs:ListServiceDeployments' }];
    await expect(handler(check())).rejects.toThrow('not authorized');
  });
});
