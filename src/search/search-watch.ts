import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm } from '../observability/alarm';

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { MISSING } = cloudwatch.TreatMissingData;
const MINUTE = Duration.minutes(1);

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
  const definitions = {
    Red: {
      ...atLeast,
      metric: maximum('ClusterStatus.red'),
      threshold: 1,
      evaluationPeriods: 1,
      meaning: 'A primary shard is lost: part of the documents can be neither found nor written.',
      firstStep: 'ask the domain for _cluster/allocation/explain; a re-index from PostgreSQL makes the index anew.',
    },
    // One node cannot hold a copy of what it holds already, so that some index of the service itself is always yellow.
    ...domain.dataNodes > 1 ? {
      Yellow: {
        ...atLeast,
        metric: maximum('ClusterStatus.yellow'),
        threshold: 1,
        evaluationPeriods: 5,
        meaning: 'A copy of a shard is missing: everything is found, but the loss of one more node would lose documents.',
        firstStep: 'ask the domain for _cluster/allocation/explain; a node may have been replaced, or disks may be full.',
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
    },
    WritesBlocked: {
      ...atLeast,
      metric: maximum('ClusterIndexWritesBlocked', Duration.minutes(5)),
      threshold: 1,
      evaluationPeriods: 1,
      meaning: 'The domain refuses every write.',
      firstStep: 'look at free storage and memory pressure in its row: one of them is at its end.',
    },
    Memory: {
      ...atLeast,
      metric: maximum('JVMMemoryPressure'),
      threshold: 95,
      evaluationPeriods: 3,
      meaning: 'The memory of a node is nearly used up; it may stop answering.',
      firstStep: 'look in the slow log for expensive searches, then choose a larger instanceType.',
    },
    Cpu: {
      ...atLeast,
      metric: maximum('CPUUtilization', Duration.minutes(15)),
      threshold: 80,
      evaluationPeriods: 3,
      meaning: 'A node has been short of CPU for three quarters of an hour.',
      firstStep: 'look in the slow log for expensive searches, then choose a larger instanceType.',
    },
    Snapshot: {
      ...atLeast,
      metric: maximum('AutomatedSnapshotFailure'),
      threshold: 1,
      evaluationPeriods: 1,
      meaning: 'The hourly snapshot of the domain failed.',
      firstStep: 'look whether the domain is red or yellow, which keeps snapshots from being taken.',
    },
    Nodes: {
      metric: domainMetric(domain, 'Nodes', 'Minimum', Duration.days(1)),
      threshold: domain.dataNodes + domain.masterNodes,
      evaluationPeriods: 1,
      comparisonOperator: LESS_THAN_THRESHOLD,
      treatMissingData: MISSING,
      meaning: 'A node was away for some time during the last day.',
      firstStep: 'look in the domain\'s application log; a node that is away for long is replaced by the service.',
    },
    ...domain.hasOwnKey ? keyAlarms(domain) : {},
  };
  return Object.entries(definitions).map(([id, definition]) => createAlarm(scope, id, definition));
}

/** Reported only when something is wrong. */
function keyAlarms(domain: WatchedDomain) {
  const each = (metricName: string) => ({
    metric: domainMetric(domain, metricName, 'Maximum'),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    meaning: 'The key that encrypts the domain cannot be used; a deleted key takes the data with it.',
    firstStep: 'enable the key, or cancel its deletion.',
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
