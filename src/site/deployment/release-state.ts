import { CURRENT_RECORD, ReleaseFile, RELEASES_PREFIX } from './files';
import type { SiteStore } from './release-store';

/** A file that is in the bucket. */
export interface PublishedFile extends ReleaseFile {
  /** The version of the object, by which S3 can bring it back. Missing where the bucket keeps no versions. */
  readonly versionId?: string;
}

/** A release as it was published. */
export interface ReleaseRecord {
  readonly id: string;
  /** When it was published, in milliseconds since 1970. */
  readonly at: number;
  readonly files: PublishedFile[];
}

/** One of the releases that can be gone back to. */
export interface ReleaseEntry {
  readonly id: string;
  readonly at: number;
  /** The release that was served before it was published. */
  readonly before?: string;
}

/** A file that belongs to no release any more, and that pages which are still open may ask for. */
export interface Leftover {
  readonly path: string;
  /** When it stopped to belong, in milliseconds since 1970. */
  readonly since: number;
  /** Missing where a release was broken off, so that nobody knows what is there. */
  readonly file?: PublishedFile;
}

/** A change of the site that has begun. */
export interface UnderWay {
  readonly release: string;
  /** The end of the function that does it: then nobody does it any more. */
  readonly until: number;
  /** The files that it changes: where it breaks off, nobody knows what they are. */
  readonly paths: string[];
}

/**
 * A resource that publishes here. There are two while one takes over from the other, such as under a new name: CloudFormation makes the new one
 * first and then deletes the old one, or the new one where it goes back.
 */
export interface Publisher {
  readonly resource: string;
  /** What it published last. */
  readonly release?: string;
}

/** What the bucket holds, kept in the bucket. */
export interface SiteState {
  /** The one that published last is the last. */
  readonly publishers?: Publisher[];
  /** The release that is served. */
  readonly current?: string;
  /** From the oldest to the newest. */
  readonly releases: ReleaseEntry[];
  readonly leftovers: Leftover[];
  readonly underWay?: UnderWay;
  /** What CloudFront was asked to forget, and did not. */
  readonly toInvalidate?: string[];
}

/** The state with what it refers to. */
export interface Journal {
  readonly state: SiteState;
  readonly etag?: string;
  /** The release that is served. */
  readonly current?: ReleaseRecord;
}


/** Reads what the bucket holds. */
export async function readJournal(store: SiteStore): Promise<Journal> {
  const stored = await store.read(CURRENT_RECORD);
  const state: SiteState = stored ? JSON.parse(stored.text) : { releases: [], leftovers: [] };
  return { state, etag: stored?.etag, current: state.current ? await readRelease(store, state.current) : undefined };
}

/**
 * Writes the state over one that was read.
 *
 * @returns its tag, or nothing where somebody else wrote in between
 */
export async function writeState(store: SiteStore, state: SiteState, over: string | undefined): Promise<string | undefined> {
  return store.write(CURRENT_RECORD, JSON.stringify(state), { over });
}

/** The record of a release, if there is one. */
export async function readRelease(store: SiteStore, id: string): Promise<ReleaseRecord | undefined> {
  const stored = await store.read(recordKey(id));
  return stored && JSON.parse(stored.text);
}

/** Keeps the record of a release. */
export async function writeRelease(store: SiteStore, release: ReleaseRecord): Promise<void> {
  await store.write(recordKey(release.id), JSON.stringify(release));
}

/** Where the record of a release is. */
export function recordKey(id: string): string {
  return `${RELEASES_PREFIX}${id}.json`;
}
