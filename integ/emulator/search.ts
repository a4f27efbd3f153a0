/*
 * The way from a row to a search result, on a real PostgreSQL with the library's own login roles and a real OpenSearch with its security plugin: changed rows,
 * bad ones, restarts, late and repeated messages, and an index that is rebuilt while people search it.
 */
import { Checks } from './checks';
import { GAMES, SearchWorld } from './search-world';
import { OpenSearchRefused } from '../../src/search/open-search';

const checks = new Checks();
const LATER: typeof GAMES = { ...GAMES, mappings: { properties: { title: { type: 'text' }, year: { type: 'keyword' }, platform: { type: 'keyword' } } } };

async function statusOf(action: () => Promise<unknown>): Promise<number> {
  try {
    await action();
    return 200;
  } catch (error) {
    if (error instanceof OpenSearchRefused) return error.status;
    throw error;
  }
}

function same(what: string, got: unknown, wanted: unknown): void {
  checks.check(what, JSON.stringify(got) === JSON.stringify(wanted), got);
}

async function templates(world: SearchWorld): Promise<void> {
  await world.deployIndexes('Create', [GAMES]);
  const first = await world.administrator().get<object>('/_alias/games');
  same('a deployment makes the index behind its name', Object.keys(first!).length, 1);
  await world.deployIndexes('Update', [GAMES]);
  same('a deployment that runs again leaves the index alone', await world.administrator().get('/_alias/games'), first);

  const broken = { ...GAMES, mappings: { properties: { title: { type: 'texxt' } } } };
  same('a template that OpenSearch refuses fails the deployment', await statusOf(() => world.deployIndexes('Update', [broken])), 400);
  same('its rollback succeeds', await world.deployIndexes('Update', [GAMES]), 'indexes');
  await world.deployIndexes('Delete', [GAMES]);
  same('the end of a stack leaves the index alone', await world.administrator().get('/_alias/games'), first);

  await world.deployIndexes('Update', [GAMES], 1);
  type Settings = { [index: string]: { settings: { index: { number_of_replicas: string } } } };
  const copies = async () => Object.values((await world.administrator().get<Settings>('/games/_settings'))!)[0].settings.index.number_of_replicas;
  same('a second node gets copies of what is there', await copies(), '1');
  await world.deployIndexes('Update', [GAMES], 0);
  same('a single node has none', await copies(), '0');
  type Audit = { config: { enabled: boolean } };
  same('the audit log is on', (await world.administrator().get<Audit>('/_plugins/_security/api/audit'))!.config.enabled, true);
}

async function access(world: SearchWorld): Promise<void> {
  const search = (name: string) => statusOf(() => world.count(world.as(name)));
  const write = (name: string) => statusOf(() => world.as(name).send('POST', '/games/_doc/1', { title: 'written' }));
  const remove = (name: string) => statusOf(() => world.as(name).send('DELETE', '/games/_doc/1'));
  same('a role that nobody granted anything cannot search', await search('api'), 403);
  const unsigned = await fetch(`${world.server.endpoint}/games/_search`);
  same('an unsigned request is refused', unsigned.status, 403);

  await world.access('Create', 'api', 'read');
  same('grantRead lets a role search, and not write', [await search('api'), await write('api')], [200, 403]);
  await world.access('Create', 'api', 'readWrite');
  same('grantReadWrite lets it write and delete', [await search('api'), await write('api'), await remove('api')], [200, 200, 200]);
  same('and make no index', await statusOf(() => world.as('api').send('PUT', '/games-own')), 403);
  same('and touch no other index', await statusOf(() => world.as('api').send('POST', '/others/_doc/1', {})), 403);
  same('and no security', await statusOf(() => world.as('api').send('GET', '/_plugins/_security/api/roles')), 403);
  await world.access('Delete', 'api', 'readWrite');
  same('a grant that is gone is gone, and the other stays', [await search('api'), await write('api')], [200, 403]);
  await world.access('Delete', 'api', 'read');
  same('without any, the door is closed', await search('api'), 403);
  same('what is gone can be taken back again', await world.access('Delete', 'api', 'read'), 'api-read');
  await world.access('Create', 'ingestion', 'indexing');
}

async function rows(world: SearchWorld): Promise<void> {
  const app = await world.session();
  await app.query("INSERT INTO platforms VALUES (1, 'NES'), (2, 'SNES')");
  await app.query(`INSERT INTO games (title, year, platform_id, owner_email) VALUES
    ('Tetris', '1989', 1, 'secret@example.com'), ('Contra', '1988', 1, NULL), ('Snow "Bros"\n', '1990', NULL, NULL), ('hidden', NULL, NULL, NULL)`);
  await world.settle();
  same('created rows are found, as the view makes them and with nothing else', await world.found(), {
    'Tetris': { year: '1989', platform: 'NES' }, 'Contra': { year: '1988', platform: 'NES' }, 'Snow "Bros"\n': { year: '1990', platform: null },
  });
  same('one that the view leaves out is not', 'hidden' in await world.found(), false);

  await app.query("UPDATE games SET year = '1985' WHERE title = 'Tetris'");
  await app.query("DELETE FROM games WHERE title = 'Contra'");
  await app.query("UPDATE games SET id = gen_random_uuid() WHERE title LIKE 'Snow%'");
  await app.query("UPDATE games SET title = 'Found' WHERE title = 'hidden'");
  await world.settle();
  same('changed, deleted, renamed and shown rows too', Object.keys(await world.found()).sort(), ['Found', 'Snow "Bros"\n', 'Tetris']);
  same('with their new content', (await world.found()).Tetris, { year: '1985', platform: 'NES' });

  await app.query("UPDATE platforms SET name = 'Famicom' WHERE id = 1");
  await world.settle();
  same('a change of another table that documents are made of too', (await world.found()).Tetris.platform, 'Famicom');

  await app.query('BEGIN');
  await app.query("UPDATE games SET year = '1'");
  await app.query('ROLLBACK');
  same('a change that was rolled back is none', await world.relay(), 0);
  await app.query("UPDATE games SET year = '1991' WHERE title = 'Tetris'");
  await app.query("UPDATE games SET year = '1992' WHERE title = 'Tetris'");
  await world.relay();
  same('two changes of one row are one message', world.queue.length, 1);
  await world.settle();

  await (await world.session('arcade_owner')).query('TRUNCATE games');
  await world.settle();
  same('an emptied table empties the index', await world.found(), {});
}

async function order(world: SearchWorld): Promise<void> {
  const app = await world.session();
  const other = await world.session('arcade_b');
  await app.query('BEGIN');
  await app.query("INSERT INTO games (title) VALUES ('slow')");
  await other.query("INSERT INTO games (title) VALUES ('quick')");
  await world.settle();
  same('a change is found while an earlier one is not yet committed', Object.keys(await world.found()), ['quick']);
  await app.query('COMMIT');
  await world.settle();
  same('which is found when it is', Object.keys(await world.found()).sort(), ['quick', 'slow']);

  const early: string[] = [];
  await app.query("UPDATE games SET year = '1' WHERE title = 'slow'");
  await world.relay(async messages => void early.push(...messages));
  await app.query("UPDATE games SET year = '2' WHERE title = 'slow'");
  await world.settle();
  const replay = () => world.index(early.map(body => ({ messageId: 'early', body })));
  same('an old message is no failure', await replay(), []);
  same('and brings nothing old back', (await world.found()).slow.year, '2');
  await app.query("DELETE FROM games WHERE title = 'slow'");
  await world.settle();
  await world.administrator().send('PUT', '/games/_settings', { 'index.gc_deletes': '0s' });
  await replay();
  same('not even a row whose deletion OpenSearch has forgotten', Object.keys(await world.found()), ['quick']);
  await world.administrator().send('PUT', '/games/_settings', { 'index.gc_deletes': '60s' });
  same('a message of somebody else is refused', await world.index([{ messageId: 'x', body: '{"Records":[]}' }]), ['x']);
  same('and one for an index that nobody made', await world.index([{ messageId: 'y', body: '{"index":"nothing","id":"1","version":"1"}' }]), ['y']);
}

async function badRows(world: SearchWorld): Promise<void> {
  const app = await world.session();
  await app.query("INSERT INTO games (title, year) SELECT 'good ' || n, '2000' FROM generate_series(1, 50) n");
  await app.query("INSERT INTO games (title, year) VALUES ('bad', 'when I was young'), ('unspeakable', '2001')");
  await world.settle();
  await world.administrator().send('POST', '/games/_refresh');
  same('one document that the mapping refuses, and one that the view cannot make, leave 50 others alone', await world.count(), 51);
  same('they end in the dead-letter queue', world.queue.deadLetters.length, 2);
  await app.query("UPDATE games SET year = '1999' WHERE title = 'bad'");
  await app.query("UPDATE games SET title = 'spoken' WHERE title = 'unspeakable'");
  await app.query('DELETE FROM search.outbox');
  world.queue.redrive();
  await world.settle();
  same('corrected and redriven, they are found', [(await world.found()).bad.year, 'spoken' in await world.found()], ['1999', true]);
}

async function restarts(world: SearchWorld): Promise<void> {
  const app = await world.session();
  await app.query("INSERT INTO games (title, year) SELECT 'restart ' || n, '2000' FROM generate_series(1, 200) n");
  let calls = 0;
  const dies = async (messages: readonly string[]) => {
    if (++calls > 8) throw new Error('the relay is stopped here');
    world.queue.add(messages);
  };
  await world.relay(dies).catch(() => undefined);
  same('a relay that stops half-way has sent a part', world.queue.length, 80);
  const left = await app.query('SELECT count(*)::int AS count FROM search.outbox');
  same('and lost nothing', left.rows[0].count, 200);

  world.server.lostAnswers = 1;
  await world.queue.deliver(messages => world.index(messages));
  same('an indexer that never hears OpenSearch\'s answer gets its messages again', world.queue.length, 80);
  await world.server.stopEngine();
  await world.relay();
  await world.queue.deliver(messages => world.index(messages));
  same('while OpenSearch is away, messages wait, each change once', world.queue.length, 200);
  await world.server.startEngine();
  await world.settle();
  same('afterwards everything is there, once', Object.keys(await world.found()).filter(title => title.startsWith('restart')).length, 200);
  same('and nothing was refused', world.queue.deadLetters.length, 0);
}

async function rebuild(world: SearchWorld): Promise<void> {
  const app = await world.session();
  await app.query("INSERT INTO games (title, year) SELECT 'many ' || n, '2000' FROM generate_series(1, 20000) n");
  const begun = Date.now();
  await world.settle();
  const seconds = (Date.now() - begun) / 1000;
  console.log(`  20,000 changes from outbox to index in ${seconds.toFixed(1)} s: ${Math.round(20_000 / seconds)} a second`);
  const [old] = Object.keys((await world.administrator().get<object>('/_alias/games'))!);
  await world.administrator().send('POST', '/games/_refresh');
  const before = await world.count();

  await app.query("UPDATE games SET year = 'MCMXC' WHERE title = 'bad'");
  await app.query("UPDATE games SET title = 'unspeakable' WHERE title = 'spoken'");
  await world.settle();
  same('before, the mapping refuses Roman years, and the view a title', world.queue.deadLetters.length, 2);
  const early = await world.reindex({ reindex: 'games' });
  same('a re-index that would lose documents does not switch', [early.live, early.refused.length], [false, 2]);
  const all = async () => Object.keys((await world.administrator().get<object>('/_alias'))!).filter(index => index.startsWith('games-')).sort();
  same('and leaves nothing behind in which changes would fail', await all(), [old]);
  await app.query("UPDATE games SET title = 'spoken' WHERE title = 'unspeakable'");
  const interrupted = await world.reindex({ reindex: 'games' }, { until: Date.now() + 500, pageSize: 10 });
  same('one that is interrupted leaves what it has done', await all(), [old, interrupted.index]);
  await world.deployIndexes('Update', [LATER]);

  let least = before;
  let failures = 0;
  let searching = true;
  const search = async () => {
    for (searching = true; searching; await new Promise(resolve => setTimeout(resolve, 5))) {
      await world.count().then(count => { least = Math.min(least, count); }, () => { failures++; });
    }
  };
  let searches = search();
  const part = await world.reindex({ reindex: 'games' }, { until: Date.now() + 4_000, pageSize: 10 });
  same('after another mapping was deployed, the next begins anew', await all(), [old, part.index]);
  same('and is an index of its own', part.index === interrupted.index, false);
  same('a re-index that runs out of time says so', [part.live, part.copied > 0 && part.copied < before, typeof part.next], [false, true, 'string']);
  await app.query("UPDATE games SET title = 'changed meanwhile' WHERE title = 'many 7'");
  await app.query("DELETE FROM games WHERE title = 'many 8'");
  await app.query("INSERT INTO games (title, year) VALUES ('new meanwhile', '2002')");
  await world.settle();
  searching = false;
  await searches;
  world.server.away = true;
  const stopped = await world.reindex({ reindex: 'games' }).then(() => 'went on', () => 'stopped');
  world.server.away = false;
  same('one that loses its domain stops', stopped, 'stopped');

  searches = search();
  const copying = world.reindex({ reindex: 'games' });
  await app.query("UPDATE games SET title = 'changed while copying' WHERE title = 'many 9'");
  await app.query("DELETE FROM games WHERE title = 'many 10'");
  await world.settle();
  const done = await copying;
  searching = false;
  await searches;
  same('given again, it goes on where it stopped and goes live', [done.live, done.index === part.index, done.copied < before], [true, true, true]);
  same('no search failed and none missed a document', [failures, least >= before - 2], [0, true]);
  same('the old index is gone', await world.administrator().get(`/${old}`), undefined);
  const inDatabase = await app.query('SELECT count(*)::int AS count FROM search.games');
  await world.administrator().send('POST', '/games/_refresh');
  same('the new one has every row, and no other', await world.count(), inDatabase.rows[0].count);
  type Hits = { readonly hits: { readonly hits: { readonly _source: { readonly title: string } }[] } };
  const meanwhile = await world.as('ingestion').send<Hits>('POST', '/games/_search', { query: { match: { title: 'meanwhile copying' } } });
  same('as they are now', meanwhile.hits.hits.map(hit => hit._source.title).sort(), ['changed meanwhile', 'changed while copying', 'new meanwhile']);
  world.queue.redrive();
  await world.settle();
  same('and what was refused before is taken', world.queue.deadLetters.length, 0);
}

async function main(): Promise<void> {
  const world = await checks.step('start PostgreSQL and OpenSearch', () => SearchWorld.start());
  try {
    await checks.step('index templates', () => templates(world));
    await checks.step('access by role', () => access(world));
    await checks.step('rows', () => rows(world));
    await checks.step('order', () => order(world));
    await checks.step('bad rows', () => badRows(world));
    await checks.step('restarts', () => restarts(world));
    await checks.step('an index rebuilt', () => rebuild(world));
  } catch (error) {
    console.error(error);
    checks.fail(`${error}`);
  } finally {
    await world.stop();
  }
  checks.close('search');
}

void main();
