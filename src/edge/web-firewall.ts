import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { stackWideName } from './account-wide-name';
import { AddressLists } from './firewall-addresses';
import { logRequests } from './firewall-logs';
import { PlannedRule } from './firewall-plan';
import { FirewallWatch } from './firewall-watch';
import { EdgePlace } from './us-east-1';
import { capacityOf, validateWebFirewall } from './validate-web-firewall';
import { IWebFirewall } from './web-firewall-interface';
import type { WebFirewallProps } from './web-firewall-props';
import { ImportedWebFirewall, associate, refuseGlobal } from './web-firewall-reference';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { IWatched } from '../observability';

/**
 * A web application firewall before CloudFront or before load balancers: AWS's managed groups, rate limits, lists of addresses and countries,
 * rules of a team's own, and a log of what they found. A request meets them in this order: allowed addresses, blocked addresses, countries,
 * rate limits, own rules, size of the body, managed groups, own rules that match a label.
 *
 * AWS WAF deletes no web ACL that is in use. One that is in a stack beside this one is deployed before it, so that to take it away the site has to be
 * deployed first, `cdk deploy --exclusively <stack>`, and the stack beside it afterwards; otherwise CloudFormation leaves the web ACL behind, at its price.
 */
export class WebFirewall extends Construct implements IWebFirewall, IWatched {
  /**
   * A web ACL that a team has already.
   *
   * @param scope where it is used
   * @param id id of the construct
   * @param webAclArn ARN of the web ACL, global for CloudFront and regional for load balancers
   */
  public static fromWebAclArn(scope: Construct, id: string, webAclArn: string): IWebFirewall {
    return new ImportedWebFirewall(scope, id, webAclArn);
  }

  /** ARN of the web ACL, as this stack can use it, wherever the web ACL lives. */
  public readonly webAclArn: string;
  /** The web ACL; before CloudFront it is in a stack in us-east-1. */
  public readonly webAcl: wafv2.CfnWebACL;
  /** Web ACL capacity units that its rules need. AWS may count fewer where several rules transform one part of a request alike. */
  public readonly capacity: number;
  /** Where requests are logged; undefined where they are not. */
  public readonly logGroup?: logs.LogGroup;
  /** Alarms of the firewall, in the region of the web ACL. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly profile: EnvironmentProfile;
  private readonly watch: FirewallWatch;

  constructor(scope: Construct, id: string, private readonly props: WebFirewallProps) {
    super(scope, id);
    const rules = validateWebFirewall(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.capacity = capacityOf(rules);

    const place = this.regional ? undefined : EdgePlace.before(this);
    const home = place?.scope ?? this;
    this.webAcl = this.createWebAcl(home, rules);
    this.webAclArn = place?.carry(this.webAcl, 'Arn', this.webAcl.attrArn) ?? this.webAcl.attrArn;
    this.logGroup = props.logs ?? this.profile.accessLogs ? this.createLogs(home, place) : undefined;
    this.watch = new FirewallWatch({
      name: this.metricName,
      region: this.regional ? Stack.of(this).region : EDGE_REGION,
      regional: this.regional,
    }, rules);
    this.alarms = props.alarms ?? this.profile.alarms ? this.createAlarms() : [];
  }

  /** Puts the firewall before a load balancer in the region of the stack. */
  public protect(loadBalancer: elbv2.IApplicationLoadBalancer): void {
    if (!this.regional) refuseGlobal(this, `placement ${this.props.placement}`);
    associate(this, Stack.of(this).region, loadBalancer);
  }

  /** Requests that came through and that did not, and which rules blocked and counted. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return this.watch.widgets();
  }

  /**
   * Requests that were blocked.
   *
   * @param ruleName name of the rule that blocked them; without it, of any
   */
  public metricBlockedRequests(ruleName?: string): cloudwatch.Metric {
    return this.watch.metric('BlockedRequests', ruleName ?? 'ALL');
  }

  /**
   * Requests that were only counted.
   *
   * @param ruleName name of the rule that counted them; without it, of any
   */
  public metricCountedRequests(ruleName?: string): cloudwatch.Metric {
    return this.watch.metric('CountedRequests', ruleName ?? 'ALL');
  }

  private get regional(): boolean {
    return this.props.placement._scope === 'REGIONAL';
  }

  private get metricName(): string {
    return stackWideName(this, 128);
  }

  private get redactedHeaders(): string[] {
    return [...new Set(['authorization', 'cookie', ...this.props.redactedHeaders ?? []].map(header => header.toLowerCase()))];
  }

  private createWebAcl(home: Construct, rules: PlannedRule[]): wafv2.CfnWebACL {
    const lists = new Construct(home, 'Lists');
    return new wafv2.CfnWebACL(home, 'WebAcl', {
      scope: this.props.placement._scope,
      description: `Firewall of ${this.metricName}`,
      defaultAction: { allow: {} },
      rules: rules.map(rule => this.createRule(lists, rule)),
      visibilityConfig: this.visibility(this.metricName),
      associationConfig: this.inspection(),
      dataProtectionConfig: this.dataProtection(),
    });
  }

  private createRule(scope: Construct, rule: PlannedRule): wafv2.CfnWebACL.RuleProperty {
    const { name, priority, action } = rule;
    return {
      name,
      priority,
      statement: rule.statement(new AddressLists(new Construct(scope, name), this.props.placement._scope)),
      action: action?._action,
      overrideAction: action ? undefined : { [rule.counts ? 'count' : 'none']: {} },
      visibilityConfig: this.visibility(name),
    };
  }

  private visibility(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
    return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
  }

  private inspection(): wafv2.CfnWebACL.AssociationConfigProperty | undefined {
    const { placement, inspectedBodySize } = this.props;
    if (this.regional || !inspectedBodySize) return undefined;
    return { requestBody: { [placement._scope]: { defaultSizeInspectionLimit: `KB_${inspectedBodySize.toKibibytes()}` } } };
  }

  /** Logging can redact for itself, but samples would still show a session to everybody who may look at the console. */
  private dataProtection(): wafv2.CfnWebACL.DataProtectionConfigProperty {
    return { dataProtections: [{ action: 'SUBSTITUTION', field: { fieldType: 'SINGLE_HEADER', fieldKeys: this.redactedHeaders } }] };
  }

  /** Before CloudFront they come after this stack, so that they may use what is in it. */
  private createAlarms(): cloudwatch.Alarm[] {
    return this.watch.createAlarms(this.regional ? this : EdgePlace.after(this).scope);
  }

  private createLogs(home: Construct, place?: EdgePlace): logs.LogGroup {
    const { encryptionKey } = this.props;
    return logRequests(home, this.webAcl, {
      profile: this.profile,
      allRequests: this.props.logAllRequests ?? false,
      redactedHeaders: this.redactedHeaders,
      encryptionKey: place ? place.key(encryptionKey, this.profile) : encryptionKey,
    });
  }
}
