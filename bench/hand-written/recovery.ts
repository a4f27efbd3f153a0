/* Backups of a hand-written app, their copies in another region, and the tests that restore them. */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow, createBucket, createKey, createLogBucket, keep, KEPT, Platform, suffix } from './foundation';
import { graphFromZero } from './monitoring';

const UNDONE = ['ABORTED', 'EXPIRED', 'FAILED'];
/** What AWS Backup's tests, and the procedure, call what they restore. */
const RESTORED = ['awsbackup-restore-test-', 'restored-'];

/** What the region has to which backups are copied. */
export class RecoveryRegion extends Construct {
  public readonly key: kms.Key;
  public readonly vault: backup.BackupVault;
  public readonly uploads: s3.Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.key = createKey(this, 'Key');
    this.vault = createVault(this, this.key);
    this.uploads = createBucket(this, 'Uploads', this.key, createLogBucket(this, 'AccessLogs'), {
      oldVersions: Duration.days(30),
      transitions: [
        { storageClass: s3.StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) },
        { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
      ],
      transitionDefaultMinimumObjectSize: s3.TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
    });
    createRestoreRole(this, this.key);
  }
}

export interface RecoveryProps {
  readonly platform: Platform;
  readonly database: rds.DatabaseInstance;
  readonly uploads: s3.Bucket;
  readonly other: RecoveryRegion;
}

export class Recovery extends Construct {
  private readonly vault: backup.BackupVault;

  constructor(scope: Construct, id: string, private readonly props: RecoveryProps) {
    super(scope, id);
    const { platform: { key }, database, uploads, other } = props;
    this.vault = createVault(this, key);
    const role = this.createBackupRole();
    this.createPlan('Plan', role, backup.BackupResource.fromRdsDatabaseInstance(database), other.vault);
    this.createPlan('BucketPlan', role, backup.BackupResource.fromArn(uploads.bucketArn));
    const restoreRole = createRestoreRole(this, key);
    this.createTests(restoreRole);
    this.tellOfJobs(restoreRole);
    this.watchReplication();
  }

  /** AWS's managed policies would reach all of an account. */
  private createBackupRole(): iam.Role {
    const { platform: { key }, database, uploads, other } = this.props;
    const { account, partition } = Stack.of(this);
    const anywhere = (service: string, resource: string) => `arn:${partition}:${service}:*:${account}:${resource}`;
    const role = new iam.Role(this, 'BackupRole', { assumedBy: new iam.ServicePrincipal('backup.amazonaws.com') });
    const snapshots = ['snapshot:awsbackup:*', 'cluster-snapshot:awsbackup:*'].map(kind => anywhere('rds', kind));
    const vault = other.vault.backupVaultArn;
    const policy = new iam.ManagedPolicy(role, 'Policy', {
      roles: [role],
      statements: [
        allow(['backup:TagResource'], [anywhere('backup', 'recovery-point:*')]),
        allow(['tag:GetResources', 'cloudwatch:GetMetricData', 'events:ListRules', 's3:ListAllMyBuckets'], ['*']),
        allow(['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], [vault]),
        allow(['backup:CopyFromBackupVault'], ['*'], { 'ForAllValues:StringEquals': { 'backup:CopyTargets': vault } }),
        ...keyRights([key, other.key], ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey']),
        allow(['rds:CreateDBSnapshot', 'rds:CreateDBClusterSnapshot'], [database.instanceArn, ...snapshots]),
        allow(['rds:AddTagsToResource', 'rds:CopyDBSnapshot', 'rds:CopyDBClusterSnapshot', 'rds:DeleteDBSnapshot', 'rds:DeleteDBClusterSnapshot'], snapshots),
        allow([
          'rds:DescribeDBClusterAutomatedBackups', 'rds:DescribeDBClusterSnapshots', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances',
          'rds:DescribeDBSnapshots', 'rds:ListTagsForResource',
        ], ['cluster-auto-backup', 'cluster-snapshot', 'cluster', 'db', 'snapshot'].map(kind => anywhere('rds', `${kind}:*`))),
        allow([
          's3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketNotification', 's3:GetBucketTagging', 's3:GetBucketVersioning', 's3:GetInventoryConfiguration',
          's3:ListBucket', 's3:ListBucketVersions', 's3:ListTagsForResource', 's3:PutBucketNotification', 's3:PutInventoryConfiguration',
        ], [uploads.bucketArn]),
        allow([
          's3:GetObject', 's3:GetObjectAcl', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging',
        ], [uploads.arnForObjects('*')]),
        allow(['DeleteRule', 'DescribeRule', 'DisableRule', 'EnableRule', 'ListTargetsByRule', 'PutRule', 'PutTargets', 'RemoveTargets'].map(each => `events:${each}`),
          [anywhere('events', 'rule/AwsBackupManagedRule*')]),
      ],
    });
    keep(role.node.defaultChild, policy.node.defaultChild);
    return role;
  }

  private createPlan(id: string, role: iam.IRole, resource: backup.BackupResource, copies?: backup.IBackupVault): void {
    const days = { Daily: 35, Weekly: 91, Monthly: 366 };
    const schedules = { Daily: { day: '*' }, Weekly: { weekDay: 'SUN' }, Monthly: { day: '1' } };
    const plan = new backup.BackupPlan(this, id, {
      backupVault: this.vault,
      backupPlanRules: Object.entries(days).map(([ruleName, kept]) => new backup.BackupPlanRule({
        ruleName,
        scheduleExpression: events.Schedule.cron({ minute: '0', hour: '5', ...schedules[ruleName as keyof typeof schedules] }),
        startWindow: Duration.hours(8),
        deleteAfter: Duration.days(kept),
        enableContinuousBackup: copies === undefined && ruleName === 'Daily' ? true : undefined,
        copyActions: copies && [{ destinationBackupVault: copies, deleteAfter: Duration.days(kept) }],
      })),
    });
    const selection = plan.addSelection('Blocks', { role, resources: [resource], disableDefaultBackupPolicy: true });
    selection.node.addDependency(role);
  }

  private createTests(role: iam.Role): void {
    const { database, uploads } = this.props;
    const plan = new backup.CfnRestoreTestingPlan(this, 'RestoreTests', {
      restoreTestingPlanName: this.node.path.replace(/\W/g, '_'),
      scheduleExpression: 'cron(0 17 ? * SUN *)',
      scheduleExpressionTimezone: 'Etc/UTC',
      startWindowHours: 4,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [this.vault.backupVaultArn],
        recoveryPointTypes: ['SNAPSHOT', 'CONTINUOUS'],
        selectionWindowDays: 7,
      },
    });
    const dbSubnetGroupName = (database.node.defaultChild as rds.CfnDBInstance).dbSubnetGroupName!;
    const tested: { readonly [type: string]: { readonly arn: string; readonly restoreMetadataOverrides?: { [key: string]: string } } } = {
      RDS: { arn: database.instanceArn, restoreMetadataOverrides: { dbSubnetGroupName } },
      S3: { arn: uploads.bucketArn },
    };
    for (const [protectedResourceType, { arn, restoreMetadataOverrides }] of Object.entries(tested)) {
      const selection = new backup.CfnRestoreTestingSelection(this, `RestoreTest${protectedResourceType}`, {
        restoreTestingPlanName: plan.ref,
        restoreTestingSelectionName: `RestoreTest${protectedResourceType}`,
        protectedResourceType,
        protectedResourceArns: [arn],
        iamRoleArn: role.roleArn,
        restoreMetadataOverrides,
        validationWindowHours: 1,
      });
      selection.node.addDependency(role);
    }
  }

  private tellOfJobs(restoreRole: iam.IRole): void {
    const { backupVaultName, backupVaultArn } = this.vault;
    const { topic } = this.props.platform.monitoring;
    const tellOf = (id: string, detailType: string, detail: { [field: string]: string[] }, description: string) => {
      const what = `${events.EventField.fromPath('$.detail-type')}: ${events.EventField.fromPath('$.resources[0]')}`;
      new events.Rule(this, id, {
        description,
        eventPattern: { source: ['aws.backup'], detailType: [detailType], detail },
        targets: [new targets.SnsTopic(topic, { message: events.RuleTargetInput.fromText(`${description} ${what}`) })],
      });
    };
    tellOf('BackupFailed', 'Backup Job State Change', { state: UNDONE, backupVaultName: [backupVaultName] },
      'A backup was not made; the last one still stands. First: open the job in AWS Backup, whose message says why, and start the backup again.');
    tellOf('CopyFailed', 'Copy Job State Change', { state: UNDONE, sourceBackupVaultArn: [backupVaultArn] },
      'A backup was not copied to the recovery region. First: open the copy job in AWS Backup, whose message says why, and copy the recovery point again.');
    tellOf('RestoreTestFailed', 'Restore Job State Change', { status: UNDONE, iamRoleArn: [restoreRole.roleArn] },
      'A backup could not be restored in the weekly test. First: open the restore job in AWS Backup, whose message says why, and restore that backup by hand today.');
  }

  private watchReplication(): void {
    const { platform: { monitoring }, uploads, other } = this.props;
    const metric = (metricName: string, statistic: string) => new cloudwatch.Metric({
      namespace: 'AWS/S3',
      metricName,
      dimensionsMap: { SourceBucket: uploads.bucketName, DestinationBucket: other.uploads.bucketName, RuleId: 'Recovery' },
      statistic,
    });
    monitoring.addAlarm(this, 'ReplicationFailed', {
      metric: metric('OperationsFailedReplication', 'Sum'), threshold: 0, periods: 1, page: 'recovery-replication-failed', values: { bucket: uploads.bucketName },
    });
    const objectives = [
      'block | lost by a mistake | back | lost with the region | back', '--|--|--|--|--', 'Database | 5 min | 1 h | 20 min | 4 h', 'Uploads | 15 min | 1 h | 15 min | 4 h',
    ];
    const waiting = metric('OperationsPendingReplication', 'Maximum').with({ label: 'Uploads', region: Stack.of(other).region });
    monitoring.addRow('Recovery',
      new cloudwatch.TextWidget({ markdown: objectives.join('\n'), width: 12, height: 6 }), graphFromZero('Files that wait for replication', 12, [waiting]));
  }
}

function createVault(scope: Construct, encryptionKey: kms.IKey): backup.BackupVault {
  return new backup.BackupVault(scope, 'Vault', {
    backupVaultName: `${scope.node.path.replace(/\W/g, '-').slice(0, 30)}-${suffix()}`, encryptionKey, removalPolicy: KEPT,
  });
}

/** It writes to and deletes only what it restored. */
function createRestoreRole(scope: Construct, key: kms.IKey): iam.Role {
  const stack = Stack.of(scope);
  const role = new iam.Role(scope, 'RestoreRole', { assumedBy: new iam.ServicePrincipal('backup.amazonaws.com') });
  const ofDatabases = (resource: string, resourceName = '*') => stack.formatArn({ service: 'rds', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const table = (resourceName: string) => stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName });
  const databases = RESTORED.flatMap(name => ['db', 'cluster'].map(kind => ofDatabases(kind, `${name}*`)));
  const buckets = RESTORED.map(name => `arn:${stack.partition}:s3:::${name}*`);
  const may = (service: string, actions: string[], resources: string[]) => allow(actions.map(action => `${service}:${action}`), resources);
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      may('rds', ['RestoreDBInstanceFromDBSnapshot', 'RestoreDBClusterFromSnapshot', 'CreateDBInstance'], [
        ...databases, ...['snapshot', 'cluster-snapshot'].map(kind => ofDatabases(kind, 'awsbackup:*')), ...['subgrp', 'og', 'pg', 'cluster-pg'].map(kind => ofDatabases(kind)),
      ]),
      may('rds', ['AddTagsToResource', 'DeleteDBCluster', 'DeleteDBInstance'], databases),
      may('rds', ['DescribeDBClusterSnapshots', 'DescribeDBClusters', 'DescribeDBInstances', 'DescribeDBSnapshots', 'ListTagsForResource'],
        ['db', 'cluster', 'snapshot', 'cluster-snapshot'].map(kind => ofDatabases(kind))),
      may('dynamodb', [
        'BatchWriteItem', 'DeleteItem', 'DescribeTable', 'GetItem', 'PutItem', 'Query', 'RestoreTableFromAwsBackup', 'RestoreTableFromBackup', 'Scan', 'UpdateItem',
      ], RESTORED.map(name => table(`${name}*`))),
      may('dynamodb', ['RestoreTableFromBackup'], [table('*/backup/*')]),
      may('s3', [
        'CreateBucket', 'GetBucketLocation', 'GetBucketOwnershipControls', 'GetBucketVersioning', 'ListBucket', 'ListBucketVersions', 'PutBucketOwnershipControls',
        'PutBucketVersioning',
      ], buckets),
      may('s3', [
        'DeleteObject', 'GetObject', 'GetObjectAcl', 'GetObjectTagging', 'GetObjectVersion', 'GetObjectVersionAcl', 'ListMultipartUploadParts', 'PutObject',
        'PutObjectAcl', 'PutObjectTagging', 'PutObjectVersionAcl',
      ], buckets.map(arn => `${arn}/*`)),
      ...keyRights([key], [
        'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo',
      ]),
    ],
  });
  return role;
}

/** Rights to use keys, which AWS Backup does through grants too. */
function keyRights(keys: kms.IKey[], actions: string[]): iam.PolicyStatement[] {
  const arns = keys.map(({ keyArn }) => keyArn);
  return [allow(actions, arns), allow(['kms:CreateGrant'], arns, { Bool: { 'kms:GrantIsForAWSResource': 'true' } })];
}
