import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { EDGE_REGION } from '../environment/edge-region';
import { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

const PERIOD = Duration.minutes(5);

/** Properties of a `SiteWatch`. */
export interface SiteWatchProps {
  /** Id of the distribution. */
  readonly distributionId: string;
  /**
   * Name of the function at the edge.
   * @default - there is none
   */
  readonly functionName?: string;
  /**
   * Whether the distribution tells CloudFront's additional metrics, such as the origin's latency.
   * @default false
   */
  readonly additionalMetrics?: boolean;
  /**
   * Longest wait for the origin, which its latency is compared with.
   * @default Duration.seconds(30)
   */
  readonly responseTimeout?: Duration;
  /**
   * Whether alarms are made.
   * @default true
   */
  readonly alarms?: boolean;
}

/**
 * Watches a distribution: alarms on errors of the site and of its function, and what an operator wants to see.
 *
 * Its alarms have to be in us-east-1. There is none on 4xx: crawlers and old links make most of them, on a healthy site too.
 */
export class SiteWatch extends Construct implements IWatched {
  /** Alarms of the distribution. */
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, private readonly props: SiteWatchProps) {
    super(scope, id);
    this.alarms = props.alarms ?? true ? this.createAlarms() : [];
  }

  /** Requests, errors and the function at the edge. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return siteWidgets(this.props);
  }

  private createAlarms(): cloudwatch.Alarm[] {
    return [
      this.createErrorsAlarm(),
      ...this.props.functionName ? this.createFunctionAlarms(this.props.functionName) : [],
      ...this.props.additionalMetrics ? [this.createLatencyAlarm()] : [],
    ];
  }

  private createErrorsAlarm(): cloudwatch.Alarm {
    const { distributionId } = this.props;
    return createAlarm(this, 'ServerErrors', {
      metric: new cloudwatch.MathExpression({
        label: 'Requests answered with 5xx (%)',
        // One failed request at night is 100 %: fewer than five are none.
        expression: 'IF(FILL(requests, 0) * rate / 100 < 5, 0, rate)',
        usingMetrics: {
          requests: ofDistribution(distributionId, 'Requests', 'Sum'),
          rate: ofDistribution(distributionId, '5xxErrorRate', 'Average'),
        },
        period: PERIOD,
      }),
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      meaning: 'More than 1 % of visitors get an error of the server: 502 to 504 come from an API that does not answer, 503 also from the function at the edge.',
      firstStep: 'look in the access logs at x-edge-detailed-result-type of these requests, then at the health of the API behind the site.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'site-server-errors',
        then: [
          'Ask yourself, past the cache: `curl -sI "https://<domain>/api/health?$(date +%s)"`; and what was deployed last: `aws cloudfront list-invalidations --distribution-id {DistributionId} --max-items 3`.',
          'Mend the origin: 502 and 504 are the load balancer or its service, whose alarms have runbooks of their own; 503 with `FunctionExecutionError` or `FunctionThrottledError` is the function at the edge.',
        ],
      },
    });
  }

  private createFunctionAlarms(functionName: string): cloudwatch.Alarm[] {
    return [
      createAlarm(this, 'FunctionErrors', {
        metric: new cloudwatch.MathExpression({
          label: 'Failures of the function at the edge',
          expression: 'FILL(execution, 0) + FILL(validation, 0)',
          usingMetrics: {
            execution: ofFunction(functionName, 'FunctionExecutionErrors', 'Sum'),
            validation: ofFunction(functionName, 'FunctionValidationErrors', 'Sum'),
          },
          period: PERIOD,
        }),
        threshold: 0,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        meaning: 'The function at the edge fails, and each visitor it fails for gets an error instead of the site.',
        firstStep: `read its log in /aws/cloudfront/function/ of ${EDGE_REGION}, then go back to the version before the last change.`,
        severity: AlertSeverity.CRITICAL,
        runbook: {
          page: 'site-function-errors',
          then: [
            'Find what it says: `aws logs tail /aws/cloudfront/function/{FunctionName} --region us-east-1 --since 1h`.',
            'Try the live version on one request: `aws cloudfront test-function --name {FunctionName} --stage LIVE --if-match <etag> --event-object fileb://event.json`; then deploy the commit before.',
          ],
        },
      }),
      createAlarm(this, 'FunctionThrottled', {
        metric: ofFunction(functionName, 'FunctionThrottles', 'Sum'),
        threshold: 0,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        meaning: 'CloudFront holds back the function at the edge, because it takes too long: visitors get errors.',
        firstStep: 'look at FunctionComputeUtilization; it should be far below 100.',
        severity: AlertSeverity.CRITICAL,
        runbook: {
          page: 'site-function-throttled',
          then: [
            'Read it: `aws cloudwatch get-metric-statistics --region us-east-1 --namespace AWS/CloudFront --metric-name FunctionComputeUtilization --dimensions Name=FunctionName,Value={FunctionName} Name=Region,Value=Global --start-time $(date -u -d "-3 hours" +%FT%TZ) --end-time $(date -u +%FT%TZ) --period 300 --statistics Maximum`.',
            'Take redirects and headers out of the last change and deploy; each entry of a list costs time.',
          ],
        },
      }),
    ];
  }

  private createLatencyAlarm(): cloudwatch.Alarm {
    return createAlarm(this, 'OriginLatency', {
      metric: ofDistribution(this.props.distributionId, 'OriginLatency', 'p90'),
      threshold: latencyThreshold(this.props),
      evaluationPeriods: 5,
      treatMissingData: cloudwatch.TreatMissingData.MISSING,
      meaning: 'One request in ten waits for its origin nearly as long as CloudFront does, and will soon fail.',
      firstStep: 'compare with the response time of the load balancer behind the site.',
      runbook: {
        page: 'site-origin-latency',
        then: [
          'Follow the latency runbook of the service that answers: its log says which requests are slow.',
          'Until it is mended, cache what can be cached, or raise responseTimeout where answers legitimately take that long.',
        ],
      },
    });
  }
}

/**
 * The row of a distribution on a dashboard of any region.
 * @internal
 */
export function siteWidgets(props: SiteWatchProps): cloudwatch.IWidget[] {
  const { distributionId, functionName, additionalMetrics } = props;
  const graphs = [
    { title: 'Requests', left: [ofDistribution(distributionId, 'Requests', 'Sum')] },
    { title: 'Errors (%)', left: ['4xxErrorRate', '5xxErrorRate'].map(name => ofDistribution(distributionId, name, 'Average')), threshold: 1 },
    ...additionalMetrics ? [{ title: 'Origin latency p90 (ms)', left: [ofDistribution(distributionId, 'OriginLatency', 'p90')], threshold: latencyThreshold(props) }] : [],
    functionName
      ? { title: 'Function at the edge: errors', left: ['FunctionExecutionErrors', 'FunctionValidationErrors', 'FunctionThrottles'].map(name => ofFunction(functionName, name, 'Sum')) }
      : { title: 'Bytes sent', left: [ofDistribution(distributionId, 'BytesDownloaded', 'Sum')] },
  ];
  return graphs.map(({ title, left, threshold }: { title: string; left: cloudwatch.Metric[]; threshold?: number }) => new cloudwatch.GraphWidget({
    title,
    width: 24 / graphs.length,
    region: EDGE_REGION,
    left: left.map(metric => metric.with({ region: EDGE_REGION })),
    leftYAxis: { min: 0 },
    leftAnnotations: threshold === undefined ? [] : [{ value: threshold, label: 'alarm', color: cloudwatch.Color.RED }],
  }));
}

/**
 * The L2's metrics lack `Region=Global`, without which CloudFront tells nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
 * @internal
 */
export function ofDistribution(distributionId: string, metricName: string, statistic: string): cloudwatch.Metric {
  return cloudFrontMetric(metricName, statistic, { DistributionId: distributionId, Region: 'Global' });
}

function ofFunction(functionName: string, metricName: string, statistic: string): cloudwatch.Metric {
  return cloudFrontMetric(metricName, statistic, { FunctionName: functionName, Region: 'Global' });
}

function cloudFrontMetric(metricName: string, statistic: string, dimensionsMap: { [name: string]: string }): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/CloudFront', metricName, dimensionsMap, statistic, period: PERIOD });
}

function latencyThreshold({ responseTimeout = Duration.seconds(30) }: SiteWatchProps): number {
  return 0.8 * responseTimeout.toMilliseconds();
}
