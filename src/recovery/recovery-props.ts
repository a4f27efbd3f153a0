import * as kms from 'aws-cdk-lib/aws-kms';
import { VaultLock } from './vault-lock';
import { AppTable, PostgresDatabase } from '../database';
import { EnvironmentProfile } from '../environment';
import { AppBucket } from '../storage';

/** What is kept for how long, where, and how it is tested. */
export interface RecoveryOptions {
  /**
   * Region in which the app can be stood up again, such as `eu-west-1`: backups are copied there, buckets and database backups are replicated there.
   * The stack needs a region of its own, and `cdk bootstrap` must have been run in both. What is there goes into a stack beside this one.
   * @default - backups stay in the region of the stack
   */
  readonly recoveryRegion?: string;
  /**
   * Buckets that are backed up, in the region of the stack.
   * @default - none
   */
  readonly buckets?: AppBucket[];
  /**
   * Tables that are backed up, in the region of the stack.
   * @default - none
   */
  readonly tables?: AppTable[];
  /**
   * Hour in UTC at which backups may begin, 0 to 23. AWS Backup begins them within eight hours.
   * @default 5
   */
  readonly backupHour?: number;
  /**
   * Days that a day's backup is kept, 1 to 3650. Of buckets it is continuous: any second of these days, but of 35 at most.
   * @default - 7 in development, 14 in staging, 35 where the profile has deletion protection
   */
  readonly dailyRetentionDays?: number;
  /**
   * Days that a Sunday's backup is kept, up to 3650; 0 takes none.
   * @default - 0 in development, 35 in staging, 91 where the profile has deletion protection
   */
  readonly weeklyRetentionDays?: number;
  /**
   * Days that the backup of a month's first day is kept, up to 3650; 0 takes none.
   * @default - 0 in development and staging, 366 where the profile has deletion protection
   */
  readonly monthlyRetentionDays?: number;
  /**
   * Keeps backups from being deleted before their time, in both regions.
   * @default - who may delete backups can
   */
  readonly vaultLock?: VaultLock;
  /**
   * Whether RDS replicates snapshots and logs of new instances to the recovery region, from which they can be restored to a second. Aurora cannot:
   * its backups are copied each day.
   * @default - yes, with a recovery region
   */
  readonly replicateDatabaseBackups?: boolean;
  /**
   * Whether new files of new buckets are replicated to a bucket in the recovery region. Otherwise AWS Backup copies the buckets' backups there.
   * @default - yes, with a recovery region
   */
  readonly replicateBuckets?: boolean;
  /**
   * Whether a file that is deleted is deleted in the replica too. Older versions stay in both either way.
   * @default false - what is deleted here by mistake is still there
   */
  readonly replicateDeletes?: boolean;
  /**
   * Whether AWS Backup restores the last backup of every block each Sunday, and deletes what it restored an hour later.
   * @default - where the profile has deletion protection
   */
  readonly restoreTests?: boolean;
}

/** Properties of a `Recovery`. */
export interface RecoveryProps extends RecoveryOptions {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Databases that are backed up, in the region of the stack. At least one block of any kind.
   * @default - none
   */
  readonly databases?: PostgresDatabase[];
  /**
   * Key that encrypts the vault in the region of the stack. The one in the recovery region has a key of its own.
   * @default - AWS Backup's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether people are told of failed backups, copies and tests, and of files that were not replicated.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
