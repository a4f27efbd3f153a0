import { AwsServer } from './operator/aws-server';
import { APP_ID, MAIN, secretsOf, SOURCES, STACK_ID, variablesOf } from './operator/operator-world';
import { handler } from '../../src/amplify/amplify-operator.lambda';
import { backendStackName } from '../../src/amplify/operator/branch-paths';
import { CloudFormationReceiver } from '../cloudformation-receiver';

/*
 * The handler as it is, with the SDK's own clients, against a server that speaks the protocols of SSM, Secrets Manager, CloudFormation and Amplify.
 */
const ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:shop-AbCdEf';
const AUTH = { name: 'NEXTAUTH_SECRET', secret: ARN, field: 'auth' };
const HISTORY = `/cdk-web-platform/amplify/${APP_ID}/main-fea140fca9/variables`;

let aws: AwsServer;
let receiver: CloudFormationReceiver;
let lines: string[];

beforeAll(async () => {
  aws = await AwsServer.start();
});
afterAll(() => aws.stop());

beforeEach(async () => {
  aws.reset();
  aws.secrets.set(ARN, JSON.stringify({ auth: 'grün-1' }));
  aws.amplify.add('main');
  receiver = await CloudFormationReceiver.start();
  Object.assign(process.env, { APP_ID, SOURCES_PATH: SOURCES });
  lines = [];
  jest.spyOn(console, 'log').mockImplementation(line => lines.push(line));
});

afterEach(async () => {
  for (const name of ['APP_ID', 'SOURCES_PATH', 'PREVIEW_LIFETIME_HOURS', 'PREVIEW_BACKENDS']) delete process.env[name];
  jest.restoreAllMocks();
  await receiver.stop();
});

function send(type: 'Create' | 'Update' | 'Delete', resourceType: string, properties: object, old?: object, id?: string): Promise<unknown> {
  const request = { ...receiver.request(type, id), StackId: STACK_ID, ResourceType: resourceType };
  return handler({ ...request, ResourceProperties: properties, OldResourceProperties: old } as never);
}

test('secrets are kept, changed, and removed with the resource', async () => {
  const [one, two] = [secretsOf('main', AUTH), secretsOf('main', AUTH, { name: 'STRIPE', parameter: '/stripe' })];
  aws.ssm.make('/stripe', 'sk_live');
  await send('Create', 'Custom::AmplifySecrets', one);
  await send('Update', 'Custom::AmplifySecrets', two, one, MAIN);
  expect(aws.ssm.values).toEqual({ [`${MAIN}/NEXTAUTH_SECRET`]: 'grün-1', [`${MAIN}/STRIPE`]: 'sk_live', '/stripe': 'sk_live' });
  await send('Delete', 'Custom::AmplifySecrets', two, undefined, MAIN);
  expect(aws.ssm.values).toEqual({ '/stripe': 'sk_live' });
  expect(receiver.answers).toMatchObject([
    { Status: 'SUCCESS', PhysicalResourceId: MAIN, Data: { Path: MAIN } }, { Status: 'SUCCESS', Data: { Path: MAIN } }, { Status: 'SUCCESS', PhysicalResourceId: MAIN },
  ]);
  expect(lines.join() + JSON.stringify(receiver.answers)).not.toMatch(/grün|sk_live/);
});

test('a failure reaches CloudFormation with its reason', async () => {
  aws.ssm.make(`${MAIN}/NEXTAUTH_SECRET`, 'mine');
  await send('Create', 'Custom::AmplifySecrets', secretsOf('main', AUTH));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: MAIN, Reason: expect.stringContaining('exists already, not made by this library') }]);
});

test('a value that SSM quotes in its refusal stays secret', async () => {
  aws.secrets.set(ARN, JSON.stringify({ auth: '{{hidden}}' }));
  await send('Create', 'Custom::AmplifySecrets', secretsOf('main', AUTH));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('ValidationException') }]);
  expect(lines.join() + JSON.stringify(receiver.answers)).not.toContain('hidden');
});

test('on the way back nothing fails', async () => {
  aws.stacks.set(STACK_ID, 'UPDATE_ROLLBACK_IN_PROGRESS');
  aws.secrets.clear();
  await send('Update', 'Custom::AmplifySecrets', secretsOf('main', AUTH), secretsOf('main', AUTH), MAIN);
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', Data: { Path: MAIN, Revision: 'unknown' } }]);
});

test('new values follow by hand or by schedule', async () => {
  await send('Create', 'Custom::AmplifySecrets', secretsOf('main', AUTH));
  aws.ssm.make(`${SOURCES}/main`, JSON.stringify({ appId: APP_ID, branchName: 'main', sources: [AUTH], owner: { stackId: STACK_ID, resource: 'Resource' } }), {}, 'String');
  aws.secrets.set(ARN, JSON.stringify({ auth: 'grün-2' }));
  expect(await handler({ refreshSecrets: true })).toEqual({ refreshed: [`${MAIN}/NEXTAUTH_SECRET`] });
  expect(aws.ssm.value(`${MAIN}/NEXTAUTH_SECRET`)).toBe('grün-2');
});

test('variables are remembered, listed and restored, with builds', async () => {
  const [one, two] = [variablesOf('main', { A: '1' }), variablesOf('main', { A: '2' })];
  await send('Create', 'Custom::AmplifyVariables', one);
  await send('Update', 'Custom::AmplifyVariables', two, one, HISTORY);
  aws.amplify.branches.get('main')!.environmentVariables = { A: '2' };
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: HISTORY }, { Status: 'SUCCESS', PhysicalResourceId: HISTORY }]);
  expect(await handler({ variables: 'main' })).toMatchObject({ versions: [{ version: 1, time: '2027-03-01T12:00:00.000Z', added: ['A'] }, { version: 2, changed: ['A'], current: true }] });
  expect(await handler({ restoreVariables: 'main', version: 'previous' })).toMatchObject({ restored: 1, version: 3, changed: ['A'], job: '3' });
  expect(aws.amplify.branches.get('main')!.environmentVariables).toEqual({ A: '1' });
  await send('Delete', 'Custom::AmplifyVariables', two, undefined, HISTORY);
  expect(aws.ssm.values).toEqual({});
});

test('a branch with a slash in its name is asked for as one, and one that does not exist is told', async () => {
  aws.amplify.add('feature/login');
  await send('Create', 'Custom::AmplifyVariables', variablesOf('feature/login', { A: '1' }));
  expect(aws.amplify.jobsOf('feature/login')).toHaveLength(1);
  await expect(handler({ variables: 'feature' })).rejects.toThrow('has no branch feature. It has: feature/login, main');
});

test('a branch whose variables changed during its build is built again', async () => {
  await send('Create', 'Custom::AmplifyVariables', variablesOf('main', { A: '1' }));
  Object.assign(aws.amplify.jobsOf('main')[0], { status: 'SUCCEED', startTime: new Date('2027-03-01T11:00:00Z'), endTime: new Date('2027-03-01T12:05:00Z') });
  expect(await handler({ buildEnded: 'main' })).toBe('2');
});

test('forgotten previews go, with their backends', async () => {
  await expect(handler({ removePreviews: true })).rejects.toThrow('the operator has no previewLifetime');
  Object.assign(process.env, { PREVIEW_LIFETIME_HOURS: '24', PREVIEW_BACKENDS: 'true' });
  const long = new Date(Date.now() - 25 * 3_600_000);
  aws.amplify.add('pr-1', { sourceBranch: 'a', jobs: [{ jobId: '1', status: 'SUCCEED', startTime: long, endTime: long }] });
  aws.amplify.add('pr-2', { sourceBranch: 'b', updateTime: new Date() });
  aws.stacks.set(backendStackName(APP_ID, 'pr-1'), 'CREATE_COMPLETE');
  expect(await handler({ removePreviews: true })).toEqual({ removed: [], waiting: ['pr-1'] });
  expect(aws.stacks.get(backendStackName(APP_ID, 'pr-1'))).toBe('DELETE_IN_PROGRESS');
  aws.stacks.delete(backendStackName(APP_ID, 'pr-1'));
  expect(await handler({ removePreviews: true })).toEqual({ removed: ['pr-1'], waiting: [] });
  expect([...aws.amplify.branches.keys()]).toEqual(['main', 'pr-2']);
});

test('whoever asks for something else hears what there is', async () => {
  await expect(handler({ refresh: true } as never)).rejects.toThrow('{"refreshSecrets": true}');
});
