import { cookiesOf, HeaderFields, queryOf } from './header-fields';

/** A request on its way through the edge. */
export interface EdgeRequest {
  readonly scheme: 'http' | 'https';
  readonly method: string;
  readonly host: string;
  /** As the viewer wrote it, without the query string. */
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderFields;
  readonly body: Buffer;
  readonly ip: string;
}

export interface EdgeAnswer {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: Buffer;
}

/** What a function made of a request: another request, or the answer. */
export interface FunctionOutcome {
  readonly request?: EdgeRequest;
  readonly answer?: EdgeAnswer;
}

/** The answer of a function is not one: CloudFront says 502. */
export class InvalidFunctionResult extends Error {}

interface Value { readonly value: string; readonly multiValue?: readonly { readonly value: string }[] }
interface Values { readonly [name: string]: Value }
interface FunctionRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Values;
  readonly headers: Values;
  readonly cookies: Values;
}
interface FunctionAnswer {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers?: Values;
  readonly cookies?: { readonly [name: string]: { readonly value: string; readonly attributes?: string } };
  readonly body?: string | { readonly encoding: 'text' | 'base64'; readonly data: string };
}

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html */
const READ_ONLY = ['content-length', 'host', 'transfer-encoding', 'via'];
const DISALLOWED = new RegExp(`^(${[
  'connection', 'expect', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'trailer', 'upgrade',
  'x-accel-.*', 'x-amz-cf-.*', 'x-cache', 'x-edge-.*', 'x-forwarded-proto', 'x-real-ip',
].join('|')})$`);

/** The event of a viewer request. @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
export function viewerRequestEvent(request: EdgeRequest, distribution: { readonly id: string; readonly domainName: string }): object {
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'cookie' && !DISALLOWED.test(name));
  return {
    version: '1.0',
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType: 'viewer-request',
      requestId: 'EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==',
    },
    viewer: { ip: request.ip },
    request: {
      method: request.method,
      uri: request.path,
      querystring: values(queryOf(request.query)),
      headers: { ...values(headers.flatMap(([name, lines]) => lines.map((line): [string, string] => [name, line]))), host: { value: request.host } },
      cookies: values(cookiesOf(request.headers)),
      rawQueryString: () => request.query,
    },
  };
}

/** What the function's result means for the request. */
export function outcomeOf(result: unknown, request: EdgeRequest): FunctionOutcome {
  if (typeof result !== 'object' || result === null) {
    throw new InvalidFunctionResult('the function answered neither a request nor a response');
  }
  return 'statusCode' in result ? { answer: generated(result as FunctionAnswer) } : { request: changed(result as FunctionRequest, request) };
}

function generated({ statusCode, headers, cookies, body }: FunctionAnswer): EdgeAnswer {
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
    throw new InvalidFunctionResult(`${statusCode} is no status`);
  }
  const fields = fieldsOf(headers ?? {}, DISALLOWED);
  const set = Object.entries(cookies ?? {}).map(([name, { value, attributes }]) => [`${name}=${value}`, attributes].filter(Boolean).join('; '));
  const content = typeof body === 'object' ? Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8') : Buffer.from(body ?? '');
  return { status: statusCode, headers: set.length > 0 ? { ...fields, 'set-cookie': set } : fields, body: content };
}

function changed(result: FunctionRequest, request: EdgeRequest): EdgeRequest {
  if (typeof result.uri !== 'string' || !result.uri.startsWith('/')) {
    throw new InvalidFunctionResult(`the function set the uri to ${JSON.stringify(result.uri)}`);
  }
  if (result.method !== request.method) {
    throw new InvalidFunctionResult('the function changed the method');
  }
  const headers = fieldsOf(result.headers ?? {}, DISALLOWED);
  const before: HeaderFields = { ...request.headers, host: [request.host] };
  for (const name of READ_ONLY) {
    if (JSON.stringify(headers[name]) !== JSON.stringify(before[name])) {
      throw new InvalidFunctionResult(`the function changed the read-only header ${name}`);
    }
  }
  const cookies = pairs(result.cookies ?? {}).map(([name, value]) => `${name}=${value}`).join('; ');
  const query = JSON.stringify(result.querystring ?? {}) === JSON.stringify(values(queryOf(request.query)))
    ? request.query : pairs(result.querystring ?? {}).map(([name, value]) => `${name}=${value}`).join('&');
  const hidden = Object.entries(request.headers).filter(([name]) => DISALLOWED.test(name));
  return {
    ...request,
    path: result.uri,
    query,
    headers: { ...Object.fromEntries(hidden), ...headers, ...(cookies ? { cookie: [cookies] } : {}) },
  };
}

function fieldsOf(given: Values, disallowed: RegExp): HeaderFields {
  const fields: HeaderFields = {};
  for (const [name, { value, multiValue }] of Object.entries(given)) {
    if (name !== name.toLowerCase()) {
      throw new InvalidFunctionResult(`the header ${name} is not in lower case`);
    }
    if (disallowed.test(name)) {
      throw new InvalidFunctionResult(`the function added the header ${name}`);
    }
    fields[name] = multiValue ? multiValue.map((one) => text(name, one.value)) : [text(name, value)];
  }
  return fields;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new InvalidFunctionResult(`the value of ${name} is ${JSON.stringify(value)}, and should be a string`);
  }
  return value;
}

function pairs(given: Values): [string, string][] {
  const all = (name: string, several: readonly { readonly value: string }[]) => several.map((one): [string, string] => [name, one.value]);
  return Object.entries(given).flatMap(([name, { value, multiValue }]) => all(name, multiValue ?? [{ value }]));
}

/** The last of several values counts, and all of them are in `multiValue`. */
function values(all: readonly (readonly [string, string])[]): Values {
  const result: { [name: string]: Value } = {};
  for (const [name, value] of all) {
    const before = result[name];
    result[name] = before ? { value, multiValue: [...(before.multiValue ?? [{ value: before.value }]), { value }] } : { value };
  }
  return result;
}
