import { publish, ReleaseOutcome, ReleaseWorld, takeTurn } from './release-publish';
import { readJournal, readRelease, ReleaseRecord, SiteState, writeState } from './release-state';
import { VersionSupplier } from './release-suppliers';

/** What a person or a schedule asks of the function. */
export interface SiteCommand {
  /** An id, or `previous`. */
  readonly rollBackTo?: string;
  /** Lists what can be gone back to. */
  readonly releases?: true;
  /** Removes what belongs no more. */
  readonly sweep?: true;
}

/** A release that can be gone back to. */
export interface ListedRelease {
  readonly id: string;
  readonly at: string;
  readonly isServed: boolean;
}

/** The releases that can be gone back to, the newest first. */
export async function listReleases(world: ReleaseWorld): Promise<ListedRelease[]> {
  const { state } = await readJournal(world.store);
  return [...state.releases].reverse().map(({ id, at }) => ({ id, at: new Date(at).toISOString(), isServed: id === state.current }));
}

/** Serves an earlier release again: S3 makes the older versions of its files the newest, in the same order as any release goes up. */
export async function rollBack(to: string, world: ReleaseWorld): Promise<ReleaseOutcome> {
  const { state } = await readJournal(world.store);
  const id = to === 'previous' ? previousOf(state) : to;
  const release = state.releases.some(known => known.id === id) ? await readRelease(world.store, id) : undefined;
  if (!release) throw new Error(`Nothing was changed: there is no release ${id}. ${listed(state)}`);
  return serveAgain(release, world);
}

/** Serves what a record says. */
export function serveAgain(release: ReleaseRecord, world: ReleaseWorld, owner?: string): Promise<ReleaseOutcome> {
  const suppliers = [new VersionSupplier(world.store, release, () => checkTime(world))];
  return publish({ id: release.id, files: release.files, suppliers, owner, isReturn: true }, world);
}

/** Writes down that a resource publishes here no more. */
export async function leave(resource: string, world: ReleaseWorld): Promise<void> {
  for (;;) {
    const { state, etag } = await takeTurn(world);
    const publishers = state.publishers?.filter(publisher => publisher.resource !== resource);
    if (publishers?.length === state.publishers?.length) return;
    if (await writeState(world.store, { ...state, publishers }, etag) !== undefined) return;
  }
}

/** Stops before the function is ended, to say so and to let others go on. */
export function checkTime(world: ReleaseWorld): void {
  if (world.remaining() > 30_000) return;
  throw new Error('The time of the function is over before all files were up. What is missing goes up with the next deployment.');
}

function previousOf({ current, releases }: SiteState): string {
  const before = releases.find(({ id }) => id === current)?.before;
  if (before) return before;
  throw new Error(`Nothing was changed: there is no release before ${current ?? 'the first one'}.`);
}

function listed({ releases }: SiteState): string {
  return releases.length === 0 ? 'There is none so far.' : `There are ${releases.map(({ id }) => id).join(', ')}.`;
}
