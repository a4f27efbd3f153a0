import { Stack, Token } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { validateBudget } from './budget-validation';
import { warnOfGovCloud } from './cost-checks';
import { allowCostService } from './cost-topic';

const ACTUAL_THRESHOLDS = [80, 100];
const FORECAST_THRESHOLDS = [100];

/** Properties of a `Budget`. */
export interface BudgetProps {
  /** What a calendar month (UTC) may cost, above 0, in `currency`. */
  readonly monthlyLimit: number;
  /**
   * Currency that AWS bills the account in, `USD` or `CNY`. Budgets takes no other.
   * @default - CNY in a stack whose region is known to be in China, USD anywhere else
   */
  readonly currency?: string;
  /**
   * Percentages of the limit. People are told when the month's costs so far exceed one of them.
   * @default - 80 and 100
   */
  readonly actualThresholds?: number[];
  /**
   * Percentages of the limit. People are told when the costs that AWS foresees for the month exceed one of them. AWS foresees nothing for about the
   * first five weeks of an account or a tag.
   * @default - 100
   */
  readonly forecastThresholds?: number[];
  /**
   * Addresses that are told, up to 10. They need not confirm.
   * @default - only the topic is told
   */
  readonly emails?: string[];
  /**
   * Topic of this account that is told, such as that of a `Monitoring`. Budgets is allowed to publish on it, and to use its key, where both were
   * made in this app; an imported topic or key must allow it already.
   * @default - only the addresses are told
   */
  readonly topic?: sns.ITopic;
  /**
   * One tag: only what has it is counted, such as `{ Environment: 'production' }`. Before that somebody has to activate it as a cost
   * allocation tag in the Billing console; costs from before the activation never have it, and a tag that is not activated counts nothing.
   * @default - whatever tags there are
   * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
   */
  readonly tags?: { [key: string]: string };
  /**
   * Only these services are counted, by the names that Cost Explorer has for them, such as `AWS Amplify` or `Amazon DynamoDB`. A name that
   * does not exist counts nothing.
   * @default - all services
   */
  readonly services?: string[];
  /**
   * Tags of the budget itself. `Tags.of()` does not reach it.
   * @default - none
   */
  readonly resourceTags?: { [key: string]: string };
}

/**
 * Tells people when a month's costs come close to a limit, exceed it, or are about to. It stops nothing. AWS counts several times a day, so
 * word comes hours late; costs are what the bill says, after credits and refunds. A budget costs nothing.
 *
 * AWS makes its name: CloudFormation replaces a budget when its thresholds or subscribers change, which fails while the old one has the name.
 *
 * AWS has no budgets in GovCloud, whose costs are on the bill of a commercial account, and CloudFormation does not know them in some newer regions:
 * there, make it in a stack in us-east-1.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html
 */
export class Budget extends Construct {
  /** The budget as CloudFormation has it. */
  public readonly resource: budgets.CfnBudget;
  /** Its name, which AWS makes. */
  public readonly budgetName: string;
  /** Its ARN. */
  public readonly budgetArn: string;

  constructor(scope: Construct, id: string, private readonly props: BudgetProps) {
    super(scope, id);
    validateBudget(this, props);

    this.resource = this.createBudget();
    this.budgetName = this.resource.ref;
    this.budgetArn = Stack.of(this).formatArn({ service: 'budgets', region: '', resource: 'budget', resourceName: this.budgetName });
    this.allowTopic();
    warnOfGovCloud(this, 'budget', 'budgets: make this budget');
  }

  private createBudget(): budgets.CfnBudget {
    const { monthlyLimit, currency = this.defaultCurrency(), resourceTags } = this.props;
    return new budgets.CfnBudget(this, 'Resource', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyLimit, unit: currency },
        costFilters: this.costFilters(),
      },
      notificationsWithSubscribers: this.notifications(),
      resourceTags: resourceTags && Object.entries(resourceTags).map(([key, value]) => ({ key, value })),
    });
  }

  private defaultCurrency(): string {
    const { region } = Stack.of(this);
    return !Token.isUnresolved(region) && region.startsWith('cn-') ? 'CNY' : 'USD';
  }

  /** @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html */
  private costFilters(): { [name: string]: string[] } | undefined {
    const { tags = {}, services = [] } = this.props;
    const tagValues = Object.entries(tags).map(([key, value]) => `user:${key}$${value}`);
    if (tagValues.length + services.length === 0) return undefined;
    return { ...tagValues.length > 0 && { TagKeyValue: tagValues }, ...services.length > 0 && { Service: services } };
  }

  private notifications(): budgets.CfnBudget.NotificationWithSubscribersProperty[] {
    const { actualThresholds = ACTUAL_THRESHOLDS, forecastThresholds = FORECAST_THRESHOLDS } = this.props;
    const subscribers = this.subscribers();
    const notify = (notificationType: string) => (threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    });
    return [...actualThresholds.map(notify('ACTUAL')), ...forecastThresholds.map(notify('FORECASTED'))];
  }

  private subscribers(): budgets.CfnBudget.SubscriberProperty[] {
    const { emails = [], topic } = this.props;
    return [
      ...emails.map(address => ({ subscriptionType: 'EMAIL', address })),
      ...topic ? [{ subscriptionType: 'SNS', address: topic.topicArn }] : [],
    ];
  }

  /** @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html */
  private allowTopic(): void {
    const { topic } = this.props;
    if (!topic) return;
    const dependable = allowCostService(this, topic, {
      principal: 'budgets.amazonaws.com',
      statementId: 'Budgets',
      warningId: 'budget',
      sourceArn: Stack.of(this).formatArn({ service: 'budgets', region: '', resource: '*' }),
    });
    if (dependable) this.resource.node.addDependency(dependable);
  }
}
