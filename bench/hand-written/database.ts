/* PostgreSQL of a hand-written app; its logins are in `credentials.ts`. */
import { Duration, SecretValue, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IDependable } from 'constructs';
import { Credentials, DATABASE_NAME, DATABASE_PORT } from './credentials';
import { allow, createLogGroup, createSecurityGroup, keep, KEPT, MINUTE, Platform, suffix } from './foundation';
import { AlarmOptions, BELOW, BREACHING, graph, MISSING } from './monitoring';

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;

export interface DatabaseProps {
  readonly platform: Platform;
  readonly vpc: ec2.IVpc;
  readonly proxy: boolean;
  /** Where its automated backups are copied to. */
  readonly backups?: { readonly region: string; readonly key: kms.IKey };
}

export class Database extends Construct {
  public readonly instance: rds.DatabaseInstance;
  public readonly proxy?: rds.DatabaseProxy;
  public readonly applicationSecret: secretsmanager.ISecret;
  public readonly ownerSecret: secretsmanager.ISecret;
  /** The logins work. */
  public readonly ready: IDependable[];
  /** Instance and proxy. */
  public readonly connections: ec2.Connections;
  private readonly identifier = `db-${suffix()}`;

  constructor(scope: Construct, id: string, private readonly props: DatabaseProps) {
    super(scope, id);
    this.instance = this.createInstance();
    if (props.backups) this.copyBackups(props.backups.region, props.backups.key);
    const credentials = new Credentials(this, 'Credentials', { ...props, instance: this.instance, proxyName: props.proxy ? this.identifier : undefined });
    this.proxy = credentials.proxy;
    this.applicationSecret = credentials.applicationSecret;
    this.ownerSecret = credentials.ownerSecret;
    this.ready = credentials.ready;
    this.connections = new ec2.Connections({
      securityGroups: (this.proxy ?? this.instance).connections.securityGroups,
      defaultPort: ec2.Port.tcp(DATABASE_PORT),
    });
    this.watch();
    if (this.proxy) this.watchProxy(this.proxy.dbProxyName);
    this.addRow();
  }

  private createInstance(): rds.DatabaseInstance {
    const { platform: { key }, vpc } = this.props;
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of('17', '17') });
    const logGroups = ['postgresql', 'upgrade'].map(log => createLogGroup(this, `Log-${log}`, key, { logGroupName: `/aws/rds/instance/${this.identifier}/${log}` }));
    const securityGroup = createSecurityGroup(this, 'SecurityGroup', vpc, 'Database');
    const parameterGroup = new rds.ParameterGroup(this, 'Parameters', {
      engine,
      description: `PostgreSQL 17 of ${this.node.path}`,
      parameters: {
        'rds.force_ssl': '1',
        'password_encryption': 'scram-sha-256',
        'log_min_duration_statement': '1000',
        'log_statement': 'ddl',
        'log_connections': '1',
        'log_disconnections': '1',
        'log_lock_waits': '1',
      },
    });
    const monitoringRole = this.createMonitoringRole();
    const instance = new rds.DatabaseInstance(this, 'Instance', {
      instanceIdentifier: this.identifier,
      engine,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [securityGroup],
      port: DATABASE_PORT,
      instanceType: new ec2.InstanceType('t4g.small'),
      databaseName: DATABASE_NAME,
      // Taken out again below, where RDS is asked to make the password.
      credentials: rds.Credentials.fromPassword('postgres', SecretValue.unsafePlainText('managed by RDS')),
      multiAz: true,
      storageType: rds.StorageType.GP3,
      allocatedStorage: 20,
      maxAllocatedStorage: 500,
      storageEncrypted: true,
      storageEncryptionKey: key,
      backupRetention: Duration.days(14),
      copyTagsToSnapshot: true,
      iamAuthentication: true,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: true,
      publiclyAccessible: false,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: key,
      monitoringInterval: MINUTE,
      monitoringRole,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      deletionProtection: true,
      removalPolicy: KEPT,
      parameterGroup,
    });
    const resource = instance.node.defaultChild as rds.CfnDBInstance;
    resource.addPropertyDeletionOverride('MasterUserPassword');
    resource.manageMasterUserPassword = true;
    resource.masterUserSecret = { kmsKeyId: key.keyArn };
    resource.node.addDependency(...logGroups, monitoringRole);
    for (const part of [securityGroup, parameterGroup, instance.node.findChild('SubnetGroup')]) keep(...part.node.findAll());
    return instance;
  }

  private copyBackups(region: string, key: kms.IKey): void {
    const resource = this.instance.node.defaultChild as rds.CfnDBInstance;
    resource.automaticBackupReplicationRegion = region;
    resource.automaticBackupReplicationKmsKeyId = key.keyArn;
  }

  /** For the metrics of the operating system, instead of AWS's managed policy. */
  private createMonitoringRole(): iam.Role {
    const stack = Stack.of(this);
    const role = new iam.Role(this, 'MonitoringRole', {
      assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': stack.account } } }),
    });
    const logGroup = stack.formatArn({ service: 'logs', resource: 'log-group:RDSOSMetrics' });
    new iam.ManagedPolicy(role, 'Policy', {
      roles: [role],
      statements: [
        allow(['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], [logGroup, `${logGroup}:*`]),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams', 'logs:GetLogEvents'], [`${logGroup}:log-stream:*`]),
      ],
    });
    return role;
  }

  private watch(): void {
    const { instanceIdentifier: instance } = this.instance;
    const alarm = (metricName: string, threshold: number, periods: number, page: AlarmOptions['page'],
      { statistic, ...options }: Partial<AlarmOptions> & { readonly statistic?: string } = {}): AlarmOptions => ({
      metric: this.instance.metric(metricName, { period: MINUTE, statistic }),
      threshold,
      periods,
      page,
      values: { instance },
      treatMissingData: MISSING,
      ...options,
    });
    const low = { comparisonOperator: BELOW };
    this.props.platform.monitoring.addAlarms(this, {
      Cpu: alarm('CPUUtilization', 90, 5, 'database-cpu', { treatMissingData: BREACHING }),
      TransactionIds: alarm('MaximumUsedTransactionIDs', 1_000_000_000, 1, 'database-transaction-ids'),
      ReadLatency: alarm('ReadLatency', 0.02, 5, 'database-disk-latency', { statistic: 'p90', values: { kind: 'read' } }),
      WriteLatency: alarm('WriteLatency', 0.02, 5, 'database-disk-latency', { statistic: 'p90', values: { kind: 'write' } }),
      Memory: alarm('FreeableMemory', 512 * MIB, 15, 'database-memory', { ...low, treatMissingData: BREACHING }),
      Connections: alarm('DatabaseConnections', 162, 5, 'database-connections', { treatMissingData: BREACHING, critical: true }),
      Storage: alarm('FreeStorageSpace', 2 * GIB, 5, 'database-storage', { ...low, statistic: 'Minimum', treatMissingData: BREACHING, critical: true }),
      DiskOperations: alarm('EBSIOBalance%', 10, 3, 'database-disk-burst', { ...low, values: { kind: 'operations' } }),
      DiskThroughput: alarm('EBSByteBalance%', 10, 3, 'database-disk-burst', { ...low, values: { kind: 'throughput' } }),
    });
  }

  private watchProxy(proxy: string): void {
    const alarm = (metric: cloudwatch.IMetric, threshold: number, page: AlarmOptions['page'], options: Partial<AlarmOptions> = {}): AlarmOptions =>
      ({ metric, threshold, periods: 5, page, values: { proxy }, ...options });
    this.props.platform.monitoring.addAlarms(this, {
      ProxyBorrow: alarm(proxyMetric(proxy, 'DatabaseConnectionsBorrowLatency', 'Average'), 100_000, 'database-proxy-borrow'),
      ProxyPool: alarm(new cloudwatch.MathExpression({
        label: 'Share of the pool that is borrowed',
        expression: '100 * borrowed / allowed',
        usingMetrics: {
          borrowed: proxyMetric(proxy, 'DatabaseConnectionsCurrentlyBorrowed'),
          allowed: proxyMetric(proxy, 'MaxDatabaseConnectionsAllowed'),
        },
        period: MINUTE,
      }), 80, 'database-proxy-pool'),
      ProxyLogin: alarm(proxyMetric(proxy, 'ClientConnectionsSetupFailedAuth'), 0, 'database-proxy-login', { datapointsToAlarm: 3, critical: true }),
      ProxyTarget: alarm(proxyMetric(proxy, 'DatabaseConnectionsSetupFailed'), 0, 'database-proxy-target', { datapointsToAlarm: 3, critical: true }),
    });
  }

  private addRow(): void {
    const metric = (metricName: string, options: cloudwatch.MetricOptions = {}) => this.instance.metric(metricName, { period: MINUTE, ...options });
    const proxy = this.proxy?.dbProxyName;
    this.props.platform.monitoring.addRow('Database',
      graph('Database: CPU and memory', 6, [metric('CPUUtilization', { label: 'CPU %' })], [metric('FreeableMemory', { label: 'Free memory' })]),
      graph('Database: connections', 6, [metric('DatabaseConnections', { label: 'Database' }), ...proxy === undefined ? [] : [
        proxyMetric(proxy, 'ClientConnections').with({ label: 'Clients of the proxy' }),
        proxyMetric(proxy, 'DatabaseConnectionsCurrentlySessionPinned').with({ label: 'Pinned' }),
      ]]),
      graph('Database: latency', 6, ['Read', 'Write'].map(kind => metric(`${kind}Latency`, { label: `${kind} p90 (s)`, statistic: 'p90' }))),
      graph('Database: storage', 6, [metric('FreeStorageSpace', { label: 'Free storage', statistic: 'Minimum' })]));
  }
}

function proxyMetric(ProxyName: string, metricName: string, statistic = 'Sum'): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/RDS', metricName, dimensionsMap: { ProxyName }, statistic, period: MINUTE });
}
