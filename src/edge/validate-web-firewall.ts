import { Size } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkAddresses } from './firewall-addresses';
import { checkCountries } from './firewall-countries';
import { PlannedRule, planRules } from './firewall-plan';
import { checkSize } from './firewall-sizes';
import type { WebFirewallProps } from './web-firewall-props';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkText, display } from '../validate';

/** What AWS has in its price for a request, and what it allows. */
const FREE_CAPACITY = 1500;
const MOST_CAPACITY = 5000;

/** What AWS allows for one web ACL. */
const MOST_RATE_LIMITS = 10;
const MOST_RULES = 100;

const BOOLEANS = ['countOnly', 'logs', 'logAllRequests', 'alarms'] as const;
const SIZES = ['maximumBodySize', 'inspectedBodySize'] as const;

/** Refuses what AWS WAF would refuse, and answers the rules. */
export function validateWebFirewall(where: IConstruct, props: WebFirewallProps): PlannedRule[] {
  checkGiven(where, 'placement', props?.placement, 'FirewallPlacement.cloudFront(), FirewallPlacement.regional()');
  checkKind(where, 'placement', props.placement, '_scope', 'FirewallPlacement.cloudFront(), FirewallPlacement.regional()');
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  for (const prop of BOOLEANS) {
    checkKnown(where, prop, props[prop]);
    checkBoolean(where, prop, props[prop]);
  }
  checkKnown(where, 'maximumCapacity', props.maximumCapacity);
  checkInteger(where, 'maximumCapacity', props.maximumCapacity, FREE_CAPACITY, MOST_CAPACITY);
  checkRuleLists(where, props);
  checkAddresses(where, 'allowedAddresses', props.allowedAddresses);
  checkAddresses(where, 'blockedAddresses', props.blockedAddresses);
  checkCountryLists(where, props);
  checkBodySizes(where, props);
  checkRedactedHeaders(where, props);
  const rules = planRules(props);
  checkNames(where, rules);
  checkCapacity(where, rules, props.maximumCapacity ?? FREE_CAPACITY);
  return rules;
}

/** The units of all rules. */
export function capacityOf(rules: PlannedRule[]): number {
  return rules.reduce((sum, { capacity }) => sum + capacity, 0);
}

function checkRuleLists(where: IConstruct, { managedRules, rateLimits, rules }: WebFirewallProps): void {
  checkItems(where, 'managedRules', managedRules, '_countsAll', 'a ManagedRules, such as ManagedRules.common()');
  checkItems(where, 'rateLimits', rateLimits, '_window', 'a RateLimit, such as RateLimit.perIp()');
  checkItems(where, 'rules', rules, '_match', 'a FirewallRule, such as FirewallRule.block(…)');
  checkInteger(where, 'the number of rateLimits', rateLimits?.length, 0, MOST_RATE_LIMITS);
  checkInteger(where, 'the number of rules', rules?.length, 0, MOST_RULES);
  checkInteger(where, 'the number of managedRules', managedRules?.length, 0, MOST_RULES);
}

function checkItems(where: IConstruct, prop: string, items: unknown[] | undefined, member: string, allowed: string): void {
  checkKnown(where, prop, items);
  checkList(where, prop, items);
  for (const item of items ?? []) {
    checkGiven(where, prop, item, allowed);
    checkKind(where, prop, item, member, allowed);
  }
}

function checkCountryLists(where: IConstruct, { allowedCountries, blockedCountries }: WebFirewallProps): void {
  checkCountries(where, 'allowedCountries', allowedCountries);
  checkCountries(where, 'blockedCountries', blockedCountries);
  if (allowedCountries && blockedCountries) {
    throw new PlatformError(where, {
      problem: 'countries are both allowed and blocked, and what is not allowed is blocked already.',
      got: `allowedCountries ${display(allowedCountries)}, blockedCountries ${display(blockedCountries)}`,
      allowed: 'allowedCountries or blockedCountries',
      fix: 'leave one of them out',
    });
  }
  if (allowedCountries?.length !== 0) return;
  throw new PlatformError(where, {
    problem: 'allowedCountries is empty, so that everybody would be blocked.',
    got: 'allowedCountries []',
    allowed: 'at least one country',
    fix: 'name the countries, or leave allowedCountries out to allow all',
  });
}

function checkBodySizes(where: IConstruct, props: WebFirewallProps): void {
  for (const prop of SIZES) checkSize(where, prop, props[prop]);
  const { placement, maximumBodySize, inspectedBodySize } = props;
  const inspected = inspectedBodySize ?? Size.kibibytes(placement._inspectedKibibytes);
  if (!placement._inspectableKibibytes.some(kibibytes => Size.kibibytes(kibibytes).toBytes() === inspected.toBytes())) {
    throw new PlatformError(where, {
      problem: 'AWS WAF inspects bodies here in other sizes.',
      got: `inspectedBodySize ${inspected.toBytes()} bytes, placement ${placement}`,
      allowed: `${placement._inspectableKibibytes.join(', ')} KiB`,
      fix: 'choose one of these sizes, or leave inspectedBodySize out',
    });
  }
  if (!maximumBodySize || maximumBodySize.toBytes() <= inspected.toBytes()) return;
  throw new PlatformError(where, {
    problem: 'AWS WAF cannot tell sizes beyond what it inspects of a body.',
    got: `maximumBodySize ${maximumBodySize.toBytes()} bytes, inspected ${inspected.toBytes()} bytes`,
    allowed: `1 to ${inspected.toBytes()} bytes`,
    fix: placement._inspectableKibibytes.length > 1
      ? 'lower maximumBodySize, raise inspectedBodySize, or limit larger bodies in the application'
      : 'lower maximumBodySize, or limit larger bodies in the application',
  });
}

function checkRedactedHeaders(where: IConstruct, { redactedHeaders }: WebFirewallProps): void {
  checkKnown(where, 'redactedHeaders', redactedHeaders);
  checkList(where, 'redactedHeaders', redactedHeaders);
  for (const header of redactedHeaders ?? []) {
    checkGiven(where, 'redactedHeaders', header, 'names of headers, such as x-api-key');
    checkText(where, 'redactedHeaders', header, /^[\w!#$%&'*+.^`|~-]{1,64}$/, 'names of headers, such as x-api-key');
  }
}

function checkNames(where: IConstruct, rules: PlannedRule[]): void {
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: 'two rules have one name, which is that of their metrics.',
    got: `${twice}, twice`,
    allowed: 'each name once',
    fix: 'give one of them another name',
  });
}

function checkCapacity(where: IConstruct, rules: PlannedRule[], maximum: number): void {
  const sum = capacityOf(rules);
  if (sum <= maximum) return;
  const parts = [...rules].sort((a, b) => b.capacity - a.capacity).map(({ name, capacity }) => `${name} ${capacity}`);
  throw new PlatformError(where, {
    problem: `the rules need ${sum} web ACL capacity units.`,
    got: `${parts.join(' + ')} = ${sum}`,
    allowed: `at most ${maximum}`,
    fix: sum <= MOST_CAPACITY
      ? `take a group or a rule away, or set maximumCapacity to ${sum} or more; AWS charges for requests to a web ACL above ${FREE_CAPACITY}`
      : `take groups or rules away: AWS takes no web ACL above ${MOST_CAPACITY}`,
  });
}
