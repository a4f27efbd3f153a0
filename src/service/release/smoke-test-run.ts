import { setMaxListeners } from 'events';
import { setTimeout as pause } from 'timers/promises';
import { judge } from './smoke-test-judgement';
import { exchange, Exchange, SmokeTestRequest, SmokeTestTarget } from './smoke-test-request';

/** A smoke test as the function is told of it: what is left out has the defaults of `SmokeTest`. */
export interface PlannedSmokeTest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly expectedStatus?: number;
  readonly expectedFields?: { readonly [dottedPath: string]: string };
  readonly expectedText?: string;
  readonly timeoutSeconds?: number;
  readonly retries?: number;
}

/** One line of the log. */
export interface SmokeTestResult {
  readonly path: string;
  readonly method: string;
  readonly ok: boolean;
  readonly status?: number;
  /** Time of the last try. */
  readonly milliseconds: number;
  readonly tries: number;
  readonly problem?: string;
  /** Beginning of the last answer, where there is a problem. */
  readonly answer?: string;
}

/** What a run needs of the world. */
export interface SmokeTestSurroundings {
  /** When everything must be over. */
  readonly deadline: AbortSignal;
  /** Time before the second try; each further one waits for so much more. */
  readonly pauseMilliseconds?: number;
  log(line: object): void;
}

/** All smoke tests of a release are over after two minutes. */
export const DEADLINE_MILLISECONDS = 120_000;

const DEFAULT_TIMEOUT_SECONDS = 10;
const DEFAULT_RETRIES = 2;
const DEFAULT_PAUSE_MILLISECONDS = 1000;
const EXCERPT_CHARACTERS = 200;
/** As JSON, with which CloudFormation's 4096 bytes for an answer are not exceeded. */
const MAXIMUM_REASON_BYTES = 3000;

/** Runs all tests at the same time and logs each result when it is there. Never rejects, and never lasts beyond the deadline. */
export function runSmokeTests(tests: readonly PlannedSmokeTest[], target: SmokeTestTarget, world: SmokeTestSurroundings): Promise<SmokeTestResult[]> {
  // Every request listens to it, and Node.js takes more than ten for a leak.
  setMaxListeners(0, world.deadline);
  return Promise.all(tests.map(async test => {
    const result = await runSmokeTest(test, target, world);
    world.log(result);
    return result;
  }));
}

/** Which tests failed and how; nothing where all are well. */
export function failureReason(results: readonly SmokeTestResult[]): string | undefined {
  const failed = results.filter(({ ok }) => !ok);
  if (failed.length === 0) return undefined;
  return shortened(failed.map(({ method, path, problem, tries, answer }) =>
    `${method} ${path}: ${problem} after ${tries} ${tries === 1 ? 'try' : 'tries'}${answer ? `: ${answer}` : ''}`).join('\n'));
}

async function runSmokeTest(test: PlannedSmokeTest, target: SmokeTestTarget, world: SmokeTestSurroundings): Promise<SmokeTestResult> {
  const { deadline, pauseMilliseconds = DEFAULT_PAUSE_MILLISECONDS } = world;
  const maximumTries = 1 + (test.retries ?? DEFAULT_RETRIES);
  for (let tries = 1; ; tries++) {
    const start = Date.now();
    const outcome = await tryAddresses(test, rotated(target, tries - 1), deadline);
    const result = resultOf(test, outcome, tries, Date.now() - start);
    if (result.ok || tries === maximumTries) return result;
    await pause(tries * pauseMilliseconds, undefined, { signal: deadline }).catch(() => undefined);
    // What went wrong so far says more than that the time is over.
    if (deadline.aborted) return result;
  }
}

/** The first address that takes the connection decides: a request is never sent twice in one try. */
async function tryAddresses(test: PlannedSmokeTest, target: SmokeTestTarget, deadline: AbortSignal): Promise<Exchange> {
  const end = Date.now() + (test.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const request = requestOf(test);
  let outcome: Exchange | undefined;
  for (const address of target.addresses) {
    const milliseconds = end - Date.now();
    if (outcome && milliseconds <= 0) break;
    outcome = await exchange(target, address, request, { milliseconds, deadline });
    if (outcome.connected) break;
  }
  return outcome ?? { connected: false, body: '', truncated: false, problem: 'there is no address to test' };
}

/** An address that swallows connections takes all the time of a try: the next try begins with the one after it. */
function rotated(target: SmokeTestTarget, places: number): SmokeTestTarget {
  const { addresses } = target;
  const first = places % Math.max(1, addresses.length);
  return { ...target, addresses: [...addresses.slice(first), ...addresses.slice(0, first)] };
}

function requestOf({ method = 'GET', path, headers = {}, body }: PlannedSmokeTest): SmokeTestRequest {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  // Firewalls often refuse requests without these two.
  return { method, path, body, headers: { 'user-agent': 'cdk-web-platform-smoke-test', 'accept': '*/*', ...own } };
}

function resultOf(test: PlannedSmokeTest, outcome: Exchange, tries: number, milliseconds: number): SmokeTestResult {
  const { path, method = 'GET' } = test;
  const problem = judge(test, outcome);
  const base = { path, method, ok: problem === undefined, status: outcome.status, milliseconds, tries };
  return problem === undefined ? base : { ...base, problem, answer: excerpt(outcome.body) };
}

function excerpt(body: string): string | undefined {
  const text = body.slice(0, 2 * EXCERPT_CHARACTERS).replace(/\s+/g, ' ').trim();
  if (text.length === 0) return undefined;
  return text.length > EXCERPT_CHARACTERS ? `${text.slice(0, EXCERPT_CHARACTERS)}…` : text;
}

function shortened(text: string): string {
  if (Buffer.byteLength(JSON.stringify(text)) <= MAXIMUM_REASON_BYTES) return text;
  let characters = Math.min(text.length, MAXIMUM_REASON_BYTES);
  while (Buffer.byteLength(JSON.stringify(text.slice(0, characters))) > MAXIMUM_REASON_BYTES - 3) characters -= 50;
  return `${text.slice(0, characters)}…`;
}
