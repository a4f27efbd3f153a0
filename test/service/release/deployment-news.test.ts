import { Message, News, newsOf, NewsSurroundings, ReleaseEvent, tell } from '../../../src/service/release/deployment-news';
import { Deployment } from '../../../src/service/release/release-operator-deployments';

const NEWS: News = { arn: 'arn:aws:ecs:eu-west-1:1:service/web/api', title: 'failed', what: 'failed', when: '2026-03-05T15:54:41Z' };

/** The message about a deployment that ECS describes so. */
async function messageOf(news: Partial<News>, deployment?: Deployment): Promise<Message> {
  const published: Message[] = [];
  const world: NewsSurroundings = {
    list: async () => deployment ? [{ serviceDeploymentArn: 'deployment', createdAt: new Date(0) }] : [],
    describe: async () => deployment,
    revisions: async arns => arns.map(serviceRevisionArn => ({ serviceRevisionArn, taskDefinition: `arn:task-definition/${serviceRevisionArn}` })),
    publish: async message => { published.push(message); },
    log: () => undefined,
  };
  await tell({ ...NEWS, ...news }, world);
  expect(published).toHaveLength(1);
  return published[0];
}

const event = (eventName: string, reason?: string): ReleaseEvent => ({
  'detail-type': 'ECS Deployment State Change', 'time': NEWS.when, 'resources': [NEWS.arn], 'detail': { eventName, reason },
});

test.each([
  ['SERVICE_DEPLOYMENT_FAILED', 'ECS deployment circuit breaker: task failed to start.', 'failed'],
  ['SERVICE_DEPLOYMENT_FAILED', 'No rollback candidate was found to run the rollback.', 'failed'],
  ['SERVICE_DEPLOYMENT_FAILED', undefined, 'failed'],
  ['SERVICE_DEPLOYMENT_FAILED', 'Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed.', 'rolled back'],
  ['SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.', 'rolled back'],
  ['SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment ecs-svc/1 in progress.', undefined],
  ['SERVICE_DEPLOYMENT_IN_PROGRESS', undefined, undefined],
  ['SERVICE_DEPLOYMENT_ROLLBACK_IN_PROGRESS', undefined, 'rolled back'],
  ['SERVICE_DEPLOYMENT_ROLLBACK_FAILED', 'No rollback candidate was found to run the rollback.', 'failed to roll back'],
])('%s because of "%s" is told as %s', (eventName, reason, title) => {
  expect(newsOf(event(eventName, reason))?.title).toBe(title);
});

test('an event without a service is no news', () => {
  expect(newsOf({ ...event('SERVICE_DEPLOYMENT_FAILED'), resources: undefined })).toBeUndefined();
});

test('a step without a service is told with the one of its revision', () => {
  const serviceRevision = 'arn:aws:ecs:eu-west-1:1:service-revision/web/api/42';
  const news = newsOf({ 'detail-type': 'Release Step Failed', 'time': NEWS.when, 'detail': { step: 'smoke tests', reason: '/health: 503', serviceRevision } });
  expect(news).toMatchObject({ arn: serviceRevision, title: 'failed: smoke tests' });
});

test.each([
  ['arn:aws:ecs:eu-west-1:1:service/web/api', 'https://console.aws.amazon.com/ecs/v2/clusters/web/services/api/deployments?region=eu-west-1'],
  ['arn:aws-cn:ecs:cn-north-1:1:service/web/api', 'https://console.amazonaws.cn/ecs/v2/clusters/web/services/api/deployments?region=cn-north-1'],
  ['arn:aws-us-gov:ecs:us-gov-west-1:1:service-deployment/web/api/7', 'https://console.amazonaws-us-gov.com/ecs/v2/clusters/web/services/api/deployments?region=us-gov-west-1'],
])('%s is seen at %s', async (arn, console) => {
  expect((await messageOf({ arn })).text.split('\n')).toContain(`console: ${console}`);
});

test('a subject has fewer than 100 characters, all of them ASCII', async () => {
  const { subject } = await messageOf({ arn: `arn:aws:ecs:eu-west-1:1:service/web/${'a'.repeat(255)}` });
  expect(subject).toBe(`Release of ${'a'.repeat(88)}`);
  expect((await messageOf({ title: 'failed: prüfen\n' })).subject).toBe('Release of api failed: pr?fen?');
});

test('a reason is told once, and no longer than anybody reads', async () => {
  const { text } = await messageOf({ reason: 'no' }, { statusReason: 'no', rollback: { reason: 'x'.repeat(300_000) } });
  expect(text.match(/reason: /g)).toHaveLength(2);
  expect(Buffer.byteLength(text)).toBeLessThan(12_000);
});

test('every version that was running is told', async () => {
  const { text } = await messageOf({}, { sourceServiceRevisions: [{ arn: 'api:40' }, { arn: 'api:41' }], targetServiceRevision: { arn: 'api:42' } });
  expect(text.split('\n').filter(line => /^(from|to):/.test(line))).toEqual(['from: api:40', 'from: api:41', 'to: api:42']);
});

test('the new version of a failed step is told although ECS lists no deployment of it', async () => {
  const { text } = await messageOf({ serviceRevision: 'api:42' });
  expect(text).toMatch(/^to: api:42$/m);
});

test('a version without a task definition does not stop the message', async () => {
  const published: Message[] = [];
  await tell({ ...NEWS, serviceRevision: 'revision' }, {
    list: async () => [],
    describe: async () => undefined,
    revisions: async () => [{ serviceRevisionArn: 'revision', containerImages: [{ containerName: 'app' }] }],
    publish: async message => { published.push(message); },
    log: () => undefined,
  });
  expect(published[0].text).toMatch(/^to: unknown\n {2}app: $/m);
});

test.each([
  ['ROLLBACK', 'until: 2026-03-05T16:04:41Z, then it is rolled back'],
  ['CONTINUE', 'until: 2026-03-05T16:04:41Z, then it goes on'],
  [undefined, 'until: 2026-03-05T16:04:41Z'],
])('a pause that ends in %s says so', async (timeoutAction, line) => {
  const pause = { hookId: 'hook', stage: 'POST_TEST_TRAFFIC_SHIFT', expiresAt: '2026-03-05T16:04:41Z' };
  const { text } = await messageOf({ pause, serviceDeploymentArn: 'deployment' }, { lifecycleHookDetails: [{ hookId: 'earlier' }, { hookId: 'hook', timeoutAction }] });
  expect(text.split('\n')).toContain(line);
});

test('a pause is told without the deployment where ECS cannot be asked', async () => {
  const pause = { hookId: 'hook', stage: 'POST_TEST_TRAFFIC_SHIFT', expiresAt: '2026-03-05T16:04:41Z' };
  const { text } = await messageOf({ pause, serviceDeploymentArn: 'arn' });
  expect(text).toMatch(/^deployment: arn$/m);
  expect(text).toContain('--service-deployment-arn arn --hook-id hook --action ROLLBACK');
});
