import type { AssemblyResource, AssemblyStack } from './assembly';

/** Stacks that belong together: those of a stage, or those that depend on each other, such as a stack and the one beside it in us-east-1. */
export interface ReportEnvironment {
  readonly name: string;
  /** Name of the profile that most of it has. */
  readonly profile?: string;
  /** In the order in which they are deployed. */
  readonly stacks: readonly AssemblyStack[];
  readonly resources: readonly AssemblyResource[];
}

/** Environments in the order of the assembly. */
export function environmentsOf(stacks: readonly AssemblyStack[]): ReportEnvironment[] {
  const groups = new Map<AssemblyStack, AssemblyStack[]>(stacks.map(stack => [stack, [stack]]));
  const join = (one: AssemblyStack, other: AssemblyStack) => {
    const [into, from] = [groups.get(one)!, groups.get(other)!];
    if (into === from) return;
    into.push(...from);
    for (const stack of from) groups.set(stack, into);
  };
  for (const one of stacks) for (const other of stacks) if (one !== other && belong(one, other)) join(one, other);
  return [...new Set(stacks.map(stack => groups.get(stack)!))].map(group => environment(stacks.filter(stack => group.includes(stack))));
}

function belong(one: AssemblyStack, other: AssemblyStack): boolean {
  if (one.stage !== other.stage) return false;
  return one.stage !== '' || one.parent === other || one.needs.includes(other.name);
}

function environment(stacks: AssemblyStack[]): ReportEnvironment {
  const own = stacks.filter(({ parent }) => !parent);
  const facts = stacks.flatMap(stack => [...stack.facts.values()]);
  const resources = stacks.flatMap(stack => stack.resources);
  return { name: own[0].stage || nameOf(own), profile: facts.find(({ profile }) => profile)?.profile, stacks, resources };
}

/** What all names begin with; without such, the name of the largest. */
function nameOf(stacks: AssemblyStack[]): string {
  const names = stacks.map(({ name }) => name);
  const shared = names[0].split('').findIndex((_, index) => names.some(name => name[index] !== names[0][index]));
  const prefix = (shared < 0 ? names[0] : names[0].slice(0, shared)).replace(/[-_]+$/, '');
  if (names.includes(prefix) || prefix.length > 3) return prefix;
  return stacks.reduce((most, stack) => stack.resources.length > most.resources.length ? stack : most).name;
}
