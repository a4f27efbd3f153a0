import { Duration, SecretValue, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { SignInClientOptions } from './sign-in-client-options';
import { createThrottleAlarm } from './user-directory-watch';
import type { WatchedClient } from './user-directory-watch';

/** What a client takes from its directory. */
interface ClientSettings extends SignInClientOptions {
  readonly userPool: cognito.IUserPool;
  readonly userPoolId: string;
  readonly apiUrl: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly confidential: boolean;
  /** Whether sign-in pages and passkeys of today are part of the plan. */
  readonly managedLogin: boolean;
  readonly loginHost?: string;
  readonly providerNames: string[];
  readonly alarms: boolean;
}

/** An app that users of a `UserDirectory` sign in to. `addBrowserClient()` and `addServerClient()` make it. */
export class SignInClient extends Construct {
  /** @internal */
  public static _create(scope: Construct, id: string, settings: ClientSettings): SignInClient {
    return new SignInClient(scope, id, settings);
  }

  /** The client. */
  public readonly client: cognito.UserPoolClient;
  /** Its id, which is no secret. */
  public readonly clientId: string;
  /** Page on which users sign in, who are sent to the first callback URL afterwards; undefined where the directory has no domain. */
  public readonly loginUrl?: string;
  /**
   * Cognito's API, which the app calls to change its user's account, such as `https://cognito-idp.eu-central-1.amazonaws.com`: pages need it in the
   * `connectSrc` of their content security policy. Undefined unless the scopes have `OAuthScope.COGNITO_ADMIN`.
   */
  public readonly apiUrl?: string;
  /** Variables for services that verify its tokens: AUTH_ISSUER, AUTH_JWKS_URI and AUTH_CLIENT_ID. None is a secret. */
  public readonly environment: { [name: string]: string };
  /** Alarm on throttled requests; empty where alarms are off. */
  public readonly alarms: cloudwatch.Alarm[];

  private constructor(scope: Construct, id: string, private readonly settings: ClientSettings) {
    super(scope, id);
    const { apiUrl, issuer, jwksUri, loginHost } = settings;

    this.client = this.createClient();
    this.clientId = this.client.userPoolClientId;
    if (loginHost && settings.managedLogin) this.createBranding();
    this.loginUrl = loginHost ? this.loginPage(loginHost) : undefined;
    this.apiUrl = this.scopes().some(({ scopeName }) => scopeName === cognito.OAuthScope.COGNITO_ADMIN.scopeName) ? apiUrl : undefined;
    this.environment = { AUTH_ISSUER: issuer, AUTH_JWKS_URI: jwksUri, AUTH_CLIENT_ID: this.clientId };
    this.alarms = settings.alarms ? [createThrottleAlarm(this, this._watched)] : [];
  }

  /**
   * Secret of a server's client, which Cognito made; undefined for a browser's. It is a reference that CloudFormation resolves where it is used, and
   * nobody copies it: use it in properties that CloudFormation keeps to itself, such as the value of a secret.
   */
  public get clientSecret(): SecretValue | undefined {
    if (!this.settings.confidential) return undefined;
    return SecretValue.resourceAttribute((this.client.node.defaultChild as cognito.CfnUserPoolClient).attrClientSecret);
  }

  /** @internal */
  public get _watched(): WatchedClient {
    const { userPoolId, providerNames } = this.settings;
    return { userPoolId, clientId: this.clientId, providerNames };
  }

  private createClient(): cognito.UserPoolClient {
    const { settings } = this;
    return new cognito.UserPoolClient(this, 'Client', {
      userPool: settings.userPool,
      generateSecret: settings.confidential,
      // Choice of the first factor is what passkeys need; without a list Cognito would allow custom challenges too.
      authFlows: { userSrp: true, user: settings.managedLogin },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        callbackUrls: settings.callbackUrls,
        logoutUrls: settings.logoutUrls,
        scopes: this.scopes(),
      },
      supportedIdentityProviders: ['COGNITO', ...settings.providerNames].map(name => cognito.UserPoolClientIdentityProvider.custom(name)),
      readAttributes: settings.readAttributes,
      writeAttributes: settings.writeAttributes,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: settings.accessTokenValidity ?? Duration.hours(1),
      idTokenValidity: settings.idTokenValidity ?? Duration.hours(1),
      refreshTokenValidity: settings.refreshTokenValidity ?? Duration.days(30),
    });
  }

  private scopes(): cognito.OAuthScope[] {
    return this.settings.scopes ?? [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE];
  }

  /** Managed login answers "Login pages unavailable" to a client without a style of its own. */
  private createBranding(): void {
    new cognito.CfnManagedLoginBranding(this, 'Branding', {
      userPoolId: this.settings.userPoolId,
      clientId: this.clientId,
      useCognitoProvidedValues: true,
    });
  }

  private loginPage(host: string): string {
    const [callbackUrl] = this.settings.callbackUrls;
    const redirect = Token.isUnresolved(callbackUrl) ? callbackUrl : encodeURIComponent(callbackUrl);
    const scopes = this.scopes().map(({ scopeName }) => scopeName).join('+');
    return `https://${host}/login?client_id=${this.clientId}&response_type=code&scope=${scopes}&redirect_uri=${redirect}`;
  }
}
