import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

/** An alarm as an operator reads it. */
export interface AlarmDefinition {
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
  /** What it means when it fires, in one sentence. */
  readonly meaning: string;
  /** What to do first, in one sentence. */
  readonly firstStep: string;
}

/** Makes an alarm whose text says what it means and what to do first. */
export function createAlarm(scope: Construct, id: string, definition: AlarmDefinition): cloudwatch.Alarm {
  const { metric, meaning, firstStep, ...options } = definition;
  return new cloudwatch.Alarm(scope, id, {
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    ...options,
    metric,
    alarmDescription: `${meaning} First: ${firstStep}`,
  });
}
