import { createHash } from 'crypto';
import { existsSync, readFileSync, statSync } from 'fs';
import * as http from 'http';
import { AddressInfo } from 'net';
import { join } from 'path';
import { AwsStandIn } from './aws-stand-in';
import { Behavior, readDistribution } from '../../integ/emulator/edge/distribution';
import { queryInKey } from '../../integ/emulator/edge/edge-cache';
import { EdgeSite } from '../../integ/emulator/edge/edge-site';
import { EdgeAnswer, EdgeRequest } from '../../integ/emulator/edge/function-event';
import type { OriginClient } from '../../integ/emulator/edge/origin-client';
import { Template } from '../../integ/emulator/edge/template';

/** One request to the bucket. */
export interface OriginRequest {
  readonly path: string;
  readonly query: string;
}

/**
 * The releases as CloudFront would serve them, by the synthesized template: behaviours, cache, policies and what the bucket allows. The bucket is
 * a folder. TLS is left out.
 */
export class ReleasesEdge {
  public static async start(template: Template, buckets: string): Promise<ReleasesEdge> {
    const edge = new ReleasesEdge(buckets);
    const distribution = await readDistribution(template, reference => resolved(reference));
    const origins = { ask: (behavior: Behavior, request: EdgeRequest) => edge.ask(behavior, request) };
    edge.site = new EdgeSite(distribution, origins as unknown as OriginClient);
    await new Promise<void>(resolve => edge.server.listen(0, '127.0.0.1', resolve));
    return edge;
  }

  /** What was asked of the bucket. */
  public readonly originRequests: OriginRequest[] = [];
  /** Headers of the requests of apps. */
  public readonly requests: { path: string; range?: string; staging?: string }[] = [];
  private site!: EdgeSite;
  private readonly server = http.createServer((request, response) => void this.handle(request, response));

  private constructor(private readonly buckets: string) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise(resolve => this.server.close(() => resolve()));
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const [path, query = ''] = request.url!.split('?');
    if (request.method === 'POST' && query === 'aws') return this.aws(request, response);
    this.requests.push({ path, range: request.headers.range, staging: request.headers['x-user-staging-id'] as string | undefined });
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [String(value)]]));
    const answer = await this.site.answer({
      scheme: 'https', method: request.method!, host: '127.0.0.1', path, query, headers, body: Buffer.alloc(0), ip: '127.0.0.1',
    });
    response.writeHead(answer.status, answer.headers as http.OutgoingHttpHeaders);
    response.end(answer.body);
  }

  private async aws(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      response.end(new AwsStandIn(this.buckets, path => this.site.cache.invalidate([path])).run(Buffer.concat(chunks)));
    } catch (error) {
      response.writeHead(500).end(`${(error as Error).stack}\n`);
    }
  }

  private async ask({ origin, cachePolicy, originRequestPolicy }: Behavior, { path, query }: EdgeRequest): Promise<EdgeAnswer> {
    if (originRequestPolicy) throw new Error('what such a policy adds is not told to the bucket here');
    this.originRequests.push({ path, query: queryInKey(cachePolicy, query) });
    const key = decodeURIComponent(`${origin.path}${path}`).slice(1);
    const file = join(this.buckets, origin.bucket!.name, key);
    if (!origin.bucket!.mayRead(key)) return { status: 403, headers: {}, body: Buffer.from('AccessDenied') };
    if (!existsSync(file) || !statSync(file).isFile()) return { status: origin.bucket!.mayList ? 404 : 403, headers: {}, body: Buffer.from('NoSuchKey') };
    const body = readFileSync(file);
    const metadata = JSON.parse(readFileSync(`${file}.metadata`, 'utf8')) as Record<string, string>;
    const known = ['cache-control', 'content-type'].filter(name => metadata[name]).map(name => [name, [metadata[name]]]);
    return { status: 200, headers: { ...Object.fromEntries(known), etag: [`"${createHash('md5').update(body).digest('hex')}"`] }, body };
  }
}

/** References as the deployed stack would answer them; the bucket has the name of its folder. */
function resolved(reference: { readonly [intrinsic: string]: unknown }): string {
  const [, argument] = Object.entries(reference)[0];
  const [logicalId, attribute] = Array.isArray(argument) ? argument as string[] : [String(argument), undefined];
  if (logicalId === 'AWS::Partition') return 'aws';
  if (attribute === 'DomainName') return '127.0.0.1';
  if (attribute === 'Arn') return 'arn:aws:s3:::releases';
  return /Bucket/.test(logicalId) ? 'releases' : logicalId;
}
