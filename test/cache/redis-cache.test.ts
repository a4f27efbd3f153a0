import { App, Aws, CfnParameter, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CacheCapacity, CacheEngine, RedisCache, RedisCacheProps } from '../../src/cache';
import { CACHE_NODE_TYPES } from '../../src/cache/cache-node-types';
import { EnvironmentProfile } from '../../src/environment';
import { PlatformError } from '../../src/errors';

const { PUBLIC, PRIVATE_ISOLATED, PRIVATE_WITH_EGRESS } = ec2.SubnetType;
const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const SERVERLESS = 'AWS::ElastiCache::ServerlessCache';

function network(stack: Stack, ...kinds: ec2.SubnetType[]): ec2.Vpc {
  return new ec2.Vpc(stack, 'Vpc', {
    natGateways: kinds.includes(PRIVATE_WITH_EGRESS) ? 1 : 0,
    subnetConfiguration: [PUBLIC, ...kinds].map((subnetType, index) => ({ name: `subnet${index}`, subnetType })),
  });
}

function build(props: Partial<RedisCacheProps> = {}, stack: Stack = new Stack(new App(), 'Stack')) {
  const vpc = props.vpc ?? network(stack, PRIVATE_ISOLATED, PRIVATE_WITH_EGRESS);
  const cache = new RedisCache(stack, 'Cache', { vpc, ...props });
  return { stack, vpc: vpc as ec2.Vpc, cache };
}

function template(props: Partial<RedisCacheProps> = {}): Template {
  return Template.fromStack(build(props).stack);
}

function logicalId(found: { [id: string]: unknown }): string {
  const ids = Object.keys(found);
  expect(ids).toHaveLength(1);
  return ids[0];
}

/** The message of the error, having made sure that it is ours and that nothing was left half made. */
function refusal(props: unknown, stack: Stack = new Stack(new App(), 'Stack')): string {
  const vpc = network(stack, PRIVATE_ISOLATED);
  let message = '';
  try {
    new RedisCache(stack, 'Cache', (props === undefined ? undefined : { vpc, ...props as object }) as RedisCacheProps);
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    message = (error as Error).message;
  }
  expect(message).toMatch(/^Stack\/Cache: .*\n {2}got: .*\n {2}allowed: .*\n {2}fix: /);
  expect(stack.node.findChild('Cache').node.children).toHaveLength(0);
  return message;
}

describe('on nodes', () => {
  test('production gets Valkey 8 with a replica in another zone, TLS and a password', () => {
    template().hasResourceProperties(GROUP, {
      Engine: 'valkey',
      EngineVersion: '8.2',
      AutoMinorVersionUpgrade: true,
      CacheNodeType: 'cache.t4g.small',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      Port: 6379,
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '03:00-04:00',
      PreferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      DataTieringEnabled: Match.absent(),
      KmsKeyId: Match.absent(),
    });
  });

  test('development gets one small node without failover, snapshots or alarms', () => {
    const development = template({ profile: EnvironmentProfile.development() });

    development.hasResource(GROUP, {
      DeletionPolicy: 'Delete',
      Properties: {
        CacheNodeType: 'cache.t4g.micro',
        NumCacheClusters: 1,
        AutomaticFailoverEnabled: false,
        MultiAZEnabled: false,
        SnapshotRetentionLimit: 0,
      },
    });
    development.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('own values win over the profile', () => {
    template({
      profile: EnvironmentProfile.development(),
      capacity: CacheCapacity.nodes({ nodeType: 'cache.r6gd.xlarge', replicas: 2 }),
      engine: CacheEngine.redisOss(),
      port: 6380,
      snapshotDays: 3,
      snapshotWindow: '23:30-00:30',
      maintenanceWindow: 'mon:05:00-mon:06:00',
    }).hasResourceProperties(GROUP, {
      Engine: 'redis',
      EngineVersion: '7.1',
      CacheNodeType: 'cache.r6gd.xlarge',
      DataTieringEnabled: true,
      NumCacheClusters: 3,
      Port: 6380,
      SnapshotRetentionLimit: 3,
      SnapshotWindow: '23:30-00:30',
      PreferredMaintenanceWindow: 'mon:05:00-mon:06:00',
    });
  });

  test('keys without an expiry are kept when memory is full, unless another policy is asked for', () => {
    template().hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      CacheParameterGroupFamily: 'valkey8',
      Properties: { 'maxmemory-policy': 'volatile-lru' },
    });
    template({ engine: CacheEngine.redisOss('7.0'), maxmemoryPolicy: 'allkeys-lfu', parameters: { timeout: '300' } })
      .hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
        CacheParameterGroupFamily: 'redis7',
        Properties: { 'maxmemory-policy': 'allkeys-lfu', 'timeout': '300' },
      });
  });

  test('slow log and engine log go to log groups with retention and key', () => {
    const stack = new Stack(new App(), 'Stack');
    const encryptionKey = new kms.Key(stack, 'Key');
    build({ encryptionKey, logRetentionDays: 90 }, stack);
    const result = Template.fromStack(stack);

    result.resourceCountIs('AWS::Logs::LogGroup', 2);
    result.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90, KmsKeyId: stack.resolve(encryptionKey.keyArn) });
    result.hasResourceProperties(GROUP, {
      KmsKeyId: stack.resolve(encryptionKey.keyArn),
      LogDeliveryConfigurations: [
        Match.objectLike({ LogType: 'slow-log', DestinationType: 'cloudwatch-logs', LogFormat: 'json' }),
        Match.objectLike({ LogType: 'engine-log' }),
      ],
    });
    result.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: stack.resolve(encryptionKey.keyArn) });
  });
});

describe('serverless', () => {
  const capacity = CacheCapacity.serverless({ maximumStorageGB: 5, maximumEcpuPerSecond: 2000 });

  test('has limits on storage and requests, and a user group that asks for the password', () => {
    const result = template({ capacity });

    result.resourceCountIs(GROUP, 0);
    result.hasResourceProperties(SERVERLESS, {
      Engine: 'valkey',
      MajorEngineVersion: '8',
      CacheUsageLimits: { DataStorage: { Maximum: 5, Unit: 'GB' }, ECPUPerSecond: { Maximum: 2000 } },
      DailySnapshotTime: '03:00',
      SnapshotRetentionLimit: 7,
      FinalSnapshotName: Match.absent(),
      UserGroupId: { Ref: Match.stringLikeRegexp('UserGroup') },
    });
    result.hasResourceProperties('AWS::ElastiCache::User', {
      UserName: 'default',
      AuthenticationMode: { Type: 'password', Passwords: [Match.anyValue()] },
      NoPasswordRequired: Match.absent(),
    });
  });

  test('is limited even where nothing is asked for', () => {
    template({ capacity: CacheCapacity.serverless() }).hasResourceProperties(SERVERLESS, {
      CacheUsageLimits: { DataStorage: { Maximum: 10 }, ECPUPerSecond: { Maximum: 10000 } },
    });
  });

  test('takes a last snapshot where the policy says so, under a name that a later stack does not meet again', () => {
    const result = template({ capacity, profile: EnvironmentProfile.staging() });

    result.hasResource(SERVERLESS, {
      DeletionPolicy: 'Delete',
      Properties: { FinalSnapshotName: { 'Fn::Join': ['-', [Match.stringLikeRegexp('^cache-[a-z0-9]{1,20}$'), Match.anyValue()]] } },
    });
  });
});

describe('the secret', () => {
  const PASSWORD = { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'CachePassword81962705' }, ':SecretString:password1::}}']] };

  /** The secret as an application reads it, once CloudFormation has put host and password in. */
  function deployed(props: Partial<RedisCacheProps>): { [field: string]: string } {
    const secret = template(props).findResources('AWS::SecretsManager::Secret').CacheSecret4CD6E2C3;
    const parts: (string | object)[] = secret.Properties.SecretString['Fn::Join'][1];
    const attribute = (part: object) => JSON.stringify(part).includes('Port') ? '6379' : 'cache.example';
    const text = parts.map(part => typeof part === 'string' ? part : 'Ref' in part ? 'arn' : attribute(part)).join('');
    return JSON.parse(text.replaceAll('{{resolve:secretsmanager:arn:SecretString:password1::}}', 'Abc123'));
  }

  test('carries a url that is ready for REDIS_URL', () => {
    expect(deployed({})).toEqual({
      engine: 'valkey',
      host: 'cache.example',
      port: '6379',
      password: 'Abc123',
      url: 'rediss://:Abc123@cache.example:6379',
    });
  });

  test('takes host and port from the cache itself, serverless or not', () => {
    expect(deployed({ capacity: CacheCapacity.serverless() }).url).toBe('rediss://:Abc123@cache.example:6379');
    expect(deployed({ engine: CacheEngine.redisOss(), port: 7000 })).toMatchObject({ engine: 'redis', url: 'rediss://:Abc123@cache.example:6379' });
  });

  test('leaves no password in the template: it is generated, of letters and digits only, and handed on by reference', () => {
    const result = template();

    result.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 64, GenerateStringKey: 'password1', ExcludeCharacters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~' },
    });
    result.hasResourceProperties(GROUP, { AuthToken: PASSWORD });
    template({ capacity: CacheCapacity.serverless() })
      .hasResourceProperties('AWS::ElastiCache::User', { AuthenticationMode: { Passwords: [PASSWORD] } });
  });

  test('gets a new password when the generation is raised, and so does the cache, under the same ids', () => {
    const before = template().toJSON().Resources;
    const after = template({ passwordGeneration: 2 }).toJSON().Resources;

    expect(Object.keys(after)).toEqual(Object.keys(before));
    const changed = Object.keys(after).filter(id => JSON.stringify(after[id]) !== JSON.stringify(before[id]));
    expect(changed).toEqual(['CachePassword81962705', 'CacheReplicationGroupBFE59FF3', 'CacheSecret4CD6E2C3']);
    expect(JSON.stringify(after)).not.toContain('password1');
  });
});

describe('ids and removal', () => {
  test('logical ids of what keeps state never change', () => {
    const nodes = template();
    expect(logicalId(nodes.findResources(GROUP))).toBe('CacheReplicationGroupBFE59FF3');
    expect(Object.keys(nodes.findResources('AWS::SecretsManager::Secret'))).toEqual(['CachePassword81962705', 'CacheSecret4CD6E2C3']);
    expect(logicalId(nodes.findResources('AWS::ElastiCache::ParameterGroup'))).toBe('CacheParameterGroup32BBAE3A');
    expect(logicalId(nodes.findResources('AWS::ElastiCache::SubnetGroup'))).toBe('CacheSubnetGroup355C216D');

    const serverless = template({ capacity: CacheCapacity.serverless() });
    expect(logicalId(serverless.findResources(SERVERLESS))).toBe('CacheServerlessCacheCFF03C51');
    expect(logicalId(serverless.findResources('AWS::ElastiCache::User'))).toBe('CacheUser72FA2B22');
    expect(logicalId(serverless.findResources('AWS::ElastiCache::UserGroup'))).toBe('CacheUserGroup978A79CF');
  });

  test('a production cache outlives its stack together with all that it still uses', () => {
    for (const props of [{}, { capacity: CacheCapacity.serverless() }]) {
      const result = template(props);
      for (const type of ['AWS::ElastiCache::.*', 'AWS::SecretsManager::Secret', 'AWS::EC2::SecurityGroup', 'AWS::Logs::LogGroup']) {
        const ours = Object.entries<{ Type: string; DeletionPolicy: string }>(result.toJSON().Resources).filter(([id, { Type }]) => id.startsWith('Cache') && new RegExp(`^${type}$`).test(Type));
        for (const [id, resource] of ours) expect([id, resource.DeletionPolicy]).toEqual([id, 'RetainExceptOnCreate']);
      }
    }
  });

  test('a staging cache leaves a snapshot and nothing else', () => {
    const result = template({ profile: EnvironmentProfile.staging() });

    result.hasResource(GROUP, { DeletionPolicy: 'Snapshot' });
    result.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
    result.allResources('AWS::ElastiCache::SubnetGroup', { DeletionPolicy: 'Delete' });
  });

  test('the removal policy can be given', () => {
    template({ removalPolicy: RemovalPolicy.DESTROY }).hasResource(GROUP, { DeletionPolicy: 'Delete' });
  });
});

describe('network', () => {
  test('the cache calls nobody, and nobody calls it until a service is allowed to', () => {
    const { stack, vpc, cache } = build();
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Cache of Stack/Cache',
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
      SecurityGroupIngress: Match.absent(),
    });

    const other = build();
    const service = new ec2.SecurityGroup(other.stack, 'Service', { vpc: other.vpc, allowAllOutbound: false });
    other.cache.connections.allowDefaultPortFrom(service, 'service to cache');
    Template.fromStack(other.stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 6379, ToPort: 6379, IpProtocol: 'tcp' });
    expect(cache.port).toBe(6379);
    expect(vpc.isolatedSubnets.length).toBe(2);
  });

  test('it sits in isolated subnets where there are any, otherwise in private ones, or where it is told to', () => {
    const subnetsOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::ElastiCache::SubnetGroup'))[0].Properties.SubnetIds;
    const ids = (stack: Stack, subnets: ec2.ISubnet[]) => stack.resolve(subnets.map(subnet => subnet.subnetId));

    const isolated = build();
    expect(subnetsOf(isolated.stack)).toEqual(ids(isolated.stack, isolated.vpc.isolatedSubnets));

    const stack = new Stack(new App(), 'Stack');
    const withEgress = build({ vpc: network(stack, PRIVATE_WITH_EGRESS) }, stack);
    expect(subnetsOf(stack)).toEqual(ids(stack, withEgress.vpc.privateSubnets));

    const told = build({ vpcSubnets: { subnetType: PRIVATE_WITH_EGRESS } });
    expect(subnetsOf(told.stack)).toEqual(ids(told.stack, told.vpc.privateSubnets));
  });

  test('a VPC without private subnets is refused', () => {
    const stack = new Stack(new App(), 'Stack');
    const vpc = new ec2.Vpc(stack, 'Public', { natGateways: 0, subnetConfiguration: [{ name: 'public', subnetType: PUBLIC }] });
    expect(refusal({ vpc }, stack)).toContain('no subnets for the cache');
  });

  test('a selection without subnets is refused', () => {
    expect(refusal({ vpcSubnets: { subnetGroupName: 'nowhere' } })).toContain('got: vpcSubnets {"subnetGroupName":"nowhere"}');
  });

  test.each([
    [{}, 'a cache with replicas needs subnets in at least two availability zones'],
    [{ capacity: CacheCapacity.serverless() }, 'a serverless cache needs subnets in at least two availability zones'],
  ])('one zone is too few for %j', (props, message) => {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-central-1' } });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'One', {
      vpcId: 'vpc-1', availabilityZones: ['eu-central-1a'], privateSubnetIds: ['subnet-1'], privateSubnetRouteTableIds: ['rtb-1'],
    });
    expect(refusal({ vpc, ...props }, stack)).toContain(message);
    expect(() => new RedisCache(stack, 'Single', { vpc, capacity: CacheCapacity.nodes({ replicas: 0 }) })).not.toThrow();
  });

  test('an imported network in two zones will do', () => {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-central-1' } });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Two', {
      vpcId: 'vpc-1', availabilityZones: ['eu-central-1a', 'eu-central-1b'], isolatedSubnetIds: ['subnet-1', 'subnet-2'], isolatedSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    });
    build({ vpc }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::ElastiCache::SubnetGroup', { SubnetIds: ['subnet-1', 'subnet-2'] });
  });
});

describe('alarms', () => {
  const MEMBER = (number: number) => ({ 'Fn::Join': ['', [{ Ref: 'CacheReplicationGroupBFE59FF3' }, `-00${number}`]] });

  test('each node of production has its own, under its member id', () => {
    const { stack, cache } = build();
    const result = Template.fromStack(stack);

    expect(cache.alarms).toHaveLength(8);
    for (const number of [1, 2]) {
      result.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'CPUUtilization',
        Namespace: 'AWS/ElastiCache',
        Dimensions: [{ Name: 'CacheClusterId', Value: MEMBER(number) }, { Name: 'CacheNodeId', Value: '0001' }],
        Threshold: 45,
        Period: 60,
        EvaluationPeriods: 5,
        TreatMissingData: 'missing',
      });
      result.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'DatabaseMemoryUsagePercentage', Dimensions: [{ Name: 'CacheClusterId', Value: MEMBER(number) }], Threshold: 80,
      });
      result.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'Evictions', Dimensions: [{ Name: 'CacheClusterId', Value: MEMBER(number) }], Statistic: 'Sum', TreatMissingData: 'notBreaching',
      });
      result.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'ReplicationLag', Dimensions: [{ Name: 'CacheClusterId', Value: MEMBER(number) }], Threshold: 1, EvaluationPeriods: 15,
      });
    }
  });

  test('a larger node is judged by its engine, and a lone one has no replication', () => {
    const { stack, cache } = build({ capacity: CacheCapacity.nodes({ nodeType: 'cache.r7g.xlarge', replicas: 0 }) });

    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'EngineCPUUtilization', Dimensions: [{ Name: 'CacheClusterId', Value: MEMBER(1) }], Threshold: 90,
    });
    expect(cache.alarms).toHaveLength(3);
    expect(cache.dashboardWidgets().map(widget => widget.width)).toEqual([8, 8, 8]);
  });

  test('a serverless cache is judged against its limits, under its name', () => {
    const { stack, cache } = build({ capacity: CacheCapacity.serverless({ maximumStorageGB: 5, maximumEcpuPerSecond: 2000 }) });
    const result = Template.fromStack(stack);
    const Dimensions = [{ Name: 'clusterId', Value: { Ref: 'CacheServerlessCacheCFF03C51' } }];

    expect(cache.alarms).toHaveLength(5);
    result.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'BytesUsedForCache', Dimensions, Statistic: 'Maximum', Threshold: 4e9 });
    result.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ElastiCacheProcessingUnits', Dimensions, Statistic: 'Sum', Threshold: 96_000 });
    result.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ThrottledCmds', Dimensions, DatapointsToAlarm: 3, EvaluationPeriods: 5 });
    result.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'SuccessfulReadRequestLatency', Dimensions, ExtendedStatistic: 'p99' });
    result.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'SuccessfulWriteRequestLatency', Dimensions, ExtendedStatistic: 'p99' });
  });

  test('every alarm says what it means and what to do first', () => {
    for (const capacity of [CacheCapacity.nodes(), CacheCapacity.serverless()]) {
      const alarms = Object.values(template({ capacity }).findResources('AWS::CloudWatch::Alarm'));
      for (const { Properties } of alarms) expect(JSON.stringify(Properties.AlarmDescription)).toMatch(/[A-Z].+\. First: [a-z].+\./);
    }
  });

  test('they can be turned off and on against the profile', () => {
    expect(build({ alarms: false }).cache.alarms).toEqual([]);
    expect(build({ alarms: true, profile: EnvironmentProfile.development() }).cache.alarms).toHaveLength(3);
  });

  test('the row of the dashboard is 24 wide', () => {
    for (const capacity of [CacheCapacity.nodes(), CacheCapacity.serverless()]) {
      const widgets = build({ capacity, alarms: false }).cache.dashboardWidgets();
      expect(widgets.reduce((sum, widget) => sum + widget.width, 0)).toBe(24);
    }
  });
});

describe('wrong input', () => {
  test.each([
    ['t4g.micro', /there is no such cache node type.*\n.*got: nodeType 't4g.micro'\n.*allowed: cache.t4g.micro, .*\n.*set nodeType to cache.t4g.micro/],
    ['cache.t4g.large', /allowed: cache.t4g.\w+, cache.t4g.\w+, cache.t4g.\w+ or another size/],
    ['cache.r7g.24xlarge', /set nodeType to cache.r7g.2xlarge/],
    ['cache.m9z.large', /allowed: cache.m\d\w?.large/],
    [12, /got: nodeType 12/],
  ])('the node type %j is refused with the nearest that exist', (nodeType, message) => {
    expect(refusal({ capacity: CacheCapacity.nodes({ nodeType: nodeType as string }) })).toMatch(message);
  });

  test('the node type of a profile is looked at too', () => {
    expect(refusal({ profile: EnvironmentProfile.production().with({ cacheNodeType: 'cache.t4g.tiny' }) })).toContain("got: nodeType 'cache.t4g.tiny'");
  });

  test('every node type of the list synthesizes', () => {
    expect(CACHE_NODE_TYPES).toHaveLength(59);
    for (const nodeType of CACHE_NODE_TYPES) expect(() => build({ capacity: CacheCapacity.nodes({ nodeType }) })).not.toThrow();
  });

  test.each([
    [{ capacity: CacheCapacity.nodes({ replicas: 6 }) }, 'replicas is not a whole number from 0 to 5'],
    [{ capacity: CacheCapacity.nodes({ replicas: Token.asNumber('1') }) }, 'replicas is only known at deployment'],
    [{ capacity: CacheCapacity.serverless({ maximumStorageGB: 0 }) }, 'maximumStorageGB is not a whole number from 1 to 5000'],
    [{ capacity: CacheCapacity.serverless({ maximumEcpuPerSecond: 999 }) }, 'maximumEcpuPerSecond is not a whole number from 1000 to 15000000'],
    [{ capacity: CacheCapacity.serverless({ maximumStorageGB: Token.asNumber('1') }) }, 'maximumStorageGB is only known at deployment'],
    [{ capacity: CacheCapacity.serverless(), port: 6379 }, 'a serverless cache has no port to set'],
    [{ capacity: CacheCapacity.serverless(), parameters: {} }, 'a serverless cache has no parameters to set'],
    [{ capacity: 'serverless' }, 'allowed: CacheCapacity.nodes() or CacheCapacity.serverless()'],
    [{ engine: 'valkey' }, 'allowed: CacheEngine.valkey() or CacheEngine.redisOss()'],
    [{ vpc: 'vpc-12345678' }, 'allowed: an ec2.IVpc'],
    [{ vpc: undefined }, 'vpc is missing'],
    [undefined, 'vpc is missing'],
    [{ profile: 'production' }, 'allowed: an EnvironmentProfile'],
    [{ encryptionKey: 'alias/app' }, 'allowed: a kms.IKey'],
    [{ port: 0 }, 'port is not a whole number from 1 to 65535'],
    [{ snapshotDays: 36 }, 'snapshotDays is not a whole number from 0 to 35'],
    [{ snapshotWindow: '3:00-4:00' }, 'snapshotWindow is not well-formed'],
    [{ snapshotWindow: '03:00-03:30' }, 'snapshotWindow is too short'],
    [{ maintenanceWindow: 'sunday 4:00' }, 'maintenanceWindow is not well-formed'],
    [{ maxmemoryPolicy: 'lru' }, 'maxmemoryPolicy has a value that does not exist'],
    [{ parameters: { 'maxmemory-policy': 'noeviction' } }, 'move the value to maxmemoryPolicy'],
    [{ parameters: { Timeout: '1' } }, 'parameters is not well-formed'],
    [{ parameters: { timeout: 300 } }, "parameters['timeout'] is not well-formed"],
    [{ parameters: 'timeout=300' }, 'allowed: an object of names and values'],
    [{ logRetentionDays: 31 }, 'logRetentionDays has a value that does not exist'],
    [{ passwordGeneration: 0 }, 'passwordGeneration is not a whole number from 1 to 999'],
    [{ removalPolicy: 'keep' }, 'removalPolicy has a value that does not exist'],
    [{ alarms: 'false' }, 'alarms is not a boolean'],
  ])('%# is refused before anything is made: %j', (props, message) => {
    expect(refusal(props)).toContain(message);
  });

  test('a construct in the wrong place is refused in words, although it cannot be written as JSON', () => {
    expect(refusal({ engine: new Stack(new App(), 'Other') })).toContain('allowed: CacheEngine.valkey()');
  });

  test.each(['8', '8.2.1', '6.2', 'latest'])('Valkey %s is refused', version => {
    expect(() => CacheEngine.valkey(version)).toThrow(/CacheEngine.valkey: version is not well-formed/);
  });

  test.each(['6.2', '7.2', '8.0'])('Redis OSS %s is refused', version => {
    expect(() => CacheEngine.redisOss(version)).toThrow(/CacheEngine.redisOss: version is not well-formed/);
  });

  test('a version that is only known at deployment is refused, because its parameter group depends on it', () => {
    expect(() => CacheEngine.valkey(Aws.REGION)).toThrow(/only known at deployment/);
    expect(`${CacheEngine.valkey('9.0')}, ${CacheEngine.redisOss()}`).toBe('valkey 9.0, redis 7.1');
  });
});

describe('anywhere', () => {
  test('values that are known at deployment only go through', () => {
    const stack = new Stack(new App(), 'Stack');
    const nodeType = new CfnParameter(stack, 'NodeType').valueAsString;
    const port = new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber;
    build({ capacity: CacheCapacity.nodes({ nodeType }), port }, stack);
    const result = Template.fromStack(stack);

    result.hasResourceProperties(GROUP, { CacheNodeType: { Ref: 'NodeType' }, Port: { Ref: 'Port' } });
    expect(JSON.stringify(result.findResources('AWS::SecretsManager::Secret').CacheSecret4CD6E2C3)).toContain('PrimaryEndPoint.Port');
  });

  test('two caches live in one stack', () => {
    for (const capacity of [CacheCapacity.nodes(), CacheCapacity.serverless()]) {
      const { stack, vpc } = build({ capacity });
      new RedisCache(stack, 'Sessions', { vpc, capacity });
      Template.fromStack(stack).resourceCountIs(capacity.isServerless ? SERVERLESS : GROUP, 2);
    }
  });

  test('names of serverless caches stay within 40 characters, however deep the construct is', () => {
    const stack = new Stack(new App(), 'StackWithARatherLongNameThatGoesOnAndOnAndOn');
    build({ capacity: CacheCapacity.serverless() }, stack);
    const name = Object.values(Template.fromStack(stack).findResources(SERVERLESS))[0].Properties.ServerlessCacheName['Fn::Join'][1][0];
    expect(name.length + '-0123456789ab'.length).toBeLessThanOrEqual(40);
  });

  test('nothing names a partition: it synthesizes for China and without an environment', () => {
    const china = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'cn-north-1' } });
    build({}, china);
    expect(JSON.stringify(Template.fromStack(china).toJSON())).not.toContain('arn:aws:');
    expect(JSON.stringify(template().toJSON())).not.toContain('arn:aws:');
  });
});
