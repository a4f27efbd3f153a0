import { accepts, withMaster } from './credentials-session';
import { applicationAddress, CredentialsSettings } from './credentials-settings';
import { LoginRoles } from './login-roles';
import { Address, generatePassword, Login, loginFields, parseFields, parseLogin } from './login-secret';
import { SecretVersions } from './secret-versions';

/**
 * Makes roles, rights and secrets what they should be. It may run any number of times:
 * a password that works is never changed, only the address beside it.
 */
export async function setUpCredentials(settings: CredentialsSettings, secrets: SecretVersions): Promise<void> {
  await withMaster(settings, secrets, settings.patience, async roles => {
    await roles.prepare();
    const setup = new Setup(settings, secrets, roles);
    await setup.owner();
    await setup.application();
    await setup.proxyLogins();
  });
}

/** Rewrites the address in a secret if it is an old one; nothing else. */
export async function refreshAddress(secrets: SecretVersions, secretId: string, login: Login, address: Address): Promise<void> {
  const value = await secrets.read(secretId, 'AWSCURRENT');
  const fields = parseFields(value);
  const wanted = loginFields(login, address);
  if (Object.entries(wanted).every(([key, field]) => fields[key] === field)) return;
  // Fields that a team added to the secret stay; the placeholder that the stack created goes.
  const kept = parseLogin(value) ? fields : {};
  await secrets.replaceCurrent(secretId, JSON.stringify({ ...kept, ...wanted }));
}

class Setup {
  constructor(
    private readonly settings: CredentialsSettings,
    private readonly secrets: SecretVersions,
    private readonly roles: LoginRoles,
  ) {}

  public async owner(): Promise<void> {
    const { ownerSecretId, database } = this.settings;
    const { owner } = this.roles.names;
    await this.ensureLogin(ownerSecretId, [owner], async () => owner, database);
  }

  public async application(): Promise<void> {
    const { logins } = this.roles.names;
    await this.ensureLogin(this.settings.applicationSecretId, logins, () => this.freeRole(), applicationAddress(this.settings));
  }

  /** Gives the proxy the passwords that work; one that it does not know yet is set only if nobody uses the role. */
  public async proxyLogins(): Promise<void> {
    const { proxy } = this.settings;
    if (!proxy) return;
    for (const [index, secretId] of proxy.loginSecretIds.entries()) {
      const username = this.roles.names.logins[index];
      const login = await this.workingLogin(username, secretId) ?? await this.freshLogin(username, secretId);
      if (login) await writeProxyLogin(this.secrets, secretId, login);
    }
  }

  /** The secret is written before the database: whatever fails in between, the next run finds the password and sets it. */
  private async ensureLogin(
    secretId: string, usernames: readonly string[], choose: () => Promise<string>, address: Address,
  ): Promise<void> {
    const known = await this.knownLogin(secretId, usernames);
    const login = known ?? { username: await choose(), password: generatePassword() };
    await refreshAddress(this.secrets, secretId, login, address);
    if (!await this.works(login)) await this.roles.changePassword(login);
  }

  private async knownLogin(secretId: string, usernames: readonly string[]): Promise<Login | undefined> {
    // Should a template ever put the placeholder back, the version before it still holds the login.
    for (const stage of ['AWSCURRENT', 'AWSPREVIOUS'] as const) {
      const login = parseLogin(await this.secrets.read(secretId, stage));
      if (login && usernames.includes(login.username)) return login;
    }
    return undefined;
  }

  /** The first role without sessions: in a database that was there before, another stack's tasks may use one. */
  private async freeRole(): Promise<string> {
    const { logins } = this.roles.names;
    for (const role of logins) {
      if (await this.roles.sessions(role) === 0) return role;
    }
    throw new Error(`the roles ${logins.join(' and ')} exist already and both have open sessions: `
      + 'stop what uses one of them, or give this stack a database of its own.');
  }

  private async workingLogin(username: string, proxySecretId: string): Promise<Login | undefined> {
    const { applicationSecretId } = this.settings;
    const candidates = [
      await this.secrets.read(applicationSecretId, 'AWSCURRENT'),
      await this.secrets.read(applicationSecretId, 'AWSPREVIOUS'),
      await this.secrets.read(applicationSecretId, 'AWSPENDING'),
      await this.secrets.read(proxySecretId, 'AWSCURRENT'),
    ];
    for (const candidate of candidates) {
      const login = parseLogin(candidate);
      if (login?.username === username && await this.works(login)) return login;
    }
    return undefined;
  }

  private async freshLogin(username: string, proxySecretId: string): Promise<Login | undefined> {
    if (await this.roles.sessions(username) > 0) return undefined;
    const login = { username, password: generatePassword() };
    await writeProxyLogin(this.secrets, proxySecretId, login);
    await this.roles.changePassword(login);
    return login;
  }

  private works(login: Login): Promise<boolean> {
    return accepts(this.settings, this.settings.database, login, this.settings.patience);
  }
}

/** Keeps the proxy's copy of a login equal to the login. */
export async function writeProxyLogin(secrets: SecretVersions, secretId: string, login: Login): Promise<void> {
  const known = parseLogin(await secrets.read(secretId, 'AWSCURRENT'));
  if (known?.username === login.username && known.password === login.password) return;
  await secrets.replaceCurrent(secretId, JSON.stringify({ username: login.username, password: login.password }));
}
