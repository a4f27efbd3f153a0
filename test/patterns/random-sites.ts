import { Environment, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import {
  ContentSecurityPolicy, EnvironmentOverrides, EnvironmentProfile, RuntimeConfig, SiteApi, SiteHeaders, SiteKind, SitePassword, SmokeTest,
  StaticCdnSite, StaticCdnSiteProps, WebFirewall,
} from '../../src';

/** What a random site is made of: parts that need a stack are made when it is built. */
export interface SiteConfiguration {
  readonly region?: string;
  readonly profile: string;
  readonly overrides: EnvironmentOverrides;
  readonly plain: Omit<StaticCdnSiteProps, 'profile'>;
  readonly withFiles: boolean;
  readonly withDomain: boolean;
  readonly given: readonly ('bucket' | 'headers' | 'firewall' | 'password' | 'encryptionKey' | 'certificate')[];
}

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/8f1e2d3c-0000-4000-8000-000000000000';
const WEB_ACL = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/theirs/8f1e2d3c-0000-4000-8000-000000000000';

const overrides: fc.Arbitrary<EnvironmentOverrides> = fc.record({
  firewall: fc.boolean(),
  accessLogs: fc.boolean(),
  alarms: fc.boolean(),
  customerManagedKey: fc.boolean(),
  logRetentionDays: fc.constantFrom(1, 7, 30, 400),
  priceClass: fc.constantFrom(...Object.values(cloudfront.PriceClass)),
}, { requiredKeys: [], noNullPrototype: true });

const kind = fc.constantFrom(
  SiteKind.singlePageApp(), SiteKind.singlePageApp({ page: '/200.html' }), SiteKind.multiPage(), SiteKind.multiPage({ trailingSlash: false }),
  SiteKind.prerendered(), SiteKind.prerendered({ folders: false }), SiteKind.files(),
);

/** An API, or error pages: both would not do what they look like. */
const answers = fc.constantFrom<Partial<StaticCdnSiteProps>>(
  {},
  { errorPages: [] },
  { errorPages: [{ status: 404, path: '/404.html' }, { status: 403, path: '/403.html' }] },
  { errorPages: [], api: SiteApi.httpsEndpoint('api.example.com') },
  { errorPages: [], api: SiteApi.httpsEndpoint('api.example.com', { pathPatterns: ['/api/*', '/graphql'] }) },
);

const plain = fc.record({
  kind,
  answers,
  smokeTests: fc.constantFrom<SmokeTest[] | undefined>(undefined, [{ path: '/' }], [{ path: '/about', expectedStatus: 404 }]),
  geoRestriction: fc.constantFrom(undefined, cloudfront.GeoRestriction.allowlist('DE', 'AT'), cloudfront.GeoRestriction.denylist('KP')),
  priceClass: fc.constantFrom(undefined, ...Object.values(cloudfront.PriceClass)),
  alertEmails: fc.constantFrom<string[] | undefined>(undefined, ['operations@example.com'], []),
  firewallEnabled: fc.constantFrom(undefined, true, false),
  passwordProtected: fc.constantFrom(undefined, true, false),
  intelligentTiering: fc.constantFrom(undefined, true, false),
  contentSecurityPolicy: fc.constantFrom(undefined, new ContentSecurityPolicy({ connectSrc: ['https://api.example.com'] })),
}, { noNullPrototype: true }).map(({ answers: pages, ...rest }) => ({ ...rest, ...pages }));

/** Configurations that a team could mean. */
export const siteConfigurations: fc.Arbitrary<SiteConfiguration> = fc.record({
  region: fc.constantFrom(undefined, 'us-east-1', 'eu-central-1', 'ap-southeast-2'),
  profile: fc.constantFrom('development', 'staging', 'production'),
  overrides,
  plain,
  withFiles: fc.boolean(),
  withDomain: fc.boolean(),
  given: fc.subarray(['bucket', 'headers', 'firewall', 'password', 'encryptionKey', 'certificate'] as const),
}, { noNullPrototype: true });

/** Account and region of the configuration's stack. */
export function environmentOf({ region }: SiteConfiguration): Environment | undefined {
  return region === undefined ? undefined : { account: '111111111111', region };
}

/** Builds the configuration as a team would write it, publishing the folder where it has files. */
export function buildSite(stack: Stack, configuration: SiteConfiguration, folder: string): StaticCdnSite {
  const { profile, overrides: changes, given, withDomain, withFiles } = configuration;
  return new StaticCdnSite(stack, 'Site', {
    ...withFiles ? { directory: folder, runtimeConfig: RuntimeConfig.script({ values: { apiUrl: '/api' } }), cacheControl: { '*.html': 'no-cache' } } : {},
    ...withDomain ? domain(stack, given.includes('certificate')) : {},
    ...withoutShapes(configuration),
    ...givenParts(stack, given),
    profile: EnvironmentProfile.fromName(profile).with(changes),
  });
}

function domain(stack: Stack, withCertificate: boolean): Partial<StaticCdnSiteProps> {
  return {
    domainName: 'www.example.com',
    alternativeDomainNames: ['example.com'],
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName: 'example.com' }),
    certificate: withCertificate ? acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE) : undefined,
  };
}

/** What would shape a part is left out where the part is given. */
function withoutShapes({ plain: props, given }: SiteConfiguration): Omit<StaticCdnSiteProps, 'profile'> {
  const isGiven = (part: SiteConfiguration['given'][number]) => given.includes(part);
  return {
    ...props,
    intelligentTiering: isGiven('bucket') ? undefined : props.intelligentTiering,
    contentSecurityPolicy: isGiven('headers') ? undefined : props.contentSecurityPolicy,
    firewallEnabled: isGiven('firewall') ? undefined : props.firewallEnabled,
    passwordProtected: isGiven('password') ? undefined : props.passwordProtected,
  };
}

function givenParts(stack: Stack, given: SiteConfiguration['given']): Partial<StaticCdnSiteProps> {
  const make = {
    bucket: () => ({ bucket: new s3.Bucket(stack, 'GivenBucket', { versioned: true }) }),
    headers: () => ({ headers: new SiteHeaders(stack, 'GivenHeaders') }),
    firewall: () => ({ firewall: WebFirewall.fromWebAclArn(stack, 'GivenFirewall', WEB_ACL) }),
    password: () => ({ password: new SitePassword(stack, 'GivenPassword') }),
    encryptionKey: () => ({ encryptionKey: new kms.Key(stack, 'GivenKey') }),
    // Only together with a domain.
    certificate: () => ({}),
  };
  return Object.assign({}, ...given.map(part => make[part]()));
}

/** One mistake made in an otherwise sound configuration. */
export type SiteMistake = readonly [string, (sound: SiteConfiguration) => SiteConfiguration];

const inSite = (name: string, change: { [prop: string]: unknown }, given: Partial<SiteConfiguration> = {}): SiteMistake =>
  [name, sound => ({ ...sound, ...given, plain: { ...sound.plain, ...change } as SiteConfiguration['plain'] })];

export const SITE_MISTAKES: readonly SiteMistake[] = [
  inSite('no kind', { kind: undefined }),
  inSite('a kind as text', { kind: 'spa' }),
  inSite('a boolean as text', { passwordProtected: 'no' }, { given: [] }),
  inSite('a firewall as an ARN', { firewall: WEB_ACL, firewallEnabled: undefined }, { given: [] }),
  inSite('a bucket as its name', { bucket: 'files' }, { given: [] }),
  inSite('a folder that is not there', { directory: '/nowhere/at/all' }, { withFiles: false }),
  inSite('a domain without zone and certificate', { domainName: 'www.example.com' }, { withDomain: false }),
  inSite('a domain outside the zone', { domainName: 'www.example.org' }, { withDomain: true }),
  inSite('a domain with a space', { domainName: 'www example.com' }, { withDomain: true }),
  inSite('a name twice', { alternativeDomainNames: ['www.example.com'] }, { withDomain: true }),
  inSite('further names without a first one', { alternativeDomainNames: ['example.com'] }, { withDomain: false }),
  inSite('settings without files', { runtimeConfig: RuntimeConfig.script({ values: {} }) }, { withFiles: false }),
  inSite('an illegal mail address', { alertEmails: ['operations'] }),
  inSite('error pages beside an API', { api: SiteApi.httpsEndpoint('api.example.com'), errorPages: [{ status: 404, path: '/404.html' }] }),
  inSite('an error page for success', { api: undefined, errorPages: [{ status: 200, path: '/200.html' }] }),
  inSite('two pages for one error', { api: undefined, errorPages: [{ status: 404, path: '/a.html' }, { status: 404, path: '/b.html' }] }),
  inSite('an API as its address', { api: 'https://api.example.com' }),
  inSite('no smoke tests at all', { smokeTests: [] }),
  inSite('a smoke test of another address', { smokeTests: [{ path: 'https://example.org/' }] }),
  ['a certificate of another region', sound => ({ ...sound, withDomain: true, given: [], plain: { ...sound.plain, certificate: elsewhere() } })],
  ['a retention that does not exist', sound => ({ ...sound, overrides: { ...sound.overrides, logRetentionDays: 2 } })],
  inSite('a given firewall and one to be made', { firewall: { webAclArn: WEB_ACL }, firewallEnabled: true }, { given: [] }),
];

function elsewhere(): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(new Stack(), 'Certificate', CERTIFICATE.replace('us-east-1', 'eu-central-1'));
}
