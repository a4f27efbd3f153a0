import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { AivpStack } from '../../examples/aivp/aivp-stack';
import { DesktopStack } from '../../examples/aivp/desktop-stack';
import { AlvaStack } from '../../examples/alva/alva-stack';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import { RealtecheeStack } from '../../examples/realtechee/realtechee-stack';
import { RpgStack } from '../../examples/rpg/rpg-stack';
import {
  AccountSecurity, AccountService, AmplifyFramework, AmplifyMultiBranchApp, AppTable, BranchBackend, ConfigRules, CostEstimate, CostReport,
  DatabaseCapacity, EnvironmentProfile, FargateApiWithRds, GuardDutyFeature, ImageUploads, NatStrategy, ProductionWebPlatform, Recovery, SearchDomain,
  SearchIngestion, ServiceLevelIndicator, ServiceLevelObjective, SignInDomain, SiteKind, StaticCdnSite, UptimeCheck, UserDirectory, WorkerQueue,
} from '../../src';
import { PRICE_TABLE, PRICED_REGIONS, priceTable } from '../../src/cost/estimate/price-table';
import { EXAMPLES } from '../examples/example';

const PROFILES = ['development', 'staging', 'production'];
const ZONE = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' };
const SITE = mkdtempSync(join(tmpdir(), 'estimate-site-'));

beforeAll(() => writeFileSync(join(SITE, 'index.html'), '<!doctype html>'));
afterAll(() => rmSync(SITE, { recursive: true }));

function estimate(build: (app: App) => unknown, context = {}): CostReport {
  const app = new App({ context });
  build(app);
  return new CostEstimate(app, 'CostEstimate').report();
}

function estimateOf(example: string, build: (app: App, profile: EnvironmentProfile) => unknown, profile = 'production'): CostReport {
  const { context } = JSON.parse(readFileSync(join(EXAMPLES, example, 'cdk.json'), 'utf8'));
  return estimate(app => build(app, EnvironmentProfile.fromName(profile)), context);
}

/** Types and reasons of what has no price. */
const unpriced = ({ unpriced: costs }: CostReport) => costs.map(({ resourceType, reason }) => `${resourceType}: ${reason}`);
const image = ecs.ContainerImage.fromRegistry('example/api');
const env = (region: string) => ({ env: { region } });

function everything(app: App, profile: EnvironmentProfile, region = 'us-east-1'): void {
  const stack = new Stack(app, 'Platform', env(region));
  const api = new FargateApiWithRds(stack, 'Api', {
    profile: profile.with({ interfaceEndpoints: ['secretsmanager'] }),
    image,
    containerPort: 8080,
    cache: true,
    proxy: true,
    domainName: 'api.example.com',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', ZONE),
    migrations: { command: ['migrate'] },
    smokeTests: [{ path: '/health' }],
  });
  api.addWorker('Worker', { image, queue: WorkerQueue.managed() });
  new StaticCdnSite(stack, 'Site', { profile, kind: SiteKind.singlePageApp(), directory: SITE });
  new UserDirectory(stack, 'Users', { profile, domain: SignInDomain.prefix('example') });
  new AmplifyMultiBranchApp(stack, 'Web', { profile, framework: AmplifyFramework.nextJs(), branches: { main: { backend: BranchBackend.own() } } });
}

const PROXY = 'AWS::RDS::DBProxy: the table has no price of RDS Proxy, 2 vCPU';
const REPLICATION = 'AWS::S3::Bucket: the table has no price of the transfer of its copies to another region';

/** A platform with everything that it can have, and the blocks beside it that are watched by its monitoring. */
function wholePlatform(app: App, profile: EnvironmentProfile, region = 'us-east-1'): void {
  const stack = new Stack(app, 'Platform', env(region));
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', ZONE);
  const platform = new ProductionWebPlatform(stack, 'Shop', {
    profile,
    services: { Api: { image, containerPort: 8080 } },
    cache: true,
    proxy: true,
    domain: { domainName: 'www.example.com', hostedZone },
    site: { kind: SiteKind.singlePageApp(), directory: SITE },
    signIn: {},
    budget: { monthlyLimit: 700, emails: ['team@example.com'] },
    costAnomalies: {},
  });
  const { network: { vpc }, database, loadBalancer: { loadBalancer }, monitoring } = platform;
  const uploads = new ImageUploads(stack, 'Photos', { profile });
  const search = new SearchDomain(stack, 'Search', { vpc, profile, indexes: [{ name: 'games' }] });
  const ingestion = new SearchIngestion(stack, 'Ingestion', { vpc, profile, search, database, databaseSecret: database.applicationSecret });
  const tables = [new AppTable(stack, 'Sessions', { profile, partitionKey: { name: 'id', type: AttributeType.STRING } })];
  const recovery = new Recovery(stack, 'Recovery', { profile, recoveryRegion: region === 'us-east-1' ? 'eu-central-1' : 'us-east-1', databases: [database], buckets: [uploads.uploads], tables });
  const objectives = [
    ServiceLevelIndicator.availability(loadBalancer), ServiceLevelIndicator.latency(loadBalancer, Duration.millis(200)),
    ServiceLevelIndicator.siteAvailability(platform.site!.site.distribution),
  ].map((indicator, index) => new ServiceLevelObjective(stack, `Objective${index}`, { indicator, profile }));
  const uptime = new UptimeCheck(stack, 'Uptime', { domainName: 'www.example.com', profile });
  for (const block of [uploads, search, ingestion, recovery, uptime, ...objectives]) monitoring.watch(block);
}

/** What an account has once, with everything on. */
function account(app: App): void {
  const stack = new Stack(app, 'Account', env('us-east-1'));
  const { NEW } = AccountService;
  const guardDutyFeatures = [GuardDutyFeature.S3_DATA_EVENTS];
  const accountSecurity = new AccountSecurity(stack, 'Security', {
    configRecorder: NEW, cloudTrail: NEW, guardDuty: NEW, guardDutyFeatures, securityHub: NEW, accessAnalyzer: NEW, imageScanning: NEW,
  });
  new ConfigRules(stack, 'Rules', { accountSecurity, conformancePack: true });
  new ConfigRules(stack, 'OtherRules', { accountSecurity, scopeTag: { key: 'Environment', value: 'production' } });
}

describe('everything that patterns and examples make has a price or is free', () => {
  test.each(PROFILES)('patterns in us-east-1: %s', name => {
    expect(unpriced(estimate(app => everything(app, EnvironmentProfile.fromName(name))))).toEqual([]);
  });

  test('in eu-central-1 but for the proxy, whose price no source has', () => {
    const report = estimate(app => everything(app, EnvironmentProfile.production(), 'eu-central-1'));
    expect(unpriced(report)).toEqual([PROXY]);
  });

  test.each(PROFILES)('the whole platform with uploads, search, recovery and objectives, but for the transfer of copies: %s', name => {
    expect(unpriced(estimate(app => wholePlatform(app, EnvironmentProfile.fromName(name))))).toEqual([REPLICATION]);
  });

  test('the whole platform in eu-central-1, but for what has no price there in any source', () => {
    expect(unpriced(estimate(app => wholePlatform(app, EnvironmentProfile.production(), 'eu-central-1')))).toEqual([
      PROXY,
      REPLICATION,
      'AWS::OpenSearchService::Domain: the table has no price of OpenSearch m7g.medium.search, 2 data nodes',
      'AWS::OpenSearchService::Domain: the table has no price of OpenSearch m7g.medium.search, 3 master nodes',
      'AWS::OpenSearchService::Domain: the table has no price of disks of 2 nodes',
    ]);
  });

  test('uploads that are scanned for malware, but for the scan', () => {
    const report = estimate(app => new ImageUploads(new Stack(app, 'Stack', env('us-east-1')), 'Photos', { malwareScan: true }));
    expect(unpriced(report)).toEqual(['AWS::GuardDuty::MalwareProtectionPlan: the table has no price of scanning objects for malware']);
  });

  test('what an account has once, but for what sources differ on or do not have', () => {
    expect(unpriced(estimate(account)).sort()).toEqual([
      'AWS::ECR::RegistryScanningConfiguration: the table has no price of Inspector, which scans the images',
      'AWS::GuardDuty::Detector: the table has no price of its further protection plans',
      'AWS::SecurityHub::Hub: sources differ on what Security Hub counts',
    ]);
  });

  test('with Aurora Serverless and one NAT gateway', () => {
    const profile = EnvironmentProfile.production().with({ natStrategy: NatStrategy.gateways(1) });
    const databaseCapacity = DatabaseCapacity.serverless({ minimumCapacity: 0.5, maximumCapacity: 4 });
    const report = estimate(app => new FargateApiWithRds(new Stack(app, 'Stack', env('us-east-1')), 'Api', { profile, image, containerPort: 80, databaseCapacity }));
    expect(unpriced(report)).toEqual([]);
    // ½ ACU for writer and reader: 730 × 0.12 together
    expect(report.lines.filter(({ what }) => what.startsWith('Aurora Serverless')).reduce((sum, { monthlyUsd }) => sum + monthlyUsd, 0)).toBeCloseTo(87.6, 6);
  });

  const domainName = 'api.example.com';
  test.each<[string, () => CostReport]>([
    ['aivp', () => estimateOf('aivp', (app, profile) => new AivpStack(app, 'Aivp', { ...env('us-east-1'), profile, version: 'v1', domainName, zone: ZONE }))],
    ['aivp, desktop', () => estimateOf('aivp', app => new DesktopStack(app, 'Desktop', { ...env('us-east-1'), zone: ZONE }))],
    ['alva', () => estimateOf('alva', (app, profile) => new AlvaStack(app, 'Alva', { ...env('eu-central-1'), profile, version: 'v1', zone: ZONE }), 'staging')],
    ['rpg', () => estimateOf('rpg', app => new RpgStack(app, 'Rpg', { ...env('eu-central-1'), domainName: 'rpg.example.com', productionTable: 'rpg' }))],
    ['realtechee', () => estimateOf('realtechee', app => new RealtecheeStack(app, 'Realtechee', env('eu-central-1')))],
  ])('%s', (_, report) => {
    expect(unpriced(report())).toEqual([]);
  });

  test('but for the copies of arcade in another region', () => {
    const report = estimateOf('arcade',
      (app, profile) => new ArcadeStack(app, 'Arcade', { ...env('us-east-1'), profile, version: 'v1', domainName, zone: ZONE, site: SITE }));
    expect(unpriced(report)).toEqual([REPLICATION]);
  });

  test('but for proxy and search in eu-central-1 and the password of a site, which have no price in any source', () => {
    const report = estimateOf('arcade',
      (app, profile) => new ArcadeStack(app, 'Arcade', { ...env('eu-central-1'), profile, version: 'v1', domainName, zone: ZONE, site: SITE }), 'staging');
    expect(unpriced(report)).toEqual([
      PROXY,
      'AWS::OpenSearchService::Domain: the table has no price of OpenSearch t3.small.search, 1 data node',
      'AWS::OpenSearchService::Domain: the table has no price of disks of 1 node',
      'AWS::CloudFront::KeyValueStore: the table has no price of its reads',
    ]);
  });
});

describe('what the patterns cost with their defaults in us-east-1', () => {
  const platform = (name: string) => estimate(app => {
    const stack = new Stack(app, 'Platform', env('us-east-1'));
    const profile = EnvironmentProfile.fromName(name);
    new FargateApiWithRds(stack, 'Api', { profile, image, containerPort: 8080 });
    new StaticCdnSite(stack, 'Site', { profile, kind: SiteKind.singlePageApp() });
  });

  test.each([['development', 60], ['staging', 150], ['production', 400]])('%s is at most %d USD', (name, target) => {
    expect(platform(name).monthlyUsd).toBeLessThanOrEqual(target);
  });

  test('production with everything is at most 700 USD', () => {
    expect(estimate(app => wholePlatform(app, EnvironmentProfile.production())).monthlyUsd).toBeLessThanOrEqual(700);
  });

  test('development, line by line: what it stands on, by hand', () => {
    const blocks = new Map<string, number>();
    for (const { block, monthlyUsd, dependsOnUse } of platform('development').lines) if (!dependsOnUse) blocks.set(block, (blocks.get(block) ?? 0) + monthlyUsd);
    const rounded = Object.fromEntries([...blocks].filter(([, sum]) => sum > 0).map(([block, sum]) => [block, Number(sum.toFixed(6))]));
    expect(rounded).toEqual({
      'Platform/Api/LoadBalancer': 23.725, // 730 × 0.0225 + 2 × 730 × 0.005
      'Platform/Api/Database': 15.18, // 730 × 0.016 + 20 × 0.115 + 3 secrets × 0.40
      'Platform/Api/Network': 7.356, // 730 × 0.0042 + 8 × 0.08 + 730 × 0.005
      'Platform/Api/Service': 7.20875, // 730 × (¼ × 0.03238 + ½ × 0.00356), at most
    });
  });
});

describe('the table', () => {
  const { collected, prices } = priceTable();

  test('is small, dated, and has its units', () => {
    expect(statSync(PRICE_TABLE).size).toBeLessThan(32_000);
    for (const { unit, regions } of Object.values(prices)) {
      expect(unit).toMatch(/\S/);
      for (const [region, { usd, date, sourcesAgree }] of Object.entries(regions)) {
        expect([...PRICED_REGIONS, 'global']).toContain(region);
        expect(usd).toBeGreaterThan(0);
        expect(date).toMatch(/^20[0-9]{2}-[0-9]{2}-[0-9]{2}$/);
        expect(date <= collected).toBe(true);
        expect(typeof sourcesAgree).toBe('boolean');
      }
    }
  });

  test.each<[string, string, number, boolean]>([
    ['fargate-arm-vcpu', 'eu-central-1', 0.03725, true], ['nat', 'eu-central-1', 0.052, true], ['rds-multi:db.t4g.medium', 'us-east-1', 0.129, false],
    ['valkey:cache.t4g.small', 'us-east-1', 0.0256, false], ['firewall', 'us-east-1', 5, true], ['firewall', 'eu-central-1', 5, false],
  ])('%s in %s: %d, sources agree: %s', (key, region, usd, sourcesAgree) => {
    expect(prices[key].regions[region]).toMatchObject({ usd, sourcesAgree });
  });

  test('ships beside the code that reads it', () => {
    expect(PRICE_TABLE.endsWith(join('cost', 'estimate', 'list-prices.json'))).toBe(true);
    const tasks = JSON.parse(readFileSync(join(__dirname, '..', '..', '.projen', 'tasks.json'), 'utf8')).tasks;
    expect(JSON.stringify(tasks.compile.steps)).toContain('lib/cost/estimate/list-prices.json');
    expect(existsSync(PRICE_TABLE)).toBe(true);
  });
});
