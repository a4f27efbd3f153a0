import type { AssemblyResource, AssemblyStack } from './assembly';
import type { ReportEnvironment } from './environments';

/** Path below the stack, by which the same thing has the same name in every environment. */
export function nameOf({ construct, home }: AssemblyResource): string {
  return below(construct, home);
}

/** Path of the block below the stack; what is by itself in it is named as it is. */
export function blockName({ block, home }: AssemblyResource): string {
  return below(block, home).replace(/\/(Resource|Default)$/, '');
}

export function below(path: string, stack: AssemblyStack): string {
  const outer = outermost(stack);
  return path.startsWith(`${outer.path}/`) ? path.slice(outer.path.length + 1) : path;
}

function outermost(stack: AssemblyStack): AssemblyStack {
  return stack.parent ? outermost(stack.parent) : stack;
}

/** A path wherever it is: names of the stack's own, or of a construct in any of the stacks. */
export function nameOfPath(path: string, { stacks }: ReportEnvironment): string {
  const stack = stacks.find(each => path.startsWith(`${each.path}/`));
  return stack ? below(path, stack) : path;
}

/** The region that most of it is in. */
export function homeRegion({ stacks }: ReportEnvironment): string | undefined {
  return stacks.reduce((most, stack) => stack.resources.length > most.resources.length ? stack : most).region;
}

/** Names of blocks as short as they are clear, with the region of those that are elsewhere. */
export function blockTitles(environment: ReportEnvironment): (block: string) => string {
  const home = homeRegion(environment);
  const titles = new Map(environment.resources.map(resource => [resource.block, blockName(resource)]));
  const regions = new Map(environment.resources.map(({ block, home: { region } }) => [block, region]));
  const last = (title: string) => title.split('/').pop()!;
  const times = (short: string) => new Set([...titles.values()].filter(title => last(title) === short)).size;
  return block => {
    const title = titles.get(block) ?? block;
    const region = regions.get(block);
    return `${times(last(title)) === 1 ? last(title) : title.replaceAll('/', ' / ')}${region && region !== home ? ` (${region})` : ''}`;
  };
}
