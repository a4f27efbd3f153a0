import { Duration, Stack } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as fc from 'fast-check';
import {
  ApiScheduledTaskOptions, ApiServiceOptions, ApiWorkerOptions, DatabaseCapacity, EnvironmentOverrides, EnvironmentProfile,
  FargateApiWithRds, FargateApiWithRdsProps, MigrationsOptions, NatStrategy, ReleaseStrategy, ScheduledCapacity, Sidecar, SmokeTest, WorkerQueue,
} from '../../src';
import { FARGATE_MEMORY } from '../../src/service/fargate-size';

/** A configuration as plain data, so that fast-check can shrink and print it. */
export interface Configuration {
  readonly profile: string;
  readonly overrides: EnvironmentOverrides;
  readonly first: Omit<FargateApiWithRdsProps, 'image'>;
  readonly withDomain: boolean;
  readonly services: Omit<ApiServiceOptions, 'image'>[];
  readonly workers: (Omit<ApiWorkerOptions, 'image' | 'queue'> & { readonly withQueue: boolean })[];
  readonly tasks: Omit<ApiScheduledTaskOptions, 'image' | 'schedule'>[];
}

const size = fc.constantFrom(...[...FARGATE_MEMORY].flatMap(([cpu, sizes]) => sizes.map(memoryLimitMiB => ({ cpu, memoryLimitMiB }))));
const variables = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,15}$/), fc.string({ maxLength: 20 }), { maxKeys: 4 });
const tasks = fc.record({ minimumTasks: fc.integer({ min: 1, max: 5 }), maximumTasks: fc.integer({ min: 5, max: 50 }) }, { noNullPrototype: true });

const sidecarNames = fc.uniqueArray(fc.constantFrom('proxy', 'agent', 'init'), { maxLength: 2 });
const sidecars: fc.Arbitrary<Sidecar[]> = sidecarNames.map(names => names.map((name, index) => ({
  name,
  image: ecs.ContainerImage.fromRegistry(`example/${name}`),
  ports: [9000 + index],
  essential: name !== 'init',
  mainWaitsFor: name === 'init' ? ecs.ContainerDependencyCondition.SUCCESS : undefined,
  volumes: { shared: '/shared' },
})));

const container = fc.record({
  environment: variables,
  size: fc.option(size, { nil: undefined }),
  cpuArchitecture: fc.constantFrom(undefined, ecs.CpuArchitecture.X86_64),
  ephemeralStorageGiB: fc.option(fc.integer({ min: 21, max: 200 }), { nil: undefined }),
  logRetentionDays: fc.constantFrom(undefined, 1, 30, 365),
  spotShare: fc.option(fc.integer({ min: 0, max: 99 }), { nil: undefined }),
  stopTimeout: fc.option(fc.integer({ min: 1, max: 120 }).map(Duration.seconds), { nil: undefined }),
  sidecars,
  usesDatabase: fc.boolean(),
  usesCache: fc.boolean(),
}, { noNullPrototype: true }).map(({ size: pair, ...rest }) => ({ ...rest, ...pair }));

const service = fc.record({
  container,
  tasks,
  containerPort: fc.integer({ min: 1, max: 8999 }),
  targetCpuPercent: fc.option(fc.integer({ min: 10, max: 95 }), { nil: undefined }),
  targetRequestsPerMinute: fc.option(fc.integer({ min: 1, max: 10000 }), { nil: undefined }),
  latencyTarget: fc.option(fc.integer({ min: 10, max: 30000 }).map(Duration.millis), { nil: undefined }),
  healthCheckInterval: fc.option(fc.integer({ min: 5, max: 300 }).map(Duration.seconds), { nil: undefined }),
  release: fc.constantFrom(undefined, ReleaseStrategy.rolling(), ReleaseStrategy.blueGreen({ pause: { timeout: Duration.hours(1) } }),
    ReleaseStrategy.canary({ stepPercent: 0.1 }), ReleaseStrategy.linear({ bakeTime: Duration.minutes(0) })),
  migrations: fc.constantFrom<MigrationsOptions | undefined>(undefined, { command: ['migrate'] },
    { command: ['migrate', 'up'], timeout: Duration.minutes(55), cpu: 256, memoryLimitMiB: 512, environment: { MODE: 'migrate' } }),
  smokeTests: fc.constantFrom<SmokeTest[] | undefined>(undefined, [{ path: '/health', expectedFields: { status: 'healthy' } }]),
  schedules: fc.constantFrom<ScheduledCapacity[]>([], [{ name: 'night', schedule: appscaling.Schedule.cron({ hour: '22', minute: '0' }), minimumTasks: 1 }]),
}).map(({ container: common, tasks: capacity, ...rest }) => ({ ...common, ...capacity, ...rest }));

const overrides: fc.Arbitrary<EnvironmentOverrides> = fc.record({
  natStrategy: fc.constantFrom(NatStrategy.gateways(1), NatStrategy.gateways(2), NatStrategy.instance(), NatStrategy.none()),
  flowLogs: fc.boolean(),
  accessLogs: fc.boolean(),
  containerInsights: fc.boolean(),
  databaseBackupDays: fc.integer({ min: 1, max: 35 }),
  databaseClass: fc.constantFrom('t4g.small', 'm7g.large', 'r7g.xlarge'),
  cacheReplicas: fc.integer({ min: 0, max: 5 }),
  cacheNodeType: fc.constantFrom('cache.t4g.micro', 'cache.m7g.large'),
  logRetentionDays: fc.constantFrom(1, 7, 30, 400),
  alarms: fc.boolean(),
  customerManagedKey: fc.boolean(),
}, { requiredKeys: [], noNullPrototype: true });

const SERVERLESS = DatabaseCapacity.serverless({ minimumCapacity: 0.5, maximumCapacity: 4 });
const path = fc.stringMatching(/^\/[a-z]{1,12}\/\*$/);

const servicesWithPath = fc.tuple(service, path).map(([own, one]) => ({ ...own, paths: [one] }));
const worker = fc.tuple(container, tasks, fc.boolean()).map(([own, capacity, withQueue]) => ({ ...own, ...capacity, withQueue }));
const scheduledTask = fc.tuple(container, fc.boolean()).map(([own, allowOverlap]) => ({ ...own, allowOverlap }));

/** Configurations that a team could mean. */
export const configurations: fc.Arbitrary<Configuration> = fc.record({
  profile: fc.constantFrom('development', 'staging', 'production'),
  overrides,
  first: fc.record({
    service,
    cache: fc.boolean(),
    proxy: fc.boolean(),
    internal: fc.boolean(),
    databaseName: fc.constantFrom(undefined, 'shop', 'shop_v2'),
    databaseCapacity: fc.constantFrom(undefined, DatabaseCapacity.instance('t4g.medium'), SERVERLESS),
    alertEmails: fc.constantFrom<string[] | undefined>(undefined, ['operations@example.com']),
    allowedCidrs: fc.constantFrom<string[] | undefined>(undefined, ['203.0.113.0/24', '2001:db8::/32']),
  }).map(({ service: own, ...rest }) => ({ ...own, ...rest })),
  withDomain: fc.boolean(),
  services: fc.uniqueArray(servicesWithPath, { maxLength: 2, selector: ({ paths }) => paths[0] }),
  workers: fc.array(worker, { maxLength: 1 }),
  tasks: fc.array(scheduledTask, { maxLength: 1 }),
});

/** Builds the configuration as a team would write it. */
export function build(stack: Stack, configuration: Configuration): FargateApiWithRds {
  const { profile, overrides: changes, first, withDomain, services, workers, tasks: scheduled } = configuration;
  const image = ecs.ContainerImage.fromRegistry('example/api');
  const domain = withDomain ? {
    domainName: 'api.example.com',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName: 'example.com' }),
  } : {};
  const api = new FargateApiWithRds(stack, 'Api', { ...domain, ...first, image, profile: EnvironmentProfile.fromName(profile).with(changes) });
  services.forEach((options, index) => api.addService(`Service${index}`, { ...options, image }));
  workers.forEach(({ withQueue, ...options }, index) => api.addWorker(`Worker${index}`, { ...options, image, queue: withQueue ? WorkerQueue.managed() : undefined }));
  scheduled.forEach((options, index) => api.addScheduledTask(`Task${index}`, { ...options, image, schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)) }));
  return api;
}

/** One mistake made in an otherwise sound configuration. */
export type Mistake = readonly [string, (sound: Configuration) => Configuration];

const inFirst = (name: string, change: { [prop: string]: unknown }): Mistake =>
  [name, sound => ({ ...sound, first: { ...sound.first, ...change } as Configuration['first'] })];

const inProfile = (name: string, change: { [prop: string]: unknown }): Mistake =>
  [name, sound => ({ ...sound, overrides: { ...sound.overrides, ...change } as EnvironmentOverrides })];

const another = (name: string, options: { [prop: string]: unknown }): Mistake =>
  [name, sound => ({ ...sound, services: [...sound.services, { containerPort: 80, ...options } as Configuration['services'][number]] })];

export const MISTAKES: readonly Mistake[] = [
  inFirst('a Fargate pair that does not exist', { cpu: 256, memoryLimitMiB: 1000 }),
  inFirst('CPU units that do not exist', { cpu: 300 }),
  inFirst('CPU as a string', { cpu: '256' }),
  inFirst('no port', { containerPort: undefined }),
  inFirst('a port out of range', { containerPort: 65536 }),
  inFirst('a port of a wrong type', { containerPort: '8080' }),
  inFirst('a port used twice', { containerPort: 8080, sidecars: [{ name: 'proxy', image: ecs.ContainerImage.fromRegistry('x'), ports: [8080] }] }),
  inFirst('two containers of one name', { sidecars: [{ name: 'app', image: ecs.ContainerImage.fromRegistry('x') }] }),
  inFirst('a path without /', { paths: ['api/*'] }),
  inFirst('too many paths', { paths: ['/a', '/b', '/c', '/d', '/e', '/f'] }),
  inFirst('a host with a space', { hosts: ['api example.com'] }),
  inFirst('a priority out of range', { priority: 0 }),
  inFirst('a health check path without /', { healthCheckPath: 'health' }),
  inFirst('more tasks at least than at most', { minimumTasks: 60, maximumTasks: 2 }),
  inFirst('a retention that does not exist', { logRetentionDays: 31 }),
  inFirst('a Spot share above 100', { spotShare: 101 }),
  inFirst('a missing required variable', { requiredVariables: ['DOES_NOT_EXIST'] }),
  inFirst('a number as a variable', { environment: { PORT: 8080 } }),
  inFirst('an illegal variable name', { environment: { 'MY VARIABLE': 'x' } }),
  inFirst('a disk that is too large', { ephemeralStorageGiB: 201 }),
  inFirst('a stop timeout that is too long', { stopTimeout: Duration.seconds(121) }),
  inFirst('a target above 95 %', { targetCpuPercent: 100 }),
  inFirst('a database name with a hyphen', { databaseName: 'my-app' }),
  inFirst('a reserved database name', { databaseName: 'select' }),
  [
    'a database class that does not exist',
    sound => ({ ...sound, first: { ...sound.first, databaseCapacity: undefined }, overrides: { ...sound.overrides, databaseClass: 't4g.gigantic' } }),
  ],
  [
    'a cache node type that does not exist',
    sound => ({ ...sound, first: { ...sound.first, cache: true }, overrides: { ...sound.overrides, cacheNodeType: 'cache.t4g.large' } }),
  ],
  inFirst('a boolean as a string', { cache: 'no' }),
  inFirst('an illegal mail address', { alertEmails: ['operations'] }),
  inFirst('a range that is none', { allowedCidrs: ['everybody'] }),
  inFirst('nobody allowed', { allowedCidrs: [], internal: false }),
  [
    'a domain outside the zone',
    sound => ({ ...sound, withDomain: true, first: { ...sound.first, domainName: 'api.example.org' } }),
  ],
  [
    'a domain without zone and certificate',
    sound => ({ ...sound, withDomain: false, first: { ...sound.first, domainName: 'api.example.org' } }),
  ],
  inProfile('one zone', { availabilityZones: 1 }),
  inProfile('more NAT gateways than zones', { availabilityZones: 2, natStrategy: NatStrategy.gateways(3) }),
  inProfile('backup days out of range', { databaseBackupDays: 36 }),
  inProfile('a retention of the profile that does not exist', { logRetentionDays: 2 }),
  inProfile('storage above its maximum', { databaseStorageGiB: 900, databaseMaximumStorageGiB: 800 }),
  inProfile('seven replicas', { cacheReplicas: 7 }),
  inProfile('protection and destruction', { deletionProtection: true, removalPolicy: 'destroy', spotShare: 0 }),
  inProfile('all on Spot under protection', { deletionProtection: true, removalPolicy: 'retain', spotShare: 100 }),
  inProfile('ECS Exec on a read-only file system', { executeCommand: true, readonlyRootFilesystem: true }),
  another('two services for everything', { paths: ['/*'] }),
  [
    'two services on one priority',
    sound => ({
      ...sound,
      services: [{ containerPort: 80, paths: ['/one'], priority: 7 }, { containerPort: 80, paths: ['/two'], priority: 7 }],
    }),
  ],
  [
    'a worker without tasks on a queue',
    sound => ({ ...sound, workers: [{ minimumTasks: 0, maximumTasks: 1, withQueue: true }] }),
  ],
];
