import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { SmokeTest } from './smoke-test';
import type { PlannedSmokeTest } from './smoke-test-run';
import { PlatformError } from '../../errors';
import { checkDuration, checkGiven, checkInteger, checkList, checkMap, checkOneOf, checkText, display } from '../../validate';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const MAXIMUM_TESTS = 20;
/** Lambda gives 4 KB for all environment variables: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAXIMUM_BYTES = 3500;
/** What the connection itself is made of. */
const RESERVED_HEADERS = ['connection', 'content-length', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade'];
const BODILESS_STATUSES = [204, 304];

/** Refuses requests that could not be sent, and expectations that could never be met. */
export function validateSmokeTests(where: IConstruct, prop: string, tests: SmokeTest[] | undefined): void {
  checkList(where, prop, tests);
  if (tests === undefined || Token.isUnresolved(tests)) return;
  checkNumber(where, prop, tests);
  tests.forEach((test, index) => validateSmokeTest(where, `${prop}[${index}]`, test));
  checkTwice(where, prop, tests);
  checkSize(where, prop, tests);
}

/** The tests as a function is told of them. */
export function planSmokeTests(tests: SmokeTest[]): PlannedSmokeTest[] {
  return tests.map(({ path, method, headers, body, expectedStatus, expectedFields, expectedText, timeout, retries }) =>
    ({ path, method, headers, body, expectedStatus, expectedFields, expectedText, timeoutSeconds: timeout?.toSeconds(), retries }));
}

function validateSmokeTest(where: IConstruct, prop: string, test: SmokeTest): void {
  checkTest(where, prop, test);
  checkGiven(where, `${prop}.path`, test.path, 'a path that begins with /, such as /health');
  checkText(where, `${prop}.path`, test.path, /^\/[!"$-~]{0,2047}$/,
    'a path that begins with /, such as /health, at most 2048 characters of ASCII without spaces and #');
  checkOneOf(where, `${prop}.method`, test.method, METHODS);
  checkHeaders(where, `${prop}.headers`, test.headers);
  checkText(where, `${prop}.body`, test.body, /^/, 'a text');
  checkInteger(where, `${prop}.expectedStatus`, test.expectedStatus, 200, 599);
  checkDuration(where, `${prop}.timeout`, test.timeout, 1, 60);
  checkInteger(where, `${prop}.retries`, test.retries, 0, 10);
  checkFields(where, `${prop}.expectedFields`, test.expectedFields);
  checkText(where, `${prop}.expectedText`, test.expectedText, /^[^]+$/, 'a text that is not empty');
  checkHasBody(where, prop, test);
}

function checkTest(where: IConstruct, prop: string, test: unknown): void {
  if (typeof test === 'object' && test !== null && !Array.isArray(test)) return;
  throw new PlatformError(where, {
    problem: `${prop} is not a smoke test.`,
    got: `${prop} ${display(test)}`,
    allowed: "an object with a path, such as { path: '/health' }",
    fix: typeof test === 'string' ? `write { path: ${display(test)} }` : 'write an object with a path',
  });
}

function checkNumber(where: IConstruct, prop: string, tests: SmokeTest[]): void {
  if (tests.length > 0 && tests.length <= MAXIMUM_TESTS) return;
  throw new PlatformError(where, {
    problem: tests.length === 0 ? `${prop} is empty, so nothing would be tested.` : `${prop} has too many tests for two minutes.`,
    got: `${prop} with ${tests.length} tests`,
    allowed: `1 to ${MAXIMUM_TESTS}`,
    fix: tests.length === 0 ? "name a path, such as { path: '/health' }" : 'keep those that tell most, or let one path of the application check several things',
  });
}

function checkHeaders(where: IConstruct, prop: string, headers: { [name: string]: string } = {}): void {
  checkMap(where, prop, headers);
  const names = Object.keys(headers).map(name => name.toLowerCase());
  for (const [name, value] of Object.entries(headers)) {
    checkText(where, `${prop} name`, name, /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'letters, digits and hyphens, such as X-Api-Version');
    checkGiven(where, `${prop}.${name}`, value, 'a text');
    checkText(where, `${prop}.${name}`, value, /^[\t -~\u0080-\u00ff]*$/, 'a text in one line');
    checkHeader(where, prop, name, names);
  }
}

function checkHeader(where: IConstruct, prop: string, name: string, names: string[]): void {
  const lowerCase = name.toLowerCase();
  const reserved = RESERVED_HEADERS.includes(lowerCase);
  if (!reserved && names.indexOf(lowerCase) === names.lastIndexOf(lowerCase)) return;
  throw new PlatformError(where, {
    problem: reserved ? `${prop} has a header that belongs to the connection.` : `${prop} has a header in two spellings.`,
    got: `${prop} ${display(reserved ? name : names)}`,
    allowed: `headers other than ${RESERVED_HEADERS.join(', ')}, each once`,
    fix: `leave ${name} out${reserved ? ': it is set as the request needs it' : ''}`,
  });
}

function checkFields(where: IConstruct, prop: string, expectedFields: { [dottedPath: string]: string } | undefined): void {
  checkMap(where, prop, expectedFields);
  for (const [path, value] of Object.entries(expectedFields ?? {})) {
    checkText(where, `${prop} path`, path, /^[^.]+(\.[^.]+)*$/, 'names with dots between them, such as status or checks.database');
    checkGiven(where, `${prop}.${path}`, value, 'a text');
    checkText(where, `${prop}.${path}`, value, /^/, "a text, such as 'healthy' or 'true'");
  }
}

function checkHasBody(where: IConstruct, prop: string, { expectedFields, expectedText, method, expectedStatus = 200 }: SmokeTest): void {
  if (expectedFields === undefined && expectedText === undefined) return;
  if (method !== 'HEAD' && !BODILESS_STATUSES.includes(expectedStatus)) return;
  const [name, what, value] = expectedFields === undefined ? ['expectedText', 'a text', expectedText] : ['expectedFields', 'fields', expectedFields];
  throw new PlatformError(where, {
    problem: `a test expects ${what} of an answer that has no body.`,
    got: `${prop}.${name} ${display(value)}, method ${method ?? 'GET'}, expectedStatus ${expectedStatus}`,
    allowed: `${name} with a method other than HEAD and a status other than 204 and 304`,
    fix: `leave ${name} out, or use GET and a status with a body`,
  });
}

function checkTwice(where: IConstruct, prop: string, tests: SmokeTest[]): void {
  const keys = tests.map(({ path, method = 'GET', headers = {}, body }) => JSON.stringify([method, path, Object.entries(headers).sort(), body]));
  const second = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  if (second < 0) return;
  const { method = 'GET', path } = tests[second];
  throw new PlatformError(where, {
    problem: 'a smoke test is there twice.',
    got: `${method} ${path} as ${prop}[${keys.indexOf(keys[second])}] and ${prop}[${second}]`,
    allowed: 'each request once',
    fix: 'put what both expect into one test, or remove one',
  });
}

function checkSize(where: IConstruct, prop: string, tests: SmokeTest[]): void {
  const json = JSON.stringify(planSmokeTests(tests));
  const size = Buffer.byteLength(json);
  if (size <= MAXIMUM_BYTES || Token.isUnresolved(json)) return;
  throw new PlatformError(where, {
    problem: `${prop} is longer than a function's configuration may be.`,
    got: `${size} bytes as JSON`,
    allowed: `up to ${MAXIMUM_BYTES} bytes`,
    fix: 'shorten bodies, headers and paths, or leave tests out',
  });
}
