import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { readableAttributes, writableAttributes } from './client-attributes';
import { SignInClient } from './sign-in-client';
import type { SignInClientOptions } from './sign-in-client-options';
import { validateSignInClient, validateUserGroup } from './sign-in-client-validation';
import type { UserDirectoryProps, UserGroupOptions } from './user-directory-props';
import { DirectorySettings, directorySettings } from './user-directory-settings';
import { validateUserDirectory } from './user-directory-validation';
import { directoryWidgets } from './user-directory-watch';
import { acknowledge } from '../acknowledge';
import { AliasRecords } from '../edge';
import { EnvironmentProfile } from '../environment';
import { grantRights } from '../grant-rights';
import { IWatched } from '../observability';

/**
 * Users, and how they sign in: by e-mail address in any case with a password or a passkey, or with an account of Google or another provider, on pages
 * that Cognito serves; or a user pool that exists already, which is used in the same way and never changed or replaced.
 *
 * Addresses are verified before they count, and a forgotten password is reset through the verified address only.
 */
export class UserDirectory extends Construct implements IWatched {
  /** The user pool. Of one that exists already, only a reference. */
  public readonly userPool: cognito.IUserPool;
  /** Id of the pool. */
  public readonly userPoolId: string;
  /** Who issues the tokens: their `iss` claim. */
  public readonly issuer: string;
  /** Where the keys are with which tokens are signed. */
  public readonly jwksUri: string;
  /** Domain of the sign-in pages, where one is made here. */
  public readonly domain?: cognito.UserPoolDomain;
  /** Address of the sign-in pages, such as `https://auth.example.com`, without a slash at the end; undefined where there are none. */
  public readonly signInUrl?: string;
  /** Apps that users sign in to, by name. */
  public readonly clients: { [name: string]: SignInClient } = {};

  private readonly profile: EnvironmentProfile;
  private readonly apiUrl: string;
  private readonly host?: string;
  private readonly identityProviders: cognito.CfnUserPoolIdentityProvider[];

  constructor(scope: Construct, id: string, private readonly props: UserDirectoryProps = {}) {
    super(scope, id);
    validateUserDirectory(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    const { existing, domain } = props;
    const { region, urlSuffix } = Stack.of(this);

    this.userPool = existing ? cognito.UserPool.fromUserPoolId(this, 'UserPool', existing.userPoolId) : this.createUserPool();
    this.userPoolId = existing?.userPoolId ?? this.userPool.userPoolId;
    this.apiUrl = `https://cognito-idp.${region}.${urlSuffix}`;
    this.issuer = `${this.apiUrl}/${this.userPoolId}`;
    this.jwksUri = `${this.issuer}/.well-known/jwks.json`;
    this.host = existing ? existing.domainName : domain?._host(region);
    this.signInUrl = this.host ? `https://${this.host}` : undefined;
    this.domain = this.createDomain();
    this.identityProviders = this.createProviders();
    this.warn();
  }

  /** An alarm for each client; none where alarms are off. A `Monitoring` publishes those of the clients that there are when it begins to watch. */
  public get alarms(): cloudwatch.Alarm[] {
    return Object.values(this.clients).flatMap(client => client.alarms);
  }

  /**
   * Adds an app that runs in browsers or on users' devices, and can keep no secret. It has to sign in with the code grant and PKCE: Cognito checks the
   * challenge of every app that sends one, and the usual libraries do.
   *
   * @param name what the client is called here; another name makes another client, with another id
   * @throws PlatformError for a name that there is already, and for URLs that Cognito refuses
   */
  public addBrowserClient(name: string, options: SignInClientOptions): SignInClient {
    return this.addClient(name, options, false);
  }

  /**
   * Adds an app that runs on servers. Cognito makes its secret. A load balancer that lets only signed-in users through (`AuthenticateCognitoAction`) takes
   * `userPool`, the client and `domain`; its callback URL is `https://<its own name>/oauth2/idpresponse`.
   *
   * @param name what the client is called here; another name makes another client, with another id and secret
   * @throws PlatformError for a name that there is already, and for URLs that Cognito refuses
   */
  public addServerClient(name: string, options: SignInClientOptions): SignInClient {
    return this.addClient(name, options, true);
  }

  /**
   * Adds a group, whose name tokens have in `cognito:groups`.
   *
   * @param name name of the group: letters, digits and `_+=,.@-`, 1 to 128
   * @throws PlatformError for a name that there is already
   */
  public addGroup(name: string, options: UserGroupOptions = {}): cognito.UserPoolGroup {
    const groups = this.part('Groups');
    validateUserGroup(this, groups, name, options);
    return new cognito.UserPoolGroup(groups, name, { userPool: this.userPool, groupName: name, ...options });
  }

  /**
   * Lets somebody of this account do something with the pool. A role of this app gets a managed policy.
   *
   * @param grantee who may do it
   * @param actions such as `cognito-idp:AdminGetUser`
   */
  public grant(grantee: iam.IGrantable, ...actions: string[]): iam.Grant {
    return grantRights(this, grantee, [{ actions, resources: [this.userPool.userPoolArn] }]);
  }

  /** What succeeded and what was turned away, by client. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return directoryWidgets(Object.fromEntries(Object.entries(this.clients).map(([name, client]) => [name, client._watched])));
  }

  private createUserPool(): cognito.UserPool {
    const { props, profile } = this;
    const settings = directorySettings(props);
    const { featurePlan, mfa, passkeys, passwordPolicy, standardAttributes } = settings;
    const userPool = new cognito.UserPool(this, 'UserPool', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: props.selfSignUp ?? true,
      autoVerify: { email: true },
      // Whoever has somebody's session for a moment cannot take the account over by changing its address, unless a client's tokens may administer the user.
      keepOriginal: { email: true },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      standardAttributes,
      customAttributes: props.customAttributes,
      mfa,
      mfaSecondFactor: mfa === cognito.Mfa.OFF ? undefined : { sms: false, otp: true },
      passwordPolicy,
      signInPolicy: passkeys ? { allowedFirstAuthFactors: { password: true, passkey: true } } : undefined,
      featurePlan,
      standardThreatProtectionMode: this.threatProtection(featurePlan),
      email: props.email,
      deletionProtection: props.deletionProtection ?? profile.deletionProtection,
      removalPolicy: profile.removalPolicyWithoutSnapshot,
    });
    if (passkeys) this.bindPasskeys(userPool, mfa);
    explain(userPool, settings);
    return userPool;
  }

  private threatProtection(featurePlan: cognito.FeaturePlan): cognito.StandardThreatProtectionMode | undefined {
    if (featurePlan !== cognito.FeaturePlan.PLUS) return undefined;
    return this.props.threatProtection ?? cognito.StandardThreatProtectionMode.FULL_FUNCTION;
  }

  /** Where a second factor is required, Cognito refuses passkeys that count as one factor; where it is optional, users who have one could not use them. */
  private bindPasskeys(userPool: cognito.UserPool, mfa: cognito.Mfa): void {
    const resource = userPool.node.defaultChild as cognito.CfnUserPool;
    resource.webAuthnRelyingPartyId = this.props.domain!._host(Stack.of(this).region);
    resource.webAuthnUserVerification = 'required';
    if (mfa !== cognito.Mfa.OFF) resource.webAuthnFactorConfiguration = 'MULTI_FACTOR_WITH_USER_VERIFICATION';
  }

  private createDomain(): cognito.UserPoolDomain | undefined {
    const { domain } = this.props;
    if (!domain) return undefined;
    const { _custom: custom, _prefix: prefix } = domain;
    const created = new cognito.UserPoolDomain(this, 'Domain', {
      userPool: this.userPool,
      customDomain: custom && { domainName: custom.domainName, certificate: custom.certificate },
      cognitoDomain: prefix === undefined ? undefined : { domainPrefix: prefix },
      managedLoginVersion: this.managedLogin ? cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN : cognito.ManagedLoginVersion.CLASSIC_HOSTED_UI,
    });
    if (custom?.hostedZone) {
      new AliasRecords(this, 'Records', {
        hostedZone: custom.hostedZone,
        domainNames: [custom.domainName],
        // CDK's own target asks for this name through a function, where a feature flag is not set.
        target: { bind: () => ({ dnsName: created.cloudFrontEndpoint, hostedZoneId: targets.CloudFrontTarget.getHostedZoneId(created) }) },
      });
    }
    return created;
  }

  private createProviders(): cognito.CfnUserPoolIdentityProvider[] {
    const { providers = [] } = this.props;
    if (providers.length === 0) return [];
    const scope = this.part('Providers');
    return providers.map(provider => new cognito.CfnUserPoolIdentityProvider(scope, provider._name, {
      userPoolId: this.userPoolId,
      providerName: provider._name,
      providerType: provider._type,
      providerDetails: provider._details,
      attributeMapping: provider._mapping,
    }));
  }

  private addClient(name: string, options: SignInClientOptions, confidential: boolean): SignInClient {
    const scope = this.part('Clients');
    validateSignInClient(this, scope, name, options, this.props);
    const { existing, alarms } = this.props;
    const client = SignInClient._create(scope, name, {
      ...options,
      readAttributes: options.readAttributes ?? readableAttributes(this.props),
      writeAttributes: options.writeAttributes ?? writableAttributes(this.props),
      confidential,
      userPool: this.userPool,
      userPoolId: this.userPoolId,
      apiUrl: this.apiUrl,
      issuer: this.issuer,
      jwksUri: this.jwksUri,
      managedLogin: this.managedLogin,
      loginHost: this.host,
      providerNames: existing?.providerNames ?? this.identityProviders.map(({ providerName }) => providerName),
      alarms: alarms ?? this.profile.alarms,
    });
    // Cognito refuses a client whose providers are not there yet.
    if (this.identityProviders.length > 0) client.client.node.addDependency(...this.identityProviders);
    this.clients[name] = client;
    if (existing?.providerNames?.length && !options.writeAttributes) this.warnOfMappings(client, existing.providerNames);
    return client;
  }

  private warnOfMappings(client: SignInClient, providerNames: string[]): void {
    Annotations.of(client).addWarningV2('cdk-web-platform:existingUserPoolMappings',
      `What ${providerNames.join(', ')} map to in the existing user pool is not known here. Users can write standard attributes; where a custom one is mapped, `
      + 'Cognito fails the sign-in until writeAttributes of the client has it.');
  }

  private get managedLogin(): boolean {
    return (this.props.existing ?? this.props).featurePlan !== cognito.FeaturePlan.LITE;
  }

  private part(id: string): Construct {
    return this.node.tryFindChild(id) as Construct | undefined ?? new Construct(this, id);
  }

  private warn(): void {
    const { existing, email, domain, selfSignUp } = this.props;
    const { region } = Stack.of(this);
    const warnings = Annotations.of(this);
    if (!existing && !email && this.profile.deletionProtection && (selfSignUp ?? true)) {
      warnings.addWarningV2('cdk-web-platform:userDirectoryEmail',
        'Cognito itself sends at most 50 e-mails a day, and nobody beyond can sign up or reset a password. Set email to UserPoolEmail.withSES().');
    }
    if (Token.isUnresolved(region)) return;
    if (region.startsWith('cn-')) {
      warnings.addWarningV2('cdk-web-platform:userDirectoryChina',
        'Cognito has no user pools in China: https://docs.amazonaws.cn/en_us/aws/latest/userguide/cognito.html');
    }
    if (region.startsWith('us-gov-') && domain?._custom) {
      warnings.addWarningV2('cdk-web-platform:userDirectoryGovCloud',
        'Cognito has no custom domains in GovCloud: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html');
    }
  }
}

/** Only for what this block chooses; what a team turns off itself remains a finding. */
function explain(userPool: cognito.UserPool, { featurePlan, mfa, passkeys }: DirectorySettings): void {
  if (mfa === cognito.Mfa.OPTIONAL) {
    acknowledge(userPool, 'AwsSolutions-COG2', 'Users are the public, who choose an authenticator app'
      + `${passkeys ? ' or a passkey whose device verifies them' : ''} as they choose whether to come at all. A pool whose users are staff sets mfa to REQUIRED.`);
  }
  if (featurePlan === cognito.FeaturePlan.ESSENTIALS) {
    acknowledge(userPool, 'AwsSolutions-COG8', 'PLUS costs for every user, from the first one. Passwords of 12 characters, verified addresses, a second factor '
      + 'and answers that do not tell whether a user exists are on without it; a team whose risk is higher sets featurePlan to PLUS, which enforces threat protection.');
  }
}
