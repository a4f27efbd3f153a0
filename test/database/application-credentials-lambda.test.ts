import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { FakeSecretsManager } from './fake-secrets-manager';
import { PostgresServer } from './postgres-server';
import { handler } from '../../src/database/application-credentials.lambda';
import { readSettings } from '../../src/database/credentials-settings';
import { SecretVersions } from '../../src/database/secret-versions';
import { CloudFormationReceiver } from '../cloudformation-receiver';

const ENVIRONMENT = {
  DATABASE_HOST: '127.0.0.1',
  DATABASE_PORT: '5432',
  DATABASE_NAME: 'lambda',
  MASTER_SECRET: 'master',
  OWNER_SECRET: 'owner',
  APPLICATION_SECRET: 'application',
};

test('the function is told where everything is, and verifies certificates unless libpq\'s own switch says no', () => {
  expect(readSettings(ENVIRONMENT)).toMatchObject({ database: { host: '127.0.0.1', port: '5432', dbname: 'lambda' }, proxy: undefined, tls: true });
  expect(readSettings({ ...ENVIRONMENT, PGSSLMODE: 'disable' }).tls).toBe(false);
  expect(readSettings({ ...ENVIRONMENT, PROXY_HOST: 'proxy', PROXY_PORT: '5432', PROXY_LOGIN_A_SECRET: 'a', PROXY_LOGIN_B_SECRET: 'b' }).proxy)
    .toEqual({ address: { host: 'proxy', port: '5432', dbname: 'lambda' }, loginSecretIds: ['a', 'b'] });
  expect(() => readSettings({ ...ENVIRONMENT, OWNER_SECRET: '' })).toThrow('the environment variable OWNER_SECRET is missing');
});

test('deleting the stack touches neither database nor secrets', async () => {
  const send = jest.spyOn(SecretsManagerClient.prototype, 'send');
  const receiver = await CloudFormationReceiver.start();
  await handler(receiver.request('Delete', 'application-credentials'));
  await receiver.stop();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'application-credentials' }]);
  expect(send).not.toHaveBeenCalled();
});

test('a set-up that fails tells CloudFormation why, at once and without a secret', async () => {
  const receiver = await CloudFormationReceiver.start();
  const error = jest.spyOn(console, 'error').mockImplementation();
  const before = process.env;
  process.env = { ...before, ...ENVIRONMENT, OWNER_SECRET: '' };
  try {
    await handler(receiver.request('Create'));
  } finally {
    process.env = before;
    await receiver.stop();
  }
  const Reason = 'the environment variable OWNER_SECRET is missing';
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining(Reason) }]);
  expect(error).toHaveBeenCalledWith(expect.stringContaining(Reason));
});

test('both entrances lead to the same logins', async () => {
  const server = await PostgresServer.start();
  const receiver = await CloudFormationReceiver.start();
  const manager = new FakeSecretsManager();
  const log = jest.spyOn(console, 'log').mockImplementation();
  jest.spyOn(SecretsManagerClient.prototype, 'send').mockImplementation(manager.send as never);
  const before = process.env;
  process.env = { ...before, ...ENVIRONMENT, DATABASE_PORT: String(server.port), PGSSLMODE: 'disable' };
  try {
    await server.createDatabase('lambda');
    manager.create('master', '{"username":"master","password":"master"}');
    for (const secret of ['owner', 'application']) manager.create(secret, '{"placeholder":"x"}');

    await handler(receiver.request('Create'));
    await handler(receiver.request('Update', receiver.answers[0].PhysicalResourceId));
    expect(receiver.answers).toMatchObject([1, 2].map(() => ({ Status: 'SUCCESS', PhysicalResourceId: 'application-credentials' })));
    for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      await handler({ Step, SecretId: 'application', ClientRequestToken: 'token' });
    }
    const { username, password } = manager.at('application');
    expect(username).toBe('lambda_b');
    await server.run(username, password, 'lambda', 'SELECT 1');
    expect(JSON.stringify(log.mock.calls)).not.toContain(password);
  } finally {
    process.env = before;
    await receiver.stop();
    await server.stop();
  }
}, 60_000);

test.each([
  ['TimeoutError', 'Socket timed out', /cannot be reached from the subnets.*NAT.*interface endpoint for secretsmanager/],
  ['AccessDeniedException', 'no', /refused the secret application: AccessDeniedException: no/],
])('a secret that answers with %s says what to do', async (name, message, expected) => {
  const client = { send: async () => { throw Object.assign(new Error(message), { name }); } };
  await expect(new SecretVersions(client as never).read('application', 'AWSCURRENT')).rejects.toThrow(expected);
});
