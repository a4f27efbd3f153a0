/* What a hand-written app promises to its users, with alarms that fire when the error budget burns too fast, and a check from around the world. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { MINUTE } from './foundation';
import { BELOW, BREACHING, createAlarm, graphFromZero, Monitoring } from './monitoring';
import { runbook } from './runbooks';
import { EDGE_REGION, ofDistribution } from './site';

/** How many times too fast, and over which windows, in minutes. */
const BURN_RATES = [{ factor: 14.4, windows: [60, 5] }, { factor: 6, windows: [360, 30] }, { factor: 3, windows: [1440, 120] }];
const FOUR_WEEKS = '-P28D';

/** How requests are counted. */
interface Counts {
  readonly bad: string;
  readonly total: string;
  readonly metrics: { readonly [id: string]: cloudwatch.Metric };
}

export interface Objective {
  readonly percent: number;
  /** What bad requests are called. */
  readonly bad: string;
  readonly counts: (period: Duration) => Counts;
  readonly region?: string;
}

export function availability({ metrics }: elbv2.ApplicationLoadBalancer): Objective {
  return {
    percent: 99.9,
    bad: 'failed requests',
    counts: period => ({
      bad: 'FILL(t5, 0) + FILL(e5, 0)',
      total: 'FILL(rc, 0) + FILL(e5, 0)',
      metrics: {
        t5: metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
        e5: metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period }),
        rc: metrics.requestCount({ period }),
      },
    }),
  };
}

export function latency({ metrics }: elbv2.ApplicationLoadBalancer): Objective {
  return {
    percent: 95,
    bad: 'slow requests',
    counts: period => ({
      bad: 'FILL(rc, 0) * (100 - FILL(fast, 100)) / 100',
      total: 'FILL(rc, 0)',
      metrics: { rc: metrics.requestCount({ period }), fast: metrics.targetResponseTime({ statistic: 'PR(:0.2)', period }) },
    }),
  };
}

export function siteAvailability(distributionId: string): Objective {
  return {
    percent: 99.9,
    bad: 'failed requests',
    region: EDGE_REGION,
    counts: period => ({
      bad: 'FILL(rc, 0) * FILL(rate, 0) / 100',
      total: 'FILL(rc, 0)',
      metrics: {
        rc: ofDistribution(distributionId, 'Requests', 'Sum').with({ period }), rate: ofDistribution(distributionId, '5xxErrorRate', 'Average').with({ period }),
      },
    }),
  };
}

/** Two alarms of several windows each: one that burns fast, and one that burns slowly. */
export function watchObjective(scope: Construct, { percent, bad, counts }: Objective, monitoring: Monitoring): void {
  const values = { percent: String(percent), bad };
  const rules = BURN_RATES.map(({ factor, windows }) => cloudwatch.AlarmRule.allOf(...windows.map(minutes => {
    const period = Duration.minutes(minutes);
    const counted = counts(period);
    return createAlarm(scope, `Over${minutes}Minutes`, {
      metric: new cloudwatch.MathExpression({
        label: `Share of ${bad} (%)`,
        expression: `IF(${counted.bad} < 5, 0, 100 * (${counted.bad}) / (${counted.total}))`,
        usingMetrics: counted.metrics,
        period,
      }),
      threshold: burnt(factor, percent),
      periods: 1,
      page: factor > 3 ? 'objective-burns-fast' : 'objective-burns-slowly',
      values,
    });
  })));
  monitoring.addComposite(scope, 'BurnsFast', runbook('objective-burns-fast', values), cloudwatch.AlarmRule.anyOf(...rules.slice(0, 2)), true);
  monitoring.addComposite(scope, 'BurnsSlowly', runbook('objective-burns-slowly', values), cloudwatch.AlarmRule.anyOf(rules[2]), false);
}

export function addObjectiveRow(title: string, { percent, bad, counts, region }: Objective, monitoring: Monitoring): void {
  const period = Duration.hours(1);
  const hourly = counts(period);
  const usingMetrics = Object.fromEntries(Object.entries(hourly.metrics).map(([id, metric]) => [id, region ? metric.with({ region }) : metric]));
  const line = (label: string, expression: string) =>
    new cloudwatch.MathExpression({ label, expression, period, usingMetrics, searchRegion: region });
  const left = (failed: string, all: string) => `100 - 100 * (${failed}) / (${burnt(0.01, percent)} * (${all}))`;
  monitoring.addRow(title,
    new cloudwatch.SingleValueWidget({
      title: `Error budget left of ${percent} %, four weeks (%)`,
      width: 6,
      height: 6,
      region,
      start: FOUR_WEEKS,
      setPeriodToTimeRange: true,
      metrics: [line('left (%)', left(hourly.bad, hourly.total))],
    }),
    new cloudwatch.GraphWidget({
      title: 'Error budget left (%)',
      width: 9,
      height: 6,
      region,
      start: FOUR_WEEKS,
      left: [line('left (%)', left(`RUNNING_SUM(${hourly.bad})`, `RUNNING_SUM(${hourly.total})`))],
      leftAnnotations: [{ value: 0, label: 'spent', color: cloudwatch.Color.RED }],
    }),
    graphFromZero(`Share of ${bad} (%)`, 9, [line('an hour (%)', `100 * (${hourly.bad}) / (${hourly.total})`)], [], {
      region, leftAnnotations: BURN_RATES.map(({ factor }) => ({ value: burnt(factor, percent), label: `${factor} times too fast` })),
    }));
}

/** Without what binary fractions add. */
function burnt(factor: number, percent: number): number {
  return Math.round(factor * (100 - percent) * 1e6) / 1e6;
}

export function createUptimeCheck(scope: Construct, id: string, fqdn: string): route53.HealthCheck {
  return new route53.HealthCheck(scope, id, {
    type: route53.HealthCheckType.HTTPS, fqdn, port: 443, resourcePath: '/', requestInterval: Duration.seconds(30), failureThreshold: 3, enableSNI: true,
  });
}

/** In us-east-1, where the metrics of health checks are. */
export function watchUptime(scope: Construct, healthCheckId: string, domainName: string, monitoring: Monitoring): void {
  monitoring.addAlarm(scope, 'Unreachable', {
    metric: uptimeMetric(healthCheckId, 'HealthCheckStatus', 'Minimum'),
    threshold: 1,
    periods: 3,
    page: 'uptime-unreachable',
    values: { name: domainName, check: healthCheckId },
    comparisonOperator: BELOW,
    treatMissingData: BREACHING,
  });
}

export function addUptimeRow(healthCheckId: string, domainName: string, monitoring: Monitoring): void {
  const region = EDGE_REGION;
  const line = (metricName: string, statistic: string, label: string) => uptimeMetric(healthCheckId, metricName, statistic).with({ region, label });
  monitoring.addRow('Uptime (alarms in us-east-1)',
    graphFromZero(`${domainName} answers (1 is yes)`, 12, [line('HealthCheckStatus', 'Minimum', 'answers')], [], { region, height: 4, leftYAxis: { min: 0, max: 1 } }),
    graphFromZero('Checkers that get an answer (%)', 12, [line('HealthCheckPercentageHealthy', 'Average', 'checkers')], [],
      { region, height: 4, leftYAxis: { min: 0, max: 100 } }));
}

function uptimeMetric(HealthCheckId: string, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/Route53', metricName, dimensionsMap: { HealthCheckId }, statistic, period: MINUTE });
}
