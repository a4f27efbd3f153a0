import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ProductionWebPlatformProps } from './production-web-platform-props';
import { FirewallMatch, RateLimit } from '../edge';
import type { WebLoadBalancer } from '../service';
import { SiteApi } from '../site';

type Entry = Pick<ProductionWebPlatformProps, 'loadBalancer' | 'publicLoadBalancer' | 'site' | 'domain' | 'apiPaths'>;

/** Where CloudFront and Amazon's other services come from. @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-asn-match.html */
const AMAZON = [16509, 14618];

/** Whether the load balancer is reached from the internet. A given one knows it by itself. */
export function isPublic({ loadBalancer, publicLoadBalancer, site }: Entry): boolean {
  return loadBalancer ? !isInternal(loadBalancer) : publicLoadBalancer ?? site === undefined;
}

/** Whether a load balancer is reached from inside its network only. */
export function isInternal({ loadBalancer }: WebLoadBalancer): boolean {
  return (loadBalancer.node.defaultChild as elbv2.CfnLoadBalancer).scheme === 'internal';
}

/** The name that the load balancer has a certificate for: of a given one its own. Undefined where it speaks HTTP, or has AWS's name only. */
export function entryName(entry: Entry): string | undefined {
  const { loadBalancer, domain } = entry;
  if (loadBalancer) return loadBalancer.certificate && ownName(loadBalancer);
  return domain && `${isPublic(entry) ? 'api' : 'origin'}.${domain.domainName}`;
}

/** The way from CloudFront to the services. */
export function entryApi(entry: Entry, { loadBalancer }: WebLoadBalancer): SiteApi {
  const options = { pathPatterns: entry.apiPaths };
  const domainName = entryName(entry);
  if (isPublic(entry)) return SiteApi.loadBalancer(loadBalancer, { ...options, domainName: domainName! });
  return SiteApi.privateLoadBalancer(loadBalancer, { ...options, domainName });
}

/**
 * How much one address may ask of the load balancer. CloudFront comes with a few addresses for everybody, and limits visitors before the site: a private load
 * balancer sees nobody else, and a public one leaves its network out, whose addresses AWS WAF knows by their number, not by a list that would grow old.
 */
export function entryRateLimits(entry: Entry): RateLimit[] | undefined {
  if (!entry.site) return undefined;
  if (!isPublic(entry)) return [];
  const amazon = FirewallMatch._of(1, () => ({ asnMatchStatement: { asnList: AMAZON } }));
  return [RateLimit.perIp({ onlyWhere: FirewallMatch.noneOf(amazon) })];
}

function ownName({ url, loadBalancer }: WebLoadBalancer): string | undefined {
  const [, name] = url.split('://');
  return name === loadBalancer.loadBalancerDnsName ? undefined : name;
}
