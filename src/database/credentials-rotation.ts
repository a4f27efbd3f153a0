import { setTimeout } from 'timers/promises';
import { accepts, withMaster } from './credentials-session';
import { applicationAddress, CredentialsSettings } from './credentials-settings';
import { refreshAddress, writeProxyLogin } from './credentials-setup';
import { roleNames } from './login-roles';
import { Address, generatePassword, Login, loginFields, parseFields, parseLogin } from './login-secret';
import { SecretVersions } from './secret-versions';

/** What Secrets Manager asks a rotation function. */
export interface RotationRequest {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

/** A rotation step that fails is tried again by Secrets Manager, so none waits long. */
const STEP_PATIENCE = 20_000;
/** The proxy notices a changed secret only after a login with the old one has failed. */
const PROXY_TRIES = 6;

/**
 * One step of a rotation. Each may run again, and a rotation that stopped half-way goes on from any of them.
 *
 * The application's secret changes to its other role, so the password that running tasks hold goes on working;
 * and a role with open sessions never gets a new password, so it does so until its last task has gone.
 */
export async function rotate(request: RotationRequest, settings: CredentialsSettings, secrets: SecretVersions): Promise<void> {
  const rotation = new Rotation(request, settings, secrets);
  switch (request.Step) {
    case 'createSecret': return rotation.createSecret();
    case 'setSecret': return rotation.setSecret();
    case 'testSecret': return rotation.testSecret();
    case 'finishSecret': return rotation.finishSecret();
    default: throw new Error(`there is no rotation step '${request.Step}'.`);
  }
}

class Rotation {
  private readonly secretId: string;
  private readonly token: string;
  private readonly isOwner: boolean;
  private readonly address: Address;

  constructor(request: RotationRequest, private readonly settings: CredentialsSettings, private readonly secrets: SecretVersions) {
    this.secretId = request.SecretId;
    this.token = request.ClientRequestToken;
    this.isOwner = this.secretId === settings.ownerSecretId;
    if (!this.isOwner && this.secretId !== settings.applicationSecretId) {
      throw new Error(`this function does not rotate the secret ${this.secretId}.`);
    }
    this.address = this.isOwner ? settings.database : applicationAddress(settings);
  }

  public async createSecret(): Promise<void> {
    if (parseLogin(await this.secrets.read(this.secretId, 'AWSPENDING', this.token))) return;
    if (await this.isFinished()) return;
    const value = await this.secrets.read(this.secretId, 'AWSCURRENT');
    const current = parseLogin(value);
    if (!current) throw new Error(`the secret ${this.secretId} holds no login yet: deploy the stack's credentials first.`);
    const login: Login = { username: this.nextRole(current.username), password: generatePassword() };
    const next = { ...parseFields(value), ...loginFields(login, this.address) };
    await this.secrets.putPending(this.secretId, this.token, JSON.stringify(next));
  }

  public async setSecret(): Promise<void> {
    const pending = await this.pending();
    if (!pending) return;
    if (!await accepts(this.settings, this.settings.database, pending, STEP_PATIENCE)) {
      await withMaster(this.settings, this.secrets, STEP_PATIENCE, async roles => {
        const sessions = await roles.sessions(pending.username);
        if (sessions > 0) {
          throw new Error(`'${pending.username}' still has ${sessions} open session(s): a task that started before the last rotation uses its `
            + 'password. Restart these tasks (a new deployment does), and the rotation goes on by itself when it is tried again.');
        }
        await roles.changePassword(pending);
      });
    }
    const proxySecretId = this.proxySecretOf(pending.username);
    if (proxySecretId) await writeProxyLogin(this.secrets, proxySecretId, pending);
  }

  public async testSecret(): Promise<void> {
    // A rotation schedule is tried out with this step alone, on a copy of the current value.
    const login = await this.pending() ?? parseLogin(await this.secrets.read(this.secretId, 'AWSCURRENT'));
    if (!login) throw new Error(`the secret ${this.secretId} holds no login.`);
    if (!await accepts(this.settings, this.settings.database, login, STEP_PATIENCE)) {
      throw new Error(`the database does not accept the new password of '${login.username}'.`);
    }
    if (this.isOwner || !this.settings.proxy) return;
    for (let attempt = 1; !await accepts(this.settings, this.settings.proxy.address, login, STEP_PATIENCE); attempt++) {
      if (attempt === PROXY_TRIES) throw new Error(`the proxy does not accept the new password of '${login.username}'.`);
      await setTimeout(this.settings.pause);
    }
  }

  public async finishSecret(): Promise<void> {
    await this.secrets.promote(this.secretId, this.token);
    // The address may have changed since createSecret, when a proxy was turned on in between.
    const login = parseLogin(await this.secrets.read(this.secretId, 'AWSCURRENT'));
    if (login) await refreshAddress(this.secrets, this.secretId, login, this.address);
  }

  private async pending(): Promise<Login | undefined> {
    const login = parseLogin(await this.secrets.read(this.secretId, 'AWSPENDING', this.token));
    if (login || await this.isFinished()) return login;
    throw new Error(`the secret ${this.secretId} has no pending version ${this.token}.`);
  }

  private async isFinished(): Promise<boolean> {
    return await this.secrets.versionAt(this.secretId, 'AWSCURRENT') === this.token;
  }

  /** The owner keeps its one role: migrations read the secret when they start, and none is cut off (see `setSecret`). */
  private nextRole(current: string): string {
    if (this.isOwner) return current;
    const [first, second] = roleNames(this.settings.database.dbname).logins;
    return current === first ? second : first;
  }

  private proxySecretOf(username: string): string | undefined {
    const index = roleNames(this.settings.database.dbname).logins.indexOf(username);
    return this.settings.proxy?.loginSecretIds[index];
  }
}
