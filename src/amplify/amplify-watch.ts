import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { WatchedEvents } from '../observability';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

const PERIOD = Duration.minutes(5);
/** At night one failed request of three is no reason to wake somebody. */
const FEWEST_ERRORS = 5;

/** A metric of Amplify Hosting. It tells of all branches of an app together. */
export function ofApp(appId: string, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/AmplifyHosting', metricName, dimensionsMap: { App: appId }, statistic, period: PERIOD });
}

/**
 * Alarms on the share of requests that fail and on slow answers.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/monitoring-with-cloudwatch.html
 */
export function createAmplifyAlarms(scope: Construct, appId: string, latencyThreshold: Duration): cloudwatch.Alarm[] {
  return [
    createAlarm(scope, 'ServerErrors', {
      metric: shareOf(appId, '5xxErrors'),
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      meaning: 'More than 1 % of requests are answered with 5xx: the server fails.',
      firstStep: 'read the branch’s log in /aws/amplify/, then compare with the time of its last deployment and go back to the one before.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'amplify-server-errors',
        then: [
          'Read it: `aws logs tail /aws/amplify/{App} --since 1h`; and the last deployments: `aws amplify list-jobs --app-id {App} --branch-name <branch> --max-items 5`.',
          'Go back: `aws amplify start-job --app-id {App} --branch-name <branch> --job-type RETRY --job-id <last good job>`.',
        ],
      },
    }),
    createAlarm(scope, 'ClientErrors', {
      metric: shareOf(appId, '4xxErrors'),
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      meaning: 'More than 1 % of requests are answered with 4xx: pages ask for what is not there, or sign-in fails.',
      firstStep: 'download the access logs in the console and look which addresses they are; crawlers alone are no reason to act.',
      runbook: {
        page: 'amplify-client-errors',
        then: [
          'Get them by command: `aws amplify generate-access-logs --app-id {App} --domain-name <domain> --start-time <unix time>`.',
          'Add a redirect for a page that moved; where sign-in answers 401 or 403, look at the variables of the branch.',
        ],
      },
    }),
    createAlarm(scope, 'Latency', {
      metric: ofApp(appId, 'Latency', 'p95'),
      threshold: latencyThreshold.toMilliseconds() / 1000,
      evaluationPeriods: 5,
      datapointsToAlarm: 4,
      meaning: 'One request in twenty waits longer than it should.',
      firstStep: 'look which addresses are slow, then at what the server calls for them.',
      runbook: {
        page: 'amplify-latency',
        then: [
          'Read how long requests took: `aws logs tail /aws/amplify/{App} --since 1h --filter-pattern REPORT`.',
          'See whether the API, table or database behind it has an alarm of its own, and begin there.',
        ],
      },
    }),
  ];
}

/** Requests, errors and latency. */
export function amplifyWidgets(appId: string): cloudwatch.IWidget[] {
  const graphs = [
    { title: 'Requests', left: [ofApp(appId, 'Requests', 'Sum')] },
    { title: 'Errors (%)', left: ['4xxErrors', '5xxErrors'].map(name => shareOf(appId, name)) },
    { title: 'Latency p50, p95 (s)', left: ['p50', 'p95'].map(statistic => ofApp(appId, 'Latency', statistic)) },
    { title: 'Bytes sent', left: [ofApp(appId, 'BytesDownloaded', 'Sum')] },
  ];
  return graphs.map(({ title, left }) => new cloudwatch.GraphWidget({ title, left, width: 24 / graphs.length, leftYAxis: { min: 0 } }));
}

function shareOf(appId: string, errors: string): cloudwatch.MathExpression {
  // A graph of both tells them apart by this, which cannot begin with a digit.
  const id = `errors${errors.slice(0, 3)}`;
  return new cloudwatch.MathExpression({
    label: `${errors} (%)`,
    expression: `IF(FILL(${id}, 0) < ${FEWEST_ERRORS}, 0, 100 * ${id} / requests)`,
    usingMetrics: { [id]: ofApp(appId, errors, 'Sum'), requests: ofApp(appId, 'Requests', 'Sum') },
    period: PERIOD,
  });
}

/** What EventBridge says of a deployment. */
export enum AmplifyJobStatus {
  SUCCEEDED = 'SUCCEED',
  FAILED = 'FAILED',
}

/**
 * A rule for the end of an app's deployments.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-amplify.html
 */
export function createBuildsRule(
  scope: Construct, id: string, filter: { appId: string; branchName?: string; statuses: AmplifyJobStatus[] },
): events.Rule {
  const { appId, branchName, statuses } = filter;
  return new events.Rule(scope, id, {
    description: `Deployments of ${scope.node.path}: ${statuses.join(', ')}`.slice(0, 512),
    eventPattern: {
      source: ['aws.amplify'],
      detailType: ['Amplify Deployment Status Change'],
      detail: { appId: [appId], jobStatus: statuses, ...branchName === undefined ? {} : { branchName: [branchName] } },
    },
  });
}

/** Builds that people are told of. There is no metric of them. */
export function watchBuilds(scope: Construct, appId: string, successToo: boolean): WatchedEvents[] {
  const failed = {
    rule: createBuildsRule(scope, 'FailedBuilds', { appId, statuses: [AmplifyJobStatus.FAILED] }),
    meaning: 'A build of the Amplify app failed; what was deployed before is still served. First: read the log of the job named here in the console.',
  };
  if (!successToo) return [failed];
  const rule = createBuildsRule(scope, 'Builds', { appId, statuses: [AmplifyJobStatus.SUCCEEDED] });
  return [failed, { rule, meaning: 'A build of the Amplify app was deployed.' }];
}
