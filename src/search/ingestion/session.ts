/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK; pg is bundled */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Client } from 'pg';
import { connect } from '../../database/database-connection';
import { parseFields, parseLogin } from '../../database/login-secret';
import { SecretVersions } from '../../database/secret-versions';

// Without limits of its own the SDK would wait for an endpoint that the subnets do not reach until the function times out.
const client = new SecretsManagerClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } });

/**
 * Runs a task with a session of the application's login, which ends with it. The secret is read each time, so that a rotated password is never missed.
 */
export async function withDatabase<T>(environment: NodeJS.ProcessEnv, task: (database: Client) => Promise<T>): Promise<T> {
  const value = await new SecretVersions(client).read(environment.DATABASE_SECRET ?? '', 'AWSCURRENT');
  const { host, port, dbname } = parseFields(value);
  const login = parseLogin(value);
  if (!login || !host || !port || !dbname) throw new Error('the database secret has no host, port, dbname, username and password (yet).');
  const address = { host: String(host), port: String(port), dbname: String(dbname) };
  // libpq's own switch. The construct never sets it: on AWS the certificate is always verified.
  const tls = environment.PGSSLMODE !== 'disable';
  const database = await connect(address, login, { tls, patience: 10_000, pause: 1_000, sessionName: 'search-ingestion' });
  try {
    return await task(database);
  } finally {
    await database.end().catch(() => undefined);
  }
}
