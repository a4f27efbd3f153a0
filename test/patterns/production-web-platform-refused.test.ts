import { Duration, Stack } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { addPlatform, IMAGE, platformWithSite, SERVICES, SITE } from './production-web-platform-fixtures';
import { FRANKFURT, importedZone, newStack } from './static-cdn-site-fixtures';
import { EnvironmentProfile, ProductionWebPlatformProps, SignInDomain, SignInProvider, UserDirectory } from '../../src';

type Props = Partial<ProductionWebPlatformProps>;

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

function google(stack: Stack): SignInProvider {
  const clientSecret = secretsmanager.Secret.fromSecretNameV2(stack, 'GoogleSecret', 'google');
  return SignInProvider.google({ clientId: '1.apps.googleusercontent.com', clientSecret });
}

describe('refused before anything is made', () => {
  test.each<[string, (stack: Stack) => Props]>([
    ['services is missing', () => ({ services: undefined })],
    ['services is not', () => ({ services: [] as never })],
    ['a platform has at least one service', () => ({ services: {} })],
    ['services.Api is missing', () => ({ services: { Api: undefined as never } })],
    ['name of a service is not', () => ({ services: { 'my api': SERVICES.Api } })],
    ["is that of one of the platform's own parts", () => ({ services: { Database: SERVICES.Api } })],
    ['services.Api.usesSignIn is not', () => ({ services: { Api: { ...SERVICES.Api, usesSignIn: 'yes' as never } } })],
    ['cannot be told apart by hosts', () => ({ site: SITE, services: { Api: { ...SERVICES.Api, hosts: ['api.example.com'] } } })],
    ['which CloudFront alone reaches', () => ({ site: SITE, services: { Api: { ...SERVICES.Api, signIn: {} as never } } })],
    ['uploads is not', () => ({ uploads: true as never })],
    ["CloudFront's name comes too late", () => ({ site: SITE, uploads: {} })],
    ['search.ingestion is not', () => ({ search: { ingestion: 'yes' as never } })],
    ['alerts.emails is not', () => ({ alerts: { emails: 'ops@example.com' as never } })],
    ['apiPaths is not', () => ({ site: SITE, apiPaths: '/api/*' as never })],
    ['alerts.uptimePath is not', () => ({ alerts: { uptimePath: 'health' } })],
    ['loadBalancer is not', () => ({ loadBalancer: 'arn:aws:elasticloadbalancing' as never })],
    ['alerts.objectives is not', () => ({ alerts: { objectives: 1 as never } })],
    ['errorTracking is not', () => ({ errorTracking: 'https://sentry.io' as never })],
    ['services.Api.usesSearch is not', () => ({ services: { Api: { ...SERVICES.Api, usesSearch: 'no' as never } } })],
    ['profile is not', () => ({ profile: 'production' as never })],
    ['domain is not', () => ({ domain: 'example.com' as never })],
    ['domain.domainName is missing', stack => ({ domain: { hostedZone: importedZone(stack) } as never })],
    ['domain.domainName is not', stack => ({ domain: { domainName: 'https://example.com', hostedZone: importedZone(stack) } })],
    ['domain.hostedZone is missing', () => ({ domain: { domainName: 'example.com' } as never })],
    ['not inside the hosted zone', stack => ({ domain: { domainName: 'example.org', hostedZone: importedZone(stack) } })],
    ['is named twice', stack => ({ domain: { domainName: 'example.com', alternativeDomainNames: ['example.com'], hostedZone: importedZone(stack) } })],
    ['apiPaths says', () => ({ apiPaths: ['/v1/*'] })],
    ['nobody would reach the services', () => ({ publicLoadBalancer: false })],
    ['publicLoadBalancer is not', () => ({ publicLoadBalancer: 'no' as never })],
    ['needs a name for that', () => ({ site: SITE, publicLoadBalancer: true })],
    ['sign-in pages, which have no name here', stack => ({ signIn: { providers: [google(stack)] } })],
    ['signIn.callbackPath is not', () => ({ signIn: { callbackPath: 'callback' } })],
    ['signIn.directory is not', () => ({ signIn: { directory: 'eu-central-1_AbCdEf123' as never } })],
    ['loadBalancerFirewall is not', () => ({ loadBalancerFirewall: 'arn:aws:wafv2' as never })],
    ['budget is not', () => ({ budget: 400 as never })],
  ])('%s', (problem, props) => {
    const stack = newStack(FRANKFURT);
    const given = props(stack);
    expect(refusal(() => addPlatform(stack, given))).toMatch(problem);
    expect(stack.node.findChild('Arcade').node.children).toEqual([]);
  });
});

describe('refused by the part it belongs to', () => {
  test.each<[string, Props]>([
    ['monthlyLimit', { budget: { monthlyLimit: 0 } }],
    ['recoveryRegion', { recovery: { recoveryRegion: 'eu-central-1' } }],
    ['objectivePercent', { alerts: { availabilityPercent: 100 } }],
    ['acceptedTypes', { uploads: { acceptedTypes: ['image/heic'] } }],
    ['instanceType', { search: { instanceType: 'm9x.tiny.search' } }],
    ['a second factor is required, and there is none', { signIn: { mfa: cognito.Mfa.REQUIRED, authenticatorApp: false } }],
    ['protected from deletion', { workingHours: { timeZone: 'Europe/Berlin' } }],
    ['databaseLeadTime', { profile: EnvironmentProfile.staging(), workingHours: { timeZone: 'Europe/Berlin', databaseLeadTime: Duration.hours(4) } }],
  ])('%s', (problem, props) => {
    expect(refusal(() => platformWithSite(props))).toMatch(problem);
  });
});

test('two platforms that claim one name are refused, whatever stacks they are in', () => {
  const { stack } = platformWithSite();
  const other = new Stack(stack.node.root as never, 'Other', { env: FRANKFURT });
  const domain = { domainName: 'Arcade.example.com', hostedZone: importedZone(other) };
  expect(refusal(() => addPlatform(other, { domain, site: SITE }))).toMatch('two platforms have one name');
});

test('an existing directory is not shaped by props that would be ignored', () => {
  const directory = new UserDirectory(newStack(FRANKFURT), 'Users');
  expect(refusal(() => addPlatform(newStack(FRANKFURT), { signIn: { directory, selfSignUp: false } }))).toMatch('selfSignUp would shape a new directory');
});

test('providers need no domain of the platform where sign-in has its own', () => {
  const stack = newStack(FRANKFURT);
  const { users } = addPlatform(stack, { signIn: { domain: SignInDomain.prefix('shop'), providers: [google(stack)] } });
  expect(users?.signInUrl).toBe('https://shop.auth.eu-central-1.amazoncognito.com');
});

test('a service that is added later is checked like the first', () => {
  const { platform } = platformWithSite();
  expect(refusal(() => platform.addService('Cache', { image: IMAGE, containerPort: 80, paths: ['/api/x/*'] }))).toMatch('own parts');
});
