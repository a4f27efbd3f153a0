import { Annotations, Aws, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { LIBRARY_RUNBOOKS } from './alert';
import type { WatchedEvents } from './watched';
import { allowForTopics, EVENTS } from '../encryption/topic-key';

/** Makes a topic that CloudWatch may publish the alarms of this account to, encrypted or not. */
export function createAlertTopic(scope: Construct, id: string, encryptionKey?: kms.IKey): sns.Topic {
  const topic = new sns.Topic(scope, id, { masterKey: encryptionKey, enforceSSL: true });
  topic.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'AlarmsOfThisAccount',
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'cloudwatch', resource: 'alarm:*' }) },
    },
  }));
  return topic;
}

/** A topic as alarms, events and addresses meet on it. */
export class AlertTopic {
  /**
   * @param owner who publishes on it, for warnings
   * @param encryptionKey the key that encrypts it, where it was made here
   */
  constructor(private readonly owner: Construct, public readonly topic: sns.ITopic, private readonly encryptionKey?: kms.IKey) {}

  /** Tells addresses. */
  public subscribe(emails: string[]): void {
    for (const email of emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
  }

  /** Publishes an alarm and its end. */
  public publish(alarm: cloudwatch.Alarm | cloudwatch.CompositeAlarm): void {
    const action = new actions.SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  /** Publishes events, with the pages of their runbooks in this folder. */
  public tell({ rule, meaning, about, runbook }: WatchedEvents, runbooks: string = LIBRARY_RUNBOOKS): void {
    const what = about ?? `${events.EventField.fromPath('$.detail-type')}: ${events.EventField.fromPath('$.resources[0]')}`;
    const input = events.RuleTargetInput.fromText(`${meaning} ${what}${runbook === undefined ? '' : ` Runbook: ${runbooks}/${runbook}.md`}`);
    rule.addTarget({ bind: () => ({ arn: this.topic.topicArn, input }) });
    this.allowEvents();
    this.allowEventsKey();
  }

  /** Without a condition: EventBridge documents none for topics. A second statement that is the same is left out by CDK. */
  private allowEvents(): void {
    const { statementAdded } = this.topic.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'Events',
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [this.topic.topicArn],
    }));
    if (statementAdded) return;
    Annotations.of(this.owner).addWarningV2('cdk-web-platform:eventTopicPolicy',
      "The policy of an imported topic cannot be changed from here. Nobody is told of events such as a certificate's failed renewal "
      + 'unless it lets events.amazonaws.com use sns:Publish.');
  }

  private allowEventsKey(): void {
    this.encryptionKey?.addToResourcePolicy(allowForTopics(this.owner, EVENTS), true);
  }
}
