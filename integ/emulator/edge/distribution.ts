import { FunctionSource, functionSource } from './function-source';
import { MANAGED_HEADERS_POLICIES, ResponseHeadersPolicy, responseHeadersPolicy } from './headers-policy';
import { Origin, readOrigin } from './origin';
import {
  CachePolicy, cachePolicy, MANAGED_CACHE_POLICIES, MANAGED_ORIGIN_REQUEST_POLICIES, OriginRequestPolicy, originRequestPolicy,
} from './policies';
import { evaluate, evaluateString, logicalIds, Properties, referredTo, Resolve, Template } from './template';

/** What happens with requests for some paths. */
export interface Behavior {
  readonly pathPattern: string;
  readonly origin: Origin;
  readonly viewerProtocolPolicy: string;
  readonly allowedMethods: readonly string[];
  readonly cachedMethods: readonly string[];
  readonly compress: boolean;
  readonly cachePolicy: CachePolicy;
  readonly originRequestPolicy?: OriginRequestPolicy;
  readonly headersPolicy?: ResponseHeadersPolicy;
  readonly viewerRequest?: FunctionSource;
}

/** What is answered instead of an error. */
export interface ErrorResponse {
  readonly code: number;
  readonly answeredCode?: number;
  readonly pagePath?: string;
  readonly secondsCached: number;
}

/** A distribution as the template says it. */
export interface EdgeDistribution {
  readonly id: string;
  readonly domainName: string;
  readonly aliases: readonly string[];
  readonly defaultRootObject?: string;
  /** In the order in which they are tried; the last one takes every path. */
  readonly behaviors: readonly Behavior[];
  readonly errorResponses: readonly ErrorResponse[];
}

const DEFAULT_SECONDS_OF_ERRORS = 10;
const SERVED = ['Aliases', 'CacheBehaviors', 'CustomErrorResponses', 'DefaultCacheBehavior', 'DefaultRootObject', 'Origins'];
const NOT_SERVED_KNOWINGLY = [
  'Comment', 'Enabled', 'HttpVersion', 'IPV6Enabled', 'Logging', 'PriceClass', 'Restrictions', 'ViewerCertificate', 'WebACLId',
];
const BEHAVIOR_SERVED = [
  'AllowedMethods', 'CachedMethods', 'CachePolicyId', 'Compress', 'FunctionAssociations', 'OriginRequestPolicyId', 'PathPattern',
  'ResponseHeadersPolicyId', 'TargetOriginId', 'ViewerProtocolPolicy',
];

/** Reads the distribution of a template. @param logicalId which one, where there are several */
export async function readDistribution(template: Template, resolve: Resolve, logicalId?: string): Promise<EdgeDistribution> {
  const wanted = logicalId ?? onlyOne(logicalIds(template, 'AWS::CloudFront::Distribution'));
  const config = template.Resources[wanted].Properties!.DistributionConfig as Properties;
  refuseUnknown('the distribution', config, [...SERVED, ...NOT_SERVED_KNOWINGLY]);

  const origins = new Map<string, Origin>();
  for (const properties of config.Origins as Properties[]) {
    origins.set(properties.Id as string, await readOrigin(template, properties, resolve));
  }
  const reader = new BehaviorReader(template, resolve, origins);
  const raw = [...(config.CacheBehaviors as Properties[] | undefined) ?? [], { PathPattern: '*', ...config.DefaultCacheBehavior as Properties }];
  return {
    id: await resolve({ Ref: wanted }),
    domainName: await resolve({ 'Fn::GetAtt': [wanted, 'DomainName'] }),
    aliases: await evaluate(config.Aliases ?? [], resolve) as string[],
    defaultRootObject: config.DefaultRootObject as string | undefined,
    behaviors: await Promise.all(raw.map((properties) => reader.read(properties))),
    errorResponses: ((config.CustomErrorResponses as Properties[] | undefined) ?? []).map(errorResponse),
  };
}

class BehaviorReader {
  constructor(private readonly template: Template, private readonly resolve: Resolve, private readonly origins: Map<string, Origin>) {}

  public async read(properties: Properties): Promise<Behavior> {
    refuseUnknown(`the behavior of ${properties.PathPattern}`, used(properties), BEHAVIOR_SERVED);
    const origin = this.origins.get(properties.TargetOriginId as string);
    if (!origin) {
      throw new Error(`no origin is called ${properties.TargetOriginId}`);
    }
    return {
      pathPattern: properties.PathPattern as string,
      origin,
      viewerProtocolPolicy: properties.ViewerProtocolPolicy as string,
      allowedMethods: (properties.AllowedMethods as string[] | undefined) ?? ['GET', 'HEAD'],
      cachedMethods: (properties.CachedMethods as string[] | undefined) ?? ['GET', 'HEAD'],
      compress: properties.Compress === true,
      cachePolicy: await this.policy('AWS::CloudFront::CachePolicy', properties.CachePolicyId, MANAGED_CACHE_POLICIES, cachePolicy),
      originRequestPolicy: properties.OriginRequestPolicyId === undefined ? undefined :
        await this.policy('AWS::CloudFront::OriginRequestPolicy', properties.OriginRequestPolicyId, MANAGED_ORIGIN_REQUEST_POLICIES, originRequestPolicy),
      headersPolicy: properties.ResponseHeadersPolicyId === undefined ? undefined :
        await this.policy('AWS::CloudFront::ResponseHeadersPolicy', properties.ResponseHeadersPolicyId, MANAGED_HEADERS_POLICIES, responseHeadersPolicy),
      viewerRequest: await this.viewerRequest(properties),
    };
  }

  private async policy<T>(type: string, id: unknown, managed: { readonly [id: string]: T }, read: (config: Properties) => T): Promise<T> {
    const resource = this.template.Resources[referredTo(id) ?? ''];
    if (resource?.Type === type) {
      const name = type.split('::').at(-1);
      return read(await evaluate(resource.Properties![`${name}Config`], this.resolve) as Properties);
    }
    const known = managed[await evaluateString(id, this.resolve)];
    if (!known) {
      throw new Error(`${type} ${JSON.stringify(id)} is neither in the template nor a managed one that is known here`);
    }
    return known;
  }

  private async viewerRequest(properties: Properties): Promise<FunctionSource | undefined> {
    const [association, ...more] = (properties.FunctionAssociations as { EventType: string; FunctionARN: unknown }[] | undefined) ?? [];
    if (more.length > 0 || (association && association.EventType !== 'viewer-request')) {
      throw new Error('only a function for viewer requests is served here');
    }
    return association && functionSource(this.template, association.FunctionARN, this.resolve);
  }
}

function errorResponse(properties: Properties): ErrorResponse {
  return {
    code: Number(properties.ErrorCode),
    answeredCode: properties.ResponseCode === undefined ? undefined : Number(properties.ResponseCode),
    pagePath: properties.ResponsePagePath as string | undefined,
    secondsCached: Number(properties.ErrorCachingMinTTL ?? DEFAULT_SECONDS_OF_ERRORS),
  };
}

function onlyOne(found: string[]): string {
  if (found.length !== 1) {
    throw new Error(`the template has ${found.length} distributions (${found.join(', ')}): say which one`);
  }
  return found[0];
}

/** Properties that are not switched off. */
function used(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0)));
}

/** Nothing may pass because it was ignored. */
function refuseUnknown(what: string, properties: Properties, known: readonly string[]): void {
  const unknown = Object.keys(properties).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`${what} has ${unknown.join(', ')}, which is not served here`);
  }
}
