import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createAlarm } from '../observability/alarm';

const PERIOD = Duration.minutes(1);
const OLDEST_MINUTES = 15;

/** What is watched of uploads. */
export interface UploadParts {
  readonly queue: sqs.Queue;
  readonly deadLetterQueue: sqs.Queue;
  readonly function: lambda.IFunction;
  readonly logGroup: logs.ILogGroup;
}

/** Alarms of what is no fault of an upload: one that is refused is its user's matter. */
export function createUploadAlarms(scope: Construct, parts: UploadParts): cloudwatch.Alarm[] {
  return [createFailedAlarm(scope, parts), createWaitingAlarm(scope, parts), ...createFunctionAlarms(scope, parts)];
}

function createFailedAlarm(scope: Construct, { queue, deadLetterQueue, logGroup }: UploadParts): cloudwatch.Alarm {
  return createAlarm(scope, 'UploadsFailed', {
    metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD }),
    threshold: 0,
    evaluationPeriods: 1,
    meaning: 'Uploads failed too often and were put aside: no images were made of them, though nothing may be wrong with them.',
    firstStep: "read the function's log for \"failed\"; when the cause is mended, have them tried again.",
    runbook: {
      page: 'uploads-failed',
      then: [
        'Read why: `aws logs tail {LogGroup} --since 1h --filter-pattern failed`.',
        // Some of them come from the rule, so that SQS does not know a queue to move them back to.
        'Try them again: `aws sqs start-message-move-task --source-arn {DeadLetterQueueArn} --destination-arn {QueueArn}`.',
      ],
      names: { LogGroup: logGroup.logGroupName, DeadLetterQueueArn: deadLetterQueue.queueArn, QueueArn: queue.queueArn },
    },
  });
}

/** A message that was received three times leaves this metric; it is in the dead-letter queue by then, or soon. */
function createWaitingAlarm(scope: Construct, { queue, function: handler, logGroup }: UploadParts): cloudwatch.Alarm {
  return createAlarm(scope, 'UploadsWaiting', {
    metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: PERIOD }),
    threshold: Duration.minutes(OLDEST_MINUTES).toSeconds(),
    evaluationPeriods: OLDEST_MINUTES,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    meaning: `The oldest upload has waited longer than ${OLDEST_MINUTES} minutes for its images.`,
    firstStep: 'see in the row of the uploads whether more come than usual or each takes longer; then raise maximumConcurrency.',
    runbook: {
      page: 'uploads-waiting',
      then: [
        'See whether the function reads the queue: `aws lambda list-event-source-mappings --function-name {FunctionName} --query "EventSourceMappings[].[State,StateTransitionReason]"`; and its log: `aws logs tail {LogGroup} --since 30m`.',
        'If more come than usual, find out who sends them; they wait for 14 days, so that none is lost. Then deploy a higher maximumConcurrency.',
      ],
      names: { FunctionName: handler.functionName, LogGroup: logGroup.logGroupName },
    },
  });
}

function createFunctionAlarms(scope: Construct, parts: UploadParts): cloudwatch.Alarm[] {
  return [
    createAlarm(scope, 'FunctionErrors', {
      metric: parts.function.metricErrors({ statistic: 'Sum', period: PERIOD }),
      threshold: 0,
      evaluationPeriods: 3,
      meaning: 'The function that makes the images has ended by itself for three minutes: out of time or memory, or for want of a right.',
      firstStep: 'read the end of its log; for "Task timed out" raise timeout or memoryMiB, or make fewer sizes and formats.',
      runbook: {
        page: 'uploads-function-errors',
        then: [
          'Find how it ended: `aws logs tail {LogGroup} --since 1h --filter-pattern "?timed ?exited ?Denied"`.',
          'Deploy more time or memory, or the commit before. Uploads come again by themselves; those that failed too often wait in the dead-letter queue.',
        ],
        names: { LogGroup: parts.logGroup.logGroupName },
      },
    }),
    createAlarm(scope, 'FunctionThrottles', {
      metric: parts.function.metricThrottles({ statistic: 'Sum', period: PERIOD }),
      threshold: 1,
      evaluationPeriods: 5,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      meaning: "Lambda has turned calls away for five minutes: the account's functions together run as often as they may.",
      firstStep: 'find out which function runs so often; then lower maximumConcurrency here, or ask for a higher quota in Service Quotas.',
      runbook: {
        page: 'uploads-function-throttled',
        then: [
          'See how many may run, and what asked for more: `aws lambda get-account-settings --query AccountLimit`; in CloudWatch, ConcurrentExecutions by function.',
          'Hold back another function for now: `aws lambda put-function-concurrency --function-name <name> --reserved-concurrent-executions <fewer>`. Uploads wait meanwhile, and none is lost.',
        ],
      },
    }),
  ];
}

/** What an operator wants to see of uploads, in one row. */
export function uploadWidgets({ queue, deadLetterQueue, function: handler, logGroup }: UploadParts): cloudwatch.IWidget[] {
  const most = { statistic: 'Maximum', period: PERIOD };
  return [
    new cloudwatch.GraphWidget({
      title: 'Uploads waiting',
      width: 8,
      left: [
        queue.metricApproximateNumberOfMessagesVisible({ ...most, label: 'waiting' }),
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ ...most, label: 'failed' }),
      ],
      leftYAxis: { min: 0 },
      right: [queue.metricApproximateAgeOfOldestMessage({ ...most, label: 'oldest (s)' })],
      rightYAxis: { min: 0 },
    }),
    new cloudwatch.GraphWidget({
      title: 'Images being made',
      width: 8,
      left: [handler.metricInvocations({ period: PERIOD, label: 'calls' }), handler.metricErrors({ period: PERIOD, label: 'errors' })],
      leftYAxis: { min: 0 },
      right: [handler.metricDuration({ statistic: 'p90', period: PERIOD, label: 'time of nine in ten (ms)' })],
      rightYAxis: { min: 0 },
    }),
    new cloudwatch.LogQueryWidget({
      title: 'What became of uploads',
      width: 8,
      view: cloudwatch.LogQueryVisualizationType.TABLE,
      logGroupNames: [logGroup.logGroupName],
      queryLines: ['filter ispresent(outcome)', 'stats count(*) as uploads by outcome, reason', 'sort uploads desc'],
    }),
  ];
}
