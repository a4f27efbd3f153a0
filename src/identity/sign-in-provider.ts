import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** Sign-in with accounts of a provider, such as Google. */
export interface SignInProviderOptions {
  /** Client id that the provider gave, such as that from Google's console. It is no secret. */
  readonly clientId: string;
  /**
   * Secret with the client secret that the provider gave. Its value is in no template: CloudFormation reads it when the provider is made or changed, and
   * not when the secret changes. After a rotation, change something of the provider, such as the order of its scopes.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
   */
  readonly clientSecret: secretsmanager.ISecret;
  /**
   * Field of the secret, where its value is JSON.
   * @default - the whole value
   */
  readonly clientSecretField?: string;
  /**
   * What is asked of the account: at least `openid`, and of Google `email` too.
   * @default - openid, email, profile
   */
  readonly scopes?: string[];
  /**
   * Claims of the provider by attribute of the pool, such as `{ given_name: 'given_name', 'custom:team': 'team' }`. It takes the place of the default.
   * Cognito writes them at each sign-in, so that each attribute has to be mutable; every required attribute needs one.
   *
   * It writes as the client that the user signs in to, so that users can write the attribute too: what somebody may do must not depend on it.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
   * @default - email, email_verified, given_name, family_name and, of Google, picture: each from the claim of its name
   */
  readonly attributeMapping?: { [attribute: string]: string };
}

/** Sign-in with accounts of an OpenID Connect provider. */
export interface OpenIdConnectSignInOptions extends SignInProviderOptions {
  /** Issuer, such as `https://login.example.com`: an https URL below which `/.well-known/openid-configuration` is. */
  readonly issuerUrl: string;
}

const SAME_NAME = ['email', 'email_verified', 'given_name', 'family_name'];

function fromSameName(names: string[]): { [attribute: string]: string } {
  return Object.fromEntries(names.map(name => [name, name]));
}

/**
 * Whose accounts users can sign in with, besides a password of their own. The provider has to allow the redirect to
 * `https://<domain of the sign-in pages>/oauth2/idpresponse`.
 *
 * Cognito asks these users for no second factor: that is the provider's business.
 */
export class SignInProvider {
  /** Accounts of Google. */
  public static google(options: SignInProviderOptions): SignInProvider {
    return new SignInProvider('Google', options, undefined);
  }

  /**
   * Accounts of any provider that speaks OpenID Connect.
   *
   * @param name name of the provider: letters, digits and hyphens, 3 to 32, beginning with a letter. Users are known by it: another name makes them other users
   */
  public static openIdConnect(name: string, options: OpenIdConnectSignInOptions): SignInProvider {
    return new SignInProvider(name, options, options?.issuerUrl ?? '');
  }

  private constructor(
    /** @internal */
    public readonly _name: string,
    /** @internal */
    public readonly _options: SignInProviderOptions,
    /** @internal */
    public readonly _issuerUrl: string | undefined,
  ) {}

  /** @internal */
  public get _type(): string {
    return this._issuerUrl === undefined ? 'Google' : 'OIDC';
  }

  /** @internal */
  public get _scopes(): string[] {
    return this._options.scopes ?? ['openid', 'email', 'profile'];
  }

  /** @internal */
  public get _mapping(): { [attribute: string]: string } {
    return this._options.attributeMapping ?? fromSameName(this._issuerUrl === undefined ? [...SAME_NAME, 'picture'] : SAME_NAME);
  }

  /** @internal */
  public get _details(): { [name: string]: string } {
    const { clientId, clientSecret, clientSecretField } = this._options;
    const secret = clientSecretField === undefined ? clientSecret.secretValue : clientSecret.secretValueFromJson(clientSecretField);
    return {
      client_id: clientId,
      // A dynamic reference, which CloudFormation resolves: not the value.
      client_secret: secret.unsafeUnwrap(),
      authorize_scopes: this._scopes.join(' '),
      ...this._issuerUrl === undefined ? {} : { oidc_issuer: this._issuerUrl, attributes_request_method: 'GET' },
    };
  }
}
