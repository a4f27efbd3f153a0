import { Stack, Token } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { IConstruct } from 'constructs';
import { validateSignInDomain } from './sign-in-domain-validation';
import { validateSignInProviders } from './sign-in-provider-validation';
import type { ExistingUserPool, UserDirectoryProps } from './user-directory-props';
import { directorySettings } from './user-directory-settings';
import { PlatformError } from '../errors';
import { checkBesideExisting, checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkText } from '../validate';

// As text, because the enums would load all of Cognito's module for those who have no directory.
const [LITE, ESSENTIALS, PLUS] = ['LITE', 'ESSENTIALS', 'PLUS'] as cognito.FeaturePlan[];
const PLANS = [LITE, ESSENTIALS, PLUS];
const SECOND_FACTOR = ['OFF', 'OPTIONAL', 'ON'] as cognito.Mfa[];
const THREAT_MODES = ['ENFORCED', 'AUDIT', 'OFF'] as cognito.StandardThreatProtectionMode[];
const MOST_CUSTOM_ATTRIBUTES = 50;
const DAY = 24 * 60 * 60;
const SWITCHES: (keyof UserDirectoryProps)[] = ['selfSignUp', 'authenticatorApp', 'passkeys', 'deletionProtection', 'alarms'];
const OF_NEW_POOL: (keyof UserDirectoryProps)[] = [
  'domain', 'providers', 'selfSignUp', 'featurePlan', 'mfa', 'authenticatorApp', 'passkeys', 'threatProtection', 'passwordPolicy', 'standardAttributes',
  'customAttributes', 'email', 'deletionProtection',
];

/** Refuses what Cognito would refuse, what would have no effect, and what would lock users out. */
export function validateUserDirectory(where: IConstruct, props: UserDirectoryProps): void {
  checkKinds(where, props);
  if (props.existing !== undefined && props.existing !== null) return checkExisting(where, props, props.existing);
  checkPlan(where, props);
  checkSecondFactor(where, props);
  checkPasskeys(where, props);
  checkPasswordPolicy(where, props);
  checkAttributes(where, props);
  if (props.domain) validateSignInDomain(where, props.domain);
  validateSignInProviders(where, props);
}

function checkKinds(where: IConstruct, props: UserDirectoryProps): void {
  checkKind(where, 'profile', props.profile, 'alarms', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'domain', props.domain, '_custom', "a SignInDomain, such as SignInDomain.prefix('shop')");
  checkKind(where, 'email', props.email, '_bind', 'a cognito.UserPoolEmail, such as UserPoolEmail.withSES(…)');
  checkList(where, 'providers', props.providers);
  for (const prop of SWITCHES) {
    checkKnown(where, prop, props[prop]);
    checkBoolean(where, prop, props[prop]);
  }
  checkOneOf(where, 'featurePlan', props.featurePlan, PLANS);
  checkOneOf(where, 'mfa', props.mfa, SECOND_FACTOR);
  checkOneOf(where, 'threatProtection', props.threatProtection, THREAT_MODES);
  for (const prop of ['featurePlan', 'mfa', 'threatProtection'] as const) checkKnown(where, prop, props[prop]);
}

/** @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html */
function checkPlan(where: IConstruct, props: UserDirectoryProps): void {
  const { featurePlan } = directorySettings(props);
  const missing = (feature: string, plans: string) => {
    throw new PlatformError(where, {
      problem: `${feature} is not part of the feature plan.`,
      got: `${feature} on ${featurePlan}`,
      allowed: `${feature} on ${plans}`,
      fix: `set featurePlan to ${plans.split(' ')[0]}, or leave ${feature} out`,
    });
  };
  if (props.passkeys && featurePlan === LITE) missing('passkeys', `${ESSENTIALS} or ${PLUS}`);
  if (props.passwordPolicy?.passwordHistorySize && featurePlan === LITE) missing('passwordPolicy.passwordHistorySize', `${ESSENTIALS} or ${PLUS}`);
  if (props.threatProtection && props.threatProtection !== cognito.StandardThreatProtectionMode.NO_ENFORCEMENT && featurePlan !== PLUS) missing('threatProtection', PLUS);
}

function checkSecondFactor(where: IConstruct, props: UserDirectoryProps): void {
  const { mfa, passkeys } = directorySettings(props);
  if (mfa === cognito.Mfa.OFF || props.authenticatorApp !== false) return;
  throw new PlatformError(where, {
    problem: `a second factor is ${mfa === cognito.Mfa.REQUIRED ? 'required' : 'offered'}, and there is none`
      + `${passkeys ? '; passkeys are a first factor, and Cognito wants another one beside them.' : '.'}`,
    got: `mfa ${mfa}, authenticatorApp false`,
    allowed: 'authenticatorApp true with mfa OPTIONAL or REQUIRED; authenticatorApp false with mfa OFF',
    fix: 'leave authenticatorApp out, or set mfa to Mfa.OFF',
  });
}

function checkPasskeys(where: IConstruct, props: UserDirectoryProps): void {
  if (!props.passkeys || props.domain) return;
  throw new PlatformError(where, {
    problem: 'passkeys are bound to a domain, and there is none.',
    got: 'passkeys true without domain',
    allowed: 'passkeys with a domain',
    fix: "give domain, such as SignInDomain.prefix('shop'), or leave passkeys out",
  });
}

/** @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html */
function checkPasswordPolicy(where: IConstruct, { passwordPolicy: policy }: UserDirectoryProps): void {
  checkMap(where, 'passwordPolicy', policy);
  checkInteger(where, 'passwordPolicy.minLength', policy?.minLength, 6, 99);
  checkInteger(where, 'passwordPolicy.passwordHistorySize', policy?.passwordHistorySize, 0, 24);
  checkDuration(where, 'passwordPolicy.tempPasswordValidity', policy?.tempPasswordValidity, DAY, 365 * DAY);
  for (const prop of ['requireLowercase', 'requireUppercase', 'requireDigits', 'requireSymbols'] as const) {
    checkBoolean(where, `passwordPolicy.${prop}`, policy?.[prop]);
  }
}

/** @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html */
function checkAttributes(where: IConstruct, { standardAttributes, customAttributes }: UserDirectoryProps): void {
  checkMap(where, 'standardAttributes', standardAttributes);
  checkMap(where, 'customAttributes', customAttributes);
  const names = Object.keys(customAttributes ?? {});
  checkInteger(where, 'number of customAttributes', names.length, 0, MOST_CUSTOM_ATTRIBUTES);
  for (const name of names) {
    checkText(where, 'name of a custom attribute', name, /^[\w-]{1,20}$/, 'letters, digits, _ and -, 1 to 20, without `custom:`');
    checkGiven(where, `customAttributes.${name}`, customAttributes![name], 'a cognito.ICustomAttribute');
    checkKind(where, `customAttributes.${name}`, customAttributes![name], 'bind', 'a cognito.ICustomAttribute, such as new StringAttribute()');
  }
  const { email } = standardAttributes ?? {};
  if (email === undefined || email.required !== false && email.mutable !== false) return;
  throw new PlatformError(where, {
    problem: 'users sign in with their e-mail address, which is required and can be changed.',
    got: `standardAttributes.email required ${email.required}, mutable ${email.mutable}`,
    allowed: 'required true, mutable true',
    fix: 'leave standardAttributes.email out',
  });
}

function checkExisting(where: IConstruct, props: UserDirectoryProps, existing: ExistingUserPool): void {
  const form = 'the id of a pool, such as eu-central-1_AbCdEf123; not its ARN or name';
  checkKind(where, 'existing', existing, 'userPoolId', "an ExistingUserPool, such as { userPoolId: 'eu-central-1_AbCdEf123' }");
  checkGiven(where, 'existing.userPoolId', existing.userPoolId, form);
  checkText(where, 'existing.userPoolId', existing.userPoolId, /^[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]+$/, form);
  checkText(where, 'existing.domainName', existing.domainName, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a host name, such as auth.example.com');
  checkList(where, 'existing.providerNames', existing.providerNames);
  checkOneOf(where, 'existing.featurePlan', existing.featurePlan, PLANS);
  checkRegion(where, existing.userPoolId);
  checkBesideExisting(where, 'user pool', props, OF_NEW_POOL, 'existing with profile and alarms');
}

function checkRegion(where: IConstruct, userPoolId: string): void {
  const { region } = Stack.of(where);
  if (Token.isUnresolved(userPoolId) || Token.isUnresolved(region) || userPoolId.split('_')[0] === region) return;
  throw new PlatformError(where, {
    problem: 'the existing user pool is in another region.',
    got: `existing.userPoolId '${userPoolId}' in a stack in ${region}`,
    allowed: `a pool in ${region}`,
    fix: `make the UserDirectory in a stack in ${userPoolId.split('_')[0]}`,
  });
}
