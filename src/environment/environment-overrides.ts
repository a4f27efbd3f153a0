import { RemovalPolicy } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { NatStrategy } from './nat-strategy';
import { ReleaseStrategy } from './release-strategy';

/** Single values of an `EnvironmentProfile` to change. */
export interface EnvironmentOverrides {
  /**
   * Name of the environment, as dashboards and alarms show it.
   * @default - the profile's
   */
  readonly name?: string;
  /**
   * Number of availability zones, 2 or 3.
   * @default - the profile's
   */
  readonly availabilityZones?: number;
  /**
   * Way from private subnets to the internet.
   * @default - the profile's
   */
  readonly natStrategy?: NatStrategy;
  /**
   * Interface endpoints by the service's short name, such as `secretsmanager`; each costs about 7 USD a month and zone.
   * @default - the profile's
   */
  readonly interfaceEndpoints?: string[];
  /**
   * Whether the VPC's traffic is logged.
   * @default - the profile's
   */
  readonly flowLogs?: boolean;
  /**
   * Whether load balancers write access logs.
   * @default - the profile's
   */
  readonly accessLogs?: boolean;
  /**
   * Whether ECS clusters collect Container Insights.
   * @default - the profile's
   */
  readonly containerInsights?: boolean;
  /**
   * Database instance class without its `db.` prefix, such as `t4g.medium`.
   * @default - the profile's
   */
  readonly databaseClass?: string;
  /**
   * Whether the database has a standby in another zone.
   * @default - the profile's
   */
  readonly databaseMultiAz?: boolean;
  /**
   * Database storage at creation, in GiB, 20 to 65536.
   * @default - the profile's
   */
  readonly databaseStorageGiB?: number;
  /**
   * Database storage that autoscaling may reach, in GiB, 20 to 65536.
   * @default - the profile's
   */
  readonly databaseMaximumStorageGiB?: number;
  /**
   * Days that automatic database backups are kept, 1 to 35.
   * @default - the profile's
   */
  readonly databaseBackupDays?: number;
  /**
   * Whether the database has Performance Insights.
   * @default - the profile's
   */
  readonly performanceInsights?: boolean;
  /**
   * Cache node type, such as `cache.t4g.micro`.
   * @default - the profile's
   */
  readonly cacheNodeType?: string;
  /**
   * Read replicas of the cache, 0 to 5; one or more means automatic failover.
   * @default - the profile's
   */
  readonly cacheReplicas?: number;
  /**
   * Days that cache snapshots are kept, 0 to 35; 0 takes none.
   * @default - the profile's
   */
  readonly cacheSnapshotDays?: number;
  /**
   * OpenSearch instance type of data nodes, such as `m7g.medium.search`.
   * @default - the profile's
   */
  readonly searchInstanceType?: string;
  /**
   * Data nodes of a search domain, 1 to 80: one, or a multiple of two or three.
   * @default - the profile's
   */
  readonly searchDataNodes?: number;
  /**
   * Whether search domains have three dedicated master nodes.
   * @default - the profile's
   */
  readonly searchDedicatedMasters?: boolean;
  /**
   * CPU units of a task; 1024 is one vCPU.
   * @default - the profile's
   */
  readonly cpu?: number;
  /**
   * Memory of a task, in MiB.
   * @default - the profile's
   */
  readonly memoryLimitMiB?: number;
  /**
   * Fewest tasks of a service.
   * @default - the profile's
   */
  readonly minimumTasks?: number;
  /**
   * Most tasks of a service.
   * @default - the profile's
   */
  readonly maximumTasks?: number;
  /**
   * Percentage of tasks on Fargate Spot, 0 to 100. All of them on Spot is refused where deletion protection is on.
   * @default - the profile's
   */
  readonly spotShare?: number;
  /**
   * Whether ECS Exec may open a shell in a task. Needs a writable root file system.
   * @default - the profile's
   */
  readonly executeCommand?: boolean;
  /**
   * Whether containers cannot write to their image's file system.
   * @default - the profile's
   */
  readonly readonlyRootFilesystem?: boolean;
  /**
   * How new versions of web services take over.
   * @default - the profile's
   */
  readonly releaseStrategy?: ReleaseStrategy;
  /**
   * Whether what the internet reaches has a web application firewall (about 10 USD a month each, and 0.60 USD for a million requests).
   * @default - the profile's
   */
  readonly firewall?: boolean;
  /**
   * From which of CloudFront's locations a site is served.
   * @default - the profile's
   */
  readonly priceClass?: cloudfront.PriceClass;
  /**
   * Days that logs are kept, one of CloudWatch's steps (1, 3, 5, 7, 14, 30, 60, 90, …).
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
  /**
   * Whether blocks make alarms.
   * @default - the profile's
   */
  readonly alarms?: boolean;
  /**
   * Whether data is encrypted with a KMS key of the stack's own rather than AWS's.
   * @default - the profile's
   */
  readonly customerManagedKey?: boolean;
  /**
   * Whether the database and the load balancer refuse deletion.
   * @default - the profile's
   */
  readonly deletionProtection?: boolean;
  /**
   * What happens to data when its resource is removed: DESTROY, SNAPSHOT (databases and caches; the rest is destroyed),
   * or RETAIN_ON_UPDATE_OR_DELETE.
   * @default - the profile's
   */
  readonly removalPolicy?: RemovalPolicy;
}
