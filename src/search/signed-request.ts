import { createHash, createHmac } from 'crypto';

/** What a Lambda function finds in its environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request to OpenSearch. Its path has no characters that would have to be encoded. */
export interface PlainRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  readonly body?: string;
}

/** Where and when a request is valid. */
export interface SignatureScope {
  readonly region: string;
  readonly date: Date;
}

const SERVICE = 'es';

/**
 * The headers of a request signed by AWS's fourth scheme. These lines, which a test compares with AWS's own package, because that package and what it
 * needs are 140 kB that each cold start would read, and because the one in the runtime is no documented part of it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(request: PlainRequest, credentials: Credentials, { region, date }: SignatureScope): { [name: string]: string } {
  // Which of its characters are encoded, and how often, is where signers disagree.
  if (!/^[\w/.~-]+$/.test(request.path)) throw new Error(`the path ${request.path} has characters that would have to be encoded`);
  const time = date.toISOString().replace(/[:-]|\.\d{3}/g, '');
  const headers: { [name: string]: string } = {
    'host': request.host,
    'x-amz-date': time,
    ...credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {},
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.path,
    queryString(request.query),
    ...names.map(name => `${name}:${headers[name]}`), '',
    names.join(';'),
    sha256(request.body ?? ''),
  ].join('\n');
  const scope = [time.slice(0, 8), region, SERVICE, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

/** Parameters in the order and the encoding in which they are signed. */
export function queryString(query: { readonly [name: string]: string } = {}): string {
  return Object.keys(query).sort().map(name => `${encode(name)}=${encode(query[name])}`).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
