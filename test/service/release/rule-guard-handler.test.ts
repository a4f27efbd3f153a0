import { Fault, LoadBalancerApi } from './rule-guard-load-balancer';
import { guardChangedRule, guardListenerRule } from '../../../src/service/release/rule-guard-handler';
import { GuardEvent, RuleAction } from '../../../src/service/release/rule-guard-logic';
import { CloudFormationReceiver } from '../../cloudformation-receiver';

/*
 * The handler as it is, with the real client, against servers that play the load balancer's API and CloudFormation.
 */
const RULE = 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener-rule/app/front/0123/4567/89ab';
const BLUE = 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/blue/0123';
const GREEN = 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/green/4567';

let api: LoadBalancerApi;
let cloudFormation: CloudFormationReceiver;
let log: jest.SpyInstance;
let error: jest.SpyInstance;

beforeAll(async () => {
  api = await LoadBalancerApi.start();
  Object.assign(process.env, { AWS_ENDPOINT_URL: api.address, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
});

afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL;
  await api.stop();
});

beforeEach(async () => {
  api.reset();
  cloudFormation = await CloudFormationReceiver.start();
  log = jest.spyOn(console, 'log').mockImplementation();
  error = jest.spyOn(console, 'error').mockImplementation();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await cloudFormation.stop();
});

function forward(blue: number, green: number): RuleAction {
  return { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: BLUE, Weight: blue }, { TargetGroupArn: GREEN, Weight: green }] } };
}

/** What CloudFormation has just written, and where the tasks are. */
function given(actions: RuleAction[], blue: string[], green: string[], faults: { [call: string]: Fault } = {}): void {
  api.rules.set(RULE, actions);
  api.targets.set(BLUE, blue).set(GREEN, green);
  for (const [call, fault] of Object.entries(faults)) api.faults.set(call, fault);
}

/** Updates the guard as CloudFormation does and says how many milliseconds it took. */
async function update(type: GuardEvent['RequestType'] = 'Update'): Promise<number> {
  const start = performance.now();
  await guardListenerRule({ ...cloudFormation.request(type, type === 'Create' ? undefined : 'Guard'), ResourceProperties: { RuleArn: RULE, TargetGroupArns: [BLUE, GREEN] } });
  return performance.now() - start;
}

function logged(spy: jest.SpyInstance): object {
  expect(spy).toHaveBeenCalledTimes(1);
  return JSON.parse(spy.mock.calls[0][0]);
}

test('a rule that CloudFormation turned to the empty group is on the live group again, within seconds', async () => {
  given([forward(1, 0)], [], ['healthy', 'healthy', 'initial']);
  const milliseconds = await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
  expect(cloudFormation.answers).toEqual([{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Resource', Status: 'SUCCESS', PhysicalResourceId: 'Guard' }]);
  expect(logged(log)).toEqual({
    rule: RULE,
    trafficTo: BLUE,
    targets: { [BLUE]: {}, [GREEN]: { healthy: 2, initial: 1 } },
    done: `turned to ${GREEN}`,
    milliseconds: expect.any(Number),
  });
  expect(error).not.toHaveBeenCalled();
  expect(milliseconds).toBeLessThan(5000);
  process.stdout.write(`The guard turned an empty rule to the live group in ${Math.round(milliseconds)} ms.\n`);
});

test('a rule that CloudFormation changed back on its own is turned too, by its event', async () => {
  given([forward(1, 0)], [], ['healthy']);
  await guardChangedRule({ detail: { 'physical-resource-id': RULE } });

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
  expect(cloudFormation.answers).toEqual([]);
  expect(logged(log)).toMatchObject({ rule: RULE, done: `turned to ${GREEN}` });
});

test('a changed rule that forwards nothing is left as it is', async () => {
  given([{ Type: 'fixed-response' }], [], ['healthy']);
  await guardChangedRule({ detail: { 'physical-resource-id': RULE } });

  expect(api.calls).not.toContain('ModifyRule');
});

test('the same the other way round, where the template names the second group', async () => {
  given([forward(0, 100)], ['healthy'], ['draining']);
  await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 100, [GREEN]: 0 });
  expect(cloudFormation.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('other actions and settings of the rule stay', async () => {
  const login: RuleAction & object = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { Issuer: 'https://login.example.com', ClientId: 'shop' } } as RuleAction;
  const stickiness = { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } };
  const { ForwardConfig } = forward(1, 0);
  given([login, { ...forward(1, 0), Order: 2, ForwardConfig: { ...ForwardConfig, ...stickiness } } as RuleAction], [], ['healthy']);
  await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
  expect(api.rules.get(RULE)).toMatchObject([
    // Without this, Elastic Load Balancing asks for the client's secret.
    { Type: 'authenticate-oidc', Order: '1', AuthenticateOidcConfig: { Issuer: 'https://login.example.com', ClientId: 'shop', UseExistingClientSecret: 'true' } },
    { Type: 'forward', Order: '2', ForwardConfig: { TargetGroupStickinessConfig: { Enabled: 'true', DurationSeconds: '60' } } },
  ]);
});

test('a rule that names one group alone is turned to the other of the pair', async () => {
  given([{ Type: 'forward', TargetGroupArn: BLUE }], [], ['healthy']);
  await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
  expect(api.rules.get(RULE)).not.toMatchObject([{ TargetGroupArn: expect.anything() }]);
});

test.each<[string, RuleAction, string[], string[]]>([
  ['where it goes to healthy targets already', forward(0, 1), [], ['healthy']],
  ['where both groups have healthy targets, as while a release bakes', forward(1, 0), ['healthy'], ['healthy']],
  ['where both groups are empty, as before the first task', forward(1, 0), [], []],
  ['where neither group is healthy', forward(1, 0), ['unhealthy'], ['initial', 'unhealthy']],
  ['where it is split, as in the middle of a canary', forward(90, 10), [], ['healthy']],
  ['where it goes to a group of somebody else', { Type: 'forward', TargetGroupArn: `${BLUE}0` }, [], ['healthy']],
  ['where nothing is forwarded', { Type: 'fixed-response' }, [], ['healthy']],
])('traffic stays %s', async (_, action, blue, green) => {
  given([action], blue, green);
  await update();

  expect(api.rules.get(RULE)).toEqual([action]);
  expect(api.calls).not.toContain('ModifyRule');
  expect(cloudFormation.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  expect(logged(log)).toMatchObject({ done: 'nothing', rule: RULE, targets: { [BLUE]: expect.anything(), [GREEN]: expect.anything() } });
});

test.each<[string, string[], string[]]>([
  ['tasks that start', ['draining'], ['initial']],
  ['tasks that are ill, which a load balancer asks where it has no others', [], ['unhealthy']],
  ['tasks that leave: there their successors will come', [], ['draining']],
  ['a target in a state that nobody knows yet', [], ['sleeping']],
])('traffic to nobody is turned to %s', async (_, blue, green) => {
  given([forward(1, 0)], blue, green);
  await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
});

test.each(['Create', 'Delete'] as const)('%s asks nobody and succeeds', async type => {
  await update(type);

  expect(api.calls).toEqual([]);
  expect(cloudFormation.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: type === 'Create' ? 'Resource' : 'Guard' }]);
});

test('throttling and rights that have not spread yet are waited for', async () => {
  given([forward(1, 0)], [], ['healthy'], {
    DescribeTargetHealth: { code: 'Throttling', times: 2 },
    ModifyRule: { code: 'AccessDenied', status: 403, times: 2 },
  });
  await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
  expect(cloudFormation.answers).toMatchObject([{ Status: 'SUCCESS' }]);
}, 20_000);

test('a call that hangs is given up and tried again', async () => {
  given([forward(1, 0)], [], ['healthy'], { DescribeRules: { code: 'hang', times: 1 } });
  const milliseconds = await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 0, [GREEN]: 1 });
  expect(milliseconds).toBeGreaterThan(4_000);
}, 20_000);

test('a guard that cannot look lets the update pass, which may be the way back, and logs an error', async () => {
  given([forward(1, 0)], [], ['healthy'], { DescribeRules: { code: 'ValidationError', times: 1 } });
  await update();

  expect(cloudFormation.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Guard' }]);
  expect(logged(error)).toMatchObject({
    rule: RULE, done: 'nothing', problem: expect.stringMatching(/^cannot see where the traffic goes, or the health of the targets: ValidationError/),
  });
  expect(log).not.toHaveBeenCalled();
});

test('a rule that surely goes to nobody and cannot be turned fails the update, with what to do', async () => {
  given([forward(1, 0)], [], ['healthy'], { ModifyRule: { code: 'ValidationError', times: 1 } });
  await update();

  expect(api.weights(RULE)).toEqual({ [BLUE]: 1, [GREEN]: 0 });
  expect(cloudFormation.answers).toMatchObject([{
    Status: 'FAILED',
    PhysicalResourceId: 'Guard',
    Reason: `The listener rule ${RULE} sends all traffic to ${BLUE}, where no target is healthy. The guard cannot turn the rule to ${GREEN}: `
      + 'ValidationError: as asked. Turn its weights by hand (aws elbv2 modify-rule), then deploy again or continue the rollback.',
  }]);
  expect(logged(error)).toMatchObject({ trafficTo: BLUE, done: 'nothing', failed: true });
});
