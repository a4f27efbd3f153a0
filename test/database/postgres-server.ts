import { ChildProcess, fork } from 'child_process';
import { once } from 'events';
import { join } from 'path';
import { Client } from 'pg';

/** A real PostgreSQL 17 on 127.0.0.1, shared by the tests of a file. */
export class PostgresServer {
  public static async start(): Promise<PostgresServer> {
    const child = fork(join(__dirname, 'start-postgres.mjs'), { execArgv: [], stdio: 'ignore' });
    const [message] = await once(child, 'message') as [{ port?: number; error?: string }];
    if (message.port === undefined) throw new Error(`PostgreSQL did not start: ${message.error}`);
    return new PostgresServer(child, message.port);
  }

  private constructor(private readonly child: ChildProcess, public readonly port: number) {}

  public async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  /** What the server has logged so far, every statement included. */
  public async log(): Promise<string> {
    const answer = once(this.child, 'message') as Promise<[{ log: string }]>;
    this.child.send('log');
    return (await answer)[0].log;
  }

  public async connect(user: string, password: string, database: string): Promise<Client> {
    const client = new Client({ host: '127.0.0.1', port: this.port, user, password, database });
    await client.connect();
    return client;
  }

  /** Runs statements in a session of its own and gives the rows of the last. */
  public async run(user: string, password: string, database: string, ...statements: string[]): Promise<{ [key: string]: unknown }[]> {
    const client = await this.connect(user, password, database);
    try {
      let rows: { [key: string]: unknown }[] = [];
      for (const statement of statements) rows = (await client.query(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  }

  public asSuperuser(database: string, ...statements: string[]): Promise<{ [key: string]: unknown }[]> {
    return this.run('superuser', 'superuser', database, ...statements);
  }

  /** A database that belongs to a master as RDS makes it: no superuser, but one that may create roles and databases. */
  public async createDatabase(name: string, master = 'master'): Promise<void> {
    const [existing] = await this.asSuperuser('postgres', `SELECT 1 FROM pg_roles WHERE rolname = '${master}'`);
    if (!existing) await this.asSuperuser('postgres', `CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB PASSWORD '${master}'`);
    await this.asSuperuser('postgres', `CREATE DATABASE "${name}" OWNER ${master}`);
  }
}
