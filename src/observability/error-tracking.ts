import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EnvironmentProfile } from '../environment';
import { checkGiven, checkKind, checkText } from '../validate';

/** Sentry's own form: a public key, a host and the number of a project. */
const DSN = /^https:\/\/[0-9a-f]+@([a-z0-9.-]+\.[a-z]{2,}(?::\d+)?)\/(?:[^\s/]+\/)*\d+$/i;

/** Options of Sentry. */
export interface SentryOptions {
  /** Secret with the DSN of the services' project. Whoever has it can send errors in their name. */
  readonly serviceDsn: secretsmanager.ISecret;
  /**
   * Field of the secret that has the DSN, where it is JSON.
   * @default - the whole secret
   */
  readonly serviceDsnField?: string;
  /**
   * DSN of the site's own project, such as `https://0123abcd@o1.ingest.sentry.io/42`. Every visitor's browser has it, so it is no secret: take another
   * project than the services', with allowed domains and a rate limit in Sentry.
   * @default - the site sends none
   */
  readonly siteDsn?: string;
  /**
   * Version of the app, such as its commit, by which Sentry tells which release brought an error.
   * @default - none
   */
  readonly release?: string;
  /**
   * What differs between environments; its name is Sentry's environment.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
}

/** Where errors of services and site are collected: variables under the names that Sentry's SDKs read by themselves. */
export class ErrorTracking {
  /** Sentry, or what takes its DSN, such as GlitchTip. */
  public static sentry(options: SentryOptions): ErrorTracking {
    return new ErrorTracking(options);
  }

  /** For `secrets` of services: `SENTRY_DSN`. */
  public readonly secrets: { [name: string]: ecs.Secret };
  /** For `environment` of services: `SENTRY_ENVIRONMENT` and, where it is given, `SENTRY_RELEASE`. */
  public readonly environment: { [name: string]: string };
  /** For the values of the site's `RuntimeConfig`: the public `SENTRY_DSN` and what `environment` has; empty without a `siteDsn`. */
  public readonly siteValues: { [name: string]: string };
  /** For the site's content security policy: where browsers send errors, such as `https://o1.ingest.sentry.io`; undefined without a `siteDsn`. */
  public readonly siteOrigin?: string;

  private constructor(options: SentryOptions) {
    const where = 'ErrorTracking';
    checkGiven(where, 'serviceDsn', options?.serviceDsn, 'a secretsmanager.ISecret');
    checkKind(where, 'serviceDsn', options.serviceDsn, 'secretArn', 'a secretsmanager.ISecret');
    checkText(where, 'serviceDsnField', options.serviceDsnField, /^[^\s:]{1,512}$/, 'the name of a field, without spaces and colons');
    checkText(where, 'siteDsn', options.siteDsn, DSN, 'a DSN such as https://0123abcd@o1.ingest.sentry.io/42, without a secret key');
    checkText(where, 'release', options.release, /^(?!\.{1,2}$)[^\s/\\]{1,200}$/, 'up to 200 characters without spaces and slashes');
    checkKind(where, 'profile', options.profile, 'alarms', 'an EnvironmentProfile');

    const { serviceDsn, serviceDsnField, siteDsn, release, profile = EnvironmentProfile.production() } = options;
    this.secrets = { SENTRY_DSN: ecs.Secret.fromSecretsManager(serviceDsn, serviceDsnField) };
    this.environment = { SENTRY_ENVIRONMENT: profile.name, ...release === undefined ? {} : { SENTRY_RELEASE: release } };
    this.siteValues = siteDsn === undefined ? {} : { SENTRY_DSN: siteDsn, ...this.environment };
    const host = siteDsn === undefined ? undefined : DSN.exec(siteDsn)?.[1];
    this.siteOrigin = host && `https://${host}`;
  }
}
