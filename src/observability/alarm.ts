import { Lazy } from 'aws-cdk-lib';
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
  const alert = new Alert(severity, text, metric);
  const alarm = new cloudwatch.Alarm(scope, id, {
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    ...options,
    metric,
    // Whoever watches the alarm may have runbooks of its own.
    alarmDescription: Lazy.uncachedString({ produce: () => alert.describe(text) }),
  });
  alert.keptBy(alarm);
  return alarm;
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
  const alert = new Alert(severity, text);
  const alarm = new cloudwatch.CompositeAlarm(scope, id, { alarmRule, alarmDescription: Lazy.uncachedString({ produce: () => alert.describe(text) }) });
  (alarm.node.defaultChild as cloudwatch.CfnCompositeAlarm).alarmName = undefined;
  alert.keptBy(alarm);
  return alarm;
}
