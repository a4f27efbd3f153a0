/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { setTimeout } from 'timers/promises';
import { Client } from 'pg';
import { connectOptions, CredentialsSettings } from './credentials-settings';
import { connect, ConnectionRefused, Refusal } from './database-connection';
import { LoginRoles } from './login-roles';
import { Address, Login, parseLogin } from './login-secret';
import { SecretVersions } from './secret-versions';

const MASTER_TRIES = 3;

/** Runs a task with the master's session, which ends with it. */
export async function withMaster<T>(
  settings: CredentialsSettings, secrets: SecretVersions, patience: number, task: (roles: LoginRoles) => Promise<T>,
): Promise<T> {
  const master = await connectAsMaster(settings, secrets, patience);
  try {
    return await task(new LoginRoles(master, settings.database.dbname));
  } finally {
    await master.end().catch(() => undefined);
  }
}

async function connectAsMaster(settings: CredentialsSettings, secrets: SecretVersions, patience: number): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    const login = parseLogin(await secrets.read(settings.masterSecretId, 'AWSCURRENT'));
    if (!login) throw new Error(`the master secret ${settings.masterSecretId} holds no username and password.`);
    try {
      return await connect(settings.database, login, connectOptions(settings, patience));
    } catch (error) {
      if (!(error instanceof ConnectionRefused) || error.refusal !== Refusal.PASSWORD) throw error;
      if (attempt === MASTER_TRIES) {
        throw new Error(`${error.message} It came from the master secret ${settings.masterSecretId}: `
          + 'check that this secret belongs to this database and that nobody changed the password beside it.');
      }
      // RDS may be rotating the master's password just now.
      await setTimeout(settings.pause);
    }
  }
}

/** Whether a database or proxy lets a login in. */
export async function accepts(settings: CredentialsSettings, address: Address, login: Login, patience: number): Promise<boolean> {
  try {
    const client = await connect(address, login, connectOptions(settings, patience));
    try {
      await client.query('SELECT 1');
    } finally {
      await client.end().catch(() => undefined);
    }
    return true;
  } catch (error) {
    if (error instanceof ConnectionRefused && error.refusal === Refusal.PASSWORD) return false;
    throw error;
  }
}
