import type { PresentResource, PresentStack } from './stateful-guard-inventory';
import { canonical } from './stateful-guard-inventory';
import type { GuardedResource, GuardedStack, Lock } from './stateful-guard-lock';
import { guardedProperties, isAddedInPlace, propertiesDigest } from './stateful-guard-types';

/** A property that differs. */
export interface PropertyChange {
  readonly property: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A resource of the lock file with its stack. */
export interface Place {
  readonly stack: string;
  readonly logicalId: string;
  readonly resource: GuardedResource;
}

/** What a deployment would lose or replace, or an `allow` that nothing needs. */
export type Finding =
  | { readonly kind: 'stack gone'; readonly stack: string; readonly locked: GuardedStack }
  | { readonly kind: 'stack renamed'; readonly stack: string; readonly locked: GuardedStack; readonly stackName: string }
  | { readonly kind: 'gone'; readonly place: Place; readonly lookalike?: Place }
  | { readonly kind: 'type changed'; readonly place: Place; readonly type: string }
  | { readonly kind: 'replaced'; readonly place: Place; readonly changes: readonly PropertyChange[] }
  | { readonly kind: 'downgraded'; readonly place: Place; readonly version: string }
  | { readonly kind: 'allowed for nothing'; readonly at: string; readonly reason: string };

/** What became of the lock file's resources. */
export interface Comparison {
  readonly findings: readonly Finding[];
  /** The lock file of the app as it is now. */
  readonly next: Lock;
}

type Inventory = ReadonlyMap<string, PresentStack>;

/** Compares the app with the lock file that the last synth left. */
export function compare(lock: Lock, inventory: Inventory): Comparison {
  const findings: Finding[] = [];
  const released = new Map(lock.released);
  const judge = (finding: Exclude<Finding, { kind: 'allowed for nothing' }> | undefined, at: string, allow: string | undefined) => {
    if (finding && allow) released.set(at, `${finding.kind}: ${allow}`);
    if (finding && !allow) findings.push(finding);
    if (!finding && allow) findings.push({ kind: 'allowed for nothing', at, reason: allow });
  };

  const present = matched(lock, inventory);
  for (const [stack, locked] of lock.stacks) {
    const now = present.get(stack);
    const lost = stackFinding(stack, locked, now);
    judge(lost, stack, lost ? locked.allow ?? parentOf(stack, locked, lock)?.allow : locked.allow);
    if (lost) continue;
    for (const [logicalId, resource] of locked.resources) {
      const place = { stack, logicalId, resource };
      judge(resourceFinding(place, now!, lock, inventory), `${stack} ${logicalId}`, resource.allow);
    }
  }
  return { findings, next: lockOf(inventory, released) };
}

function lockOf(inventory: Inventory, released: ReadonlyMap<string, string>): Lock {
  const stacks = [...inventory]
    .map(([path, stack]) => [path, { ...stack, resources: new Map([...stack.resources].filter(([, { member }]) => !member)) }] as const)
    .filter(([, { resources }]) => resources.size > 0);
  const types = stacks.flatMap(([, { resources }]) => [...resources.values()].map(({ type }) => type));
  return { stacks: new Map(stacks), types: new Map(types.map(type => [type, propertiesDigest(type)])), released };
}

/**
 * By path; a stack whose construct moved keeps its name, and with it everything that is deployed. A name that several stacks have, in different
 * accounts or regions, tells nothing.
 */
function matched(lock: Lock, inventory: Inventory): Map<string, PresentStack> {
  const only = <T extends { readonly stackName: string }>(stacks: ReadonlyMap<string, T>, name: string) => {
    const found = [...stacks].filter(([, { stackName }]) => stackName === name);
    return found.length === 1 ? found[0] : undefined;
  };
  return new Map([...lock.stacks].flatMap(([path, { stackName }]) => {
    const present = inventory.get(path);
    if (present) return [[path, present] as const];
    const [newPath, moved] = only(lock.stacks, stackName) ? only(inventory, stackName) ?? [] : [];
    return moved && !lock.stacks.has(newPath!) ? [[path, moved] as const] : [];
  }));
}

/** A nested stack goes with its parent. */
function parentOf(path: string, nested: GuardedStack, lock: Lock): GuardedStack | undefined {
  const parents = [...lock.stacks].filter(([above, { stackName }]) => path.startsWith(`${above}/`) && nested.stackName.startsWith(`${stackName}/`));
  return parents.map(([, parent]) => parent).find(({ allow }) => allow);
}

function stackFinding(stack: string, locked: GuardedStack, now: PresentStack | undefined) {
  if (!now) return { kind: 'stack gone', stack, locked } as const;
  return now.stackName === locked.stackName ? undefined : { kind: 'stack renamed', stack, locked, stackName: now.stackName } as const;
}

function resourceFinding(place: Place, { resources, types }: PresentStack, lock: Lock, inventory: Inventory) {
  const { logicalId, resource } = place;
  const now = resources.get(logicalId);
  const type = types.get(logicalId);
  if (type === undefined) return { kind: 'gone', place, lookalike: lookalike(place, lock, inventory) } as const;
  if (type !== resource.type) return { kind: 'type changed', place, type } as const;
  // No longer guarded, because the team took its type out of `additionalTypes`.
  if (!now) return undefined;
  const changes = propertyChanges(resource, now, lock.types.get(type) === propertiesDigest(type));
  if (changes.length > 0) return { kind: 'replaced', place, changes } as const;
  return isDowngrade(resource.version, now.version) ? { kind: 'downgraded', place, version: now.version! } as const : undefined;
}

function propertyChanges(before: GuardedResource, after: PresentResource, sameProperties: boolean): PropertyChange[] {
  const guarded = guardedProperties(after.type);
  const names = [...new Set([...before.createOnly.keys(), ...after.createOnly.keys()])].sort();
  return names
    .map(property => ({ property, before: before.createOnly.get(property), after: after.createOnly.get(property) }))
    .filter(change => canonical(change.before) !== canonical(change.after))
    .filter(change => change.before !== undefined || (sameProperties && !isAddedInPlace(after.type, change.property)))
    .filter(change => sameProperties || guarded.includes(change.property.split(' > ')[0]) || change.property === 'Condition')
    .filter(change => !after.updatable.has(change.property));
}

/** As far as both say: '16' does not say which minor version. */
function isDowngrade(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined || words(before) !== words(after)) return false;
  const [old, next] = [before, after].map(version => (version.match(/\d+/g) ?? []).map(Number));
  const differing = old.findIndex((part, index) => index < next.length && next[index] !== part);
  return differing >= 0 && next[differing] < old[differing];
}

function words(version: string): string {
  return version.replace(/[\d.]+/g, '');
}

/** A resource that the lock file does not know and that may well be the lost one under another id. */
function lookalike(lost: Place, lock: Lock, inventory: Inventory): Place | undefined {
  const candidates = [...inventory].flatMap(([stack, { resources }]) => [...resources]
    .filter(([logicalId, { type, member }]) => type === lost.resource.type && !member && !lock.stacks.get(stack)?.resources.has(logicalId))
    .map(([logicalId, resource]) => ({ stack, logicalId, resource })));
  const likeness = ({ stack, resource }: Place) => sharedEnd(resource.path, lost.resource.path) + (stack === lost.stack ? 0.5 : 0);
  return candidates.sort((a, b) => likeness(b) - likeness(a))[0];
}

function sharedEnd(a: string, b: string): number {
  const [left, right] = [a.split('/').reverse(), b.split('/').reverse()];
  const differing = left.findIndex((part, index) => part !== right[index]);
  return differing < 0 ? left.length : differing;
}
