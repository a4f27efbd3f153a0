import { randomUUID } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Client } from 'pg';
import { Authority, createAuthority } from './authority';
import { OpenSearchServer } from './open-search';
import { PostgresServer } from './postgres';
import { removeTemporaryDirectory, temporaryDirectory } from './process';
import { pythonEnvironment } from './python';
import { LoginRoles } from '../../src/database/login-roles';
import { AccessLevel } from '../../src/search/administrator/access';
import { IndexDefinition } from '../../src/search/administrator/indexes';
import { administer } from '../../src/search/administrator/requests';
import { indexChanges, Message } from '../../src/search/ingestion/index-changes';
import { OUTBOX_SQL } from '../../src/search/ingestion/outbox-sql';
import { reindex, ReindexAnswer, ReindexCommand, ReindexSettings } from '../../src/search/ingestion/reindex';
import { relay } from '../../src/search/ingestion/relay';
import { OpenSearch } from '../../src/search/open-search';

const role = (name: string) => `arn:aws:iam::111111111111:role/${name}`;
const ADMINISTRATOR = role('administrator');
const DATABASE = 'arcade';
const PASSWORD = 'only-here';

/** A team's own migration: a table, another one that documents are made of too, and the view that says what a document is. */
const MIGRATION = `
CREATE TABLE platforms (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE games (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL, year text, platform_id int REFERENCES platforms, owner_email text
);
CREATE VIEW search.games AS
  SELECT g.id, jsonb_build_object('title', g.title, 'year', g.year, 'platform', p.name) || jsonb_build_object(
    'fails', 1 / CASE g.title WHEN 'unspeakable' THEN 0 ELSE 1 END) - 'fails' AS document
  FROM games g LEFT JOIN platforms p ON p.id = g.platform_id
  WHERE g.title <> 'hidden';
SELECT search.watch('games', 'games', 'id');
CREATE FUNCTION touch_games() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO search.outbox (index_name, document_id) SELECT 'games', id::text FROM games WHERE platform_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER touch_games AFTER UPDATE ON platforms FOR EACH ROW EXECUTE FUNCTION touch_games();
`;

export const GAMES: IndexDefinition = {
  name: 'games',
  mappings: { properties: { title: { type: 'text' }, year: { type: 'integer' }, platform: { type: 'keyword' } } },
  settings: {},
};

/** As much of a queue as matters: messages come again until they are done, and after five times go aside. */
export class Queue {
  public readonly deadLetters: Message[] = [];
  private waiting: { message: Message; received: number }[] = [];

  public add(bodies: readonly string[]): void {
    this.waiting.push(...bodies.map(body => ({ message: { messageId: randomUUID(), body }, received: 0 })));
  }

  public get length(): number {
    return this.waiting.length;
  }

  /** Hands over one batch; what fails comes again. */
  public async deliver(work: (messages: Message[]) => Promise<string[]>, size = 500): Promise<void> {
    const batch = this.waiting.splice(0, size).map(({ message, received }) => ({ message, received: received + 1 }));
    const all = batch.map(({ message }) => message.messageId);
    const failed = new Set(await work(batch.map(({ message }) => message)).catch(() => all));
    for (const { message, received } of batch.filter(each => failed.has(each.message.messageId))) {
      if (received >= 5) this.deadLetters.push(message);
      else this.waiting.push({ message, received });
    }
  }

  public redrive(): void {
    this.waiting.push(...this.deadLetters.splice(0).map(message => ({ message, received: 0 })));
  }
}

/** A PostgreSQL with the library's own roles, an OpenSearch with the library's own grants, and a queue between them. */
export class SearchWorld {
  public static async start(): Promise<SearchWorld> {
    const directory = temporaryDirectory(os.tmpdir(), 'search');
    const authority = await createAuthority(directory, await pythonEnvironment('emulator', 'integ/emulator/requirements.txt'));
    const [postgres, openSearch] = await Promise.all([
      PostgresServer.start(await newDirectory(directory, 'postgres'), authority),
      OpenSearchServer.start(await newDirectory(directory, 'opensearch'), authority, ADMINISTRATOR),
    ]);
    const world = new SearchWorld(directory, authority, postgres, openSearch);
    await world.setUpDatabase();
    return world;
  }

  public readonly queue = new Queue();
  private readonly sessions: Client[] = [];
  private workerSession?: Promise<Client>;

  private constructor(
    private readonly directory: string, private readonly authority: Authority,
    private readonly postgres: PostgresServer, public readonly server: OpenSearchServer,
  ) {}

  public async stop(): Promise<void> {
    await Promise.all(this.sessions.map(session => session.end()));
    await Promise.all([this.postgres.stop(), this.server.stop()]);
    removeTemporaryDirectory(this.directory);
  }

  /** A session of one of the library's roles: the application's, unless said otherwise. */
  public async session(user = `${DATABASE}_a`): Promise<Client> {
    const ssl = { ca: fs.readFileSync(this.authority.certificate, 'utf8') };
    const client = new Client({ host: '127.0.0.1', port: this.postgres.port, user, password: PASSWORD, database: DATABASE, ssl });
    await client.connect();
    this.sessions.push(client);
    return client;
  }

  /** The domain, asked under an IAM role. */
  public as(roleName: string): OpenSearch {
    return OpenSearch.fromEnvironment(this.server.endpoint, this.server.environment(role(roleName)), 20_000);
  }

  public administrator(): OpenSearch {
    return this.as('administrator');
  }

  /** What CloudFormation asks of the administrator. */
  public async deploy(RequestType: 'Create' | 'Update' | 'Delete', ResourceType: string, properties: object, openSearch = this.administrator()): Promise<string> {
    const request = {
      RequestType,
      ResourceType,
      ResponseURL: '',
      StackId: '',
      RequestId: '',
      LogicalResourceId: '',
      ...RequestType === 'Create' ? {} : { PhysicalResourceId: (properties as { Name?: string }).Name ?? 'indexes' },
      ResourceProperties: properties as never,
    };
    return administer(request, openSearch, { milliseconds: 2_000, pause: 200 });
  }

  public deployIndexes(RequestType: 'Create' | 'Update' | 'Delete', definitions: readonly IndexDefinition[], replicas = 0): Promise<string> {
    return this.deploy(RequestType, 'Custom::SearchIndexes', { Indexes: JSON.stringify(definitions), Replicas: String(replicas) });
  }

  public access(RequestType: 'Create' | 'Delete', roleName: string, level: AccessLevel): Promise<string> {
    const properties = { Name: `${roleName}-${level}`, RoleArn: role(roleName), Level: level, Patterns: ['games', 'games-*'] };
    return this.deploy(RequestType, 'Custom::SearchAccess', properties);
  }

  /** The relay, once. */
  public async relay(send = async (messages: readonly string[]) => this.queue.add(messages)): Promise<number> {
    return relay(await this.worker(), send, { pause: 0, until: Date.now() + 60_000 });
  }

  /** One batch of the indexer. */
  public async index(messages: readonly Message[]): Promise<string[]> {
    return indexChanges(messages, { database: await this.worker(), openSearch: this.as('ingestion') });
  }

  /** Relay and indexer, until nothing is left to do. */
  public async settle(): Promise<void> {
    await this.relay();
    while (this.queue.length > 0) await this.queue.deliver(messages => this.index(messages));
  }

  public async reindex(command: ReindexCommand, settings: Partial<ReindexSettings> = {}, openSearch = this.as('ingestion')): Promise<ReindexAnswer> {
    return reindex(command, { database: await this.worker(), openSearch }, { until: Date.now() + 600_000, grace: 200, ...settings });
  }

  /** What searches find, by title. */
  public async found(): Promise<{ [title: string]: { year?: unknown; platform?: unknown } }> {
    await this.administrator().send('POST', '/games/_refresh');
    type Answer = { readonly hits: { readonly hits: { readonly _source: { readonly title: string; readonly year?: unknown } }[] } };
    const { hits } = await this.as('ingestion').send<Answer>('POST', '/games/_search', { size: 1000, query: { match_all: {} } });
    return Object.fromEntries(hits.hits.map(({ _source: { title, ...rest } }) => [title, rest]));
  }

  public async count(openSearch = this.as('ingestion')): Promise<number> {
    return (await openSearch.send<{ count: number }>('POST', '/games/_count', { query: { match_all: {} } })).count;
  }

  private worker(): Promise<Client> {
    return this.workerSession ??= this.session();
  }

  private async setUpDatabase(): Promise<void> {
    await this.postgres.setMaster({ username: 'master', password: PASSWORD, database: DATABASE });
    const master = await this.session('master');
    const roles = new LoginRoles(master, DATABASE);
    await roles.prepare();
    for (const username of [roles.names.owner, ...roles.names.logins]) await roles.changePassword({ username, password: PASSWORD });
    const owner = await this.session(roles.names.owner);
    await owner.query(OUTBOX_SQL);
    // A migration tool may run it again.
    await owner.query(OUTBOX_SQL);
    await owner.query(MIGRATION);
  }
}

async function newDirectory(parent: string, name: string): Promise<string> {
  const directory = path.join(parent, name);
  fs.mkdirSync(directory, { mode: 0o755 });
  return directory;
}
