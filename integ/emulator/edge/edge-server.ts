import * as fs from 'fs';
import * as http from 'http';
import * as http2 from 'http2';
import * as net from 'net';
import * as tls from 'tls';
import { Authority, publicKeyHash } from '../authority';
import { listen } from '../process';
import { readDistribution } from './distribution';
import { KeyValues } from './edge-function';
import { EdgeLogEntry, EdgeSite } from './edge-site';
import { EdgeAnswer, EdgeRequest } from './function-event';
import { headerFields, nodeHeaders } from './header-fields';
import { OriginClient } from './origin-client';
import { Resolve, Template } from './template';

export interface EdgeServerOptions {
  /** Synthesized template of the stack that has the distribution. */
  readonly template: Template;
  /** Answers the references of the template. */
  readonly resolve: Resolve;
  /** Logical id of the distribution. @default - the only one */
  readonly distribution?: string;
  /** Address of each origin that is no bucket, by its id or its domain name. @default - there is none */
  readonly origins?: { readonly [idOrDomainName: string]: string };
  /** The emulator, for the buckets. */
  readonly s3Endpoint: string;
  /** Values of the key value store of the distribution's function. @default - it has none */
  readonly keyValues?: KeyValues;
  /** Issues the certificates of the distribution's names. */
  readonly authority: Authority;
}

/** Serves a distribution on this machine as CloudFront would, over HTTP and HTTPS. */
export class EdgeServer {
  public static async start(options: EdgeServerOptions): Promise<EdgeServer> {
    const { template, resolve, distribution, origins = {}, s3Endpoint, keyValues, authority } = options;
    const read = await readDistribution(template, resolve, distribution);
    const site = new EdgeSite(read, new OriginClient({ origins, s3Endpoint }), keyValues);
    const server = new EdgeServer(site, authority);
    server.httpPort = await listen(server.plain);
    server.httpsPort = await listen(server.secure);
    return server;
  }

  public httpPort = 0;
  public httpsPort = 0;
  private readonly sockets = new Set<net.Socket>();
  private readonly plain: http.Server;
  private readonly secure: http2.Http2SecureServer;

  private constructor(public readonly site: EdgeSite, private readonly authority: Authority) {
    this.plain = http.createServer((request, response) => void this.handle('http', request, response));
    this.secure = http2.createSecureServer({
      allowHTTP1: true,
      SNICallback: (name, done) => void this.secureContext(name).then((context) => done(null, context), done),
    }, (request, response) => void this.handle('https', request, response as unknown as http.ServerResponse));
    for (const server of [this.plain, this.secure] as net.Server[]) {
      server.on('connection', (socket: net.Socket) => {
        this.sockets.add(socket.once('close', () => this.sockets.delete(socket)));
      });
    }
    // Viewers go away; that is no error of the edge.
    this.secure.on('sessionError', () => undefined).on('tlsClientError', () => undefined);
  }

  /** Every request so far. */
  public get log(): readonly EdgeLogEntry[] {
    return this.site.log;
  }

  /** Names that the distribution answers to. */
  public get names(): readonly string[] {
    return [...this.site.distribution.aliases, this.site.distribution.domainName];
  }

  /** Forgets what was cached for these paths, as CreateInvalidation does. */
  public invalidate(paths: readonly string[]): void {
    this.site.cache.invalidate(paths);
  }

  /** Hashes of the public keys of all names' certificates: what a browser is told to trust. */
  public async publicKeyHashes(): Promise<string[]> {
    return Promise.all(this.names.map(async (name) => publicKeyHash(await this.authority.issue(name))));
  }

  public async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await Promise.all([this.plain, this.secure].map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private async secureContext(name: string): Promise<tls.SecureContext> {
    if (!this.site.serves(name)) {
      throw new Error(`no certificate for ${name}`);
    }
    const { certificate, key } = await this.authority.issue(name);
    return tls.createSecureContext({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) });
  }

  private async handle(scheme: 'http' | 'https', request: http.IncomingMessage | http2.Http2ServerRequest, response: http.ServerResponse): Promise<void> {
    try {
      const answer = await this.site.answer(await edgeRequest(scheme, request));
      send(response, answer);
    } catch (error) {
      console.error(`edge: ${request.method} ${request.url}: ${(error as Error).stack}`);
      send(response, { status: 500, headers: {}, body: Buffer.from(`${error}`) });
    }
  }
}

async function edgeRequest(scheme: 'http' | 'https', request: http.IncomingMessage | http2.Http2ServerRequest): Promise<EdgeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const [path, ...query] = request.url!.split('?');
  const { host, ...headers } = headerFields(request.headers);
  const authority = request.headers[':authority'] as string | undefined;
  return {
    scheme,
    method: request.method!,
    host: authority ?? host?.[0] ?? '',
    path,
    query: query.join('?'),
    headers,
    body: Buffer.concat(chunks),
    ip: request.socket.remoteAddress ?? '127.0.0.1',
  };
}

function send(response: http.ServerResponse, { status, headers, body }: EdgeAnswer): void {
  if (response.destroyed) {
    return;
  }
  response.writeHead(status, nodeHeaders(headers));
  response.end(body);
}
