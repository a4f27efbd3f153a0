import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { CALLBACK, CERTIFICATE_ARN, FRANKFURT, certificate, full, make, ownDomain, poolOf, secret, zone } from './harness';
import { EnvironmentProfile } from '../../src/environment';
import { SignInDomain, SignInProvider, UserDirectory } from '../../src/identity';
import { Monitoring } from '../../src/observability';

const POOL = 'AWS::Cognito::UserPool';
const { LITE, PLUS } = cognito.FeaturePlan;

test('users sign in with an address in any case, which is verified, and recover through it only', () => {
  const pool = poolOf(make().template());
  expect(pool).toMatchObject({
    UsernameAttributes: ['email'],
    UsernameConfiguration: { CaseSensitive: false },
    AutoVerifiedAttributes: ['email'],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
    Schema: [{ Name: 'email', Required: true, Mutable: true }],
    UserPoolTier: 'ESSENTIALS',
  });
  expect(pool).not.toHaveProperty('UserPoolName');
  expect(pool).not.toHaveProperty('SmsConfiguration');
  expect(pool).not.toHaveProperty('UserPoolAddOns');
});

test('passwords are as long as is sensible and as mixed as auditors ask', () => {
  expect(poolOf(make().template()).Policies.PasswordPolicy).toEqual({
    MinimumLength: 12, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true,
  });
  const other = make({ passwordPolicy: { minLength: 16, requireSymbols: false, requireDigits: undefined } });
  expect(poolOf(other.template()).Policies.PasswordPolicy).toMatchObject({ MinimumLength: 16, RequireSymbols: false, RequireNumbers: true });
});

test.each([
  ['development', { protection: 'INACTIVE', deletion: 'Delete' }],
  ['staging', { protection: 'INACTIVE', deletion: 'Delete' }],
  ['production', { protection: 'ACTIVE', deletion: 'RetainExceptOnCreate' }],
])('%s protects the pool as %j', (name, expected) => {
  const [resource] = Object.values(make({ profile: EnvironmentProfile.fromName(name) }).template().findResources(POOL));
  expect({ protection: resource.Properties.DeletionProtection, deletion: resource.DeletionPolicy }).toEqual(expected);
});

describe('a second factor', () => {
  test('is an authenticator app for those who want one, and for all where it is required', () => {
    expect(poolOf(make().template())).toMatchObject({ MfaConfiguration: 'OPTIONAL', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] });
    expect(poolOf(make({ mfa: cognito.Mfa.REQUIRED }).template())).toMatchObject({ MfaConfiguration: 'ON', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] });
  });

  test('is off where there is no authenticator app', () => {
    const pool = poolOf(make({ authenticatorApp: false }).template());
    expect(pool).toMatchObject({ MfaConfiguration: 'OFF' });
    expect(pool).not.toHaveProperty('EnabledMfas');
  });
});

describe('passkeys', () => {
  test.each([cognito.Mfa.OPTIONAL, cognito.Mfa.REQUIRED])('count as two factors where mfa is %s, because the device verifies its user', mfa => {
    expect(poolOf(make(stack => ({ ...ownDomain(stack), mfa })).template())).toMatchObject({
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] } },
      WebAuthnRelyingPartyID: 'auth.example.com',
      WebAuthnUserVerification: 'required',
      WebAuthnFactorConfiguration: 'MULTI_FACTOR_WITH_USER_VERIFICATION',
    });
  });

  test('are bound to the domain of the sign-in pages', () => {
    expect(poolOf(make({ domain: SignInDomain.prefix('shop') }, FRANKFURT).template()).WebAuthnRelyingPartyID).toBe('shop.auth.eu-central-1.amazoncognito.com');
    const pool = poolOf(make({ domain: SignInDomain.prefix('shop'), mfa: cognito.Mfa.OFF }).template());
    expect(pool.WebAuthnRelyingPartyID).toEqual({ 'Fn::Join': ['', ['shop.auth.', { Ref: 'AWS::Region' }, '.amazoncognito.com']] });
    expect(pool).not.toHaveProperty('WebAuthnFactorConfiguration');
  });

  test.each([
    ['without a domain', {}],
    ['on LITE', { domain: SignInDomain.prefix('shop'), featurePlan: LITE }],
    ['where they are turned off', { domain: SignInDomain.prefix('shop'), passkeys: false }],
  ])('are not there %s', (_, props) => {
    const pool = poolOf(make(props).template());
    expect(Object.keys(pool).filter(name => name.startsWith('WebAuthn'))).toEqual([]);
    expect(pool.Policies).not.toHaveProperty('SignInPolicy');
  });
});

test('threat protection is enforced on PLUS, unless it only watches', () => {
  expect(poolOf(make({ featurePlan: PLUS }).template())).toMatchObject({ UserPoolTier: 'PLUS', UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' } });
  const watching = make({ featurePlan: PLUS, threatProtection: cognito.StandardThreatProtectionMode.AUDIT_ONLY });
  expect(poolOf(watching.template()).UserPoolAddOns).toEqual({ AdvancedSecurityMode: 'AUDIT' });
});

test('attributes, senders and who makes accounts may be chosen', () => {
  const pool = poolOf(make({
    standardAttributes: { givenName: { required: true } },
    customAttributes: { plan: new cognito.StringAttribute({ mutable: true }) },
    email: cognito.UserPoolEmail.withSES({ fromEmail: 'hello@example.com', sesRegion: 'eu-central-1' }),
    selfSignUp: false,
  }).template());
  expect(pool.Schema).toEqual([
    { Name: 'given_name', Required: true, Mutable: true },
    { Name: 'email', Required: true, Mutable: true },
    { Name: 'plan', AttributeDataType: 'String', Mutable: true },
  ]);
  expect(pool.EmailConfiguration).toMatchObject({ EmailSendingAccount: 'DEVELOPER', From: 'hello@example.com' });
  expect(pool.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: true });
});

describe('the sign-in pages', () => {
  test('are at a domain of one\'s own, with its certificate and an alias record', () => {
    const { directory, template } = make(ownDomain, FRANKFURT);
    template().hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      Domain: 'auth.example.com', CustomDomainConfig: { CertificateArn: CERTIFICATE_ARN }, ManagedLoginVersion: 2,
    });
    template().hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'auth.example.com.',
      Type: 'A',
      HostedZoneId: 'Z0123456789',
      AliasTarget: { DNSName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UsersDomain'), 'CloudFrontDistribution'] }, HostedZoneId: { 'Fn::FindInMap': Match.arrayWith(['AWSCloudFrontPartitionHostedZoneIdMap']) } },
    });
    template().resourceCountIs('AWS::Route53::RecordSet', 1);
    template().resourceCountIs('AWS::Lambda::Function', 0);
    expect(directory.signInUrl).toBe('https://auth.example.com');
  });

  test('have no record without a zone', () => {
    const { template } = make(stack => ({ domain: SignInDomain.custom({ domainName: 'auth.example.com', certificate: certificate(stack) }) }));
    template().resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
    template().resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test('are at a prefix of Cognito, in GovCloud at its FIPS endpoint', () => {
    const { directory, template } = make({ domain: SignInDomain.prefix('shop') }, FRANKFURT);
    template().hasResourceProperties('AWS::Cognito::UserPoolDomain', { Domain: 'shop', CustomDomainConfig: Match.absent(), ManagedLoginVersion: 2 });
    expect(directory.signInUrl).toBe('https://shop.auth.eu-central-1.amazoncognito.com');
    const gov = make({ domain: SignInDomain.prefix('shop') }, { region: 'us-gov-west-1' });
    expect(gov.directory.signInUrl).toBe('https://shop.auth-fips.us-gov-west-1.amazoncognito.com');
  });

  test('are the classic ones on LITE, which knows no styles', () => {
    const { directory, template } = make({ domain: SignInDomain.prefix('shop'), featurePlan: LITE });
    directory.addBrowserClient('Web', CALLBACK);
    template().hasResourceProperties('AWS::Cognito::UserPoolDomain', { ManagedLoginVersion: 1 });
    template().resourceCountIs('AWS::Cognito::ManagedLoginBranding', 0);
    template().hasResourceProperties('AWS::Cognito::UserPoolClient', { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] });
  });
});

describe('providers', () => {
  test('sign users in with Google, whose secret is in no template', () => {
    const { template } = make(full);
    template().hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
      ProviderName: 'Google',
      ProviderType: 'Google',
      ProviderDetails: {
        client_id: '123.apps.googleusercontent.com',
        client_secret: { 'Fn::Join': ['', ['{{resolve:secretsmanager:arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':secret:shop/google:SecretString:clientSecret::}}']] },
        authorize_scopes: 'openid email profile',
      },
      AttributeMapping: { email: 'email', email_verified: 'email_verified', given_name: 'given_name', family_name: 'family_name', picture: 'picture' },
    });
  });

  test('may be any that speaks OpenID Connect', () => {
    make(full).template().hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
      ProviderName: 'Company',
      ProviderType: 'OIDC',
      ProviderDetails: { client_id: 'shop', oidc_issuer: 'https://login.example.org', attributes_request_method: 'GET', authorize_scopes: 'openid email profile' },
      AttributeMapping: { email: 'email', email_verified: 'email_verified' },
    });
  });

  test('take the whole value of a secret, other scopes and another mapping', () => {
    const { template } = make(stack => ({
      domain: SignInDomain.prefix('shop'),
      customAttributes: { locale: new cognito.StringAttribute({ mutable: true }) },
      providers: [SignInProvider.google({
        clientId: 'id',
        clientSecret: new secretsmanager.Secret(stack, 'Secret'),
        scopes: ['openid', 'email'],
        attributeMapping: { 'email': 'email', 'custom:locale': 'locale' },
      })],
    }));
    const [{ Properties }] = Object.values(template().findResources('AWS::Cognito::UserPoolIdentityProvider'));
    expect(JSON.stringify(Properties.ProviderDetails.client_secret)).toMatch(/^\{"Fn::Join":\["",\["\{\{resolve:secretsmanager:",\{"Ref":"Secret[^"]+"\},":SecretString:::\}\}"\]\]\}$/);
    expect(Properties.ProviderDetails.authorize_scopes).toBe('openid email');
    expect(Properties.AttributeMapping).toEqual({ 'email': 'email', 'custom:locale': 'locale' });
  });

  test('are there before the clients that offer them', () => {
    const { directory, template } = make(full);
    directory.addBrowserClient('Web', CALLBACK);
    const [client] = Object.values(template().findResources('AWS::Cognito::UserPoolClient'));
    expect(client.Properties.SupportedIdentityProviders).toEqual(['COGNITO', 'Google', 'Company']);
    expect(client.DependsOn.sort()).toEqual(Object.keys(template().findResources('AWS::Cognito::UserPoolIdentityProvider')).sort());
  });
});

describe('a pool that exists already', () => {
  const existing = { userPoolId: 'eu-central-1_AbCdEf123', domainName: 'auth.example.com', providerNames: ['Google'] };

  test('is never made, and gets clients and groups', () => {
    const { stack, directory, template } = make({ existing }, FRANKFURT);
    const web = directory.addBrowserClient('Web', CALLBACK);
    directory.addGroup('admins');
    template().resourceCountIs(POOL, 0);
    template().resourceCountIs('AWS::Cognito::UserPoolDomain', 0);
    template().hasResourceProperties('AWS::Cognito::UserPoolClient', { UserPoolId: existing.userPoolId, SupportedIdentityProviders: ['COGNITO', 'Google'] });
    template().hasResourceProperties('AWS::Cognito::ManagedLoginBranding', { UserPoolId: existing.userPoolId, UseCognitoProvidedValues: true });
    template().hasResourceProperties('AWS::Cognito::UserPoolGroup', { UserPoolId: existing.userPoolId, GroupName: 'admins' });
    expect(stack.resolve(web.environment.AUTH_ISSUER)).toEqual({
      'Fn::Join': ['', ['https://cognito-idp.eu-central-1.', { Ref: 'AWS::URLSuffix' }, '/eu-central-1_AbCdEf123']],
    });
    expect(web.loginUrl).toMatch(/^https:\/\/auth\.example\.com\/login\?/);
  });

  test('may be known by a token, and on LITE clients are what LITE has', () => {
    const { stack, directory, template } = make(scope => ({
      existing: { userPoolId: new CfnParameter(scope, 'Pool').valueAsString, domainName: 'auth.example.com', featurePlan: LITE },
    }));
    directory.addServerClient('Api', CALLBACK);
    expect(stack.resolve(directory.issuer)).toEqual({
      'Fn::Join': ['', ['https://cognito-idp.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/', { Ref: 'Pool' }]],
    });
    template().resourceCountIs('AWS::Cognito::ManagedLoginBranding', 0);
  });
});

test('groups have names, roles and an order', () => {
  const { stack, directory, template } = make();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.FederatedPrincipal('cognito-identity.amazonaws.com') });
  const group = directory.addGroup('admins', { description: 'May do everything', precedence: 0, role });
  expect(group).toBeInstanceOf(cognito.UserPoolGroup);
  template().hasResourceProperties('AWS::Cognito::UserPoolGroup', {
    GroupName: 'admins', Description: 'May do everything', Precedence: 0, RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Role'), 'Arn'] },
  });
});

test('a role gets a managed policy for this pool and the actions that it needs', () => {
  const { stack, directory, template } = make();
  directory.grant(new iam.Role(stack, 'Api', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }), 'cognito-idp:AdminGetUser');
  template().hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'cognito-idp:AdminGetUser', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UsersUserPool'), 'Arn'] } }] },
  });
  template().resourceCountIs('AWS::IAM::Policy', 0);
});

describe('watching', () => {
  const throttled = (template: Template) => Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

  test('an alarm for each client counts what Cognito turned away, sign-ins through providers too', () => {
    const { stack, directory } = make(full);
    directory.addBrowserClient('Web', CALLBACK);
    directory.addServerClient('Api', CALLBACK);
    new Monitoring(stack, 'Monitoring', { watched: [directory] });
    const alarms = throttled(Template.fromStack(stack));
    expect(alarms).toHaveLength(2);
    for (const alarm of alarms) {
      const metrics = alarm.Metrics.filter((metric: any) => metric.MetricStat)
        .map(({ MetricStat: { Metric, Period, Stat } }: any) => ({ ...Metric, Period, Stat }));
      expect(metrics.map(({ MetricName }: any) => MetricName)).toEqual(['SignInThrottles', 'SignUpThrottles', 'TokenRefreshThrottles', 'FederationThrottles', 'FederationThrottles']);
      expect(metrics.map(({ Dimensions }: any) => Dimensions.map(({ Name }: any) => Name).sort().join())).toEqual([
        ...Array(3).fill('UserPool,UserPoolClient'), ...Array(2).fill('IdentityProvider,UserPool,UserPoolClient'),
      ]);
      expect(metrics.every(({ Namespace, Stat, Period }: any) => Namespace === 'AWS/Cognito' && Stat === 'Sum' && Period === 60)).toBe(true);
      expect(alarm.Metrics[0].Expression).toBe('FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0) + FILL(m3, 0) + FILL(m4, 0)');
      expect(alarm).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 5, TreatMissingData: 'notBreaching' });
      expect(alarm.AlarmActions).toHaveLength(1);
    }
  });

  test('alarms are as the profile or the directory says, and the row is 24 wide', () => {
    const quiet = make({ profile: EnvironmentProfile.development() });
    quiet.directory.addBrowserClient('Web', CALLBACK);
    expect(quiet.directory.alarms).toEqual([]);
    expect(quiet.directory.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(24);
    const loud = make({ profile: EnvironmentProfile.development(), alarms: true });
    loud.directory.addBrowserClient('Web', CALLBACK);
    expect(loud.directory.alarms).toHaveLength(1);
  });
});

describe('what the environment lacks is said and stops nobody', () => {
  const EMAIL = Match.stringLikeRegexp('50 e-mails a day');

  test('Cognito sends few e-mails', () => {
    Annotations.fromStack(make().stack).hasWarning('/Stack/Users', EMAIL);
    for (const props of [
      { profile: EnvironmentProfile.staging() }, { selfSignUp: false }, { existing: { userPoolId: 'eu-central-1_AbCdEf123' } },
      { email: cognito.UserPoolEmail.withSES({ fromEmail: 'hello@example.com', sesRegion: 'eu-central-1' }) },
    ]) Annotations.fromStack(make(props).stack).hasNoWarning('/Stack/Users', EMAIL);
  });

  test('there are no user pools in China, and no custom domains in GovCloud', () => {
    Annotations.fromStack(make({}, { region: 'cn-north-1' }).stack).hasWarning('/Stack/Users', Match.stringLikeRegexp('no user pools in China'));
    Annotations.fromStack(make(ownDomain, { region: 'us-gov-west-1' }).stack).hasWarning('/Stack/Users', Match.stringLikeRegexp('no custom domains in GovCloud'));
    Annotations.fromStack(make(ownDomain, FRANKFURT).stack).hasNoWarning('/Stack/Users', Match.stringLikeRegexp('no custom domains'));
  });
});

test.each([
  ['in any region', {}], ['in Frankfurt', FRANKFURT], ['in China', { region: 'cn-north-1' }], ['in GovCloud', { region: 'us-gov-west-1' }],
])('everything synthesizes twice in one stack %s', (_, env) => {
  const stack = new Stack(new App(), 'Stack', { env });
  for (const name of ['One', 'Two']) {
    const directory = new UserDirectory(stack, name, {
      domain: SignInDomain.prefix(name.toLowerCase()),
      providers: [SignInProvider.google({ clientId: 'id', clientSecret: secretsmanager.Secret.fromSecretNameV2(stack, `Secret${name}`, 'google') })],
    });
    directory.addBrowserClient('Web', CALLBACK);
    directory.addServerClient('Api', CALLBACK);
    directory.addGroup('admins');
  }
  Template.fromStack(stack).resourceCountIs(POOL, 2);
});

test('logical ids of what keeps users never change', () => {
  const { directory, template } = make(full);
  directory.addBrowserClient('Web', CALLBACK);
  directory.addGroup('admins');
  const ids = Object.entries(template().toJSON().Resources).map(([id, resource]) => `${(resource as any).Type} ${id}`).filter(each => each.startsWith('AWS::Cognito'));
  expect(ids.sort()).toEqual([
    'AWS::Cognito::ManagedLoginBranding UsersClientsWebBrandingE458989B',
    'AWS::Cognito::UserPool UsersUserPool7E610616',
    'AWS::Cognito::UserPoolClient UsersClientsWebClientFE4A79AB',
    'AWS::Cognito::UserPoolDomain UsersDomainC6632324',
    'AWS::Cognito::UserPoolGroup UsersGroupsadmins59E2E598',
    'AWS::Cognito::UserPoolIdentityProvider UsersProvidersCompany4EDC90B8',
    'AWS::Cognito::UserPoolIdentityProvider UsersProvidersGoogle7D3F06F8',
  ]);
});

test('ids do not depend on values', () => {
  const idOf = (template: Template, type: string) => Object.keys(template.findResources(type));
  const one = make(ownDomain).template();
  const other = make({ domain: SignInDomain.prefix('shop'), featurePlan: PLUS, mfa: cognito.Mfa.REQUIRED, profile: EnvironmentProfile.development() }).template();
  for (const type of [POOL, 'AWS::Cognito::UserPoolDomain']) expect(idOf(one, type)).toEqual(idOf(other, type));
});

describe('auditors', () => {
  const findings = (stack: Stack) => new AwsSolutionsChecks().validateScope(stack).violations
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`));

  test('have no question about a production directory', () => {
    const { stack, directory } = make(full, FRANKFURT);
    directory.addBrowserClient('Web', CALLBACK);
    directory.addServerClient('Api', CALLBACK);
    directory.addGroup('admins');
    expect(findings(stack)).toEqual([]);
  });

  test('are told nothing about what a team weakens itself', () => {
    const { stack } = make({ authenticatorApp: false, featurePlan: LITE, passwordPolicy: { minLength: 6 } });
    expect(findings(stack).map(finding => finding.split(' ')[0]).sort()).toEqual(['AwsSolutions-COG1', 'AwsSolutions-COG2', 'AwsSolutions-COG8']);
  });
});

test('a secret and a zone may be made in the stack, and a domain name may be a token', () => {
  const name = Token.asString({ Ref: 'Name' });
  const { stack, directory, template } = make(scope => ({
    domain: SignInDomain.custom({ domainName: name, certificate: certificate(scope), hostedZone: zone(scope) }),
    providers: [SignInProvider.google({ clientId: Token.asString({ Ref: 'ClientId' }), clientSecret: secret(scope) })],
  }));
  expect(stack.resolve(directory.signInUrl)).toEqual({ 'Fn::Join': ['', ['https://', { Ref: 'Name' }]] });
  expect(poolOf(template()).WebAuthnRelyingPartyID).toEqual({ Ref: 'Name' });
});
