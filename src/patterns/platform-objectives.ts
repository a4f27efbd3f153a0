import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { PlatformAlertOptions } from './production-web-platform-props';
import type { StaticCdnSite } from './static-cdn-site';
import { EnvironmentProfile } from '../environment';
import { ServiceLevelIndicator, ServiceLevelObjective, UptimeCheck } from '../observability';
import { WebLoadBalancer } from '../service';

const LATENCY = Duration.millis(200);

interface Watched {
  readonly profile: EnvironmentProfile;
  readonly loadBalancer: WebLoadBalancer;
  readonly site?: StaticCdnSite;
}

/** What the platform promises: that it answers, soon enough, and that its site is there. */
export function createObjectives(scope: Construct, options: PlatformAlertOptions, { profile, loadBalancer, site }: Watched): ServiceLevelObjective[] {
  if (!(options.objectives ?? profile.deletionProtection)) return [];
  const { availabilityPercent, latency = LATENCY } = options;
  const objective = (id: string, indicator: ServiceLevelIndicator, objectivePercent?: number) =>
    new ServiceLevelObjective(scope, id, { profile, indicator, objectivePercent });
  return [
    objective('Availability', ServiceLevelIndicator.availability(loadBalancer.loadBalancer), availabilityPercent),
    objective('Latency', ServiceLevelIndicator.latency(loadBalancer.loadBalancer, latency)),
    ...site ? [objective('SiteAvailability', ServiceLevelIndicator.siteAvailability(site.site.distribution), availabilityPercent)] : [],
  ];
}

/** Asks the platform from around the world. A site behind a password answers nobody who does not know it. */
export function createUptimeCheck(scope: Construct, options: PlatformAlertOptions, domainName: string, watched: Watched): UptimeCheck | undefined {
  const { profile, site } = watched;
  if (!profile.alarms || (site?.password && options.uptimePath === undefined)) return undefined;
  return new UptimeCheck(scope, 'Uptime', { profile, domainName, path: options.uptimePath });
}
