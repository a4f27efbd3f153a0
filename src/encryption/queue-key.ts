import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * Lets EventBridge use a key for the encrypted queues of this account and region: any of them, since the key would need the queue, which needs the key.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services
 */
export function allowForQueues(where: Construct, key: kms.IKey): void {
  const { partition, region, account } = Stack.of(where);
  const { statementAdded } = key.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'EventBridgeToQueues',
    principals: [new iam.ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': `arn:${partition}:sqs:${region}:${account}:*` } },
  }), true);
  if (statementAdded) return;
  Annotations.of(where).addWarningV2('cdk-web-platform:queueKeyPolicy', 'The key of the queue is imported, so that its policy cannot be changed from here. '
    + 'Let events.amazonaws.com use kms:Decrypt and kms:GenerateDataKey, with the queues of this account as kms:EncryptionContext:aws:sqs:arn.');
}
