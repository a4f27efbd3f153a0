import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from './errors';

/*
 * Checks that throw a PlatformError. A value that is left out or is a token passes:
 * what is only known at deployment cannot be judged at synth.
 */

type Where = IConstruct | string;

function isJudged<T>(value: T | undefined | null): value is T {
  return value !== undefined && value !== null && !Token.isUnresolved(value);
}

/** The value as it was got, short enough for a message. */
export function display(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** A whole number within `min` and `max`. */
export function checkInteger(where: Where, prop: string, value: number | undefined, min: number, max: number): void {
  if (!isJudged(value)) return;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  throw new PlatformError(where, {
    problem: `${prop} is not a whole number from ${min} to ${max}.`,
    got: `${prop} ${display(value)}`,
    allowed: `${min} to ${max}`,
    fix: `set ${prop} to a whole number within these limits, or leave it out`,
  });
}

/** A TCP port. */
export function checkPort(where: Where, prop: string, value: number | undefined): void {
  checkInteger(where, prop, value, 1, 65535);
}

/** One of a list. */
export function checkOneOf<T extends string | number>(where: Where, prop: string, value: T | undefined, allowed: readonly T[]): void {
  if (!isJudged(value) || allowed.includes(value)) return;
  throw new PlatformError(where, {
    problem: `${prop} has a value that does not exist.`,
    got: `${prop} ${display(value)}`,
    allowed: allowed.join(', '),
    fix: `set ${prop} to one of the allowed values, or leave it out`,
  });
}

/** A string of a given form, described in words for the message. */
export function checkText(where: Where, prop: string, value: string | undefined, form: RegExp, allowed: string): void {
  if (!isJudged(value)) return;
  if (typeof value === 'string' && form.test(value)) return;
  throw new PlatformError(where, {
    problem: `${prop} is not well-formed.`,
    got: `${prop} ${display(value)}`,
    allowed,
    fix: `change ${prop} to the allowed form`,
  });
}

/** `true` or `false`: a JavaScript user's `'false'` would be taken for true. */
export function checkBoolean(where: Where, prop: string, value: unknown): void {
  if (!isJudged(value) || typeof value === 'boolean') return;
  throw new PlatformError(where, {
    problem: `${prop} is not a boolean.`,
    got: `${prop} ${display(value)}`,
    allowed: 'true, false',
    fix: `set ${prop} to true or false, or leave it out`,
  });
}

/** A minimum that is not above its maximum. */
export function checkOrder(where: Where, minProp: string, min: number | undefined, maxProp: string, max: number | undefined): void {
  if (!isJudged(min) || !isJudged(max) || min <= max) return;
  throw new PlatformError(where, {
    problem: `${minProp} is above ${maxProp}.`,
    got: `${minProp} ${min}, ${maxProp} ${max}`,
    allowed: `${minProp} at most ${maxProp}`,
    fix: `lower ${minProp} to ${max} or raise ${maxProp} to ${min}`,
  });
}

/** A prop that must be given. A user of plain JavaScript can leave it out. */
export function checkGiven(where: Where, prop: string, value: unknown, allowed: string): void {
  if (value !== undefined && value !== null) return;
  throw new PlatformError(where, {
    problem: `${prop} is missing.`,
    got: `${prop} ${display(undefined)}`,
    allowed,
    fix: `give ${prop}`,
  });
}
