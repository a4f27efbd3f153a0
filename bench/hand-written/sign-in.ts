/* Sign-in of a hand-written app: a user pool with its pages on a domain of one's own. */
import { Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct, IDependable } from 'constructs';
import { KEPT, MINUTE } from './foundation';
import { graphFromZero, Monitoring } from './monitoring';

const REQUESTS: { readonly [metricPrefix: string]: string } = { SignIn: 'sign-ins', SignUp: 'sign-ups', TokenRefresh: 'token refreshes' };

export interface SignInProps {
  readonly monitoring: Monitoring;
  readonly zone: route53.IHostedZone;
  readonly domainName: string;
  readonly certificate: acm.ICertificate;
  /** Of the pages that users come from and go back to. */
  readonly origin: string;
}

export class SignIn extends Construct {
  /** What services verify tokens with. */
  public readonly environment: { readonly AUTH_ISSUER: string; readonly AUTH_JWKS_URI: string; readonly AUTH_CLIENT_ID: string };
  private readonly userPool: cognito.UserPool;
  private readonly domain: cognito.UserPoolDomain;

  constructor(scope: Construct, id: string, private readonly props: SignInProps) {
    super(scope, id);
    this.userPool = this.createUserPool();
    this.domain = this.createDomain();
    const client = this.createClient();
    const { region, urlSuffix } = Stack.of(this);
    const issuer = `https://cognito-idp.${region}.${urlSuffix}/${this.userPool.userPoolId}`;
    this.environment = { AUTH_ISSUER: issuer, AUTH_JWKS_URI: `${issuer}/.well-known/jwks.json`, AUTH_CLIENT_ID: client.userPoolClientId };
    this.watch(client.userPoolClientId);
  }

  /** Cognito asks for an address record of the domain above its own. */
  public waitFor(...records: IDependable[]): void {
    this.domain.node.addDependency(...records);
  }

  private createUserPool(): cognito.UserPool {
    const userPool = new cognito.UserPool(this, 'UserPool', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: true,
      autoVerify: { email: true },
      keepOriginal: { email: true },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      standardAttributes: { email: { required: true, mutable: true } },
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      passwordPolicy: { minLength: 12, requireLowercase: true, requireUppercase: true, requireDigits: true, requireSymbols: true },
      signInPolicy: { allowedFirstAuthFactors: { password: true, passkey: true } },
      passkeyRelyingPartyId: this.props.domainName,
      passkeyUserVerification: cognito.PasskeyUserVerification.REQUIRED,
      featurePlan: cognito.FeaturePlan.ESSENTIALS,
      deletionProtection: true,
      removalPolicy: KEPT,
    });
    (userPool.node.defaultChild as cognito.CfnUserPool).webAuthnFactorConfiguration = 'MULTI_FACTOR_WITH_USER_VERIFICATION';
    return userPool;
  }

  private createDomain(): cognito.UserPoolDomain {
    const { domainName, certificate, zone } = this.props;
    const domain = this.userPool.addDomain('Domain', {
      customDomain: { domainName, certificate },
      managedLoginVersion: cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // CDK's own target asks for this name through a function.
    const target = { bind: () => ({ dnsName: domain.cloudFrontEndpoint, hostedZoneId: targets.CloudFrontTarget.getHostedZoneId(domain) }) };
    new route53.ARecord(this, 'Record', { zone, recordName: domainName, target: route53.RecordTarget.fromAlias(target) });
    return domain;
  }

  private createClient(): cognito.UserPoolClient {
    const { origin } = this.props;
    const client = this.userPool.addClient('Site', {
      generateSecret: false,
      authFlows: { userSrp: true, user: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        callbackUrls: [`${origin}/callback`],
        logoutUrls: [`${origin}/`],
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
      },
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
    });
    const { userPoolId } = this.userPool;
    new cognito.CfnManagedLoginBranding(this, 'Branding', { userPoolId, clientId: client.userPoolClientId, useCognitoProvidedValues: true });
    return client;
  }

  private watch(UserPoolClient: string): void {
    const { monitoring } = this.props;
    const metrics = (outcome: string, where = '') => Object.entries(REQUESTS).map(([prefix, what]) => new cloudwatch.Metric({
      namespace: 'AWS/Cognito',
      metricName: `${prefix}${outcome}`,
      dimensionsMap: { UserPool: this.userPool.userPoolId, UserPoolClient },
      statistic: 'Sum',
      period: MINUTE,
      label: `${what}${where}`,
    }));
    const throttled = metrics('Throttles');
    monitoring.addAlarm(this, 'Throttles', {
      metric: new cloudwatch.MathExpression({
        label: 'throttled requests',
        expression: throttled.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(throttled.map((metric, index) => [`m${index}`, metric])),
        period: MINUTE,
      }),
      threshold: 0,
      periods: 5,
      page: 'directory-throttles',
      critical: true,
    });
    monitoring.addRow('Users',
      graphFromZero('Succeeded', 12, metrics('Successes', ' of Site')), graphFromZero('Throttled', 12, metrics('Throttles', ' of Site')));
  }
}
