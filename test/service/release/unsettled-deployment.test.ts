import { Deployment } from '../../../src/service/release/release-operator-deployments';
import { endUnsettled, StopType } from '../../../src/service/release/unsettled-deployment';

const NOW = Date.parse('2026-03-05T16:00:00Z');
const ARN = 'arn:aws:ecs:eu-west-1:1:service-deployment/web/api/7';
const ago = (minutes: number) => new Date(NOW - minutes * 60_000);

/** How one deployment is ended, and what there is to tell. */
async function end(deployment: Deployment, refusals: { [type: string]: string } = {}) {
  const stops: StopType[] = [];
  const listed = { serviceDeploymentArn: ARN, status: 'IN_PROGRESS', ...deployment };
  const news = await endUnsettled([listed], 30, {
    list: async () => [],
    revisions: async () => [],
    describe: async arn => arn === ARN ? { sourceServiceRevisions: [{ arn: 'blue' }], ...listed } : undefined,
    stop: async (_, type) => {
      stops.push(type);
      if (refusals[type]) throw Object.assign(new Error('refused'), { name: refusals[type] });
    },
    now: () => NOW,
    log: () => undefined,
  });
  return { stops, told: news.map(({ title, arn, reason, when }) => ({ title, arn, reason, when })) };
}

const NOTHING = { stops: [], told: [] };
const ROLLED_BACK = { stops: ['ROLLBACK'], told: [{ title: 'rolled back', arn: ARN, reason: 'not settled after 30 minutes', when: '2026-03-05T16:00:00.000Z' }] };

test('a deployment within its time is left alone', async () => {
  expect(await end({ createdAt: ago(30) })).toEqual(NOTHING);
});

test('time counts from the start, and from the creation of what has not started', async () => {
  expect(await end({ createdAt: ago(40), startedAt: ago(20) })).toEqual(NOTHING);
  expect(await end({ status: 'PENDING', createdAt: ago(31) })).toEqual(ROLLED_BACK);
  expect(await end({ createdAt: ago(40), startedAt: ago(31) })).toEqual(ROLLED_BACK);
});

test('a deployment of which ECS does not say when it began is left alone', async () => {
  expect(await end({})).toEqual(NOTHING);
});

test.each(['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'])('a deployment that is in %s is ECS\'s', async status => {
  expect(await end({ status, createdAt: ago(300) })).toEqual(NOTHING);
});

test('a deployment that is gone when it is looked at is left alone', async () => {
  expect(await end({ serviceDeploymentArn: 'gone', createdAt: ago(300) })).toEqual(NOTHING);
  expect(await end({ serviceDeploymentArn: undefined, createdAt: ago(300) })).toEqual(NOTHING);
});

describe('a pause', () => {
  const hook = (status: string, targetType = 'PAUSE') => ({ hookId: 'hook', targetType, status, expiresAt: ago(-60) });

  test('has a limit of its own', async () => {
    const lifecycleHookDetails = [hook('SUCCEEDED', 'AWS_LAMBDA'), hook('AWAITING_ACTION')];
    expect(await end({ createdAt: ago(300), updatedAt: ago(200), lifecycleHookDetails })).toEqual(NOTHING);
  });

  test('that a person has just ended does not count', async () => {
    expect(await end({ createdAt: ago(300), updatedAt: ago(1), lifecycleHookDetails: [hook('SUCCEEDED')] })).toEqual(NOTHING);
    expect(await end({ createdAt: ago(300), updatedAt: ago(31), lifecycleHookDetails: [hook('SUCCEEDED')] })).toEqual(ROLLED_BACK);
  });

  test('counts to its end where ECS does not say when the deployment changed', async () => {
    expect(await end({ createdAt: ago(300), lifecycleHookDetails: [hook('SUCCEEDED')] })).toEqual(NOTHING);
    expect(await end({ createdAt: ago(300), lifecycleHookDetails: [{ ...hook('TIMED_OUT'), expiresAt: ago(31) }] })).toEqual(ROLLED_BACK);
    expect(await end({ createdAt: ago(300), lifecycleHookDetails: [{ ...hook('SUCCEEDED'), expiresAt: undefined }] })).toEqual(ROLLED_BACK);
  });

  test('is seen in the configuration once it was reached, and hooks that are functions are none', async () => {
    const endAt = (lifecycleStage?: string, hookTargetArn?: string) => end({
      createdAt: ago(300),
      updatedAt: ago(1),
      lifecycleStage,
      deploymentConfiguration: { lifecycleHooks: [{ hookTargetArn, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }, {}] },
    });
    expect(await endAt('PRODUCTION_TRAFFIC_SHIFT')).toEqual(NOTHING);
    expect(await endAt('POST_TEST_TRAFFIC_SHIFT')).toEqual(NOTHING);
    expect(await endAt('TEST_TRAFFIC_SHIFT')).toEqual(ROLLED_BACK);
    expect(await endAt()).toEqual(ROLLED_BACK);
    expect(await endAt('PRODUCTION_TRAFFIC_SHIFT', 'arn:aws:lambda:eu-west-1:1:function:tests')).toEqual(ROLLED_BACK);
  });

  test('is not what a hook that runs a function is', async () => {
    expect(await end({ createdAt: ago(31), updatedAt: ago(1), lifecycleHookDetails: [hook('IN_PROGRESS', 'AWS_LAMBDA')] })).toEqual(ROLLED_BACK);
  });
});

describe('a rollback that ECS refuses', () => {
  const first = { createdAt: ago(31), sourceServiceRevisions: [] };

  test.each(['InvalidParameterException', 'ClientException', 'UnsupportedFeatureException', 'ConflictException'])(
    'with %s: a first deployment is aborted', async refusal => {
      expect(await end(first, { ROLLBACK: refusal })).toMatchObject({ stops: ['ROLLBACK', 'ABORT'], told: [{ title: 'stopped' }] });
      expect(await end({ createdAt: ago(31), sourceServiceRevisions: undefined }, { ROLLBACK: refusal })).toMatchObject({ stops: ['ROLLBACK', 'ABORT'] });
    });

  test('is left alone where the deployment has ended meanwhile', async () => {
    expect(await end({ createdAt: ago(31) }, { ROLLBACK: 'ConflictException' })).toEqual({ stops: ['ROLLBACK'], told: [] });
  });

  test.each(['AccessDeniedException', 'ThrottlingException', 'ServerException'])('for %s aborts nothing', async refusal => {
    await expect(end(first, { ROLLBACK: refusal })).rejects.toThrow('refused');
  });
});
