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

const UNDONE = ['ABORTED', 'EXPIRED', 'FAILED'];

/**
 * What AWS Backup tells of jobs that came to nothing. Its metrics come in sets of dimensions that it does not document; its events are documented.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
 */
export function createEvents(scope: Construct, vault: backup.IBackupVault, copies: boolean, testRole: iam.IRole | undefined): WatchedEvents[] {
  const watch = (id: string, detailType: string, detail: { [field: string]: string[] }, meaning: string): WatchedEvents => ({
    rule: new events.Rule(scope, id, {
      description: meaning.slice(0, 512), eventPattern: { source: ['aws.backup'], detailType: [detailType], detail },
    }),
    meaning,
  });
  return [
    watch('BackupFailed', 'Backup Job State Change', { state: UNDONE, backupVaultName: [vault.backupVaultName] },
      'A backup was not made; the last one still stands. First: open the job in AWS Backup, whose message says why, and start the backup again.'),
    ...copies ? [watch('CopyFailed', 'Copy Job State Change', { state: UNDONE, sourceBackupVaultArn: [vault.backupVaultArn] },
      'A backup was not copied to the recovery region. First: open the copy job in AWS Backup, whose message says why, and copy the recovery point again.')] : [],
    ...testRole ? [watch('RestoreTestFailed', 'Restore Job State Change', { status: UNDONE, iamRoleArn: [testRole.roleArn] },
      'A backup could not be restored in the weekly test. First: open the restore job in AWS Backup, whose message says why, and restore that backup by hand today.')] : [],
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
