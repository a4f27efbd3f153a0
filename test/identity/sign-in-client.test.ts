import { Duration, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as fc from 'fast-check';
import { Build, CALLBACK, FRANKFURT, make, ownDomain, secret } from './harness';
import { SignInClientOptions, SignInProvider } from '../../src/identity';

const CLIENT = 'AWS::Cognito::UserPoolClient';
const STANDARD = [
  'address', 'birthdate', 'email', 'family_name', 'gender', 'given_name', 'locale', 'middle_name', 'name', 'nickname', 'phone_number', 'picture',
  'preferred_username', 'profile', 'updated_at', 'website', 'zoneinfo',
];
const { COGNITO_ADMIN, OPENID } = cognito.OAuthScope;

/** A plan that users buy, and a team that their company says they are in. */
const withAttributes: Build = stack => ({
  ...ownDomain(stack),
  customAttributes: { plan: new cognito.StringAttribute({ mutable: true }), team: new cognito.StringAttribute({ mutable: true }) },
  providers: [SignInProvider.openIdConnect('Company', {
    clientId: 'shop',
    clientSecret: secret(stack),
    issuerUrl: 'https://login.example.org',
    attributeMapping: { 'email': 'email', 'email_verified': 'email_verified', 'username': 'sub', 'custom:team': 'team' },
  })],
});

function client(options: Partial<SignInClientOptions> = {}, build: Build = ownDomain) {
  const { directory, template } = make(build, FRANKFURT);
  directory.addBrowserClient('Web', { ...CALLBACK, ...options });
  return Object.values(template().findResources(CLIENT))[0].Properties;
}

test('an app in a browser has no secret and signs in with the code grant only', () => {
  const { directory, template } = make(ownDomain, FRANKFURT);
  const web = directory.addBrowserClient('Web', { ...CALLBACK, logoutUrls: ['https://www.example.com'] });
  template().hasResourceProperties(CLIENT, {
    UserPoolId: { Ref: Match.stringLikeRegexp('^UsersUserPool') },
    GenerateSecret: false,
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'email', 'profile'],
    CallbackURLs: ['https://www.example.com/callback'],
    LogoutURLs: ['https://www.example.com'],
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    PreventUserExistenceErrors: 'ENABLED',
    EnableTokenRevocation: true,
    AccessTokenValidity: 60,
    IdTokenValidity: 60,
    RefreshTokenValidity: 43200,
    TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
  });
  expect(web.clientSecret).toBeUndefined();
});

test('a server has a secret that Cognito made, and that only CloudFormation reads', () => {
  const { stack, directory, template } = make(ownDomain, FRANKFURT);
  const api = directory.addServerClient('Api', CALLBACK);
  new secretsmanager.Secret(stack, 'Secret', { secretStringValue: api.clientSecret });
  template().hasResourceProperties(CLIENT, { GenerateSecret: true });
  template().resourceCountIs('AWS::Lambda::Function', 0);
  template().hasResourceProperties('AWS::SecretsManager::Secret', { SecretString: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UsersClientsApi'), 'ClientSecret'] } });
});

test('a client has a style, without which managed login shows it no page; and none without pages', () => {
  const { directory, template } = make(ownDomain);
  directory.addBrowserClient('Web', CALLBACK);
  directory.addServerClient('Api', CALLBACK);
  const styled = Object.values(template().findResources('AWS::Cognito::ManagedLoginBranding')).map(({ Properties }) => Properties.ClientId.Ref);
  expect(styled.sort()).toEqual(Object.keys(template().findResources(CLIENT)).sort());

  const bare = make();
  expect(bare.directory.addBrowserClient('Web', CALLBACK).loginUrl).toBeUndefined();
  bare.template().resourceCountIs('AWS::Cognito::ManagedLoginBranding', 0);
});

test('services get what they need to verify tokens, and none of it is a secret', () => {
  const { stack, directory } = make(ownDomain, FRANKFURT);
  const web = directory.addBrowserClient('Web', CALLBACK);
  const joined = (tail: string[]) => ({
    'Fn::Join': ['', ['https://cognito-idp.eu-central-1.', { Ref: 'AWS::URLSuffix' }, '/', { Ref: expect.stringMatching(/^UsersUserPool/) }, ...tail]],
  });
  expect(stack.resolve(web.environment)).toEqual({
    AUTH_ISSUER: joined([]),
    AUTH_JWKS_URI: joined(['/.well-known/jwks.json']),
    AUTH_CLIENT_ID: { Ref: expect.stringMatching(/^UsersClientsWeb/) },
  });
  expect(directory.clients).toEqual({ Web: web });
});

test('the login page sends users to the first callback URL', () => {
  const { stack, directory } = make(ownDomain, FRANKFURT);
  const web = directory.addBrowserClient('Web', { callbackUrls: ['https://www.example.com/callback?a=b', 'http://localhost:3000'] });
  expect(stack.resolve(web.loginUrl)).toEqual({
    'Fn::Join': ['', [
      'https://auth.example.com/login?client_id=', { Ref: expect.stringMatching(/^UsersClientsWeb/) },
      '&response_type=code&scope=openid+email+profile&redirect_uri=https%3A%2F%2Fwww.example.com%2Fcallback%3Fa%3Db',
    ]],
  });
});

test('lifetimes and scopes may be chosen', () => {
  expect(client({
    accessTokenValidity: Duration.minutes(5),
    idTokenValidity: Duration.days(1),
    refreshTokenValidity: Duration.days(90),
    scopes: [cognito.OAuthScope.OPENID],
  })).toMatchObject({ AccessTokenValidity: 5, IdTokenValidity: 1440, RefreshTokenValidity: 129600, AllowedOAuthScopes: ['openid'] });
});

describe('an account of one\'s own', () => {
  test('is changed with tokens that say so, at the API of the region and partition', () => {
    const { stack, directory, template } = make(ownDomain, FRANKFURT);
    const account = directory.addBrowserClient('Account', { ...CALLBACK, scopes: [OPENID, COGNITO_ADMIN] });
    expect(stack.resolve(account.apiUrl)).toEqual({ 'Fn::Join': ['', ['https://cognito-idp.eu-central-1.', { Ref: 'AWS::URLSuffix' }]] });
    template().hasResourceProperties(CLIENT, { AllowedOAuthScopes: ['openid', 'aws.cognito.signin.user.admin'] });
  });

  test('is not changed with any others', () => {
    expect(make(ownDomain).directory.addBrowserClient('Web', CALLBACK).apiUrl).toBeUndefined();
  });
});

describe('attributes', () => {
  test('that a team made and no provider maps are not written by users, and read by all', () => {
    const { WriteAttributes, ReadAttributes } = client({}, withAttributes);
    expect([...WriteAttributes].sort()).toEqual([...STANDARD, 'custom:team'].sort());
    expect([...ReadAttributes].sort()).toEqual([...STANDARD, 'custom:plan', 'custom:team', 'email_verified', 'phone_number_verified'].sort());
  });

  test('of a plain pool are all that each pool has', () => {
    expect([...client().WriteAttributes].sort()).toEqual(STANDARD);
  });

  test('of servers are the same', () => {
    const { directory, template } = make(withAttributes, FRANKFURT);
    directory.addServerClient('Api', CALLBACK);
    template().hasResourceProperties(CLIENT, { WriteAttributes: [...STANDARD, 'custom:team'].sort() });
  });

  test('may be chosen', () => {
    const readAttributes = new cognito.ClientAttributes().withStandardAttributes({ email: true });
    const writeAttributes = readAttributes.withCustomAttributes('plan', 'team');
    expect(client({ readAttributes, writeAttributes }, withAttributes)).toMatchObject({
      ReadAttributes: ['email'], WriteAttributes: ['custom:plan', 'custom:team', 'email'],
    });
  });

  const attributes = (...custom: string[]) => new cognito.ClientAttributes().withStandardAttributes({ email: true }).withCustomAttributes(...custom);
  test.each<[string, Partial<SignInClientOptions>, RegExp]>([
    ['none to write, which Cognito takes for all', { writeAttributes: new cognito.ClientAttributes() }, /takes no attributes for all of them/],
    ['none to read', { readAttributes: new cognito.ClientAttributes() }, /takes no attributes for all of them/],
    ['one that the pool does not have', { readAttributes: attributes('level') }, /no attribute custom:level[^]*standard attributes, custom:plan, custom:team/],
    ['without what a provider maps', { writeAttributes: attributes('plan') }, /add custom:team to writeAttributes of Web/],
    ['without what is required', { writeAttributes: new cognito.ClientAttributes().withCustomAttributes('team') }, /add email to writeAttributes of Web/],
    ['names instead', { writeAttributes: ['email'] as unknown as cognito.ClientAttributes }, /writeAttributes of Web is not what it should be/],
  ])('%s are refused', (_what, options, message) => {
    expect(() => client(options, withAttributes)).toThrow(message);
  });

  describe('of a pool that exists already', () => {
    const existing = (providerNames?: string[], options: Partial<SignInClientOptions> = {}) => {
      const made = make({ existing: { userPoolId: 'eu-central-1_AbCdEf123', providerNames } }, FRANKFURT);
      made.directory.addBrowserClient('Web', { ...CALLBACK, ...options });
      return { ...Object.values(made.template().findResources(CLIENT))[0].Properties, warnings: Annotations.fromStack(made.stack).findWarning('*', Match.stringLikeRegexp('map to')) };
    };

    test('are not written by users where they are its own, and read as ever', () => {
      const { WriteAttributes, ReadAttributes, warnings } = existing();
      expect([...WriteAttributes].sort()).toEqual(STANDARD);
      expect(ReadAttributes).toBeUndefined();
      expect(warnings).toEqual([]);
    });

    test('are named where its providers map them: a sign-in would fail, and nobody knows here', () => {
      expect(existing(['Company']).warnings).toHaveLength(1);
      const told = existing(['Company'], { writeAttributes: attributes('team') });
      expect(told.warnings).toEqual([]);
      expect(told.WriteAttributes).toEqual(['custom:team', 'email']);
    });
  });
});

describe('callback URLs', () => {
  test.each([
    'https://www.example.com', 'https://www.example.com/callback?from=cognito', 'http://localhost:5173/callback', 'http://127.0.0.1:8080', 'http://[::1]:8080/',
    'shop://signed-in', 'com.example.shop:/callback', Token.asString({ Ref: 'Url' }), `https://${Token.asString({ Ref: 'Name' })}/callback`,
  ])('%s is taken', url => {
    expect(client({ callbackUrls: [url] }).CallbackURLs).toHaveLength(1);
  });

  test.each([
    ['http://www.example.com/callback', /without encryption/], ['http://localhost.example.com', /without encryption/], ['http://localhost@evil.example', /without encryption/],
    ['https://*.example.com', /more than one/], [`https://*.${Token.asString({ Ref: 'Name' })}`, /more than one/], ['https://www.example.com/#done', /fragment/],
    ['www.example.com', /not one that users/], ['https://', /not one that users/], ['javascript:alert(1)', /not one that users/], ['data:text/html,x', /not one that users/],
    [`https://www.example.com/${'a'.repeat(1024)}`, /longer than 1024/], [7 as unknown as string, /not a text/],
  ])('%s is refused', (url, message) => {
    expect(() => client({ callbackUrls: [url] })).toThrow(message);
    expect(() => client({ logoutUrls: [url] })).toThrow(message);
  });

  test.each([
    [undefined as unknown as string[], /callbackUrls of Web is missing/], [[], /from 1 to 100/], [Array(101).fill('https://a.example'), /from 1 to 100/],
    ['https://a.example' as unknown as string[], /not a list/], [Token.asList({ Ref: 'Urls' }), /only known at deployment/],
  ])('%j is no list of them', (callbackUrls, message) => {
    expect(() => client({ callbackUrls })).toThrow(message);
  });

  test('over plain http only reach a developer\'s own computer', () => {
    fc.assert(fc.property(fc.domain(), fc.nat(65535), (host, port) => {
      const build = () => client({ callbackUrls: [`http://${host}:${port}/callback`] });
      if (host === 'localhost') return void build();
      expect(build).toThrow(/without encryption/);
    }), { numRuns: 50 });
  });
});

test.each([
  [{ accessTokenValidity: Duration.minutes(4) }, /accessTokenValidity \(seconds\)/],
  [{ idTokenValidity: Duration.hours(25) }, /idTokenValidity \(seconds\)/],
  [{ refreshTokenValidity: Duration.minutes(59) }, /refreshTokenValidity \(seconds\)/],
  [{ accessTokenValidity: Duration.hours(2), refreshTokenValidity: Duration.hours(1) }, /accessTokenValidity \(seconds\) is above refreshTokenValidity/],
  [{ refreshTokenValidity: 30 as unknown as Duration }, /refreshTokenValidity is not what it should be/],
  [{ scopes: [] }, /no scopes/],
  [{ scopes: ['openid'] as unknown as cognito.OAuthScope[] }, /no scopes/],
  [{ scopes: 'openid' as unknown as cognito.OAuthScope[] }, /not a list/],
])('%j is refused', (options, message) => {
  expect(() => client(options)).toThrow(message);
});

test('two clients or groups of one name are refused, and nothing is made for the second', () => {
  const { directory, template } = make(ownDomain);
  directory.addBrowserClient('Web', CALLBACK);
  expect(() => directory.addServerClient('Web', CALLBACK)).toThrow(/two clients of one name[^]*'Web' a second time/);
  directory.addGroup('admins');
  expect(() => directory.addGroup('admins')).toThrow(/two groups of one name/);
  template().resourceCountIs(CLIENT, 1);
});

test.each(['', 'a b', '1st', 'a/b', undefined as unknown as string, Token.asString({ Ref: 'Name' })])('a client cannot be called %p', name => {
  expect(() => make().directory.addBrowserClient(name, CALLBACK)).toThrow(/name of a client/);
});

test.each([['', {}], ['a b', {}], ['admins', { precedence: -1 }], ['admins', { description: 'a'.repeat(2049) }], ['admins', { role: 'arn' as any }]])('group %p %j is refused', (name, options) => {
  expect(() => make().directory.addGroup(name, options)).toThrow(/^Stack\/Users: /);
});
