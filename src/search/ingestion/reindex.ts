/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { setTimeout as sleep } from 'timers/promises';
import { FailedWrite, Write, writeAll } from './bulk';
import { DocumentView } from './database';
import type { IndexingWorld } from './index-changes';
import { createIndex, searchedIndexes, writeAlias, writtenIndexes } from '../administrator/indexes';
import { OpenSearch } from '../open-search';

/** The command that a person gives. */
export interface ReindexCommand {
  /** Name of the index. */
  readonly reindex: string;
  /** Whether to switch although documents were refused; without it, a refused document keeps the old index in place. */
  readonly acceptRefused?: boolean;
}

/** What came of it. */
export interface ReindexAnswer {
  /** The index that was filled. */
  readonly index: string;
  /** Documents read in this run. */
  readonly copied: number;
  /** Whether searches go to it now. */
  readonly live: boolean;
  /** The first documents that OpenSearch refused. */
  readonly refused: readonly FailedWrite[];
  /** What to do next; nothing where it is live. */
  readonly next?: string;
}

/** How long it may take, in milliseconds. */
export interface ReindexSettings {
  /** When copying pauses for another run to go on, in milliseconds since 1970. */
  readonly until: number;
  /** How long after the switch nobody can still be writing to the old index. */
  readonly grace: number;
  /** @default 500 */
  readonly pageSize?: number;
  /**
   * How long a domain that has too much to do is left alone the first time, in milliseconds.
   * @default 1000
   */
  readonly patience?: number;
}

const REFUSED_SHOWN = 10;
const ATTEMPTS = 5;

/**
 * Fills a new index of the current template from PostgreSQL while the old one serves, then moves searches over in one step.
 *
 * 1. The new index joins the write alias, empty: from here on the indexer brings each change to both.
 * 2. Rows are copied in the order of their ids, with version 0: whatever change came meanwhile has a higher one and stays. A change that an indexer brought to
 *    the old index only, because it had looked at the alias before, was committed before that, and so before the copy began: the copy sees it.
 * 3. The aliases move in one step, and the old index goes when no indexer and no search can be using it any more.
 *
 * A run that ends half-way is continued by the next: it finds the index in the write alias, and the last id in its mapping's notes.
 */
export async function reindex(command: ReindexCommand, { database, openSearch }: IndexingWorld, settings: ReindexSettings): Promise<ReindexAnswer> {
  const { reindex: name, acceptRefused = false } = command;
  const view = await DocumentView.of(database, name);
  const building = await findBuilding(openSearch, name) ?? await createIndex(openSearch, name, false);
  const copy = new Copy(openSearch, view, building, settings);
  await copy.run();
  const answer = { index: building, copied: copy.copied, live: false, refused: copy.refused.slice(0, REFUSED_SHOWN) };
  if (!copy.complete) return { ...answer, next: 'there was no time for all: give the same command again, it goes on where this run stopped' };
  if (copy.refused.length > 0 && !acceptRefused) {
    return { ...answer, next: 'the old index still serves: correct these rows or the mapping and give the command again, or add "acceptRefused": true' };
  }
  const replaced = await switchTo(openSearch, name, building);
  await sleep(settings.grace);
  for (const index of replaced) await openSearch.send('DELETE', `/${index}`);
  return { ...answer, live: true };
}

/** An index that changes go to, and searches do not. */
async function findBuilding(openSearch: OpenSearch, name: string): Promise<string | undefined> {
  const live = await searchedIndexes(openSearch, name);
  return (await writtenIndexes(openSearch, name)).find(index => !live.includes(index));
}

class Copy {
  public copied = 0;
  public complete = false;
  public readonly refused: FailedWrite[] = [];

  constructor(
    private readonly openSearch: OpenSearch, private readonly view: DocumentView, private readonly index: string,
    private readonly settings: ReindexSettings,
  ) {}

  public async run(): Promise<void> {
    const { until, pageSize = 500 } = this.settings;
    const notes = await this.notes();
    let after = notes.copiedUpTo;
    while (Date.now() < until) {
      const page = await this.view.page(after, pageSize);
      const writes = [...page].map(([id, document]) => ({ id, document, version: '0' }));
      this.refused.push(...await this.write(writes));
      this.copied += page.size;
      if (page.size < pageSize) {
        this.complete = true;
        return;
      }
      after = writes[writes.length - 1].id;
    }
    // A run that saw refused documents is not noted: the next one shall see them again.
    if (after !== undefined && this.refused.length === 0) await this.openSearch.send('PUT', `/${this.index}/_mapping`, { _meta: { ...notes, copiedUpTo: after } });
  }

  /** Waits for a domain that has too much to do; what it refuses for good is answered. */
  private async write(writes: readonly Write[]): Promise<FailedWrite[]> {
    let failed = await writeAll(this.openSearch, this.index, writes);
    for (let attempt = 1; attempt <= ATTEMPTS && failed.some(({ passes }) => passes); attempt++) {
      await sleep(attempt * (this.settings.patience ?? 1_000));
      const passing = new Set(failed.filter(({ passes }) => passes).map(({ id }) => id));
      const again = await writeAll(this.openSearch, this.index, writes.filter(({ id }) => passing.has(id)));
      failed = [...failed.filter(({ passes }) => !passes), ...again];
    }
    const waiting = failed.find(({ passes }) => passes);
    if (waiting) throw new Error(`the domain takes no writes (${waiting.reason}): give the same command again when it does.`);
    return failed;
  }

  private async notes(): Promise<{ readonly copiedUpTo?: string }> {
    type Mappings = { readonly [index: string]: { readonly mappings: { readonly _meta?: { readonly copiedUpTo?: string } } } };
    const found = await this.openSearch.get<Mappings>(`/${this.index}/_mapping`);
    return found?.[this.index]?.mappings._meta ?? {};
  }
}

/** Moves searches and changes to one index, and answers which ones it replaced. */
async function switchTo(openSearch: OpenSearch, name: string, index: string): Promise<string[]> {
  await openSearch.send('POST', `/${index}/_refresh`);
  const searched = await searchedIndexes(openSearch, name);
  const written = await writtenIndexes(openSearch, name);
  const others = (indexes: string[]) => indexes.filter(other => other !== index);
  await openSearch.send('POST', '/_aliases', {
    actions: [
      ...others(searched).map(old => ({ remove: { index: old, alias: name } })),
      ...others(written).map(old => ({ remove: { index: old, alias: writeAlias(name) } })),
      { add: { index, alias: name } },
    ],
  });
  return [...new Set([...others(searched), ...others(written)])];
}
