import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CacheCapacity } from './cache-capacity';
import { CacheEngine } from './cache-engine';
import { EnvironmentProfile } from '../environment';

/** Properties of a `RedisCache`. */
export interface RedisCacheProps {
  /** Network of the cache. */
  readonly vpc: ec2.IVpc;
  /**
   * Subnets of the cache.
   * @default - the isolated subnets where there are any, otherwise the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Software and version. The major version stays; minor versions are upgraded in the maintenance window.
   * @default - CacheEngine.valkey(): Valkey 8
   */
  readonly engine?: CacheEngine;
  /**
   * Nodes of a size, or serverless.
   * @default - CacheCapacity.nodes(), sized by the profile
   */
  readonly capacity?: CacheCapacity;
  /**
   * Port, 1 to 65535. A serverless cache is always on 6379.
   * @default 6379
   */
  readonly port?: number;
  /**
   * Which keys go when memory is full: `volatile-lru`, `allkeys-lru`, `volatile-lfu`, `allkeys-lfu`, `volatile-random`,
   * `allkeys-random`, `volatile-ttl` or `noeviction`. Nodes only.
   * @default - volatile-lru: the longest unused of the keys that expire anyway, so that a queue or a lock without expiry is never dropped
   */
  readonly maxmemoryPolicy?: string;
  /**
   * Further engine parameters by name, such as `{ timeout: '300' }`. Nodes only.
   * @default - the engine's own
   */
  readonly parameters?: { [name: string]: string };
  /**
   * Days that snapshots are kept, 0 to 35; 0 takes none.
   * @default - the profile's
   */
  readonly snapshotDays?: number;
  /**
   * Daily hour (UTC) of the snapshot, as `hh:mm-hh:mm`, at least 60 minutes. A serverless cache takes its start.
   * @default 03:00-04:00
   */
  readonly snapshotWindow?: string;
  /**
   * Weekly hour (UTC) of maintenance, as `ddd:hh:mm-ddd:hh:mm`, outside the snapshot's hour. Nodes only.
   * @default sun:04:30-sun:05:30
   */
  readonly maintenanceWindow?: string;
  /**
   * Number of the password, 1 to 999. A deployment that raises it makes a new one; see docs/caches.md for how services get it.
   * @default 1
   */
  readonly passwordGeneration?: number;
  /**
   * Days that the slow log and the engine log are kept, one of CloudWatch's steps. Nodes only.
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
  /**
   * Key that encrypts data, secrets and logs. CloudWatch Logs must be allowed to use it.
   * @default - AWS's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * What happens to data when the cache is removed. SNAPSHOT takes a last snapshot of the data.
   * @default - the profile's
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
