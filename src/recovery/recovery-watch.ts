import { Duration, Names, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { REPLICATION_RULE, ReplicatedBucket } from './bucket-replication';
import { inWords, RecoveryObjective } from './recovery-objective';
import { WatchedEvents } from '../observability';
import { createAlarm } from '../observability/alarm';
import type { AlertText } from '../observability/alert';

const UNDONE = ['ABORTED', 'EXPIRED', 'FAILED'];

/** What people are told of jobs that came to nothing, and the pages of their runbooks. */
export const UNDONE_JOBS = {
  backup: {
    meaning: 'A backup was not made; the last one still stands.',
    firstStep: 'open the job in AWS Backup, whose message says why, and start the backup again.',
    runbook: {
      page: 'recovery-backup-failed',
      then: [
        'See the last ones: `aws backup list-backup-jobs --by-state FAILED --query "BackupJobs[:5].[CreationDate,ResourceArn,BackupVaultName,IamRoleArn,StatusMessage]"`; `EXPIRED` and `ABORTED` are states too.',
        'Once the reason is gone: `aws backup start-backup-job --backup-vault-name <vault> --resource-arn <resource> --iam-role-arn <role>`, with the values of the job that failed.',
      ],
    },
  },
  copy: {
    meaning: 'A backup was not copied to the recovery region.',
    firstStep: 'open the copy job in AWS Backup, whose message says why, and copy the recovery point again.',
    runbook: {
      page: 'recovery-copy-failed',
      then: [
        'See the last ones: `aws backup list-copy-jobs --by-state FAILED --query "CopyJobs[:5].[CreationDate,SourceRecoveryPointArn,DestinationBackupVaultArn,IamRoleArn,StatusMessage]"`. Often it is a key that one of the regions may not use.',
        'Once the reason is gone: `aws backup start-copy-job --recovery-point-arn <recovery point> --source-backup-vault-name <vault> --destination-backup-vault-arn <vault there> --iam-role-arn <role>`.',
      ],
    },
  },
  restoreTest: {
    meaning: 'A backup could not be restored in the weekly test.',
    firstStep: 'open the restore job in AWS Backup, whose message says why, and restore that backup by hand today.',
    runbook: {
      page: 'recovery-restore-test-failed',
      then: [
        'See the last ones: `aws backup list-restore-jobs --by-status FAILED --query "RestoreJobs[:5].[CreationDate,RecoveryPointArn,ResourceType,StatusMessage]"`. A message on a subnet group or a network is one of the test, not of the backup.',
        'The commands for each kind of backup are in the procedure that the recovery writes (docs/recovery.md). What is restored by hand costs until it is deleted.',
      ],
      escalate: 'Take it to the team the same day. When the backup cannot be restored by hand either, nobody knows of one that can: call for help at once.',
    },
  },
} satisfies { [job: string]: AlertText };

/**
 * What AWS Backup tells of jobs that came to nothing. Its metrics come in sets of dimensions that it does not document; its events are documented.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
 */
export function createEvents(scope: Construct, vault: backup.IBackupVault, copies: boolean, testRole: iam.IRole | undefined): WatchedEvents[] {
  const watch = (id: string, detailType: string, detail: { [field: string]: string[] }, text: AlertText): WatchedEvents => {
    const meaning = `${text.meaning} First: ${text.firstStep}`;
    const eventPattern = { source: ['aws.backup'], detailType: [detailType], detail };
    return { rule: new events.Rule(scope, id, { description: meaning, eventPattern }), meaning, runbook: text.runbook?.page };
  };
  return [
    watch('BackupFailed', 'Backup Job State Change', { state: UNDONE, backupVaultName: [vault.backupVaultName] }, UNDONE_JOBS.backup),
    ...copies ? [watch('CopyFailed', 'Copy Job State Change', { state: UNDONE, sourceBackupVaultArn: [vault.backupVaultArn] }, UNDONE_JOBS.copy)] : [],
    ...testRole ? [watch('RestoreTestFailed', 'Restore Job State Change', { status: UNDONE, iamRoleArn: [testRole.roleArn] }, UNDONE_JOBS.restoreTest)] : [],
  ];
}

/** Alarms of replicated buckets. */
export function createReplicationAlarms(scope: Construct, replicated: readonly ReplicatedBucket[]): cloudwatch.Alarm[] {
  return replicated.map(bucket => createAlarm(scope, `ReplicationFailed${Names.nodeUniqueId(bucket.source.node)}`, {
    metric: replicationMetric(bucket, 'OperationsFailedReplication', cloudwatch.Stats.SUM),
    threshold: 0,
    evaluationPeriods: 1,
    meaning: 'Files of {SourceBucket} were not replicated to the recovery region; S3 does not try them again.',
    firstStep: 'look at the replication role and the keys of both buckets; then replicate what failed with S3 Batch Replication.',
    runbook: {
      page: 'recovery-replication-failed',
      then: [
        'See rule and role: `aws s3api get-bucket-replication --bucket {SourceBucket}`; ask for one file: `aws s3api head-object --bucket {SourceBucket} --key <key> --query ReplicationStatus`.',
        'In the console of S3, Batch Operations: a job "Replicate" for the bucket, with the replication status "Failed". Its report names the reason for each file that fails again.',
      ],
    },
  }));
}

/** What can be lost and when it is back, and what waits to be replicated. */
export function recoveryWidgets(objectives: readonly RecoveryObjective[], replicated: readonly ReplicatedBucket[]): cloudwatch.IWidget[] {
  const rows = objectives.map(objective => `${objective.block} | ${lossAndTime(objective)}`);
  const text = new cloudwatch.TextWidget({
    markdown: ['block | lost by a mistake | back | lost with the region | back', '--|--|--|--|--', ...rows].join('\n'),
    width: replicated.length > 0 ? 12 : 24,
    height: 6,
  });
  if (replicated.length === 0) return [text];
  const pending = (bucket: ReplicatedBucket) => replicationMetric(bucket, 'OperationsPendingReplication', cloudwatch.Stats.MAXIMUM)
    // Failures are counted where the source is, what waits where the replica is: https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
    .with({ label: bucket.source.node.path, region: Stack.of(bucket.replica).region });
  return [text, new cloudwatch.GraphWidget({ title: 'Files that wait for replication', width: 12, left: replicated.map(pending), leftYAxis: { min: 0 } })];
}

function lossAndTime({ lossMinutes, backMinutes, regionLossMinutes, regionBackMinutes }: RecoveryObjective): string {
  return [lossMinutes, backMinutes, regionLossMinutes].map(inWords).join(' | ') + ` | ${regionBackMinutes === undefined ? 'never' : inWords(regionBackMinutes)}`;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html */
function replicationMetric({ source, replicaName }: ReplicatedBucket, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: { SourceBucket: source.bucketName, DestinationBucket: replicaName, RuleId: REPLICATION_RULE },
    statistic,
    period: Duration.minutes(5),
  });
}
