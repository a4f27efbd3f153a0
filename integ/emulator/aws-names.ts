import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import * as tls from 'tls';
import { CORSRule, GetBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { publicKeyHash } from './authority';
import { DeployedService } from './deployed-service';
import { Emulator, REGION } from './emulator';
import { listen } from './process';

const BUCKET = new RegExp(`^(.+)\\.s3\\.${REGION}\\.amazonaws\\.com$`);

/**
 * AWS under its own names, over TLS: what a service or a browser asks `*.amazonaws.com` or the sign-in pages, the emulator answers. Services come through
 * a proxy, which lets nothing else out; a browser is told where the names are.
 */
export class AwsNames {
  public static async start(emulator: Emulator, signInDomain: string): Promise<AwsNames> {
    const names = new AwsNames(emulator, signInDomain);
    names.httpsPort = await listen(names.secure);
    names.proxyPort = await listen(names.proxy);
    return names;
  }

  /** What a browser comes to. */
  public readonly names: string[];
  public httpsPort = 0;
  private proxyPort = 0;
  private readonly s3: S3Client;
  private readonly sockets = new Set<net.Socket>();
  private readonly secure: https.Server;
  private readonly proxy = http.createServer((_, response) => response.writeHead(405).end());

  private constructor(private readonly emulator: Emulator, signInDomain: string) {
    this.names = [signInDomain];
    this.s3 = new S3Client({ ...emulator.clientSettings, forcePathStyle: true });
    this.secure = https.createServer({
      SNICallback: (name, done) => void this.secureContext(name).then(context => done(null, context), done),
    }, (request, response) => void this.answer(request, response).catch(error => response.writeHead(502).end(`${error}`)));
    this.proxy.on('connect', (request, socket: net.Socket) => this.tunnel(request.url!, socket));
    for (const server of [this.secure, this.proxy]) {
      server.on('connection', (socket: net.Socket) => this.sockets.add(socket.once('close', () => this.sockets.delete(socket))));
    }
    this.secure.on('tlsClientError', () => undefined);
  }

  /** Another name that a browser comes to, such as a bucket's. */
  public add(name: string): void {
    this.names.push(name);
  }

  /** Nobody asks in clear text. */
  public get httpPort(): number {
    return this.httpsPort;
  }

  public publicKeyHashes(): Promise<string[]> {
    return Promise.all(this.names.map(async name => publicKeyHash(await this.emulator.authority.issue(name))));
  }

  /** What ECS gives a container besides its definition: region and credentials of its task role, whose session token says here which role that is. */
  public environment({ taskDefinition }: DeployedService): { [name: string]: string } {
    const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = this.emulator.environment;
    return {
      AWS_REGION,
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
      AWS_SESSION_TOKEN: taskDefinition.taskRoleArn!,
      AWS_CA_BUNDLE: this.emulator.authority.certificate,
      HTTPS_PROXY: `http://127.0.0.1:${this.proxyPort}`,
    };
  }

  public async stop(): Promise<void> {
    this.sockets.forEach(socket => socket.destroy());
    await Promise.all([this.secure, this.proxy].map(server => new Promise(resolve => server.close(resolve))));
  }

  private isOurs(name: string): boolean {
    return name.endsWith('.amazonaws.com') || this.names.includes(name);
  }

  private async secureContext(name: string): Promise<tls.SecureContext> {
    if (!this.isOurs(name)) throw new Error(`no certificate for ${name}`);
    const { certificate, key } = await this.emulator.authority.issue(name);
    return tls.createSecureContext({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) });
  }

  private tunnel(address: string, socket: net.Socket): void {
    socket.on('error', () => undefined);
    if (!this.isOurs(address.replace(/:443$/, ''))) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const inside = net.connect(this.httpsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      inside.pipe(socket).pipe(inside);
    }).on('error', () => socket.destroy());
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    // What a browser asks of the sign-in pages by itself.
    if (request.url === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    const bucket = BUCKET.exec(request.headers.host ?? '')?.[1];
    const allowed = bucket && request.headers.origin ? await this.allowed(bucket, request) : undefined;
    if (bucket && request.method === 'OPTIONS') {
      response.writeHead(allowed ? 200 : 403, allowed).end();
      return;
    }
    const { hostname: host, port } = new URL(this.emulator.environment.AWS_ENDPOINT_URL);
    const inside = http.request({ host, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      const headers = Object.entries(answer.headers).filter(([name]) => !bucket || !name.startsWith('access-control-'));
      response.writeHead(answer.statusCode!, { ...Object.fromEntries(headers), ...allowed });
      answer.pipe(response);
    });
    inside.on('error', () => response.destroy());
    request.pipe(inside);
  }

  /** The emulator lets every origin in; S3 asks the bucket's own rules. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */
  private async allowed(Bucket: string, { headers, method }: http.IncomingMessage): Promise<http.OutgoingHttpHeaders | undefined> {
    const { CORSRules = [] } = await this.s3.send(new GetBucketCorsCommand({ Bucket })).catch(() => ({}) as { CORSRules?: CORSRule[] });
    const wanted = headers['access-control-request-method'] ?? method!;
    const asked = `${headers['access-control-request-headers'] ?? ''}`.split(',').map(name => name.trim().toLowerCase()).filter(Boolean);
    const rule = CORSRules.find(({ AllowedOrigins, AllowedMethods, AllowedHeaders = [] }) =>
      AllowedOrigins!.includes(headers.origin!) && AllowedMethods!.includes(wanted)
      && asked.every(name => AllowedHeaders.some(pattern => name.startsWith(pattern.toLowerCase().replace('*', '')))));
    return rule && {
      'access-control-allow-origin': headers.origin,
      'access-control-allow-methods': rule.AllowedMethods!.join(', '),
      'access-control-allow-headers': asked.join(', '),
      'vary': 'Origin',
    };
  }
}
