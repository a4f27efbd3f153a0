/*
 * The data of a CloudFront KeyValueStore. The service takes only requests that are signed with SigV4A, for which the SDK in Lambda's runtime has
 * no signer that can be relied on: https://github.com/aws/aws-sdk-js-v3#functionality-requiring-aws-common-runtime-crt
 * So these two requests are signed by the signer that the SDK would load, which the bundle brings along.
 */

/* eslint-disable import/no-extraneous-dependencies -- bundled */
import { createHash, createHmac, Hash, Hmac } from 'crypto';
import { SignatureV4a } from '@smithy/signature-v4a';

/** What is known of a store before something is put into it. */
export interface StoreState {
  readonly ETag: string;
  readonly Status?: string;
  readonly FailureReason?: string;
}

/** A store, as far as the password needs it. */
export interface PasswordStore {
  describe(): Promise<StoreState>;
  /** Puts a value if the store has not changed since it was described. */
  put(key: string, value: string, etag: string): Promise<void>;
}

const SERVICE = 'cloudfront-keyvaluestore';
const TIMEOUT_MILLISECONDS = 5_000;

/** A store by its ARN, asked with the function's own credentials. */
export function openStore(arn: string, environment: NodeJS.ProcessEnv): PasswordStore {
  const path = `/key-value-stores/${encodeURIComponent(arn)}`;
  return {
    async describe() {
      const { headers, body } = await send(arn, environment, 'GET', path);
      return { ...JSON.parse(body), ETag: headers.get('etag') ?? '' };
    },
    async put(key, value, etag) {
      const headers = { 'content-type': 'application/json', 'if-match': etag };
      await send(arn, environment, 'PUT', `${path}/keys/${encodeURIComponent(key)}`, headers, JSON.stringify({ Value: value }));
    },
  };
}

async function send(arn: string, environment: NodeJS.ProcessEnv, method: string, path: string, given: Record<string, string> = {}, body?: string) {
  const { protocol, hostname, host } = endpoint(arn, environment);
  const request = { method, protocol, hostname, path, query: {}, headers: { ...given, host }, body };
  const { headers }: { headers: Record<string, string> } = await signer(environment).sign(request, {});
  // fetch writes the host itself, and refuses to be told.
  const { host: _, ...signed } = headers;
  const response = await fetch(`${protocol}//${host}${path}`, { method, headers: signed, body, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`the key value store answered ${response.status} ${errorName(response, text)}`);
  return { headers: response.headers, body: text };
}

/** The host has the account's number in front: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html */
function endpoint(arn: string, environment: NodeJS.ProcessEnv): URL {
  const own = environment.AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE ?? environment.AWS_ENDPOINT_URL;
  return new URL(own ?? `https://${arn.split(':')[4]}.cloudfront-kvs.global.api.aws`);
}

function signer(environment: NodeJS.ProcessEnv): SignatureV4a {
  return new SignatureV4a({
    service: SERVICE,
    region: '*',
    sha256: Sha256,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
      sessionToken: environment.AWS_SESSION_TOKEN,
    },
  });
}

function errorName(response: Response, text: string): string {
  const message = /"message"\s*:\s*"([^"]*)"/i.exec(text)?.[1] ?? text.slice(0, 200);
  return `${response.headers.get('x-amzn-errortype')?.split(':')[0] ?? response.statusText} ${message}`.trim();
}

/** What the signer hashes with: with a secret it is an HMAC. */
class Sha256 {
  private hash!: Hash | Hmac;

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
    this.reset();
  }

  public update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(data));
  }

  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  public reset(): void {
    this.hash = this.secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(this.secret));
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}
