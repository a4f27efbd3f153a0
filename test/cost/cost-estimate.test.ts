import { App, Aspects, CfnCondition, CfnParameter, CfnResource, Environment, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { CostEstimate, CostEstimateProps, CostLine, CostUsage } from '../../src';
import { DEFAULT_USAGE } from '../../src/cost/default-usage';
import { PlatformError } from '../../src/errors';

const HOME: Environment = { region: 'us-east-1' };

const stackIn = (env: Environment | undefined = HOME) => new Stack(new App(), 'Stack', { env });
const wrong = <T>(value: unknown) => value as T;
const add = (stack: Stack, id: string, type: string, properties: object = {}) => new CfnResource(stack, id, { type, properties: { ...properties } });
const report = (stack: Stack, props: CostEstimateProps = {}) => new CostEstimate(stack, 'CostEstimate', props).report();
const told = ({ what, quantity, unitPrice, monthlyUsd }: CostLine) => [what, quantity, unitPrice, monthlyUsd];
const fixed = (stack: Stack, props?: CostEstimateProps) => report(stack, props).lines.filter(({ dependsOnUse }) => !dependsOnUse).map(told);

function service(stack: Stack, task: object = {}, properties: object = {}, least?: number) {
  const definition = add(stack, 'Task', 'AWS::ECS::TaskDefinition', {
    Cpu: '512', Memory: '1024', RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' }, ...task,
  });
  const made = add(stack, 'Service', 'AWS::ECS::Service', { TaskDefinition: definition.ref, LaunchType: 'FARGATE', ...properties });
  if (least === undefined) return;
  const resourceId = Fn.join('/', ['service', 'cluster', Fn.getAtt(made.logicalId, 'Name').toString()]);
  add(stack, 'Target', 'AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: least, MaxCapacity: 10, ResourceId: resourceId });
}

describe('tasks on Fargate', () => {
  test('the fewest that scaling leaves, on ARM', () => {
    const stack = stackIn();
    service(stack, {}, {}, 2);
    // 2 tasks × 730 hours × ½ vCPU × 0.03238, and × 1 GB × 0.00356
    expect(fixed(stack)).toEqual([['vCPU (ARM, 2 tasks)', 730, 0.03238, 23.6374], ['memory (ARM, 2 tasks)', 1460, 0.00356, 5.1976]]);
  });

  test('the desired count on x86 where nothing scales, with a disk above the 20 GB that are free', () => {
    const stack = stackIn();
    service(stack, { RuntimePlatform: undefined, EphemeralStorage: { SizeInGiB: 50 } }, { DesiredCount: 3 });
    // 3 × 730 hours, of which 30 GB each × 0.000111
    expect(fixed(stack)).toEqual([
      ['vCPU (x86, 3 tasks)', 1095, 0.04048, 44.3256], ['memory (x86, 3 tasks)', 2190, 0.004445, 9.73455], ['disk (x86, 3 tasks)', 65700, 0.000111, 7.2927],
    ]);
  });

  test('a share of them on Spot is the most that it costs, which is said, and covered by no commitment', () => {
    const stack = stackIn();
    const strategy = [{ CapacityProvider: 'FARGATE', Base: 1, Weight: 50 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 50 }];
    service(stack, { Cpu: '1024' }, { LaunchType: undefined, CapacityProviderStrategy: strategy }, 3);
    const { lines, unsureUsd, commitments } = report(stack);
    // Of 3 tasks one is on demand, and half of the other two.
    expect(lines.filter(({ what }) => what.startsWith('vCPU')).map(told)).toEqual([
      ['vCPU (ARM, 2 tasks)', 1460, 0.03238, 47.2748], ['vCPU (ARM, Spot, 1 task)', 730, 0.03238, 23.6374],
    ]);
    expect(unsureUsd).toBe(26.2362);
    expect(commitments).toEqual([{ name: 'Compute Savings Plan', monthlyUsd: 52.4724, url: expect.stringContaining('savingsplans') }]);
  });

  test('for fewer hours where they sleep', () => {
    const stack = stackIn();
    service(stack, {}, {}, 1);
    expect(fixed(stack, { usage: { serviceHours: 240 } })).toEqual([['vCPU (ARM, 1 task)', 120, 0.03238, 3.8856], ['memory (ARM, 1 task)', 240, 0.00356, 0.8544]]);
  });

  test('on instances or Windows they have no price', () => {
    const stack = stackIn();
    service(stack, {}, { LaunchType: 'EC2' });
    const other = stackIn();
    service(other, { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } });
    expect(report(stack).unpriced[0].reason).toContain('it runs on instances');
    expect(report(other).unpriced[0].reason).toContain('Windows');
  });
});

describe('what each type costs before it is used', () => {
  const GP3 = { AllocatedStorage: '20', StorageType: 'gp3', Engine: 'postgres' };
  const SUBNETS = [{ Ref: 'A' }, { Ref: 'B' }];
  const groups = (...names: string[]) => names.map(Name => ({ Statement: { ManagedRuleGroupStatement: { Name } } }));
  const metric = (Period: number) => ({ Id: `m${Period}`, MetricStat: { Stat: 'Sum', Period, Metric: {} } });

  test.each<[string, string, object, unknown[][]]>([
    ['a public load balancer in two zones', 'AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing', Subnets: SUBNETS },
      [['load balancer', 730, 0.0225, 16.425], ['public addresses, 2 zones', 1460, 0.005, 7.3]]],
    ['a private load balancer', 'AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal', Subnets: SUBNETS }, [['load balancer', 730, 0.0225, 16.425]]],
    ['a NAT gateway', 'AWS::EC2::NatGateway', {}, [['NAT gateway', 730, 0.045, 32.85]]],
    ['an address', 'AWS::EC2::EIP', {}, [['public address', 730, 0.005, 3.65]]],
    ['a NAT instance with its disk; its monitoring is within what is free', 'AWS::EC2::Instance',
      { InstanceType: 't4g.nano', Monitoring: true, BlockDeviceMappings: [{ Ebs: { VolumeSize: 8, VolumeType: 'gp3' } }] },
      [['t4g.nano', 730, 0.0042, 3.066], ['disk', 8, 0.08, 0.64], ['detailed monitoring', 0, 0.3, 0]]],
    ['an interface endpoint in two zones', 'AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface', SubnetIds: SUBNETS },
      [['interface endpoint, 2 zones', 1460, 0.01, 14.6]]],
    ['a gateway endpoint', 'AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }, []],
    ['PostgreSQL', 'AWS::RDS::DBInstance', { ...GP3, DBInstanceClass: 'db.t4g.micro', MultiAZ: false, ManageMasterUserPassword: true },
      [['PostgreSQL db.t4g.micro', 730, 0.016, 11.68], ['storage', 20, 0.115, 2.3], ['secret of the master password', 1, 0.4, 0.4]]],
    ['PostgreSQL in two zones, at its listed price', 'AWS::RDS::DBInstance', { ...GP3, DBInstanceClass: 'db.t4g.medium', MultiAZ: true },
      [['PostgreSQL db.t4g.medium, Multi-AZ', 730, 0.129, 94.17], ['storage, Multi-AZ', 20, 0.23, 4.6]]],
    ['PostgreSQL in two zones, at twice the price of one', 'AWS::RDS::DBInstance', { ...GP3, DBInstanceClass: 'db.t4g.small', MultiAZ: true },
      [['PostgreSQL db.t4g.small, Multi-AZ', 1460, 0.032, 46.72], ['storage, Multi-AZ', 20, 0.23, 4.6]]],
    ['PostgreSQL with advanced insights', 'AWS::RDS::DBInstance', { ...GP3, DBInstanceClass: 'db.t4g.large', DatabaseInsightsMode: 'advanced' },
      [['PostgreSQL db.t4g.large', 730, 0.129, 94.17], ['Database Insights, advanced', 1460, 0.0125, 18.25], ['storage', 20, 0.115, 2.3]]],
    ['a proxy, which costs two vCPUs at least', 'AWS::RDS::DBProxy', {}, [['RDS Proxy, 2 vCPU', 1460, 0.015, 21.9]]],
    ['a cache with a replica', 'AWS::ElastiCache::ReplicationGroup', { Engine: 'valkey', CacheNodeType: 'cache.t4g.small', NumNodeGroups: 1, ReplicasPerNodeGroup: 1 },
      [['Valkey cache.t4g.small, 2 nodes', 1460, 0.0256, 37.376]]],
    ['a cache by number of nodes', 'AWS::ElastiCache::ReplicationGroup', { Engine: 'redis', CacheNodeType: 'cache.t4g.micro', NumCacheClusters: 3 },
      [['Redis cache.t4g.micro, 3 nodes', 2190, 0.016, 35.04]]],
    ['a cache cluster', 'AWS::ElastiCache::CacheCluster', { Engine: 'redis', CacheNodeType: 'cache.t3.micro', NumCacheNodes: 1 },
      [['Redis cache.t3.micro, 1 node', 730, 0.017, 12.41]]],
    ['a search domain with masters', 'AWS::OpenSearchService::Domain',
      {
        ClusterConfig: { InstanceCount: 2, InstanceType: 't3.small.search', DedicatedMasterEnabled: true, DedicatedMasterCount: 3, DedicatedMasterType: 'm7g.medium.search' },
        EBSOptions: { EBSEnabled: true, VolumeType: 'gp3', VolumeSize: 10 },
      },
      [['OpenSearch m7g.medium.search, 3 master nodes', 2190, 0.068, 148.92], ['OpenSearch t3.small.search, 2 data nodes', 1460, 0.036, 52.56], ['disks of 2 nodes', 20, 0.122, 2.44]]],
    ['a firewall with Bot Control', 'AWS::WAFv2::WebACL', { Scope: 'REGIONAL', Rules: groups('AWSManagedRulesCommonRuleSet', 'AWSManagedRulesBotControlRuleSet') },
      [['Bot Control, beside its requests', 1, 10, 10], ['web ACL', 1, 5, 5], ['rules and rule groups', 2, 1, 2]]],
    ['a rule group of one\'s own', 'AWS::WAFv2::RuleGroup', { Rules: [{}, {}, {}] }, [['rules', 3, 1, 3]]],
    ['a zone', 'AWS::Route53::HostedZone', {}, [['hosted zone', 1, 0.5, 0.5]]],
    ['a health check with two options', 'AWS::Route53::HealthCheck', { HealthCheckConfig: { Type: 'HTTPS', RequestInterval: 10 } },
      [['options (HTTPS, text, latency, 10 seconds)', 2, 1, 2], ['health check', 0, 0.5, 0]]],
    ['a certificate', 'AWS::CertificateManager::Certificate', {}, []],
    ['a certificate that can be exported', 'AWS::CertificateManager::Certificate', { CertificateExport: 'ENABLED', SubjectAlternativeNames: ['a.example.com'] },
      [['names of an exportable certificate, each issue', 2, 7, 14]]],
    ['a key', 'AWS::KMS::Key', {}, [['key, before its rotations', 1, 1, 1]]],
    ['a secret with a copy in another region', 'AWS::SecretsManager::Secret', { ReplicaRegions: [{ Region: 'eu-west-1' }] }, [['secret in 2 regions', 2, 0.4, 0.8]]],
    ['an alarm within a minute', 'AWS::CloudWatch::Alarm', { Period: 10 }, [['alarm within a minute', 1, 0.3, 0.3]]],
    ['an alarm on an anomaly', 'AWS::CloudWatch::Alarm', { Metrics: [metric(60), { Expression: 'ANOMALY_DETECTION_BAND(m60, 2)' }] }, [['alarm on an anomaly', 1, 0.3, 0.3]]],
    ['a composite alarm', 'AWS::CloudWatch::CompositeAlarm', {}, [['composite alarm', 1, 0.5, 0.5]]],
    ['a canary every five minutes', 'AWS::Synthetics::Canary', { Schedule: { Expression: 'rate(5 minutes)' } },
      [['runs, beside their function, logs and files', 8660, 0.0012, 10.392]]],
  ])('%s', (_, type, properties, expected) => {
    const stack = stackIn();
    add(stack, 'Subject', type, properties);
    const { lines, unpriced } = report(stack);
    expect(lines.filter(({ dependsOnUse }) => !dependsOnUse).map(told)).toEqual(expected);
    expect(unpriced).toEqual([]);
  });

  test('a serverless Aurora cluster by the least of each instance, a proxy by its database', () => {
    const stack = stackIn();
    const cluster = add(stack, 'Cluster', 'AWS::RDS::DBCluster', { Engine: 'aurora-postgresql', ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 4 } });
    for (const id of ['Writer', 'Reader']) add(stack, id, 'AWS::RDS::DBInstance', { DBInstanceClass: 'db.serverless', DBClusterIdentifier: cluster.ref });
    const instance = add(stack, 'Instance', 'AWS::RDS::DBInstance', { DBInstanceClass: 'db.t4g.small', Engine: 'postgres', AllocatedStorage: '20' });
    const proxy = add(stack, 'Proxy', 'AWS::RDS::DBProxy');
    add(stack, 'Targets', 'AWS::RDS::DBProxyTargetGroup', { DBProxyName: proxy.ref, DBInstanceIdentifiers: [instance.ref] });
    const { lines, unpriced } = report(stack);
    expect(lines.filter(({ what }) => /Aurora|Proxy/.test(what)).map(told)).toEqual([
      ['Aurora Serverless, 1 capacity unit', 730, 0.12, 87.6], ['Aurora Serverless, 1 capacity unit', 730, 0.12, 87.6], ['RDS Proxy, 2 vCPU', 1460, 0.015, 21.9],
      ['Aurora storage', 20, 0.1, 2], ['Aurora reads and writes', 1, 0.2, 0.2],
    ]);
    expect(lines.find(({ what }) => what.startsWith('RDS Proxy'))?.unsure).toBeUndefined();
    expect(unpriced).toEqual([]);
  });

  test('Container Insights by what ECS sends of the cluster and its services, after the metrics that are free', () => {
    const stack = stackIn();
    const cluster = add(stack, 'Cluster', 'AWS::ECS::Cluster', { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] });
    service(stack, {}, { Cluster: cluster.ref });
    // 8 of the cluster and 17 of the service, of which 10 are free
    expect(report(stack).lines.find(({ what }) => what === 'Container Insights')).toMatchObject({ quantity: 15, monthlyUsd: 4.5, unsure: expect.stringContaining('metrics') });
  });

  test('alarms by the metrics that they look at, after ten that are free', () => {
    const stack = stackIn();
    for (let index = 0; index < 6; index++) add(stack, `Alarm${index}`, 'AWS::CloudWatch::Alarm', { Metrics: [metric(60), metric(300), { Expression: 'm60/m300' }] });
    expect(report(stack).fixedUsd).toBe(0.2);
    expect(new CostEstimate(stack, 'Others', { freeTier: false }).report().fixedUsd).toBe(1.2);
  });
});

describe('what use costs', () => {
  const cost = (type: string, properties: object, usage: CostUsage, freeTier = true) => {
    const stack = stackIn();
    add(stack, 'Subject', type, properties);
    return report(stack, { usage, freeTier }).lines.filter(({ dependsOnUse }) => dependsOnUse).map(told);
  };

  test.each<[string, object, CostUsage, unknown[][]]>([
    ['AWS::EC2::NatGateway', {}, { privateDataGB: 100 }, [['data through NAT', 100, 0.045, 4.5]]],
    // 9 million requests are 100 hours of 25 new connections a second; 300 GB are more.
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: ['a', 'b'] }, { requests: 9_000_000, dataOutGB: 300 },
      [['data to the internet', 200, 0.09, 18], ['capacity units, each request a new connection', 300, 0.008, 2.4]]],
    ['AWS::CloudFront::Distribution', {}, { requests: 20_000_000, dataOutGB: 1500 },
      [['data to visitors in North America and Europe', 500, 0.085, 42.5], ['HTTPS requests', 1000, 0.01, 10]]],
    ['AWS::CloudFront::Function', {}, { requests: 5_000_000 }, [['runs at the edge', 3, 0.1, 0.3]]],
    ['AWS::WAFv2::WebACL', {}, { requests: 10_000_000 }, [['requests', 10, 0.6, 6]]],
    // A million runs of 100 ms with 512 MB are 50,000 GB-seconds.
    ['AWS::Lambda::Function', { MemorySize: 512, Architectures: ['arm64'] }, { functionRuns: 1_000_000, functionMilliseconds: 100 },
      [['duration (ARM, 512 MB)', 50_000, 0.0000133334, 0.66667], ['runs', 1, 0.2, 0.2]]],
    ['AWS::Logs::LogGroup', { RetentionInDays: 60 }, { logsGB: 15 }, [['logs written', 10, 0.5, 5], ['logs kept', 30, 0.03, 0.9]]],
    ['AWS::Logs::LogGroup', {}, { logsGB: 15 }, [['logs kept', 180, 0.03, 5.4], ['logs written', 10, 0.5, 5]]],
    ['AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{ Transitions: [{ StorageClass: 'INTELLIGENT_TIERING' }] }] } },
      { storedGB: 100, objectWrites: 1_000_000, objectReads: 10_000_000 },
      [['objects written', 1000, 0.005, 5], ['objects read', 10_000, 0.0004, 4], ['watching of objects (Intelligent-Tiering)', 1000, 0.0025, 2.5], ['objects in S3 Standard', 100, 0.023, 2.3]]],
    ['AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      { tableReads: 8e6, tableWrites: 4e6, tableGB: 10 },
      [['writes', 4, 0.625, 2.5], ['items', 10, 0.25, 2.5], ['point-in-time recovery', 10, 0.2, 2], ['reads', 8, 0.125, 1]]],
    ['AWS::DynamoDB::GlobalTable', { BillingMode: 'PAY_PER_REQUEST', Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] },
      { tableReads: 8e6, tableWrites: 4e6, tableGB: 10 }, [['writes', 8, 0.625, 5], ['items', 20, 0.25, 5], ['reads', 8, 0.125, 1]]],
    ['AWS::ElastiCache::ServerlessCache', { Engine: 'valkey' }, { cacheGB: 2, cacheUnits: 1e9 },
      [['data in the cache', 1460, 0.084, 122.64], ['processing units', 1000, 0.0023, 2.3]]],
    ['AWS::ElastiCache::ServerlessCache', { Engine: 'valkey' }, { cacheGB: 0, cacheUnits: 0 }, [['data in the cache', 73, 0.084, 6.132], ['processing units', 0, 0.0023, 0]]],
    ['AWS::Cognito::UserPool', { UserPoolTier: 'PLUS' }, { users: 1000 }, [['active users, plus', 1000, 0.02, 20]]],
    ['AWS::Cognito::UserPool', {}, { users: 12_000 }, [['active users, essentials', 2000, 0.015, 30]]],
    ['AWS::ECR::Repository', {}, { imagesGB: 30 }, [['images', 30, 0.1, 3]]],
    ['AWS::SQS::Queue', {}, { messages: 1e6 }, [['requests', 2, 0.4, 0.8]]],
    ['AWS::SQS::Queue', { FifoQueue: true }, { messages: 1e6 }, [['requests', 2, 0.5, 1]]],
    ['AWS::SNS::Topic', {}, { messages: 3e6 }, [['messages', 2, 0.5, 1]]],
    ['AWS::KMS::Key', {}, { keyRequests: 120_000 }, [['requests', 10, 0.03, 0.3]]],
    ['AWS::Amplify::App', { Platform: 'WEB' }, { buildMinutes: 500, dataOutGB: 20 },
      [['builds', 500, 0.01, 5], ['data to visitors', 20, 0.15, 3], ['artifacts of builds', 1, 0.023, 0.023]]],
    // A million answers of 0.36 s are 100 GB-hours.
    ['AWS::Amplify::App', { Platform: 'WEB_COMPUTE' }, { buildMinutes: 0, dataOutGB: 0, requests: 1e6, functionMilliseconds: 360 },
      [['its server, of 1 GB', 100, 0.2, 20], ['requests to its server', 1, 0.3, 0.3], ['artifacts of builds', 1, 0.023, 0.023], ['builds', 0, 0.01, 0], ['data to visitors', 0, 0.15, 0]]],
    ['AWS::Backup::BackupPlan', { BackupPlan: { BackupPlanRule: [{ CopyActions: [{ DestinationBackupVaultArn: 'a' }] }, { CopyActions: [{ DestinationBackupVaultArn: 'a' }] }] } },
      { backupGB: 100 }, [['backups', 100, 0.05, 5], ['copies of backups', 100, 0.05, 5], ['transfer of copies', 100, 0.02, 2]]],
    ['AWS::Backup::RestoreTestingSelection', {}, {}, [['restore tests, beside what they restore', 4.345238, 1.5, 6.517857]]],
    ['AWS::Backup::RestoreTestingSelection', {}, { restoreTests: 4 }, [['restore tests, beside what they restore', 4, 1.5, 6]]],
    ['AWS::Config::ConfigRule', {}, { ruleEvaluations: 5000 }, [['evaluations', 5000, 0.001, 5]]],
    ['AWS::Config::ConfigurationRecorder', {}, { configurationChanges: 1000 }, [['changes recorded', 1000, 0.003, 3]]],
    ['AWS::Config::ConfigurationRecorder', { RecordingMode: { RecordingFrequency: 'DAILY' } }, { configurationChanges: 1000 }, [['changes recorded', 1000, 0.012, 12]]],
    ['AWS::GuardDuty::Detector', {}, { managementEvents: 2e6, logsGB: 10 }, [['flow and DNS logs', 10, 1, 10], ['management events', 2, 4, 8]]],
    ['AWS::CloudTrail::Trail', { EventSelectors: [{ DataResources: [{ Type: 'AWS::S3::Object' }] }] }, { dataEvents: 1e6 }, [['data events', 10, 0.1, 1]]],
    ['AWS::CloudTrail::Trail', {}, { dataEvents: 1e6 }, []],
  ])('%s %j with %j', (type, properties, usage, expected) => {
    expect(cost(type, properties, usage)).toEqual(expected);
  });

  test('it is shared evenly by what uses it, and what is free is taken off once', () => {
    const stack = stackIn();
    for (const id of ['A', 'B']) add(stack, id, 'AWS::Cognito::UserPool');
    expect(report(stack, { usage: { users: 14_000 } }).lines.map(({ quantity }) => quantity)).toEqual([4000, 0]);
    expect(new CostEstimate(stack, 'Others', { usage: { users: 14_000 }, freeTier: false }).report().lines.map(({ quantity }) => quantity)).toEqual([7000, 7000]);
  });
});

describe('what is not sure says so', () => {
  const alone = (env: Environment | undefined, type = 'AWS::EC2::NatGateway', props: CostEstimateProps = {}) => {
    const stack = stackIn(env);
    add(stack, 'Subject', type);
    return report(stack, { ...props, usage: { privateDataGB: 0 } });
  };

  test('a price that two sources agree on is known, one of a single source is not', () => {
    expect(alone(HOME).lines[0]).toMatchObject({ unitPrice: 0.045, unsure: undefined, priceRegion: 'us-east-1', priceDate: '2026-08-21' });
    expect(alone({ region: 'eu-central-1' }).lines[0]).toMatchObject({ unitPrice: 0.052, unsure: undefined, priceRegion: 'eu-central-1' });
    expect(alone({ region: 'eu-central-1' }, 'AWS::CloudWatch::CompositeAlarm').lines[0].unsure).toContain('one source');
    expect(alone(HOME, 'AWS::Route53::HostedZone').lines[0].priceRegion).toBe('global');
  });

  test('a region that is only known later has the prices of us-east-1, or of the region that is given', () => {
    const stack = new Stack(new App(), 'Stack');
    add(stack, 'Subject', 'AWS::EC2::NatGateway');
    const { lines, notes } = report(stack);
    expect(lines[0]).toMatchObject({ unitPrice: 0.045, unsure: undefined });
    expect(notes).toEqual(['The region is only known at deployment: prices of us-east-1.']);
    expect(new CostEstimate(stack, 'Europe', { region: 'eu-central-1' }).report().lines[0].unitPrice).toBe(0.052);
  });

  test.each(['eu-west-1', 'us-gov-west-1'])('%s has no prices here: those of another region stand for them', region => {
    const { lines, notes } = alone({ region });
    expect(lines[0]).toMatchObject({ unitPrice: 0.045, unsure: `there are no prices of ${region}` });
    expect(notes[0]).toContain(`no prices of ${region}`);
    expect(alone({ region }, 'AWS::Route53::HostedZone').lines[0].unsure).toBeUndefined();
  });

  test('China has a price list of its own', () => {
    const { lines, unpriced } = alone({ region: 'cn-north-1' });
    expect(lines).toEqual([]);
    expect(unpriced).toEqual([{ resourceType: 'AWS::EC2::NatGateway', reason: expect.stringContaining('CNY'), constructPaths: expect.arrayContaining(['Stack/Subject']) }]);
  });

  test('a property that only the deployment knows is assumed, and a condition is taken to hold', () => {
    const stack = stackIn();
    const size = new CfnParameter(stack, 'Size', { type: 'Number' });
    const instance = add(stack, 'Instance', 'AWS::RDS::DBInstance', { DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: size.valueAsNumber });
    instance.cfnOptions.condition = new CfnCondition(stack, 'Condition', { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'us-east-1') });
    const storage = report(stack).lines.find(({ what }) => what === 'storage');
    expect(storage).toMatchObject({ quantity: 20, unsure: expect.stringMatching(/AllocatedStorage is only known at deployment: 20 was taken.*condition/) });
  });

  test('what has no price is named with its paths, and what is free by its type', () => {
    const stack = stackIn();
    add(stack, 'Stream', 'AWS::Kinesis::Stream');
    add(stack, 'Other', 'AWS::Kinesis::Stream');
    add(stack, 'Role', 'AWS::IAM::Role');
    add(stack, 'Custom', 'Custom::Thing');
    add(stack, 'Database', 'AWS::RDS::DBInstance', { DBInstanceClass: 'db.m7g.16xlarge', Engine: 'postgres', AllocatedStorage: '100' });
    const { unpriced, freeTypes } = report(stack);
    expect(unpriced).toEqual([
      { resourceType: 'AWS::Kinesis::Stream', reason: 'the estimate does not know this type', constructPaths: ['Stack/Stream', 'Stack/Other'] },
      { resourceType: 'AWS::RDS::DBInstance', reason: 'the table has no price of PostgreSQL db.m7g.16xlarge', constructPaths: ['Stack/Database'] },
    ]);
    expect(freeTypes).toEqual(['AWS::IAM::Role', 'Custom::Thing']);
  });

  test.each<[string, object, string]>([
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', { Type: 'network' }, 'type network'],
    ['AWS::EC2::Instance', { InstanceType: 't4g.nano', BlockDeviceMappings: [{ Ebs: { VolumeSize: 8 } }] }, 'disk of type gp2'],
    ['AWS::RDS::DBInstance', { Engine: 'mysql', DBInstanceClass: 'db.t4g.micro', AllocatedStorage: 20 }, 'no price of mysql'],
    ['AWS::RDS::DBInstance', { Engine: 'postgres', DBInstanceClass: 'db.t4g.micro', StorageType: 'io2', AllocatedStorage: 100 }, 'type io2'],
    ['AWS::RDS::DBInstance', { Engine: 'aurora-postgresql', DBInstanceClass: 'db.r7g.large', DBClusterIdentifier: 'other' }, 'Aurora on db.r7g.large'],
    ['AWS::RDS::DBCluster', { Engine: 'postgres' }, 'Multi-AZ cluster'],
    ['AWS::ElastiCache::ReplicationGroup', { Engine: 'memcached' }, 'memcached'],
    ['AWS::ElastiCache::ServerlessCache', { Engine: 'memcached' }, 'memcached'],
    ['AWS::DynamoDB::Table', {}, 'provisioned capacity'],
    ['AWS::S3::Bucket', { ReplicationConfiguration: { Rules: [{ Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::other' } }] } }, 'transfer of its copies'],
    ['AWS::OpenSearchService::Domain', { ClusterConfig: { InstanceType: 't3.small.search', WarmEnabled: true } }, 'warm nodes'],
    ['AWS::OpenSearchService::Domain', { ClusterConfig: { InstanceType: 't3.small.search' }, EBSOptions: { EBSEnabled: true, VolumeType: 'io1' } }, 'type io1'],
    ['AWS::CloudFront::KeyValueStore', {}, 'reads'],
    ['AWS::WAFv2::WebACL', { Rules: [{ Statement: { ManagedRuleGroupStatement: { Name: 'AWSManagedRulesATPRuleSet' } } }] }, 'AWSManagedRulesATPRuleSet'],
    ['AWS::Synthetics::Canary', { Schedule: { Expression: 'cron(0 * * * ? *)' } }, 'schedule'],
    ['AWS::GuardDuty::Detector', { Features: [{ Name: 'S3_DATA_EVENTS', Status: 'ENABLED' }] }, 'protection plans'],
    ['AWS::AccessAnalyzer::Analyzer', { Type: 'ACCOUNT_UNUSED_ACCESS' }, 'ACCOUNT_UNUSED_ACCESS'],
    ['AWS::SSM::Parameter', { Tier: 'Advanced' }, 'advanced parameters'],
    ['AWS::ECR::RegistryScanningConfiguration', { ScanType: 'ENHANCED' }, 'Inspector'],
    ['AWS::GuardDuty::MalwareProtectionPlan', {}, 'malware'],
    ['AWS::SecurityHub::Hub', {}, 'sources differ'],
    ['AWS::ECS::Service', { TaskDefinition: 'arn' }, 'task definition'],
  ])('%s %j', (type, properties, reason) => {
    const stack = stackIn();
    add(stack, 'Subject', type, properties);
    expect(report(stack).unpriced.map(each => each.reason)).toEqual([expect.stringContaining(reason)]);
  });

  test('copies of a bucket cost no transfer where they stay in the region, or are not made', () => {
    const stack = stackIn();
    const replica = add(stack, 'Replica', 'AWS::S3::Bucket');
    const rule = { Status: 'Enabled', Destination: { Bucket: replica.getAtt('Arn') } };
    add(stack, 'Subject', 'AWS::S3::Bucket', { ReplicationConfiguration: { Rules: [rule] } });
    add(stack, 'Paused', 'AWS::S3::Bucket', { ReplicationConfiguration: { Rules: [{ Status: 'Disabled', Destination: { Bucket: 'arn:aws:s3:::other' } }] } });
    expect(report(stack).unpriced).toEqual([]);
  });
});

describe('what is estimated', () => {
  test('all stacks of the app, of its stages and nested ones, each resource once', () => {
    const app = new App();
    const first = new Stack(app, 'First', { env: HOME });
    new secretsmanager.CfnSecret(first, 'Secret');
    new secretsmanager.CfnSecret(new NestedStack(first, 'Nested'), 'Secret');
    new secretsmanager.CfnSecret(new Stack(new Stage(app, 'Stage'), 'Second', { env: HOME }), 'Secret');
    const ofApp = new CostEstimate(app, 'CostEstimate');
    const ofFirst = new CostEstimate(first, 'CostEstimate');
    const ofBoth = new CostEstimate(app, 'Both', { scopes: [first, app] });
    app.synth();
    expect(ofApp.report().lines.map(({ constructPath }) => constructPath)).toEqual(['First/Secret', 'First/Nested/Secret', 'Stage/Second/Secret']);
    expect(ofFirst.report().monthlyUsd).toBe(0.8);
    expect(ofBoth.report().monthlyUsd).toBe(1.2);
  });

  test('as the template has it, after overrides and aspects', () => {
    const stack = stackIn();
    const instance = add(stack, 'Instance', 'AWS::RDS::DBInstance', { DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: '20' });
    const estimate = new CostEstimate(stack, 'CostEstimate');
    Aspects.of(stack).add({ visit: node => { if (node === instance) instance.addPropertyOverride('DBInstanceClass', 'db.t4g.small'); } });
    (stack.node.root as App).synth();
    expect(estimate.report().lines[0].what).toBe('PostgreSQL db.t4g.small');
  });

  test('without what the template leaves out', () => {
    const stack = stackIn();
    class Left extends CfnResource {
      protected shouldSynthesize() { return false; }
    }
    new Left(stack, 'Left', { type: 'AWS::EC2::NatGateway' });
    expect(report(stack)).toMatchObject({ monthlyUsd: 0, lines: [], unpriced: [] });
  });

  test('by blocks: two below the stack as in a pattern, or what there is', () => {
    const stack = stackIn();
    new secretsmanager.CfnSecret(stack, 'Alone');
    const database = new Construct(new Construct(stack, 'Api'), 'Database');
    new secretsmanager.CfnSecret(new Construct(database, 'Login'), 'Secret');
    new secretsmanager.Secret(stack, 'Secret');
    expect(report(stack).lines.map(({ block }) => block)).toEqual(['Stack/Alone', 'Stack/Api/Database', 'Stack/Secret']);
  });

  test('it makes nothing itself', () => {
    const stack = stackIn();
    new CostEstimate(stack, 'CostEstimate');
    expect((stack.node.root as App).synth().getStackByName('Stack').template.Resources).toBeUndefined();
  });
});

describe('printed', () => {
  const written = () => jest.spyOn(process.stderr, 'write').mockReturnValue(true);

  function synthesize(context: Record<string, unknown>, props: CostEstimateProps = {}): string {
    const output = written();
    const app = new App({ context });
    const stack = new Stack(app, 'Stack', { env: HOME });
    add(stack, 'Nat', 'AWS::EC2::NatGateway');
    add(stack, 'Stream', 'AWS::Kinesis::Stream');
    for (let index = 0; index < 20; index++) add(stack, `Secret${index}`, 'AWS::SecretsManager::Secret');
    service(stack, {}, {}, 1);
    new CostEstimate(app, 'CostEstimate', props);
    app.synth();
    const text = output.mock.calls.map(([chunk]) => chunk).join('');
    output.mockRestore();
    return text;
  }

  test('where the context or the prop asks for it, and not otherwise', () => {
    expect(synthesize({})).toBe('');
    expect(synthesize({ 'cost-estimate': 'false' })).toBe('');
    expect(synthesize({ 'cost-estimate': true }, { print: false })).toBe('');
    expect(synthesize({}, { print: true })).toContain('Cost estimate of the app: 57.52 USD a month (55.27 fixed, 2.25 by use; 0.00 of it unsure)');
    expect(synthesize({ 'cost-estimate': 'true' })).toContain('32.85  NAT gateway');
  });

  test('with blocks, the largest lines, what has no price, and where a commitment may pay', () => {
    const text = synthesize({ 'cost-estimate': 'true' });
    expect(text).toContain('The 15 largest of 24 lines:');
    expect(text).toMatch(/35\.10 +Stack\/Nat/);
    expect(text).toContain('AWS::Kinesis::Stream: the estimate does not know this type (Stack/Stream)');
    expect(text).toContain('Compute Savings Plan: covers up to 14.42 a month');
    expect(synthesize({ 'cost-estimate': 'lines' }).match(/0\.40 +secret/g)).toHaveLength(20);
  });
});

test('the table is read when an estimate is asked for, and not before', () => {
  const read = jest.fn();
  jest.isolateModules(() => {
    jest.doMock('fs', () => {
      const actual = jest.requireActual<typeof import('fs')>('fs');
      const readFileSync = (...args: Parameters<typeof actual.readFileSync>) => {
        read(args[0]);
        return actual.readFileSync(...args);
      };
      return { ...actual, readFileSync };
    });
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a module that nobody has loaded yet
    const { CostEstimate: Fresh } = require('../../src/cost/cost-estimate') as typeof import('../../src/cost/cost-estimate');
    const stack = stackIn();
    const estimate = new Fresh(stack, 'CostEstimate');
    expect(read).not.toHaveBeenCalledWith(expect.stringContaining('list-prices.json'));
    estimate.report();
    estimate.report();
    expect(read.mock.calls.filter(([file]) => String(file).endsWith('list-prices.json'))).toHaveLength(1);
  });
  jest.dontMock('fs');
});

describe('more never costs less', () => {
  const names = Object.keys(DEFAULT_USAGE).filter(name => !name.endsWith('Hours'));
  const stack = stackIn();
  for (const type of [
    'EC2::NatGateway', 'ElasticLoadBalancingV2::LoadBalancer', 'CloudFront::Distribution', 'CloudFront::Function', 'WAFv2::WebACL', 'Lambda::Function', 'Logs::LogGroup',
    'S3::Bucket', 'ElastiCache::ServerlessCache', 'Cognito::UserPool', 'ECR::Repository', 'SQS::Queue', 'SNS::Topic', 'KMS::Key', 'Amplify::App', 'Backup::BackupPlan',
    'Backup::RestoreTestingSelection', 'Config::ConfigRule', 'Config::ConfigurationRecorder', 'GuardDuty::Detector',
  ]) add(stack, type.replace('::', ''), `AWS::${type}`, { Engine: 'valkey', Platform: 'WEB_COMPUTE' });
  add(stack, 'Table', 'AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST' });
  add(stack, 'Trail', 'AWS::CloudTrail::Trail', { EventSelectors: [{ DataResources: [{}] }] });
  add(stack, 'Aurora', 'AWS::RDS::DBCluster', { Engine: 'aurora-postgresql' });
  let count = 0;
  const cost = (usage: CostUsage) => new CostEstimate(stack, `Estimate${count++}`, { usage }).report().monthlyUsd;

  test.each(names)('usage.%s, and a lot of it costs more', name => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (a, b) => {
      expect(cost({ [name]: Math.max(a, b) })).toBeGreaterThanOrEqual(cost({ [name]: Math.min(a, b) }));
    }), { numRuns: 5 });
    expect(cost({ [name]: 1e9 })).toBeGreaterThan(cost({ [name]: 0 }));
  });

  test('tasks, their size and Spot\'s share', () => {
    const tasks = (least: number, cpu: number, spot: number) => {
      const other = stackIn();
      const strategy = [{ CapacityProvider: 'FARGATE', Weight: 100 - spot }, { CapacityProvider: 'FARGATE_SPOT', Weight: spot }];
      service(other, { Cpu: String(cpu) }, { LaunchType: undefined, CapacityProviderStrategy: strategy }, least);
      return report(other);
    };
    const cpus = fc.constantFrom(256, 512, 1024, 2048);
    fc.assert(fc.property(fc.integer({ min: 0, max: 50 }), cpus, fc.integer({ min: 0, max: 99 }), (least, cpu, spot) => {
      const { monthlyUsd, unsureUsd } = tasks(least, cpu, spot);
      expect(tasks(least + 1, cpu, spot).monthlyUsd).toBeGreaterThan(monthlyUsd);
      expect(tasks(least, cpu * 2, spot).monthlyUsd).toBeGreaterThanOrEqual(monthlyUsd);
      expect(tasks(least, cpu, spot + 1).unsureUsd).toBeGreaterThanOrEqual(unsureUsd);
      expect(tasks(least, cpu, 0).monthlyUsd).toBeCloseTo(monthlyUsd, 4);
    }), { numRuns: 20 });
  });

  test('parts add up: fixed and by use, blocks and lines', () => {
    const { lines, monthlyUsd, fixedUsd, usageUsd } = new CostEstimate(stack, 'Sum').report();
    expect(fixedUsd + usageUsd).toBeCloseTo(monthlyUsd, 5);
    expect(lines.reduce((sum, line) => sum + line.monthlyUsd, 0)).toBeCloseTo(monthlyUsd, 5);
    expect([...lines].sort((a, b) => b.monthlyUsd - a.monthlyUsd)).toEqual(lines);
  });
});

test.each<[string, CostEstimateProps, string]>([
  ['usage as a number', { usage: wrong(5) }, 'usage is not an object'],
  ['a name that nothing depends on', { usage: wrong({ visitors: 5 }) }, "got: a name in usage 'visitors'"],
  ['an amount below nothing', { usage: { requests: -1 } }, 'usage.requests is not an amount'],
  ['an amount as text', { usage: { requests: wrong('5') } }, "got: usage.requests '5'"],
  ['an amount that is no number', { usage: { requests: NaN } }, 'usage.requests is not an amount'],
  ['an amount that is only known later', { usage: { requests: new CfnParameter(stackIn(), 'N', { type: 'Number' }).valueAsNumber } }, 'usage.requests as a token'],
  ['more hours than a month has', { usage: { serviceHours: 731 } }, 'a number from 0 to 730'],
  ['a region without prices', { region: 'eu-west-1' }, 'allowed: us-east-1, eu-central-1'],
  ['a region that is only known later', { region: Fn.ref('AWS::Region') }, 'region is only known at deployment'],
  ['print as text', { print: wrong('yes') }, 'print is not a boolean'],
  ['freeTier as text', { freeTier: wrong('no') }, 'freeTier is not a boolean'],
  ['one scope', { scopes: wrong(stackIn()) }, 'got: scopes Stack'],
  ['no scope', { scopes: [] }, 'scopes is not a list of constructs'],
  ['a scope that is a name', { scopes: wrong(['Stack']) }, 'scopes is not a list of constructs'],
])('refused: %s', (_, props, message) => {
  expect(() => new CostEstimate(stackIn(), 'CostEstimate', props)).toThrow(PlatformError);
  expect(() => new CostEstimate(stackIn(), 'CostEstimate', props)).toThrow(message);
});
