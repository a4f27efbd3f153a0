import type { AssemblyResource, AssemblyStack } from './assembly';

/**
 * Stacks that belong together: those of a stage, or those that depend on each other, such as a stack and the one beside it in us-east-1. What stacks of
 * different profiles have in common, such as the roles of their delivery, belongs to none of them.
 */
export interface ReportEnvironment {
  readonly name: string;
  /** Name of the profile that most of it has. */
  readonly profile?: string;
  /** In the order in which they are deployed. */
  readonly stacks: readonly AssemblyStack[];
  readonly resources: readonly AssemblyResource[];
}

type Pair = [AssemblyStack, AssemblyStack];

/** Environments in the order of the assembly. */
export function environmentsOf(stacks: readonly AssemblyStack[]): ReportEnvironment[] {
  const groups = new Map<AssemblyStack, AssemblyStack[]>(stacks.map(stack => [stack, [stack]]));
  const join = (one: AssemblyStack, other: AssemblyStack) => {
    const [into, from] = [groups.get(one)!, groups.get(other)!];
    if (into === from) return;
    into.push(...from);
    for (const stack of from) groups.set(stack, into);
  };
  const pairs = stacks.flatMap(one => stacks.filter(other => one !== other && belong(one, other)).map((other): Pair => [one, other]));
  const around = (stack: AssemblyStack) => pairs.filter(pair => pair.includes(stack)).flat();
  const common = stacks.filter(stack => profilesOf([stack]).size === 0 && profilesOf(around(stack)).size > 1);
  for (const pair of pairs) {
    const areApart = profilesOf(pair).size > 1 || pair.some(stack => common.includes(stack));
    if (pair[0].stage !== '' || !areApart) join(...pair);
  }
  return [...new Set(stacks.map(stack => groups.get(stack)!))].map(group => environment(stacks.filter(stack => group.includes(stack))));
}

function belong(one: AssemblyStack, other: AssemblyStack): boolean {
  if (one.stage !== other.stage) return false;
  return one.stage !== '' || one.parent === other || one.needs.includes(other.name);
}

function profilesOf(stacks: readonly AssemblyStack[]): Set<string> {
  return new Set(stacks.flatMap(({ facts }) => [...facts.values()].flatMap(({ profile }) => profile ?? [])));
}

function environment(stacks: AssemblyStack[]): ReportEnvironment {
  const own = stacks.filter(({ parent }) => !parent);
  const resources = stacks.flatMap(stack => stack.resources);
  return { name: own[0].stage || nameOf(own), profile: [...profilesOf(stacks)][0], stacks, resources };
}

/** What all names begin with; without such, the name of the largest. */
function nameOf(stacks: AssemblyStack[]): string {
  const names = stacks.map(({ name }) => name);
  const shared = names[0].split('').findIndex((_, index) => names.some(name => name[index] !== names[0][index]));
  const prefix = (shared < 0 ? names[0] : names[0].slice(0, shared)).replace(/[-_]+$/, '');
  if (names.includes(prefix) || prefix.length > 3) return prefix;
  return stacks.reduce((most, stack) => stack.resources.length > most.resources.length ? stack : most).name;
}
