import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { FirewallAction } from './firewall-action';
import { AddressLists } from './firewall-addresses';
import { FirewallMatch } from './firewall-match';
import { RateLimit } from './firewall-rate-limit';
import { FirewallRule } from './firewall-rule';
import { ManagedRules } from './managed-rules';
import type { WebFirewallProps } from './web-firewall-props';

/** A rule of the web ACL, before any resource is made. */
export interface PlannedRule {
  readonly name: string;
  readonly priority: number;
  /** In web ACL capacity units. */
  readonly capacity: number;
  /** For a managed group, undefined: its rules have actions of their own. */
  readonly action?: FirewallAction;
  /** For a managed group: whether all its rules count. */
  readonly counts?: boolean;
  readonly limitsRate?: boolean;
  statement(lists: AddressLists): CfnWebACL.StatementProperty;
}

/** Each kind has numbers of its own, so that a rule of one kind never renumbers those of another. */
const PRIORITIES = {
  allowedAddresses: 100,
  blockedAddresses: 200,
  countries: 300,
  rateLimits: 1000,
  rules: 2000,
  bodySize: 4000,
  managedRules: 5000,
  labelRateLimits: 6000,
  labelRules: 7000,
};

/** Between the rules of one kind. */
const STEP = 10;

/** All rules, in the order in which a request meets them. */
export function planRules(props: WebFirewallProps): PlannedRule[] {
  const tried = props.countOnly ?? false;
  const { rules = [], managedRules = ManagedRules.recommended(), rateLimits = [RateLimit.perIp()] } = props;
  return [
    ...plan('AllowedAddresses', PRIORITIES.allowedAddresses, addresses(props.allowedAddresses), FirewallAction.allow(), tried),
    ...plan('BlockedAddresses', PRIORITIES.blockedAddresses, addresses(props.blockedAddresses), FirewallAction.block(), tried),
    ...plan('Countries', PRIORITIES.countries, countries(props), FirewallAction.block(), tried),
    ...planRateLimits(rateLimits.filter(limit => !limit._onlyWhere?._usesLabel), PRIORITIES.rateLimits, tried),
    ...planOwn(rules.filter(rule => !rule._match._usesLabel), PRIORITIES.rules, tried),
    ...plan('BodySize', PRIORITIES.bodySize, bodySize(props), FirewallAction.block({ responseCode: 413 }), tried),
    ...managedRules.map((group, index) => planGroup(group, PRIORITIES.managedRules + index * STEP, tried)),
    ...planRateLimits(rateLimits.filter(limit => limit._onlyWhere?._usesLabel), PRIORITIES.labelRateLimits, tried),
    ...planOwn(rules.filter(rule => rule._match._usesLabel), PRIORITIES.labelRules, tried),
  ];
}

function plan(name: string, priority: number, match: FirewallMatch | undefined, action: FirewallAction, tried: boolean): PlannedRule[] {
  if (!match) return [];
  return [{ name, priority, capacity: match._capacity, action: tried ? action._whileTried() : action, statement: match._render }];
}

function planOwn(rules: FirewallRule[], first: number, tried: boolean): PlannedRule[] {
  return rules.flatMap((rule, index) => plan(rule.name, first + index * STEP, rule._match, rule._action, tried));
}

function planRateLimits(limits: RateLimit[], first: number, tried: boolean): PlannedRule[] {
  return limits.map((limit, index) => ({
    name: limit.name,
    priority: first + index * STEP,
    capacity: limit._capacity,
    action: tried ? FirewallAction.count() : limit._action,
    limitsRate: true,
    statement: lists => ({
      rateBasedStatement: {
        limit: limit._limit,
        evaluationWindowSec: limit._window,
        aggregateKeyType: 'IP',
        scopeDownStatement: limit._onlyWhere?._render(lists),
      },
    }),
  }));
}

function planGroup(group: ManagedRules, priority: number, tried: boolean): PlannedRule {
  return { name: group.name, priority, capacity: group._capacity, counts: tried || group._countsAll, statement: lists => group._render(lists) };
}

function addresses(cidrs: string[] = []): FirewallMatch | undefined {
  return cidrs.length > 0 ? FirewallMatch.addresses(...cidrs) : undefined;
}

function countries({ allowedCountries, blockedCountries = [] }: WebFirewallProps): FirewallMatch | undefined {
  if (allowedCountries) return FirewallMatch.noneOf(FirewallMatch.country(...allowedCountries));
  return blockedCountries.length > 0 ? FirewallMatch.country(...blockedCountries) : undefined;
}

function bodySize({ maximumBodySize }: WebFirewallProps): FirewallMatch | undefined {
  return maximumBodySize && FirewallMatch.body().isLargerThan(maximumBodySize);
}
