import { Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { checkInteger, checkOrder } from '../validate';

const LEAST_DAYS = 1;
const MOST_DAYS = 36500;
/** AWS's own least time in which a compliance lock can be taken back. */
const LEAST_COOLING_OFF_DAYS = 3;

/** How long backups in a locked vault are kept. */
export interface VaultLockOptions {
  /**
   * Days that a backup is kept at least: nobody can delete it before. 1 to 36500.
   * @default - as many as the shortest retention of the backup plan
   */
  readonly minimumRetentionDays?: number;
  /**
   * Days that a backup may be kept at most, 1 to 36500.
   * @default - no limit
   */
  readonly maximumRetentionDays?: number;
}

/** Keeps backups from being deleted before their time. */
export class VaultLock {
  /** People with the right to do so can take the lock away; it stops mistakes, and thieves of lesser rights. */
  public static governance(options: VaultLockOptions = {}): VaultLock {
    return new VaultLock(options.minimumRetentionDays, options.maximumRetentionDays);
  }

  /**
   * After the cooling-off days nobody can take the lock away or shorten a retention, not the root user and not AWS. Neither vault nor backups can be
   * deleted before the last backup has expired, and they are paid for until then.
   *
   * @param coolingOffDays days in which it can still be taken back, at least 3
   * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
   */
  public static compliance(coolingOffDays: number, options: VaultLockOptions = {}): VaultLock {
    checkInteger('VaultLock.compliance', 'coolingOffDays', coolingOffDays, LEAST_COOLING_OFF_DAYS, MOST_DAYS);
    return new VaultLock(options.minimumRetentionDays, options.maximumRetentionDays, coolingOffDays);
  }

  private constructor(
    /** Days that a backup is kept at least; undefined for those of the plan's shortest retention. */
    public readonly minimumRetentionDays?: number,
    /** Days that a backup may be kept at most; undefined for no limit. */
    public readonly maximumRetentionDays?: number,
    /** Days in which a compliance lock can be taken back; undefined for a governance lock. */
    public readonly coolingOffDays?: number,
  ) {
    checkInteger('VaultLock', 'minimumRetentionDays', minimumRetentionDays, LEAST_DAYS, MOST_DAYS);
    checkInteger('VaultLock', 'maximumRetentionDays', maximumRetentionDays, LEAST_DAYS, MOST_DAYS);
    checkOrder('VaultLock', 'minimumRetentionDays', minimumRetentionDays, 'maximumRetentionDays', maximumRetentionDays);
  }

  /** @internal */
  public _configuration(shortestRetentionDays: number): backup.LockConfiguration {
    const days = (count: number | undefined) => count === undefined ? undefined : Duration.days(count);
    return {
      minRetention: Duration.days(this.minimumRetentionDays ?? shortestRetentionDays),
      maxRetention: days(this.maximumRetentionDays),
      changeableFor: days(this.coolingOffDays),
    };
  }
}
