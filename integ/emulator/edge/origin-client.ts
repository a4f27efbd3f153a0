import * as http from 'http';
import * as https from 'https';
import { Behavior } from './distribution';
import { acceptedEncodings } from './edge-cache';
import { EdgeAnswer, EdgeRequest } from './function-event';
import { cookiesOf, HeaderFields, headerFields, nodeHeaders, queryOf } from './header-fields';
import { Origin } from './origin';
import { Selection, selects } from './policies';

/** Where origins really are. */
export interface OriginAddresses {
  /** The emulator: buckets are read from its S3. */
  readonly s3Endpoint: string;
  /** Address of each other origin, by its id or its domain name, for example `http://127.0.0.1:8080`. */
  readonly origins: { readonly [idOrDomainName: string]: string };
}

/** What CloudFront takes out of an origin's answer. */
const NOT_PASSED_ON = ['connection', 'keep-alive', 'transfer-encoding', 'proxy-authenticate', 'trailer', 'upgrade'];
const NEVER_SENT = [
  'connection', 'content-length', 'expect', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
];
/** What goes to an origin whatever the policies say. */
const ALWAYS_SENT = ['content-type', 'content-encoding'];

/** Asks the origin of a behaviour. */
export class OriginClient {
  constructor(private readonly addresses: OriginAddresses) {}

  /** @param conditions headers that revalidate what the cache has */
  public async ask(behavior: Behavior, request: EdgeRequest, conditions: HeaderFields = {}): Promise<EdgeAnswer> {
    const answer = behavior.origin.bucket ? await this.askBucket(behavior.origin, request, conditions)
      : await this.askServer(behavior, request, conditions);
    const passesCookies = behavior.cachePolicy.cookies.behavior !== 'none' || (behavior.originRequestPolicy?.cookies.behavior ?? 'none') !== 'none';
    const headers = Object.entries(answer.headers)
      .filter(([name]) => !NOT_PASSED_ON.includes(name) && (name !== 'set-cookie' || passesCookies));
    return { ...answer, headers: Object.fromEntries(headers) };
  }

  /** CloudFront signs what it asks S3; whether it may is in the policy of the bucket. */
  private async askBucket({ bucket, path }: Origin, request: EdgeRequest, conditions: HeaderFields): Promise<EdgeAnswer> {
    const key = `${path}${request.path}`.slice(1);
    if (!bucket!.mayRead(decoded(key))) {
      return denied();
    }
    const url = new URL(this.addresses.s3Endpoint);
    const answer = await exchange(url, request.method, `/${bucket!.name}/${key}`, conditions, Buffer.alloc(0), 30);
    return answer.status === 404 && !bucket!.mayList ? denied() : answer;
  }

  private async askServer(behavior: Behavior, request: EdgeRequest, conditions: HeaderFields): Promise<EdgeAnswer> {
    const { origin, originRequestPolicy, cachePolicy } = behavior;
    const address = this.addresses.origins[origin.id] ?? this.addresses.origins[origin.domainName];
    if (!address) {
      throw new Error(`nothing says where the origin ${origin.id} (${origin.domainName}) is`);
    }
    const query = selectedQuery([cachePolicy.queryStrings, originRequestPolicy?.queryStrings], request.query);
    const path = `${origin.path}${request.path}${query && `?${query}`}`;
    const headers = { ...originHeaders(behavior, request), ...conditions };
    return exchange(new URL(address), request.method, path, headers, request.body, origin.secondsToAnswer);
  }
}

/**
 * Headers that an origin server gets.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#request-custom-headers-behavior
 */
export function originHeaders({ cachePolicy, originRequestPolicy, origin }: Behavior, request: EdgeRequest): HeaderFields {
  const selections = [cachePolicy.headers, originRequestPolicy?.headers];
  const chosen = (name: string) => ALWAYS_SENT.includes(name) || selectedBy(selections, name, (text) => text.toLowerCase());
  const sent = Object.entries({ ...request.headers, ...cloudFrontHeaders(request) })
    .filter(([name]) => !NEVER_SENT.includes(name) && name !== 'cookie' && name !== 'accept-encoding' && chosen(name));
  const cookieSelections = [cachePolicy.cookies, originRequestPolicy?.cookies];
  const cookies = cookiesOf(request.headers).filter(([name]) => selectedBy(cookieSelections, name)).map(([name, value]) => `${name}=${value}`);
  const encodings = acceptedEncodings(cachePolicy, request.headers);
  const headers: HeaderFields = {
    'user-agent': ['Amazon CloudFront'],
    ...Object.fromEntries(sent),
    'host': [chosen('host') ? request.host : origin.domainName],
    'via': ['2.0 edge.cloudfront.net (CloudFront)'],
    'x-amz-cf-id': ['EXAMPLE'],
    'x-forwarded-for': [[...request.headers['x-forwarded-for'] ?? [], request.ip].join(', ')],
  };
  if (cookies.length > 0) headers.cookie = [cookies.join('; ')];
  if (encodings.length > 0) headers['accept-encoding'] = [encodings.join(',')];
  for (const [name, value] of Object.entries(origin.customHeaders)) headers[name] = [value];
  return headers;
}

function cloudFrontHeaders(request: EdgeRequest): HeaderFields {
  return { 'cloudfront-forwarded-proto': [request.scheme], 'cloudfront-viewer-address': [`${request.ip}:46532`] };
}

function selectedQuery(selections: readonly (Selection | undefined)[], query: string): string {
  return queryOf(query).filter(([name]) => selectedBy(selections, name)).map(([name, value]) => `${name}=${value}`).join('&');
}

function selectedBy(selections: readonly (Selection | undefined)[], name: string, compare?: (text: string) => string): boolean {
  return selections.some((selection) => selection !== undefined && selects(selection, name, compare));
}

function exchange(
  address: URL, method: string, path: string, headers: HeaderFields, body: Buffer, seconds: number,
): Promise<EdgeAnswer> {
  const options = {
    method,
    path,
    host: address.hostname,
    port: address.port,
    agent: false as const,
    timeout: seconds * 1000,
    headers: body.length > 0 ? { ...nodeHeaders(headers), 'content-length': body.length } : nodeHeaders(headers),
    // The name that the certificate is for is the origin's; here it is an address of this machine.
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const call = (address.protocol === 'https:' ? https : http).request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
        .once('end', () => resolve({ status: answer.statusCode!, headers: headerFields(answer.headers), body: Buffer.concat(chunks) }));
    });
    call.once('timeout', () => call.destroy(new OriginTimeout(`no answer within ${seconds} s`)));
    call.once('error', reject).end(body);
  });
}

/** CloudFront says 504. */
export class OriginTimeout extends Error {}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** What S3 answers without the right to list, whether the object is there or not. */
function denied(): EdgeAnswer {
  const body = Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
  return { status: 403, headers: { 'content-type': ['application/xml'], 'server': ['AmazonS3'] }, body };
}
