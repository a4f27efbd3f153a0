import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm, createAnomalyAlarm } from './alarm';
import { AlertSeverity } from './alert-severity';
import { IWatched } from './watched';
import { EnvironmentProfile } from '../environment';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkList, checkMap, checkOneOf, checkText } from '../validate';

/** Properties of `AppMetrics`. */
export interface AppMetricsProps {
  /** Namespace of the metrics, such as `Shop`. What begins with `AWS/` belongs to AWS. */
  readonly namespace: string;
  /**
   * Dimensions that all metrics have, with their values, such as `{ Environment: 'production' }`; at most 29. Each metric is paid for each set of values.
   * @default - `Environment` with the profile's name
   */
  readonly dimensions?: { [name: string]: string };
  /**
   * Metrics on the row of the dashboard, as sums.
   * @default - none
   */
  readonly shown?: string[];
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether `addAlarm()` and `addAnomalyAlarm()` make alarms.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/** An alarm on a metric of the app. */
export interface AppAlarmOptions {
  /** Name of the metric, as the app writes it. */
  readonly metricName: string;
  /** What it means when it fires, in one sentence that ends in a full stop. */
  readonly meaning: string;
  /** What to do first, in one sentence that ends in a full stop. */
  readonly firstStep: string;
  /**
   * Statistic, such as `Sum`, `Average` or `p95`.
   * @default 'Sum'
   */
  readonly statistic?: string;
  /**
   * Minutes that one value is for: 1 to 60.
   * @default 5
   */
  readonly periodMinutes?: number;
  /**
   * How many values in a row have to be out of bounds: 1 to 24.
   * @default 3
   */
  readonly evaluationPeriods?: number;
  /**
   * Whether it wakes somebody.
   * @default AlertSeverity.WARNING
   */
  readonly severity?: AlertSeverity;
}

/** An alarm with a fixed threshold. */
export interface AppThresholdAlarmOptions extends AppAlarmOptions {
  /** Value above which the alarm fires. */
  readonly threshold: number;
}

/** An alarm without a threshold, which learns what is normal at each hour of the week. */
export interface AppAnomalyAlarmOptions extends AppAlarmOptions {
  /**
   * Width of the band of normal values, in standard deviations: 1 to 10. Narrower rings more often.
   * @default 3
   */
  readonly bandWidth?: number;
  /**
   * Whether it fires below the band alone, such as for orders, of which too many are no fault.
   * @default false
   */
  readonly onlyBelow?: boolean;
}

/**
 * Metrics of the app itself, such as orders or sign-ups. The app writes them as lines of its log, in CloudWatch's embedded metric format, and
 * CloudWatch makes metrics of them: no agent, no call, no permission. `environment` has what a line needs.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class AppMetrics extends Construct implements IWatched {
  /** Alarms that were added. Let a `Monitoring` watch after the last. */
  public readonly alarms: cloudwatch.Alarm[] = [];
  /** Variables for services: `METRICS_NAMESPACE`, and `METRICS_DIMENSIONS` as JSON. */
  public readonly environment: { [name: string]: string };

  private readonly dimensions: { [name: string]: string };
  private readonly hasAlarms: boolean;

  constructor(scope: Construct, id: string, private readonly props: AppMetricsProps) {
    super(scope, id);
    validateAppMetrics(this, props);
    const profile = props.profile ?? EnvironmentProfile.production();
    this.dimensions = props.dimensions ?? { Environment: profile.name };
    this.hasAlarms = props.alarms ?? profile.alarms;
    this.environment = { METRICS_NAMESPACE: props.namespace, METRICS_DIMENSIONS: JSON.stringify(this.dimensions) };
  }

  /** A metric, for graphs, alarms and scaling of your own: over five minutes as a sum, unless the options say otherwise. */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: this.props.namespace, metricName, dimensionsMap: this.dimensions, statistic: 'Sum', period: Duration.minutes(5), ...options,
    });
  }

  /** Adds an alarm that fires above a threshold; none where alarms are off. */
  public addAlarm(id: string, options: AppThresholdAlarmOptions): cloudwatch.Alarm | undefined {
    validateAlarm(this, options);
    checkGiven(this, 'threshold', options.threshold, 'a number');
    if (!this.hasAlarms) return undefined;
    const { threshold, evaluationPeriods = 3, meaning, firstStep, severity } = options;
    const metric = this.measured(options);
    return this.keep(createAlarm(this, id, { metric, threshold, evaluationPeriods, meaning, firstStep, severity }));
  }

  /** Adds an alarm that fires outside of what is normal for the hour and the day; none where alarms are off. It learns from up to two weeks. */
  public addAnomalyAlarm(id: string, options: AppAnomalyAlarmOptions): cloudwatch.Alarm | undefined {
    validateAlarm(this, options);
    checkInteger(this, 'bandWidth', options.bandWidth, 1, 10);
    checkBoolean(this, 'onlyBelow', options.onlyBelow);
    if (!this.hasAlarms) return undefined;
    const { bandWidth = 3, onlyBelow = false, evaluationPeriods = 3, meaning, firstStep, severity } = options;
    const metric = this.measured(options);
    return this.keep(createAnomalyAlarm(this, id, { metric, bandWidth, onlyBelow, evaluationPeriods, meaning, firstStep, severity }));
  }

  /** A graph for each metric that is shown. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    const { shown = [] } = this.props;
    const width = Math.max(Math.floor(24 / shown.length), 6);
    return shown.map(title => new cloudwatch.GraphWidget({ title, width, left: [this.metric(title)] }));
  }

  private measured({ metricName, statistic = 'Sum', periodMinutes = 5 }: AppAlarmOptions): cloudwatch.Metric {
    return this.metric(metricName, { statistic, period: Duration.minutes(periodMinutes) });
  }

  private keep(alarm: cloudwatch.Alarm): cloudwatch.Alarm {
    this.alarms.push(alarm);
    return alarm;
  }
}

function validateAppMetrics(where: Construct, props: AppMetricsProps): void {
  checkGiven(where, 'namespace', props?.namespace, 'a name such as Shop');
  checkText(where, 'namespace', props.namespace, /^(?!AWS\/|:)[0-9A-Za-z.\-_/#:]{1,255}$/, 'letters, digits and .-_/#:, up to 255, not beginning with AWS/');
  checkMap(where, 'dimensions', props.dimensions);
  const entries = Object.entries(props.dimensions ?? {});
  checkInteger(where, 'dimensions (number)', entries.length, 0, 29);
  for (const [name, value] of entries) {
    checkText(where, 'dimensions', name, /^(?!:)[\x21-\x7e][\x20-\x7e]{0,254}$/, 'names of 1 to 255 characters of ASCII, not beginning with a colon');
    checkText(where, `dimensions.${name}`, value, /^[\x20-\x7e]{1,1024}$/, '1 to 1,024 characters of ASCII');
  }
  checkList(where, 'shown', props.shown);
  checkKind(where, 'profile', props.profile, 'alarms', 'an EnvironmentProfile');
  checkBoolean(where, 'alarms', props.alarms);
}

function validateAlarm(where: Construct, options: AppAlarmOptions): void {
  for (const prop of ['metricName', 'meaning', 'firstStep'] as const) {
    checkGiven(where, prop, options?.[prop], 'a text');
    checkText(where, prop, options[prop], /^[^]{1,400}$/, '1 to 400 characters');
  }
  checkInteger(where, 'periodMinutes', options.periodMinutes, 1, 60);
  checkInteger(where, 'evaluationPeriods', options.evaluationPeriods, 1, 24);
  checkOneOf(where, 'severity', options.severity, Object.values(AlertSeverity));
}
