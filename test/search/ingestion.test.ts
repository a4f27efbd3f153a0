import { Client } from 'pg';
import { OpenSearchStandIn } from './open-search-server';
import { applyIndexes } from '../../src/search/administrator/indexes';
import { writeAll } from '../../src/search/ingestion/bulk';
import { latest, takeChanges } from '../../src/search/ingestion/database';
import { indexChanges } from '../../src/search/ingestion/index-changes';
import { OUTBOX_SQL } from '../../src/search/ingestion/outbox-sql';
import { reindex, ReindexCommand, ReindexSettings } from '../../src/search/ingestion/reindex';
import { relay } from '../../src/search/ingestion/relay';
import { OpenSearch } from '../../src/search/open-search';
import { PostgresServer } from '../database/postgres-server';

const VIEW = `CREATE OR REPLACE VIEW search.games AS
  SELECT id, jsonb_build_object('title', title, 'bad', bad, 'size', 10 / length(title)) AS document FROM games`;

let server: PostgresServer;
let database: Client;
let domain: OpenSearchStandIn;
let queue: string[];

beforeAll(async () => {
  server = await PostgresServer.start();
  await server.createDatabase('arcade');
  database = await server.connect('superuser', 'superuser', 'arcade');
  await database.query(OUTBOX_SQL);
  await database.query(`
    CREATE TABLE games (id bigint PRIMARY KEY, title text NOT NULL, bad boolean NOT NULL DEFAULT false, parent bigint);
    ${VIEW};
    SELECT search.watch('games', 'games', 'id');
    SELECT search.watch('games', 'families', 'parent')`);
}, 60_000);
afterAll(async () => {
  await database.end();
  await server.stop();
});
beforeEach(async () => {
  jest.spyOn(console, 'error').mockImplementation();
  queue = [];
  domain = await OpenSearchStandIn.start();
  await database.query('TRUNCATE games');
  await database.query('TRUNCATE search.outbox');
  await deploy();
});
afterEach(() => domain.stop());

const send = async (messages: readonly string[]) => void queue.push(...messages);
const run = (settings = {}) => relay(database, send, { pause: 0, until: Date.now() + 5_000, ...settings });
const index = (bodies: readonly string[] = queue.splice(0), until?: number) =>
  indexChanges(bodies.map((body, position) => ({ body, messageId: String(position) })), { database, openSearch: domain.client() }, until);
const rebuild = (command: Partial<ReindexCommand> = {}, settings: Partial<ReindexSettings> = {}) =>
  reindex({ reindex: 'games', ...command }, { database, openSearch: domain.client() }, { until: Date.now() + 5_000, grace: 1, ...settings });
const deploy = (mappings = {}) => applyIndexes(domain.client(), [{ name: 'games', mappings, settings: {} }], 0);
/** A domain that has too much to do for one bulk request; meanwhile something happens. */
function busyOnce(meanwhile: () => Promise<unknown> = async () => undefined) {
  const client = domain.client();
  const answer = client.send.bind(client);
  let times = 1;
  jest.spyOn(client, 'send').mockImplementation(async (...request) => {
    if (request[1].endsWith('_bulk') && times-- > 0) {
      domain.answers.push([429, {}]);
      await meanwhile();
    }
    return answer(...request) as never;
  });
  return client;
}
const rebuildWith = (openSearch: OpenSearch) =>
  reindex({ reindex: 'games' }, { database, openSearch }, { until: Date.now() + 5_000, grace: 1, patience: 1 });
const change = (id: string, version: number, name = 'games') => JSON.stringify({ index: name, id, version: String(version) });
const outbox = async () => (await database.query('SELECT index_name, document_id FROM search.outbox ORDER BY id')).rows.map(row => Object.values(row).join(' '));
const insert = (...titles: string[]) =>
  database.query('INSERT INTO games (id, title) SELECT n, title FROM unnest($1::text[]) WITH ORDINALITY AS given (title, n)', [titles]);

describe('the outbox', () => {
  test('names what was inserted, changed and deleted, also by another column than the key', async () => {
    await database.query("INSERT INTO games (id, title, parent) VALUES (1, 'one', NULL), (2, 'two', 7)");
    await database.query("UPDATE games SET title = 'uno' WHERE id = 1");
    await database.query('UPDATE games SET id = 3, parent = 8 WHERE id = 2');
    await database.query('DELETE FROM games WHERE id = 1');
    expect((await outbox()).filter(line => line.startsWith('games'))).toEqual(['games 1', 'games 2', 'games 1', 'games 2', 'games 3', 'games 1']);
    expect((await outbox()).filter(line => line.startsWith('families'))).toEqual(['families 7', 'families 7', 'families 8']);
  });

  test('a truncated table names all of its rows', async () => {
    await insert('one', 'two');
    await database.query('DELETE FROM search.outbox');
    await database.query('TRUNCATE games');
    expect((await outbox()).sort()).toEqual(['games 1', 'games 2']);
  });

  test('what cannot be handed on stays', async () => {
    await insert('one');
    await expect(takeChanges(database, 10, async () => { throw new Error('no queue'); })).rejects.toThrow('no queue');
    expect(await outbox()).toContain('games 1');
  });

  test('two relays at once take different changes', async () => {
    const other = await server.connect('superuser', 'superuser', 'arcade');
    await insert('one', 'two', 'three');
    const first: string[] = [];
    const second: string[] = [];
    await takeChanges(database, 2, async taken => {
      first.push(...taken.map(({ id }) => id));
      await takeChanges(other, 10, async rest => void second.push(...rest.map(({ id }) => id)));
    });
    await other.end();
    expect([...first, ...second].sort()).toEqual(['1', '2', '3']);
  });
});

describe('the relay', () => {
  test('sends one message for each document, ten at a time', async () => {
    const calls: number[] = [];
    await insert(...Array.from({ length: 25 }, (_, n) => `game ${n}`));
    await database.query("UPDATE games SET title = title || '!'");
    await relay(database, async messages => void calls.push(messages.length), { pause: 0, until: Date.now() + 1_000 });
    expect(calls.sort()).toEqual([10, 10, 5]);
    expect(await outbox()).toEqual([]);
  });

  test('with a pause, goes on looking until its time is over', async () => {
    setTimeout(() => void insert('late'), 60);
    expect(await run({ pause: 20, until: Date.now() + 400 })).toBe(1);
    expect(queue).toHaveLength(1);
  });

  test('the latest of several changes is the one with the highest version, however long its number', () => {
    const versions = ['9', '10', '9007199254740993', '9007199254740992'];
    expect(latest(versions.map(version => ({ index: 'games', id: '1', version })))).toEqual([{ index: 'games', id: '1', version: '9007199254740993' }]);
  });
});

describe('the indexer', () => {
  test('indexes rows as they are now, and deletes those that are gone', async () => {
    await insert('one', 'two');
    await run();
    await index();
    expect(domain.documents('games')).toMatchObject({ 1: { title: 'one' }, 2: { title: 'two' } });
    await database.query("UPDATE games SET title = 'uno' WHERE id = 1");
    await database.query('DELETE FROM games WHERE id = 2');
    await run();
    expect(await index()).toEqual([]);
    expect(domain.documents('games')).toEqual({ 1: { title: 'uno', bad: false, size: 3 } });
  });

  test('an old message neither fails nor changes anything', async () => {
    await insert('one');
    await index([change('1', 50)]);
    await database.query("UPDATE games SET title = 'two'");
    expect(await index([change('1', 49)])).toEqual([]);
    expect(domain.documents('games')).toMatchObject({ 1: { title: 'one' } });
  });

  test('a refused document comes again, the others are done', async () => {
    await insert('one', 'two');
    await database.query('UPDATE games SET bad = true WHERE id = 1');
    expect(await index([change('1', 1), change('2', 2)])).toEqual(['0']);
    expect(Object.keys(domain.documents('games'))).toEqual(['2']);
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining('mapper_parsing_exception'));
  });

  test('so does a row of which the view can make no document', async () => {
    await insert('one', '', 'three', 'four');
    expect(await index([1, 2, 3, 4].map(id => change(String(id), id)))).toEqual(['1']);
    expect(Object.keys(domain.documents('games'))).toEqual(['1', '3', '4']);
  });

  test.each([
    ['is away', [503, {}]], ['has too much to do', [429, {}]], ['finds the request too large', [413, {}]], ['lets the role do nothing', [403, {}]],
  ])('every message comes again while OpenSearch %s', async (_, answer) => {
    await insert('one', 'two');
    const names = domain.names('games-write');
    domain.answers.push([200, Object.fromEntries(names.map(name => [name, {}]))], answer as [number, object]);
    expect(await index([change('1', 1), change('2', 2)])).toEqual(['0', '1']);
  });

  test('what is no change, or for no index, comes again and says why', async () => {
    expect(await index(['no json', '{"index":"games","id":1}', change('1', 1, 'nothing')])).toEqual(['0', '1', '2']);
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining('there is no index nothing'));
  });

  test('an index without a view says which migration is missing', async () => {
    await applyIndexes(domain.client(), [{ name: 'families', mappings: {}, settings: {} }], 0);
    expect(await index([change('1', 1, 'families')])).toEqual(['0']);
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining('no view search.\\"families\\"'));
  });

  test('large documents go in several requests of at most 5 MiB', async () => {
    const document = JSON.stringify({ title: 'x'.repeat(2 * 1024 * 1024) });
    await writeAll(domain.client(), domain.names('games')[0], ['1', '2', '3'].map(id => ({ id, version: '1', document })));
    const bulks = domain.requests.filter(({ what }) => what.endsWith('_bulk'));
    expect(bulks.map(({ body }) => body.trimEnd().split('\n').length / 2)).toEqual([2, 1]);
  });
});

describe('a re-index', () => {
  test('fills a new index, moves both aliases and removes the old one', async () => {
    await insert('one', 'two', 'three');
    const [old] = domain.names('games');
    const answer = await rebuild({}, { pageSize: 2 });
    expect(answer).toEqual({ index: domain.names('games')[0], copied: 3, live: true, refused: [] });
    expect(domain.names('games-write')).toEqual([answer.index]);
    expect([...domain.indexes.keys()]).toEqual([answer.index]);
    expect(answer.index).not.toBe(old);
    expect(Object.keys(domain.documents('games'))).toEqual(['1', '2', '3']);
  });

  /** A run that has no time for more than its first two documents. */
  async function interrupted(command: Partial<ReindexCommand> = {}) {
    const clock = Date.now.bind(Date);
    const before = domain.requests.length;
    const now = jest.spyOn(Date, 'now')
      .mockImplementation(() => clock() + (domain.requests.slice(before).some(({ what }) => what.endsWith('_bulk')) ? 3_600_000 : 0));
    return rebuild(command, { pageSize: 2 }).finally(() => now.mockRestore());
  }

  test('stops when its time is over, and the next one goes on from there', async () => {
    await insert('one', 'two', 'three');
    const part = await interrupted();
    expect(part).toMatchObject({ live: false, copied: 2, next: expect.stringContaining('again') });
    const rest = await rebuild({}, { pageSize: 2 });
    expect(rest).toMatchObject({ live: true, copied: 1, index: part.index });
    expect(Object.keys(domain.documents('games'))).toEqual(['1', '2', '3']);
    expect([...domain.indexes.keys()]).toEqual([part.index]);
  });

  test('while it runs changes go to both indexes, and the copy overwrites none of them', async () => {
    await insert('one', 'two');
    await rebuild({}, { until: 0 });
    await database.query("UPDATE games SET title = 'uno' WHERE id = 1");
    await run();
    await index();
    await database.query("UPDATE games SET title = 'never told' WHERE id = 1");
    expect(domain.names('games-write')).toHaveLength(2);
    await rebuild();
    expect(domain.documents('games')).toMatchObject({ 1: { title: 'uno' }, 2: { title: 'two' } });
  });

  test('does not switch to an index that would miss a document, unless told to', async () => {
    await insert('one', 'two');
    await database.query('UPDATE games SET bad = true WHERE id = 1');
    const [old] = domain.names('games');
    expect(await rebuild()).toMatchObject({ live: false, refused: [{ id: '1', reason: expect.stringContaining('400') }], next: expect.stringContaining('acceptRefused') });
    expect(domain.names('games')).toEqual([old]);
    expect(await rebuild({ acceptRefused: true })).toMatchObject({ live: true });
    expect(Object.keys(domain.documents('games'))).toEqual(['2']);
  });

  test('that was refused leaves nothing behind in which changes would fail', async () => {
    await insert('one');
    await database.query('UPDATE games SET bad = true');
    const before = [...domain.indexes.keys()];
    await rebuild();
    expect([...domain.indexes.keys()]).toEqual(before);
    expect(domain.names('games-write')).toEqual(before);
  });

  test('succeeds once the mapping is corrected, also where a run was interrupted', async () => {
    await insert('one', 'two');
    await rebuild({}, { until: 0 });
    await database.query('UPDATE games SET bad = true WHERE id = 1');
    await deploy({ properties: { bad: { type: 'boolean' } } });
    const answer = await rebuild();
    expect(answer).toMatchObject({ live: true, copied: 2, refused: [] });
    expect([...domain.indexes.keys()]).toEqual([answer.index]);
    expect(domain.names('games-write')).toEqual([answer.index]);
    expect(Object.keys(domain.documents('games'))).toEqual(['1', '2']);
  });

  test('begins anew when the view has changed, so that no document is as the old one made it', async () => {
    await insert('one', 'two', 'three');
    const part = await interrupted();
    await database.query("CREATE OR REPLACE VIEW search.games AS SELECT id, jsonb_build_object('name', title) AS document FROM games");
    const answer = await rebuild().finally(() => database.query(VIEW));
    expect(answer).toMatchObject({ live: true, copied: 3 });
    expect(answer.index).not.toBe(part.index);
    expect(domain.documents('games')).toEqual({ 1: { name: 'one' }, 2: { name: 'two' }, 3: { name: 'three' } });
  });

  test('names a row of which the view can make no document, and goes on without it if told to', async () => {
    await insert('one', '', 'three');
    expect(await rebuild()).toMatchObject({ live: false, copied: 2, refused: [{ id: '2', reason: expect.stringContaining('division by zero') }] });
    expect(await rebuild({ acceptRefused: true })).toMatchObject({ live: true, refused: [{ id: '2' }] });
    expect(Object.keys(domain.documents('games'))).toEqual(['1', '3']);
  });

  test('goes on where refused documents were accepted, and never goes live without them unasked', async () => {
    await insert('one', 'two', 'three');
    await database.query('UPDATE games SET bad = true WHERE id = 1');
    const part = await interrupted({ acceptRefused: true });
    expect(part).toMatchObject({ live: false, copied: 2, refused: [{ id: '1' }] });
    const copy = structuredClone(domain.indexes);
    expect(await rebuild({ acceptRefused: true })).toMatchObject({ live: true, copied: 1, index: part.index });
    domain.indexes.clear();
    copy.forEach((value, name) => domain.indexes.set(name, value));
    expect(await rebuild()).toMatchObject({ live: false, copied: 3, refused: [{ id: '1' }] });
  });

  test('copies no more once it has ten refused documents to show', async () => {
    await insert(...Array.from({ length: 40 }, (_, n) => `game ${n}`));
    await database.query('UPDATE games SET bad = true');
    const answer = await rebuild({}, { pageSize: 10 });
    expect([answer.copied, answer.refused.length]).toEqual([10, 10]);
  });

  test('does not go live with an index that another run has replaced', async () => {
    await insert('one');
    const old = domain.names('games');
    const client = busyOnce(async () => domain.names('games-write').filter(name => !old.includes(name)).forEach(name => domain.indexes.get(name)!.aliases.clear()));
    await expect(rebuildWith(client)).rejects.toThrow(/^another run has replaced games-\d+: give the command again/);
    expect(domain.names('games')).toEqual(old);
  });

  test('waits for a domain that has too much to do, and brings back nothing that was deleted meanwhile', async () => {
    await insert('one', 'two');
    // Nothing tells OpenSearch: as if it had forgotten.
    const answer = await rebuildWith(busyOnce(() => database.query('DELETE FROM games WHERE id = 1')));
    expect(answer).toMatchObject({ live: true, copied: 2 });
    expect(Object.keys(domain.documents('games'))).toEqual(['2']);
  });

  test('gives up on one that goes on having too much to do, and leaves the old index in place', async () => {
    await insert('one');
    const [old] = domain.names('games');
    const client = domain.client();
    const answer = client.send.bind(client);
    jest.spyOn(client, 'send').mockImplementation(async (...request) => {
      if (request[1].endsWith('_bulk')) domain.answers.push([429, {}]);
      return answer(...request) as never;
    });
    const giving = reindex({ reindex: 'games' }, { database, openSearch: client }, { until: Date.now() + 5_000, grace: 1, patience: 1 });
    await expect(giving).rejects.toThrow('the domain takes no writes (OpenSearchRefused: OpenSearch answered 429');
    expect(domain.names('games')).toEqual([old]);
  });
});
