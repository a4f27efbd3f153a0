import { Duration, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { ApplicationCredentials, DatabaseSecrets } from './application-credentials';
import { NamedAlarms, databaseAlarms, databaseMetric, databaseWidgets } from './database-monitoring';
import { createDatabaseServer, DatabaseServer, identifierPrefix, physicalName } from './database-server';
import { DatabaseSettings, DEFAULT_PORT } from './database-settings';
import { PostgresDatabaseProps } from './postgres-database-props';
import { validatePostgresDatabase } from './validate-postgres-database';
import { withoutSnapshot } from '../environment/removal-policy';
import { PlatformError } from '../errors';
import { ManagedPolicyRole } from '../managed-policy-role';
import { createAlarm } from '../observability/alarm';
import { IWatched } from '../observability/watched';

/**
 * A PostgreSQL database with logins of the application's own: encrypted, backed up, closed off, watched.
 *
 * RDS keeps the master's password to itself. The application gets a role that reads and writes and nothing more,
 * migrations get the role that owns the tables; both come as secrets with a ready `url`, and both are rotated.
 */
export class PostgresDatabase extends Construct implements ec2.IConnectable, IWatched {
  /** The RDS instance; none for a cluster. */
  public readonly instance?: rds.IDatabaseInstance;
  /** The Aurora cluster; none for an instance. */
  public readonly cluster?: rds.IDatabaseCluster;
  /** The proxy, if there is one. */
  public readonly proxy?: rds.IDatabaseProxy;
  /** Host that the application connects to: the proxy's if there is one, else the database's. */
  public readonly host: string;
  /** Port of `host`. */
  public readonly port: number;
  /** Name of the database. */
  public readonly databaseName: string;
  /** Login of the master, made and rotated by RDS: `username` and `password`. For people, not for services. */
  public readonly masterSecret: secretsmanager.ISecret;
  /** Login of the owner of all tables, for migrations. Its host is the database itself, never the proxy. */
  public readonly ownerSecret: secretsmanager.ISecret;
  /** Login of the application: `engine host port dbname username password sslmode url`. Rotation alternates between two roles. */
  public readonly applicationSecret: secretsmanager.ISecret;
  /** What a service depends on before its first task starts: until then the secrets hold no login. */
  public readonly credentialsReady: IDependable;
  /** ARN of the RDS instance or of the Aurora cluster; none for an existing database without an identifier. */
  public readonly databaseArn?: string;
  /** What the identifier of a new database begins with. Its end is made of the id of the stack, and only known at deployment. */
  public readonly identifierPrefix?: string;
  /** Key of a new database; undefined where it is encrypted with AWS's own. */
  public readonly encryptionKey?: kms.IKey;
  /** Name of the subnet group; none for an existing database. */
  public readonly subnetGroupName?: string;
  /** Who may connect to the database and, if there is one, its proxy. */
  public readonly connections: ec2.Connections;
  /** Who may connect to where the application's login leads: the proxy, if there is one, and then to nothing else. */
  public readonly applicationConnections: ec2.Connections;
  /** Who may connect to where the owner's login leads: the database itself. */
  public readonly ownerConnections: ec2.Connections;
  /** Alarms; empty where the profile has alarms off. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly server: DatabaseServer;
  private readonly settings: DatabaseSettings;

  constructor(scope: Construct, id: string, props: PostgresDatabaseProps) {
    super(scope, id);
    this.settings = validatePostgresDatabase(this, props);

    this.server = createDatabaseServer(this, this.settings);
    const secrets = this.createSecrets();
    const proxy = this.settings.proxy ? this.createProxy(secrets) : undefined;
    const credentials = new ApplicationCredentials(this, 'Credentials', {
      settings: this.settings, server: this.server, secrets, proxy,
    });
    // The proxy tries the secrets on its target as soon as it has one, so they must hold passwords by then.
    const target = proxy?.node.findChild('ProxyTargetGroup');
    target?.node.addDependency(credentials.ready);

    this.instance = this.server.instance;
    this.cluster = this.server.cluster;
    this.databaseArn = this.server.instance?.instanceArn ?? this.server.cluster?.clusterArn;
    this.identifierPrefix = this.settings.existing ? undefined : identifierPrefix(this, this.settings.fromRecoveryPoint);
    this.encryptionKey = this.settings.existing ? undefined : this.settings.encryptionKey;
    this.subnetGroupName = this.server.subnetGroup?.subnetGroupName;
    this.proxy = proxy;
    this.host = proxy?.endpoint ?? this.server.host;
    this.port = proxy ? DEFAULT_PORT : this.server.port;
    this.databaseName = this.settings.databaseName;
    this.masterSecret = this.server.masterSecret;
    this.ownerSecret = secrets.owner;
    this.applicationSecret = secrets.application;
    this.credentialsReady = new DependencyGroup(credentials.ready, ...target ? [target] : []);
    const defaultPort = ec2.Port.tcp(this.settings.port);
    const proxyGroups = proxy?.connections.securityGroups;
    this.ownerConnections = new ec2.Connections({ securityGroups: [this.server.securityGroup], defaultPort });
    this.applicationConnections = proxyGroups ? new ec2.Connections({ securityGroups: proxyGroups, defaultPort }) : this.ownerConnections;
    this.connections = new ec2.Connections({ securityGroups: [this.server.securityGroup, ...proxyGroups ?? []], defaultPort });
    this.alarms = this.settings.alarms ? this.createAlarms(credentials) : [];
  }

  /** Lets somebody read the application's login. */
  public grantReadApplicationSecret(grantee: iam.IGrantable): iam.Grant {
    return this.applicationSecret.grantRead(grantee);
  }

  /**
   * A metric of the instance, or of the writer of the cluster, once a minute.
   *
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
   */
  public metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.instance && !this.cluster) {
      throw new PlatformError(this, {
        problem: 'this existing database has no identifier that CloudWatch would know.',
        got: `metric ${metricName}`,
        allowed: 'existing.instanceIdentifier or existing.clusterIdentifier',
        fix: 'give one of them',
      });
    }
    return databaseMetric(this.server, metricName, options);
  }

  /** Whether RDS can replicate the automated backups to another region: not of Aurora, and an existing database is not changed. */
  public get replicatesBackups(): boolean {
    return this.instance !== undefined && !this.settings.existing;
  }

  /**
   * Replicates automated backups, snapshots and logs, to another region, as soon as they are there.
   *
   * @param region where to
   * @param encryptionKeyArn key of that region, which encrypts them there
   * @throws PlatformError where RDS does not: Aurora, and a database that exists already
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html
   */
  public replicateBackups(region: string, encryptionKeyArn: string): void {
    if (!this.replicatesBackups) {
      throw new PlatformError(this, {
        problem: 'RDS replicates automated backups of its own instances only, and an existing database is not changed.',
        got: this.settings.existing ? 'an existing database' : `capacity ${this.settings.capacity}`,
        allowed: 'DatabaseCapacity.instance(…)',
        fix: 'copy its backups by AWS Backup, or start the replication of an existing instance by hand',
      });
    }
    const resource = this.instance!.node.defaultChild as rds.CfnDBInstance;
    resource.automaticBackupReplicationRegion = region;
    resource.automaticBackupReplicationKmsKeyId = encryptionKeyArn;
  }

  public dashboardWidgets(): cloudwatch.IWidget[] {
    return databaseWidgets(this.watched(), this.node.path);
  }

  private createSecrets(): DatabaseSecrets {
    const login = (id: string, description: string) => new secretsmanager.Secret(this, id, {
      description: `${description} of ${this.node.path}`,
      encryptionKey: this.settings.encryptionKey,
      removalPolicy: withoutSnapshot(this.settings.removalPolicy),
      // A placeholder that the function replaces. Never change it: CloudFormation would put the new one over the login.
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'placeholder', excludePunctuation: true },
    });
    const proxyLogins = this.settings.proxy
      ? [login('ProxyLoginA', 'Proxy\'s copy of the first login'), login('ProxyLoginB', 'Proxy\'s copy of the second login')]
      : [];
    for (const copy of proxyLogins) {
      Validations.of(copy).acknowledge({
        id: 'AwsSolutions-SMG4',
        reason: 'A copy for the proxy: each rotation of the application\'s secret writes the new password here too.',
      });
    }
    return { owner: login('OwnerSecret', 'Owner login for migrations'), application: login('ApplicationSecret', 'Application login'), proxyLogins };
  }

  private createProxy(secrets: DatabaseSecrets): rds.DatabaseProxy {
    const { vpc, vpcSubnets, port } = this.settings;
    const securityGroup = new ec2.SecurityGroup(this, 'ProxySecurityGroup', {
      vpc, description: `Database proxy of ${this.node.path}`, allowAllOutbound: false,
    });
    this.server.securityGroup.connections.allowFrom(securityGroup, ec2.Port.tcp(port), 'Database proxy');
    const role = new ManagedPolicyRole(this, 'ProxyRole', { assumedBy: new iam.ServicePrincipal('rds.amazonaws.com') });
    const proxy = new rds.DatabaseProxy(this, 'Proxy', {
      role,
      dbProxyName: physicalName(this),
      proxyTarget: this.proxyTarget(),
      secrets: [...secrets.proxyLogins, secrets.owner],
      vpc,
      vpcSubnets,
      securityGroups: [securityGroup],
      requireTLS: true,
      iamAuth: false,
      clientPasswordAuthType: rds.ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
      idleClientTimeout: Duration.minutes(30),
    });
    const target = proxy.node.findChild('ProxyTargetGroup');
    target.node.addDependency(role);
    if (this.server.cluster) target.node.addDependency(this.server.cluster);
    return proxy;
  }

  /** The server as the proxy sees it: the rule between their security groups is made above, with a port that can be read. */
  private proxyTarget(): rds.ProxyTarget {
    const { instance, cluster, host, port } = this.server;
    if (cluster) {
      return rds.ProxyTarget.fromCluster(rds.DatabaseCluster.fromDatabaseClusterAttributes(this, 'ProxyTarget', {
        clusterIdentifier: cluster.clusterIdentifier, port, securityGroups: [], engine: rds.DatabaseClusterEngine.AURORA_POSTGRESQL,
      }));
    }
    return rds.ProxyTarget.fromInstance(rds.DatabaseInstance.fromDatabaseInstanceAttributes(this, 'ProxyTarget', {
      instanceIdentifier: instance!.instanceIdentifier,
      instanceEndpointAddress: host,
      port,
      securityGroups: [],
      engine: rds.DatabaseInstanceEngine.POSTGRES,
    }));
  }

  private createAlarms(credentials: ApplicationCredentials): cloudwatch.Alarm[] {
    const definitions: NamedAlarms = {
      ...databaseAlarms(this.watched()),
      CredentialsAlarm: {
        metric: credentials.handler.metricErrors({ period: Duration.minutes(5) }),
        threshold: 0,
        evaluationPeriods: 1,
        meaning: 'Making or rotating the database logins has failed; the logins in use go on working.',
        firstStep: 'read the log of the credentials function: its last line says what is wrong and what to do.',
        runbook: {
          page: 'database-credentials',
          then: [
            'Print it: `aws logs tail "$(aws lambda get-function-configuration --function-name {FunctionName} --query LoggingConfig.LogGroup --output text)" --since 1h`.',
            'When the cause is mended, start the rotation again: `aws secretsmanager rotate-secret --secret-id <secret named in the log>`.',
          ],
        },
      },
    };
    return Object.entries(definitions).map(([id, definition]) => createAlarm(this, id, definition));
  }


  private watched() {
    return { settings: this.settings, server: this.server, proxyName: this.proxy?.dbProxyName };
  }
}
