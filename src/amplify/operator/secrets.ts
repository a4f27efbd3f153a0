import { createHash } from 'crypto';
import { secretsPath } from './branch-paths';
import { isOwn, makerOf, Owner, ownerTags, tagsOf } from './ownership';
import { DescribedSource, readValues } from './secret-values';
import { OperatorWorld } from './world';

/** Secrets of one branch, or of all, that are kept where Gen 2 looks. */
export interface KeptSet {
  readonly appId: string;
  readonly branchName?: string;
  readonly sources: DescribedSource[];
  readonly owner: Owner;
}

/** What was done, in names. */
export interface KeptResult {
  readonly written: string[];
  readonly removed: string[];
  /** Differs whenever a value is another one, and says nothing of it. */
  readonly revision: string;
}

/**
 * Makes the parameters what the sources say, and removes those that it made and nobody wants any more. Doing it again changes nothing.
 *
 * Whose a parameter is, its tags say; what somebody else made is never written or removed. Even one with the right value is not taken over:
 * it would not follow its source, or it would go with the stack.
 *
 * @param formerNames what SSM may not list yet, because it was made a moment ago
 */
export async function keepSecrets(set: KeptSet, world: OperatorWorld, formerNames: string[] = []): Promise<KeptResult> {
  const path = secretsPath(set.appId, set.branchName);
  const { owner } = set;
  const values = await readValues(set.sources, world);
  const wanted = new Map([...values].map(([name, value]) => [`${path}/${name}`, value]));

  const names = [...wanted.keys(), ...formerNames.map(name => `${path}/${name}`), ...(await world.parameters.below(path)).keys()];
  const own = await ownAmong(names, [...wanted.keys()], owner, world);
  const stored = await world.parameters.read(own.filter(name => wanted.has(name)));
  const versions = new Map<string, number>();
  const written: string[] = [];
  for (const [name, value] of wanted) {
    const before = stored.get(name);
    if (before?.value === value) {
      versions.set(name, before.version);
      continue;
    }
    const write = before ? world.parameters.overwrite(name, value, ownerTags(owner)) : world.parameters.create(name, value, ownerTags(owner));
    versions.set(name, await write);
    world.log({ written: name });
    written.push(name);
  }
  const removed = own.filter(name => !wanted.has(name));
  await remove(removed, world);
  return { written, removed, revision: revisionOf(versions) };
}

/** Removes what the resource made below a path, and nothing else. */
export async function removeSecrets(path: string, owner: Owner, formerNames: string[], world: OperatorWorld): Promise<string[]> {
  const listed = await world.parameters.below(path);
  const tags = await tagsOf(new Set([...listed.keys(), ...formerNames.map(name => `${path}/${name}`)]), world);
  const own = [...tags.keys()].filter(name => isOwn(tags.get(name), owner));
  await remove(own, world);
  return own;
}

/** Before anything is written, all that is in the way is known. */
async function ownAmong(names: string[], wanted: string[], owner: Owner, world: OperatorWorld): Promise<string[]> {
  const tags = await tagsOf(new Set(names), world);
  const inTheWay = wanted.filter(name => tags.has(name) && !isOwn(tags.get(name), owner));
  if (inTheWay.length > 0) {
    throw new Error(`${inTheWay.map(name => `${name} exists already, ${makerOf(tags.get(name)!)}`).join('; ')}. `
      + 'Nothing was changed. Delete what is not needed any more (aws ssm delete-parameter --name …), or do not keep secrets of these names; '
      + 'a resource that gets another id is first deployed without these secrets');
  }
  return [...tags.keys()].filter(name => isOwn(tags.get(name), owner));
}

async function remove(names: string[], world: OperatorWorld): Promise<void> {
  await world.parameters.remove(names);
  for (const removed of names) world.log({ removed });
}

/** Of names and versions: a hash of values would help whoever guesses them. */
function revisionOf(versions: Map<string, number>): string {
  const text = [...versions].map(([name, version]) => `${name}:${version}`).sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** By hand or by schedule. */
export interface RefreshRequest {
  readonly refreshSecrets: true;
}

/**
 * Carries new values of all sources to where they are kept. All are compared: that costs next to nothing, and finds also an older version
 * of a secret that was made current again, and a parameter that somebody has changed.
 */
export async function refreshSecrets(world: OperatorWorld): Promise<{ readonly refreshed: string[] }> {
  const refreshed: string[] = [];
  const problems: string[] = [];
  for (const [name, { value }] of await world.parameters.below(world.sourcesPath)) {
    try {
      refreshed.push(...(await keepSecrets(JSON.parse(value) as KeptSet, world)).written);
    } catch (error) {
      problems.push((error as Error).message);
      world.log({ failed: name, problem: (error as Error).message });
    }
  }
  // Lambda tries again, and the event is kept among the failed ones.
  if (problems.length > 0) throw new Error(`Not all secrets are up to date: ${problems.join('; ')}`);
  return { refreshed };
}
