import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { PlatformAlertOptions } from './production-web-platform-props';
import type { StaticCdnSite } from './static-cdn-site';
import { EnvironmentProfile } from '../environment';
import { ServiceLevelIndicator, ServiceLevelObjective } from '../observability';
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
