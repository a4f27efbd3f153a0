import type { Context, SQSEvent } from 'aws-lambda';
import { Client } from 'pg';
import { OpenSearchStandIn } from './open-search-server';
import { applyIndexes } from '../../src/search/administrator/indexes';
import { OUTBOX_SQL } from '../../src/search/ingestion/outbox-sql';
import { handler as indexer } from '../../src/search/search-indexer.lambda';
import { handler as relay } from '../../src/search/search-relay.lambda';
import { PostgresServer } from '../database/postgres-server';

/** What Secrets Manager and SQS answer. */
const mockSecret = jest.fn();
const mockQueue = jest.fn();
jest.mock('@aws-sdk/client-secrets-manager', () => ({
  ...jest.requireActual('@aws-sdk/client-secrets-manager'),
  SecretsManagerClient: jest.fn(() => ({ send: async () => ({ SecretString: mockSecret() }) })),
}));
jest.mock('@aws-sdk/client-sqs', () => ({
  SQSClient: jest.fn(() => ({ send: async (input: unknown) => mockQueue(input) })),
  SendMessageBatchCommand: jest.fn(input => input),
}));

const before = { ...process.env };
const context = { getRemainingTimeInMillis: () => 900_000 } as Context;
let server: PostgresServer;
let database: Client;
let domain: OpenSearchStandIn;

beforeAll(async () => {
  server = await PostgresServer.start();
  await server.createDatabase('arcade');
  database = await server.connect('superuser', 'superuser', 'arcade');
  await database.query(`${OUTBOX_SQL}
    CREATE TABLE games (id int PRIMARY KEY, title text);
    CREATE VIEW search.games AS SELECT id, jsonb_build_object('title', title) AS document FROM games;
    SELECT search.watch('games', 'games', 'id')`);
}, 60_000);
afterAll(async () => {
  await database.end();
  await server.stop();
  process.env = before;
});
beforeEach(async () => {
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation();
  domain = await OpenSearchStandIn.start();
  await applyIndexes(domain.client(), [{ name: 'games', mappings: {}, settings: {} }], 0);
  process.env = { ...before, SEARCH_ENDPOINT: domain.endpoint, DATABASE_SECRET: 'secret', QUEUE_URL: 'https://queue', PAUSE: '0', PGSSLMODE: 'disable' };
  mockSecret.mockReturnValue(JSON.stringify({ host: '127.0.0.1', port: String(server.port), dbname: 'arcade', username: 'superuser', password: 'superuser' }));
  mockQueue.mockReturnValue({});
  await database.query('TRUNCATE games, search.outbox');
});
afterEach(() => domain.stop());

test('a row goes from the relay to the queue, and from the queue into the index', async () => {
  await database.query("INSERT INTO games VALUES (1, 'Tetris')");
  expect(await relay({}, context)).toEqual({ moved: 1 });
  const { QueueUrl, Entries } = mockQueue.mock.calls[0][0];
  expect(QueueUrl).toBe('https://queue');
  const Records = [...Entries, { MessageBody: 'nonsense' }].map(({ MessageBody }, index) => ({ messageId: `m${index}`, body: MessageBody }));
  expect(await indexer({ Records } as SQSEvent, context)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(domain.documents('games')).toEqual({ 1: { title: 'Tetris' } });
});

test('what the queue does not take stays in the outbox', async () => {
  await database.query("INSERT INTO games VALUES (1, 'Tetris')");
  mockQueue.mockReturnValue({ Failed: [{ Code: 'InternalError', Message: 'try again' }] });
  await expect(relay({}, context)).rejects.toThrow('the queue did not take 1 of 1 messages: InternalError try again');
  expect((await database.query('SELECT 1 FROM search.outbox')).rowCount).toBe(1);
});

test('without time to copy, a re-index says so', async () => {
  expect(await relay({ reindex: 'games' }, { getRemainingTimeInMillis: () => 60_000 } as Context)).toMatchObject({ live: false, copied: 0 });
});

test('a secret that holds no login yet is told by its fields', async () => {
  mockSecret.mockReturnValue('{"placeholder":"x"}');
  await expect(relay({}, context)).rejects.toThrow('has no host, port, dbname, username and password');
});

test('sessions have a name of their own, so that the rotation of logins counts them', async () => {
  let names: unknown[] = [];
  mockQueue.mockImplementation(async () => {
    names = (await database.query('SELECT application_name FROM pg_stat_activity')).rows.map(row => row.application_name);
    return {};
  });
  await database.query("INSERT INTO games VALUES (1, 'Tetris')");
  await relay({}, context);
  expect(names).toContain('search-ingestion');
});
