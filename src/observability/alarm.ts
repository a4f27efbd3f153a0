import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { Alert, AlertText } from './alert';
import { AlertSeverity } from './alert-severity';

/** An alarm as an operator reads it. */
export interface AlarmDefinition extends AlertText {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** How many periods are looked at. */
  readonly evaluationPeriods: number;
  /**
   * How many of them must breach.
   * @default - all
   */
  readonly datapointsToAlarm?: number;
  /**
   * @default GREATER_THAN_THRESHOLD
   */
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  /**
   * @default NOT_BREACHING
   */
  readonly treatMissingData?: cloudwatch.TreatMissingData;
  /**
   * Whether it wakes somebody.
   * @default AlertSeverity.WARNING
   */
  readonly severity?: AlertSeverity;
}

/** Makes an alarm whose text says what it means, what to do first and where the rest is written. */
export function createAlarm(scope: Construct, id: string, definition: AlarmDefinition): cloudwatch.Alarm {
  const { metric, meaning, firstStep, runbook, severity = AlertSeverity.WARNING, ...options } = definition;
  const text = { meaning, firstStep, runbook };
  return new Alert(severity, text, metric).describing(alarmDescription => new cloudwatch.Alarm(scope, id, {
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    ...options,
    metric,
    alarmDescription,
  }));
}

/** An alarm without a threshold. */
export interface AnomalyAlarmDefinition extends AlertText {
  readonly metric: cloudwatch.IMetric;
  readonly evaluationPeriods: number;
  /** Width of the band of normal values, in standard deviations. */
  readonly bandWidth: number;
  /** Whether values above the band are well. */
  readonly onlyBelow: boolean;
  /**
   * Whether it wakes somebody.
   * @default AlertSeverity.WARNING
   */
  readonly severity?: AlertSeverity;
}

/** Makes an alarm that fires outside of what CloudWatch has learned to be normal. */
export function createAnomalyAlarm(scope: Construct, id: string, definition: AnomalyAlarmDefinition): cloudwatch.Alarm {
  const { metric, evaluationPeriods, bandWidth, onlyBelow, severity = AlertSeverity.WARNING, ...text } = definition;
  const { LESS_THAN_LOWER_THRESHOLD, LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD } = cloudwatch.ComparisonOperator;
  return new Alert(severity, text, metric).describing(alarmDescription => new cloudwatch.AnomalyDetectionAlarm(scope, id, {
    metric,
    evaluationPeriods,
    stdDevs: bandWidth,
    comparisonOperator: onlyBelow ? LESS_THAN_LOWER_THRESHOLD : LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmDescription,
  }));
}

/** An alarm over alarms as an operator reads it. */
export interface CompositeAlarmDefinition extends AlertText {
  readonly alarmRule: cloudwatch.IAlarmRule;
  /**
   * Whether it wakes somebody.
   * @default AlertSeverity.WARNING
   */
  readonly severity?: AlertSeverity;
}

/** Makes an alarm over alarms, with a text as others have it. CloudFormation names it: the L2's own name leaves out the stack's, so that an app could not be deployed twice. */
export function createCompositeAlarm(scope: Construct, id: string, definition: CompositeAlarmDefinition): cloudwatch.CompositeAlarm {
  const { alarmRule, severity = AlertSeverity.WARNING, ...text } = definition;
  const alarm = new Alert(severity, text).describing(alarmDescription => new cloudwatch.CompositeAlarm(scope, id, { alarmRule, alarmDescription }));
  (alarm.node.defaultChild as cloudwatch.CfnCompositeAlarm).alarmName = undefined;
  return alarm;
}
