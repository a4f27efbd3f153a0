import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm, createCompositeAlarm } from './alarm';
import { AlertSeverity } from './alert-severity';
import { RequestCounts, ServiceLevelIndicator } from './service-level-indicator';
import { validateServiceLevelObjective } from './validate-service-level-objective';
import { IWatched } from './watched';
import { acknowledgeInStandards } from '../acknowledge';
import { EdgePlace } from '../edge/us-east-1';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';

/** Properties of a `ServiceLevelObjective`. */
export interface ServiceLevelObjectiveProps {
  /** What is measured. */
  readonly indicator: ServiceLevelIndicator;
  /**
   * Share of requests that have to be good over four weeks, in percent: 94 to 99.999. "p95 under 200 ms" is 95 percent within 200 ms.
   * @default - 99.9 for availability, 95 for latency
   */
  readonly objectivePercent?: number;
  /**
   * Bad requests in a window below which no share of them matters: with one visitor an hour a single failure is 100 %.
   * @default 5
   */
  readonly minimumBadRequests?: number;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether alarms are made: six metric alarms and two composite ones.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/** A window in which the error budget of four weeks burns so many times too fast, and a short one that tells that it still does. */
interface BurnRate {
  readonly factor: number;
  readonly long: Duration;
  readonly short: Duration;
  readonly severity: AlertSeverity;
}

const { CRITICAL, WARNING } = AlertSeverity;

/**
 * Of the SRE workbook. The last one is over a day instead of three: the longest period of an alarm is a day, and shares of days cannot be added up.
 *
 * @see https://sre.google/workbook/alerting-on-slos/
 */
export const BURN_RATES: readonly BurnRate[] = [
  { factor: 14.4, long: Duration.hours(1), short: Duration.minutes(5), severity: CRITICAL },
  { factor: 6, long: Duration.hours(6), short: Duration.minutes(30), severity: CRITICAL },
  { factor: 3, long: Duration.days(1), short: Duration.hours(2), severity: WARNING },
];

const FOUR_WEEKS = '-P28D';

/**
 * A promise to users, such as "99.9 % of requests succeed", with what is left of its error budget on the dashboard and alarms that fire when the
 * budget burns too fast: at once when it would be gone in two days (14.4 times too fast) or five (6 times), during the day when in nine (3 times).
 */
export class ServiceLevelObjective extends Construct implements IWatched {
  /** None: the windows' own alarms tell nobody. */
  public readonly alarms: cloudwatch.Alarm[] = [];
  /** The budget burns fast, which is critical; and slowly. Empty where alarms are off. */
  public readonly compositeAlarms?: cloudwatch.CompositeAlarm[];
  /** Share of requests that have to be good, in percent. */
  public readonly objectivePercent: number;

  private readonly indicator: ServiceLevelIndicator;
  private readonly minimumBadRequests: number;

  constructor(scope: Construct, id: string, props: ServiceLevelObjectiveProps) {
    super(scope, id);
    validateServiceLevelObjective(this, props);
    this.indicator = props.indicator;
    this.objectivePercent = props.objectivePercent ?? props.indicator._objectivePercent;
    this.minimumBadRequests = props.minimumBadRequests ?? 5;
    const profile = props.profile ?? EnvironmentProfile.production();
    this.compositeAlarms = props.alarms ?? profile.alarms ? this.createAlarms() : [];
  }

  /** What is left of the error budget of four weeks, how it went, and the share of bad requests. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    const hourly = this.indicator._counts(Duration.hours(1));
    const region = this.indicator._distribution ? EDGE_REGION : undefined;
    const line = (label: string, expression: string) => new cloudwatch.MathExpression({
      label, expression, period: Duration.hours(1), usingMetrics: inRegion(hourly, region), searchRegion: region,
    });
    const left = (bad: string, total: string) => `100 - 100 * (${bad}) / (${this.budget / 100} * (${total}))`;
    return [
      new cloudwatch.SingleValueWidget({
        title: `Error budget left of ${this.objectivePercent} %, four weeks (%)`,
        width: 6,
        height: 6,
        region,
        start: FOUR_WEEKS,
        setPeriodToTimeRange: true,
        metrics: [line('left (%)', left(hourly.bad, hourly.total))],
      }),
      new cloudwatch.GraphWidget({
        title: 'Error budget left (%)',
        width: 9,
        height: 6,
        region,
        start: FOUR_WEEKS,
        left: [line('left (%)', left(`RUNNING_SUM(${hourly.bad})`, `RUNNING_SUM(${hourly.total})`))],
        leftAnnotations: [{ value: 0, label: 'spent', color: cloudwatch.Color.RED }],
      }),
      new cloudwatch.GraphWidget({
        title: `Share of ${this.indicator._bad} (%)`,
        width: 9,
        height: 6,
        region,
        left: [line('an hour (%)', `100 * (${hourly.bad}) / (${hourly.total})`)],
        leftYAxis: { min: 0 },
        leftAnnotations: BURN_RATES.map(({ factor }) => ({ value: this.thresholdOf(factor), label: `${factor} times too fast` })),
      }),
    ];
  }

  private createAlarms(): cloudwatch.CompositeAlarm[] {
    const { _distribution: distribution } = this.indicator;
    const place = distribution && EdgePlace.after(this);
    const scope = place?.scope ?? this;
    const distributionId = distribution && place!.carry(distribution, 'Id', distribution.distributionId);
    const rules = BURN_RATES.map(rate => ({ rate, rule: this.createWindows(scope, rate, distributionId) }));
    const of = (severity: AlertSeverity) => rules.filter(({ rate }) => rate.severity === severity).map(({ rule }) => rule);
    const anyOf = (severity: AlertSeverity) => cloudwatch.AlarmRule.anyOf(...of(severity));
    return [
      createCompositeAlarm(scope, 'BurnsFast', { alarmRule: anyOf(CRITICAL), ...this.textOf(CRITICAL) }),
      createCompositeAlarm(scope, 'BurnsSlowly', { alarmRule: anyOf(WARNING), ...this.textOf(WARNING) }),
    ];
  }

  /** One alarm for each window, since all metrics of an alarm share one period. */
  private createWindows(scope: Construct, { factor, long, short, severity }: BurnRate, distributionId?: string): cloudwatch.IAlarmRule {
    const [first, second] = [long, short].map(window => createAlarm(scope, `Over${window.toMinutes()}Minutes`, {
      metric: this.shareOf(window, distributionId),
      threshold: this.thresholdOf(factor),
      evaluationPeriods: 1,
      ...this.textOf(severity),
    }));
    for (const window of [first, second]) {
      acknowledgeInStandards(window, 'CloudWatchAlarmAction', 'By itself it would call people for nothing. The composite alarms over all windows of the objective act.');
    }
    return cloudwatch.AlarmRule.allOf(first, second);
  }

  private shareOf(period: Duration, distributionId?: string): cloudwatch.MathExpression {
    const { bad, total, metrics } = this.indicator._counts(period, distributionId);
    return new cloudwatch.MathExpression({
      label: `Share of ${this.indicator._bad} (%)`,
      expression: `IF(${bad} < ${this.minimumBadRequests}, 0, 100 * (${bad}) / (${total}))`,
      usingMetrics: metrics,
      period,
    });
  }

  private textOf(severity: AlertSeverity) {
    const fast = severity === CRITICAL;
    return {
      severity,
      meaning: `The error budget of ${this.objectivePercent} % burns ${fast ? 'so fast that it is gone in days' : 'three times too fast'}: too many ${this.indicator._bad}.`,
      firstStep: fast
        ? 'look which other alarm is on, and begin with its runbook; without one, look what was deployed when the share rose, and go back.'
        : 'look at the share of bad requests over a week: a step is a release or a neighbour, a slope is growth.',
      runbook: {
        page: fast ? 'objective-burns-fast' : 'objective-burns-slowly',
        then: fast ? FAST_STEPS : SLOW_STEPS,
        escalate: fast ? 'Call the second on-call after a quarter of an hour: at this rate a tenth of the month is gone in hours.' : undefined,
      },
    };
  }

  /** Share that may be bad, in percent. */
  private get budget(): number {
    return rounded(100 - this.objectivePercent);
  }

  private thresholdOf(factor: number): number {
    return rounded(factor * this.budget);
  }
}

const FAST_STEPS = [
  'See which alarms are on: `aws cloudwatch describe-alarms --state-value ALARM --query "MetricAlarms[].[AlarmName,StateReason]" --output text`.',
  'Stop the loss before you look for the cause: deploy the version before, switch the feature off, or add tasks.',
] as const;

const SLOW_STEPS = [
  'Find the requests: in the log of the service, by path; in the access logs of the load balancer or of CloudFront, by status and time.',
  'Plan the mending before new work while less than a quarter of the budget is left; where the promise itself is wrong, change objectivePercent with those who rely on it.',
] as const;

/** Without what binary fractions add. */
function rounded(percent: number): number {
  return Math.round(percent * 1e6) / 1e6;
}

function inRegion({ metrics }: RequestCounts, region: string | undefined): { [id: string]: cloudwatch.IMetric } {
  return Object.fromEntries(Object.entries(metrics).map(([id, metric]) => [id, region ? metric.with({ region }) : metric]));
}
