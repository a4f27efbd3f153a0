/*
 * The edge of `subject-hand-written.ts`: the firewall before the load balancer with its log, and what watches the firewall and the certificate.
 */
import { ArnFormat, Aws, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

const METRIC = 'Firewall';
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

/** An alarm, with the arguments that the stack's own way to make alarms takes. */
export interface EdgeAlarm {
  readonly id: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly periods: number;
  readonly description: string;
  readonly options?: Partial<cloudwatch.AlarmProps>;
}

/** A web ACL with the recommended groups and a rate limit, its log without sessions, and its place before the load balancer. */
export function protect(scope: Construct, loadBalancer: elbv2.ApplicationLoadBalancer, key: kms.IKey): void {
  const webAcl = new wafv2.CfnWebACL(scope, 'WebAcl', {
    scope: 'REGIONAL',
    description: 'Firewall of the API',
    defaultAction: { allow: {} },
    rules: [rateLimit(), ...Object.entries(GROUPS).map(([name, counted], index) => managedGroup(name, counted, 5000 + index * 10))],
    visibilityConfig: visibility(METRIC),
    dataProtectionConfig: { dataProtections: [{ action: 'SUBSTITUTION', field: { fieldType: 'SINGLE_HEADER', fieldKeys: SECRET_HEADERS } }] },
  });
  logRequests(scope, webAcl, key);
  new wafv2.CfnWebACLAssociation(scope, 'WebAclAssociation', { resourceArn: loadBalancer.loadBalancerArn, webAclArn: webAcl.attrArn });
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

function logRequests(scope: Construct, webAcl: wafv2.CfnWebACL, encryptionKey: kms.IKey): void {
  const logGroup = new logs.LogGroup(scope, 'FirewallLogs', {
    // AWS WAF writes to groups of this prefix only.
    logGroupName: `aws-waf-logs-api-${Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))))}`,
    retention: logs.RetentionDays.ONE_MONTH,
    encryptionKey,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  new wafv2.CfnLoggingConfiguration(scope, 'FirewallLogging', {
    resourceArn: webAcl.attrArn,
    logDestinationConfigs: [Stack.of(scope).formatArn({
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

/** The alarms of the firewall. */
export function firewallAlarms(scope: Construct): EdgeAlarm[] {
  const [blocked, allowed] = ['BlockedRequests', 'AllowedRequests'].map(metricName => firewallMetric(scope, metricName, 'ALL'));
  return [
    {
      id: 'BlockedShare',
      metric: new cloudwatch.MathExpression({
        label: 'Blocked requests (%)',
        expression: 'IF(FILL(blocked, 0) < 100, 0, 100 * FILL(blocked, 0) / (FILL(blocked, 0) + FILL(allowed, 0)))',
        usingMetrics: { blocked, allowed },
        period: FIVE_MINUTES,
      }),
      threshold: 20,
      periods: 3,
      description: 'The firewall blocked more than one in five requests for a quarter of an hour. First: see on the dashboard which rule it is.',
    },
    {
      id: 'RateLimited',
      metric: new cloudwatch.MathExpression({
        label: 'Requests above a rate limit',
        expression: 'FILL(limit, 0)',
        usingMetrics: { limit: firewallMetric(scope, 'BlockedRequests', RATE_LIMIT) },
        period: FIVE_MINUTES,
      }),
      threshold: 1000,
      periods: 3,
      description: 'Addresses sent more than 1,000 requests above their limit in each of three periods of five minutes. First: look in the log for them.',
    },
  ];
}

/** Requests, and which rules found something in them. */
export function firewallGraphs(scope: Construct): cloudwatch.IWidget[] {
  const { region } = Stack.of(scope);
  const byRule = (what: string) => new cloudwatch.MathExpression({
    expression: `SEARCH('{AWS/WAFV2,Region,Rule,WebACL} WebACL="${METRIC}" MetricName="${what}Requests" NOT Rule="ALL"', 'Sum', 300)`,
    label: '',
    period: FIVE_MINUTES,
    searchRegion: region,
  });
  return [
    new cloudwatch.GraphWidget({
      title: 'Requests',
      width: 8,
      region,
      left: ['Allowed', 'Blocked'].map(what => firewallMetric(scope, `${what}Requests`, 'ALL', what.toLowerCase())),
    }),
    ...['Blocked', 'Counted'].map(what => new cloudwatch.GraphWidget({ title: `${what} by rule`, width: 8, region, left: [byRule(what)] })),
  ];
}

function firewallMetric(scope: Construct, metricName: string, rule: string, label?: string): cloudwatch.Metric {
  const { region } = Stack.of(scope);
  return new cloudwatch.Metric({
    namespace: 'AWS/WAFV2',
    metricName,
    dimensionsMap: { WebACL: METRIC, Rule: rule, Region: region },
    statistic: 'Sum',
    period: FIVE_MINUTES,
    region,
    label,
  });
}

/** The alarms of a certificate that is not renewed. */
export function certificateAlarms(certificate: acm.ICertificate): EdgeAlarm[] {
  const alarm = (id: string, threshold: number, periods: number, description: string): EdgeAlarm => ({
    id,
    metric: certificate.metricDaysToExpiry(),
    threshold,
    periods,
    description,
    options: { comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD, treatMissingData: cloudwatch.TreatMissingData.IGNORE },
  });
  return [
    alarm('RenewalLate', 45, 3, 'The certificate ends in less than 45 days and has not been renewed. First: open it in ACM.'),
    alarm('ExpiryNear', 15, 1, 'The certificate ends in less than 15 days. Then every browser refuses the API. First: open it in ACM.'),
  ];
}

/** Days to the end of a certificate. */
export function certificateGraph(certificate: acm.ICertificate): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Certificate: days to its end',
    width: 24,
    height: 4,
    left: [certificate.metricDaysToExpiry()],
    leftYAxis: { min: 0 },
    leftAnnotations: [45, 15].map(value => ({ value, label: `alarm at ${value} days`, color: cloudwatch.Color.RED })),
  });
}

/** Tells of a certificate that somebody has to look after. */
export function tellOfRenewals(scope: Construct, certificate: acm.ICertificate, topic: sns.ITopic): void {
  const what = `${events.EventField.fromPath('$.detail-type')}: ${events.EventField.fromPath('$.resources[0]')}`;
  new events.Rule(scope, 'Renewal', {
    description: 'A certificate that cannot be renewed, has expired or was revoked',
    eventPattern: {
      source: ['aws.acm'],
      detailType: ['ACM Certificate Renewal Action Required', 'ACM Certificate Expired', 'ACM Certificate Revoked'],
      resources: [certificate.certificateArn],
    },
    targets: [new targets.SnsTopic(topic, {
      message: events.RuleTargetInput.fromText(`A certificate needs somebody. First: open the certificate in ACM. ${what}`),
    })],
  });
}
