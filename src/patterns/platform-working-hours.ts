import { Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, IConstruct } from 'constructs';
import type { StaticCdnSite } from './static-cdn-site';
import { WorkingHours, WorkingHoursOptions } from '../cost';
import type { PostgresDatabase } from '../database';
import type { EnvironmentProfile } from '../environment';
import type { ServiceLevelObjective } from '../observability';
import type { SearchIngestion } from '../search';
import type { ScheduledTask, WebLoadBalancer, WebService, Worker } from '../service';

interface Sleepers {
  readonly profile: EnvironmentProfile;
  readonly services: { readonly [name: string]: WebService };
  readonly database: PostgresDatabase;
  readonly loadBalancer: WebLoadBalancer;
  readonly searchIngestion?: SearchIngestion;
  readonly objectives: ServiceLevelObjective[];
  readonly site?: StaticCdnSite;
}

/** Puts services and database to sleep, and silences what would ring because they sleep. */
export function createWorkingHours(scope: Construct, options: WorkingHoursOptions, platform: Sleepers): WorkingHours {
  const { profile, database, loadBalancer, searchIngestion, objectives, site } = platform;
  const services = Object.values(platform.services);
  const ringing: cloudwatch.IAlarm[] = [
    ...[...services, database].flatMap(({ alarms }) => alarms),
    ...searchIngestion?.alarms ?? [],
    // Certificates run out and firewalls block at night too.
    ...loadBalancer.alarms.filter(({ node }) => node.scope === loadBalancer),
    // Of the site, what an API is to blame for that does not answer.
    ...site?.site.alarms.filter(({ node }) => node.id === 'ServerErrors') ?? [],
    ...objectives.flatMap(({ compositeAlarms = [] }) => compositeAlarms),
  ];
  return new WorkingHours(scope, 'WorkingHours', {
    ...options,
    profile,
    services: services.map(({ scaling }) => scaling),
    databases: database.instance ? [database.instance] : [],
    silencedAlarms: ringing.filter(alarm => isInRegionOf(scope, alarm)),
  });
}

/** Puts to sleep what comes later. What runs at given times still does, and finds the database asleep: only its alarms are silent. */
export function sleepToo(hours: WorkingHours, block: WebService | Worker | ScheduledTask): void {
  if ('scaling' in block) hours.addService(block.scaling);
  hours.silence(...block.alarms);
}

/** Schedules switch alarms of their own region only. */
function isInRegionOf(scope: IConstruct, alarm: IConstruct): boolean {
  return Stack.of(alarm).region === Stack.of(scope).region;
}
