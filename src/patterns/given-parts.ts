import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';

/** Parts that can be given, and for each the props that would have shaped a new one. */
export type GivenParts<Props> = readonly (readonly [keyof Props & string, readonly (keyof Props & string)[]])[];

/** Refuses a part that is given together with props that would shape a new one: they would be ignored in silence. */
export function checkGivenParts<Props extends object>(where: IConstruct, props: Props, parts: GivenParts<Props>): void {
  for (const [part, shaping] of parts) {
    const ignored = shaping.filter(prop => props[prop] !== undefined);
    if (props[part] === undefined || ignored.length === 0) continue;
    throw new PlatformError(where, {
      problem: `${ignored.join(', ')} would shape a new ${part}, but one is given.`,
      got: `${part} and ${ignored.join(', ')}`,
      allowed: `${part}, or ${shaping.join(', ')}`,
      fix: `remove ${ignored.join(', ')}, or give them to the ${part} where it is made`,
    });
  }
}
