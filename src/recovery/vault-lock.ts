import { Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { PlatformError } from '../errors';
import { checkInteger, checkOrder, display } from '../validate';

const LEAST_DAYS = 1;
const MOST_DAYS = 36500;
/** AWS's own least time in which a compliance lock can be taken back. */
const LEAST_COOLING_OFF_DAYS = 3;

/** How long backups in a locked vault are kept. */
export interface VaultLockOptions {
  /**
   * Days that a backup is kept at least: nobody can delete it before. 1 to 36500.
   * @default - as many as the shortest retention of the backup plan, also when that changes
   */
  readonly minimumRetentionDays?: number;
  /**
   * Days that a backup may be kept at most, 1 to 36500.
   * @default - no limit
   */
  readonly maximumRetentionDays?: number;
}

/** How long backups are kept in a vault whose lock nobody can change. */
export interface ComplianceLockOptions {
  /**
   * Days that a backup is kept at least, 1 to 36500. No retention of the backup plan can ever be shorter; of buckets, continuous backups are kept for 35
   * days at most.
   */
  readonly minimumRetentionDays: number;
  /**
   * Days that a backup may be kept at most, 1 to 36500. No retention of the backup plan can ever be longer.
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
   * Nothing that is given here can be changed after these days: a deployment that does fails.
   *
   * @param coolingOffDays days in which it can still be taken back, at least 3
   * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
   */
  public static compliance(coolingOffDays: number, options: ComplianceLockOptions): VaultLock {
    checkInteger('VaultLock.compliance', 'coolingOffDays', coolingOffDays, LEAST_COOLING_OFF_DAYS, MOST_DAYS);
    checkMinimum(options);
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

/** The shortest retention changes with the plan and its buckets, and a lock that would follow it could not be deployed again. */
function checkMinimum(options: ComplianceLockOptions | undefined): void {
  const days = options?.minimumRetentionDays;
  if (days !== undefined && days !== null) return;
  throw new PlatformError('VaultLock.compliance', {
    problem: 'minimumRetentionDays is missing, and nobody can change it once the lock is there for good.',
    got: `minimumRetentionDays ${display(days)}`,
    allowed: 'days that no backup will ever be kept for less, at most the shortest retention',
    fix: 'decide on minimumRetentionDays; of a vault that is locked already, it is MinRetentionDays of `aws backup describe-backup-vault`',
  });
}
