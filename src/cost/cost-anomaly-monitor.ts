import { Stack, Tokenization } from 'aws-cdk-lib';
import * as ce from 'aws-cdk-lib/aws-ce';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { validateCostAnomalyMonitor } from './cost-anomaly-monitor-validation';
import { warnOfGovCloud } from './cost-checks';
import { allowCostService } from './cost-topic';

const MINIMUM_AMOUNT = 10;

/** An anomaly monitor that the account already has. */
export interface ExistingAnomalyMonitor {
  /** Its ARN, such as `arn:aws:ce::111111111111:anomalymonitor/0a1b2c3d`. */
  readonly monitorArn: string;
}

/** Properties of a `CostAnomalyMonitor`. */
export interface CostAnomalyMonitorProps {
  /**
   * A monitor that the account already has, which gets the subscriptions. Nothing else of it changes. Not with `tags` or `linkedAccount`.
   * @default - a new one
   */
  readonly existing?: ExistingAnomalyMonitor;
  /**
   * One tag: only what has it is looked at, all together, such as `{ Environment: 'production' }`. Before that somebody has to activate it as a
   * cost allocation tag in the Billing console. Not with `linkedAccount`.
   * @default - everything, each service by itself
   * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
   */
  readonly tags?: { [key: string]: string };
  /**
   * Id of a member account: only its costs are looked at, all together. Works in the organization's management account alone. Not with `tags`.
   * @default - everything, each service by itself
   */
  readonly linkedAccount?: string;
  /**
   * Smallest difference from the expected costs that people are told of, in USD, above 0. Together with `minimumPercentage`, both must be reached.
   * @default - 10; none if `minimumPercentage` is given
   */
  readonly minimumAmount?: number;
  /**
   * Smallest difference from the expected costs that people are told of, in percent of them, above 0.
   * @default - any
   */
  readonly minimumPercentage?: number;
  /**
   * Topic that is told of each anomaly at once, such as that of a `Monitoring`. Cost Anomaly Detection is allowed to publish on it, and to use
   * its key, where both were made in this app; an imported topic or key must allow it already.
   * @default - only the addresses are told
   */
  readonly topic?: sns.ITopic;
  /**
   * Addresses that get a summary, up to 10. AWS sends single anomalies to topics only.
   * @default - only the topic is told
   */
  readonly emails?: string[];
  /**
   * Whether the addresses get a summary a week instead of one a day.
   * @default false
   */
  readonly weekly?: boolean;
}

/**
 * Tells people when costs are unlike those of the weeks before, which a budget would only notice when its limit is close. AWS looks about three
 * times a day at data up to 24 hours old, and knows a service after ten days. It costs nothing.
 *
 * An account may have one monitor by service. Accounts that came to Cost Explorer since 2023 have `Default-Services-Monitor`, which AWS made:
 * there, give it as `existing`. CloudFormation otherwise fails with `AlreadyExists`.
 *
 * GovCloud has no Cost Anomaly Detection, and CloudFormation does not know it in some newer regions: there, make it in a stack in us-east-1.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ce-anomalymonitor.html
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2515
 */
export class CostAnomalyMonitor extends Construct {
  /** The monitor as CloudFormation has it; none for an existing one. */
  public readonly resource?: ce.CfnAnomalyMonitor;
  /** ARN of the monitor. */
  public readonly monitorArn: string;
  /** What tells the topic; none without one. */
  public readonly topicSubscription?: ce.CfnAnomalySubscription;
  /** What tells the addresses; none without any. */
  public readonly emailSubscription?: ce.CfnAnomalySubscription;

  constructor(scope: Construct, id: string, private readonly props: CostAnomalyMonitorProps) {
    super(scope, id);
    validateCostAnomalyMonitor(this, props);

    this.resource = props.existing ? undefined : this.createMonitor();
    this.monitorArn = props.existing?.monitorArn ?? this.resource!.attrMonitorArn;
    this.topicSubscription = props.topic && this.createTopicSubscription(props.topic);
    this.emailSubscription = props.emails && props.emails.length > 0 ? this.createEmailSubscription(props.emails) : undefined;
    warnOfGovCloud(this, 'costAnomaly', 'anomaly monitors: make this one');
  }

  /** Without tags of its own: CloudFormation would replace the monitor for them, which fails while the old one is the account's only one. */
  private createMonitor(): ce.CfnAnomalyMonitor {
    const specification = this.specification();
    return new ce.CfnAnomalyMonitor(this, 'Resource', {
      monitorName: this.node.path,
      ...specification
        ? { monitorType: 'CUSTOM', monitorSpecification: Stack.of(this).toJsonString(specification) }
        : { monitorType: 'DIMENSIONAL', monitorDimension: 'SERVICE' },
    });
  }

  /** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html */
  private specification(): object | undefined {
    const { tags, linkedAccount } = this.props;
    if (linkedAccount !== undefined) return { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [linkedAccount] } };
    const [tag] = Object.entries(tags ?? {});
    return tag && { Tags: { Key: tag[0], Values: [tag[1]] } };
  }

  private createTopicSubscription(topic: sns.ITopic): ce.CfnAnomalySubscription {
    const subscription = this.createSubscription('TopicSubscription', 'IMMEDIATE', [{ type: 'SNS', address: topic.topicArn }]);
    const dependable = allowCostService(this, topic, {
      principal: 'costalerts.amazonaws.com',
      statementId: 'CostAnomalies',
      warningId: 'costAnomaly',
      sourceArn: Stack.of(this).formatArn({ service: 'ce', region: '', resource: 'anomalysubscription', resourceName: '*' }),
    });
    if (dependable) subscription.node.addDependency(dependable);
    return subscription;
  }

  private createEmailSubscription(emails: string[]): ce.CfnAnomalySubscription {
    return this.createSubscription('EmailSubscription', this.props.weekly ? 'WEEKLY' : 'DAILY', emails.map(address => ({ type: 'EMAIL', address })));
  }

  private createSubscription(id: string, frequency: string, subscribers: ce.CfnAnomalySubscription.SubscriberProperty[]): ce.CfnAnomalySubscription {
    return new ce.CfnAnomalySubscription(this, id, {
      subscriptionName: `${this.node.path}/${id}`,
      frequency,
      monitorArnList: [this.monitorArn],
      subscribers,
      thresholdExpression: Stack.of(this).toJsonString(this.threshold()),
    });
  }

  /** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html */
  private threshold(): object {
    const { minimumPercentage, minimumAmount = minimumPercentage === undefined ? MINIMUM_AMOUNT : undefined } = this.props;
    const atLeast = (kind: string, value: number | undefined) => value === undefined ? [] : [{
      Dimensions: { Key: `ANOMALY_TOTAL_IMPACT_${kind}`, MatchOptions: ['GREATER_THAN_OR_EQUAL'], Values: [Tokenization.stringifyNumber(value)] },
    }];
    const conditions = [...atLeast('ABSOLUTE', minimumAmount), ...atLeast('PERCENTAGE', minimumPercentage)];
    return conditions.length === 1 ? conditions[0] : { And: conditions };
  }
}
