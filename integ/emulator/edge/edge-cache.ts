import { Behavior } from './distribution';
import { EdgeAnswer, EdgeRequest } from './function-event';
import { cacheDirectives, cookiesOf, field, HeaderFields, queryOf } from './header-fields';
import { CachePolicy, selects } from './policies';

/** An answer that is kept. */
export interface CacheEntry {
  readonly answer: EdgeAnswer;
  /** What an invalidation has to name: path and query string. */
  readonly address: string;
  readonly storedAt: number;
  readonly freshUntil: number;
}

/** The cache of one distribution, as one edge location has it. */
export class EdgeCache {
  private readonly entries = new Map<string, CacheEntry>();
  /** How often something was invalidated: what was on its way meanwhile is not kept. */
  public invalidations = 0;

  public get(key: string): CacheEntry | undefined {
    return this.entries.get(key);
  }

  public put(key: string, entry: CacheEntry): void {
    this.entries.set(key, entry);
  }

  /** Forgets what the paths name; a `*` at the end takes whatever follows, anywhere else it is a character. */
  public invalidate(paths: readonly string[]): void {
    this.invalidations++;
    for (const [key, { address }] of this.entries) {
      if (paths.some((path) => isInvalidated(address, path))) {
        this.entries.delete(key);
      }
    }
  }
}

/** The key of a request, made of what the cache policy says. */
export function cacheKey({ cachePolicy, pathPattern }: Behavior, request: EdgeRequest): string {
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'cookie' && selects(cachePolicy.headers, name, lower));
  // All names of a distribution share its cache, unless the policy says otherwise.
  const host = selects(cachePolicy.headers, 'host', lower) ? request.host : '';
  return JSON.stringify([
    pathPattern, host, request.path, queryInKey(cachePolicy, request.query), headers.sort(),
    cookiesOf(request.headers).filter(([name]) => selects(cachePolicy.cookies, name)).sort(),
    acceptedEncodings(cachePolicy, request.headers),
  ]);
}

/** The query string as far as it is in the key. */
export function queryInKey({ queryStrings }: CachePolicy, query: string): string {
  return queryOf(query).filter(([name]) => selects(queryStrings, name)).map(([name, value]) => `${name}=${value}`).join('&');
}

/** Of the encodings that the viewer takes, those that the policy knows. */
export function acceptedEncodings({ gzip, brotli }: CachePolicy, headers: HeaderFields): string[] {
  const accepted = (field(headers, 'accept-encoding') ?? '').split(',').map((part) => part.trim())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part)).map((part) => part.split(';')[0].toLowerCase());
  return [brotli && accepted.includes('br') ? 'br' : '', gzip && accepted.includes('gzip') ? 'gzip' : ''].filter(Boolean);
}

/**
 * Seconds that an answer stays fresh; nothing where it is not kept at all.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html#ExpirationDownloadDist
 */
export function secondsFresh({ minimum, standard, maximum }: CachePolicy, headers: HeaderFields): number | undefined {
  const directives = cacheDirectives(headers);
  if (maximum === 0 || (minimum === 0 && (directives.has('no-store') || directives.has('private')))) {
    return undefined;
  }
  if (directives.has('no-cache') || directives.has('no-store') || directives.has('private')) {
    return minimum;
  }
  const asked = directives.get('s-maxage') ?? directives.get('max-age');
  const seconds = asked !== undefined ? Number(asked) : secondsUntil(field(headers, 'expires')) ?? standard;
  return Math.min(Math.max(seconds, minimum), maximum);
}

function secondsUntil(expires: string | undefined): number | undefined {
  return expires === undefined ? undefined : Math.max(0, Math.round((Date.parse(expires) - Date.now()) / 1000) || 0);
}

function isInvalidated(address: string, path: string): boolean {
  return path.endsWith('*') ? address.startsWith(path.slice(0, -1)) : address === path;
}

function lower(text: string): string {
  return text.toLowerCase();
}
