import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmDefinition, createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { MISSING } = cloudwatch.TreatMissingData;
const MINUTE = Duration.minutes(1);

/** How the steps of a runbook ask for a log, whose name the domain knows. */
const logOf = (kind: string) => '`aws logs tail "$(aws opensearch describe-domain --domain-name {DomainName} '
  + `--query DomainStatus.LogPublishingOptions.${kind}.CloudWatchLogsLogGroupArn --output text | cut -d: -f7)" --since 1h\``;

/** What is watched on a domain. */
export interface WatchedDomain {
  readonly domainName: string;
  /** OpenSearch Service reports under the account too. */
  readonly account: string;
  readonly dataNodes: number;
  readonly masterNodes: number;
  readonly storageGiB: number;
  readonly hasOwnKey: boolean;
}

/**
 * Alarms of a domain, as OpenSearch Service recommends them.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html
 */
export function createDomainAlarms(scope: Construct, domain: WatchedDomain): cloudwatch.Alarm[] {
  const maximum = (metricName: string, period = MINUTE) => domainMetric(domain, metricName, 'Maximum', period);
  const atLeast = { comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD, treatMissingData: MISSING };
  const definitions: { [id: string]: AlarmDefinition } = {
    Red: {
      ...atLeast,
      metric: maximum('ClusterStatus.red'),
      threshold: 1,
      evaluationPeriods: 1,
      meaning: 'A primary shard is lost: part of the documents can be neither found nor written.',
      firstStep: 'see whether a node is away or a disk full, which brings shards back once it is mended; otherwise a re-index from PostgreSQL makes the index anew.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'search-shards-lost',
        then: [
          'Count nodes and unassigned shards: `aws opensearch describe-domain-health --domain-name {DomainName}`; see which node is away: `aws opensearch describe-domain-nodes --domain-name {DomainName}`.',
          'If no node comes back within half an hour, re-index each index: `aws lambda invoke --function-name <relay> --cli-read-timeout 900 --cli-binary-format raw-in-base64-out --payload \'{"reindex":"<index>"}\' /dev/stdout`.',
        ],
      },
    },
    // One node cannot hold a copy of what it holds already, so that some index of the service itself is always yellow.
    ...domain.dataNodes > 1 ? {
      Yellow: {
        ...atLeast,
        metric: maximum('ClusterStatus.yellow'),
        threshold: 1,
        evaluationPeriods: 5,
        meaning: 'A copy of a shard is missing: everything is found, but the loss of one more node would lose documents.',
        firstStep: 'see whether a node is being replaced, in which case the copies come back by themselves, or whether disks are full.',
        runbook: {
          page: 'search-copies-missing',
          then: [
            'Count nodes and unassigned shards: `aws opensearch describe-domain-health --domain-name {DomainName}`; see whether it is being changed: `aws opensearch describe-domain-change-progress --domain-name {DomainName}`.',
            'An index with more copies than the other nodes can hold stays yellow: set number_of_replicas in its settings, and re-index. Full disks need a larger storageGiB.',
          ],
        },
      },
    } : {},
    FreeStorage: {
      metric: domainMetric(domain, 'FreeStorageSpace', 'Minimum'),
      threshold: freeStorageMiB(domain),
      evaluationPeriods: 1,
      comparisonOperator: LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: MISSING,
      meaning: 'A node has less than a quarter of its storage left; at about a tenth, OpenSearch refuses writes.',
      firstStep: 'raise storageGiB, or delete indexes that a re-index left behind.',
      runbook: {
        page: 'search-storage',
        then: [
          'See what each node has: `aws opensearch describe-domain-nodes --domain-name {DomainName} --query "DomainNodesStatusList[].[NodeId,NodeType,StorageSize]" --output table`; a re-index that has not ended holds its documents twice.',
          'Deploy a larger storageGiB, which takes no downtime. Follow it: `aws opensearch describe-domain-change-progress --domain-name {DomainName}`.',
        ],
        escalate: 'Call for help at once when writes are blocked, too.',
      },
    },
    WritesBlocked: {
      ...atLeast,
      metric: maximum('ClusterIndexWritesBlocked', Duration.minutes(5)),
      threshold: 1,
      evaluationPeriods: 1,
      meaning: 'The domain refuses every write.',
      firstStep: 'look at free storage and memory pressure in its row: one of them is at its end.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'search-writes-blocked',
        then: [
          'With little storage, deploy a larger storageGiB; with much memory pressure, stop what is expensive. In the log: '
          + `${logOf('ES_APPLICATION_LOGS')}.`,
          'Writes are taken again by themselves once there is room. Changes wait in the queue meanwhile; those that were refused five times have to be redriven.',
        ],
      },
    },
    Memory: {
      ...atLeast,
      metric: maximum('JVMMemoryPressure'),
      threshold: 95,
      evaluationPeriods: 3,
      meaning: 'The memory of a node is nearly used up; it may stop answering.',
      firstStep: 'look in the slow log for expensive searches, then choose a larger instanceType.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'search-memory',
        then: [
          `Find expensive searches: ${logOf('SEARCH_SLOW_LOGS')}.`,
          'Stop whoever sends them: large aggregations, deep pages, a leading wildcard. Then deploy a larger instanceType, or fewer shards.',
        ],
      },
    },
    Cpu: {
      ...atLeast,
      metric: maximum('CPUUtilization', Duration.minutes(15)),
      threshold: 80,
      evaluationPeriods: 3,
      meaning: 'A node has been short of CPU for three quarters of an hour.',
      firstStep: 'look in the slow log for expensive searches, then choose a larger instanceType.',
      runbook: {
        page: 'search-cpu',
        then: [
          `Find expensive searches: ${logOf('SEARCH_SLOW_LOGS')}; of writes: INDEX_SLOW_LOGS.`,
          'A re-index that runs explains it. Otherwise make the searches cheaper, or deploy a larger instanceType or more dataNodes.',
        ],
      },
    },
    Snapshot: {
      ...atLeast,
      metric: maximum('AutomatedSnapshotFailure'),
      threshold: 1,
      evaluationPeriods: 1,
      meaning: 'The hourly snapshot of the domain failed.',
      firstStep: 'look whether the domain is red or yellow, which keeps snapshots from being taken.',
      runbook: {
        page: 'search-snapshot',
        then: [
          'See its health: `aws opensearch describe-domain-health --domain-name {DomainName}`.',
          'Mend what is red or yellow; the next hour takes the next snapshot. If it fails for a day though the domain is green, ask AWS Support. The index can be made anew from PostgreSQL.',
        ],
      },
    },
    Nodes: {
      metric: domainMetric(domain, 'Nodes', 'Minimum', Duration.days(1)),
      threshold: domain.dataNodes + domain.masterNodes,
      evaluationPeriods: 1,
      comparisonOperator: LESS_THAN_THRESHOLD,
      treatMissingData: MISSING,
      meaning: 'A node was away for some time during the last day.',
      firstStep: 'look in the domain\'s application log; a node that is away for long is replaced by the service.',
      runbook: {
        page: 'search-nodes',
        then: [
          'See who is there: `aws opensearch describe-domain-nodes --domain-name {DomainName} --query "DomainNodesStatusList[].[NodeId,NodeType,NodeStatus]" --output table`.',
          `Read what it said: ${logOf('ES_APPLICATION_LOGS')}. A node that goes again and again is too small: deploy a larger instanceType.`,
        ],
      },
    },
    ...domain.hasOwnKey ? keyAlarms(domain) : {},
  };
  return Object.entries(definitions).map(([id, definition]) => createAlarm(scope, id, definition));
}

/** Reported only when something is wrong. */
function keyAlarms(domain: WatchedDomain): { [id: string]: AlarmDefinition } {
  const each = (metricName: string): AlarmDefinition => ({
    metric: domainMetric(domain, metricName, 'Maximum'),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    meaning: 'The key that encrypts the domain cannot be used; a deleted key takes the data with it.',
    firstStep: 'enable the key, or cancel its deletion.',
    severity: AlertSeverity.CRITICAL,
    runbook: {
      page: 'search-key',
      then: [
        'Find the key and its state: `aws opensearch describe-domain --domain-name {DomainName} --query DomainStatus.EncryptionAtRestOptions.KmsKeyId`; `aws kms describe-key --key-id <key> --query KeyMetadata.KeyState`.',
        '`aws kms cancel-key-deletion --key-id <key>`, `aws kms enable-key --key-id <key>`; then undo the change of its policy that shut OpenSearch Service out.',
      ],
    },
  });
  return { KeyError: each('KMSKeyError'), KeyInaccessible: each('KMSKeyInaccessible') };
}

/** What an operator wants to see of a domain, in one row. */
export function domainWidgets(domain: WatchedDomain): cloudwatch.IWidget[] {
  const graph = (title: string, left: cloudwatch.IMetric[], alarm?: number) => new cloudwatch.GraphWidget({
    title, width: 6, left, leftYAxis: { min: 0 }, leftAnnotations: alarm === undefined ? [] : [{ value: alarm, label: 'alarm', color: cloudwatch.Color.RED }],
  });
  const metric = (metricName: string, statistic: string, label: string) => domainMetric(domain, metricName, statistic).with({ label });
  return [
    graph('Search: state', [metric('ClusterStatus.red', 'Maximum', 'red'), metric('ClusterStatus.yellow', 'Maximum', 'yellow')], 1),
    graph('Search: CPU and memory (%)', [metric('CPUUtilization', 'Maximum', 'CPU'), metric('JVMMemoryPressure', 'Maximum', 'memory')], 95),
    graph('Search: free storage (MiB)', [metric('FreeStorageSpace', 'Minimum', 'fullest node')], freeStorageMiB(domain)),
    graph('Search: latency p99 (ms)', [metric('SearchLatency', 'p99', 'searches'), metric('IndexingLatency', 'p99', 'writes')]),
  ];
}

/** A quarter of one node's storage. */
function freeStorageMiB({ storageGiB }: WatchedDomain): number {
  return storageGiB * 1024 / 4;
}

/** A metric of a domain, under the two dimensions that OpenSearch Service reports with. */
export function domainMetric(
  { domainName, account }: Pick<WatchedDomain, 'domainName' | 'account'>, metricName: string, statistic: string, period: Duration = MINUTE,
): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/ES', metricName, statistic, period, dimensionsMap: { DomainName: domainName, ClientId: account } });
}
