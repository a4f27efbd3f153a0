import { createECDH, createHash, createHmac, createPublicKey, verify } from 'crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'http';
import { AddressInfo } from 'net';

export const STORE_ARN = 'arn:aws:cloudfront::111111111111:key-value-store/82799aa8-8e20-4444-8888-dd17f114b000';

export const STORE_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', AWS_SESSION_TOKEN: 'token' };

/**
 * Speaks the data interface of CloudFront's key value stores, and refuses what is not signed with SigV4A, which it verifies by its own means:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class KeyValueStoreServer {
  public static async start(): Promise<KeyValueStoreServer> {
    const server = new KeyValueStoreServer();
    await new Promise<void>(resolve => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  public readonly keys = new Map<string, string>();
  public readonly requests: string[] = [];
  public version = 1;
  public status: string | undefined = 'READY';
  /** Answers of the next requests instead of the right ones. */
  public refusals: { readonly code: number; readonly name?: string; readonly body: string }[] = [];
  private readonly server: Server = createServer((request, response) => void this.receive(request, response));

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    this.requests.push(`${request.method} ${request.url}`);
    const refusal = isSigned(request, body) ? this.refusals.shift() : { code: 403, name: 'InvalidSignatureException', body: '{}' };
    if (refusal) {
      response.writeHead(refusal.code, refusal.name ? { 'x-amzn-ErrorType': `${refusal.name}:http://internal.amazon.com/` } : {}).end(refusal.body);
      return;
    }
    this.answer(request, body, response);
  }

  private answer({ method, url = '', headers }: IncomingMessage, body: string, response: ServerResponse): void {
    const [, , arn, , key] = url.split('/').map(decodeURIComponent);
    if (arn !== STORE_ARN) return void response.writeHead(404).end('{"Message":"no such store"}');
    if (method === 'GET' && key === undefined) {
      return void response.writeHead(200, { ETag: `v${this.version}` }).end(JSON.stringify({ ItemCount: this.keys.size, KvsARN: arn, Status: this.status }));
    }
    if (headers['if-match'] !== `v${this.version}`) return void response.writeHead(409, { 'x-amzn-ErrorType': 'ConflictException' }).end('{"Message":"changed"}');
    this.keys.set(key, JSON.parse(body).Value);
    this.version++;
    response.writeHead(200, { ETag: `v${this.version}` }).end('{}');
  }
}

function isSigned(request: IncomingMessage, body: string): boolean {
  const { authorization = '' } = request.headers;
  const match = /^AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE\/(\d{8}\/cloudfront-keyvaluestore\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/.exec(authorization);
  if (!match) return false;
  const [, scope, signedHeaders, signature] = match;
  const names = signedHeaders.split(';');
  const hasAll = ['host', 'x-amz-date', 'x-amz-region-set', 'x-amz-security-token'].every(name => names.includes(name));
  if (!hasAll || request.headers['x-amz-region-set'] !== '*' || request.headers['x-amz-security-token'] !== 'token') return false;
  const path = request.url!.split('/').map(encodeURIComponent).join('/');
  const canonical = [request.method, path, '', ...names.map(name => `${name}:${String(request.headers[name]).trim()}`), '', signedHeaders, sha256(body)].join('\n');
  const text = ['AWS4-ECDSA-P256-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  return verify('sha256', Buffer.from(text), publicKey(), Buffer.from(signature, 'hex'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The key that belongs to the credentials, derived as the service does. */
function publicKey() {
  const label = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from('AWS4-ECDSA-P256-SHA256'), Buffer.from([0]), Buffer.from('AKIDEXAMPLE'), Buffer.from([1]), Buffer.from([0, 0, 1, 0])]);
  const candidate = createHmac('sha256', `AWS4A${STORE_CREDENTIALS.AWS_SECRET_ACCESS_KEY}`).update(label).digest('hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey((BigInt(`0x${candidate}`) + 1n).toString(16).padStart(64, '0'), 'hex');
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'));
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
}
