import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { CONDITIONS, idsOf, noncompliant, Resources } from './config-conditions';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import {
  AccountSecurity, AccountService, AppBucket, AppTable, ConfigRules, EncryptionKey, EnvironmentProfile, FargateApiWithRds, ImageUploads,
  PostgresDatabase, Recovery, SearchDomain, SearchIngestion, SiteKind, StaticCdnSite, WebNetwork,
} from '../../src';
import { MANAGED_RULES } from '../../src/compliance/managed-rules';

const PROFILES = ['development', 'staging', 'production'];
const VIRGINIA = { account: '111111111111', region: 'us-east-1' };
const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const ZONE = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' };

const SITE = mkdtempSync(join(tmpdir(), 'compliance-site-'));
writeFileSync(join(SITE, 'index.html'), '<p>site</p>');
afterAll(() => rmSync(SITE, { recursive: true }));

const newApp = () => new App({ context: { 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false });
const zoneIn = (stack: Stack) => route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', ZONE);

/** What teams deploy, by what makes it. */
const SUBJECTS: { readonly [name: string]: (app: App, profile: EnvironmentProfile) => void } = {
  'FargateApiWithRds': (app, profile) => {
    const stack = new Stack(app, 'Api', { env: FRANKFURT });
    new FargateApiWithRds(stack, 'Api', {
      profile,
      image: ecs.ContainerImage.fromRegistry('example/api'),
      containerPort: 8080,
      domainName: 'api.example.com',
      hostedZone: zoneIn(stack),
      cache: true,
      proxy: true,
    });
  },
  'StaticCdnSite': (app, profile) => {
    const stack = new Stack(app, 'Site', { env: FRANKFURT });
    new StaticCdnSite(stack, 'Site', { profile, kind: SiteKind.singlePageApp(), domainName: 'www.example.com', hostedZone: zoneIn(stack), directory: SITE });
  },
  'examples/arcade': (app, profile) => {
    new ArcadeStack(app, 'Arcade', { env: FRANKFURT, profile, domainName: 'arcade.example.com', zone: ZONE, version: 'v1', site: SITE });
  },
  'AppTable, AppBucket, AccountSecurity': (app, profile) => {
    const stack = new Stack(app, 'Blocks', { env: FRANKFURT });
    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(stack, 'Key', { profile }).key : undefined;
    new AppTable(stack, 'Table', { profile, encryptionKey });
    new AppBucket(stack, 'Bucket', { profile, encryptionKey });
    new AccountSecurity(stack, 'Account', { profile, encryptionKey, configRecorder: AccountService.NEW, cloudTrail: AccountService.NEW });
  },
  'SearchDomain, SearchIngestion': (app, profile) => {
    const stack = new Stack(app, 'Search', { env: FRANKFURT });
    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(stack, 'Key', { profile }).key : undefined;
    const { vpc } = new WebNetwork(stack, 'Network', { profile, encryptionKey });
    const database = new PostgresDatabase(stack, 'Database', { vpc, profile, encryptionKey });
    const search = new SearchDomain(stack, 'Search', { vpc, profile, encryptionKey, indexes: [{ name: 'games' }] });
    new SearchIngestion(stack, 'Ingestion', { vpc, profile, encryptionKey, search, database, databaseSecret: database.applicationSecret });
  },
  'ImageUploads': (app, profile) => {
    const stack = new Stack(app, 'Uploads', { env: FRANKFURT });
    new ImageUploads(stack, 'Photos', { profile });
    const { key: encryptionKey } = new EncryptionKey(stack, 'Key', { profile });
    new ImageUploads(stack, 'Scanned', { profile, encryptionKey, malwareScan: true });
  },
  'Recovery': (app, profile) => {
    const stack = new Stack(app, 'Recovery', { env: FRANKFURT });
    const { key: encryptionKey } = new EncryptionKey(stack, 'Key', { profile });
    const { vpc } = new WebNetwork(stack, 'Network', { profile, encryptionKey });
    new Recovery(stack, 'Recovery', {
      profile,
      recoveryRegion: 'eu-west-1',
      databases: [new PostgresDatabase(stack, 'Database', { profile, encryptionKey, vpc })],
      buckets: [new AppBucket(stack, 'Bucket', { profile, encryptionKey })],
      tables: [new AppTable(stack, 'Table', { profile, encryptionKey })],
      encryptionKey,
    });
  },
};

/** A rule as it is deployed. */
interface DeployedRule { readonly identifier: string; readonly parameters: { [name: string]: string } }

/** Rules of a profile, from the template that deploys them where all of them exist. */
function deployedRules(profile: EnvironmentProfile): DeployedRule[] {
  const stack = new Stack(newApp(), 'Rules', { env: VIRGINIA });
  new ConfigRules(stack, 'Rules', { profile });
  return Object.values(Template.fromStack(stack).findResources('AWS::Config::ConfigRule')).map(({ Properties }) =>
    ({ identifier: Properties.Source.SourceIdentifier, parameters: Properties.InputParameters ?? {} }));
}

/** Each template with its stack's id; those in us-east-1 that a block makes beside its stack are among them. */
function templates(subject: string, profile: EnvironmentProfile): { [stack: string]: Resources } {
  const app = newApp();
  SUBJECTS[subject](app, profile);
  const stacks = app.node.findAll().filter(Stack.isStack);
  return Object.fromEntries(stacks.map(stack => [stack.node.id, Template.fromStack(stack).toJSON().Resources as Resources]));
}

const productionTemplates = new Map<string, Resources[]>();
function inProduction(subject: string): Resources[] {
  if (!productionTemplates.has(subject)) productionTemplates.set(subject, Object.values(templates(subject, EnvironmentProfile.production())));
  return productionTemplates.get(subject)!;
}

describe.each(PROFILES)('in %s', name => {
  const profile = EnvironmentProfile.fromName(name);

  test.each(Object.keys(SUBJECTS))('%s satisfies every rule that is deployed', subject => {
    const rules = deployedRules(profile);
    const findings = Object.entries(templates(subject, profile)).flatMap(([stack, resources]) => rules.flatMap(({ identifier, parameters }) =>
      noncompliant(CONDITIONS[identifier](parameters), resources).map(id => `${identifier}: ${stack}/${id}`)));
    expect(findings).toEqual([]);
  });
});

test('there is a condition for every rule, and none without a rule', () => {
  expect(Object.keys(CONDITIONS).sort()).toEqual(MANAGED_RULES.map(({ identifier }) => identifier).sort());
});

test('in production every rule is deployed', () => {
  expect(deployedRules(EnvironmentProfile.production()).map(({ identifier }) => identifier).sort()).toEqual(Object.keys(CONDITIONS).sort());
});

describe.each(deployedRules(EnvironmentProfile.production()).map(rule => [rule.identifier, rule] as const))('%s', (identifier, { parameters }) => {
  const condition = CONDITIONS[identifier](parameters);
  const found = () => Object.keys(SUBJECTS).flatMap(inProduction).find(resources => idsOf(resources, condition.types).length > 0);

  test('has something to look at, and finds what is changed', () => {
    const resources: Resources = structuredClone(found()!);
    const [id] = idsOf(resources, condition.types);
    expect(noncompliant(condition, resources)).toEqual([]);
    condition.breaks(resources[id].Properties, resources, id);
    expect(noncompliant(condition, resources)).toContain(id);
  });
});
