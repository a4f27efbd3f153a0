import { Duration, Fn } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { isTwoCpuNode } from './cache-node-types';
import { createAlarm } from '../observability/alarm';

const MINUTE = Duration.minutes(1);
const ROW = 24;
const { MISSING } = cloudwatch.TreatMissingData;

/** What is watched on a cache: nodes and serverless caches tell different things under different dimensions. */
export interface CacheWatch {
  createAlarms(scope: Construct): cloudwatch.Alarm[];
  widgets(): cloudwatch.IWidget[];
}

/** One line or several on one graph, with the value at which the alarm fires. */
interface Graph {
  readonly title: string;
  readonly metrics: cloudwatch.IMetric[];
  readonly threshold?: number;
}

function row(graphs: Graph[]): cloudwatch.IWidget[] {
  return graphs.map(({ title, metrics, threshold }) => new cloudwatch.GraphWidget({
    title,
    width: ROW / graphs.length,
    left: metrics,
    leftYAxis: { min: 0 },
    leftAnnotations: threshold === undefined ? [] : [{ value: threshold, label: 'alarm', color: cloudwatch.Color.RED }],
  }));
}

/**
 * Nodes report under their member ids. CloudFormation does not return these, but ElastiCache forms them from the replication group's id.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
 */
export class CacheNodesWatch implements CacheWatch {
  private readonly members: string[];
  private readonly cpuThreshold: number;

  constructor(replicationGroupId: string, private readonly nodeType: string, private readonly replicas: number) {
    this.members = Array.from({ length: replicas + 1 }, (_, index) => Fn.join('', [replicationGroupId, `-00${index + 1}`]));
    // One thread does the work: on two vCPUs, 45 % of the host is 90 % of what that thread can do.
    this.cpuThreshold = isTwoCpuNode(nodeType) ? 45 : 90;
  }

  public createAlarms(scope: Construct): cloudwatch.Alarm[] {
    return this.members.flatMap((member, index) => this.memberAlarms(scope, `Node${index + 1}`, member));
  }

  public widgets(): cloudwatch.IWidget[] {
    const replication = { title: 'Replication lag (s)', metrics: this.each(member => this.metric(member, 'ReplicationLag')), threshold: 1 };
    return row([
      { title: 'CPU (%)', metrics: this.each(member => this.cpu(member)), threshold: this.cpuThreshold },
      { title: 'Memory (%)', metrics: this.each(member => this.metric(member, 'DatabaseMemoryUsagePercentage')), threshold: 80 },
      { title: 'Evicted keys', metrics: this.each(member => this.metric(member, 'Evictions', 'Sum')), threshold: 0 },
      ...this.replicas > 0 ? [replication] : [],
    ]);
  }

  private memberAlarms(scope: Construct, id: string, member: string): cloudwatch.Alarm[] {
    const alarms = [
      createAlarm(scope, `${id}Cpu`, {
        metric: this.cpu(member),
        threshold: this.cpuThreshold,
        evaluationPeriods: 5,
        treatMissingData: MISSING,
        meaning: 'The cache has no CPU left and commands queue up.',
        firstStep: 'look in the slow log for expensive commands such as KEYS, then choose a larger node type.',
        runbook: {
          page: 'cache-cpu',
          then: [
            'Print the slow log: `redis-cli --tls -h <endpoint> SLOWLOG GET 20`, and what clients do: `redis-cli --tls -h <endpoint> INFO commandstats`.',
            'Replace KEYS with SCAN, split large scripts; if the load is legitimate, deploy a larger node type or a replica for reads.',
          ],
        },
      }),
      createAlarm(scope, `${id}Memory`, {
        metric: this.metric(member, 'DatabaseMemoryUsagePercentage'),
        threshold: 80,
        evaluationPeriods: 5,
        treatMissingData: MISSING,
        meaning: 'The memory of the cache is nearly full; keys will be evicted or writes refused.',
        firstStep: 'check that keys are written with an expiry, then choose a larger node type.',
        runbook: {
          page: 'cache-memory',
          then: [
            'Count keys with and without an expiry: `redis-cli --tls -h <endpoint> INFO keyspace`.',
            'Find what is large: `redis-cli --tls -h <endpoint> --bigkeys`; give it an expiry, or deploy a larger node type.',
          ],
        },
      }),
      createAlarm(scope, `${id}Evictions`, {
        metric: this.metric(member, 'Evictions', 'Sum'),
        threshold: 0,
        evaluationPeriods: 5,
        meaning: 'The cache drops keys before they expire, because its memory is full.',
        firstStep: 'see what grew (redis-cli --bigkeys), shorten expiries or choose a larger node type.',
        runbook: {
          page: 'cache-evictions',
          then: [
            'Find what is large: `redis-cli --tls -h <endpoint> --bigkeys`.',
            'A cache of what can be made again may evict: raise the hit rate with memory. Sessions or queues may not: deploy a larger node type now.',
          ],
        },
      }),
    ];
    if (this.replicas === 0) return alarms;
    return [...alarms, createAlarm(scope, `${id}ReplicationLag`, {
      metric: this.metric(member, 'ReplicationLag'),
      threshold: 1,
      evaluationPeriods: 15,
      treatMissingData: MISSING,
      meaning: 'A replica is more than a second behind; a failover now would lose these writes.',
      firstStep: 'look at the write rate and the CPU of the primary.',
      runbook: {
        page: 'cache-replication-lag',
        then: [
          'See who is behind: `redis-cli --tls -h <endpoint> INFO replication`.',
          'Spread bulk writes over time; if the rate is normal, deploy a larger node type.',
        ],
      },
    })];
  }

  private cpu(member: string): cloudwatch.Metric {
    return isTwoCpuNode(this.nodeType)
      ? this.metric(member, 'CPUUtilization').with({ dimensionsMap: { CacheClusterId: member, CacheNodeId: '0001' } })
      : this.metric(member, 'EngineCPUUtilization');
  }

  private metric(member: string, metricName: string, statistic: string = 'Average'): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      dimensionsMap: { CacheClusterId: member },
      statistic,
      period: MINUTE,
    });
  }

  private each(metricOf: (member: string) => cloudwatch.Metric): cloudwatch.IMetric[] {
    return this.members.map((member, index) => metricOf(member).with({ label: `node ${index + 1}` }));
  }
}

/**
 * A serverless cache reports under `clusterId`, in lower case; without traffic it reports nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
 */
export class ServerlessCacheWatch implements CacheWatch {
  private readonly storageThreshold: number;
  private readonly ecpuThreshold: number;

  constructor(private readonly cacheName: string, maximumStorageGB: number, maximumEcpuPerSecond: number) {
    this.storageThreshold = 0.8 * maximumStorageGB * 1e9;
    this.ecpuThreshold = 0.8 * maximumEcpuPerSecond * MINUTE.toSeconds();
  }

  public createAlarms(scope: Construct): cloudwatch.Alarm[] {
    return [
      createAlarm(scope, 'ServerlessStorage', {
        metric: this.metric('BytesUsedForCache', 'Maximum'),
        threshold: this.storageThreshold,
        evaluationPeriods: 5,
        meaning: 'The cache holds more than 80 % of its storage limit; above the limit keys are evicted or writes refused.',
        firstStep: 'check that keys are written with an expiry, then raise maximumStorageGB.',
        runbook: {
          page: 'cache-serverless-storage',
          then: [
            'Count keys with and without an expiry: `redis-cli --tls -h <endpoint> INFO keyspace`.',
            'See the limits in force: `aws elasticache describe-serverless-caches --serverless-cache-name {clusterId} --query "ServerlessCaches[0].[Status,CacheUsageLimits]"`, then raise maximumStorageGB and deploy.',
          ],
        },
      }),
      createAlarm(scope, 'ServerlessEcpu', {
        metric: this.metric('ElastiCacheProcessingUnits', 'Sum'),
        threshold: this.ecpuThreshold,
        evaluationPeriods: 5,
        meaning: 'The cache works at more than 80 % of its request limit; above the limit commands are throttled.',
        firstStep: 'look for a client in a loop, then raise maximumEcpuPerSecond.',
        runbook: {
          page: 'cache-serverless-load',
          then: [
            'See which commands are many: `redis-cli --tls -h <endpoint> INFO commandstats`.',
            'See the limits in force: `aws elasticache describe-serverless-caches --serverless-cache-name {clusterId} --query "ServerlessCaches[0].[Status,CacheUsageLimits]"`, then raise maximumEcpuPerSecond and deploy.',
          ],
        },
      }),
      createAlarm(scope, 'ServerlessThrottled', {
        metric: this.metric('ThrottledCmds', 'Sum'),
        threshold: 0,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
        meaning: 'The cache throttles commands, because load rises faster than it scales or the limit is reached.',
        firstStep: 'compare ElastiCacheProcessingUnits with the limit and raise maximumEcpuPerSecond.',
        runbook: {
          page: 'cache-serverless-throttled',
          then: [
            'See the limits in force: `aws elasticache describe-serverless-caches --serverless-cache-name {clusterId} --query "ServerlessCaches[0].[Status,CacheUsageLimits]"`.',
            'Below the limit it is a load that rose too fast: let clients try again with a growing pause, and give a minimum of processing units before the next peak.',
          ],
        },
      }),
      ...['Read', 'Write'].map(kind => createAlarm(scope, `Serverless${kind}Latency`, {
        metric: this.latency(kind),
        threshold: 10_000,
        evaluationPeriods: 5,
        meaning: `One ${kind.toLowerCase()} in a hundred takes longer than 10 ms.`,
        firstStep: 'look for large values and for one key that takes most of the traffic.',
        runbook: {
          page: 'cache-serverless-latency',
          then: [
            'Find large values: `redis-cli --tls -h <endpoint> --bigkeys`.',
            'Split a large value or keep a hot one in the memory of the service for a second; then see whether the cache is near its limits.',
          ],
        },
      })),
    ];
  }

  public widgets(): cloudwatch.IWidget[] {
    return row([
      { title: 'Data (bytes)', metrics: [this.metric('BytesUsedForCache', 'Maximum')], threshold: this.storageThreshold },
      { title: 'Processing units a minute', metrics: [this.metric('ElastiCacheProcessingUnits', 'Sum')], threshold: this.ecpuThreshold },
      { title: 'Throttled commands', metrics: [this.metric('ThrottledCmds', 'Sum')], threshold: 0 },
      { title: 'Latency p99 (µs)', metrics: ['Read', 'Write'].map(kind => this.latency(kind)), threshold: 10_000 },
    ]);
  }

  private latency(kind: string): cloudwatch.Metric {
    return this.metric(`Successful${kind}RequestLatency`, 'p99');
  }

  private metric(metricName: string, statistic: string): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      dimensionsMap: { clusterId: this.cacheName },
      statistic,
      period: MINUTE,
    });
  }
}
