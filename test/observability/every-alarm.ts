import { readFileSync } from 'fs';
import { join } from 'path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AivpStack } from '../../examples/aivp/aivp-stack';
import { DesktopStack } from '../../examples/aivp/desktop-stack';
import { AlvaStack } from '../../examples/alva/alva-stack';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import { RealtecheeStack } from '../../examples/realtechee/realtechee-stack';
import { RpgStack } from '../../examples/rpg/rpg-stack';
import {
  AmplifyApp, AmplifyFramework, AppBucket, AppTable, CacheCapacity, CanaryWatch, DatabaseCapacity, EncryptionKey, EnvironmentProfile,
  FargateApiWithRds, FirewallPlacement, ImageUploads, NatStrategy, PostgresDatabase, Recovery, RedisCache, ScheduledTask, SearchDomain,
  SearchIngestion, ServiceLevelIndicator, ServiceLevelObjective, SignInDomain, SignInProvider, SiteDistribution, SiteKind, SmokeTests, StaticCdnSite,
  UptimeCheck, UserDirectory, WebFirewall, WebNetwork, Worker, WorkerQueue, WorkingHours,
} from '../../src';
import { IMAGE, Platform } from '../service/fixtures';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const ZONE = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' };
const profile = EnvironmentProfile.production();
const STRING = dynamodb.AttributeType.STRING;

/** Every block that has alarms, in every variant that has alarms of its own. */
const BLOCKS: { [name: string]: (app: App) => unknown } = {
  network: app => {
    new WebNetwork(new Stack(app, 'Gateways'), 'Network', { profile });
    new WebNetwork(new Stack(app, 'NatInstance'), 'Network', { profile, natStrategy: NatStrategy.instance(), alarms: true });
  },
  data: app => {
    const stack = new Stack(app, 'Data');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    new PostgresDatabase(stack, 'Instance', { vpc, profile, proxy: true });
    new PostgresDatabase(stack, 'Cluster', { vpc, profile, capacity: DatabaseCapacity.serverless({ minimumCapacity: 1, maximumCapacity: 8 }) });
    new RedisCache(stack, 'Nodes', { vpc, profile });
    new RedisCache(stack, 'LargeNodes', { vpc, profile, capacity: CacheCapacity.nodes({ nodeType: 'cache.r7g.xlarge' }) });
    new RedisCache(stack, 'Serverless', { vpc, profile, capacity: CacheCapacity.serverless() });
    const indexes = Array.from({ length: 12 }, (_, index) => ({ indexName: `GSI${index}`, partitionKey: { name: `gsi${index}`, type: STRING } }));
    new AppTable(stack, 'Table', { profile, partitionKey: { name: 'PK', type: STRING }, indexes });
  },
  documents: app => {
    const stack = new Stack(app, 'Documents', { env: FRANKFURT });
    const { key: encryptionKey } = new EncryptionKey(stack, 'Key', { profile });
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const database = new PostgresDatabase(stack, 'Database', { vpc, profile });
    const search = new SearchDomain(stack, 'Search', { vpc, profile, encryptionKey, indexes: [{ name: 'games' }] });
    new SearchIngestion(stack, 'Ingestion', { vpc, profile, search, database, databaseSecret: database.applicationSecret });
    const photos = new ImageUploads(stack, 'Photos', { profile, malwareScan: true });
    new Recovery(stack, 'Recovery', { profile, recoveryRegion: 'eu-west-1', buckets: [photos.uploads, new AppBucket(stack, 'Papers', { profile })] });
  },
  services: app => {
    const { stack, cluster } = new Platform(profile, undefined, 'Services');
    const api = new FargateApiWithRds(new Stack(app, 'Api'), 'Api', {
      image: IMAGE,
      containerPort: 8000,
      domainName: 'api.example.com',
      hostedZone: route53.HostedZone.fromHostedZoneAttributes(app.node.findChild('Api') as Stack, 'Zone', ZONE),
    });
    const { loadBalancer } = api.loadBalancer;
    const groups = [api.service.targetGroup, api.service.alternateTargetGroup];
    Object.entries({
      Available: ServiceLevelIndicator.availability(loadBalancer),
      Fast: ServiceLevelIndicator.latency(loadBalancer, Duration.millis(200)),
      ServiceAvailable: ServiceLevelIndicator.serviceAvailability(groups),
      ServiceFast: ServiceLevelIndicator.serviceLatency(groups, Duration.millis(200)),
    }).forEach(([id, indicator]) => new ServiceLevelObjective(api, id, { indicator }));
    new Worker(stack, 'Worker', { cluster, profile, image: IMAGE, queue: WorkerQueue.managed() });
    new ScheduledTask(stack, 'Nightly', { cluster, profile, image: IMAGE, schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '0' }) });
    const tests = new SmokeTests(stack, 'SmokeTests', { url: 'https://www.example.com', tests: [{ path: '/' }], profile, atDeployment: false });
    tests.executeOn(new events.Rule(stack, 'Deployed', { eventPattern: { source: ['aws.amplify'] } }));
    new WorkingHours(stack, 'Hours', {
      profile: EnvironmentProfile.staging(),
      timeZone: 'Europe/Berlin',
      alarms: true,
      databases: [rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Existing', {
        instanceIdentifier: 'shop', instanceEndpointAddress: 'shop.example.com', port: 5432, securityGroups: [],
      })],
    });
    return stack;
  },
  sites: app => {
    const stack = new Stack(app, 'Site', { env: FRANKFURT });
    new StaticCdnSite(stack, 'Site', {
      kind: SiteKind.multiPage(), domainName: 'www.example.com', hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', ZONE),
    });
    const north = new Stack(app, 'SiteInVirginia', { env: { ...FRANKFURT, region: 'us-east-1' } });
    const site = new SiteDistribution(north, 'Distribution', { bucket: new s3.Bucket(north, 'Bucket'), kind: SiteKind.multiPage(), additionalMetrics: true });
    new UptimeCheck(stack, 'Uptime', { domainName: 'www.example.com' });
    new CanaryWatch(stack, 'SignIn', { canaryName: 'sign-in' });
    new ServiceLevelObjective(north, 'Available', { indicator: ServiceLevelIndicator.siteAvailability(site.distribution) });
    new WebFirewall(new Stack(app, 'Firewall', { env: FRANKFURT }), 'Firewall', { placement: FirewallPlacement.regional(), profile });
    new AmplifyApp(new Stack(app, 'Amplify'), 'App', { profile, framework: AmplifyFramework.nextJs() });
  },
  people: app => {
    const stack = new Stack(app, 'People');
    const users = new UserDirectory(stack, 'Users', {
      profile,
      domain: SignInDomain.prefix('shop'),
      providers: [SignInProvider.google({ clientId: 'shop', clientSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Google', 'shop/google') })],
    });
    users.addBrowserClient('Web', { callbackUrls: ['https://www.example.com/callback'] });
  },
};

const EXAMPLES: { [name: string]: (app: App) => unknown } = {
  aivp: app => {
    const zone = { ...ZONE, zoneName: 'aivp.example.com' };
    new AivpStack(app, 'Aivp', { profile, version: 'v1', domainName: 'api.aivp.example.com', zone });
    new DesktopStack(app, 'Desktop', { env: { region: 'us-east-1' }, zone });
  },
  alva: app => new AlvaStack(app, 'Alva', { profile, zone: { ...ZONE, zoneName: 'alva.example.com' }, version: 'v1' }),
  arcade: app => new ArcadeStack(app, 'Arcade', {
    env: { region: 'eu-central-1' },
    profile,
    domainName: 'arcade.example.com',
    zone: { ...ZONE, zoneName: 'arcade.example.com' },
    version: 'v1',
    // Any built site will do.
    site: join(__dirname, '..', 'judges', 'pattern', 'site'),
  }),
  realtechee: app => new RealtecheeStack(app, 'Realtechee', { env: { region: 'eu-central-1' } }),
  rpg: app => new RpgStack(app, 'Rpg', { env: { region: 'eu-central-1' }, domainName: 'rpg.example.com', productionTable: 'rpg-production' }),
};

/** A metric that an alarm looks at. */
export interface AlarmedMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: { readonly [name: string]: unknown };
  readonly statistic: string;
  readonly period: number;
}

/** An alarm, as its construct and as its template have it. */
export interface SynthesizedAlarm {
  readonly path: string;
  readonly alarm: cloudwatch.Alarm;
  readonly properties: { readonly [name: string]: any };
  readonly metrics: AlarmedMetric[];
  readonly region: string;
}

/** All alarms of all examples and all blocks. */
export function everyAlarm(): SynthesizedAlarm[] {
  return Object.entries({ ...BLOCKS, ...EXAMPLES }).flatMap(([name, make]) => {
    const app = new App({ context: name in EXAMPLES ? contextOf(name) : {} });
    const made = make(app);
    const roots = new Set<Construct>([app, ...made instanceof Construct ? [made.node.root as Construct] : []]);
    return [...roots].flatMap(alarmsIn);
  });
}

/** What the example's own cdk.json has. */
function contextOf(example: string): object {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'examples', example, 'cdk.json'), 'utf8')).context;
}

/** All alarms of an app. */
export function alarmsIn(app: Construct): SynthesizedAlarm[] {
  return app.node.findAll().filter(child => child instanceof cloudwatch.Alarm).map(alarm => {
    const stack = Stack.of(alarm);
    const logicalId = stack.getLogicalId(alarm.node.defaultChild as cloudwatch.CfnAlarm);
    const properties = templateOf(stack).Resources[logicalId].Properties;
    return { path: alarm.node.path, alarm, properties, metrics: metricsOf(properties), region: stack.region };
  });
}

const templates = new WeakMap<Stack, { Resources: { [id: string]: any } }>();

function templateOf(stack: Stack) {
  const template = templates.get(stack) ?? Template.fromStack(stack).toJSON() as { Resources: { [id: string]: any } };
  templates.set(stack, template);
  return template;
}

function metricsOf(properties: { [name: string]: any }): AlarmedMetric[] {
  const named = (dimensions: { Name: string; Value: unknown }[] = []) => Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
  if (!properties.Metrics) {
    const { Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Period } = properties;
    const statistic = Statistic ?? ExtendedStatistic;
    return [{ namespace: Namespace, metricName: MetricName, dimensions: named(Dimensions), statistic, period: Period }];
  }
  return properties.Metrics.filter(({ MetricStat }: any) => MetricStat).map(({ MetricStat: { Metric, Stat, Period } }: any) => ({
    namespace: Metric.Namespace, metricName: Metric.MetricName, dimensions: named(Metric.Dimensions), statistic: Stat, period: Period,
  }));
}
