import { IMMUTABLE, isPage, ReleaseFile } from './files';
import type { Journal, Leftover, PublishedFile } from './release-state';

/** What a release changes in the bucket. */
export interface ReleasePlan {
  /** Files that are not there. */
  readonly added: ReleaseFile[];
  /** Files that are there and are to be others. */
  readonly changed: ReleaseFile[];
  /** Files that stay as they are. */
  readonly unchanged: PublishedFile[];
  /** Files that belong no more and stay for a while. */
  readonly leftovers: Leftover[];
  /** Files that go as soon as the release is up. */
  readonly removed: string[];
}

/**
 * Compares what is to be with what is there.
 *
 * Pages that belong no more go at once, because nobody who took one back wants to see it a week longer. All else stays for the grace period:
 * pages that are open in somebody's browser load their parts later.
 */
export function planRelease(journal: Journal, files: ReleaseFile[], now: number, gracePeriod: number): ReleasePlan {
  const present = filesOf(journal);
  const unknown = new Set(journal.state.underWay?.paths);
  const wanted = new Set(files.map(({ path }) => path));
  const isThere = (file: ReleaseFile) => !unknown.has(file.path) && isSame(present.get(file.path), file);

  const missing = files.filter(file => !isThere(file));
  const wasThere = ({ path }: ReleaseFile) => present.has(path) || unknown.has(path);
  const without = outsiders(journal, now).filter(({ path }) => !wanted.has(path));
  const goes = ({ path, since }: Leftover) => isPage(path) || since + gracePeriod <= now;
  return {
    added: missing.filter(file => !wasThere(file)),
    changed: missing.filter(wasThere),
    unchanged: files.filter(isThere).map(({ path }) => present.get(path)!),
    leftovers: without.filter(leftover => !goes(leftover)),
    removed: without.filter(goes).map(({ path }) => path),
  };
}

/**
 * Files that CloudFront may still have as they were. A new name is nowhere yet, and an immutable file that is gone hurts nobody at the edge;
 * one that changed under its name is none.
 */
export function staleFiles({ changed, removed }: ReleasePlan, journal: Journal): string[] {
  const present = filesOf(journal);
  return [...changed.map(({ path }) => path), ...removed.filter(path => present.get(path)?.cacheControl !== IMMUTABLE)];
}

/** All that is known to be in the bucket. */
function filesOf({ state, current }: Journal): Map<string, PublishedFile> {
  const leftovers = state.leftovers.flatMap(({ file }) => file ?? []);
  return new Map([...leftovers, ...current?.files ?? []].map(file => [file.path, file]));
}

/** All that is or may be in the bucket, as if nothing of it belonged any more. */
function outsiders({ state, current }: Journal, now: number): Leftover[] {
  const all = new Map<string, Leftover>();
  for (const path of state.underWay?.paths ?? []) all.set(path, { path, since: now });
  for (const file of current?.files ?? []) all.set(file.path, { path: file.path, since: now, file });
  for (const leftover of state.leftovers) all.set(leftover.path, leftover);
  const unknown = new Set(state.underWay?.paths);
  return [...all.values()].map(each => unknown.has(each.path) ? { path: each.path, since: each.since } : each);
}

function isSame(there: PublishedFile | undefined, file: ReleaseFile): boolean {
  return there?.sha256 === file.sha256 && there.cacheControl === file.cacheControl && there.contentType === file.contentType;
}
