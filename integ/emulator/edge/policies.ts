/** Which headers, cookies or query strings a policy means. */
export interface Selection {
  /** none, whitelist, all, allExcept, allViewer or allViewerAndWhitelistCloudFront. */
  readonly behavior: string;
  readonly names: readonly string[];
}

/** What is in the key of the cache, and for how long an answer stays. */
export interface CachePolicy {
  readonly minimum: number;
  readonly standard: number;
  readonly maximum: number;
  readonly gzip: boolean;
  readonly brotli: boolean;
  readonly headers: Selection;
  readonly cookies: Selection;
  readonly queryStrings: Selection;
}

/** What the origin gets of a request besides what is in the key of the cache. */
export interface OriginRequestPolicy {
  readonly headers: Selection;
  readonly cookies: Selection;
  readonly queryStrings: Selection;
}

interface RawSelection { readonly [name: string]: unknown }

/** Properties of an AWS::CloudFront::CachePolicy. */
export function cachePolicy(config: { readonly [name: string]: unknown }): CachePolicy {
  const parameters = config.ParametersInCacheKeyAndForwardedToOrigin as { readonly [name: string]: RawSelection | boolean };
  return {
    minimum: Number(config.MinTTL),
    standard: Number(config.DefaultTTL),
    maximum: Number(config.MaxTTL),
    gzip: parameters.EnableAcceptEncodingGzip === true,
    brotli: parameters.EnableAcceptEncodingBrotli === true,
    headers: selection(parameters.HeadersConfig as RawSelection, 'Header', 'Headers'),
    cookies: selection(parameters.CookiesConfig as RawSelection, 'Cookie', 'Cookies'),
    queryStrings: selection(parameters.QueryStringsConfig as RawSelection, 'QueryString', 'QueryStrings'),
  };
}

/** Properties of an AWS::CloudFront::OriginRequestPolicy. */
export function originRequestPolicy(config: { readonly [name: string]: unknown }): OriginRequestPolicy {
  return {
    headers: selection(config.HeadersConfig as RawSelection, 'Header', 'Headers'),
    cookies: selection(config.CookiesConfig as RawSelection, 'Cookie', 'Cookies'),
    queryStrings: selection(config.QueryStringsConfig as RawSelection, 'QueryString', 'QueryStrings'),
  };
}

/** Whether a selection means this name. */
export function selects({ behavior, names }: Selection, name: string, compare: (text: string) => string = (text) => text): boolean {
  const listed = names.map(compare).includes(compare(name));
  switch (behavior) {
    case 'none': return false;
    case 'whitelist': return listed;
    case 'allExcept': return !listed;
    case 'all':
    case 'allViewer': return true;
    case 'allViewerAndWhitelistCloudFront': return listed || !/^cloudfront-/i.test(name);
    default: throw new Error(`a policy selects ${behavior}, which is not known here`);
  }
}

function selection(config: RawSelection, kind: string, list: string): Selection {
  return { behavior: config[`${kind}Behavior`] as string, names: (config[list] as string[] | undefined) ?? [] };
}

const NONE: Selection = { behavior: 'none', names: [] };
const ALL: Selection = { behavior: 'all', names: [] };
const DISABLED: CachePolicy = {
  minimum: 0, standard: 0, maximum: 0, gzip: false, brotli: false, headers: NONE, cookies: NONE, queryStrings: NONE,
};
const OPTIMIZED: CachePolicy = { ...DISABLED, minimum: 1, standard: 86400, maximum: 31536000, gzip: true, brotli: true };
const ORIGIN_DECIDES_NAMES = ['host', 'origin', 'x-http-method-override', 'x-http-method', 'x-method-override'];

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
export const MANAGED_CACHE_POLICIES: { readonly [id: string]: CachePolicy } = {
  // CachingOptimized
  '658327ea-f89d-4fab-a63d-7e88639e58f6': OPTIMIZED,
  // CachingOptimizedForUncompressedObjects
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d': { ...OPTIMIZED, gzip: false, brotli: false },
  // CachingDisabled
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': DISABLED,
  // UseOriginCacheControlHeaders
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65': {
    minimum: 0,
    standard: 0,
    maximum: 31536000,
    gzip: true,
    brotli: true,
    headers: { behavior: 'whitelist', names: ORIGIN_DECIDES_NAMES },
    cookies: ALL,
    queryStrings: NONE,
  },
};

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
export const MANAGED_ORIGIN_REQUEST_POLICIES: { readonly [id: string]: OriginRequestPolicy } = {
  // AllViewer
  '216adef6-5c7f-47e4-b989-5492eafa07d3': { headers: { behavior: 'allViewer', names: [] }, cookies: ALL, queryStrings: ALL },
  // AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': { headers: { behavior: 'allExcept', names: ['host'] }, cookies: ALL, queryStrings: ALL },
  // CORS-S3Origin
  '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf': {
    headers: { behavior: 'whitelist', names: ['origin', 'access-control-request-headers', 'access-control-request-method'] },
    cookies: NONE,
    queryStrings: NONE,
  },
};
