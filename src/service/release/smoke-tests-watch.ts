import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { createAlarm } from '../../observability/alarm';

const PERIOD = Duration.minutes(1);

/** Alarm on tests that fail after a deployment that nobody waits for. A failure that CloudFormation is told of is no error of the function. */
export function createSmokeTestsAlarm(scope: Construct, handler: lambda.IFunction): cloudwatch.Alarm {
  return createAlarm(scope, 'Failed', {
    metric: failures(handler),
    threshold: 0,
    evaluationPeriods: 1,
    // Between deployments there are no data, and nothing has been mended.
    treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    meaning: 'After a deployment the site does not answer as its smoke tests expect; the deployment itself has succeeded, and visitors meet what it brought.',
    firstStep: 'read the last "failed" in the log of the function that tests, which says which request and why; then deploy the version before again.',
  });
}

/** Runs of the tests, and those that failed. */
export function smokeTestsWidget(handler: lambda.IFunction): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Smoke tests',
    width: 24,
    height: 4,
    left: [handler.metricInvocations({ period: PERIOD, statistic: 'Sum', label: 'Runs' }), failures(handler).with({ label: 'Failed' })],
    leftYAxis: { min: 0 },
  });
}

function failures(handler: lambda.IFunction): cloudwatch.Metric {
  return handler.metricErrors({ period: PERIOD, statistic: 'Sum' });
}
