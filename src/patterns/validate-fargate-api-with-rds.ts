import { IConstruct } from 'constructs';
import type { FargateApiWithRdsProps } from './fargate-api-with-rds-props';
import { PlatformError } from '../errors';
import { checkBoolean } from '../validate';

/** A part that is given, and the props that would have shaped it. */
const GIVEN_PARTS: readonly [keyof FargateApiWithRdsProps, readonly (keyof FargateApiWithRdsProps)[]][] = [
  ['network', ['vpc']],
  ['cluster', []],
  ['loadBalancer', ['domainName', 'alternativeDomainNames', 'hostedZone', 'certificate', 'redirectHttp', 'internal', 'allowedCidrs']],
  ['database', ['databaseName', 'databaseCapacity', 'snapshotIdentifier', 'proxy']],
];

/** Refuses a part that is given together with props that would shape a new one: they would be ignored in silence. */
export function validateFargateApiWithRds(where: IConstruct, props: FargateApiWithRdsProps): void {
  checkBoolean(where, 'proxy', props.proxy);
  checkBoolean(where, 'cache', props.cache);
  checkBoolean(where, 'usesDatabase', props.usesDatabase);
  checkBoolean(where, 'usesCache', props.usesCache);

  for (const [part, shaping] of GIVEN_PARTS) {
    const ignored = shaping.filter(prop => props[prop] !== undefined);
    if (props[part] === undefined || ignored.length === 0) continue;
    throw new PlatformError(where, {
      problem: `${ignored.join(', ')} would shape a new ${part}, but one is given.`,
      got: `${part} and ${ignored.join(', ')}`,
      allowed: `${part}, or ${shaping.join(', ')}`,
      fix: `remove ${ignored.join(', ')}, or give them to the ${part} where it is made`,
    });
  }
  if (props.redisCache !== undefined && props.cache === false) {
    throw new PlatformError(where, {
      problem: 'a cache is given and turned off.',
      got: 'redisCache given, cache false',
      allowed: 'redisCache alone, or cache true for a new one',
      fix: 'leave cache out',
    });
  }
}
