import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkText } from '../validate';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const AUTOMATED_BACKUP = /^arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:auto-backup:[A-Za-z0-9-]+$/;
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
   * The last second of automated backups that can be restored, such as of those that were replicated to the stack's region.
   *
   * @param automatedBackupArn `DBInstanceAutomatedBackupsArn`, as `aws rds describe-db-instance-automated-backups` answers it
   */
  public static latest(automatedBackupArn: string): DatabaseRecoveryPoint {
    return new DatabaseRecoveryPoint(undefined, automatedBackupArn);
  }

  /**
   * A second of automated backups, such as of those that were replicated to the stack's region.
   *
   * @param automatedBackupArn `DBInstanceAutomatedBackupsArn`, as `aws rds describe-db-instance-automated-backups` answers it
   * @param time in UTC, such as `2026-11-20T03:10:00Z`
   */
  public static atTime(automatedBackupArn: string, time: string): DatabaseRecoveryPoint {
    return new DatabaseRecoveryPoint(undefined, automatedBackupArn, time);
  }

  private constructor(
    /** Name or ARN of the snapshot; none for automated backups. */
    public readonly snapshotIdentifier?: string,
    /** ARN of the automated backups; none for a snapshot. */
    public readonly automatedBackupArn?: string,
    /** Second that is restored; none for a snapshot, and for the latest. */
    public readonly time?: string,
  ) {}

  /** The same text for the same point: names of databases are made from it. */
  public toString(): string {
    return this.snapshotIdentifier ?? `${this.automatedBackupArn}@${this.time ?? 'latest'}`;
  }

  /**
   * Refuses what RDS would refuse.
   *
   * @internal
   */
  public _validate(where: IConstruct, prop: string): void {
    if (this.automatedBackupArn === undefined) {
      checkText(where, prop, this.snapshotIdentifier, SNAPSHOT, 'the name or the ARN of a snapshot');
    } else {
      checkText(where, `${prop} automatedBackupArn`, this.automatedBackupArn, AUTOMATED_BACKUP, 'an ARN such as arn:aws:rds:eu-west-1:111111111111:auto-backup:ab-…');
      checkText(where, `${prop} time`, this.time, TIME, 'a second in UTC, such as 2026-11-20T03:10:00Z');
    }
    this.checkRegion(where, prop, this.automatedBackupArn ?? this.snapshotIdentifier);
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
