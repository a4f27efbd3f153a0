/* The cache of a hand-written app: ElastiCache has no L2. */
import { SecretValue } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { createLogGroup, createSecurityGroup, KEPT, MINUTE, Platform } from './foundation';
import { graph, MISSING } from './monitoring';

const PORT = 6379;
const NODES = 2;

export class Cache extends Construct {
  /** How applications reach it. */
  public readonly secret: secretsmanager.Secret;
  public readonly connections: ec2.Connections;
  private readonly group: elasticache.CfnReplicationGroup;

  constructor(scope: Construct, id: string, private readonly platform: Platform, vpc: ec2.IVpc) {
    super(scope, id);
    const securityGroup = createSecurityGroup(this, 'SecurityGroup', vpc, 'Cache');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });
    const passwordSecret = new secretsmanager.Secret(this, 'Password', {
      description: 'Password of the cache; applications take the secret beside it',
      encryptionKey: platform.key,
      removalPolicy: KEPT,
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'password', passwordLength: 64, excludePunctuation: true },
    });
    const password = passwordSecret.secretValueFromJson('password');
    this.group = this.createGroup(vpc, securityGroup, password);
    securityGroup.applyRemovalPolicy(KEPT);
    this.secret = this.createSecret(password);
    this.watch();
  }

  private createGroup(vpc: ec2.IVpc, securityGroup: ec2.SecurityGroup, password: SecretValue): elasticache.CfnReplicationGroup {
    const subnetGroup = new elasticache.CfnSubnetGroup(this, 'SubnetGroup', {
      description: 'Subnets of the cache', subnetIds: vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }).subnetIds,
    });
    const parameterGroup = new elasticache.CfnParameterGroup(this, 'ParameterGroup', {
      cacheParameterGroupFamily: 'valkey8', description: 'Parameters of the cache', properties: { 'maxmemory-policy': 'volatile-lru' },
    });
    const group = new elasticache.CfnReplicationGroup(this, 'ReplicationGroup', {
      replicationGroupDescription: `Cache of ${this.node.path}`,
      engine: 'valkey',
      engineVersion: '8.2',
      autoMinorVersionUpgrade: true,
      cacheNodeType: 'cache.t4g.small',
      numCacheClusters: NODES,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      port: PORT,
      cacheSubnetGroupName: subnetGroup.ref,
      cacheParameterGroupName: parameterGroup.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      authToken: password.unsafeUnwrap(),
      atRestEncryptionEnabled: true,
      kmsKeyId: this.platform.key.keyArn,
      snapshotRetentionLimit: 7,
      snapshotWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      logDeliveryConfigurations: ['slow-log', 'engine-log'].map(logType => ({
        logType,
        logFormat: 'json',
        destinationType: 'cloudwatch-logs',
        destinationDetails: { cloudWatchLogsDetails: { logGroup: createLogGroup(this, logType, this.platform.key).logGroupName } },
      })),
    });
    for (const part of [subnetGroup, parameterGroup, group]) part.applyRemovalPolicy(KEPT);
    return group;
  }

  private createSecret(password: SecretValue): secretsmanager.Secret {
    const { attrPrimaryEndPointAddress: host, attrPrimaryEndPointPort: port } = this.group;
    return new secretsmanager.Secret(this, 'Secret', {
      description: 'Connection to the cache',
      encryptionKey: this.platform.key,
      removalPolicy: KEPT,
      secretObjectValue: {
        engine: SecretValue.unsafePlainText('valkey'),
        host: SecretValue.unsafePlainText(host),
        port: SecretValue.unsafePlainText(port),
        password,
        url: SecretValue.unsafePlainText(`rediss://:${password.unsafeUnwrap()}@${host}:${port}`),
      },
    });
  }

  private watch(): void {
    const { monitoring } = this.platform;
    const nodes = Array.from({ length: NODES }, (_, index) => `${this.group.ref}-00${index + 1}`);
    const metric = (node: string, metricName: string, options: cloudwatch.MetricOptions = {}) => new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache', metricName, dimensionsMap: { CacheClusterId: node }, statistic: 'Average', period: MINUTE, ...options,
    });
    const cpu = (node: string, options: cloudwatch.MetricOptions = {}) =>
      metric(node, 'CPUUtilization', { dimensionsMap: { CacheClusterId: node, CacheNodeId: '0001' }, ...options });
    const memory = (node: string, options?: cloudwatch.MetricOptions) => metric(node, 'DatabaseMemoryUsagePercentage', options);
    const evictions = (node: string, options?: cloudwatch.MetricOptions) => metric(node, 'Evictions', { statistic: 'Sum', ...options });
    const lag = (node: string, options?: cloudwatch.MetricOptions) => metric(node, 'ReplicationLag', options);
    nodes.forEach((node, index) => monitoring.addAlarms(this, {
      [`Node${index + 1}Cpu`]: { metric: cpu(node), threshold: 45, periods: 5, page: 'cache-cpu', treatMissingData: MISSING },
      [`Node${index + 1}Memory`]: { metric: memory(node), threshold: 80, periods: 5, page: 'cache-memory', treatMissingData: MISSING },
      [`Node${index + 1}Evictions`]: { metric: evictions(node), threshold: 0, periods: 5, page: 'cache-evictions' },
      [`Node${index + 1}Lag`]: { metric: lag(node), threshold: 1, periods: 15, page: 'cache-replication-lag', treatMissingData: MISSING },
    }));
    const each = (metricOf: (node: string, options: cloudwatch.MetricOptions) => cloudwatch.Metric) =>
      nodes.map((node, index) => metricOf(node, { label: `node ${index + 1}` }));
    monitoring.addRow('Cache',
      graph('CPU (%)', 6, each(cpu), [], 45),
      graph('Memory (%)', 6, each(memory), [], 80),
      graph('Evicted keys', 6, each(evictions), [], 0),
      graph('Replication lag (s)', 6, each(lag), [], 1));
  }
}
