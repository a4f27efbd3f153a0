import type { Exchange } from './smoke-test-request';

/** What an answer should be like. */
export interface Expectation {
  readonly expectedStatus?: number;
  readonly expectedFields?: { readonly [dottedPath: string]: string };
}

/** What is wrong with the answer; nothing where it is as expected. */
export function judge({ expectedStatus = 200, expectedFields = {} }: Expectation, exchange: Exchange): string | undefined {
  const { status, location, body, truncated, problem } = exchange;
  if (status !== undefined && status !== expectedStatus) {
    return `expected status ${expectedStatus}, got ${status}${location ? ` to ${location}` : ''}`;
  }
  if (problem !== undefined) return problem;
  const expected = Object.entries(expectedFields);
  if (expected.length === 0) return undefined;
  return truncated ? 'expected JSON, got more than 1 MB' : judgeFields(expected, body);
}

function judgeFields(expected: [string, string][], body: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (error) {
    return `expected JSON, got something else (${(error as Error).message})`;
  }
  const problems = expected.map(([path, value]) => judgeField(path, value, fieldOf(answer, path))).filter(problem => problem !== undefined);
  return problems.length > 0 ? problems.join(', ') : undefined;
}

function judgeField(path: string, expected: string, field: unknown): string | undefined {
  if (field === undefined) return `expected the field ${path}, which is missing`;
  const text = typeof field === 'string' ? field : JSON.stringify(field);
  return text === expected ? undefined : `expected ${path} '${expected}', got '${text.length > 100 ? `${text.slice(0, 100)}…` : text}'`;
}

function fieldOf(answer: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as { [name: string]: unknown })[name] : undefined, answer);
}
