import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AlarmDefinition, createAlarm } from '../observability/alarm';

const period = Duration.minutes(1);

/** What is watched on the way from the database to the domain. */
export interface WatchedIngestion {
  readonly queue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
  readonly relay: lambda.Function;
  readonly indexer: lambda.Function;
}

/** A quarter of an hour behind is more than retries explain. */
const LATE_SECONDS = 900;

export function createIngestionAlarms(scope: Construct, watched: WatchedIngestion): cloudwatch.Alarm[] {
  const ofIndexer = { LogGroup: watched.indexer.logGroup.logGroupName, DeadLetterQueueArn: watched.deadLetterQueue.queueArn };
  const definitions: { [id: string]: AlarmDefinition } = {
    RefusedChanges: {
      metric: refused(watched),
      threshold: 0,
      evaluationPeriods: 1,
      meaning: 'Documents could not be indexed after several tries; searches show them as they were before.',
      firstStep: 'read the indexer\'s log for "failed", correct the row or the mapping, and redrive the dead-letter queue: what is indexed then is the row of that moment.',
      runbook: {
        page: 'search-changes-refused',
        then: [
          'Read why: `aws logs tail {LogGroup} --since 1h --filter-pattern failed`; each line has the index and the id of a document.',
          'Redrive: `aws sqs start-message-move-task --source-arn {DeadLetterQueueArn}`.',
        ],
        names: ofIndexer,
      },
    },
    LateChanges: {
      metric: age(watched),
      threshold: LATE_SECONDS,
      evaluationPeriods: 15,
      meaning: 'Changes reach the search index late.',
      firstStep: 'look at the errors of the indexer and at the CPU of the domain.',
      runbook: {
        page: 'search-changes-late',
        then: [
          'Read what fails or takes long: `aws logs tail {LogGroup} --since 30m`.',
          'A bulk change of many rows passes by itself. If the domain is busy, its own alarms have runbooks; otherwise see whether the function is throttled.',
        ],
        names: ofIndexer,
      },
    },
    RelayErrors: {
      metric: watched.relay.metricErrors({ period }),
      threshold: 0,
      evaluationPeriods: 3,
      meaning: 'Changes stay in the outbox of the database; none is lost, and searches show none of them.',
      firstStep: 'read the relay\'s log: the database, its secret or the queue does not answer, or the migration of the outbox is missing.',
      runbook: {
        page: 'search-relay-errors',
        then: [
          'Read it: `aws logs tail {LogGroup} --since 1h --filter-pattern Error`.',
          'Run the migration (`SearchIngestion.OUTBOX_SQL`), or mend the way to the database; then see the outbox empty itself: `psql -c "SELECT count(*) FROM search.outbox"`.',
        ],
        names: { LogGroup: watched.relay.logGroup.logGroupName },
      },
    },
    IndexerErrors: {
      metric: watched.indexer.metricErrors({ period }),
      threshold: 0,
      evaluationPeriods: 3,
      meaning: 'The indexer fails on whole batches; they come again until they are in the dead-letter queue.',
      firstStep: 'read the indexer\'s log: the database or its secret does not answer.',
      runbook: {
        page: 'search-indexer-errors',
        then: [
          'Read it: `aws logs tail {LogGroup} --since 1h --filter-pattern Error`.',
          'Mend the way to the database; then redrive what was put aside: `aws sqs start-message-move-task --source-arn {DeadLetterQueueArn}`.',
        ],
        names: ofIndexer,
      },
    },
  };
  return Object.entries(definitions).map(([id, definition]) => createAlarm(scope, id, definition));
}

/** What an operator wants to see of the way, in one row. */
export function ingestionWidgets(watched: WatchedIngestion): cloudwatch.IWidget[] {
  const graph = (title: string, left: cloudwatch.IMetric[]) => new cloudwatch.GraphWidget({ title, width: 8, left, leftYAxis: { min: 0 } });
  return [
    graph('Indexing: oldest change (s)', [age(watched).with({ label: 'oldest change' })]),
    graph('Indexing: refused changes', [refused(watched).with({ label: 'refused' })]),
    graph('Indexing: errors', [
      watched.relay.metricErrors({ period, label: 'relay' }), watched.indexer.metricErrors({ period, label: 'indexer' }),
    ]),
  ];
}

function age({ queue }: WatchedIngestion): cloudwatch.Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' });
}

function refused({ deadLetterQueue }: WatchedIngestion): cloudwatch.Metric {
  return deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
}
