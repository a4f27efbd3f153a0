import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm } from '../observability/alarm';

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

/** An alarm cannot look at more metrics. */
const METRICS_OF_ONE_ALARM = 10;

/** What apps ask for most. DynamoDB counts failures of its own for each operation, they hit all alike, and each metric of an alarm is paid. */
const OPERATIONS = ['GetItem', 'Query', 'PutItem', 'UpdateItem'];

/** What is watched on a table. */
export interface WatchedTable {
  readonly tableName: string;
  readonly indexNames: string[];
}

/**
 * Alarms of a table. They are quiet at single events, which SDKs repeat by themselves.
 *
 * DynamoDB publishes these metrics only when something happens, and CloudWatch may leave an alarm on them in its last state while nothing does: each one
 * is filled with zeros, which also lets one of several metrics be missing.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export function createTableAlarms(scope: Construct, table: WatchedTable): cloudwatch.Alarm[] {
  return [
    ...createThrottleAlarms(scope, table, 'Read', 'look whether one key is asked for much more than others (contributorInsights lists them), or a maximum is set too low.'),
    ...createThrottleAlarms(scope, table, 'Write', 'look whether one key, or one value of an index key, is written much more than others, or a maximum is set too low.'),
    createAlarm(scope, 'SystemErrors', {
      metric: systemErrors(table),
      threshold: 10,
      evaluationPeriods: 3,
      meaning: 'DynamoDB has failed with errors of its own for a quarter of an hour.',
      firstStep: 'look at the AWS Health Dashboard; requests that were tried again may have succeeded.',
      runbook: {
        page: 'table-system-errors',
        then: [
          'See that the table is there: `aws dynamodb describe-table --table-name {TableName} --query Table.TableStatus`.',
          'Open a case with AWS Support that names the table, the region and a request id from the log of the service.',
        ],
        escalate: 'When users see errors of it: nothing on your side mends it, but they can be told.',
      },
    }),
  ];
}

/** What an operator wants to see of a table, in one row. */
export function tableWidgets(table: WatchedTable): cloudwatch.IWidget[] {
  const graph = (title: string, left: cloudwatch.IMetric[]) => new cloudwatch.GraphWidget({ title, width: 6, left, leftYAxis: { min: 0 } });
  const sum = (metricName: string, label: string, indexName?: string) => tableMetric(table, metricName, indexName).with({ label });
  const throttles = (direction: string) => [undefined, ...table.indexNames]
    .map(name => sum(`${direction}ThrottleEvents`, `${direction.toLowerCase()}s of ${name ?? 'the table'}`, name));
  return [
    graph('Consumed capacity (units a minute)', [sum('ConsumedReadCapacityUnits', 'read'), sum('ConsumedWriteCapacityUnits', 'write')]),
    graph('Throttled', [...throttles('Read'), ...throttles('Write')]),
    graph('Response time (ms)', OPERATIONS.map(operation =>
      operationMetric(table, 'SuccessfulRequestLatency', operation).with({ statistic: 'Average', label: operation }))),
    graph('System errors', [systemErrors(table)]),
  ];
}

/** The highest of table and indexes: an index that is throttled also throttles writes to its table, and a sum would count them twice. */
function createThrottleAlarms(scope: Construct, table: WatchedTable, direction: 'Read' | 'Write', firstStep: string): cloudwatch.Alarm[] {
  const metrics = [undefined, ...table.indexNames].map(indexName => tableMetric(table, `${direction}ThrottleEvents`, indexName));
  return inParts(metrics, METRICS_OF_ONE_ALARM).map((part, position) => createAlarm(scope, `${direction}Throttles${position === 0 ? '' : position + 1}`, {
    metric: new cloudwatch.MathExpression({
      label: `Throttled ${direction.toLowerCase()}s`,
      expression: `MAX([${part.map((_, index) => `FILL(m${index}, 0)`).join(', ')}])`,
      usingMetrics: Object.fromEntries(part.map((metric, index) => [`m${index}`, metric])),
      period: MINUTE,
    }),
    threshold: 10,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    meaning: `More than ten ${direction.toLowerCase()}s a minute are throttled; users wait or get errors.`,
    firstStep,
    runbook: {
      page: 'table-throttles',
      then: [
        'See what the table may take and how it is billed: `aws dynamodb describe-table --table-name {TableName} --query "Table.[BillingModeSummary,OnDemandThroughput,GlobalSecondaryIndexes[].IndexName]"`.',
        'Slow the job down that causes it, or spread the hot key over several; where a maximum is set in the app, raise it and deploy.',
      ],
    },
  }));
}

function systemErrors(table: WatchedTable): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    label: 'System errors',
    expression: OPERATIONS.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(OPERATIONS.map((operation, index) => [`m${index}`, operationMetric(table, 'SystemErrors', operation).with({ period: FIVE_MINUTES })])),
    period: FIVE_MINUTES,
  });
}

function tableMetric({ tableName }: WatchedTable, metricName: string, indexName?: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName, ...indexName === undefined ? {} : { GlobalSecondaryIndexName: indexName } },
    statistic: 'Sum',
    period: MINUTE,
  });
}

function operationMetric({ tableName }: WatchedTable, metricName: string, operation: string): cloudwatch.Metric {
  return tableMetric({ tableName, indexNames: [] }, metricName).with({ dimensionsMap: { TableName: tableName, Operation: operation } });
}

function inParts<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, part) => list.slice(part * size, (part + 1) * size));
}
