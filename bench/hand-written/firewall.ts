/* A firewall with its log, and what watches it. */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { createLogGroup, suffix } from './foundation';
import { Monitoring } from './monitoring';

const RATE_LIMIT = 'RateLimit';
const SECRET_HEADERS = ['authorization', 'cookie'];
const FIVE_MINUTES = Duration.minutes(5);
/** Groups of AWS's, and those of their rules that only count. */
const GROUPS: { readonly [name: string]: string[] } = {
  AWSManagedRulesAmazonIpReputationList: [],
  AWSManagedRulesKnownBadInputsRuleSet: [],
  AWSManagedRulesSQLiRuleSet: [],
  AWSManagedRulesCommonRuleSet: ['SizeRestrictions_BODY'],
};

export interface FirewallProps {
  readonly key: kms.IKey;
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  /** Whether one address may send so many requests only. */
  readonly rateLimit: boolean;
  /** Name of its metrics. */
  readonly name: string;
}

/** A web ACL with the recommended groups, and its log without sessions. */
export class Firewall extends Construct {
  public readonly webAclArn: string;

  constructor(scope: Construct, id: string, private readonly props: FirewallProps) {
    super(scope, id);
    const webAcl = new wafv2.CfnWebACL(this, 'WebAcl', {
      scope: props.scope,
      description: `Firewall of ${props.name}`,
      defaultAction: { allow: {} },
      rules: [
        ...props.rateLimit ? [rateLimit()] : [],
        ...Object.entries(GROUPS).map(([name, counted], index) => managedGroup(name, counted, 5000 + index * 10)),
      ],
      visibilityConfig: visibility(props.name),
      dataProtectionConfig: { dataProtections: [{ action: 'SUBSTITUTION', field: { fieldType: 'SINGLE_HEADER', fieldKeys: SECRET_HEADERS } }] },
    });
    this.webAclArn = webAcl.attrArn;
    this.logRequests();
  }

  private logRequests(): void {
    const logGroup = createLogGroup(this, 'Log', this.props.key, {
      // AWS WAF writes to groups of this prefix only.
      logGroupName: `aws-waf-logs-${this.props.name}-${suffix()}`,
    });
    new wafv2.CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAclArn,
      logDestinationConfigs: [Stack.of(this).formatArn({
        service: 'logs', resource: 'log-group', resourceName: logGroup.logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      })],
      redactedFields: SECRET_HEADERS.map(header => ({ singleHeader: { Name: header } })),
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [{
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: ['BLOCK', 'COUNT', 'CAPTCHA', 'CHALLENGE', 'EXCLUDED_AS_COUNT'].map(Action => ({ ActionCondition: { Action } })),
        }],
      },
    });
  }
}

function rateLimit(): wafv2.CfnWebACL.RuleProperty {
  return {
    name: RATE_LIMIT,
    priority: 1000,
    statement: { rateBasedStatement: { limit: 2000, evaluationWindowSec: 300, aggregateKeyType: 'IP' } },
    action: { block: { customResponse: { responseCode: 429 } } },
    visibilityConfig: visibility(RATE_LIMIT),
  };
}

function managedGroup(name: string, counted: string[], priority: number): wafv2.CfnWebACL.RuleProperty {
  return {
    name: `AWS-${name}`,
    priority,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.length === 0 ? undefined : counted.map(rule => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: visibility(`AWS-${name}`),
  };
}

function visibility(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}

/** Alarms of a firewall, in the region where its metrics are. */
export function watchFirewall(scope: Construct, { name, rateLimit: limited }: Pick<FirewallProps, 'name' | 'rateLimit'>, monitoring: Monitoring, region?: string): void {
  const [blocked, allowed] = ['BlockedRequests', 'AllowedRequests'].map(metricName => firewallMetric(name, metricName, 'ALL', region));
  monitoring.addAlarm(scope, 'BlockedShare', {
    metric: new cloudwatch.MathExpression({
      label: 'Blocked requests (%)',
      expression: 'IF(FILL(blocked, 0) < 100, 0, 100 * FILL(blocked, 0) / (FILL(blocked, 0) + FILL(allowed, 0)))',
      usingMetrics: { blocked, allowed },
      period: FIVE_MINUTES,
    }),
    threshold: 20,
    periods: 3,
    page: 'firewall-blocked-share',
  });
  if (!limited) return;
  monitoring.addAlarm(scope, 'RateLimited', {
    metric: new cloudwatch.MathExpression({
      label: 'Requests above a rate limit',
      expression: 'FILL(limit, 0)',
      usingMetrics: { limit: firewallMetric(name, 'BlockedRequests', RATE_LIMIT, region) },
      period: FIVE_MINUTES,
    }),
    threshold: 1000,
    periods: 3,
    page: 'firewall-rate-limited',
  });
}

/** Requests, and which rules found something in them; CloudFront's firewalls have no region among their dimensions. */
export function firewallGraphs(name: string, region: string, ofCloudFront = false): cloudwatch.IWidget[] {
  const dimension = ofCloudFront ? undefined : region;
  const byRule = (what: string) => new cloudwatch.MathExpression({
    expression: `SEARCH('{AWS/WAFV2,${ofCloudFront ? '' : 'Region,'}Rule,WebACL} WebACL="${name}" MetricName="${what}Requests" NOT Rule="ALL"', 'Sum', 300)`,
    label: '',
    period: FIVE_MINUTES,
    searchRegion: region,
  });
  return [
    new cloudwatch.GraphWidget({
      title: 'Requests',
      width: 8,
      region,
      left: ['Allowed', 'Blocked'].map(what => firewallMetric(name, `${what}Requests`, 'ALL', dimension).with({ label: what.toLowerCase(), region })),
    }),
    ...['Blocked', 'Counted'].map(what => new cloudwatch.GraphWidget({ title: `${what} by rule`, width: 8, region, left: [byRule(what)] })),
  ];
}

function firewallMetric(name: string, metricName: string, rule: string, region?: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/WAFV2',
    metricName,
    dimensionsMap: { WebACL: name, Rule: rule, ...region && { Region: region } },
    statistic: 'Sum',
    period: FIVE_MINUTES,
  });
}
