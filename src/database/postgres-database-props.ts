import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DatabaseCapacity } from './database-capacity';
import { DatabaseRecoveryPoint } from './database-recovery-point';
import { EnvironmentProfile } from '../environment';

/** A PostgreSQL database that exists already: it gets the application's logins, and nothing else of it is changed. */
export interface ExistingDatabase {
  /** Host name of the database. */
  readonly host: string;
  /**
   * Port of the database.
   * @default - 5432
   */
  readonly port?: number;
  /** Name of the database on that server. */
  readonly databaseName: string;
  /** Secret with `username` and `password` of a role that may create roles and owns the database. */
  readonly masterSecret: secretsmanager.ISecret;
  /** Security group of the database; the handler, the proxy and services are let in there. */
  readonly securityGroup: ec2.ISecurityGroup;
  /**
   * Identifier of the RDS instance, which a proxy and alarms need.
   * @default - no proxy, no alarms
   */
  readonly instanceIdentifier?: string;
  /**
   * Identifier of the Aurora cluster, which a proxy and alarms need.
   * @default - no proxy, no alarms
   */
  readonly clusterIdentifier?: string;
}

/** Props of a `PostgresDatabase`. */
export interface PostgresDatabaseProps {
  /**
   * Sizes, protection and retention.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /** VPC of the database. */
  readonly vpc: ec2.IVpc;
  /**
   * Subnets of the database.
   * @default - the isolated subnets if the VPC has them, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * What the database runs on.
   * @default - DatabaseCapacity.instance() of the profile's `databaseClass`
   */
  readonly capacity?: DatabaseCapacity;
  /**
   * Major version, 14 to 18 (Aurora: 14 to 17). It is pinned: raising it is an upgrade in place.
   * Minor versions are RDS's business and never make a difference to the template.
   * @default - 17
   */
  readonly majorVersion?: number;
  /**
   * Name of the database; the names of its roles begin with it. Lower-case letters, digits and underscores, at most 50.
   * @default - 'app'
   */
  readonly databaseName?: string;
  /**
   * Port of the database. A proxy always answers on 5432.
   * @default - 5432
   */
  readonly port?: number;
  /**
   * Whether the application connects through an RDS Proxy, which shares connections and shortens failover
   * (about 22 USD a month for an instance with two vCPUs).
   * @default - false
   */
  readonly proxy?: boolean;
  /**
   * Whether there is a standby (a reader, with Aurora) in another zone.
   * @default - the profile's `databaseMultiAz`
   */
  readonly multiAz?: boolean;
  /**
   * Storage at creation, in GiB, 20 to 65536. Aurora's storage has no size.
   * @default - the profile's `databaseStorageGiB`
   */
  readonly storageGiB?: number;
  /**
   * Storage that autoscaling may reach, in GiB, 20 to 65536; equal to `storageGiB` it does not grow.
   * @default - the profile's `databaseMaximumStorageGiB`
   */
  readonly maximumStorageGiB?: number;
  /**
   * Days that automatic backups are kept, 1 to 35.
   * @default - the profile's `databaseBackupDays`
   */
  readonly backupDays?: number;
  /**
   * Whether there are Performance Insights (seven days, free) and Enhanced Monitoring (a value a minute).
   * @default - the profile's `performanceInsights`
   */
  readonly performanceInsights?: boolean;
  /**
   * Days that logs of the database and of its credentials' handler are kept, one of CloudWatch's steps.
   * @default - the profile's `logRetentionDays`
   */
  readonly logRetentionDays?: number;
  /**
   * Whether the database refuses deletion.
   * @default - the profile's `deletionProtection`
   */
  readonly deletionProtection?: boolean;
  /**
   * What happens to database and secrets when they are removed from the stack. SNAPSHOT destroys the secrets.
   * @default - the profile's `removalPolicy`
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Whether alarms are made.
   * @default - the profile's `alarms`
   */
  readonly alarms?: boolean;
  /**
   * Statements that take longer are logged.
   * @default - one second
   */
  readonly slowQueryLogThreshold?: Duration;
  /**
   * Further parameters of the parameter group; they win over ours.
   * @default - none
   */
  readonly parameters?: { [key: string]: string };
  /**
   * How long a password is current, 1 to 999 days.
   * @default - 30 days
   */
  readonly rotateAfter?: Duration;
  /**
   * Key for storage, secrets, logs and Performance Insights.
   * @default - AWS's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Snapshot to create the database from: name or ARN. It keeps its encryption and its master's user name.
   * Once deployed, leave it in place: without it, CloudFormation would ask for a new, empty database.
   * @default - an empty database
   */
  readonly snapshotIdentifier?: string;
  /**
   * What to create the database from, in words that take replicated automated backups too; instead of `snapshotIdentifier`.
   * `databaseName` must be the name that it has in there. Once deployed, leave it in place.
   * @default - an empty database
   */
  readonly fromRecoveryPoint?: DatabaseRecoveryPoint;
  /**
   * A database that exists already, instead of a new one.
   * @default - a new database
   */
  readonly existing?: ExistingDatabase;
  /**
   * Subnets of the function that makes and rotates credentials. It must reach the database and Secrets Manager.
   * @default - the private subnets with a way to the internet if the VPC has them, else the database's
   */
  readonly handlerSubnets?: ec2.SubnetSelection;
}
