import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

/** What Cognito counts separately, because each has a quota of its own. */
const OPERATIONS = [['SignIn', 'sign-ins'], ['SignUp', 'sign-ups'], ['TokenRefresh', 'token refreshes']] as const;

/** An alarm cannot look at more metrics. */
const METRICS_OF_ONE_ALARM = 10;

/** A client as Cognito's metrics know it. */
export interface WatchedClient {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly providerNames: string[];
}

/**
 * Alarm on requests of one client that Cognito turned away. Metrics appear when something happens only: each is filled with zeros.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
 */
export function createThrottleAlarm(scope: Construct, client: WatchedClient): cloudwatch.Alarm {
  const metrics = Object.fromEntries(throttles(client).slice(0, METRICS_OF_ONE_ALARM).map((metric, index) => [`m${index}`, metric]));
  return createAlarm(scope, 'Throttles', {
    metric: new cloudwatch.MathExpression({
      expression: Object.keys(metrics).map(name => `FILL(${name}, 0)`).join(' + '),
      usingMetrics: metrics,
      label: 'throttled requests',
      period: Duration.minutes(1),
    }),
    threshold: 0,
    evaluationPeriods: 5,
    meaning: 'Cognito has turned away sign-ins, sign-ups or token refreshes for five minutes: users cannot get in, or are signed out.',
    firstStep: "see in the directory's row which of them, look for one address or account that tries over and over, and ask for a higher quota in Service Quotas.",
    severity: AlertSeverity.CRITICAL,
    runbook: {
      page: 'directory-throttles',
      then: [
        'List the quotas: `aws service-quotas list-service-quotas --service-code cognito-idp --query "Quotas[].[QuotaName,Value]" --output table`.',
        'Block the addresses that try over and over in the firewall; an app that asks for tokens at each page has to keep them until they end.',
      ],
    },
  });
}

/** What an operator wants to see of a directory, in one row. */
export function directoryWidgets(clients: { readonly [name: string]: WatchedClient }): cloudwatch.IWidget[] {
  const graph = (title: string, metricsOf: (client: WatchedClient) => cloudwatch.Metric[]) => new cloudwatch.GraphWidget({
    title,
    width: 12,
    left: Object.entries(clients).flatMap(([name, client]) => metricsOf(client).map(metric => metric.with({ label: `${metric.label} of ${name}` }))),
    leftYAxis: { min: 0 },
  });
  return [
    graph('Succeeded', client => OPERATIONS.map(([operation, label]) => clientMetric(client, `${operation}Successes`, label))),
    graph('Throttled', throttles),
  ];
}

function throttles(client: WatchedClient): cloudwatch.Metric[] {
  return [
    ...OPERATIONS.map(([operation, label]) => clientMetric(client, `${operation}Throttles`, label)),
    ...client.providerNames.map(name => clientMetric(client, 'FederationThrottles', `sign-ins through ${name}`, { IdentityProvider: name })),
  ];
}

function clientMetric(
  { userPoolId, clientId }: WatchedClient, metricName: string, label: string, further: { [name: string]: string } = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Cognito',
    metricName,
    dimensionsMap: { UserPool: userPoolId, UserPoolClient: clientId, ...further },
    statistic: 'Sum',
    period: Duration.minutes(1),
    label,
  });
}
