import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/** A service that publishes on encrypted topics. */
export interface TopicPublisher {
  /** Id of the statement. */
  readonly sid: string;
  /** How the service names itself, such as `events.amazonaws.com`. */
  readonly principal: string;
  /** Whether the service says on whose account's behalf it publishes. */
  readonly saysAccount?: boolean;
}

/**
 * Lets a service use a key for the encrypted topics of this account and region: any of them, since the key would need the topic, which needs the key.
 *
 * A statement that a key has already is left out by CDK where it is the same to the letter, so all who allow a service make it here.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export function allowForTopics(where: IConstruct, { sid, principal, saysAccount }: TopicPublisher): iam.PolicyStatement {
  const { partition, region, account } = Stack.of(where);
  return new iam.PolicyStatement({
    sid,
    principals: [new iam.ServicePrincipal(principal)],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: {
      ...saysAccount ? { StringEquals: { 'aws:SourceAccount': account } } : {},
      ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': `arn:${partition}:sns:${region}:${account}:*` },
    },
  });
}

/** CloudWatch, for alarms. */
export const ALARMS: TopicPublisher = { sid: 'CloudWatchAlarms', principal: 'cloudwatch.amazonaws.com', saysAccount: true };

/** EventBridge. SNS documents that its deliveries to encrypted topics fail with a condition on the account. */
export const EVENTS: TopicPublisher = { sid: 'EventBridge', principal: 'events.amazonaws.com' };
