import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { BudgetProps } from './budget';
import { checkAmount, checkEmails, checkOneTag, checkSubscribers, checkTagValue, checkTexts, checkTwice } from './cost-checks';
import { PlatformError } from '../errors';
import { checkGiven, checkKind, checkKnown, checkList, checkMap, checkOneOf, display } from '../validate';

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html */
const MAXIMUM_NOTIFICATIONS = 10;
const MAXIMUM_EMAILS = 10;
const MAXIMUM_THRESHOLD = 1_000_000;

/** Refuses budgets that tell nobody, and thresholds that could not be told apart. */
export function validateBudget(where: IConstruct, props: BudgetProps): void {
  checkGiven(where, 'monthlyLimit', props?.monthlyLimit, 'an amount above 0, such as 50');
  checkAmount(where, 'monthlyLimit', props.monthlyLimit, 1e12);
  checkOneOf(where, 'currency', props.currency, ['USD', 'CNY']);
  checkThresholds(where, props);
  checkEmails(where, 'a budget', props.emails, MAXIMUM_EMAILS);
  checkKind(where, 'topic', props.topic, 'topicArn', 'an sns.ITopic');
  checkSubscribers(where, props);
  checkAccount(where, props);
  // AWS does not document whether something must have all of several tags to be counted, or one of them.
  checkOneTag(where, props.tags, 'tags has several tags, and AWS does not say how it combines them.', 'budget');
  checkTexts(where, 'services', props.services);
  checkMap(where, 'resourceTags', props.resourceTags);
  for (const [key, value] of Object.entries(props.resourceTags ?? {})) checkTagValue(where, 'resourceTags', key, value);
}

function checkThresholds(where: IConstruct, { actualThresholds, forecastThresholds }: BudgetProps): void {
  checkPercentages(where, 'actualThresholds', actualThresholds);
  checkPercentages(where, 'forecastThresholds', forecastThresholds);
  const number = (actualThresholds?.length ?? 2) + (forecastThresholds?.length ?? 1);
  if (number > 0 && number <= MAXIMUM_NOTIFICATIONS) return;
  throw new PlatformError(where, {
    problem: number === 0 ? 'there are no thresholds, so nobody would ever be told.' : 'a budget cannot have so many thresholds.',
    got: `actualThresholds ${display(actualThresholds)}, forecastThresholds ${display(forecastThresholds)}`,
    allowed: `1 to ${MAXIMUM_NOTIFICATIONS} in both together`,
    fix: number === 0 ? 'leave one of them out' : 'keep those that somebody acts on',
  });
}

function checkPercentages(where: IConstruct, prop: string, percentages: number[] | undefined): void {
  checkList(where, prop, percentages);
  checkKnown(where, prop, percentages);
  for (const [index, percentage] of (percentages ?? []).entries()) {
    checkGiven(where, `${prop}[${index}]`, percentage, 'a percentage above 0, such as 80');
    checkAmount(where, `${prop}[${index}]`, percentage, MAXIMUM_THRESHOLD);
  }
  checkTwice(where, prop, percentages ?? []);
}

function checkAccount(where: IConstruct, { topic }: BudgetProps): void {
  const { account } = Stack.of(where);
  if (!topic || Token.isUnresolved(account) || Token.isUnresolved(topic.env.account) || topic.env.account === account) return;
  throw new PlatformError(where, {
    problem: 'a budget can only tell topics of its own account.',
    got: `topic in account ${topic.env.account}`,
    allowed: `a topic in account ${account}`,
    fix: 'give a topic of this account, or emails',
  });
}
