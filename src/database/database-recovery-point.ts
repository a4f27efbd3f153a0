import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkText } from '../validate';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const AUTOMATED_BACKUP = /^(arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:auto-backup:[A-Za-z0-9-]+|db-[A-Z0-9]+)$/;
const SNAPSHOT = /^[A-Za-z][A-Za-z0-9:/_-]{0,254}$/;

/**
 * What a database is made from instead of empty. It keeps the encryption of its backup, its databases and its roles.
 *
 * Once deployed, leave it in place: another one, or none, asks CloudFormation for another database.
 */
export class DatabaseRecoveryPoint {
  /**
   * A snapshot of the stack's region: one of RDS's, or one of AWS Backup's, whose recovery point's ARN it is.
   *
   * @param snapshotIdentifier name or ARN
   */
  public static snapshot(snapshotIdentifier: string): DatabaseRecoveryPoint {
    return new DatabaseRecoveryPoint(snapshotIdentifier);
  }

  /**
   * The last second of automated backups that can be restored.
   *
   * @param source `DBInstanceAutomatedBackupsArn` of backups that were replicated to the stack's region, as
   * `aws rds describe-db-instance-automated-backups` answers it; or `DbiResourceId` of an instance of that region
   */
  public static latest(source: string): DatabaseRecoveryPoint {
    return new DatabaseRecoveryPoint(undefined, source);
  }

  /**
   * A second of automated backups.
   *
   * @param source `DBInstanceAutomatedBackupsArn` of backups that were replicated to the stack's region, as
   * `aws rds describe-db-instance-automated-backups` answers it; or `DbiResourceId` of an instance of that region
   * @param time in UTC, such as `2026-11-20T03:10:00Z`
   */
  public static atTime(source: string, time: string): DatabaseRecoveryPoint {
    return new DatabaseRecoveryPoint(undefined, source, time);
  }

  private constructor(
    /** Name or ARN of the snapshot; none for automated backups. */
    public readonly snapshotIdentifier?: string,
    /** ARN of the automated backups, or resource id of their instance; none for a snapshot. */
    public readonly source?: string,
    /** Second that is restored; none for a snapshot, and for the latest. */
    public readonly time?: string,
  ) {}

  /**
   * As CloudFormation has it for an instance.
   *
   * @internal
   */
  public get _properties() {
    const ofInstance = this.source?.startsWith('db-');
    return {
      dbSnapshotIdentifier: this.snapshotIdentifier,
      sourceDbInstanceAutomatedBackupsArn: ofInstance ? undefined : this.source,
      sourceDbiResourceId: ofInstance ? this.source : undefined,
      restoreTime: this.time,
      useLatestRestorableTime: this.source !== undefined && this.time === undefined ? true : undefined,
    };
  }

  /** The same text for the same point: names of databases are made from it. */
  public toString(): string {
    return this.snapshotIdentifier ?? `${this.source}@${this.time ?? 'latest'}`;
  }

  /**
   * Refuses what RDS would refuse.
   *
   * @internal
   */
  public _validate(where: IConstruct, prop: string): void {
    if (this.source === undefined) {
      checkText(where, prop, this.snapshotIdentifier, SNAPSHOT, 'the name or the ARN of a snapshot');
    } else {
      checkText(where, `${prop} source`, this.source, AUTOMATED_BACKUP,
        'an ARN such as arn:aws:rds:eu-west-1:111111111111:auto-backup:ab-…, or a resource id such as db-ABCDEFGHIJKL');
      checkText(where, `${prop} time`, this.time, TIME, 'a second in UTC, such as 2026-11-20T03:10:00Z');
    }
    this.checkRegion(where, prop, this.source ?? this.snapshotIdentifier);
  }

  private checkRegion(where: IConstruct, prop: string, identifier: string | undefined): void {
    const { region } = Stack.of(where);
    if (!identifier?.startsWith('arn:') || Token.isUnresolved(identifier) || Token.isUnresolved(region)) return;
    const [, , , regionOfBackup] = identifier.split(':');
    if (regionOfBackup === region) return;
    throw new PlatformError(where, {
      problem: 'a database is restored in the region of its backup.',
      got: `${prop} in ${regionOfBackup}, the stack in ${region}`,
      allowed: `a backup in ${region}`,
      fix: `deploy the stack in ${regionOfBackup}, or copy the backup to ${region} first`,
    });
  }
}
