import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { ConfigRules, ConfigRulesProps, ConfigScopeTag } from './config-rules';
import { MANAGED_RULES } from './managed-rules';
import { isSamePlace } from './once-per-account';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkKnown, checkList, checkOneOf, checkText } from '../validate';

/** Refuses rules that do not exist, and the same rules over the same resources twice. */
export function validateConfigRules(where: IConstruct, props: ConfigRulesProps, others: readonly ConfigRules[]): void {
  checkKind(where, 'profile', props.profile, 'removalPolicy', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'accountSecurity', props.accountSecurity, 'dashboardWidgets', 'an AccountSecurity');
  for (const name of ['conformancePack', 'alarms'] as const) {
    checkKnown(where, name, props[name]);
    checkBoolean(where, name, props[name]);
  }
  checkExcluded(where, props.excludedRules);
  checkScopeTag(where, props.scopeTag);
  checkRecorder(where, props);
  checkOnlyOne(where, props, others);
}

function checkExcluded(where: IConstruct, excludedRules: string[] | undefined): void {
  checkKnown(where, 'excludedRules', excludedRules);
  checkList(where, 'excludedRules', excludedRules);
  const names = MANAGED_RULES.map(({ name }) => name);
  for (const [index, name] of (excludedRules ?? []).entries()) checkOneOf(where, `excludedRules[${index}]`, name, names);
  if (!names.every(name => excludedRules?.includes(name))) return;
  throw new PlatformError(where, {
    problem: 'every rule is excluded.',
    got: `excludedRules with all ${names.length}`,
    allowed: 'some of them',
    fix: 'keep a rule, or leave the construct out',
  });
}

/** @see https://docs.aws.amazon.com/config/latest/APIReference/API_Scope.html */
function checkScopeTag(where: IConstruct, scopeTag: ConfigScopeTag | undefined): void {
  if (scopeTag === undefined) return;
  checkKind(where, 'scopeTag', scopeTag, 'key', "a tag, such as { key: 'Environment', value: 'production' }");
  for (const [part, most] of [['key', 128], ['value', 256]] as const) {
    checkGiven(where, `scopeTag.${part}`, scopeTag[part], 'a text');
    checkKnown(where, `scopeTag.${part}`, scopeTag[part]);
    checkText(where, `scopeTag.${part}`, scopeTag[part], new RegExp(`^[^]{1,${most}}$`), `a text of 1 to ${most} characters`);
  }
}

/** Rules wait for the recorder, so it has to be there; and of the same place, because a rule sees what its own region records. */
function checkRecorder(where: IConstruct, { accountSecurity }: ConfigRulesProps): void {
  if (!accountSecurity) return;
  if (!accountSecurity.configRecorder) {
    throw new PlatformError(where, {
      problem: 'accountSecurity makes no recorder that rules could wait for.',
      got: `accountSecurity ${accountSecurity.node.path} without configRecorder AccountService.NEW`,
      allowed: 'an AccountSecurity that makes the recorder',
      fix: 'leave accountSecurity out where the account has a recorder already, or set its configRecorder to AccountService.NEW',
    });
  }
  if (isSamePlace(where, accountSecurity) || Stack.of(where).environment === Stack.of(accountSecurity).environment) return;
  throw new PlatformError(where, {
    problem: 'rules see only what is recorded in their own account and region.',
    got: `rules in ${Stack.of(where).environment}, recorder in ${Stack.of(accountSecurity).environment}`,
    allowed: 'one account and region',
    fix: 'make an AccountSecurity with a configRecorder in each region that has rules',
  });
}

function checkOnlyOne(where: IConstruct, { scopeTag }: ConfigRulesProps, others: readonly ConfigRules[]): void {
  const scope = (tag: ConfigScopeTag | undefined) => tag && `${tag.key}=${tag.value}`;
  const other = others.find(each => isSamePlace(where, each) && scope(each.scopeTag) === scope(scopeTag));
  if (!other) return;
  throw new PlatformError(where, {
    problem: 'the same rules look at the same resources already: each evaluation would be paid for twice.',
    got: `${other.node.path} and this one, ${scopeTag ? `both for ${scope(scopeTag)}` : 'both for the whole account and region'}`,
    allowed: 'one ConfigRules for an account and region, or for each tag',
    fix: "leave one of them out, or tell them apart by scopeTag, such as { key: 'Environment', value: 'production' }",
  });
}
