/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { setTimeout } from 'timers/promises';
import { Client } from 'pg';
import { Address, Login } from './login-secret';

/** Why there is no connection. */
export enum Refusal {
  /** Wrong user or password. */
  PASSWORD = 'password',
  /** Nothing answers, or not yet. */
  UNREACHABLE = 'unreachable',
  /** The server has no database of that name. */
  NO_DATABASE = 'no database',
  /** The server's certificate or TLS itself. */
  TLS = 'tls',
  /** Anything else. */
  OTHER = 'other',
}

/** A connection that was refused. Its message never holds the password. */
export class ConnectionRefused extends Error {
  constructor(public readonly refusal: Refusal, message: string) {
    super(message);
    this.name = 'ConnectionRefused';
  }
}

export interface ConnectOptions {
  /** Whether the connection is encrypted and the server's certificate verified. */
  readonly tls: boolean;
  /** How long a database that does not answer yet is waited for, in milliseconds. */
  readonly patience: number;
  /** Pause between two tries, in milliseconds. */
  readonly pause: number;
  /**
   * Name under which the session shows in `pg_stat_activity`.
   * @default - that of the credentials function, which counts only the others' sessions
   */
  readonly sessionName?: string;
}

/** Name under which this function's own sessions show in `pg_stat_activity`. */
export const SESSION_NAME = 'application-credentials';

/** Opens a session; waits for a server that is not up yet, but never for one that said no. */
export async function connect(address: Address, login: Login, options: ConnectOptions): Promise<Client> {
  const deadline = Date.now() + options.patience;
  for (;;) {
    try {
      return await connectOnce(address, login, options);
    } catch (error) {
      const refused = explain(error as NodeJS.ErrnoException, address, login);
      if (refused.refusal !== Refusal.UNREACHABLE || Date.now() + options.pause > deadline) throw refused;
      await setTimeout(options.pause);
    }
  }
}

async function connectOnce(address: Address, login: Login, { tls, sessionName = SESSION_NAME }: ConnectOptions): Promise<Client> {
  const client = new Client({
    host: address.host,
    port: Number(address.port),
    database: address.dbname,
    user: login.username,
    password: login.password,
    ssl: tls,
    application_name: sessionName,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  // A session that the server ends later must fail the statement in flight, not the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

const PASSWORD_CODES = ['28P01', '28000'];
// Starting up, shutting down, too many connections: each passes by itself.
const PASSING_CODES = ['57P03', '57P01', '57P02', '53300'];
const NETWORK_CODE = /^E[A-Z]+$/;

function explain(error: NodeJS.ErrnoException, address: Address, login: Login): ConnectionRefused {
  const where = `${address.host}:${address.port}`;
  const code = error.code ?? '';
  const said = `${code} ${error.message}`.trim();
  if (PASSWORD_CODES.includes(code)) {
    return new ConnectionRefused(Refusal.PASSWORD, `${where} does not accept the password of '${login.username}' (${code}).`);
  }
  if (code === '3D000') {
    return new ConnectionRefused(Refusal.NO_DATABASE,
      `${where} has no database '${address.dbname}': set databaseName to one that exists there, or create it.`);
  }
  if (!NETWORK_CODE.test(code) && /SSL|TLS|certificate|CERT/.test(said)) {
    return new ConnectionRefused(Refusal.TLS, `the TLS connection to ${where} failed: ${said}.`);
  }
  // Error codes of PostgreSQL have five characters; everything else comes from the network.
  if (PASSING_CODES.includes(code) || NETWORK_CODE.test(code) || !/^[0-9A-Z]{5}$/.test(code)) {
    return new ConnectionRefused(Refusal.UNREACHABLE, `the database at ${where} does not answer (${said}): check that it is running, `
      + 'that its security group lets this function in, and that the subnets of both have routes to each other.');
  }
  return new ConnectionRefused(Refusal.OTHER, `the database at ${where} refused the connection: ${said}.`);
}
