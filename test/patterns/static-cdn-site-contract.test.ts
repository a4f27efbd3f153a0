import { Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { addSite, FRANKFURT, importedZone, newStack, OTHER_FOLDER, SITE_FOLDER, templatesOf, VIRGINIA } from './static-cdn-site-fixtures';
import {
  ContentSecurityPolicy, EnvironmentProfile, FirewallPlacement, Monitoring, RuntimeConfig, SiteApi, SiteHeaders, SiteKind, SitePassword,
  StaticCdnSiteProps, WebFirewall,
} from '../../src';

/*
 * Logical ids are a public contract: a changed one replaces the files of a site, its key, its password, its names or the distribution that all
 * of its visitors are on. Whoever changes these tables changes running systems.
 */
const CONTRACT: { [logicalId: string]: string } = {
  SiteBucket55B5E7E0: 'AWS::S3::Bucket',
  SiteBucketAccessLogsBucket17070EC4: 'AWS::S3::Bucket',
  SiteEncryptionKey835AA462: 'AWS::KMS::Key',
  SitePasswordSecret33CC6B18: 'AWS::SecretsManager::Secret',
  SitePasswordStoreB2D3C483: 'AWS::CloudFront::KeyValueStore',
  SiteDistributionE734CA6C: 'AWS::CloudFront::Distribution',
  SiteCertificate3EBCC567: 'AWS::CertificateManager::Certificate',
  SiteRecordsRecord9A342BCA: 'AWS::Route53::RecordSet',
  SiteRecordsIpv6RecordC6747032: 'AWS::Route53::RecordSet',
  SiteFirewallWebAclEABDC164: 'AWS::WAFv2::WebACL',
};

/** What the site has in us-east-1 where it is elsewhere. */
const CONTRACT_BESIDE: { [logicalId: string]: string } = {
  EdgeEncryptionKey1711446C: 'AWS::KMS::Key',
  SiteCertificate3EBCC567: 'AWS::CertificateManager::Certificate',
  SiteFirewallWebAclEABDC164: 'AWS::WAFv2::WebACL',
};

const STATEFUL = [
  'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::CloudFront::KeyValueStore', 'AWS::CloudFront::Distribution',
  'AWS::CertificateManager::Certificate', 'AWS::Route53::RecordSet', 'AWS::WAFv2::WebACL',
];

/** Properties that cannot change without a new resource in the old one's place. */
const NAMES = ['BucketName', 'Name', 'Scope', 'DomainName', 'SubjectAlternativeNames', 'ValidationMethod', 'HostedZoneId', 'Type'];

type Props = Partial<StaticCdnSiteProps>;
type Stateful = { [logicalId: string]: { type: string; names: { [name: string]: unknown } } };

function siteTemplates(change: (stack: Stack) => Props, env: Environment = VIRGINIA): { [id: string]: Template } {
  const stack = newStack(env);
  addSite(stack, { directory: SITE_FOLDER, domainName: 'www.example.com', hostedZone: importedZone(stack), passwordProtected: true, ...change(stack) });
  return templatesOf(stack);
}

/** The stateful resources that the site makes: what a change gives it instead has an id that begins with Given. */
function stateful(template: Template): Stateful {
  const found = STATEFUL.flatMap(type => Object.entries(template.findResources(type)));
  return Object.fromEntries(found.filter(([id]) => !id.startsWith('Given')).map(([id, { Type: type, Properties = {} }]) => [
    id, { type, names: Object.fromEntries(NAMES.filter(name => name in Properties).map(name => [name, Properties[name]])) },
  ]));
}

const typesOf = (resources: Stateful) => Object.fromEntries(Object.entries(resources).map(([id, { type }]) => [id, type]));

let before: Stateful;
beforeAll(() => {
  before = stateful(siteTemplates(() => ({})).Stack);
});

test('logical ids of what keeps state or cannot be renamed stay as they are', () => {
  expect(typesOf(before)).toEqual(CONTRACT);
});

test('they are the same elsewhere, in the stack and in the one beside it', () => {
  const { 'Stack': home, 'Stack-edge': edge } = siteTemplates(() => ({}), FRANKFURT);
  expect(typesOf(stateful(edge))).toEqual(CONTRACT_BESIDE);
  const expected = Object.entries(CONTRACT).filter(([, type]) => !/WebACL|Certificate/.test(type));
  expect(typesOf(stateful(home))).toEqual(Object.fromEntries(expected));
});

test.each<[string, (stack: Stack) => Props]>([
  ['kind', () => ({ kind: SiteKind.multiPage() })],
  ['directory', () => ({ directory: OTHER_FOLDER })],
  ['no directory', () => ({ directory: undefined })],
  ['profile', () => ({ profile: EnvironmentProfile.staging() })],
  ['price and retention of a profile', () => ({ profile: EnvironmentProfile.production().with({ alarms: false, logRetentionDays: 7 }) })],
  ['runtimeConfig', () => ({ runtimeConfig: RuntimeConfig.script({ values: { apiUrl: '/api' } }) })],
  ['api', () => ({ api: SiteApi.httpsEndpoint('api.example.com') })],
  ['contentSecurityPolicy', () => ({ contentSecurityPolicy: new ContentSecurityPolicy({ connectSrc: ['https://api.example.com'] }) })],
  ['headers', stack => ({ headers: new SiteHeaders(stack, 'GivenHeaders') })],
  ['errorPages', () => ({ errorPages: [{ status: 404, path: '/404.html' }] })],
  ['geoRestriction', () => ({ geoRestriction: cloudfront.GeoRestriction.denylist('KP') })],
  ['priceClass', () => ({ priceClass: cloudfront.PriceClass.PRICE_CLASS_100 })],
  ['intelligentTiering', () => ({ intelligentTiering: true })],
  ['cacheControl', () => ({ cacheControl: { 'index.html': 'no-cache' } })],
  ['smokeTests', () => ({ smokeTests: [{ path: '/' }] })],
  ['monitoring', stack => ({ monitoring: new Monitoring(stack, 'GivenMonitoring') })],
  ['alertTopic', stack => ({ alertTopic: new sns.Topic(stack, 'GivenTopic') })],
  ['alertEmails', () => ({ alertEmails: ['operations@example.com'] })],
])('a change of %s leaves them all, and their names, as they are', (_prop, change) => {
  expect(stateful(siteTemplates(change).Stack)).toEqual(before);
});

test.each<[string, RegExp, (stack: Stack) => Props]>([
  ['certificate', /^SiteCertificate/, stack => ({
    certificate: acm.Certificate.fromCertificateArn(stack, 'GivenCertificate', 'arn:aws:acm:us-east-1:111111111111:certificate/8f1e2d3c'),
  })],
  ['firewallEnabled', /^SiteFirewall/, () => ({ firewallEnabled: false })],
  ['firewall', /^SiteFirewall/, stack => ({ firewall: new WebFirewall(stack, 'GivenFirewall', { placement: FirewallPlacement.cloudFront() }) })],
  ['passwordProtected', /^SitePassword/, () => ({ passwordProtected: false })],
  ['password', /^SitePassword/, stack => ({ passwordProtected: undefined, password: new SitePassword(stack, 'GivenPassword') })],
  ['bucket', /^SiteBucket/, stack => ({
    bucket: new s3.Bucket(stack, 'GivenBucket', { versioned: true }),
    profile: EnvironmentProfile.production().with({ accessLogs: false }),
  })],
  ['encryptionKey', /^SiteEncryptionKey/, stack => ({ encryptionKey: new kms.Key(stack, 'GivenKey') })],
  ['domainName', /^SiteCertificate|^SiteRecords/, () => ({ domainName: undefined, hostedZone: undefined })],
])('a change of %s takes away what it stands for, and leaves all else as it is', (_prop, gone, change) => {
  const rest = Object.entries(before).filter(([id]) => !gone.test(id));
  expect(rest.length).toBeLessThan(Object.keys(before).length);
  expect(stateful(siteTemplates(change).Stack)).toEqual(Object.fromEntries(rest));
});

test('another name, and further names, keep the ids of the certificate and of the records that there were', () => {
  for (const change of [{ domainName: 'shop.example.com' }, { alternativeDomainNames: ['example.com'] }]) {
    const after = typesOf(stateful(siteTemplates(() => change).Stack));
    expect(after).toMatchObject(CONTRACT);
  }
});

test('beside a given bucket, access logs get a bucket of their own', () => {
  const after = stateful(siteTemplates(stack => ({ bucket: new s3.Bucket(stack, 'GivenBucket') })).Stack);
  expect(Object.keys(after).filter(id => !(id in before))).toEqual(['SiteAccessLogsBucketEBD1FA0F']);
});

test('physical names are left to CloudFormation, but for those that AWS wants', () => {
  const names = ['BucketName', 'LogGroupName', 'QueueName', 'RoleName', 'FunctionName', 'TopicName', 'ManagedPolicyName', 'AlarmName', 'DashboardName'];
  const resources: { Properties?: { [name: string]: unknown } }[] = Object.values(siteTemplates(() => ({})).Stack.toJSON().Resources);
  const named = resources.flatMap(({ Properties = {} }) => names.map(name => JSON.stringify(Properties[name]) ?? ''))
    // What refers to another resource names that one. AWS WAF writes to log groups of a given name only.
    .filter(name => name !== '' && !/^\{"(Ref|Fn::GetAtt)":/.test(name) && !name.includes('aws-waf-logs-'));
  expect(named).toEqual([]);
});
