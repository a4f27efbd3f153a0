import { OpenSearchStandIn } from './open-search-server';
import { administer, AdministratorRequest } from '../../src/search/administrator/requests';
import { handler } from '../../src/search/search-administrator.lambda';
import { CloudFormationReceiver } from '../cloudformation-receiver';

const PATIENCE = { milliseconds: 300, pause: 10 };
const GAMES = { name: 'games', mappings: { properties: { title: { type: 'text' } } }, settings: { 'index.number_of_shards': 2 } };
const ACCESS = { Name: 'api-read', RoleArn: 'arn:aws:iam::111111111111:role/api', Level: 'read', Patterns: ['games', 'games-*'] };

let domain: OpenSearchStandIn;
let receiver: CloudFormationReceiver;
beforeEach(async () => {
  for (const method of ['error', 'warn'] as const) jest.spyOn(console, method).mockImplementation();
  domain = await OpenSearchStandIn.start();
  receiver = await CloudFormationReceiver.start();
});
afterEach(async () => {
  await domain.stop();
  await receiver.stop();
});

function request(RequestType: 'Create' | 'Update' | 'Delete', kind: 'Indexes' | 'Access', properties: object = {}): AdministratorRequest {
  const ResourceProperties = kind === 'Access' ? ACCESS : { Indexes: JSON.stringify([GAMES]), Replicas: '1' };
  return {
    ...receiver.request(RequestType, RequestType === 'Create' ? undefined : 'given'),
    ResourceType: `Custom::Search${kind}`,
    ResourceProperties: { Endpoint: domain.endpoint, ...ResourceProperties, ...properties } as never,
  };
}

const ask = (...given: Parameters<typeof request>) => administer(request(...given), domain.client(), PATIENCE);
const sent = () => domain.requests.map(({ what }) => what.replace(/\d{17}/, '<time>'));

test('a creation puts the template in place, makes the index, and turns the audit log on', async () => {
  expect(await ask('Create', 'Indexes')).toBe('indexes');
  expect(sent()).toEqual([
    'PUT /_index_template/games', 'GET /games/_alias/games', 'PUT /games-<time>', 'PATCH /_plugins/_security/api/audit',
  ]);
  expect(JSON.parse(domain.requests[0].body)).toEqual({
    index_patterns: ['games-*'],
    priority: 500,
    template: { mappings: GAMES.mappings, settings: { 'index.number_of_replicas': 1, 'index.number_of_shards': 2 } },
  });
  expect(JSON.parse(domain.requests[2].body)).toEqual({ aliases: { 'games-write': {}, 'games': {} } });
  expect(domain.requests[0].headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-central-1\/es\/aws4_request, /);
});

test('an update leaves the index in place and sets its copies', async () => {
  await ask('Create', 'Indexes');
  domain.requests.length = 0;
  expect(await ask('Update', 'Indexes')).toBe('given');
  expect(sent()).toEqual(['PUT /_index_template/games', 'GET /games/_alias/games', 'PUT /games-write/_settings', 'PATCH /_plugins/_security/api/audit']);
});

test('a deletion of the indexes asks nothing of the domain, which may be gone', async () => {
  expect(await ask('Delete', 'Indexes')).toBe('given');
  expect(domain.requests).toEqual([]);
});

test('a grant is a role of its own, mapped to the IAM role', async () => {
  expect(await ask('Create', 'Access')).toBe('api-read');
  expect(sent()).toEqual(['PUT /_plugins/_security/api/roles/api-read', 'PUT /_plugins/_security/api/rolesmapping/api-read']);
  expect(JSON.parse(domain.requests[0].body).index_permissions[0].index_patterns).toEqual(['games', 'games-*']);
  expect(JSON.parse(domain.requests[1].body)).toEqual({ backend_roles: [ACCESS.RoleArn] });
});

test.each([[[404, {}]], [[500, {}]], [[403, {}]]] as [[number, object]][])('taking a grant back never fails: not on an answer %j', async answer => {
  domain.answers.push(answer, answer);
  expect(await ask('Delete', 'Access')).toBe('api-read');
});

test.each([401, 403, 409, 429, 503])('an answer %d is tried again', async status => {
  domain.answers.push([status, {}], [status, {}]);
  expect(await ask('Create', 'Access')).toBe('api-read');
});

test('patience ends', async () => {
  domain.answers.push(...Array.from({ length: 1_000 }, (): [number, object] => [503, { reason: 'no node' }]));
  await expect(ask('Create', 'Access')).rejects.toThrow('OpenSearch answered 503 to PUT /_plugins/_security/api/roles/api-read: {"reason":"no node"}');
});

test('a template that OpenSearch refuses is told to CloudFormation at once', async () => {
  domain.answers.push([400, { error: 'no handler for type [texxt]' }]);
  await handler(request('Update', 'Indexes'));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: 'given', Reason: expect.stringContaining('texxt') }]);
  expect(domain.requests).toHaveLength(1);
});

test('an audit log that cannot be turned on fails no deployment', async () => {
  await ask('Create', 'Indexes');
  domain.answers.push([200, {}], [200, { 'games-1': {} }], [200, {}], [400, {}]);
  await handler(request('Update', 'Indexes'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'given' }]);
  expect(console.warn).toHaveBeenCalledWith(expect.stringContaining('auditLog'));
});

test('a domain that does not answer in time is no endless wait', async () => {
  const asked = request('Create', 'Access');
  const client = domain.client(50);
  await domain.stop();
  await expect(administer(asked, client, { milliseconds: 100, pause: 10 })).rejects.toThrow();
  domain = await OpenSearchStandIn.start();
});
