import { compressed } from './compression';
import { Behavior, EdgeDistribution } from './distribution';
import { acceptedEncodings, cacheKey, CacheEntry, EdgeCache, queryInKey, secondsFresh } from './edge-cache';
import { EdgeFunction, KeyValues } from './edge-function';
import { EdgeAnswer, EdgeRequest, InvalidFunctionResult, outcomeOf, viewerRequestEvent } from './function-event';
import { field, HeaderFields } from './header-fields';
import { applyHeadersPolicy } from './headers-policy';
import { OriginClient, OriginTimeout } from './origin-client';
import { takesPath } from './path-pattern';
import { forViewer } from './viewer-answer';

/** One request that was answered. */
export interface EdgeLogEntry {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  /** What the function made of the path. */
  readonly uri: string;
  readonly status: number;
  /** Of the header x-cache, the first word: Hit, RefreshHit, Miss, Error, Redirect, FunctionGeneratedResponse … */
  readonly cache: string;
}

interface Served extends EdgeAnswer {
  readonly cache: string;
  readonly age?: number;
}

/** Errors that are kept. */
const CACHED_ERRORS = [404, 405, 410, 414, 500, 501, 502, 503, 504, 400, 403, 416];
const DEFAULT_SECONDS_OF_ERRORS = 10;

/** A distribution that answers requests, one edge location of it. */
export class EdgeSite {
  public readonly cache = new EdgeCache();
  public readonly log: EdgeLogEntry[] = [];
  private readonly functions = new Map<Behavior, EdgeFunction>();

  constructor(public readonly distribution: EdgeDistribution, private readonly origins: OriginClient, keyValues?: KeyValues) {
    for (const behavior of distribution.behaviors.filter(({ viewerRequest }) => viewerRequest)) {
      this.functions.set(behavior, new EdgeFunction(behavior.viewerRequest!, keyValues));
    }
  }

  /** Whether a name is one of the distribution's. */
  public serves(host: string): boolean {
    const name = host.replace(/:\d+$/, '').toLowerCase();
    return [this.distribution.domainName, ...this.distribution.aliases].some((alias) => {
      const own = alias.toLowerCase();
      return own.startsWith('*.') ? name.split('.').slice(1).join('.') === own.slice(2) : own === name;
    });
  }

  public async answer(request: EdgeRequest): Promise<EdgeAnswer> {
    const uri = { path: request.path };
    const served = await this.serve(request, uri);
    const { scheme, method, host, path, query } = request;
    const url = `${scheme}://${host}${path}${query && `?${query}`}`;
    this.log.push({ at: Date.now(), method, url, uri: uri.path, status: served.status, cache: served.cache });
    const headers: HeaderFields = {
      'server': ['CloudFront'],
      ...served.headers,
      'x-cache': [`${served.cache} from cloudfront`],
      'via': ['1.1 edge.cloudfront.net (CloudFront)'],
      ...(served.age === undefined ? {} : { age: [`${served.age}`] }),
    };
    return { status: served.status, headers, body: method === 'HEAD' ? Buffer.alloc(0) : served.body };
  }

  private async serve(request: EdgeRequest, uri: { path: string }): Promise<Served> {
    if (!this.serves(request.host)) {
      return failure(403, 'The distribution does not have this name');
    }
    const behavior = this.behaviorOf(request.path);
    if (request.scheme === 'http' && behavior.viewerProtocolPolicy === 'redirect-to-https') {
      const location = `https://${request.host}${request.path}${request.query && `?${request.query}`}`;
      return { status: 301, headers: { location: [location] }, body: Buffer.alloc(0), cache: 'Redirect' };
    }
    if (request.scheme === 'http' && behavior.viewerProtocolPolicy === 'https-only') {
      return failure(403, 'HTTPS only');
    }
    if (!behavior.allowedMethods.includes(request.method)) {
      return failure(403, `This distribution is not configured to allow the HTTP request method ${request.method}`);
    }
    const outcome = await this.runFunction(behavior, request);
    if ('status' in outcome) {
      const { headers } = forViewer(outcome, request);
      return { ...outcome, headers: applyHeadersPolicy(behavior.headersPolicy, headers) };
    }
    uri.path = outcome.path;
    const found = await this.withErrorPages(behavior, this.withRoot(outcome));
    const shaped = forViewer(found, request);
    return { ...found, ...shaped, headers: applyHeadersPolicy(behavior.headersPolicy, shaped.headers) };
  }

  private behaviorOf(path: string): Behavior {
    return this.distribution.behaviors.find(({ pathPattern }) => takesPath(pathPattern, path))!;
  }

  private withRoot(request: EdgeRequest): EdgeRequest {
    const { defaultRootObject } = this.distribution;
    return request.path === '/' && defaultRootObject ? { ...request, path: `/${defaultRootObject}` } : request;
  }

  private async runFunction(behavior: Behavior, request: EdgeRequest): Promise<EdgeRequest | Served> {
    const edgeFunction = this.functions.get(behavior);
    if (!edgeFunction) {
      return request;
    }
    try {
      const result = await edgeFunction.run(viewerRequestEvent(request, this.distribution));
      const { request: changed, answer } = outcomeOf(result, request);
      return changed ?? { ...answer!, cache: 'FunctionGeneratedResponse' };
    } catch (error) {
      const isInvalid = error instanceof InvalidFunctionResult;
      const reason = `The CloudFront function ${isInvalid ? 'returned an invalid value' : 'failed'}: ${error}`;
      return { ...failure(isInvalid ? 502 : 503, reason), cache: 'FunctionExecutionError' };
    }
  }

  private async withErrorPages(behavior: Behavior, request: EdgeRequest): Promise<Served> {
    const served = await this.fromCacheOrOrigin(behavior, request);
    const page = this.distribution.errorResponses.find(({ code }) => code === served.status);
    if (!page?.pagePath) {
      return served;
    }
    const { pagePath, answeredCode } = page;
    const content = await this.fromCacheOrOrigin(this.behaviorOf(pagePath), { ...request, method: 'GET', path: pagePath, query: '' });
    // Without the page, viewers get the error that the page was to replace.
    return content.status === 200 ? { ...content, status: answeredCode ?? served.status, cache: 'Error' } : served;
  }

  private async fromCacheOrOrigin(behavior: Behavior, request: EdgeRequest): Promise<Served> {
    const key = cacheKey(behavior, request);
    const cached = behavior.cachedMethods.includes(request.method) ? this.cache.get(key) : undefined;
    if (cached && cached.freshUntil > Date.now()) {
      const age = Math.floor((Date.now() - cached.storedAt) / 1000);
      return { ...cached.answer, cache: cached.answer.status >= 400 ? 'Error' : 'Hit', age };
    }
    const invalidations = this.cache.invalidations;
    const answer = await this.fromOrigin(behavior, request, cached);
    if (cached && answer.status === 304) {
      const refreshed = { ...cached.answer, headers: { ...cached.answer.headers, ...renewed(answer.headers) } };
      this.keep(behavior, request, key, refreshed, invalidations);
      return { ...refreshed, cache: 'RefreshHit' };
    }
    const encodings = behavior.compress ? acceptedEncodings(behavior.cachePolicy, request.headers) : [];
    const final = await compressed(answer, request.headers.range ? [] : encodings);
    if (!request.headers.range) {
      this.keep(behavior, request, key, final, invalidations);
    }
    return { ...final, cache: final.status >= 400 ? 'Error' : 'Miss' };
  }

  private async fromOrigin(behavior: Behavior, request: EdgeRequest, cached?: CacheEntry): Promise<EdgeAnswer> {
    const tag = cached && field(cached.answer.headers, 'etag');
    const conditions: HeaderFields = tag && cached.answer.status === 200 ? { 'if-none-match': [tag.replace(/^W\//, '')] } : {};
    try {
      return await this.origins.ask(behavior, request, conditions);
    } catch (error) {
      return failure(error instanceof OriginTimeout ? 504 : 502, `CloudFront could not reach the origin ${behavior.origin.id}: ${error}`);
    }
  }

  private keep(behavior: Behavior, request: EdgeRequest, key: string, answer: EdgeAnswer, invalidations: number): void {
    const seconds = this.secondsKept(behavior, answer);
    if (request.method !== 'GET' || seconds === undefined || invalidations !== this.cache.invalidations) {
      return;
    }
    const query = queryInKey(behavior.cachePolicy, request.query);
    const now = Date.now();
    this.cache.put(key, { answer, address: `${request.path}${query && `?${query}`}`, storedAt: now, freshUntil: now + seconds * 1000 });
  }

  private secondsKept({ cachePolicy }: Behavior, answer: EdgeAnswer): number | undefined {
    if (answer.status >= 400) {
      const configured = this.distribution.errorResponses.find(({ code }) => code === answer.status)?.secondsCached;
      return CACHED_ERRORS.includes(answer.status) ? configured ?? DEFAULT_SECONDS_OF_ERRORS : undefined;
    }
    const isKept = [200, 301, 308].includes(answer.status) || (answer.status >= 300 && answer.headers['cache-control'] !== undefined);
    return isKept ? secondsFresh(cachePolicy, answer.headers) : undefined;
  }
}

/** Of a 304, what tells how long the answer stays fresh from now on. */
function renewed(headers: HeaderFields): HeaderFields {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => ['cache-control', 'date', 'expires'].includes(name)));
}

function failure(status: number, reason: string): Served {
  const body = Buffer.from(`<!doctype html><title>ERROR: The request could not be satisfied</title><h1>${status} ERROR</h1><p>${reason}</p>`);
  return { status, headers: { 'content-type': ['text/html'], 'server': ['CloudFront'] }, body, cache: 'Error' };
}
