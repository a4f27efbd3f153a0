import { App, SecretValue, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as fc from 'fast-check';
import { Build, FRANKFURT, certificate, make, secret, zone } from './harness';
import { CustomSignInDomainOptions, SignInDomain, SignInProvider, SignInProviderOptions, UserDirectory, UserDirectoryProps } from '../../src/identity';

const { LITE, PLUS } = cognito.FeaturePlan;
const any = (value: unknown) => value as any;

function refuses(props: UserDirectoryProps | Build, message: RegExp, env = {}) {
  const stack = new Stack(new App(), 'Stack', { env });
  const given = typeof props === 'function' ? props(stack) : props;
  let error: unknown;
  try {
    new UserDirectory(stack, 'Users', given);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ name: 'PlatformError', message: expect.stringMatching(message) });
  expect((error as Error).message).toMatch(/^Stack\/Users: [^]*\n  got: [^]*\n  allowed: [^]*\n  fix: /);
  expect(stack.node.tryFindChild('Users')!.node.children).toEqual([]);
}

const google = (options: Partial<SignInProviderOptions> = {}): Build => stack => ({
  domain: SignInDomain.prefix('shop'),
  providers: [SignInProvider.google({ clientId: 'id', clientSecret: secret(stack), ...options })],
});

const custom = (options: Partial<CustomSignInDomainOptions>, arn?: string): Build => stack => ({
  domain: SignInDomain.custom({ domainName: 'auth.example.com', certificate: certificate(stack, arn), ...options }),
});

test.each<[string, UserDirectoryProps, RegExp]>([
  ['MFA required without a second factor', { mfa: cognito.Mfa.REQUIRED, authenticatorApp: false }, /a second factor is required, and there is none/],
  ['MFA required with passkeys alone', { mfa: cognito.Mfa.REQUIRED, authenticatorApp: false, domain: SignInDomain.prefix('shop') }, /passkeys are a first factor/],
  ['MFA offered without a second factor', { mfa: cognito.Mfa.OPTIONAL, authenticatorApp: false }, /a second factor is offered, and there is none/],
  ['passkeys on LITE', { passkeys: true, domain: SignInDomain.prefix('shop'), featurePlan: LITE }, /passkeys is not part of the feature plan/],
  ['password history on LITE', { passwordPolicy: { passwordHistorySize: 3 }, featurePlan: LITE }, /passwordHistorySize is not part/],
  ['passkeys without a domain', { passkeys: true }, /passkeys are bound to a domain/],
  ['threat protection below PLUS', { threatProtection: cognito.StandardThreatProtectionMode.FULL_FUNCTION }, /threatProtection is not part[^]*fix: set featurePlan to PLUS/],
  ['watching threats below PLUS', { threatProtection: cognito.StandardThreatProtectionMode.AUDIT_ONLY, featurePlan: LITE }, /threatProtection is not part/],
  ['a plan that does not exist', { featurePlan: any('PREMIUM') }, /featurePlan has a value that does not exist/],
  ['a plan as a token', { featurePlan: any(Token.asString({ Ref: 'Plan' })) }, /featurePlan is only known at deployment/],
  ['an MFA mode that does not exist', { mfa: any('ALWAYS') }, /mfa has a value that does not exist/],
  ['a protection that does not exist', { threatProtection: any('FULL'), featurePlan: PLUS }, /threatProtection has a value/],
  ['a switch as text', { selfSignUp: any('false') }, /selfSignUp is not a boolean/],
  ['a switch as a token', { passkeys: any(Token.asAny({ Ref: 'Passkeys' })) }, /passkeys is only known at deployment/],
  ['a domain as text', { domain: any('auth.example.com') }, /domain is not what it should be/],
  ['a sender as text', { email: any('hello@example.com') }, /email is not what it should be/],
  ['a profile as text', { profile: any('production') }, /profile is not what it should be/],
  ['one provider instead of a list', { providers: any({}) }, /providers is not a list/],
  ['a provider as text', { providers: any(['Google']) }, /providers is not what it should be/],
  ['a password of five characters', { passwordPolicy: { minLength: 5 } }, /passwordPolicy\.minLength is not a whole number from 6 to 99/],
  ['a rule for passwords as text', { passwordPolicy: { requireDigits: any('yes') } }, /requireDigits is not a boolean/],
  ['an address that is not required', { standardAttributes: { email: { required: false } } }, /users sign in with their e-mail address/],
  ['an address that cannot change', { standardAttributes: { email: { required: true, mutable: false } } }, /users sign in with their e-mail address/],
  ['a custom attribute with its prefix', { customAttributes: { 'custom:plan': new cognito.StringAttribute() } }, /name of a custom attribute is not well-formed/],
  ['a custom attribute of 21 characters', { customAttributes: { ['a'.repeat(21)]: new cognito.StringAttribute() } }, /name of a custom attribute/],
  ['a custom attribute that is none', { customAttributes: { plan: any('string') } }, /customAttributes\.plan is not what it should be/],
  ['51 custom attributes', { customAttributes: Object.fromEntries([...Array(51).keys()].map(key => [`a${key}`, new cognito.StringAttribute()])) }, /number of customAttributes/],
])('%s is refused', (_, props, message) => refuses(props, message));

describe('a domain', () => {
  test.each(['aws-shop', 'my-cognito', 'amazonas'])('prefix %s is refused, because Cognito keeps the word', prefix => {
    refuses({ domain: SignInDomain.prefix(prefix) }, /Cognito keeps prefixes/);
  });

  test.each(['', 'Shop', '-shop', 'shop-', 'shop.example', 'a'.repeat(64), any(undefined), any(7)])('prefix %p is refused', prefix => {
    refuses({ domain: SignInDomain.prefix(prefix) }, /prefix|domain is missing/);
  });

  test('prefix is taken where Cognito takes it, and refused elsewhere', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9-]{1,66}$/), prefix => {
      const right = prefix.length <= 63 && !/^-|-$|aws|amazon|cognito/.test(prefix);
      const build = () => make({ domain: SignInDomain.prefix(prefix) });
      if (right) expect(build).not.toThrow();
      else expect(build).toThrow(/prefix/);
    }), { numRuns: 50 });
  });

  test.each<[string, Build, RegExp]>([
    ['equal to its zone', stack => ({ ...custom({ domainName: 'shop.example.com', hostedZone: zone(stack, 'shop.example.com') })(stack) }), /the parent domain itself[^]*auth\.shop\.example\.com/],
    ['directly below a top-level domain', custom({ domainName: 'example.com' }), /the parent domain itself/],
    ['outside of its zone', stack => custom({ domainName: 'auth.example.org', hostedZone: zone(stack) })(stack), /not inside the hosted zone/],
    ['in upper case', custom({ domainName: 'Auth.example.com' }), /domainName is not well-formed/],
    ['with a wildcard', custom({ domainName: '*.example.com' }), /domainName is not well-formed/],
    ['as a URL', custom({ domainName: 'https://auth.example.com' }), /domainName is not well-formed/],
    ['without a name', custom({ domainName: any(undefined) }), /domainName is missing/],
    ['without a certificate', custom({ certificate: any(undefined) }), /certificate is missing/],
    ['with the ARN of a certificate', custom({ certificate: any('arn:aws:acm:…') }), /certificate is not what it should be/],
    ['with a certificate elsewhere', custom({}, 'arn:aws:acm:eu-central-1:111111111111:certificate/1'), /not in us-east-1[^]*eu-central-1/],
    ['with something else as zone', custom({ hostedZone: any('Z1') }), /hostedZone is not what it should be/],
  ])('%s is refused', (_, props, message) => refuses(props, message));

  test('with a certificate that is made in a stack elsewhere is refused', () => {
    refuses(stack => custom({ certificate: new acm.Certificate(stack, 'Here', { domainName: 'auth.example.com' }) })(stack), /not in us-east-1/, FRANKFURT);
    expect(() => make(stack => custom({ certificate: new acm.Certificate(stack, 'Here', { domainName: 'auth.example.com' }) })(stack))).not.toThrow();
  });
});

describe('a provider', () => {
  test.each<[string, Build, RegExp]>([
    ['without a domain', stack => ({ providers: google()(stack).providers }), /sign-in with Google needs the sign-in pages/],
    ['without scopes', google({ scopes: [] }), /sign-in with Google asks for nothing/],
    ['without the address', google({ scopes: ['openid'] }), /does not ask for email/],
    ['with scopes as text', google({ scopes: any('openid email') }), /scopes of Google is not a list/],
    ['with scopes in one', google({ scopes: ['openid email'] }), /scopes of Google is not well-formed/],
    ['without options', () => ({ domain: SignInDomain.prefix('shop'), providers: [SignInProvider.google(any(undefined))] }), /options of Google is missing/],
    ['without a client id', google({ clientId: any(undefined) }), /clientId of Google is missing/],
    ['without a secret', google({ clientSecret: any(undefined) }), /clientSecret of Google is missing/],
    ['twice', stack => ({ domain: SignInDomain.prefix('shop'), providers: [...google()(stack).providers!, SignInProvider.google({ clientId: 'b', clientSecret: any({ secretArn: '' }) })] }), /two providers Google/],
    ['that does not map the address', google({ attributeMapping: { given_name: 'given_name' } }), /email is required, and nobody who signs in with Google/],
    ['that maps to an attribute that is not there', google({ attributeMapping: { 'email': 'email', 'custom:plan': 'plan' } }), /no attribute custom:plan/],
    ['that maps to a custom attribute that cannot change', stack => ({
      ...google({ attributeMapping: { 'email': 'email', 'custom:plan': 'plan' } })(stack), customAttributes: { plan: new cognito.StringAttribute() },
    }), /could not write custom:plan/],
    ['that maps to a standard attribute that cannot change', stack => ({ ...google()(stack), standardAttributes: { givenName: { mutable: false } } }), /could not write given_name/],
    ['that lacks a required attribute', stack => ({ ...google()(stack), standardAttributes: { birthdate: { required: true } } }), /birthdate is required/],
  ])('%s is refused', (_, props, message) => refuses(props, message));

  test.each([['shhh-written-out'], [SecretValue.unsafePlainText('shhh-written-out')]])('with a secret that is written out is refused, and the message does not have it', written => {
    let message = '';
    try {
      make(google({ clientSecret: any(written) }));
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/clientSecret of Google is not what it should be/);
    expect(message).not.toContain('shhh');
  });

  const oidc = (name: string, issuerUrl = 'https://login.example.org', scopes?: string[]): Build => stack => ({
    domain: SignInDomain.prefix('shop'), providers: [SignInProvider.openIdConnect(name, { clientId: 'id', clientSecret: secret(stack), issuerUrl, scopes })],
  });

  test.each<[string, Build, RegExp]>([
    ['called Google', oidc('Google'), /has built in/],
    ['called COGNITO', oidc('COGNITO'), /has built in/],
    ['with a name of two letters', oidc('ab'), /name of a provider is not well-formed/],
    ['without a name', oidc(any(undefined)), /name of a provider is missing/],
    ['with an issuer over http', oidc('Company', 'http://login.example.org'), /issuerUrl of Company is not well-formed/],
    ['with a slash at its end', oidc('Company', 'https://login.example.org/'), /issuerUrl of Company is not well-formed/],
    ['without an issuer', oidc('Company', ''), /issuerUrl of Company is not well-formed/],
    ['without openid', oidc('Company', undefined, ['email']), /does not ask for openid/],
  ])('of one\'s own %s is refused', (_, props, message) => refuses(props, message));

  test('of one\'s own needs no address among its scopes', () => {
    expect(() => make(oidc('Company', undefined, ['openid']))).not.toThrow();
  });
});

describe('a pool that exists', () => {
  const userPoolId = 'eu-central-1_AbCdEf123';

  test.each<[string, UserDirectoryProps, RegExp]>([
    ['by its ARN', { existing: { userPoolId: 'arn:aws:cognito-idp:eu-central-1:111111111111:userpool/eu-central-1_A' } }, /existing\.userPoolId is not well-formed/],
    ['without an id', { existing: any({ userPoolId: undefined }) }, /existing\.userPoolId is missing/],
    ['as text', { existing: any(userPoolId) }, /existing is not what it should be/],
    ['with a URL as domain', { existing: { userPoolId, domainName: 'https://auth.example.com' } }, /existing\.domainName is not well-formed/],
    ['on an unknown plan', { existing: { userPoolId, featurePlan: any('PREMIUM') } }, /existing\.featurePlan/],
    ['with what only a new one can have', { existing: { userPoolId }, mfa: cognito.Mfa.REQUIRED, selfSignUp: false }, /got: existing together with selfSignUp, mfa/],
    ['in another region', { existing: { userPoolId: 'us-east-1_AbCdEf123' } }, /in another region[^]*stack in eu-central-1/],
  ])('%s is refused', (_, props, message) => refuses(props, message, FRANKFURT));
});
