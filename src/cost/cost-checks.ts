import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkGiven, checkKnown, checkList, checkMap, checkText, display } from '../validate';

const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@.]+$/;

/** A number above 0. */
export function checkAmount(where: IConstruct, prop: string, value: number, maximum: number): void {
  if (Token.isUnresolved(value) || (typeof value === 'number' && value > 0 && value <= maximum)) return;
  throw new PlatformError(where, {
    problem: `${prop} is not an amount above 0.`,
    got: `${prop} ${display(value)}`,
    allowed: `a number above 0, up to ${maximum}`,
    fix: `set ${prop} to such a number`,
  });
}

/** Addresses, each once. */
export function checkEmails(where: IConstruct, service: string, emails: string[] | undefined, maximum: number): void {
  checkTexts(where, 'emails', emails);
  for (const [index, email] of (emails ?? []).entries()) checkText(where, `emails[${index}]`, email, EMAIL, 'an address such as ops@example.com');
  if ((emails?.length ?? 0) <= maximum) return;
  throw new PlatformError(where, {
    problem: `${service} cannot tell so many addresses.`,
    got: `emails with ${emails?.length}`,
    allowed: `up to ${maximum}`,
    fix: 'give a topic, and subscribe the addresses there',
  });
}

/** Somebody has to be told. */
export function checkSubscribers(where: IConstruct, { emails = [], topic }: { readonly emails?: string[]; readonly topic?: unknown }): void {
  if (emails.length > 0 || topic) return;
  throw new PlatformError(where, {
    problem: 'there is nobody to tell.',
    got: `emails ${display(emails)}, no topic`,
    allowed: 'emails, a topic, or both',
    fix: "give emails: ['ops@example.com'], or the topic of a Monitoring",
  });
}

/** One tag's key and value, as cost allocation tags have them. */
export function checkTagValue(where: IConstruct, prop: string, key: string, value: string): void {
  checkText(where, `${prop} key`, key, /^(?!aws:|user:)[^$]{1,128}$/i, 'a key of 1 to 128 characters without $, not beginning with aws: or user:');
  checkGiven(where, `${prop}.${key}`, value, 'a text');
  checkText(where, `${prop}.${key}`, value, /^[^]{0,256}$/, 'a text of up to 256 characters');
}

/** One tag by which costs are told apart. */
export function checkOneTag(where: IConstruct, tags: { readonly [key: string]: string } | undefined, severalProblem: string, kind: string): void {
  checkMap(where, 'tags', tags);
  const entries = Object.entries(tags ?? {});
  for (const [key, value] of entries) checkTagValue(where, 'tags', key, value);
  if (tags === undefined || entries.length === 1) return;
  throw new PlatformError(where, {
    problem: entries.length === 0 ? 'tags has no tag.' : severalProblem,
    got: `tags ${display(tags)}`,
    allowed: "one tag, such as { Environment: 'production' }",
    fix: entries.length === 0 ? 'leave tags out' : `keep the tag that says most, or make a ${kind} for each`,
  });
}

/** Texts in one line, each once whatever its case. */
export function checkTexts(where: IConstruct, prop: string, texts: string[] | undefined): void {
  checkList(where, prop, texts);
  checkKnown(where, prop, texts);
  for (const [index, text] of (texts ?? []).entries()) {
    checkGiven(where, `${prop}[${index}]`, text, 'a text');
    checkText(where, `${prop}[${index}]`, text, /^.+$/, 'a text in one line');
  }
  checkTwice(where, prop, (texts ?? []).map(text => typeof text === 'string' && !Token.isUnresolved(text) ? text.toLowerCase() : text));
}

/** Each value once. */
export function checkTwice<T extends string | number>(where: IConstruct, prop: string, values: T[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: `${prop} has something twice.`,
    got: `${prop} with ${display(twice)} more than once`,
    allowed: 'each once',
    fix: `remove one ${display(twice)}`,
  });
}

/**
 * Where there is nothing of the kind.
 *
 * @see https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/usage-and-payment.html
 */
export function warnOfGovCloud(where: IConstruct, id: string, lack: string): void {
  const { region } = Stack.of(where);
  if (Token.isUnresolved(region) || !region.startsWith('us-gov-')) return;
  Annotations.of(where).addWarningV2(`cdk-web-platform:${id}InGovCloud`,
    `Costs of GovCloud are on the bill of a commercial account, and ${region} has no ${lack} in a stack of that account.`);
}
