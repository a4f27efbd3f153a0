import { Fn, Names, RemovalPolicy, SecretValue, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { CacheCapacity } from './cache-capacity';
import { CacheEngine } from './cache-engine';
import { hasDataTiering } from './cache-node-types';
import { CacheNodesWatch, CacheWatch, ServerlessCacheWatch } from './cache-watch';
import { RedisCacheProps } from './redis-cache-props';
import { cacheSubnets, validateRedisCache } from './validate-redis-cache';
import { EnvironmentProfile } from '../environment';
import { withoutSnapshot } from '../environment/removal-policy';
import { IWatched } from '../observability';

const SERVERLESS_PORT = 6379;

/** Letters and digits only: the password stands in a URL and in JSON as it is. */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const ROTATION_REASON = 'Applications read REDIS_URL when a task starts, so a scheduled rotation would change the password under running tasks. '
  + 'The password of 64 generated characters is rotated by a deployment that raises passwordGeneration: a new one is made, handed to the cache, '
  + 'and services restart with it. Until then it opens nothing but a TLS port that only connected security groups reach.';

/** A Valkey or Redis cache with TLS, a generated password and a secret whose `url` an application takes as its `REDIS_URL`. */
export class RedisCache extends Construct implements ec2.IConnectable, IWatched {
  /** Fields `engine`, `host`, `port`, `password` and `url` (`rediss://…`, ready for REDIS_URL). */
  public readonly secret: secretsmanager.ISecret;
  /** Host name of the primary, or of the serverless cache. */
  public readonly host: string;
  /** Port. */
  public readonly port: number;
  /** Who may connect. Nobody, until a service is allowed to. */
  public readonly connections: ec2.Connections;
  /** Network identity of the cache. */
  public readonly securityGroup: ec2.SecurityGroup;
  /** The nodes; undefined where the cache is serverless. */
  public readonly replicationGroup?: elasticache.CfnReplicationGroup;
  /** The serverless cache; undefined where there are nodes. */
  public readonly serverlessCache?: elasticache.CfnServerlessCache;
  /** Alarms of the cache. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly profile: EnvironmentProfile;
  private readonly engine: CacheEngine;
  private readonly removalPolicy: RemovalPolicy;
  private readonly watch: CacheWatch;

  constructor(scope: Construct, id: string, private readonly props: RedisCacheProps) {
    super(scope, id);
    validateRedisCache(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.engine = props.engine ?? CacheEngine.valkey();
    this.removalPolicy = props.removalPolicy ?? this.profile.removalPolicy;
    const capacity = props.capacity ?? CacheCapacity.nodes();
    this.port = props.port ?? SERVERLESS_PORT;

    this.securityGroup = this.createSecurityGroup();
    this.connections = new ec2.Connections({ securityGroups: [this.securityGroup], defaultPort: ec2.Port.tcp(this.port) });
    const password = this.createPassword();
    if (capacity.isServerless) {
      const { maximumStorageGB = 10, maximumEcpuPerSecond = 10_000 } = capacity.serverlessOptions;
      this.serverlessCache = this.createServerlessCache(password, maximumStorageGB, maximumEcpuPerSecond);
      this.host = this.serverlessCache.attrEndpointAddress;
      this.watch = new ServerlessCacheWatch(this.serverlessCache.ref, maximumStorageGB, maximumEcpuPerSecond);
    } else {
      const { nodeType = this.profile.cacheNodeType, replicas = this.profile.cacheReplicas } = capacity.nodeOptions;
      this.replicationGroup = this.createReplicationGroup(password, nodeType, replicas);
      this.host = this.replicationGroup.attrPrimaryEndPointAddress;
      this.watch = new CacheNodesWatch(this.replicationGroup.ref, nodeType, replicas);
    }
    this.secret = this.createSecret(password);
    this.alarms = props.alarms ?? this.profile.alarms ? this.watch.createAlarms(this) : [];
  }

  /** The cache's row on the dashboard. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return this.watch.widgets();
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.vpc,
      description: `Cache of ${this.node.path}`.slice(0, 255),
      allowAllOutbound: false,
    });
    securityGroup.applyRemovalPolicy(this.removalOfParts());
    return securityGroup;
  }

  /** The key of the field changes with the generation: that is what makes CloudFormation generate anew and hand the new value on. */
  private createPassword(): SecretValue {
    const field = `password${this.props.passwordGeneration ?? 1}`;
    const secret = new secretsmanager.Secret(this, 'Password', {
      description: `Password of the cache ${this.node.path}; applications take the secret beside it`,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.removalOfParts(),
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: field,
        passwordLength: 64,
        excludeCharacters: PUNCTUATION,
      },
    });
    Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason: ROTATION_REASON });
    return secret.secretValueFromJson(field);
  }

  /**
   * A second secret, because one cannot do: the cache needs the password before it has the host name that belongs into the URL.
   * CloudFormation puts both together at deployment, so nothing secret is in the template and no function is needed.
   */
  private createSecret(password: SecretValue): secretsmanager.Secret {
    const port = this.replicationGroup?.attrPrimaryEndPointPort ?? this.serverlessCache!.attrEndpointPort;
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: `Connection to the cache ${this.node.path}`,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.removalOfParts(),
      secretObjectValue: {
        engine: SecretValue.unsafePlainText(this.engine.name),
        host: SecretValue.unsafePlainText(this.host),
        port: SecretValue.unsafePlainText(port),
        password,
        url: SecretValue.unsafePlainText(`rediss://:${password.unsafeUnwrap()}@${this.host}:${port}`),
      },
    });
    Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason: ROTATION_REASON });
    return secret;
  }

  private createReplicationGroup(password: SecretValue, nodeType: string, replicas: number): elasticache.CfnReplicationGroup {
    const replicationGroup = new elasticache.CfnReplicationGroup(this, 'ReplicationGroup', {
      replicationGroupDescription: `Cache of ${this.node.path}`.slice(0, 255),
      engine: this.engine.name,
      engineVersion: this.engine.version,
      autoMinorVersionUpgrade: true,
      cacheNodeType: nodeType,
      dataTieringEnabled: hasDataTiering(nodeType) ? true : undefined,
      numCacheClusters: replicas + 1,
      automaticFailoverEnabled: replicas > 0,
      multiAzEnabled: replicas > 0,
      port: this.port,
      cacheSubnetGroupName: this.createSubnetGroup().ref,
      cacheParameterGroupName: this.createParameterGroup().ref,
      securityGroupIds: [this.securityGroup.securityGroupId],
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      authToken: password.unsafeUnwrap(),
      atRestEncryptionEnabled: true,
      kmsKeyId: this.props.encryptionKey?.keyArn,
      snapshotRetentionLimit: this.snapshotDays(),
      snapshotWindow: this.snapshotWindow(),
      preferredMaintenanceWindow: this.props.maintenanceWindow ?? 'sun:04:30-sun:05:30',
      logDeliveryConfigurations: [this.createLog('SlowLog', 'slow-log'), this.createLog('EngineLog', 'engine-log')],
    });
    replicationGroup.applyRemovalPolicy(this.removalPolicy);
    return replicationGroup;
  }

  private createSubnetGroup(): elasticache.CfnSubnetGroup {
    const subnetGroup = new elasticache.CfnSubnetGroup(this, 'SubnetGroup', {
      description: `Subnets of the cache ${this.node.path}`.slice(0, 255),
      subnetIds: this.subnetIds(),
    });
    subnetGroup.applyRemovalPolicy(this.removalOfParts());
    return subnetGroup;
  }

  private createParameterGroup(): elasticache.CfnParameterGroup {
    const parameterGroup = new elasticache.CfnParameterGroup(this, 'ParameterGroup', {
      cacheParameterGroupFamily: this.engine.parameterGroupFamily,
      description: `Parameters of the cache ${this.node.path}`.slice(0, 255),
      properties: { 'maxmemory-policy': this.props.maxmemoryPolicy ?? 'volatile-lru', ...this.props.parameters },
    });
    parameterGroup.applyRemovalPolicy(this.removalOfParts());
    return parameterGroup;
  }

  private createLog(id: string, logType: string): elasticache.CfnReplicationGroup.LogDeliveryConfigurationRequestProperty {
    const logGroup = new logs.LogGroup(this, id, {
      retention: this.props.logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.removalOfParts(),
    });
    return {
      logType,
      logFormat: 'json',
      destinationType: 'cloudwatch-logs',
      destinationDetails: { cloudWatchLogsDetails: { logGroup: logGroup.logGroupName } },
    };
  }

  /**
   * Takes no password but a user group's. Its one user is called `default`, so that clients log in as on nodes, without a user name.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
   */
  private createServerlessCache(password: SecretValue, maximumStorageGB: number, maximumEcpuPerSecond: number): elasticache.CfnServerlessCache {
    const name = this.uniqueName();
    const user = new elasticache.CfnUser(this, 'User', {
      engine: this.engine.name,
      userId: name,
      userName: 'default',
      accessString: 'on ~* &* +@all',
      authenticationMode: { Type: 'password', Passwords: [password.unsafeUnwrap()] },
    });
    const userGroup = new elasticache.CfnUserGroup(this, 'UserGroup', { engine: this.engine.name, userGroupId: name, userIds: [user.ref] });
    const cache = new elasticache.CfnServerlessCache(this, 'ServerlessCache', {
      serverlessCacheName: name,
      description: `Cache of ${this.node.path}`.slice(0, 255),
      engine: this.engine.name,
      majorEngineVersion: this.engine.majorVersion,
      cacheUsageLimits: {
        dataStorage: { maximum: maximumStorageGB, unit: 'GB' },
        ecpuPerSecond: { maximum: maximumEcpuPerSecond },
      },
      subnetIds: this.subnetIds(),
      securityGroupIds: [this.securityGroup.securityGroupId],
      userGroupId: userGroup.ref,
      kmsKeyId: this.props.encryptionKey?.keyArn,
      snapshotRetentionLimit: this.snapshotDays(),
      dailySnapshotTime: this.snapshotWindow().split('-')[0],
      // CloudFormation's SNAPSHOT policy does not know serverless caches; they have a property for it.
      finalSnapshotName: this.removalPolicy === RemovalPolicy.SNAPSHOT ? name : undefined,
    });
    for (const part of [user, userGroup, cache]) part.applyRemovalPolicy(this.removalOfParts());
    return cache;
  }

  /** A name of at most 40 characters. The stack's own id is part of it, so that what a deleted stack left behind does not block the next. */
  private uniqueName(): string {
    const stackUuid = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    const readable = Names.uniqueResourceName(this, { maxLength: 20 }).toLowerCase();
    return Fn.join('-', ['cache', readable, Fn.select(4, Fn.split('-', stackUuid))]);
  }

  private subnetIds(): string[] {
    return this.props.vpc.selectSubnets(cacheSubnets(this.props)).subnetIds;
  }

  private snapshotDays(): number {
    return this.props.snapshotDays ?? this.profile.cacheSnapshotDays;
  }

  private snapshotWindow(): string {
    return this.props.snapshotWindow ?? '03:00-04:00';
  }

  /** What a retained cache still uses stays with it; only the data itself can be kept as a snapshot. */
  private removalOfParts(): RemovalPolicy {
    return withoutSnapshot(this.removalPolicy);
  }
}
