import { CURRENT_RECORD, publishingStep, PublishingStep, ReleaseFile, SITE_PREFIX } from './files';
import { Edge, EVERYTHING, invalidate, invalidationPaths } from './release-invalidation';
import { planRelease, ReleasePlan, staleFiles } from './release-plan';
import {
  Journal, PublishedFile, Publisher, readJournal, recordKey, ReleaseEntry, SiteState, UnderWay, writeRelease, writeState,
} from './release-state';
import { SiteStore, SourceGone } from './release-store';
import type { Supplier } from './release-suppliers';

/** What a change of the site has around it. */
export interface ReleaseWorld {
  readonly store: SiteStore;
  readonly edge?: Edge;
  readonly waitForInvalidation: boolean;
  /** In milliseconds. */
  readonly gracePeriod: number;
  /** How many releases can be gone back to. */
  readonly keptReleases: number;
  /** Who wants the change: a name that no other change has. */
  readonly execution: string;
  /** Whether to wait for another change of the site, rather than to refuse. */
  readonly patient: boolean;
  now(): number;
  /** Milliseconds until the function is ended. */
  remaining(): number;
  sleep(milliseconds: number): Promise<void>;
  print(line: object): void;
}

/** A release that is to be served. */
export interface WantedRelease {
  readonly id: string;
  readonly files: ReleaseFile[];
  /** The resource that publishes it. */
  readonly owner?: string;
  /** Whether it was served before and keeps its place among the releases. */
  readonly isReturn?: boolean;
  /** Where its files come from: the first that has them all. */
  readonly suppliers: Supplier[];
}

/** What was done. */
export interface ReleaseOutcome {
  readonly release: string;
  readonly uploaded: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly invalidation: string;
}

const STEPS = Object.values(PublishingStep).filter(step => typeof step === 'number');

/** Makes a release the one that is served. */
export async function publish(wanted: WantedRelease, world: ReleaseWorld): Promise<ReleaseOutcome> {
  const started = world.now();
  for (;;) {
    const journal = await takeTurn(world);
    const plan = planRelease(journal, wanted.files, world.now(), world.gracePeriod);
    const supplier = await firstAble(wanted.suppliers, [...plan.added, ...plan.changed], world);
    const begun = await begin(wanted, journal, plan, world);
    if (!begun) continue;
    printPlan(wanted, journal, plan, world);
    return orGiveBack(begun, world, async () => {
      const written = await upload(plan, supplier, world);
      const { state, invalidation } = await finish(wanted, begun, plan, [...plan.unchanged, ...written], world);
      await forgetReleases(begun.state.releases, state.releases, world);
      const bytes = written.reduce((sum, { size }) => sum + size, 0);
      const outcome = {
        release: wanted.id,
        uploaded: written.length,
        unchanged: plan.unchanged.length,
        removed: plan.removed.length,
        bytes,
        milliseconds: world.now() - started,
        invalidation,
      };
      world.print({ published: outcome });
      return outcome;
    });
  }
}

/** Removes files whose time is over, and asks again for what CloudFront did not forget. */
export async function sweep(world: ReleaseWorld): Promise<{ readonly removed: number }> {
  const journal = await takeTurn(world);
  const { state, current } = journal;
  const plan = planRelease(journal, current?.files ?? [], world.now(), world.gracePeriod);
  const isBroken = state.underWay !== undefined;
  const isIdle = plan.removed.length === 0 && !state.toInvalidate;
  // What a broken release left of the current one's files is for the next release to mend.
  if (!current || isBroken || isIdle) return { removed: 0 };

  const wanted = { id: current.id, files: [], suppliers: [], isReturn: true };
  const begun = await begin(wanted, journal, { ...plan, added: [], changed: [] }, world);
  if (!begun) return { removed: 0 };
  return orGiveBack(begun, world, async () => {
    await finish(wanted, begun, plan, undefined, world);
    world.print({ swept: plan.removed.length });
    return { removed: plan.removed.length };
  });
}

/** Reads what is there when nobody else is changing it. */
export async function takeTurn(world: ReleaseWorld): Promise<Journal> {
  for (;;) {
    const journal = await readJournal(world.store);
    const { underWay } = journal.state;
    if (!underWay || underWay.until <= world.now()) return journal;
    const reason = `release ${underWay.release} is being published since before this began`;
    if (!world.patient) throw new Error(`Nothing was changed: ${reason}. Ask again when that has ended, in ${seconds(underWay.until - world.now())} at the latest.`);
    if (world.remaining() < 120_000) throw new Error(`Nothing was changed: ${reason}, and the time to wait for it is over.`);
    world.print({ waiting: reason });
    await world.sleep(5_000);
  }
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} s`;
}

async function firstAble(suppliers: Supplier[], files: ReleaseFile[], world: ReleaseWorld): Promise<Supplier> {
  for (const [index, supplier] of suppliers.entries()) {
    try {
      await supplier.prepare(files);
      return supplier;
    } catch (error) {
      if (index === suppliers.length - 1 || !(error instanceof SourceGone)) throw error;
      world.print({ missing: error.message, next: 'the older versions that the bucket has' });
    }
  }
  throw new Error('The release has no files to take.');
}

/** The state with a change under way. */
interface Begun {
  readonly journal: Journal;
  readonly state: SiteState & { readonly underWay: UnderWay };
  readonly etag: string;
}

/** Says that a change begins, unless somebody else said so first. */
async function begin(
  { id, owner }: WantedRelease, journal: Journal, { added, changed, removed }: ReleasePlan, world: ReleaseWorld,
): Promise<Begun | undefined> {
  const paths = [...new Set([...journal.state.underWay?.paths ?? [], ...[...added, ...changed].map(({ path }) => path), ...removed])];
  const state = {
    ...journal.state,
    publishers: publishersAfter(journal.state, owner),
    underWay: { release: id, until: world.now() + world.remaining(), paths },
  };
  const etag = await writeState(world.store, state, journal.etag);
  return etag === undefined ? undefined : { journal, state, etag };
}

/** A change that broke off lets the next one begin at once. What it may have changed stays written down. */
async function orGiveBack<T>({ state, etag }: Begun, world: ReleaseWorld, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const given = { ...state, underWay: { ...state.underWay, until: 0 } };
    await writeState(world.store, given, etag).catch(failure => world.print({ failed: String(failure) }));
    throw error;
  }
}

function printPlan({ id }: WantedRelease, { state }: Journal, plan: ReleasePlan, world: ReleaseWorld): void {
  const bytes = [...plan.added, ...plan.changed].reduce((sum, { size }) => sum + size, 0);
  const { added, changed, unchanged, leftovers, removed } = plan;
  world.print({
    plan: id,
    instead: state.current,
    new: added.length,
    changed: changed.length,
    unchanged: unchanged.length,
    kept: leftovers.length,
    removed: removed.length,
    bytes,
  });
}

/** Each step begins when the one before is done, so that no page asks for what is not there. */
async function upload({ added, changed }: ReleasePlan, supplier: Supplier, world: ReleaseWorld): Promise<PublishedFile[]> {
  const dated = [...added.map(file => ({ file, isNew: true })), ...changed.map(file => ({ file, isNew: false }))];
  const written: PublishedFile[] = [];
  for (const step of STEPS) {
    const files = dated.filter(({ file, isNew }) => publishingStep(file, isNew) === step).map(({ file }) => file);
    if (files.length === 0) continue;
    const started = world.now();
    written.push(...await supplier.deliver(files));
    world.print({ step: PublishingStep[step], files: files.length, milliseconds: world.now() - started });
  }
  return written;
}

/** When the release is up: what goes, what CloudFront forgets, and what is written down. Without files, the release stays as it is. */
async function finish(
  wanted: WantedRelease, { journal, state, etag }: Begun, plan: ReleasePlan, files: PublishedFile[] | undefined, world: ReleaseWorld,
): Promise<{ readonly state: SiteState; readonly invalidation: string }> {
  const at = world.now();
  if (plan.removed.length > 0) await world.store.remove(plan.removed.map(path => SITE_PREFIX + path));
  if (files) await writeRelease(world.store, { id: wanted.id, at, files });

  // Nobody knows what was there before the first release.
  const stale = journal.state.current || !files ? invalidationPaths(staleFiles(plan, journal)) : [EVERYTHING];
  const { id: invalidation, failed } = await invalidate(merged(stale, state.toInvalidate), world);

  const next: SiteState = {
    publishers: publishersAfter(state, wanted.owner, wanted.id),
    current: wanted.id,
    releases: releasesAfter(wanted, state, at, world.keptReleases),
    leftovers: plan.leftovers,
    toInvalidate: failed,
  };
  if (await writeState(world.store, next, etag) === undefined) {
    throw new Error(`Release ${wanted.id} is up, and somebody else wrote ${CURRENT_RECORD} meanwhile: deploy again.`);
  }
  return { state: next, invalidation: failed ? 'failed, and is tried again within a day' : invalidation ?? 'none' };
}

function merged(paths: string[], others: string[] = []): string[] {
  return [...paths, ...others].includes(EVERYTHING) ? [EVERYTHING] : [...new Set([...paths, ...others])];
}

function releasesAfter({ id, isReturn }: WantedRelease, { current, releases }: SiteState, at: number, kept: number): ReleaseEntry[] {
  if (isReturn || id === current) return releases;
  const others = releases.filter(release => release.id !== id && release.id !== current);
  // Somebody may have gone back to the one that is served, which then is not the newest.
  const served = releases.filter(release => release.id === current);
  return [...others, ...served, { id, at, before: current }].slice(-kept);
}

/** From the beginning, so that whoever breaks off can be undone; until the end with what was published before. */
function publishersAfter({ publishers = [] }: SiteState, resource: string | undefined, release?: string): Publisher[] {
  if (resource === undefined) return publishers;
  const before = publishers.find(publisher => publisher.resource === resource);
  return [...publishers.filter(publisher => publisher !== before), { resource, release: release ?? before?.release }];
}

async function forgetReleases(before: ReleaseEntry[], after: ReleaseEntry[], world: ReleaseWorld): Promise<void> {
  const ids = new Set(after.map(({ id }) => id));
  const gone = before.filter(({ id }) => !ids.has(id));
  if (gone.length > 0) await world.store.remove(gone.map(({ id }) => recordKey(id)));
}
