import { createHash } from 'crypto';
import { KeyValueStoreServer, STORE_ARN, STORE_CREDENTIALS } from './key-value-store-server';
import { openStore } from '../../src/site/site-password-store';
import { answerRequest, authorizationHash, refresh, SitePasswordWorld } from '../../src/site/site-password-update';
import { handler } from '../../src/site/site-password.lambda';
import { CloudFormationReceiver } from '../cloudformation-receiver';
import { AwsApis, stackIn } from '../service/release/smoke-test-aws';

/*
 * The handler as it is, against servers that play Secrets Manager, CloudFormation and the key value store.
 */
const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:password-AbCdEf';
const PASSWORD = 'Grünkohl:2027';
const HASH = createHash('sha256').update(`Basic ${Buffer.from(`preview:${PASSWORD}`).toString('base64')}`).digest('hex');
const NOW = new Date('2027-03-01T12:00:00Z');

let aws: AwsApis;
let store: KeyValueStoreServer;
let receiver: CloudFormationReceiver;
let lines: string[];
let secret: string | undefined;
let status: string;

beforeAll(async () => {
  aws = await AwsApis.start();
});
afterAll(() => aws.stop());

beforeEach(async () => {
  secret = JSON.stringify({ username: 'preview', password: PASSWORD });
  status = 'UPDATE_IN_PROGRESS';
  aws.reset({
    GetSecretValue: () => ({ ARN: SECRET_ARN, SecretString: secret, CreatedDate: NOW.getTime() / 1000 }),
    DescribeStacks: () => stackIn(status),
  });
  store = await KeyValueStoreServer.start();
  receiver = await CloudFormationReceiver.start();
  Object.assign(process.env, STORE_CREDENTIALS, { SECRET_ARN, STORE_ARN, AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE: store.url });
  lines = [];
  jest.spyOn(console, 'log').mockImplementation(line => lines.push(line));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.stop();
  await store.stop();
});

/** The world as it is, with time that passes at once. */
function world(changes: Partial<SitePasswordWorld> = {}): SitePasswordWorld & { pauses: number } {
  const told = {
    pauses: 0,
    store: openStore(STORE_ARN, process.env),
    readSecret: async () => ({ value: secret, since: NOW }),
    findStackStatus: async () => status,
    pause: async () => { told.pauses++; },
    log: (line: object) => lines.push(JSON.stringify(line)),
    now: () => NOW,
    ...changes,
  };
  return told;
}

test.each(['Create', 'Update'] as const)('the store gets the hash of the header that a browser sends, with a request signed for all regions: %s', async type => {
  await handler(receiver.request(type, type === 'Create' ? undefined : 'physical'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: type === 'Create' ? 'Resource' : 'physical' }]);
  expect([...store.keys]).toEqual([['basic-auth', HASH]]);
  expect(store.requests).toEqual([
    `GET /key-value-stores/${encodeURIComponent(STORE_ARN)}`,
    `PUT /key-value-stores/${encodeURIComponent(STORE_ARN)}/keys/basic-auth`,
  ]);
  expect(aws.callsOf('GetSecretValue')).toMatchObject([{ SecretId: SECRET_ARN }]);
});

test('neither the answer nor the log has the password or its hash', async () => {
  await handler(receiver.request('Create'));
  secret = `{"username":"preview","password":${PASSWORD}}`;
  await handler(receiver.request('Create'));
  expect(receiver.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'FAILED']);
  const told = JSON.stringify(receiver.answers) + lines.join();
  for (const hidden of [PASSWORD, 'Grün', HASH]) expect(told).not.toContain(hidden);
});

test('deleting touches neither store nor secret', async () => {
  await handler(receiver.request('Delete', 'physical'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'physical' }]);
  expect([store.requests, aws.calls]).toEqual([[], []]);
});

test('by hand the store is refreshed at once', async () => {
  expect(await handler({ refresh: true })).toEqual({ refreshed: true });
  expect(store.keys.get('basic-auth')).toBe(HASH);
});

test('an error of a refresh is thrown, so that Lambda tries again', async () => {
  secret = undefined;
  await expect(handler({ refresh: true })).rejects.toThrow('the secret is no JSON object');
});

test('the schedule asks the store for new values only', async () => {
  const look = (changes: Partial<SitePasswordWorld>) => refresh({ refresh: true, changedWithinHours: 3 }, world(changes));
  const end = NOW.getTime() + 3 * 3_600_000;
  expect(await look({ now: () => new Date(end + 1) })).toEqual({ refreshed: false });
  expect(store.requests).toEqual([]);
  expect(await look({ now: () => new Date(end) })).toEqual({ refreshed: true });
  store.keys.clear();
  expect(await look({ readSecret: async () => ({ value: secret }) })).toEqual({ refreshed: true });
  expect(store.keys.get('basic-auth')).toBe(HASH);
});

test('a store that is not ready, a right that is not known yet and another writer are waited for', async () => {
  store.refusals = [
    { code: 403, name: 'AccessDeniedException', body: '{"Message":"not yet"}' },
    { code: 404, body: 'none' },
  ];
  store.status = 'PROVISIONING';
  const surroundings = world({
    pause: async () => {
      if (lines.length === 3) store.status = 'READY';
      if (lines.length === 3) store.version++;
    },
  });
  expect(await answerRequest(receiver.request('Create'), surroundings)).toMatchObject({ Status: 'SUCCESS' });
  expect(lines.map(line => JSON.parse(line))).toEqual([
    { waiting: 'the key value store answered 403 AccessDeniedException not yet', try: 1 },
    { waiting: 'the key value store answered 404 Not Found none', try: 2 },
    { waiting: 'the key value store is PROVISIONING', try: 3 },
    { stored: 'basic-auth' },
  ]);
});

test('a write between description and put is noticed, and the put is tried again', async () => {
  const opened = openStore(STORE_ARN, process.env);
  const describe = async () => ({ ...await opened.describe(), ...store.version === 1 && { ETag: 'v0' } });
  const surroundings = world({ store: { ...opened, describe }, pause: async () => { store.version = 7; } });
  expect(await answerRequest(receiver.request('Create'), surroundings)).toMatchObject({ Status: 'SUCCESS' });
  expect(JSON.parse(lines[0])).toEqual({ waiting: 'the key value store answered 409 ConflictException changed', try: 1 });
});

test('patience ends, and the reason says why', async () => {
  const put = () => Promise.reject(new Error('put'));
  const surroundings = world({ store: { describe: async () => ({ ETag: 'v1', Status: 'FAILED', FailureReason: 'no' }), put } });
  expect(await answerRequest(receiver.request('Create'), surroundings)).toEqual({
    Status: 'FAILED', Reason: "The site's password was not stored: the key value store is FAILED: no", PhysicalResourceId: 'Resource',
  });
  expect(surroundings.pauses).toBe(19);
});

test('a right on the secret is waited for, and a secret that does not exist is not', async () => {
  const denied = Object.assign(new Error('no right'), { name: 'AccessDeniedException' });
  const readSecret = jest.fn().mockRejectedValueOnce(denied).mockResolvedValue({ value: secret });
  const patient = world({ readSecret });
  expect(await answerRequest(receiver.request('Create'), patient)).toMatchObject({ Status: 'SUCCESS' });
  expect(patient.pauses).toBe(1);
  const hasty = world({ readSecret: () => Promise.reject(new Error("can't find the secret")) });
  expect(await answerRequest(receiver.request('Create'), hasty)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining("can't find the secret") });
  expect(hasty.pauses).toBe(0);
});

test('on the way back nothing fails', async () => {
  secret = '{}';
  status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await handler(receiver.request('Update', 'physical'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'physical' }]);
  expect(aws.callsOf('DescribeStacks')).toMatchObject([{ StackName: 'stack' }]);
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ failed: expect.stringContaining('the secret is no JSON object') }]);
});

test.each([
  ['on the way forth a failure is one', () => Promise.resolve('UPDATE_IN_PROGRESS')],
  ['so it is when nobody knows', () => Promise.reject(new Error('no right'))],
])('%s', async (_, findStackStatus) => {
  secret = '{}';
  expect(await answerRequest(receiver.request('Update', 'physical'), world({ findStackStatus }))).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'physical' });
});

test.each([
  ['nothing', undefined, 'the secret is no JSON object with the fields username and password'],
  ['no JSON', 'preview:hidden', 'the secret is no JSON object'],
  ['null', 'null', 'the secret is no JSON object'],
  ['a number', '{"username":"preview","password":1}', 'the secret is no JSON object'],
  ['an empty password', '{"username":"preview","password":""}', 'the secret is no JSON object'],
  ['an empty name', '{"username":"","password":"hidden"}', 'the secret is no JSON object'],
  ['a colon in the name', '{"username":"a:b","password":"hidden"}', 'has a colon'],
  ['a line break', '{"username":"preview","password":"hidden\\n"}', 'has a control character'],
])('a secret of %s is refused without repeating it', (_, value, message) => {
  expect(() => authorizationHash(value)).toThrow(message);
  expect(() => authorizationHash(value)).not.toThrow('hidden');
});

test('the store is asked at the address of its account', async () => {
  const called = jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network'));
  await expect(openStore(STORE_ARN, {}).describe()).rejects.toThrow();
  await expect(openStore(STORE_ARN, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }).describe()).rejects.toThrow('no network');
  expect(called.mock.lastCall![0]).toBe(`https://111111111111.cloudfront-kvs.global.api.aws/key-value-stores/${encodeURIComponent(STORE_ARN)}`);
});
