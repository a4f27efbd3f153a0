import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { createPlan, START_WINDOW_MINUTES } from './backup-plan';
import { createBackupRole } from './backup-role';
import { BackupSchedule, protectionOf } from './backup-schedule';
import { createVault } from './backup-vault';
import { isReplicable, ReplicatedBucket, replicateBucket } from './bucket-replication';
import { warnOfLostKeys } from './lost-keys';
import { bucketAsProtected, databaseAsProtected, ProtectedBlock, tableAsProtected } from './protected-block';
import { RecoveryObjective } from './recovery-objective';
import { bucketObjective, databaseObjective, tableObjective } from './recovery-objectives';
import { RecoveryPlace } from './recovery-place';
import { recoveryProcedure } from './recovery-procedure';
import { RecoveryProps } from './recovery-props';
import { retentions, scheduleOf, validateRecovery } from './recovery-validation';
import { createEvents, createReplicationAlarms, recoveryWidgets } from './recovery-watch';
import { createRestoreRole } from './restore-role';
import { createRestoreTests } from './restore-tests';
import { AppTable, PostgresDatabase } from '../database';
import { EncryptionKey } from '../encryption';
import { EnvironmentProfile } from '../environment';
import { IWatched, WatchedEvents } from '../observability';
import { tellReport } from '../report-facts';
import { AppBucket } from '../storage';

/**
 * The way back: backups of the blocks it is given, copies of them in another region, a weekly test that they can be restored, what can be lost and how
 * soon it is back, and a procedure with every command.
 *
 * What is in the recovery region is in a stack that this makes beside the block's own, and which `cdk deploy --all` deploys first. Vaults, their backups
 * and the key of the copies stay when their stacks go.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html
 */
export class Recovery extends Construct implements IWatched {
  /** Vault with the backups, in the region of the stack. */
  public readonly vault: backup.IBackupVault;
  /** Vault with the copies, in the recovery region; undefined without one. */
  public readonly recoveryVault?: backup.IBackupVault;
  /** Key of what is in the recovery region; undefined without one. */
  public readonly recoveryKey?: kms.IKey;
  /** Buckets in the recovery region that buckets are replicated to, in the order of `buckets`. */
  public readonly replicas: AppBucket[];
  /** The role with which AWS Backup backs up. */
  public readonly backupRole: iam.IRole;
  /** The role with which AWS Backup restores in the region of the stack. */
  public readonly restoreRole: iam.IRole;
  /** The role with which AWS Backup restores in the recovery region; undefined without one. */
  public readonly recoveryRestoreRole?: iam.IRole;
  /** Plan of databases and tables; undefined where there are none. */
  public readonly plan?: backup.CfnBackupPlan;
  /** Plan of buckets; undefined where there are none. */
  public readonly bucketPlan?: backup.CfnBackupPlan;
  /** The weekly tests; undefined where there are none. */
  public readonly restoreTestingPlan?: backup.CfnRestoreTestingPlan;
  /** What each block can lose, and when it is back. */
  public readonly objectives: RecoveryObjective[];
  /** Files that were not replicated; empty where alarms are off. */
  public readonly alarms: cloudwatch.Alarm[];
  /** Backups, copies and tests that failed; none where alarms are off. */
  public readonly events?: WatchedEvents[];

  private readonly profile: EnvironmentProfile;
  private readonly schedule: BackupSchedule;
  private readonly place?: RecoveryPlace;
  private readonly replicated: ReplicatedBucket[];

  constructor(scope: Construct, id: string, private readonly props: RecoveryProps) {
    super(scope, id);
    validateRecovery(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.schedule = scheduleOf(props);
    const { databases = [], buckets = [], tables = [] } = props;
    const data = [...databases.map(databaseAsProtected), ...tables.map(tableAsProtected)];
    const files = buckets.map(bucketAsProtected);

    this.place = props.recoveryRegion ? new RecoveryPlace(this, props.recoveryRegion) : undefined;
    this.recoveryKey = this.place && this.createRecoveryKey(this.place);
    this.vault = this.createVault(this, props.encryptionKey);
    this.recoveryVault = this.place && this.createVault(this.place.scope, this.recoveryKey);
    warnOfLostKeys(this, [props.encryptionKey, ...databases.map(({ encryptionKey }) => encryptionKey)]);
    this.replicateDatabases(databases);
    this.replicated = this.replicateBuckets(buckets);
    this.replicas = this.replicated.map(({ replica }) => replica);

    const copyVaultArn = this.copyVaultArn();
    this.backupRole = createBackupRole(this, 'BackupRole', {
      blocks: [...data, ...files], copyVaultArn, keyArns: this.keyArns([...data, ...files], true),
    });
    this.restoreRole = createRestoreRole(this, 'RestoreRole', this.keyArns([...data, ...files], false));
    this.recoveryRestoreRole = this.place && createRestoreRole(this.place.scope, 'RestoreRole', [this.recoveryKey!.keyArn]);
    this.plan = data.length > 0 ? this.createPlan('Plan', data, copyVaultArn) : undefined;
    this.bucketPlan = files.length > 0 ? this.createBucketPlan(files, buckets, copyVaultArn) : undefined;
    this.restoreTestingPlan = this.createRestoreTests([...data, ...files]);

    this.objectives = this.createObjectives(databases, buckets, tables);
    tellReport(this, { objectives: this.objectives });
    this.alarms = this.watches() ? createReplicationAlarms(this, this.replicated) : [];
    const testRole = this.restoreTestingPlan && this.restoreRole;
    this.events = this.watches() ? createEvents(this, this.vault, copyVaultArn !== undefined, testRole) : undefined;
  }

  /**
   * What to do after a mistake and after the loss of the region, with every command filled in for this app, as Markdown. Keep it where it can be read
   * when the region cannot: `fs.writeFileSync('docs/recovery.md', recovery.procedure)`.
   */
  public get procedure(): string {
    const { databases = [], buckets = [], tables = [] } = this.props;
    return recoveryProcedure({
      recovery: this,
      databases,
      buckets,
      tables,
      replicated: this.replicated,
      place: this.place,
      replicatesDatabases: this.replicatesDatabases(),
    });
  }

  /** What can be lost, and what waits to be replicated. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return recoveryWidgets(this.objectives, this.replicated);
  }

  /** Kept like the vault that it encrypts: copies without their key are none. */
  private createRecoveryKey({ scope }: RecoveryPlace): kms.IKey {
    return new EncryptionKey(scope, 'Key', { profile: this.profile, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE }).key;
  }

  private createVault(scope: Construct, encryptionKey: kms.IKey | undefined): backup.BackupVault {
    const shortestRetentionDays = Math.min(...retentions(this.schedule, (this.props.buckets ?? []).length > 0));
    return createVault(scope, 'Vault', { encryptionKey, lock: this.props.vaultLock, shortestRetentionDays });
  }

  private copyVaultArn(): string | undefined {
    return this.place?.carry(this.recoveryVault!, 'Arn', this.recoveryVault!.backupVaultArn, this);
  }

  /** Keys of what is backed up, of the vault, and of the copies. */
  private keyArns(blocks: ProtectedBlock[], copies: boolean): string[] {
    const keys = [this.props.encryptionKey, ...blocks.map(({ encryptionKey }) => encryptionKey)].flatMap(key => key ? [key.keyArn] : []);
    return [...new Set(keys), ...copies && this.place ? [this.place.carry(this.recoveryKey!, 'Arn', this.recoveryKey!.keyArn, this)] : []];
  }

  private replicatesDatabases(): boolean {
    return this.place !== undefined && this.props.replicateDatabaseBackups !== false;
  }

  private replicateDatabases(databases: PostgresDatabase[]): void {
    if (!this.place || !this.replicatesDatabases()) return;
    for (const database of databases.filter(({ replicatesBackups }) => replicatesBackups)) {
      database.replicateBackups(this.place.region, this.place.carry(this.recoveryKey!, 'Arn', this.recoveryKey!.keyArn, database));
    }
  }

  private replicateBuckets(buckets: AppBucket[]): ReplicatedBucket[] {
    const { place, profile, recoveryKey } = this;
    const { replicateBuckets = true, replicateDeletes = false } = this.props;
    if (!place || !replicateBuckets) return [];
    for (const bucket of buckets.filter(each => !isReplicable(each))) {
      Annotations.of(this).addWarningV2('cdk-web-platform:existingBucketReplication',
        `${bucket.node.path} exists already and is not changed: it is backed up, and not replicated to ${place.region}. With replicateBuckets false its backups are copied there.`);
    }
    return buckets.filter(isReplicable).map(bucket => replicateBucket(bucket, {
      place, profile, recoveryKey: recoveryKey!, replicateDeletes, metrics: this.watches(),
    }));
  }

  private createPlan(id: string, blocks: ProtectedBlock[], copyVaultArn: string | undefined, continuous?: boolean): backup.CfnBackupPlan {
    return createPlan(this, id, { schedule: this.schedule, vault: this.vault, role: this.backupRole, blocks, copyVaultArn, continuous });
  }

  /** By itself, because RDS would let a continuous backup change an instance's own backups, which CloudFormation would change back. */
  private createBucketPlan(files: ProtectedBlock[], buckets: AppBucket[], copyVaultArn: string | undefined): backup.CfnBackupPlan {
    for (const { bucket } of buckets.filter(isReplicable)) {
      // AWS Backup hears of new files by them, and would turn them on itself, behind CloudFormation's back.
      (bucket.node.defaultChild as s3.CfnBucket).addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true);
    }
    return this.createPlan('BucketPlan', files, this.props.replicateBuckets === false ? copyVaultArn : undefined, true);
  }

  private createRestoreTests(blocks: ProtectedBlock[]): backup.CfnRestoreTestingPlan | undefined {
    if (!(this.props.restoreTests ?? protectionOf(this.profile).restoreTests)) return undefined;
    return createRestoreTests(this, { schedule: this.schedule, vault: this.vault, role: this.restoreRole, blocks });
  }

  private createObjectives(databases: PostgresDatabase[], buckets: AppBucket[], tables: AppTable[]): RecoveryObjective[] {
    const { aims } = protectionOf(this.profile);
    const context = { aims, dayMinutes: 24 * 60 + START_WINDOW_MINUTES, elsewhere: this.place !== undefined };
    const isReplicated = (bucket: AppBucket) => this.replicated.some(({ source }) => source === bucket);
    return [
      ...databases.map(database => databaseObjective(database, this.replicatesDatabases() && database.replicatesBackups, context)),
      ...buckets.map(bucket => bucketObjective(bucket, isReplicated(bucket), this.props.replicateBuckets === false, context)),
      ...tables.map(table => tableObjective(table, context)),
    ];
  }

  private watches(): boolean {
    return this.props.alarms ?? this.profile.alarms;
  }
}
