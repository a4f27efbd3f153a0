import * as fs from 'fs';
import * as http from 'http';
import * as path from 'path';
import { Authority } from './authority';
import { Deployments } from './deployments';
import type { Emulator } from './emulator';
import { OpenSearchServer } from './open-search';
import { PostgresMaster, PostgresServer } from './postgres';
import { listen } from './process';
import { RedisServer, RedisUser } from './redis';
import { Traffic } from './traffic';

type Server = PostgresServer | RedisServer | Promise<OpenSearchServer>;

/** What the adapter says about a cache. */
interface CacheRequest {
  readonly encrypted: boolean;
  readonly users: readonly RedisUser[];
}

/** What the adapter says about a search domain. */
interface SearchRequest {
  /** ARN of the role that may do everything. */
  readonly masterRole: string;
}

/** What the adapter says about a database. */
interface DatabaseRequest extends PostgresMaster {
  /** Identifier of the database whose data a new one begins with. */
  readonly source?: string;
}

/**
 * What is real behind the emulator: a server for each database and cache, the processes of services, and load balancers. The
 * adapter asks for them:
 *
 * - `PUT /postgres/<id>` with a master, `PUT /redis/<id>` with users: starts it or changes it, answers its port
 * - `PUT /opensearch/<id>` with a master role: starts it, answers its port
 * - `DELETE` of each: stops it and forgets its data
 * - `POST`, `PUT` and `DELETE /deployments/<service>`, `POST /deployment-calls/<action>`: see deployments.ts
 */
export class DataPlane {
  public static async start(directory: string, redisBinary: string, authority: Authority): Promise<DataPlane> {
    const dataPlane = new DataPlane(directory, redisBinary, authority);
    dataPlane.port = await listen(dataPlane.server);
    return dataPlane;
  }

  /** Databases by identifier of the RDS instance or cluster. */
  public readonly databases = new Map<string, PostgresServer>();
  /** Caches by identifier of the replication group or serverless cache. */
  public readonly caches = new Map<string, RedisServer>();
  /** Search domains by name, from when they start. */
  public readonly searches = new Map<string, Promise<OpenSearchServer>>();
  public readonly traffic = new Traffic();
  public readonly deployments = new Deployments(this.traffic);
  public port = 0;
  private readonly server = http.createServer((request, response) => void this.answer(request, response));
  private started = 0;

  private constructor(
    private readonly directory: string,
    private readonly redisBinary: string,
    private readonly authority: Authority,
  ) {}

  /** Services can be deployed from here on. */
  public connect(emulator: Emulator): void {
    this.traffic.connect(emulator);
    this.deployments.connect(emulator);
  }

  public async stop(): Promise<void> {
    this.server.close();
    await this.deployments.stop();
    await Promise.all(this.all().map(stopServer));
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const [, kind, id] = (request.url ?? '').split('/').map(decodeURIComponent);
    try {
      const body = await read(request);
      const answer = kind.startsWith('deployment')
        ? await this.deployments.answer(request.method!, kind, id, body)
        : { host: '127.0.0.1', port: await this.serverPort(request.method!, kind, id, body) };
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(500).end(`${error}`);
    }
  }

  private serverPort(method: string, kind: string, id: string, body: string): Promise<number> {
    const stock = { postgres: this.databases, redis: this.caches, opensearch: this.searches }[kind]!;
    if (method !== 'PUT') return this.remove(stock, id);
    if (kind === 'opensearch') return this.putSearch(id, JSON.parse(body));
    return kind === 'postgres' ? this.putDatabase(id, JSON.parse(body)) : this.putCache(id, JSON.parse(body));
  }

  private async putSearch(id: string, { masterRole }: SearchRequest): Promise<number> {
    const starting = this.searches.get(id) ?? OpenSearchServer.start(this.newDirectory(), this.authority, masterRole);
    this.searches.set(id, starting);
    return (await starting).httpsPort;
  }

  private async putDatabase(id: string, master: DatabaseRequest): Promise<number> {
    let server = this.databases.get(id);
    if (!server) {
      const source = master.source ? this.databases.get(master.source)! : undefined;
      server = source ? await source.restore(this.newDirectory()) : await PostgresServer.start(this.newDirectory(), this.authority);
      this.databases.set(id, server);
    }
    await server.setMaster(master);
    return server.port;
  }

  private async putCache(id: string, request: CacheRequest): Promise<number> {
    let server = this.caches.get(id);
    if (!server) {
      server = await RedisServer.start(this.newDirectory(), this.redisBinary, request.encrypted, this.authority);
      this.caches.set(id, server);
    }
    await server.setUsers(request.users);
    return server.port;
  }

  private all(): Server[] {
    return [...this.databases.values(), ...this.caches.values(), ...this.searches.values()];
  }

  private async remove(servers: Map<string, Server>, id: string): Promise<number> {
    const server = servers.get(id);
    servers.delete(id);
    if (server) await stopServer(server);
    return 0;
  }

  private newDirectory(): string {
    const directory = path.join(this.directory, `server-${++this.started}`);
    fs.mkdirSync(directory, { mode: 0o755 });
    return directory;
  }
}

async function stopServer(server: Server): Promise<void> {
  await (await server).stop();
}

async function read(request: http.IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
  }
  return body;
}
