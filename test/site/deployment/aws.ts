import { createHash } from 'crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'http';
import { AddressInfo } from 'net';

interface S3Version {
  readonly id: string;
  readonly body?: Buffer;
  readonly headers: { readonly [name: string]: string };
}

/** An answer instead of the right one. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  times?: number;
  /** What was asked is done, and its answer is lost. */
  readonly late?: boolean;
  /** The answer begins, and breaks off. */
  readonly cut?: boolean;
}

/** S3 with versions, and CloudFront's invalidations, as far as the function uses them: the SDK speaks HTTP with it. */
export class SiteAws {
  public static async start(): Promise<SiteAws> {
    const aws = new SiteAws();
    await new Promise<void>(resolve => aws.server.listen(0, '127.0.0.1', resolve));
    aws.environment = { ...process.env };
    const { port } = aws.server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    });
    return aws;
  }

  /** Versions of objects by bucket and key, the newest last. */
  public readonly objects = new Map<string, S3Version[]>();
  public readonly requests: string[] = [];
  public readonly invalidations: string[] = [];
  /** Answers instead of S3, by a part of the request line. */
  public readonly refusals = new Map<string, Refusal>();
  public versioned = true;
  private readonly server: Server = createServer((request, response) => this.receive(request, response));
  private environment: NodeJS.ProcessEnv = {};
  private count = 0;

  public reset(): void {
    this.objects.clear();
    this.requests.length = 0;
    this.invalidations.length = 0;
    this.refusals.clear();
    this.versioned = true;
  }

  public put(key: string, body: string | Buffer): void {
    this.objects.set(key, [{ id: `v${++this.count}`, body: Buffer.from(body as string), headers: {} }]);
  }

  public text(key: string): string | undefined {
    return this.objects.get(key)?.at(-1)?.body?.toString();
  }

  public headersOf(key: string): { readonly [name: string]: string } | undefined {
    return this.objects.get(key)?.at(-1)?.headers;
  }

  public async stop(): Promise<void> {
    process.env = this.environment;
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => {
      const url = new URL(request.url!, 'http://aws');
      const key = decodeURIComponent(url.pathname.slice(1));
      const line = `${request.method} ${key}${url.searchParams.get('versionId') ? '?version' : ''}`;
      this.requests.push(line);
      const refusal = [...this.refusals].find(([part]) => line.includes(part))?.[1];
      const body = Buffer.concat(chunks);
      if (!refusal || refusal.times !== undefined && refusal.times-- <= 0) return this.route(request, response, { url, key, body });
      if (refusal.cut) return void response.writeHead(200, { 'content-length': '1000' }).write('{', () => response.destroy());
      if (refusal.late) this.keep(request, key, body);
      return this.refuse(response, refusal.status, refusal.code);
    });
  }

  private route(request: IncomingMessage, response: ServerResponse, call: { url: URL; key: string; body: Buffer }): void {
    const { url, key, body } = call;
    if (key.startsWith('2020-05-31/')) return this.cloudfront(response, request.method!, body.toString());
    if (url.searchParams.has('delete')) return this.delete(response, key, body.toString());
    if (url.searchParams.has('versions')) return this.versions(response, key, url.searchParams);
    if (request.method === 'PUT') return this.write(request, response, key, body);
    return this.get(request, response, key, url.searchParams.get('versionId'));
  }

  private get({ headers, method }: IncomingMessage, response: ServerResponse, key: string, id: string | null): void {
    const versions = this.objects.get(key) ?? [];
    const version = id ? versions.find(each => each.id === id) : versions.at(-1);
    // The bucket of the assets must not be listed, so that S3 forbids what is not there.
    const status = key.startsWith('assets/') ? 403 : 404;
    if (!version?.body) return this.refuse(response, status, status === 403 ? 'AccessDenied' : 'NoSuchKey', method === 'HEAD');
    const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const { length } = version.body;
    const start = first === undefined ? 0 : first === '' ? Math.max(0, length - Number(last)) : Number(first);
    const end = first && last ? Number(last) + 1 : length;
    if (first !== undefined) response.setHeader('content-range', `bytes ${start}-${end - 1}/${length}`);
    response.writeHead(first === undefined ? 200 : 206, { etag: `"${version.id}"`, ...version.headers }).end(method === 'HEAD' ? undefined : version.body.subarray(start, end));
  }

  private write({ headers }: IncomingMessage, response: ServerResponse, key: string, sent: Buffer): void {
    const versions = this.objects.get(key) ?? [];
    const newest = versions.at(-1)?.body ? versions.at(-1) : undefined;
    if (headers['if-match'] && !newest) return this.refuse(response, 404, 'NoSuchKey');
    if (headers['if-match'] && headers['if-match'] !== `"${newest!.id}"`) return this.refuse(response, 412, 'PreconditionFailed');
    if (headers['if-none-match'] && newest) return this.refuse(response, 412, 'PreconditionFailed');
    const source = headers['x-amz-copy-source'] && new URL(`http://aws/${headers['x-amz-copy-source']}`);
    const body = source ? this.objects.get(decodeURIComponent(source.pathname.slice(1)))!.find(({ id: each }) => each === source.searchParams.get('versionId'))!.body! : sent;
    const checksum = headers['x-amz-checksum-sha256'];
    if (checksum && checksum !== createHash('sha256').update(body).digest('base64')) return this.refuse(response, 400, 'BadDigest');
    const id = this.keep({ headers }, key, body);
    response.writeHead(200, { 'etag': `"${id}"`, 'x-amz-version-id': id }).end(source ? '<CopyObjectResult><ETag>x</ETag></CopyObjectResult>' : undefined);
  }

  private keep({ headers }: Pick<IncomingMessage, 'headers'>, key: string, body: Buffer): string {
    const id = this.versioned ? `v${++this.count}` : 'null';
    const kept = { 'content-type': headers['content-type'] ?? '', 'cache-control': headers['cache-control'] ?? '' };
    this.objects.set(key, [...this.objects.get(key) ?? [], { id, body, headers: kept }]);
    return id;
  }

  private delete(response: ServerResponse, bucket: string, xml: string): void {
    const denied: string[] = [];
    for (const [, object] of xml.matchAll(/<Object>(.*?)<\/Object>/g)) {
      const key = `${bucket.replace(/\/$/, '')}/${/<Key>(.*?)<\/Key>/.exec(object)![1]}`;
      const id = /<VersionId>(.*?)<\/VersionId>/.exec(object)?.[1];
      if (key.endsWith('/locked')) denied.push(`<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>locked</Message></Error>`);
      else if (id) this.objects.set(key, this.objects.get(key)!.filter(version => version.id !== id));
      else this.objects.set(key, [...this.objects.get(key) ?? [], { id: `v${++this.count}`, headers: {} }]);
    }
    response.end(`<DeleteResult>${denied.join('')}</DeleteResult>`);
  }

  /** Two objects a page. */
  private versions(response: ServerResponse, address: string, query: URLSearchParams): void {
    const bucket = `${address.replace(/\/$/, '')}/`;
    const begins = bucket + query.get('prefix')!;
    const after = bucket + (query.get('key-marker') ?? '');
    const all = [...this.objects].filter(([key, versions]) => key.startsWith(begins) && key > after && versions.length > 0)
      .sort(([one], [other]) => one < other ? -1 : 1);
    const page = all.slice(0, 2);
    const items = page.flatMap(([key, versions]) => versions.map(({ id, body }) => {
      const kind = body ? 'Version' : 'DeleteMarker';
      return `<${kind}><Key>${key.slice(bucket.length)}</Key><VersionId>${id}</VersionId></${kind}>`;
    }));
    const more = all.length > 2 ? `<IsTruncated>true</IsTruncated><NextKeyMarker>${page[1][0].slice(bucket.length)}</NextKeyMarker>` : '<IsTruncated>false</IsTruncated>';
    response.end(`<ListVersionsResult>${more}${items.join('')}</ListVersionsResult>`);
  }

  private cloudfront(response: ServerResponse, method: string, xml: string): void {
    if (method === 'POST') this.invalidations.push([...xml.matchAll(/<Path>(.*?)<\/Path>/g)].map(([, path]) => path).join(' '));
    response.writeHead(method === 'POST' ? 201 : 200).end('<Invalidation><Id>I1</Id><Status>Completed</Status></Invalidation>');
  }

  private refuse(response: ServerResponse, status: number, code: string, empty = false): void {
    response.writeHead(status).end(empty ? undefined : `<Error><Code>${code}</Code><Message>refused</Message></Error>`);
  }
}
