import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { entryName } from './platform-entry';
import type { ProductionWebPlatformProps } from './production-web-platform-props';
import type { StaticCdnSite } from './static-cdn-site';
import { EnvironmentProfile } from '../environment';
import { UptimeCheck } from '../observability';
import { WebLoadBalancer, WebService } from '../service';
import { includes } from '../service/route-pattern';

interface Asked {
  readonly profile: EnvironmentProfile;
  readonly loadBalancer: WebLoadBalancer;
  readonly services: { readonly [name: string]: WebService };
  readonly site?: StaticCdnSite;
}

/** Whether a path is answered by services, and by nothing that is there while they sleep. */
export function asksServices({ site, apiPaths = ['/api/*'] }: ProductionWebPlatformProps, path: string): boolean {
  return !site || apiPaths.some(pattern => includes(pattern, withoutQuery(path)));
}

/** Asks the platform from around the world, where a path is known that answers: otherwise an alarm would be on from the first day. */
export function createUptimeCheck(scope: Construct, props: ProductionWebPlatformProps, asked: Asked): UptimeCheck | undefined {
  const { profile, site } = asked;
  const domainName = site ? props.domain?.domainName : reachableName(props, asked);
  if (!profile.alarms || domainName === undefined) return undefined;
  const path = props.alerts?.uptimePath ?? (site ? sitePath(site) : servicePath(domainName, props, asked));
  if (path === undefined || (props.workingHours && asksServices(props, path))) return undefined;
  return new UptimeCheck(scope, 'Uptime', { profile, domainName, path });
}

/** A site behind a password answers nobody who does not know it. */
function sitePath({ password }: StaticCdnSite): string | undefined {
  return password ? undefined : '/';
}

function reachableName(props: ProductionWebPlatformProps, { loadBalancer }: Asked): string | undefined {
  return loadBalancer._isPublic ? entryName(props) : undefined;
}

/** The path of the first health check that comes from outside to the service that it is for, past no sign-in. */
function servicePath(host: string, props: ProductionWebPlatformProps, { services }: Asked): string | undefined {
  const routed = Object.entries(props.services).map(([name, { hosts = [], paths = hosts.length > 0 ? [] : ['/*'], signIn }]) => {
    const { listenerRule, targetGroup } = services[name];
    const { priority } = listenerRule.node.defaultChild as elbv2.CfnListenerRule;
    return { hosts: hosts.map(each => each.toLowerCase()), paths, signIn, priority, healthCheckPath: targetGroup.healthCheck.path! };
  });
  const isAny = (patterns: string[], value: string) => patterns.length === 0 || patterns.some(pattern => includes(pattern, value));
  const answering = (path: string) => routed
    .filter(({ hosts, paths }) => isAny(hosts, host.toLowerCase()) && isAny(paths, withoutQuery(path)))
    .sort((one, other) => one.priority - other.priority)[0];
  return routed.find(service => !service.signIn && answering(service.healthCheckPath) === service)?.healthCheckPath;
}

function withoutQuery(path: string): string {
  return path.split('?')[0];
}
