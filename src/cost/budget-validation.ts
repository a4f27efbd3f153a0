import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { BudgetProps } from './budget';
import { PlatformError } from '../errors';
import { checkGiven, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkText, display } from '../validate';

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html */
const MAXIMUM_NOTIFICATIONS = 10;
const MAXIMUM_EMAILS = 10;
const MAXIMUM_THRESHOLD = 1_000_000;

const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@.]+$/;

/** Refuses budgets that tell nobody, and thresholds that could not be told apart. */
export function validateBudget(where: IConstruct, props: BudgetProps): void {
  checkGiven(where, 'monthlyLimit', props?.monthlyLimit, 'an amount above 0, such as 50');
  checkAmount(where, 'monthlyLimit', props.monthlyLimit, 1e12);
  checkOneOf(where, 'currency', props.currency, ['USD', 'CNY']);
  checkThresholds(where, props);
  checkEmails(where, props.emails);
  checkKind(where, 'topic', props.topic, 'topicArn', 'an sns.ITopic');
  checkSubscribers(where, props);
  checkAccount(where, props);
  checkTags(where, props.tags);
  checkTexts(where, 'services', props.services);
  checkMap(where, 'resourceTags', props.resourceTags);
  for (const [key, value] of Object.entries(props.resourceTags ?? {})) checkTagValue(where, 'resourceTags', key, value);
}

function checkAmount(where: IConstruct, prop: string, value: number, maximum: number): void {
  if (Token.isUnresolved(value) || (typeof value === 'number' && value > 0 && value <= maximum)) return;
  throw new PlatformError(where, {
    problem: `${prop} is not an amount above 0.`,
    got: `${prop} ${display(value)}`,
    allowed: `a number above 0, up to ${maximum}`,
    fix: `set ${prop} to such a number`,
  });
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

function checkEmails(where: IConstruct, emails: string[] | undefined): void {
  checkTexts(where, 'emails', emails);
  for (const [index, email] of (emails ?? []).entries()) checkText(where, `emails[${index}]`, email, EMAIL, 'an address such as ops@example.com');
  if ((emails?.length ?? 0) <= MAXIMUM_EMAILS) return;
  throw new PlatformError(where, {
    problem: 'a budget cannot tell so many addresses.',
    got: `emails with ${emails?.length}`,
    allowed: `up to ${MAXIMUM_EMAILS}`,
    fix: 'give a topic, and subscribe the addresses there',
  });
}

function checkSubscribers(where: IConstruct, { emails = [], topic }: BudgetProps): void {
  if (emails.length > 0 || topic) return;
  throw new PlatformError(where, {
    problem: 'there is nobody to tell.',
    got: `emails ${display(emails)}, no topic`,
    allowed: 'emails, a topic, or both',
    fix: "give emails: ['ops@example.com'], or the topic of a Monitoring",
  });
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

function checkTags(where: IConstruct, tags: { [key: string]: string } | undefined): void {
  checkMap(where, 'tags', tags);
  const entries = Object.entries(tags ?? {});
  for (const [key, value] of entries) checkTagValue(where, 'tags', key, value);
  if (tags === undefined || entries.length === 1) return;
  throw new PlatformError(where, {
    // AWS does not document whether something must have all of several tags to be counted, or one of them.
    problem: entries.length === 0 ? 'tags has no tag.' : 'tags has several tags, and AWS does not say how it combines them.',
    got: `tags ${display(tags)}`,
    allowed: "one tag, such as { Environment: 'production' }",
    fix: entries.length === 0 ? 'leave tags out' : 'keep the tag that says most, or make a budget for each',
  });
}

function checkTagValue(where: IConstruct, prop: string, key: string, value: string): void {
  checkText(where, `${prop} key`, key, /^(?!aws:|user:)[^$]{1,128}$/i, 'a key of 1 to 128 characters without $, not beginning with aws: or user:');
  checkGiven(where, `${prop}.${key}`, value, 'a text');
  checkText(where, `${prop}.${key}`, value, /^[^]{0,256}$/, 'a text of up to 256 characters');
}

function checkTexts(where: IConstruct, prop: string, texts: string[] | undefined): void {
  checkList(where, prop, texts);
  checkKnown(where, prop, texts);
  for (const [index, text] of (texts ?? []).entries()) {
    checkGiven(where, `${prop}[${index}]`, text, 'a text');
    checkText(where, `${prop}[${index}]`, text, /^.+$/, 'a text in one line');
  }
  checkTwice(where, prop, (texts ?? []).map(text => typeof text === 'string' && !Token.isUnresolved(text) ? text.toLowerCase() : text));
}

function checkTwice<T extends string | number>(where: IConstruct, prop: string, values: T[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: `${prop} has something twice.`,
    got: `${prop} with ${display(twice)} more than once`,
    allowed: 'each once',
    fix: `remove one ${display(twice)}`,
  });
}
