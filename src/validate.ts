import { Duration, Token } from 'aws-cdk-lib';
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
  const text = typeof value === 'string' ? `'${value}'` : asJson(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A construct refers to itself through its tree.
    return String(value);
  }
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

/** An object of a kind, known by one of its members. `instanceof` would refuse the object of a second copy of a package. */
export function checkKind(where: Where, prop: string, value: unknown, member: string, allowed: string): void {
  if (value === undefined || value === null || (typeof value === 'object' && member in value)) return;
  throw new PlatformError(where, {
    problem: `${prop} is not what it should be.`,
    got: `${prop} ${display(value)}`,
    allowed,
    fix: `give ${allowed}, or leave ${prop} out`,
  });
}

/** A value that must be known at synth, because other resources depend on it. */
export function checkKnown(where: Where, prop: string, value: unknown): void {
  if (!Token.isUnresolved(value)) return;
  throw new PlatformError(where, {
    problem: `${prop} is only known at deployment, and it decides which resources are made.`,
    got: `${prop} as a token`,
    allowed: 'a value that is known at synth',
    fix: `set ${prop} to a plain value`,
  });
}

/** A length of time in whole seconds (or milliseconds) within limits. A token is refused: it could be neither compared nor converted. */
export function checkDuration(
  where: Where, prop: string, value: Duration | undefined, min: number, max: number, unit: 'seconds' | 'milliseconds' = 'seconds',
): void {
  if (!isJudged(value)) return;
  checkKind(where, prop, value, 'toSeconds', 'a Duration, such as Duration.seconds(30)');
  if (value.isUnresolved()) {
    throw new PlatformError(where, {
      problem: `${prop} is only known at deployment.`,
      got: `${prop} as a token`,
      allowed: 'a Duration that is known at synth',
      fix: `set ${prop} to a plain value, such as Duration.seconds(30)`,
    });
  }
  const amount = unit === 'seconds' ? value.toSeconds({ integral: false }) : value.toMilliseconds({ integral: false });
  checkInteger(where, `${prop} (${unit})`, amount, min, max);
}

/** A list: a JavaScript user's string would be taken letter by letter. */
export function checkList(where: Where, prop: string, value: unknown): void {
  if (!isJudged(value) || Array.isArray(value)) return;
  throw new PlatformError(where, {
    problem: `${prop} is not a list.`,
    got: `${prop} ${display(value)}`,
    allowed: 'a list',
    fix: `write ${prop} as a list, also for a single value`,
  });
}

/** Values by name. */
export function checkMap(where: Where, prop: string, value: unknown): void {
  if (!isJudged(value) || (typeof value === 'object' && !Array.isArray(value))) return;
  throw new PlatformError(where, {
    problem: `${prop} is not an object of values by name.`,
    got: `${prop} ${display(value)}`,
    allowed: 'an object of values by name',
    fix: `write ${prop} as an object, or leave it out`,
  });
}

/** What only a new one of its kind can be given: an existing one is not changed. Its key, where it has one, is told beside it. */
export function checkBesideExisting<Props extends object>(
  where: Where, kind: string, props: Props, ofNew: readonly (keyof Props & string)[], allowed: string,
): void {
  const contradicting = ofNew.filter(prop => props[prop] !== undefined);
  if (contradicting.length === 0) return;
  const names = contradicting.join(', ');
  throw new PlatformError(where, {
    problem: `an existing ${kind} is taken as it is.`,
    got: `existing together with ${names}`,
    allowed,
    fix: `leave ${names} out${contradicting.some(prop => prop === 'encryptionKey') ? `; the key of the ${kind} is existing.encryptionKey` : ''}`,
  });
}
