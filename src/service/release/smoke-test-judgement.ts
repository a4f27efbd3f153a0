import type { Exchange } from './smoke-test-request';

/** What an answer should be like. */
export interface Expectation {
  readonly expectedStatus?: number;
  readonly expectedFields?: { readonly [dottedPath: string]: string };
  readonly expectedText?: string;
}

/** What is wrong with the answer; nothing where it is as expected. */
export function judge({ expectedStatus = 200, expectedFields = {}, expectedText }: Expectation, exchange: Exchange): string | undefined {
  const { status, location, problem } = exchange;
  if (status !== undefined && status !== expectedStatus) {
    return `expected status ${expectedStatus}, got ${status}${location ? ` to ${location}` : ''}`;
  }
  if (problem !== undefined) return problem;
  return all([judgeText(expectedText, exchange), judgeFields(Object.entries(expectedFields), exchange)]);
}

function all(problems: (string | undefined)[]): string | undefined {
  const found = problems.filter(problem => problem !== undefined);
  return found.length > 0 ? found.join(', ') : undefined;
}

function judgeText(expected: string | undefined, { body, truncated }: Exchange): string | undefined {
  if (expected === undefined || body.includes(expected)) return undefined;
  return `expected the text '${short(expected)}', which is missing${truncated ? ' in the first 1 MB' : ''}`;
}

function judgeFields(expected: [string, string][], { body, truncated }: Exchange): string | undefined {
  if (expected.length === 0) return undefined;
  if (truncated) return 'expected JSON, got more than 1 MB';
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (error) {
    return `expected JSON, got something else (${(error as Error).message})`;
  }
  return all(expected.map(([path, value]) => judgeField(path, value, fieldOf(answer, path))));
}

function judgeField(path: string, expected: string, field: unknown): string | undefined {
  if (field === undefined) return `expected the field ${path}, which is missing`;
  const text = typeof field === 'string' ? field : JSON.stringify(field);
  return text === expected ? undefined : `expected ${path} '${expected}', got '${short(text)}'`;
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function fieldOf(answer: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as { [name: string]: unknown })[name] : undefined, answer);
}
