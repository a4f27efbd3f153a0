import { ChildProcess, spawn } from 'child_process';
import { randomUUID } from 'crypto';
import { createServer } from 'net';
import { Client } from 'pg';
import { FakeSecretsManager } from './fake-secrets-manager';
import { PostgresServer } from './postgres-server';
import { rotate } from '../../src/database/credentials-rotation';
import { CredentialsSettings } from '../../src/database/credentials-settings';
import { setUpCredentials } from '../../src/database/credentials-setup';
import { SecretVersions } from '../../src/database/secret-versions';

let server: PostgresServer;
beforeAll(async () => { server = await PostgresServer.start(); }, 60_000);
afterAll(() => server.stop());

const PLACEHOLDER = '{"placeholder":"x"}';
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** One database with its secrets, as the stack creates them. */
class World {
  public static async create(name: string, options: { database?: boolean } = {}): Promise<World> {
    if (options.database !== false) await server.createDatabase(name);
    return new World(name);
  }

  public readonly manager = new FakeSecretsManager();
  public settings: CredentialsSettings;
  private readonly sessions: Client[] = [];

  private constructor(public readonly name: string) {
    this.manager.create('master', JSON.stringify({ username: 'master', password: 'master' }));
    for (const secret of ['owner', 'application', 'proxy-a', 'proxy-b']) this.manager.create(secret, PLACEHOLDER);
    this.settings = {
      database: { host: '127.0.0.1', port: String(server.port), dbname: name },
      masterSecretId: 'master',
      ownerSecretId: 'owner',
      applicationSecretId: 'application',
      tls: false,
      patience: 300,
      pause: 20,
    };
  }

  /** A proxy, which for a login is nothing but another way to the same server. */
  public turnProxyOn(host = 'localhost'): void {
    this.settings = { ...this.settings, proxy: { address: { ...this.settings.database, host }, loginSecretIds: ['proxy-a', 'proxy-b'] } };
  }

  public setUp(): Promise<void> {
    return setUpCredentials(this.settings, new SecretVersions(this.manager));
  }

  public step(step: string, token: string, secret = 'application'): Promise<void> {
    return rotate({ Step: step, SecretId: secret, ClientRequestToken: token }, this.settings, new SecretVersions(this.manager));
  }

  public async rotate(secret = 'application'): Promise<void> {
    const token = randomUUID();
    for (const step of STEPS) await this.step(step, token, secret);
  }

  public async login(secret: { [key: string]: string } = this.manager.at('application')): Promise<Client> {
    const client = await server.connect(secret.username, secret.password, this.name);
    this.sessions.push(client);
    return client;
  }

  public async logout(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map(session => session.end()));
    // The server needs a moment to notice.
    await this.until(async () => (await server.asSuperuser('postgres',
      `SELECT 1 FROM pg_stat_activity WHERE usename LIKE '${this.name}\\_%'`)).length === 0);
  }

  public as(secret: string, ...statements: string[]): Promise<{ [key: string]: unknown }[]> {
    const { username, password } = this.manager.at(secret);
    return server.run(username, password, this.name, ...statements);
  }

  public verifiers(): Promise<{ [key: string]: unknown }[]> {
    return server.asSuperuser('postgres', `SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE '${this.name}\\_%' ORDER BY rolname`);
  }

  public async until(condition: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < 500 && !await condition(); i++) await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** A migration as a process of its own, so that it can die in the middle. */
function startMigration(url: string, ...statements: string[]): ChildProcess {
  const script = `const client = new (require('pg').Client)(process.argv[1]);
    client.connect().then(async () => { for (const statement of process.argv.slice(2)) await client.query(statement); });`;
  return spawn(process.execPath, ['-e', script, url, ...statements], { stdio: 'inherit' });
}

describe('first creation', () => {
  test('makes an owner for migrations and a login that can read and write but not change the schema', async () => {
    const world = await World.create('first');
    await world.setUp();

    expect(world.manager.at('owner')).toMatchObject({ username: 'first_owner', host: '127.0.0.1', dbname: 'first' });
    expect(Object.keys(world.manager.at('application'))).toEqual(['engine', 'host', 'port', 'dbname', 'username', 'password', 'sslmode', 'url']);
    expect(world.manager.at('application').username).toBe('first_a');

    await world.as('owner', 'CREATE TYPE mood AS ENUM (\'good\')', 'CREATE TABLE users (id serial PRIMARY KEY, name text, mood mood)',
      'CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS \'SELECT n * 2\'');
    expect(await world.as('application', 'INSERT INTO users (name, mood) VALUES (\'Ada\', \'good\')', 'UPDATE users SET name = \'Grace\'',
      'SELECT id, name, twice(2) FROM users')).toEqual([{ id: 1, name: 'Grace', twice: 4 }]);
    expect(await world.as('application', 'DELETE FROM users', 'SELECT count(*)::int AS count FROM users')).toEqual([{ count: 0 }]);
    for (const forbidden of ['CREATE TABLE mine (id int)', 'DROP TABLE users', 'ALTER TABLE users ADD age int', 'TRUNCATE users', 'CREATE SCHEMA mine']) {
      await expect(world.as('application', forbidden)).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  test('lets no migration stand in the way for long: it waits half a minute for a lock, and its own go with its connection', async () => {
    const world = await World.create('locks');
    await world.setUp();
    await world.as('owner', 'CREATE TABLE busy (id int)', 'CREATE TABLE touched (id int)');
    expect(await world.as('owner', 'SHOW lock_timeout')).toEqual([{ lock_timeout: '30s' }]);

    const reader = await world.login();
    await reader.query('BEGIN; SELECT * FROM busy');
    const migration = startMigration(world.manager.at('owner').url.replace(/sslmode=.*/, 'sslmode=disable'),
      'BEGIN', 'ALTER TABLE touched ADD age int', 'ALTER TABLE busy ADD age int');
    await world.until(async () => (await server.asSuperuser('postgres',
      'SELECT 1 FROM pg_stat_activity WHERE usename = \'locks_owner\' AND wait_event_type = \'Lock\'')).length === 1);
    migration.kill('SIGKILL');

    // Of a migration that holds its locks until its own lock timeout, this would know nothing after ten seconds.
    expect(await world.as('application', "SET lock_timeout = '10s'", 'SELECT * FROM touched')).toEqual([]);
    await world.logout();
  }, 20_000);

  test('covers schemas that a later migration creates', async () => {
    const world = await World.create('laterschema');
    await world.setUp();
    await world.as('owner', 'CREATE SCHEMA billing', 'CREATE TABLE billing.invoices (id int)');

    expect(await world.as('application', 'INSERT INTO billing.invoices VALUES (1)', 'SELECT id FROM billing.invoices')).toEqual([{ id: 1 }]);
  });

  test('writes a url that logs in as it is, whatever is in the password', async () => {
    const world = await World.create('special');
    await world.setUp();
    const password = 'a/b?c#d@e:f%g&h+i j\'k"l!(m)*';
    const { username } = world.manager.at('application');
    world.manager.create('application', JSON.stringify({ username, password }));
    await world.setUp();

    const { url } = world.manager.at('application');
    expect(url).toContain(':a%2Fb%3Fc%23d%40e%3Af%25g%26h%2Bi%20j%27k%22l%21%28m%29%2A@');
    expect(url).toMatch(/\/special\?sslmode=require$/);
    const client = new Client({ connectionString: url.replace('?sslmode=require', '') });
    await client.connect();
    await client.end();
  });

  test('never shows a password to the log of the server', async () => {
    const world = await World.create('silent');
    await world.setUp();
    await world.rotate();
    const log = await server.log();

    expect(log).toContain('ALTER ROLE "silent_b" PASSWORD \'SCRAM-SHA-256$');
    for (const secret of ['owner', 'application']) expect(log).not.toContain(world.manager.at(secret).password);
  });

  test('waits for a database that is still starting', async () => {
    const world = await World.create('starting');
    const gate = createServer();
    const port = await new Promise<number>(resolve => gate.listen(0, '127.0.0.1', () => resolve((gate.address() as { port: number }).port)));
    await new Promise(resolve => gate.close(resolve));
    world.settings = { ...world.settings, patience: 5_000, database: { ...world.settings.database, port: String(port) } };
    const done = world.setUp();
    await new Promise(resolve => setTimeout(resolve, 100));
    const relay = createServer(socket => {
      const upstream = new (jest.requireActual('net').Socket)();
      upstream.connect(server.port, '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    }).listen(port, '127.0.0.1');
    await done;
    relay.close();

    expect(world.manager.at('application').port).toBe(String(port));
  });
});

describe('a second run', () => {
  test('changes nothing', async () => {
    const world = await World.create('second');
    await world.setUp();
    const before = { secret: world.manager.at('application'), verifiers: await world.verifiers() };
    world.manager.writes.length = 0;
    await world.setUp();

    expect(world.manager.writes).toEqual([]);
    expect(world.manager.at('application')).toEqual(before.secret);
    expect(await world.verifiers()).toEqual(before.verifiers);
  });

  test('with another host rewrites the address and keeps the password and what a team added', async () => {
    const world = await World.create('moved');
    await world.setUp();
    const before = world.manager.at('application');
    world.manager.create('application', JSON.stringify({ ...before, schema: 'mine' }));
    const verifiers = await world.verifiers();
    world.settings = { ...world.settings, database: { ...world.settings.database, host: 'localhost' } };
    await world.setUp();

    const after = world.manager.at('application');
    expect(after).toMatchObject({ host: 'localhost', password: before.password, username: before.username, schema: 'mine' });
    expect(after.url).toContain('@localhost:');
    expect(await world.verifiers()).toEqual(verifiers);
  });

  test('sets the password of the secret again in a database that came from a snapshot', async () => {
    const world = await World.create('restored');
    await world.setUp();
    const before = world.manager.at('application');
    await server.asSuperuser('postgres', 'ALTER ROLE restored_a PASSWORD \'old\'', 'ALTER ROLE restored_owner PASSWORD \'old\'');
    await world.setUp();

    expect(world.manager.at('application')).toEqual(before);
    await world.as('application', 'SELECT 1');
    await world.as('owner', 'SELECT 1');
  });

  test('finds the login again when a template has put the placeholder over it', async () => {
    const world = await World.create('overwritten');
    await world.setUp();
    const before = world.manager.at('application');
    await world.manager.send(new (class PutSecretValueCommand { input = { SecretId: 'application', SecretString: PLACEHOLDER }; })());
    await world.setUp();

    expect(world.manager.at('application')).toEqual(before);
  });

  test('beside another one waits for it', async () => {
    const world = await World.create('twice');
    await world.setUp();
    await Promise.all([world.setUp(), world.setUp(), world.setUp()]);
    await world.as('application', 'SELECT 1');
  });
});

describe('what goes wrong says what to do', () => {
  test('a wrong master password names the secret and no password', async () => {
    const world = await World.create('wrongmaster');
    world.manager.create('master', JSON.stringify({ username: 'master', password: 'hunter2' }));
    const failure = await world.setUp().catch((error: Error) => error.message);

    expect(failure).toMatch(/does not accept the password of 'master' \(28P01\).*master secret master: check that/);
    expect(failure).not.toContain('hunter2');
    expect(world.manager.writes).toEqual([]);
  });

  test('a master password that RDS is just rotating is read again', async () => {
    const world = await World.create('rotatingmaster');
    world.manager.create('master', JSON.stringify({ username: 'master', password: 'old' }));
    const done = world.setUp();
    setTimeout(() => world.manager.create('master', JSON.stringify({ username: 'master', password: 'master' })), 10);
    await done;
  });

  test('an empty master secret is refused', async () => {
    const world = await World.create('emptymaster');
    world.manager.create('master', 'not json');
    await expect(world.setUp()).rejects.toThrow(/master secret master holds no username and password/);
  });

  test('an unreachable database points at security group and subnets', async () => {
    const world = await World.create('unreachable');
    world.settings = { ...world.settings, database: { ...world.settings.database, port: '1' } };
    await expect(world.setUp()).rejects.toThrow(/127.0.0.1:1 does not answer \(ECONNREFUSED.*security group.*subnets/);
  });

  test('a database that does not exist is named', async () => {
    await server.createDatabase('somewhere');
    const world = await World.create('nowhere', { database: false });
    await expect(world.setUp()).rejects.toThrow(/has no database 'nowhere': set databaseName/);
  });

  test('a server without TLS is refused', async () => {
    const world = await World.create('plaintext');
    world.settings = { ...world.settings, tls: true };
    await expect(world.setUp()).rejects.toThrow(/the TLS connection to 127.0.0.1:\d+ failed: The server does not support SSL/);
  });

  test('a role of that name with dangerous rights is refused, and nothing is half made', async () => {
    const world = await World.create('danger');
    await server.asSuperuser('postgres', 'CREATE ROLE danger_a LOGIN CREATEROLE');
    await expect(world.setUp()).rejects.toThrow(/role 'danger_a' exists already and may create roles/);
    expect(await world.verifiers()).toEqual([{ rolname: 'danger_a', rolpassword: null }]);
  });

  test('a role of that name that the master may not manage is refused', async () => {
    const world = await World.create('foreign');
    await server.asSuperuser('postgres', 'CREATE ROLE foreign_owner NOLOGIN');
    await expect(world.setUp()).rejects.toThrow(/the master may not set up the roles of 'foreign': permission denied.*CREATEROLE/);
  });

  test('a schema public that the master has no hand in is refused', async () => {
    const world = await World.create('closed');
    await server.asSuperuser('closed', 'ALTER SCHEMA public OWNER TO superuser');
    await expect(world.setUp()).rejects.toThrow(/schema 'public' belongs to 'superuser'/);
  });
});

describe('an existing database', () => {
  test('hands what the master made to the owner and opens it to the application', async () => {
    const world = await World.create('existing');
    await server.run('master', 'master', 'existing',
      'CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, note text)', 'CREATE SEQUENCE tickets', 'CREATE VIEW notes AS SELECT note FROM orders',
      'CREATE DOMAIN short AS varchar(10)', 'CREATE FUNCTION one() RETURNS int LANGUAGE sql AS \'SELECT 1\'', 'CREATE SCHEMA extra', 'CREATE TABLE extra."Odd name" (id int)');
    await world.setUp();

    expect(await world.as('application', 'INSERT INTO orders (note) VALUES (\'x\')', 'INSERT INTO extra."Odd name" VALUES (1)',
      'SELECT nextval(\'tickets\')::int AS ticket, note, one() FROM notes')).toEqual([{ ticket: 1, note: 'x', one: 1 }]);
    await world.as('owner', 'ALTER TABLE orders ADD paid boolean', 'DROP VIEW notes', 'DROP FUNCTION one()', 'DROP DOMAIN short', 'DROP SEQUENCE tickets', 'DROP SCHEMA extra CASCADE');
  });

  test('leaves tables of strangers alone', async () => {
    const world = await World.create('mixed');
    await server.asSuperuser('mixed', 'CREATE TABLE theirs (id int)');
    await world.setUp();

    await expect(world.as('application', 'SELECT * FROM theirs')).rejects.toThrow(/permission denied/);
  });

  test('takes roles that are there already', async () => {
    const world = await World.create('known');
    await server.run('master', 'master', 'known', 'CREATE ROLE known_owner NOLOGIN', 'CREATE ROLE known_access LOGIN', 'CREATE ROLE known_a LOGIN PASSWORD \'x\'');
    await world.setUp();

    await world.as('owner', 'CREATE TABLE t (id int)');
    await world.as('application', 'SELECT * FROM t');
    expect(world.manager.at('application').username).toBe('known_a');
  });

  test('keeps off a role that another stack\'s tasks are using', async () => {
    const world = await World.create('shared');
    await server.run('master', 'master', 'shared', 'CREATE ROLE shared_a LOGIN PASSWORD \'x\'', 'CREATE ROLE shared_b LOGIN PASSWORD \'x\'');
    const others = await server.connect('shared_a', 'x', 'shared');
    await world.setUp();
    expect(world.manager.at('application').username).toBe('shared_b');

    const rival = await World.create('shared', { database: false });
    const more = await world.login();
    await expect(rival.setUp()).rejects.toThrow(/shared_a and shared_b exist already and both have open sessions/);
    await Promise.all([others.end(), more]);
    await world.logout();
  });
});

describe('rotation', () => {
  test('under open connections cuts nobody off: neither open sessions nor new ones with the password before', async () => {
    const world = await World.create('rotated');
    await world.setUp();
    const before = world.manager.at('application');
    const open = await world.login();
    await world.rotate();

    const after = world.manager.at('application');
    expect([before.username, after.username]).toEqual(['rotated_a', 'rotated_b']);
    expect(after.password).not.toBe(before.password);
    expect((await open.query('SELECT current_user')).rows).toEqual([{ current_user: 'rotated_a' }]);
    await (await world.login(before)).query('SELECT 1');
    await (await world.login(after)).query('SELECT 1');
    await world.logout();
  });

  test('leaves a role with open sessions alone until its last task has gone', async () => {
    const world = await World.create('busy');
    await world.setUp();
    const before = world.manager.at('application');
    await world.login();
    await world.rotate();
    const token = randomUUID();
    await world.step('createSecret', token);

    await expect(world.step('setSecret', token)).rejects.toThrow(/'busy_a' still has 1 open session.*Restart these tasks/);
    await world.login(before);
    expect(world.manager.at('application').username).toBe('busy_b');
    await world.logout();
    for (const step of STEPS) await world.step(step, token);
    expect(world.manager.at('application').username).toBe('busy_a');
    await expect(world.login(before)).rejects.toThrow(/password authentication failed/);
    await world.as('application', 'SELECT 1');
  });

  test.each([0, 1, 2, 3])('that stopped after step %i goes on from there, and from the beginning', async stopped => {
    const world = await World.create(`half${stopped}`);
    await world.setUp();
    const token = randomUUID();
    for (const step of STEPS.slice(0, stopped + 1)) await world.step(step, token);
    const pending = world.manager.at('application', stopped === 3 ? 'AWSCURRENT' : 'AWSPENDING');
    for (const step of STEPS) await world.step(step, token);

    expect(world.manager.at('application')).toEqual(pending);
    expect(world.manager.versionAt('application', 'AWSCURRENT')).toBe(token);
    expect(world.manager.at('application', 'AWSPREVIOUS').username).toBe(`half${stopped}_a`);
    await world.as('application', 'SELECT 1');
  });

  test('of the owner keeps the role, waits for a running migration and then changes the password', async () => {
    const world = await World.create('owned');
    await world.setUp();
    const before = world.manager.at('owner');
    await world.login(before);
    await expect(world.rotate('owner')).rejects.toThrow(/'owned_owner' still has 1 open session/);
    await world.logout();
    await world.rotate('owner');

    const after = world.manager.at('owner');
    expect(after.username).toBe(before.username);
    await expect(world.login(before)).rejects.toThrow(/password authentication failed/);
    await world.as('owner', 'CREATE TABLE t (id int)');
  });

  test('is tried out with testSecret alone when its schedule is made', async () => {
    const world = await World.create('tried');
    await world.setUp();
    const token = world.manager.versionAt('application', 'AWSCURRENT')!;
    await world.step('testSecret', token);
  });

  test('takes an address that changed half-way', async () => {
    const world = await World.create('halfmoved');
    await world.setUp();
    const token = randomUUID();
    for (const step of STEPS.slice(0, 3)) await world.step(step, token);
    world.settings = { ...world.settings, database: { ...world.settings.database, host: 'localhost' } };
    await world.step('finishSecret', token);

    expect(world.manager.at('application')).toMatchObject({ username: 'halfmoved_b', host: 'localhost' });
    expect(world.manager.at('application', 'AWSPREVIOUS').username).toBe('halfmoved_a');
  });

  test('refuses what it does not know', async () => {
    const world = await World.create('unknown');
    await expect(world.step('createSecret', 'token')).rejects.toThrow(/holds no login yet/);
    await expect(world.step('setSecret', 'token')).rejects.toThrow(/has no pending version token/);
    await expect(world.step('testSecret', 'token')).rejects.toThrow(/has no pending version token/);
    await expect(world.step('createSecret', 'token', 'master')).rejects.toThrow(/does not rotate the secret master/);
    await expect(world.step('dance', 'token')).rejects.toThrow(/no rotation step 'dance'/);
    await expect(world.step('finishSecret', 'token')).rejects.toThrow(/refused the secret application: .*there is no version token/);
  });

  test('notices a pending password that the database does not have', async () => {
    const world = await World.create('untested');
    await world.setUp();
    const token = randomUUID();
    await world.step('createSecret', token);
    await expect(world.step('testSecret', token)).rejects.toThrow(/does not accept the new password of 'untested_b'/);
  });
});

describe('with a proxy', () => {
  test('the application goes to the proxy, migrations to the database, and the proxy knows both logins', async () => {
    const world = await World.create('proxied');
    world.turnProxyOn();
    await world.setUp();

    expect(world.manager.at('application').host).toBe('localhost');
    expect(world.manager.at('owner').host).toBe('127.0.0.1');
    expect(world.manager.at('proxy-a')).toEqual({ username: 'proxied_a', password: world.manager.at('application').password });
    for (const login of ['proxy-a', 'proxy-b']) await world.as(login, 'SELECT 1');
  });

  test('the proxy\'s copies stay equal to the passwords through rotations and runs', async () => {
    const world = await World.create('equal');
    world.turnProxyOn();
    await world.setUp();
    for (const copy of ['proxy-b', 'proxy-a', 'proxy-b']) {
      await world.rotate();
      const { username, password } = world.manager.at('application');
      expect(world.manager.at(copy)).toEqual({ username, password });
      for (const login of ['proxy-a', 'proxy-b']) await world.as(login, 'SELECT 1');
    }
    world.manager.writes.length = 0;
    await world.setUp();
    expect(world.manager.writes).toEqual([]);
  });

  test('turned on later, the passwords that running tasks hold survive', async () => {
    const world = await World.create('latecomer');
    await world.setUp();
    await world.rotate();
    const [current, previous] = [world.manager.at('application'), world.manager.at('application', 'AWSPREVIOUS')];
    const verifiers = await world.verifiers();
    world.turnProxyOn();
    await world.setUp();

    expect(world.manager.at('proxy-b').password).toBe(current.password);
    expect(world.manager.at('proxy-a').password).toBe(previous.password);
    expect(world.manager.at('application')).toMatchObject({ host: 'localhost', password: current.password });
    expect(world.manager.at('application', 'AWSPREVIOUS').username).toBe(previous.username);
    expect(await world.verifiers()).toEqual(verifiers);
  });

  test('a role in use whose password nobody knows is left as it is', async () => {
    const world = await World.create('stranger');
    await world.setUp();
    await server.asSuperuser('postgres', 'ALTER ROLE stranger_b PASSWORD \'x\'');
    const session = await server.connect('stranger_b', 'x', 'stranger');
    world.turnProxyOn();
    await world.setUp();

    expect(world.manager.at('proxy-b')).toEqual({ placeholder: 'x' });
    await (await server.connect('stranger_b', 'x', 'stranger')).end();
    await session.end();
  });

  test('a new password that the proxy does not take fails the rotation before it counts', async () => {
    const world = await World.create('refused');
    world.turnProxyOn();
    await world.setUp();
    const other = await PostgresServer.start();
    const proxy = world.settings.proxy!;
    world.settings = { ...world.settings, proxy: { ...proxy, address: { ...proxy.address, port: String(other.port) } } };

    await expect(world.rotate()).rejects.toThrow(/the proxy does not accept the new password of 'refused_b'/);
    expect(world.manager.at('application').username).toBe('refused_a');
    await other.stop();
  }, 60_000);
});
