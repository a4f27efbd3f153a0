import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm } from './alarm';
import { AlertSeverity } from './alert-severity';
import { IWatched } from './watched';
import { EnvironmentProfile } from '../environment';
import { checkBoolean, checkDuration, checkGiven, checkKind, checkText } from '../validate';

/** Properties of a `CanaryWatch`. */
export interface CanaryWatchProps {
  /** Name of a Synthetics canary of the same region, such as `canary.canaryName`. */
  readonly canaryName: string;
  /**
   * How often it runs, 1 to 60 whole minutes: two runs in a row have to fail.
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether an alarm is made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/**
 * Watches a Synthetics canary: a script of your own that does what users do, such as signing in. Made with CDK's `synthetics.Canary`; each run costs
 * 0.0012 USD, every five minutes about 10 USD a month, where an `UptimeCheck` costs less than 3.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_metrics.html
 */
export class CanaryWatch extends Construct implements IWatched {
  /** Alarm for a canary that fails or does not run; empty where alarms are off. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly success: cloudwatch.Metric;

  constructor(scope: Construct, id: string, props: CanaryWatchProps) {
    super(scope, id);
    checkGiven(this, 'canaryName', props?.canaryName, 'the name of a canary');
    checkText(this, 'canaryName', props.canaryName, /^[0-9a-z_-]{1,255}$/, 'lower-case letters, digits, hyphens and underscores, 1 to 255 characters');
    checkDuration(this, 'interval', props.interval, 60, 3600);
    checkKind(this, 'profile', props.profile, 'alarms', 'an EnvironmentProfile');
    checkBoolean(this, 'alarms', props.alarms);
    this.success = new cloudwatch.Metric({
      namespace: 'CloudWatchSynthetics',
      metricName: 'SuccessPercent',
      dimensionsMap: { CanaryName: props.canaryName },
      statistic: 'Average',
      // Whole minutes, in which each run is counted once.
      period: Duration.minutes(Math.ceil((props.interval ?? Duration.minutes(5)).toMinutes({ integral: false }))),
    });
    const profile = props.profile ?? EnvironmentProfile.production();
    this.alarms = props.alarms ?? profile.alarms ? [this.createAlarm()] : [];
  }

  /** Runs that succeeded. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [new cloudwatch.GraphWidget({ title: 'Canary: runs that succeed (%)', width: 24, height: 4, left: [this.success], leftYAxis: { min: 0, max: 100 } })];
  }

  private createAlarm(): cloudwatch.Alarm {
    return createAlarm(this, 'Failed', {
      metric: this.success,
      threshold: 100,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      severity: AlertSeverity.CRITICAL,
      meaning: 'The canary has failed in two of its last three turns, or does not run: users cannot do what it does.',
      firstStep: 'open the canary in the console: the screenshot and the log of its last run say at which step.',
      runbook: {
        page: 'canary-failed',
        then: [
          'Read its last runs: `aws synthetics get-canary-runs --name {CanaryName} --max-results 5 --query "CanaryRuns[].[Timeline.Started,Status.State,Status.StateReason]"`.',
          'Do by hand what it does. Where that works, the page has changed and the script has not: mend the script; otherwise follow the alarm of the service behind that step.',
        ],
      },
    });
  }
}
