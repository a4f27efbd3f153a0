import { Tags } from './parameter-store';
import { OperatorWorld } from './world';

/** The custom resource that made a parameter. */
export interface Owner {
  readonly stackId: string;
  readonly resource: string;
}

const STACK = 'cdk-web-platform:stack';
const RESOURCE = 'cdk-web-platform:resource';

/** Tags that say who made a parameter. A tag's value is at most 256 characters long, which stack and resource together are not always. */
export function ownerTags({ stackId, resource }: Owner): Tags {
  return { [STACK]: stackId, [RESOURCE]: resource };
}

export function isOwn(tags: Tags | undefined, owner: Owner): boolean {
  return tags?.[STACK] === owner.stackId && tags[RESOURCE] === owner.resource;
}

/** Who made a parameter, for people. */
export function makerOf(tags: Tags): string {
  return tags[STACK] ? `made by ${tags[RESOURCE]} of ${tags[STACK]}` : 'not made by this library';
}

/** Those of some parameters that exist, with their tags. */
export async function tagsOf(names: Iterable<string>, world: OperatorWorld): Promise<Map<string, Tags>> {
  const found = new Map<string, Tags>();
  for (const name of names) {
    const tags = await world.parameters.tags(name);
    if (tags) found.set(name, tags);
  }
  const untagged = [...found.keys()].filter(name => Object.keys(found.get(name)!).length === 0);
  const existing = await world.parameters.existing(untagged);
  for (const name of untagged) if (!existing.includes(name)) found.delete(name);
  return found;
}
