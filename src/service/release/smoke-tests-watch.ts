import { Duration, Lazy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { createAlarm } from '../../observability/alarm';
import { AlertSeverity } from '../../observability/alert-severity';

/**
 * Longer than a run, which is counted in the minute of its beginning and only when it is over: an alarm that looks at one minute may look too early.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
const PERIOD = Duration.minutes(5);

/**
 * Alarm on tests that fail after a deployment that nobody waits for. A failure that CloudFormation is told of is no error of the function.
 *
 * @param addresses what is tested, as far as it is known when the template is made
 */
export function createSmokeTestsAlarm(scope: Construct, handler: lambda.IFunction, addresses: ReadonlySet<string>): cloudwatch.Alarm {
  const alarm = createAlarm(scope, 'Failed', {
    metric: failures(handler),
    threshold: 0,
    evaluationPeriods: 1,
    meaning: 'After a deployment the site does not answer as its smoke tests expect; the deployment itself has succeeded, and visitors meet what it brought.',
    firstStep: 'read the last "failed" in the log of the function that tests, which says which request and why; then deploy the version before again.',
    severity: AlertSeverity.CRITICAL,
    runbook: {
      page: 'smoke-tests-failed',
      then: [
        'Print it: `aws logs tail "$(aws lambda get-function-configuration --function-name {FunctionName} --query LoggingConfig.LogGroup --output text)" --since 1h --filter-pattern failed`.',
        'Deploy the version before again from its commit, or call the failing address yourself with `curl -si <url>` where it was a short outage of something else.',
      ],
    },
  });
  (alarm.node.defaultChild as cloudwatch.CfnAlarm).treatMissingData = Lazy.string({
    // Between deployments there are no data, and nothing has been mended. But an alarm tells of its beginning only: with several addresses it would
    // go on because of one, and not tell of the next.
    produce: () => addresses.size > 1 ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.IGNORE,
  });
  return alarm;
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
