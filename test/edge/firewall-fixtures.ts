import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FirewallPlacement } from '../../src/edge/firewall-placement';
import { WebFirewall } from '../../src/edge/web-firewall';
import type { WebFirewallProps } from '../../src/edge/web-firewall-props';
import { EnvironmentProfile } from '../../src/environment';

type Json = { [key: string]: any };

export const ACCOUNT = '111122223333';

export function stackIn(region?: string, app: App = new App({ analyticsReporting: false })): Stack {
  return new Stack(app, 'Shop', region ? { env: { account: ACCOUNT, region } } : {});
}

export interface Made {
  readonly stack: Stack;
  readonly firewall: WebFirewall;
}

export function regional(props: Partial<WebFirewallProps> = {}, stack: Stack = stackIn('eu-central-1'), id: string = 'Firewall'): Made {
  return made(stack, id, { placement: FirewallPlacement.regional(), ...props });
}

export function cloudFront(props: Partial<WebFirewallProps> = {}, stack: Stack = stackIn('eu-central-1'), id: string = 'Firewall'): Made {
  return made(stack, id, { placement: FirewallPlacement.cloudFront(), ...props });
}

function made(stack: Stack, id: string, props: WebFirewallProps): Made {
  return { stack, firewall: new WebFirewall(stack, id, { profile: EnvironmentProfile.staging(), ...props }) };
}

/** The one web ACL of a stack, as CloudFormation has it. */
export function webAclOf(stack: Stack): Json {
  const [acl, ...others] = Object.values(Template.fromStack(stack).findResources('AWS::WAFv2::WebACL'));
  expect(others).toEqual([]);
  return acl.Properties;
}

export function rulesOf(stack: Stack): Json[] {
  return webAclOf(stack).Rules;
}

export function ruleOf(stack: Stack, name: string): Json {
  const found = rulesOf(stack).filter(rule => rule.Name === name);
  expect(found).toHaveLength(1);
  return found[0];
}

/** The stack beside it in us-east-1. */
export function edgeOf(stack: Stack, suffix: string = 'edge'): Stack {
  return stack.node.root.node.findChild(`Shop-${suffix}`) as Stack;
}

const MANAGED: { [name: string]: number } = {
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesSQLiRuleSet: 200,
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesAnonymousIpList: 50,
};

const CONSTRAINTS: { [name: string]: number } = { EXACTLY: 2, STARTS_WITH: 2, ENDS_WITH: 2, CONTAINS: 10, CONTAINS_WORD: 10 };

function transformed({ TextTransformations }: Json): number {
  return 10 * TextTransformations.filter(({ Type }: Json) => Type !== 'NONE').length;
}

/**
 * What AWS's pages on rule statements say that a statement of a template costs, added up apart from the code under test.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html
 */
export function documentedCapacity(statement: Json | undefined): number {
  if (statement === undefined) return 0;
  const [[kind, body]] = Object.entries(statement) as [string, Json][];
  const sum = (parts: Json[]) => parts.reduce((total, part) => total + documentedCapacity(part), 0);
  const costs: { [kind: string]: () => number } = {
    AndStatement: () => sum(body.Statements),
    OrStatement: () => sum(body.Statements),
    NotStatement: () => documentedCapacity(body.Statement),
    ByteMatchStatement: () => CONSTRAINTS[body.PositionalConstraint] + transformed(body),
    RegexMatchStatement: () => 3 + transformed(body),
    SizeConstraintStatement: () => 1 + transformed(body),
    GeoMatchStatement: () => 1,
    IPSetReferenceStatement: () => 1,
    LabelMatchStatement: () => 1,
    RateBasedStatement: () => 2 + documentedCapacity(body.ScopeDownStatement),
    ManagedRuleGroupStatement: () => MANAGED[body.Name] + documentedCapacity(body.ScopeDownStatement),
  };
  return costs[kind]();
}
