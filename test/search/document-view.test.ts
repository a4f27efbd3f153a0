import { execFile } from 'child_process';
import { join } from 'path';
import { promisify } from 'util';
import { Client } from 'pg';
import { OpenSearchStandIn } from './open-search-server';
import { applyIndexes } from '../../src/search/administrator/indexes';
import { DocumentView, Part } from '../../src/search/ingestion/document-view';
import { indexChanges } from '../../src/search/ingestion/index-changes';
import { PostgresServer } from '../database/postgres-server';

const MIB = 1024 * 1024;

let server: PostgresServer;
let database: Client;

beforeAll(async () => {
  server = await PostgresServer.start();
  await server.createDatabase('arcade');
  database = await server.connect('superuser', 'superuser', 'arcade');
  await database.query(`
    CREATE SCHEMA search;
    CREATE TABLE games (id bigint PRIMARY KEY, bytes int);
    CREATE VIEW search.games AS SELECT id, to_jsonb(repeat('x', bytes - 2 / bytes)) AS document FROM games`);
}, 60_000);
afterAll(async () => {
  await database.end();
  await server.stop();
});
beforeEach(() => database.query('TRUNCATE games'));

const insert = (...bytes: (number | null)[]) =>
  database.query('INSERT INTO games SELECT n, bytes FROM unnest($1::int[]) WITH ORDINALITY AS given (bytes, n)', [bytes]);

async function read(ids: readonly string[], name = 'games'): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of (await DocumentView.of(database, name)).read(ids)) parts.push(part);
  return parts;
}

const idsOf = (parts: readonly Part[]) => parts.map(({ ids }) => ids.join(' '));
const failuresOf = (parts: readonly Part[]) => parts.flatMap(({ failed }) => failed);

test('documents come in parts of at most 4 MiB, in the order in which they were asked for', async () => {
  await insert(3 * MIB, 2 * MIB, 1 * MIB, 5 * MIB, 10, 10);
  const parts = await read(['6', '1', '9', '2', '3', '4', '5']);
  expect(idsOf(parts)).toEqual(['6 1 9', '2 3', '4', '5']);
  expect(parts.map(({ documents }) => [...documents.keys()].sort().join(' '))).toEqual(['1 6', '2 3', '4', '5']);
  expect(failuresOf(parts)).toEqual([]);
});

test('a batch of small documents is one part, and each document is made once', async () => {
  await insert(10, 20, 30);
  const query = jest.spyOn(database, 'query');
  expect(idsOf(await read(['1', '2', '3']))).toEqual(['1 2 3']);
  expect(query.mock.calls.filter(([text]) => String(text).includes('document::jsonb'))).toHaveLength(1);
});

test('a document larger than 16 MiB, one that is NULL and one that cannot be made are named, and the others read', async () => {
  await insert(17 * MIB, 10, null, 0, 20);
  const parts = await read(['1', '2', '3', '4', '5']);
  expect(parts.flatMap(({ documents }) => [...documents.keys()])).toEqual(['2', '5']);
  expect(failuresOf(parts)).toEqual([
    { id: '1', reason: `a document of ${17 * MIB + 2} bytes is larger than ${16 * MIB}`, passes: false },
    { id: '3', reason: 'the view has NULL in place of a document', passes: false },
    { id: '4', reason: 'error: division by zero', passes: false },
  ]);
});

test('an error that is no row\'s own ends the reading', async () => {
  await database.query('ALTER VIEW search.games RENAME COLUMN document TO contents');
  const reading = read(['1']).finally(() => database.query('ALTER VIEW search.games RENAME COLUMN contents TO document'));
  await expect(reading).rejects.toThrow('column "document" does not exist');
});

test('a row on which the view fails before it has an id is told by the one before it, as far as ids are read in order', async () => {
  await insert(10, 10, 10, 0, 10);
  await database.query('CREATE VIEW search.conditional AS SELECT id, to_jsonb(bytes) AS document FROM games WHERE 10 / bytes > 0');
  await database.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
  const view = await DocumentView.of(database, 'conditional');
  expect(await view.ids(undefined, 5)).toEqual(['1', '2']);
  expect(await view.ids('2', 5)).toEqual(['3']);
  await expect(view.ids('3', 5)).rejects.toThrow(
    'a condition of the view search."conditional" fails on a row after id 3, so that it has no id: error: division by zero');
});

test('a view that has an id twice is read to its end', async () => {
  await insert(3 * MIB, 3 * MIB);
  await database.query('CREATE VIEW search.twice AS SELECT 1 AS id, document FROM search.games UNION ALL SELECT 2, document FROM search.games');
  expect(idsOf(await read(['1', '2'], 'twice'))).toEqual(['1', '2']);
});

test('ids may be of a type of the team\'s own', async () => {
  await database.query(`CREATE DOMAIN code AS varchar(4) CHECK (length(value) = 4);
    CREATE VIEW search.owned AS SELECT 'abcd'::code AS id, '{}'::jsonb AS document`);
  const [{ documents }] = await read(['abcd'], 'owned');
  expect([...documents.keys()]).toEqual(['abcd']);
});

test('ids of a fixed length are compared in full', async () => {
  await database.query("CREATE VIEW search.codes AS SELECT code::char(4) AS id, '{}'::jsonb AS document FROM unnest(ARRAY['abcd', 'abce']) AS given (code)");
  const [{ documents }] = await read(['abce'], 'codes');
  expect([...documents.keys()]).toEqual(['abce']);
  expect(await (await DocumentView.of(database, 'codes')).ids('abcd', 10)).toEqual(['abce']);
});

test('the indexer answers what it has done when its time is over', async () => {
  const domain = await OpenSearchStandIn.start();
  await applyIndexes(domain.client(), [{ name: 'games', mappings: {}, settings: {} }], 0);
  await insert(3 * MIB, 3 * MIB, 3 * MIB);
  const messages = ['1', '2', '3'].map(id => ({ messageId: `m${id}`, body: JSON.stringify({ index: 'games', id, version: id }) }));
  expect(await indexChanges(messages, { database, openSearch: domain.client() }, Date.now())).toEqual(['m2', 'm3']);
  expect(Object.keys(domain.documents('games'))).toEqual(['1']);
  await domain.stop();
});

test('neither the indexer nor a re-index holds more than a part, whatever the batch', async () => {
  const domain = await OpenSearchStandIn.start();
  jest.spyOn(domain.requests, 'push').mockReturnValue(0);
  await applyIndexes(domain.client(), [{ name: 'games', mappings: {}, settings: {} }], 0);
  await insert(...Array.from({ length: 100 }, () => 400 * 1024));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=32', '--require', 'tsx/cjs', join(__dirname, 'small-heap-program.ts'),
    `postgres://superuser:superuser@127.0.0.1:${server.port}/arcade`, domain.endpoint, '100',
  ]);
  expect(JSON.parse(stdout)).toEqual({ failed: 0, copied: 100, live: true });
  expect(Object.keys(domain.documents('games'))).toHaveLength(100);
  await domain.stop();
}, 60_000);
