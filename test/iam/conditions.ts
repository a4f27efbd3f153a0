import { matches } from './wildcards';

/** What IAM knows of a request, beside its action and resource. */
export interface RequestContext {
  readonly [key: string]: string | string[];
}

type Test = (value: string, expected: string) => boolean;

const equal: Test = (value, expected) => value === expected;
const like: Test = (value, expected) => matches(value, expected);

/** An ARN is compared part by part: a star does not reach over a colon, but in the last part. */
const arnLike: Test = (value, expected) => {
  const parts = (arn: string) => [...arn.split(':').slice(0, 5), arn.split(':').slice(5).join(':')];
  const patterns = parts(expected);
  return value.split(':').length >= 6 && parts(value).every((part, index) => matches(part, patterns[index]));
};

const TESTS: { readonly [operator: string]: Test } = {
  StringEquals: equal,
  StringLike: like,
  ArnLike: arnLike,
  ArnEquals: arnLike,
  Bool: (value, expected) => value.toLowerCase() === expected.toLowerCase(),
};

/** Whether all conditions of a statement hold. An operator that is not known here throws. */
export function conditionsHold(conditions: unknown, context: RequestContext): boolean {
  if (conditions === undefined) return true;
  const known = Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions as { [operator: string]: { [key: string]: unknown } }).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => holds(operator, key, list(expected).map(String), known[key.toLowerCase()])));
}

function holds(operator: string, key: string, expected: string[], actual: string | string[] | undefined): boolean {
  const [, quantifier, name, ifExists] = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(IfExists)?$/.exec(operator)!;
  const test = TESTS[name];
  if (!test || quantifier === 'ForAllValues') throw new Error(`the evaluator does not know the condition operator ${operator}`);
  for (const value of expected) {
    if (value.includes('${')) throw new Error(`the evaluator does not know policy variables: ${value}`);
  }
  if (actual === undefined) return ifExists !== undefined;
  if (Array.isArray(actual) && !quantifier) throw new Error(`${key} has several values, and ${operator} is for one`);
  return list(actual).some(value => expected.some(one => test(value as string, one)));
}

/** IAM takes a single value for a list of one. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
