/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { setTimeout as sleep } from 'timers/promises';
import { FailedWrite, writeAll } from './bulk';
import { DocumentView, Part } from './document-view';
import type { IndexingWorld } from './index-changes';
import { deleteAfter, giveUp, indexToFill, searchNothingElse, writeNotes } from './rebuilt-index';
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
  /** The first documents that OpenSearch refused, or of which the view can make none. */
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
 * A run that ends half-way is continued by the next, unless mapping or view have changed. One that is refused leaves nothing behind: in an index that will
 * never serve, changes would fail for nothing.
 */
export async function reindex(command: ReindexCommand, { database, openSearch }: IndexingWorld, settings: ReindexSettings): Promise<ReindexAnswer> {
  const { reindex: name, acceptRefused = false } = command;
  const view = await DocumentView.of(database, name);
  const { index, notes } = await indexToFill(openSearch, name, view.definition, { acceptRefused, grace: settings.grace });
  const copy = new Copy(openSearch, view, index, settings);
  const complete = await copy.run(notes.copiedUpTo, acceptRefused ? Number.POSITIVE_INFINITY : REFUSED_SHOWN);
  const answer = { index, copied: copy.copied, live: false, refused: copy.refused.slice(0, REFUSED_SHOWN) };
  if (copy.refused.length > 0 && !acceptRefused) {
    await giveUp(openSearch, name, index, settings.grace);
    return { ...answer, next: 'the old index still serves: correct these rows or the mapping and give the command again, or add "acceptRefused": true' };
  }
  if (!complete) {
    await writeNotes(openSearch, index, { ...notes, copiedUpTo: copy.upTo, misses: notes.misses || copy.refused.length > 0 });
    return { ...answer, next: 'there was no time for all: give the same command again, it goes on where this run stopped' };
  }
  const replaced = await searchNothingElse(openSearch, name, index);
  await deleteAfter(openSearch, settings.grace, ...replaced);
  return { ...answer, live: true };
}

class Copy {
  public copied = 0;
  /** The last id that is done. */
  public upTo: string | undefined;
  public readonly refused: FailedWrite[] = [];

  constructor(
    private readonly openSearch: OpenSearch, private readonly view: DocumentView, private readonly index: string,
    private readonly settings: ReindexSettings,
  ) {}

  /** Copies what follows an id, and answers whether that was all. */
  public async run(after: string | undefined, mostRefused: number): Promise<boolean> {
    const { until, pageSize = 500 } = this.settings;
    this.upTo = after;
    while (Date.now() < until && this.refused.length < mostRefused) {
      const ids = await this.view.ids(this.upTo, pageSize);
      if (ids.length === 0) return true;
      for await (const part of this.view.read(ids)) {
        this.copied += part.documents.size;
        await this.write(part);
        this.upTo = part.ids[part.ids.length - 1];
        if (Date.now() >= until) break;
      }
    }
    return false;
  }

  /**
   * Waits for a domain that has too much to do. Then documents are read again, so that each write is as young as its request: OpenSearch forgets after 60
   * seconds that a document was deleted (`index.gc_deletes`), and an older write would bring it back.
   */
  private async write({ ids, documents, failed }: Part, attempt = 1): Promise<void> {
    const writes = ids.flatMap(id => documents.has(id) ? [{ id, version: '0', document: documents.get(id) }] : []);
    const unwritten = await writeAll(this.openSearch, this.index, writes);
    this.refused.push(...failed, ...unwritten.filter(({ passes }) => !passes));
    const waiting = unwritten.filter(({ passes }) => passes);
    if (waiting.length === 0) return;
    if (attempt > ATTEMPTS) throw new Error(`the domain takes no writes (${waiting[0].reason}): give the same command again when it does.`);
    await sleep(attempt * (this.settings.patience ?? 1_000));
    for await (const again of this.view.read(waiting.map(({ id }) => id))) await this.write(again, attempt + 1);
  }
}
