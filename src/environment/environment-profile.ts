import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { EnvironmentOverrides } from './environment-overrides';
import { NatStrategy } from './nat-strategy';
import { ReleaseStrategy } from './release-strategy';
import { withoutSnapshot } from './removal-policy';
import { validateEnvironmentProfile } from './validate-environment-profile';
import { PlatformError } from '../errors';

// As text, because the enum would load all of CloudFront's module for those who have no site.
const NEAREST_TO_MOST = 'PriceClass_100' as cloudfront.PriceClass;
const EVERYWHERE = 'PriceClass_All' as cloudfront.PriceClass;

const DEVELOPMENT: Required<EnvironmentOverrides> = {
  name: 'development',
  availabilityZones: 2,
  natStrategy: NatStrategy.instance(),
  interfaceEndpoints: [],
  flowLogs: false,
  accessLogs: false,
  containerInsights: false,
  databaseClass: 't4g.micro',
  databaseMultiAz: false,
  databaseStorageGiB: 20,
  databaseMaximumStorageGiB: 100,
  databaseBackupDays: 1,
  performanceInsights: false,
  cacheNodeType: 'cache.t4g.micro',
  cacheReplicas: 0,
  cacheSnapshotDays: 0,
  searchInstanceType: 't3.small.search',
  searchDataNodes: 1,
  searchDedicatedMasters: false,
  cpu: 256,
  memoryLimitMiB: 512,
  minimumTasks: 1,
  maximumTasks: 2,
  spotShare: 100,
  executeCommand: true,
  readonlyRootFilesystem: false,
  releaseStrategy: ReleaseStrategy.rolling(),
  firewall: false,
  priceClass: NEAREST_TO_MOST,
  logRetentionDays: 30,
  alarms: false,
  customerManagedKey: false,
  deletionProtection: false,
  removalPolicy: RemovalPolicy.DESTROY,
};

const STAGING: Required<EnvironmentOverrides> = {
  ...DEVELOPMENT,
  name: 'staging',
  natStrategy: NatStrategy.gateways(1),
  flowLogs: true,
  accessLogs: true,
  containerInsights: true,
  databaseBackupDays: 7,
  performanceInsights: true,
  cacheSnapshotDays: 1,
  cpu: 512,
  memoryLimitMiB: 1024,
  maximumTasks: 4,
  spotShare: 0,
  executeCommand: false,
  readonlyRootFilesystem: true,
  // Staging is waited for: the shortest time in which the alarms can fire.
  releaseStrategy: ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(5) }),
  firewall: true,
  alarms: true,
  customerManagedKey: true,
  removalPolicy: RemovalPolicy.SNAPSHOT,
};

const PRODUCTION: Required<EnvironmentOverrides> = {
  ...STAGING,
  name: 'production',
  natStrategy: NatStrategy.gateways(2),
  databaseClass: 't4g.small',
  databaseMultiAz: true,
  databaseMaximumStorageGiB: 500,
  databaseBackupDays: 14,
  cacheNodeType: 'cache.t4g.small',
  cacheReplicas: 1,
  cacheSnapshotDays: 7,
  searchInstanceType: 'm7g.medium.search',
  searchDataNodes: 2,
  searchDedicatedMasters: true,
  minimumTasks: 2,
  maximumTasks: 10,
  releaseStrategy: ReleaseStrategy.blueGreen(),
  priceClass: EVERYWHERE,
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
};

/**
 * Everything that differs between development, staging and production: one switch decides,
 * `with()` changes single values for an environment, and a construct's own prop wins over both.
 */
export class EnvironmentProfile {
  /** Cheap and quick to throw away: one task on Spot, one database, no alarms, nothing kept on deletion. */
  public static development(): EnvironmentProfile {
    return new EnvironmentProfile(DEVELOPMENT);
  }

  /** Production's shape at development's size: encrypted with an own key, logged, alarmed; a final snapshot on deletion. */
  public static staging(): EnvironmentProfile {
    return new EnvironmentProfile(STAGING);
  }

  /** Survives the loss of a zone and a mistaken deletion: Multi-AZ, two tasks, replicas, protection, everything kept. */
  public static production(): EnvironmentProfile {
    return new EnvironmentProfile(PRODUCTION);
  }

  /**
   * The profile of that name.
   *
   * @param name `development`, `staging` or `production`
   * @throws PlatformError with the names allowed, for any other
   */
  public static fromName(name: string): EnvironmentProfile {
    const known = [DEVELOPMENT, STAGING, PRODUCTION];
    const settings = known.find(candidate => candidate.name === name);
    if (settings) return new EnvironmentProfile(settings);
    throw new PlatformError('EnvironmentProfile.fromName', {
      problem: 'there is no profile of that name.',
      got: `name '${name}'`,
      allowed: known.map(candidate => candidate.name).join(', '),
      fix: 'use one of these names, and with({ name }) for a name of your own',
    });
  }

  /** Name of the environment. */
  public readonly name!: string;
  /** Number of availability zones, 2 or 3. */
  public readonly availabilityZones!: number;
  /** Way from private subnets to the internet. */
  public readonly natStrategy!: NatStrategy;
  /** Interface endpoints, by the service's short name. */
  public readonly interfaceEndpoints!: string[];
  /** Whether the VPC's traffic is logged. */
  public readonly flowLogs!: boolean;
  /** Whether load balancers write access logs. */
  public readonly accessLogs!: boolean;
  /** Whether ECS clusters collect Container Insights. */
  public readonly containerInsights!: boolean;
  /** Database instance class without its `db.` prefix. */
  public readonly databaseClass!: string;
  /** Whether the database has a standby in another zone. */
  public readonly databaseMultiAz!: boolean;
  /** Database storage at creation, in GiB. */
  public readonly databaseStorageGiB!: number;
  /** Database storage that autoscaling may reach, in GiB. */
  public readonly databaseMaximumStorageGiB!: number;
  /** Days that automatic database backups are kept. */
  public readonly databaseBackupDays!: number;
  /** Whether the database has Performance Insights (seven days, free). */
  public readonly performanceInsights!: boolean;
  /** Cache node type, such as `cache.t4g.micro`. */
  public readonly cacheNodeType!: string;
  /** Read replicas of the cache; one or more means automatic failover. */
  public readonly cacheReplicas!: number;
  /** Days that cache snapshots are kept; 0 takes none. */
  public readonly cacheSnapshotDays!: number;
  /** OpenSearch instance type of data nodes. */
  public readonly searchInstanceType!: string;
  /** Data nodes of a search domain. */
  public readonly searchDataNodes!: number;
  /** Whether search domains have three dedicated master nodes. */
  public readonly searchDedicatedMasters!: boolean;
  /** CPU units of a task; 1024 is one vCPU. */
  public readonly cpu!: number;
  /** Memory of a task, in MiB. */
  public readonly memoryLimitMiB!: number;
  /** Fewest tasks of a service. */
  public readonly minimumTasks!: number;
  /** Most tasks of a service. */
  public readonly maximumTasks!: number;
  /** Percentage of tasks on Fargate Spot, 0 to 100. */
  public readonly spotShare!: number;
  /** Whether ECS Exec may open a shell in a task. */
  public readonly executeCommand!: boolean;
  /** Whether containers cannot write to their image's file system. */
  public readonly readonlyRootFilesystem!: boolean;
  /** How new versions of web services take over. */
  public readonly releaseStrategy!: ReleaseStrategy;
  /** Whether what the internet reaches has a web application firewall. */
  public readonly firewall!: boolean;
  /** From which of CloudFront's locations a site is served: North America and Europe in development and staging, everywhere in production. */
  public readonly priceClass!: cloudfront.PriceClass;
  /** Days that logs are kept. */
  public readonly logRetentionDays!: number;
  /** Whether blocks make alarms. */
  public readonly alarms!: boolean;
  /** Whether data is encrypted with a KMS key of the stack's own (1 USD a month) rather than AWS's. */
  public readonly customerManagedKey!: boolean;
  /** Whether the database and the load balancer refuse deletion. */
  public readonly deletionProtection!: boolean;
  /** What happens to data when its resource is removed from the stack. */
  public readonly removalPolicy!: RemovalPolicy;

  /** The removal policy for data that AWS takes no snapshot of, such as buckets: DESTROY where `removalPolicy` is SNAPSHOT. */
  public readonly removalPolicyWithoutSnapshot: RemovalPolicy;

  private constructor(private readonly settings: Required<EnvironmentOverrides>) {
    validateEnvironmentProfile(settings);
    Object.assign(this, settings);
    this.removalPolicyWithoutSnapshot = withoutSnapshot(settings.removalPolicy);
  }

  /** A copy with single values changed. Values that contradict each other are refused. */
  public with(overrides: EnvironmentOverrides): EnvironmentProfile {
    const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
    return new EnvironmentProfile({ ...this.settings, ...Object.fromEntries(given) });
  }

  /** Every value on a line of its own, for a log or a review. */
  public toString(): string {
    const lines = Object.entries(this.settings)
      .filter(([key]) => key !== 'name')
      .map(([key, value]) => `  ${key}: ${Array.isArray(value) ? `[${value.join(', ')}]` : value}`);
    return [`EnvironmentProfile ${this.name}`, ...lines].join('\n');
  }
}
