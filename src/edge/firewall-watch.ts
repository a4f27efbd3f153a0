import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { PlannedRule } from './firewall-plan';
import { createAlarm } from '../observability/alarm';

const PERIOD = Duration.minutes(5);

/** Fewer requests say nothing about a share. */
const FEWEST_BLOCKED = 100;

/** Where a web ACL reports. */
export interface FirewallMetrics {
  /** The web ACL's name in metrics. */
  readonly name: string;
  /** Region of the web ACL, where a dashboard has to look. */
  readonly region: string;
  /** Web ACLs of CloudFront report without their region. */
  readonly regional: boolean;
}

/** What is watched on a firewall. @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html */
export class FirewallWatch {
  constructor(private readonly source: FirewallMetrics, private readonly rules: PlannedRule[]) {}

  /** Alarms for what a person should look at: a firewall that blocks one in five, and addresses that do not stop. */
  public createAlarms(scope: Construct): cloudwatch.Alarm[] {
    return [this.blockedShareAlarm(scope), ...this.rateLimitAlarm(scope)];
  }

  /** Requests, and which rules found something in them. */
  public widgets(): cloudwatch.IWidget[] {
    return [
      new cloudwatch.GraphWidget({
        title: 'Requests',
        width: 8,
        region: this.source.region,
        left: [this.metric('AllowedRequests', 'ALL', 'allowed'), this.metric('BlockedRequests', 'ALL', 'blocked')],
      }),
      ...['Blocked', 'Counted'].map(what => new cloudwatch.GraphWidget({
        title: `${what} by rule`,
        width: 8,
        region: this.source.region,
        left: [this.byRule(`${what}Requests`)],
      })),
    ];
  }

  /** One metric of the web ACL or, with a rule, of that rule. */
  public metric(metricName: string, rule: string, label?: string): cloudwatch.Metric {
    const { name, region, regional } = this.source;
    return new cloudwatch.Metric({
      namespace: 'AWS/WAFV2',
      metricName,
      dimensionsMap: { WebACL: name, Rule: rule, ...regional ? { Region: region } : {} },
      statistic: 'Sum',
      period: PERIOD,
      region,
      label,
    });
  }

  private blockedShareAlarm(scope: Construct): cloudwatch.Alarm {
    return createAlarm(scope, 'BlockedShare', {
      metric: new cloudwatch.MathExpression({
        label: 'Blocked requests (%)',
        expression: `IF(FILL(blocked, 0) < ${FEWEST_BLOCKED}, 0, 100 * FILL(blocked, 0) / (FILL(blocked, 0) + FILL(allowed, 0)))`,
        usingMetrics: { blocked: this.metric('BlockedRequests', 'ALL'), allowed: this.metric('AllowedRequests', 'ALL') },
        period: PERIOD,
      }),
      threshold: 20,
      evaluationPeriods: 3,
      meaning: 'The firewall blocked more than one in five requests for a quarter of an hour: an attack, or a rule that blocks real users.',
      firstStep: 'see in "Blocked by rule" which rule it is, then read its sampled requests; a rule that is wrong can count instead.',
      runbook: {
        page: 'firewall-blocked-share',
        then: [
          'Ask for the requests of the last hour: `aws wafv2 get-sampled-requests --scope <REGIONAL, or CLOUDFRONT with --region us-east-1> --web-acl-arn <arn> --rule-metric-name <rule> --max-items 50 --time-window StartTime=$(date -u -d "-1 hour" +%s),EndTime=$(date -u +%s)`.',
          'Real users: let that rule count instead of block and deploy. An attack: the firewall does its work; watch the health of the services behind it.',
        ],
      },
    });
  }

  private rateLimitAlarm(scope: Construct): cloudwatch.Alarm[] {
    const limits = this.rules.filter(({ limitsRate }) => limitsRate);
    if (limits.length === 0) return [];
    const metrics = limits.map(({ name, action }, index) => [`limit${index}`, this.metric(action!._metricName, name, name)] as const);
    return [createAlarm(scope, 'RateLimited', {
      metric: new cloudwatch.MathExpression({
        label: 'Requests above a rate limit',
        expression: metrics.map(([id]) => `FILL(${id}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(metrics),
        period: PERIOD,
      }),
      threshold: 1000,
      evaluationPeriods: 3,
      meaning: 'Addresses sent more than 1,000 requests above their rate limit in each of three periods of five minutes: somebody floods or guesses.',
      firstStep: 'look in the firewall\'s log for the addresses and paths, and put the addresses into blockedAddresses.',
      runbook: {
        page: 'firewall-rate-limited',
        then: [
          'Take the addresses from the sampled requests of the rule: `aws wafv2 get-sampled-requests --scope <REGIONAL, or CLOUDFRONT with --region us-east-1> --web-acl-arn <arn> --rule-metric-name <rule> --max-items 50 --time-window StartTime=$(date -u -d "-1 hour" +%s),EndTime=$(date -u +%s)`.',
          'One address that is a partner or an office: raise the limit for its path. Many: leave the limit, and look that the services behind it are well.',
        ],
      },
    })];
  }

  /** A search finds the rules that there are when somebody looks, whatever they were when the dashboard was made. */
  private byRule(metricName: string): cloudwatch.IMetric {
    const { name, region, regional } = this.source;
    const dimensions = regional ? 'Region,Rule,WebACL' : 'Rule,WebACL';
    return new cloudwatch.MathExpression({
      expression: `SEARCH('{AWS/WAFV2,${dimensions}} WebACL="${name}" MetricName="${metricName}" NOT Rule="ALL"', 'Sum', ${PERIOD.toSeconds()})`,
      label: '',
      period: PERIOD,
      searchRegion: region,
    });
  }
}
