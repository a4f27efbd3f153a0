import { Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { addApp, newStack, only, refusal, VIRGINIA } from './amplify-fixtures';
import { AmplifyDomain, AmplifyDomainOptions } from '../../src';

const certificate = (stack: Stack, region = 'us-east-1') =>
  acm.Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:${region}:111111111111:certificate/8f1e2d3c`);

function domain(options: Partial<AmplifyDomainOptions> = {}, stack = newStack()): AmplifyDomain {
  const app = addApp(stack);
  app.addBranch('main');
  app.addBranch('feature/login');
  return app.addDomain('Domain', { domainName: 'example.com', subdomains: { '': 'main', 'www': 'main', 'login': 'feature/login' }, ...options });
}

test('branches are served under their names, when they are there', () => {
  const stack = newStack();
  const made = domain({}, stack);
  const [{ Properties, DependsOn }] = Object.values(Template.fromStack(stack).findResources('AWS::Amplify::Domain'));
  expect(Properties).toMatchObject({
    DomainName: 'example.com',
    SubDomainSettings: [{ Prefix: '', BranchName: 'main' }, { Prefix: 'www', BranchName: 'main' }, { Prefix: 'login', BranchName: 'feature/login' }],
    CertificateSettings: { CertificateType: 'AMPLIFY_MANAGED' },
  });
  expect(DependsOn).toEqual([expect.stringMatching(/Branchfeaturelogin/), expect.stringMatching(/Branchmain/)]);
  expect(made.urls).toEqual(['https://example.com', 'https://www.example.com', 'https://login.example.com']);
  expect([made.urlOf('main'), made.urlOf('feature/login'), made.urlOf('other')]).toEqual(['https://example.com', 'https://login.example.com', undefined]);
  expect(stack.resolve(made.certificateRecord)).toEqual({ 'Fn::GetAtt': [expect.any(String), 'CertificateRecord'] });
});

test('a certificate of the team\'s own is used', () => {
  const stack = newStack();
  domain({ certificate: certificate(stack) }, stack);
  expect(only(Template.fromStack(stack), 'AWS::Amplify::Domain').CertificateSettings)
    .toEqual({ CertificateType: 'CUSTOM', CustomCertificateArn: 'arn:aws:acm:us-east-1:111111111111:certificate/8f1e2d3c' });
});

test('one that is made in the stack is taken where the region is not known, or is right', () => {
  for (const env of [undefined, VIRGINIA]) {
    const stack = newStack(env);
    domain({ certificate: new acm.Certificate(stack, 'Made', { domainName: 'example.com', validation: acm.CertificateValidation.fromDns() }) }, stack);
    Template.fromStack(stack).resourceCountIs('AWS::Amplify::Domain', 1);
  }
});

test('a domain may be known at deployment only', () => {
  const stack = newStack();
  domain({ domainName: Token.asString({ Ref: 'DomainName' }) }, stack);
  expect(only(Template.fromStack(stack), 'AWS::Amplify::Domain').DomainName).toEqual({ Ref: 'DomainName' });
});

test.each<[string, object, RegExp]>([
  ['no domain', { domainName: undefined }, /domainName is missing/],
  ['an address', { domainName: 'https://example.com' }, /domainName is not well-formed/],
  ['capital letters', { domainName: 'Example.com' }, /domainName is not well-formed/],
  ['no branches', { subdomains: {} }, /subdomains is missing/],
  ['a list of branches', { subdomains: ['main'] }, /subdomains is not an object/],
  ['a prefix with a space', { subdomains: { 'a b': 'main' } }, /subdomains is not well-formed/],
  ['a branch that there is not', { subdomains: { www: 'mian' } }, /'www': 'mian'[^]*main, feature\/login/],
  ['a number for a branch', { subdomains: { www: 7 } }, /'www': 7/],
  ['an ARN for a certificate', { certificate: 'arn:aws:acm:…' }, /certificate is not what it should be/],
])('%s is refused', (_what, options, message) => {
  expect(refusal(() => domain(options))).toMatch(message);
});

describe('a certificate of another region', () => {
  const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };

  test('is refused, imported or made', () => {
    const stack = newStack();
    expect(refusal(() => domain({ certificate: certificate(stack, 'eu-central-1') }, stack))).toMatch(/a certificate in eu-central-1/);
    const home = newStack(FRANKFURT);
    const made = new acm.Certificate(home, 'Made', { domainName: 'example.com' });
    expect(refusal(() => domain({ certificate: made }, home))).toMatch(/a certificate in eu-central-1/);
  });

  test('is taken for one of us-east-1 where only its ARN could tell, which is not known', () => {
    const stack = newStack(FRANKFURT);
    const imported = acm.Certificate.fromCertificateArn(stack, 'Imported', Token.asString({ Ref: 'CertificateArn' }));
    domain({ certificate: imported }, stack);
    Template.fromStack(stack).resourceCountIs('AWS::Amplify::Domain', 1);
  });
});
