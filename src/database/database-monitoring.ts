import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { DatabaseServer } from './database-server';
import { DatabaseSettings } from './database-settings';
import { AlarmDefinition } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

const GIB = 1024 ** 3;
const { BREACHING, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { LESS_THAN_THRESHOLD, LESS_THAN_OR_EQUAL_TO_THRESHOLD } = cloudwatch.ComparisonOperator;

/** Names under which CloudWatch knows a database and its proxy. */
export interface WatchedDatabase {
  readonly settings: DatabaseSettings;
  readonly server: DatabaseServer;
  readonly proxyName?: string;
}

/** Alarms by their ids. */
export interface NamedAlarms {
  readonly [id: string]: AlarmDefinition;
}

/** A metric of the instance, or of the writer of the cluster. */
export function databaseMetric(server: DatabaseServer, metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/RDS',
    metricName,
    dimensionsMap: server.instance
      ? { DBInstanceIdentifier: server.instance.instanceIdentifier }
      : { DBClusterIdentifier: server.cluster!.clusterIdentifier, Role: 'WRITER' },
    period: Duration.minutes(1),
    statistic: cloudwatch.Stats.AVERAGE,
    ...options,
  });
}

function clusterMetric(server: DatabaseServer, metricName: string, statistic: string): cloudwatch.Metric {
  return databaseMetric(server, metricName, { statistic, dimensionsMap: { DBClusterIdentifier: server.cluster!.clusterIdentifier } });
}

function proxyMetric(proxyName: string, metricName: string, statistic = cloudwatch.Stats.SUM): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/RDS', metricName, dimensionsMap: { ProxyName: proxyName }, period: Duration.minutes(1), statistic,
  });
}

/** Every alarm that goes with the database; only what CloudWatch emits and what is known at synth is alarmed on. */
export function databaseAlarms({ settings, server, proxyName }: WatchedDatabase): NamedAlarms {
  if (!server.instance && !server.cluster) return {};
  return {
    ...loadAlarms(settings, server),
    ...memoryAlarms(settings, server),
    ...server.instance && instanceAlarms(settings, server),
    ...server.cluster && clusterAlarms(settings, server),
    ...proxyName !== undefined && proxyAlarms(proxyName),
  };
}

function loadAlarms(settings: DatabaseSettings, server: DatabaseServer): NamedAlarms {
  const latency = (operation: string): AlarmDefinition => ({
    metric: databaseMetric(server, `${operation}Latency`, { statistic: 'p90' }),
    threshold: 0.02,
    evaluationPeriods: 5,
    treatMissingData: MISSING,
    meaning: `One in ten ${operation.toLowerCase()}s of the disk takes more than 20 ms.`,
    firstStep: 'look in Performance Insights for the statements that wait for I/O.',
    runbook: {
      page: 'database-disk-latency',
      then: [
        'See which statements read the most: `psql -c "SELECT shared_blks_read, calls, left(query, 80) FROM pg_stat_statements ORDER BY 1 DESC LIMIT 10"`; an index is often missing.',
        'Compare the disk burst alarms: if they fire too, take a larger class; else look whether a backup, a vacuum or an import runs, and wait for its end.',
      ],
    },
  });
  return {
    CpuAlarm: {
      metric: databaseMetric(server, 'CPUUtilization'),
      threshold: 90,
      evaluationPeriods: 5,
      treatMissingData: silence(settings),
      meaning: 'The database has been busy above 90 % of its CPU for five minutes.',
      firstStep: 'look at the top statements in Performance Insights or the slow-query log.',
      runbook: {
        page: 'database-cpu',
        then: [
          'See what runs now: `psql -c "SELECT pid, now() - query_start AS since, state, wait_event, left(query, 80) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY since DESC LIMIT 10"`.',
          'End a statement that should not run with `psql -c "SELECT pg_cancel_backend(<pid>)"`; if the load is legitimate, take a larger capacity.',
        ],
        escalate: 'Call whoever owns the service with the top statement when CPU stays above 90 % for half an hour.',
      },
    },
    TransactionIdsAlarm: {
      metric: databaseMetric(server, 'MaximumUsedTransactionIDs'),
      threshold: 1_000_000_000,
      evaluationPeriods: 1,
      treatMissingData: MISSING,
      meaning: 'Half of the transaction ids are used up; at two billion PostgreSQL stops taking writes.',
      firstStep: 'find what keeps vacuum from finishing: long transactions, prepared transactions, replication slots.',
      runbook: {
        page: 'database-transaction-ids',
        then: [
          'See the oldest: `psql -c "SELECT datname, age(datfrozenxid) FROM pg_database ORDER BY 2 DESC"` and `psql -c "SELECT pid, xact_start, state, left(query, 80) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"`.',
          'End what holds it (`pg_terminate_backend`, `ROLLBACK PREPARED`, `pg_drop_replication_slot`), then run `psql -c "VACUUM (FREEZE, VERBOSE)"`.',
        ],
        escalate: 'Call a database administrator today: this does not go away by itself, and at two billion the database has to be taken offline.',
      },
    },
    ReadLatencyAlarm: latency('Read'),
    WriteLatencyAlarm: latency('Write'),
  };
}

/** Alarms whose threshold follows from the memory of the capacity, which is unknown for an existing database. */
function memoryAlarms(settings: DatabaseSettings, server: DatabaseServer): NamedAlarms {
  const { existing, capacity, parameters } = settings;
  if (existing || capacity.memoryGiB === undefined) return {};
  const share = server.cluster ? 0.05 : 0.25;
  const connections = maximumConnections(capacity.memoryGiB, capacity.minimumCapacity, parameters.max_connections);
  return {
    MemoryAlarm: {
      metric: databaseMetric(server, 'FreeableMemory'),
      threshold: Math.floor(capacity.memoryGiB * GIB * share),
      comparisonOperator: LESS_THAN_THRESHOLD,
      evaluationPeriods: 15,
      treatMissingData: silence(settings),
      meaning: `Less than ${share * 100} % of the database's memory has been free for 15 minutes.`,
      firstStep: 'look at the number of connections, then at work_mem of large sorts; else take a larger capacity.',
      runbook: {
        page: 'database-memory',
        then: [
          'Count connections by program: `psql -c "SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC"`.',
          'Lower the pools of services that hold idle connections, or turn the proxy on; if none does, deploy the next larger capacity in a quiet hour (it restarts).',
        ],
      },
    },
    ...connections !== undefined && {
      ConnectionsAlarm: {
        metric: databaseMetric(server, 'DatabaseConnections'),
        threshold: Math.floor(connections * 0.9),
        evaluationPeriods: 5,
        treatMissingData: silence(settings),
        meaning: `More than 90 % of about ${connections} connections are taken; at all of them the application is refused.`,
        firstStep: 'look for a service that does not close connections, lower its pool, or turn the proxy on.',
        severity: AlertSeverity.CRITICAL,
        runbook: {
          page: 'database-connections',
          then: [
            'Count connections by program: `psql -c "SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC"`.',
            'Free those that sleep in a transaction: `psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = \'idle in transaction\' AND state_change < now() - interval \'5 minutes\'"`; then restart the service that leaks.',
          ],
        },
      },
    },
  };
}

function instanceAlarms(settings: DatabaseSettings, server: DatabaseServer): NamedAlarms {
  const balance = (kind: string): AlarmDefinition => ({
    metric: databaseMetric(server, `EBS${kind}Balance%`),
    threshold: 10,
    comparisonOperator: LESS_THAN_THRESHOLD,
    evaluationPeriods: 3,
    treatMissingData: MISSING,
    meaning: `Less than 10 % of the instance's disk burst (${kind === 'IO' ? 'operations' : 'throughput'}) is left; without it the disk slows down.`,
    firstStep: 'find what reads or writes so much, or take a larger class.',
    runbook: {
      page: 'database-disk-burst',
      then: [
        'See which statements read the most: `psql -c "SELECT shared_blks_read, calls, left(query, 80) FROM pg_stat_statements ORDER BY 1 DESC LIMIT 10"`.',
        'Stop imports and batches that can wait; if it is the normal load, deploy a larger class, whose baseline is higher.',
      ],
    },
  });
  const known = !settings.existing && !Token.isUnresolved(settings.storageGiB);
  return {
    ...known && {
      StorageAlarm: {
        metric: databaseMetric(server, 'FreeStorageSpace', { statistic: cloudwatch.Stats.MINIMUM }),
        threshold: Math.floor(settings.storageGiB * GIB * 0.1),
        comparisonOperator: LESS_THAN_THRESHOLD,
        evaluationPeriods: 5,
        treatMissingData: BREACHING,
        meaning: 'The disk is nearly full and storage autoscaling does not keep up or has reached its maximum; a full disk stops the database.',
        firstStep: 'raise maximumStorageGiB, and look for replication slots or logs that grow.',
        severity: AlertSeverity.CRITICAL,
        runbook: {
          page: 'database-storage',
          then: [
            'Look whether storage is being grown, and what the maximum is: `aws rds describe-db-instances --db-instance-identifier {DBInstanceIdentifier} --query "DBInstances[0].[DBInstanceStatus,AllocatedStorage,MaxAllocatedStorage]"`.',
            'See what keeps write-ahead logs: `psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots"`; drop a slot that nobody reads, then deploy a higher maximumStorageGiB.',
          ],
          escalate: 'At once when less than 5 % is free: RDS grows a disk at most once in six hours, and a full one stops the database.',
        },
      },
    },
    DiskOperationsAlarm: balance('IO'),
    DiskThroughputAlarm: balance('Byte'),
  };
}

function clusterAlarms(settings: DatabaseSettings, server: DatabaseServer): NamedAlarms {
  if (settings.existing) return {};
  const pauses = settings.capacity.minimumCapacity === 0;
  return {
    CapacityAlarm: {
      metric: databaseMetric(server, 'ACUUtilization'),
      threshold: 90,
      evaluationPeriods: 15,
      meaning: 'The database has been at its most capacity for 15 minutes and cannot scale further.',
      firstStep: 'raise maximumCapacity, or look at the top statements.',
      runbook: {
        page: 'database-capacity',
        then: [
          'See what runs now: `psql -c "SELECT pid, now() - query_start AS since, state, wait_event, left(query, 80) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY since DESC LIMIT 10"`.',
          'If the load is legitimate, deploy a higher maximumCapacity: it takes effect without a restart.',
        ],
      },
    },
    ...settings.multiAz && {
      ReplicaLagAlarm: {
        metric: clusterMetric(server, 'AuroraReplicaLagMaximum', cloudwatch.Stats.MAXIMUM),
        threshold: 2_000,
        evaluationPeriods: 10,
        meaning: 'The reader has been more than two seconds behind the writer for ten minutes.',
        firstStep: 'look at the load of the writer.',
        runbook: {
          page: 'database-replica-lag',
          then: [
            'See what the writer does: `psql -c "SELECT pid, now() - query_start AS since, state, wait_event, left(query, 80) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY since DESC LIMIT 10"`.',
            'Move long reads away from the reader, or make both of one size; a reader that stays behind is restarted by Aurora itself.',
          ],
        },
      },
    },
    ...!pauses && {
      WriterAlarm: {
        metric: databaseMetric(server, 'EngineUptime'),
        threshold: 0,
        comparisonOperator: LESS_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 2,
        treatMissingData: BREACHING,
        meaning: 'The writer of the cluster is down.',
        firstStep: 'look at the failover events of the cluster.',
        severity: AlertSeverity.CRITICAL,
        runbook: {
          page: 'database-writer',
          then: [
            'Read them: `aws rds describe-events --source-type db-cluster --source-identifier {DBClusterIdentifier} --duration 60`.',
            'See which member is the writer: `aws rds describe-db-clusters --db-cluster-identifier {DBClusterIdentifier} --query "DBClusters[0].[Status,DBClusterMembers]"`; where a reader is up and did not take over, `aws rds failover-db-cluster --db-cluster-identifier {DBClusterIdentifier}`.',
          ],
        },
      },
    },
  };
}

function proxyAlarms(proxyName: string): NamedAlarms {
  return {
    ProxyBorrowAlarm: {
      metric: proxyMetric(proxyName, 'DatabaseConnectionsBorrowLatency', cloudwatch.Stats.AVERAGE),
      threshold: 100_000,
      evaluationPeriods: 5,
      meaning: 'Getting a connection from the proxy has taken more than 100 ms for five minutes.',
      firstStep: 'look for pinned sessions and for long transactions, then at the size of the database.',
      runbook: {
        page: 'database-proxy-borrow',
        then: [
          'See what runs now: `psql -c "SELECT pid, now() - query_start AS since, state, wait_event, left(query, 80) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY since DESC LIMIT 10"`.',
          "Read why sessions are pinned in the proxy's log: `aws logs tail /aws/rds/proxy/{ProxyName} --since 1h --filter-pattern pinned`; then raise the capacity of the database.",
        ],
      },
    },
    ProxyPoolAlarm: {
      metric: new cloudwatch.MathExpression({
        label: 'Share of the pool that is borrowed',
        expression: '100 * borrowed / allowed',
        usingMetrics: {
          borrowed: proxyMetric(proxyName, 'DatabaseConnectionsCurrentlyBorrowed'),
          allowed: proxyMetric(proxyName, 'MaxDatabaseConnectionsAllowed'),
        },
        period: Duration.minutes(1),
      }),
      threshold: 80,
      evaluationPeriods: 5,
      meaning: 'More than 80 % of the connections that the proxy may open are in use.',
      firstStep: 'look for pinned sessions (SET, prepared statements, advisory locks), then at the size of the database.',
      runbook: {
        page: 'database-proxy-pool',
        then: [
          "Read why sessions are pinned in the proxy's log: `aws logs tail /aws/rds/proxy/{ProxyName} --since 1h --filter-pattern pinned`.",
          'Lower the pools of the services, or take a larger capacity, which allows more connections.',
        ],
      },
    },
    ProxyLoginAlarm: {
      metric: proxyMetric(proxyName, 'ClientConnectionsSetupFailedAuth'),
      threshold: 0,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      meaning: 'Clients are refused by the proxy: a wrong password, or no TLS.',
      firstStep: 'look whether a rotation has just failed, then which client was refused in the log of the service.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'database-proxy-login',
        then: [
          "Read the proxy's reason: `aws logs tail /aws/rds/proxy/{ProxyName} --since 30m`.",
          'Where a password was rotated, restart the service that holds the old one: `aws ecs update-service --cluster <cluster> --service <service> --force-new-deployment`.',
        ],
      },
    },
    ProxyTargetAlarm: {
      metric: proxyMetric(proxyName, 'DatabaseConnectionsSetupFailed'),
      threshold: 0,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      meaning: 'The proxy cannot open connections to the database.',
      firstStep: 'look whether the database is up, then at the security groups and at the proxy\'s secrets.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'database-proxy-target',
        then: [
          'Ask the proxy: `aws rds describe-db-proxy-targets --db-proxy-name {ProxyName} --query "Targets[].[RdsResourceId,TargetHealth]"`.',
          'Read its log: `aws logs tail /aws/rds/proxy/{ProxyName} --since 30m`; AUTH_FAILURE is the secret, UNREACHABLE the security groups or a database that is down.',
        ],
      },
    },
  };
}

/** A database that may pause is not down when it is silent. */
function silence({ capacity, existing }: DatabaseSettings): cloudwatch.TreatMissingData {
  return !existing && capacity.minimumCapacity === 0 ? NOT_BREACHING : BREACHING;
}

/**
 * About how many connections PostgreSQL takes. RDS sets LEAST(DBInstanceClassMemory / 9531392, 5000), where the memory is what
 * the system leaves over: taken here as all but 0.4 GiB, and no less than 70 %, so that the alarm comes rather early than never.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
 */
function maximumConnections(memoryGiB: number, minimumCapacity: number | undefined, parameter: string | undefined): number | undefined {
  if (parameter !== undefined) return /^\d+$/.test(parameter) ? Number(parameter) : undefined;
  const usable = Math.max(memoryGiB - 0.4, memoryGiB * 0.7) * GIB;
  // Aurora that may scale below one unit: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
  const most = minimumCapacity !== undefined && minimumCapacity < 1 ? 2000 : 5000;
  return Math.min(most, Math.floor(usable / 9531392));
}

/** The row of the dashboard, 24 units wide. */
export function databaseWidgets({ server, proxyName }: WatchedDatabase, title: string): cloudwatch.IWidget[] {
  if (!server.instance && !server.cluster) return [];
  const graph = (name: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
    new cloudwatch.GraphWidget({ title: `${title}: ${name}`, left, right, width: 6, height: 6 });
  const metric = (name: string, options?: cloudwatch.MetricOptions) => databaseMetric(server, name, options);
  return [
    graph('CPU and memory', [metric('CPUUtilization', { label: 'CPU %' })], [metric('FreeableMemory', { label: 'Free memory' })]),
    graph('connections', [
      metric('DatabaseConnections', { label: 'Database' }),
      ...proxyName === undefined ? [] : [
        proxyMetric(proxyName, 'ClientConnections').with({ label: 'Clients of the proxy' }),
        proxyMetric(proxyName, 'DatabaseConnectionsCurrentlySessionPinned').with({ label: 'Pinned' }),
      ],
    ]),
    graph('latency', [
      metric('ReadLatency', { label: 'Read p90 (s)', statistic: 'p90' }), metric('WriteLatency', { label: 'Write p90 (s)', statistic: 'p90' }),
    ]),
    server.instance
      ? graph('storage', [metric('FreeStorageSpace', { label: 'Free storage', statistic: cloudwatch.Stats.MINIMUM })])
      : graph('capacity', [metric('ACUUtilization', { label: 'Capacity used %' }), metric('ServerlessDatabaseCapacity', { label: 'Capacity units' })]),
  ];
}
