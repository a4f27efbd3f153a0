/* Topic, alarms and dashboard of a hand-written app. */
import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { runbook } from './runbooks';

export const { BREACHING, IGNORE, MISSING, NOT_BREACHING } = cloudwatch.TreatMissingData;
export const {
  GREATER_THAN_OR_EQUAL_TO_THRESHOLD: AT_LEAST, GREATER_THAN_THRESHOLD: ABOVE, LESS_THAN_OR_EQUAL_TO_THRESHOLD: AT_MOST, LESS_THAN_THRESHOLD: BELOW,
} = cloudwatch.ComparisonOperator;

export interface AlarmOptions extends Partial<Omit<cloudwatch.AlarmProps, 'metric'>> {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly periods: number;
  readonly page: Parameters<typeof runbook>[0];
  /** What is named in the text. */
  readonly values?: { readonly [name: string]: string };
  /** Whether the platform is unhealthy then. */
  readonly critical?: boolean;
}

export class Monitoring extends Construct {
  public readonly topic: sns.Topic;
  private readonly action: actions.SnsAction;
  private readonly alarms: cloudwatch.IAlarm[] = [];
  private readonly critical: cloudwatch.IAlarm[] = [];
  private readonly widgets: cloudwatch.IWidget[][] = [];

  constructor(scope: Construct, id: string, key: kms.IKey) {
    super(scope, id);
    this.topic = this.createTopic(key);
    this.action = new actions.SnsAction(this.topic);
  }

  public addAlarm(scope: Construct, id: string, { periods, page, values, critical, ...props }: AlarmOptions): cloudwatch.Alarm {
    const alarm = createAlarm(scope, id, { periods, page, values, ...props });
    this.announce(alarm);
    if (critical) this.critical.push(alarm);
    return alarm;
  }

  /** Several alarms of one part. */
  public addAlarms(scope: Construct, alarms: { readonly [id: string]: AlarmOptions }): cloudwatch.Alarm[] {
    return Object.entries(alarms).map(([id, options]) => this.addAlarm(scope, id, options));
  }

  public addComposite(scope: Construct, id: string, alarmDescription: string, alarmRule: cloudwatch.IAlarmRule, critical: boolean): void {
    const alarm = new cloudwatch.CompositeAlarm(scope, id, { alarmDescription, alarmRule });
    this.announce(alarm);
    if (critical) this.critical.push(alarm);
  }

  public addRow(title: string, ...widgets: cloudwatch.IWidget[]): void {
    const heading = new cloudwatch.TextWidget({ markdown: `## ${title}`, width: 24, height: 1, background: cloudwatch.TextWidgetBackground.TRANSPARENT });
    this.widgets.push([heading], widgets);
  }

  /** One alarm for all that is critical. */
  public createHealth(): void {
    const health = new cloudwatch.CompositeAlarm(this, 'Unhealthy', {
      alarmDescription: 'The platform is unhealthy: a critical alarm is in alarm. First: open the runbook of that alarm.',
      alarmRule: cloudwatch.AlarmRule.anyOf(...this.critical),
    });
    this.alarms.unshift(health);
  }

  public createDashboard(): void {
    const overview = new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24, height: 4 });
    new cloudwatch.Dashboard(this, 'Dashboard', { widgets: [[overview], ...this.widgets] });
  }

  private announce(alarm: cloudwatch.AlarmBase): void {
    alarm.addAlarmAction(this.action);
    alarm.addOkAction(this.action);
    this.alarms.push(alarm);
  }

  private createTopic(masterKey: kms.IKey): sns.Topic {
    const stack = Stack.of(this);
    const topic = new sns.Topic(this, 'Topic', { masterKey, enforceSSL: true });
    topic.addSubscription(new subscriptions.EmailSubscription('ops@example.com'));
    letPublish(topic, 'AlarmsOfThisAccount', 'cloudwatch.amazonaws.com', stack.formatArn({ service: 'cloudwatch', resource: 'alarm:*' }));
    return topic;
  }
}

/** An alarm that tells nobody. */
export function createAlarm(scope: Construct, id: string, { periods, page, values, ...props }: AlarmOptions): cloudwatch.Alarm {
  return new cloudwatch.Alarm(scope, id, {
    comparisonOperator: ABOVE,
    treatMissingData: NOT_BREACHING,
    evaluationPeriods: periods,
    alarmDescription: runbook(page, values),
    ...props,
  });
}

export function letPublish(topic: sns.Topic, sid: string, service: string, sourceArn: string): void {
  topic.addToResourcePolicy(new iam.PolicyStatement({
    sid,
    principals: [new iam.ServicePrincipal(service)],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account }, ArnLike: { 'aws:SourceArn': sourceArn } },
  }));
}

/** A graph; from zero with a line where there is an alarm. */
export function graph(
  title: string, width: number, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = [], threshold?: number,
): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    title,
    width,
    left,
    right,
    leftYAxis: threshold === undefined ? undefined : { min: 0 },
    leftAnnotations: threshold === undefined ? [] : [{ value: threshold, label: 'alarm', color: cloudwatch.Color.RED }],
  });
}

/** A graph whose axes begin at zero. */
export function graphFromZero(
  title: string, width: number, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = [], props: cloudwatch.GraphWidgetProps = {},
): cloudwatch.GraphWidget {
  const rightYAxis = right.length > 0 ? { min: 0 } : undefined;
  return new cloudwatch.GraphWidget({ title, width, left, right, leftYAxis: { min: 0 }, rightYAxis, ...props });
}
