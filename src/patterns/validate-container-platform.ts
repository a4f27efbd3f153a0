import { IConstruct } from 'constructs';
import type { ContainerPlatformProps } from './container-platform-props';
import type { DataAccess } from './data-access';
import { checkGivenParts, GivenParts } from './given-parts';
import { PlatformError } from '../errors';
import { checkBoolean } from '../validate';

const GIVEN_PARTS: GivenParts<ContainerPlatformProps> = [
  ['network', ['vpc']],
  ['cluster', []],
  ['loadBalancer', [
    'domainName', 'alternativeDomainNames', 'hostedZone', 'certificate', 'redirectHttp', 'internal', 'allowedCidrs', 'firewall', 'firewallEnabled',
  ]],
  ['database', ['databaseName', 'databaseCapacity', 'snapshotIdentifier', 'fromRecoveryPoint', 'proxy']],
];

/** Refuses a part that is given together with props that would shape a new one: they would be ignored in silence. */
export function validateContainerPlatform(where: IConstruct, props: ContainerPlatformProps & DataAccess): void {
  checkBoolean(where, 'proxy', props.proxy);
  checkBoolean(where, 'cache', props.cache);
  checkBoolean(where, 'usesDatabase', props.usesDatabase);
  checkBoolean(where, 'usesCache', props.usesCache);

  checkGivenParts(where, props, GIVEN_PARTS);
  if (props.redisCache !== undefined && props.cache === false) {
    throw new PlatformError(where, {
      problem: 'a cache is given and turned off.',
      got: 'redisCache given, cache false',
      allowed: 'redisCache alone, or cache true for a new one',
      fix: 'leave cache out',
    });
  }
}
