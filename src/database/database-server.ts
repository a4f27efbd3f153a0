import { createHash } from 'crypto';
import { Aws, CfnResource, Duration, Fn, Names, SecretValue, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { DatabaseRecoveryPoint } from './database-recovery-point';
import { DatabaseSettings } from './database-settings';
import { acknowledge } from '../acknowledge';
import { withoutSnapshot } from '../environment/removal-policy';

/** What the rest of the block needs to know of a server, new or existing. */
export interface DatabaseServer {
  readonly instance?: rds.IDatabaseInstance;
  readonly cluster?: rds.IDatabaseCluster;
  readonly host: string;
  readonly port: number;
  readonly masterSecret: secretsmanager.ISecret;
  readonly securityGroup: ec2.ISecurityGroup;
  /** None of an existing database. */
  readonly subnetGroup?: rds.ISubnetGroup;
}

/** Takes the existing database, or makes an instance or a cluster. */
export function createDatabaseServer(scope: Construct, settings: DatabaseSettings): DatabaseServer {
  if (settings.existing) return importServer(scope, settings);
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc: settings.vpc,
    description: `Database of ${scope.node.path}`,
    allowAllOutbound: false,
  });
  const server = settings.capacity.databaseClass === undefined
    ? createCluster(scope, settings, securityGroup)
    : createInstance(scope, settings, securityGroup);
  retainWhatItStandsOn(scope, settings);
  return server;
}

/** A database that outlives its stack still uses these: their deletion would fail, and the stack's with it. */
function retainWhatItStandsOn(scope: Construct, { removalPolicy }: DatabaseSettings): void {
  const parts = scope.node.findAll().filter((part): part is CfnResource =>
    [ec2.CfnSecurityGroup, rds.CfnDBSubnetGroup, rds.CfnDBParameterGroup, rds.CfnDBClusterParameterGroup].some(type => part instanceof type));
  for (const part of parts) part.applyRemovalPolicy(withoutSnapshot(removalPolicy));
}

function importServer(scope: Construct, { existing, port }: DatabaseSettings): DatabaseServer {
  const { host, securityGroup, instanceIdentifier, clusterIdentifier } = existing!;
  const instance = instanceIdentifier === undefined ? undefined : rds.DatabaseInstance.fromDatabaseInstanceAttributes(scope, 'Instance', {
    instanceIdentifier, instanceEndpointAddress: host, port, securityGroups: [securityGroup], engine: rds.DatabaseInstanceEngine.POSTGRES,
  });
  const cluster = clusterIdentifier === undefined ? undefined : rds.DatabaseCluster.fromDatabaseClusterAttributes(scope, 'Cluster', {
    clusterIdentifier, clusterEndpointAddress: host, port, securityGroups: [securityGroup], engine: rds.DatabaseClusterEngine.AURORA_POSTGRESQL,
  });
  return { instance, cluster, host, port, masterSecret: existing!.masterSecret, securityGroup };
}

function createInstance(scope: Construct, settings: DatabaseSettings, securityGroup: ec2.SecurityGroup): DatabaseServer {
  const { encryptionKey, performanceInsights, fromRecoveryPoint } = settings;
  const major = String(settings.majorVersion);
  const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of(major, major) });
  const identifier = physicalName(scope, fromRecoveryPoint);
  const logGroups = ['postgresql', 'upgrade'].map(log => createLogGroup(scope, settings, `instance/${identifier}`, log));
  const shared = sharedProps(scope, settings, engine, securityGroup);
  const instance = new rds.DatabaseInstance(scope, 'Instance', {
    ...shared,
    instanceIdentifier: identifier,
    engine,
    instanceType: new ec2.InstanceType(settings.capacity.databaseClass!),
    databaseName: settings.databaseName,
    multiAz: settings.multiAz,
    storageType: rds.StorageType.GP3,
    allocatedStorage: settings.storageGiB,
    maxAllocatedStorage: settings.maximumStorageGiB > settings.storageGiB ? settings.maximumStorageGiB : undefined,
    backupRetention: Duration.days(settings.backupDays),
    allowMajorVersionUpgrade: true,
    publiclyAccessible: false,
    caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
    enablePerformanceInsights: performanceInsights,
    performanceInsightEncryptionKey: performanceInsights ? encryptionKey : undefined,
    cloudwatchLogsExports: ['postgresql', 'upgrade'],
  });

  const resource = instance.node.defaultChild as rds.CfnDBInstance;
  explainToAuditors(resource);
  resource.node.addDependency(...logGroups);
  waitForRights(instance, shared.monitoringRole);
  manageMasterPassword(resource, settings);
  if (fromRecoveryPoint) {
    Object.assign(resource, fromRecoveryPoint._properties);
    // A backup brings these along, and RDS refuses them beside it.
    for (const property of ['MasterUsername', 'DBName', 'StorageEncrypted', 'KmsKeyId']) resource.addPropertyDeletionOverride(property);
  }
  return {
    instance,
    host: instance.dbInstanceEndpointAddress,
    port: instance.instanceEndpoint.port,
    masterSecret: masterSecret(scope, settings, resource.attrMasterUserSecretSecretArn),
    securityGroup,
    subnetGroup: instance.node.tryFindChild('SubnetGroup') as rds.SubnetGroup | undefined,
  };
}

function createCluster(scope: Construct, settings: DatabaseSettings, securityGroup: ec2.SecurityGroup): DatabaseServer {
  const { capacity, encryptionKey, performanceInsights, fromRecoveryPoint } = settings;
  const major = String(settings.majorVersion);
  const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.of(major, major) });
  const identifier = physicalName(scope, fromRecoveryPoint);
  const logGroup = createLogGroup(scope, settings, `cluster/${identifier}`, 'postgresql');
  const serverProps: rds.ServerlessV2ClusterInstanceProps = {
    caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1, autoMinorVersionUpgrade: true, publiclyAccessible: false,
  };
  const shared = sharedProps(scope, settings, engine, securityGroup);
  const cluster = new rds.DatabaseCluster(scope, 'Cluster', {
    ...shared,
    clusterIdentifier: identifier,
    engine,
    defaultDatabaseName: settings.databaseName,
    serverlessV2MinCapacity: capacity.minimumCapacity,
    serverlessV2MaxCapacity: capacity.maximumCapacity,
    writer: rds.ClusterInstance.serverlessV2('Writer', serverProps),
    readers: settings.multiAz ? [rds.ClusterInstance.serverlessV2('Reader', { ...serverProps, scaleWithWriter: true })] : [],
    backup: { retention: Duration.days(settings.backupDays) },
    enablePerformanceInsights: performanceInsights,
    performanceInsightEncryptionKey: performanceInsights ? encryptionKey : undefined,
    cloudwatchLogsExports: ['postgresql'],
  });

  const resource = cluster.node.defaultChild as rds.CfnDBCluster;
  explainToAuditors(resource);
  resource.node.addDependency(logGroup);
  waitForRights(cluster, shared.monitoringRole);
  manageMasterPassword(resource, settings);
  if (fromRecoveryPoint) {
    resource.snapshotIdentifier = fromRecoveryPoint.snapshotIdentifier;
    for (const property of ['MasterUsername', 'DatabaseName', 'StorageEncrypted', 'KmsKeyId']) resource.addPropertyDeletionOverride(property);
  }
  return {
    cluster,
    host: cluster.clusterEndpoint.hostname,
    port: cluster.clusterEndpoint.port,
    masterSecret: masterSecret(scope, settings, resource.attrMasterUserSecretSecretArn),
    securityGroup,
    subnetGroup: cluster.node.tryFindChild('Subnets') as rds.SubnetGroup | undefined,
  };
}

/** What instance and cluster have in common. */
function sharedProps(scope: Construct, settings: DatabaseSettings, engine: rds.IEngine, securityGroup: ec2.SecurityGroup) {
  return {
    vpc: settings.vpc,
    vpcSubnets: settings.vpcSubnets,
    securityGroups: [securityGroup],
    port: settings.port,
    // Taken out again below: RDS makes the password itself. Anything else here would make a secret of the L2's own.
    credentials: rds.Credentials.fromPassword('postgres', SecretValue.unsafePlainText('managed by RDS')),
    storageEncrypted: true,
    storageEncryptionKey: settings.encryptionKey,
    iamAuthentication: true,
    autoMinorVersionUpgrade: true,
    copyTagsToSnapshot: true,
    deletionProtection: settings.deletionProtection,
    removalPolicy: settings.removalPolicy,
    monitoringInterval: settings.performanceInsights ? Duration.minutes(1) : undefined,
    monitoringRole: settings.performanceInsights ? createMonitoringRole(scope) : undefined,
    parameterGroup: new rds.ParameterGroup(scope, 'Parameters', {
      engine,
      description: `PostgreSQL ${settings.majorVersion} of ${scope.node.path}`,
      parameters: parameters(settings),
    }),
  };
}

function parameters(settings: DatabaseSettings): { [key: string]: string } {
  return {
    'rds.force_ssl': '1',
    'password_encryption': 'scram-sha-256',
    'log_min_duration_statement': String(settings.slowQueryLogThreshold.toMilliseconds()),
    // Passwords never appear in these statements: the handler sends verifiers.
    'log_statement': 'ddl',
    'log_connections': '1',
    'log_disconnections': '1',
    'log_lock_waits': '1',
    ...settings.parameters,
  };
}

/**
 * The role with which RDS writes the operating system's figures. It may do what AWS's own policy for it allows, in the one log group
 * that RDS uses: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonRDSEnhancedMonitoringRole.html
 */
function createMonitoringRole(scope: Construct): iam.Role {
  const role = new iam.Role(scope, 'MonitoringRole', {
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
  });
  const logGroup = `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:RDSOSMetrics`;
  const streams = `${logGroup}:log-stream:*`;
  // In a policy a log group has this ending for most calls: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
  const withEnding = `${logGroup}:*`;
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], resources: [logGroup, withEnding] }),
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams', 'logs:GetLogEvents'], resources: [streams] }),
    ],
  });
  for (const ending of ['*', 'log-stream:*']) {
    acknowledge(role, `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:RDSOSMetrics:${ending}]`,
      'RDS names the streams of its log group RDSOSMetrics after resources that do not exist yet: '
      + 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html');
  }
  return role;
}

/** RDS refuses a role that has no rights yet. */
function waitForRights(database: Construct, role?: iam.Role): void {
  if (role) database.node.addDependency(role);
}

/** What auditors ask about, answered where it is done. */
function explainToAuditors(resource: Construct): void {
  acknowledge(resource, 'AwsSolutions-RDS11',
    'The database has no public address and its security group lets in named groups only: another port would hide nothing. The prop `port` changes it.');
}

function manageMasterPassword(resource: rds.CfnDBInstance | rds.CfnDBCluster, { encryptionKey }: DatabaseSettings): void {
  resource.addPropertyDeletionOverride('MasterUserPassword');
  resource.manageMasterUserPassword = true;
  if (encryptionKey) resource.masterUserSecret = { kmsKeyId: encryptionKey.keyArn };
}

function masterSecret(scope: Construct, { encryptionKey }: DatabaseSettings, secretCompleteArn: string): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretAttributes(scope, 'MasterSecret', { secretCompleteArn, encryptionKey });
}

/**
 * Name of the server, which the names of its log groups are made from: they must exist with their retention before RDS writes,
 * or RDS makes them itself and keeps logs for ever. The end of the stack's id keeps a database that outlived its stack from blocking the next one.
 * As a name cannot be used twice, CloudFormation refuses a change that would replace the database by an empty one;
 * another backup is another name, because there a new database is what was asked for.
 */
export function physicalName(scope: Construct, fromRecoveryPoint?: DatabaseRecoveryPoint): string {
  const stack = Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
  return `${identifierPrefix(scope, fromRecoveryPoint)}${stack}`;
}

/** What is known of the name at synth. */
export function identifierPrefix(scope: Construct, fromRecoveryPoint?: DatabaseRecoveryPoint): string {
  const name = Names.uniqueId(scope).slice(-38).toLowerCase();
  return `db-${name}-${fromRecoveryPoint ? `${digest(fromRecoveryPoint.toString())}-` : ''}`;
}

function digest(text: string): string {
  return Token.isUnresolved(text) ? 'restored' : createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function createLogGroup(scope: Construct, settings: DatabaseSettings, server: string, log: string): logs.LogGroup {
  return new logs.LogGroup(scope, log === 'upgrade' ? 'UpgradeLog' : 'Log', {
    logGroupName: `/aws/rds/${server}/${log}`,
    retention: settings.logRetentionDays,
    encryptionKey: settings.encryptionKey,
    removalPolicy: withoutSnapshot(settings.removalPolicy),
  });
}
