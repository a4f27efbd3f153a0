import { ConnectOptions } from './database-connection';
import { Address } from './login-secret';

/** What the function is told about the database that it looks after. */
export interface CredentialsSettings {
  readonly database: Address;
  readonly masterSecretId: string;
  readonly ownerSecretId: string;
  readonly applicationSecretId: string;
  /** Nothing if the application connects to the database itself. */
  readonly proxy?: ProxySettings;
  readonly tls: boolean;
  /** How long a creation waits for a database that is not up yet, in milliseconds. */
  readonly patience: number;
  /** Pause between two tries, in milliseconds. */
  readonly pause: number;
}

export interface ProxySettings {
  readonly address: Address;
  /** Secrets from which the proxy takes the passwords of the two login roles, in the roles' order. */
  readonly loginSecretIds: readonly [string, string];
}

/** Reads the settings that the construct gave the function as environment variables. */
export function readSettings(environment: NodeJS.ProcessEnv): CredentialsSettings {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`the environment variable ${name} is missing`);
    return value;
  };
  const dbname = required('DATABASE_NAME');
  const proxyHost = environment.PROXY_HOST;
  return {
    database: { host: required('DATABASE_HOST'), port: required('DATABASE_PORT'), dbname },
    masterSecretId: required('MASTER_SECRET'),
    ownerSecretId: required('OWNER_SECRET'),
    applicationSecretId: required('APPLICATION_SECRET'),
    proxy: proxyHost ? {
      address: { host: proxyHost, port: required('PROXY_PORT'), dbname },
      loginSecretIds: [required('PROXY_LOGIN_A_SECRET'), required('PROXY_LOGIN_B_SECRET')],
    } : undefined,
    // libpq's own switch. The construct never sets it: on AWS the certificate is always verified.
    tls: environment.PGSSLMODE !== 'disable',
    patience: 240_000,
    pause: 5_000,
  };
}

/** Where the application connects to. */
export function applicationAddress(settings: CredentialsSettings): Address {
  return settings.proxy?.address ?? settings.database;
}

export function connectOptions(settings: CredentialsSettings, patience: number): ConnectOptions {
  return { tls: settings.tls, patience, pause: settings.pause };
}
