import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { TargetGroupPair } from './release/target-group-pair';
import type { ServiceNames } from './scaled-service';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

const MINUTE = Duration.minutes(1);
const { TARGET_4XX_COUNT, TARGET_5XX_COUNT } = elbv2.HttpCodeTarget;

/** What a dashboard shows of the requests to a service. */
export function requestWidgets(targets: TargetGroupPair): cloudwatch.IWidget[] {
  const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
    new cloudwatch.GraphWidget({ title, width: 6, left, right });
  return [
    graph('Requests',
      [targets.sum('Requests', metrics => metrics.requestCount())],
      [targets.sum('Healthy tasks', metrics => metrics.healthyHostCount({ statistic: 'Minimum' }))]),
    graph('Errors', [
      targets.sum('5xx', metrics => metrics.httpCodeTarget(TARGET_5XX_COUNT)),
      targets.sum('4xx', metrics => metrics.httpCodeTarget(TARGET_4XX_COUNT)),
    ]),
    graph('Response time', ['p50', 'p95', 'p99'].map(statistic => targets.highest(statistic, metrics => metrics.targetResponseTime({ statistic })))),
  ];
}

/**
 * Alarms that also turn a release back: they say that users, or the new version's health checks, are answered badly.
 * The service waits for them, so nothing in them may name it.
 */
export function createReleaseAlarms(scope: Construct, targets: TargetGroupPair, latencyTarget: Duration, names: ServiceNames): cloudwatch.Alarm[] {
  const period = Duration.minutes(1);
  const [blue, green] = targets.groups.map(({ metrics }) => metrics);
  return [
    createAlarm(scope, 'Errors', {
      metric: new cloudwatch.MathExpression({
        label: 'Requests answered with 5xx (%)',
        // Below five errors a minute a percentage says nothing.
        expression: 'IF(FILL(blueErrors, 0) + FILL(greenErrors, 0) < 5, 0, '
          + '100 * (FILL(blueErrors, 0) + FILL(greenErrors, 0)) / (FILL(blueRequests, 0) + FILL(greenRequests, 0)))',
        usingMetrics: {
          blueErrors: blue.httpCodeTarget(TARGET_5XX_COUNT, { period }),
          greenErrors: green.httpCodeTarget(TARGET_5XX_COUNT, { period }),
          blueRequests: blue.requestCount({ period }),
          greenRequests: green.requestCount({ period }),
        },
        period,
      }),
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      meaning: 'More than 1 % of requests are answered with an error by the service.',
      firstStep: 'read the errors in its logs; if they began with a release, deploy the one before.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'service-errors',
        then: [
          'Print them: `aws logs tail {LogGroup} --since 30m --filter-pattern "?ERROR ?Error ?Exception"`.',
          'See the last deployments: `aws ecs list-service-deployments --cluster {ClusterName} --service <service> --query "serviceDeployments[:3].[status,startedAt]"`; go back by deploying the commit before.',
        ],
        names,
      },
    }),
    createAlarm(scope, 'LatencyHigh', {
      metric: targets.highest('Response time, p95 (s)', metrics => metrics.targetResponseTime({ statistic: 'p95', period }), period),
      threshold: latencyTarget.toMilliseconds() / 1000,
      evaluationPeriods: 5,
      meaning: `One request in twenty has taken longer than ${latencyTarget.toMilliseconds()} ms for five minutes.`,
      firstStep: 'look at the CPU of the service and of the database, then at the slow queries.',
      runbook: {
        page: 'service-latency',
        then: [
          'Look for slow requests in its log: `aws logs tail {LogGroup} --since 30m`.',
          'CPU high: raise maximumTasks. Database slow: follow its alarms. Neither: look at what the service calls outside.',
        ],
        names,
      },
    }),
    createAlarm(scope, 'UnhealthyHosts', {
      metric: targets.sum('Unhealthy tasks', metrics => metrics.unhealthyHostCount({ statistic: 'Maximum', period }), period),
      threshold: 1,
      evaluationPeriods: 5,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      meaning: 'A task has failed its health check for five minutes.',
      firstStep: 'read the logs of the newest task and call its health check path.',
      runbook: {
        page: 'service-unhealthy-tasks',
        then: [
          'Print its log: `aws logs tail {LogGroup} --since 15m`; and why tasks stop: `aws ecs list-tasks --cluster {ClusterName} --desired-status STOPPED`, then `aws ecs describe-tasks --cluster {ClusterName} --tasks <arn> --query "tasks[].[stoppedReason,containers[].reason]"`.',
          'A health check that asks the database or another service fails with it: mend that first, and let the check ask the process only.',
        ],
        names,
      },
    }),
  ];
}

/** The alarm of a service that nobody answers for. */
export function createOutageAlarm(scope: Construct, targets: TargetGroupPair, mayBeEmpty: boolean, names: ServiceNames): cloudwatch.Alarm {
  return createAlarm(scope, 'NoHealthyHosts', {
    metric: mayBeEmpty ? healthyOrEmpty(targets) : healthy(targets),
    threshold: 1,
    evaluationPeriods: 2,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: mayBeEmpty ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
    meaning: 'No task is healthy: nobody is served.',
    firstStep: "read the service's events for why tasks stop, then the logs of the last task.",
    severity: AlertSeverity.CRITICAL,
    runbook: {
      page: 'service-no-healthy-task',
      then: [
        'Read them: `aws ecs describe-services --cluster {ClusterName} --services {ServiceName} --query "services[0].[desiredCount,runningCount,events[:5].message]"`; and the log: `aws logs tail {LogGroup} --since 15m`.',
        'Deploy the last good version; where images, secrets or subnets changed outside of the app, put them back and `aws ecs update-service --cluster {ClusterName} --service {ServiceName} --force-new-deployment`.',
      ],
      escalate: 'At once: nobody is served. Tell users, then call whoever made the last change.',
      names,
    },
  });
}

function healthy(targets: TargetGroupPair): cloudwatch.MathExpression {
  return targets.sum('Healthy tasks', metrics => metrics.healthyHostCount({ statistic: 'Minimum', period: MINUTE }), MINUTE);
}

/** A service that may have no task is down only while tasks are there, and none of them is healthy: without any, nothing is registered and ELB counts nothing. */
function healthyOrEmpty(targets: TargetGroupPair): cloudwatch.MathExpression {
  const metrics = Object.assign({}, ...targets.groups.map((group, index) => ({
    [`healthy${index}`]: group.metrics.healthyHostCount({ statistic: 'Minimum', period: MINUTE }),
    [`unhealthy${index}`]: group.metrics.unhealthyHostCount({ statistic: 'Maximum', period: MINUTE }),
  })));
  const sum = (state: string) => targets.groups.map((_, index) => `FILL(${state}${index}, 0)`).join(' + ');
  return new cloudwatch.MathExpression({
    label: 'Healthy tasks, or none at all',
    expression: `IF(${sum('unhealthy')} > 0, ${sum('healthy')}, 1)`,
    usingMetrics: metrics,
    period: MINUTE,
  });
}
