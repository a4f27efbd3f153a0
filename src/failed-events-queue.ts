import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Where Lambda puts the events that a function failed on for good, so that they can be read afterwards. */
export function createFailedEventsQueue(scope: Construct): sqs.Queue {
  return new sqs.Queue(scope, 'FailedEvents', {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
}

/** What a function's role needs for its queue of failed events. */
export function mayKeepFailedEvents(queue: sqs.Queue): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
}
