/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import type { Client } from 'pg';
import { writeAll } from './bulk';
import { Change, DocumentView, latest } from './database';
import { writtenIndexes } from '../administrator/indexes';
import { OpenSearch } from '../open-search';

/** A change with the message that brought it. */
interface Received extends Change {
  readonly messageId: string;
}

/** What a queue hands over. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** Where changes come from and go to. */
export interface IndexingWorld {
  readonly database: Client;
  readonly openSearch: OpenSearch;
}

/**
 * Brings the documents of changes up to date, and answers which messages have to come again.
 *
 * A message names a document and a version. What is indexed is the row as it is now, never as it was: a message that comes twice, late, or weeks later out of
 * the dead-letter queue can do no harm, and no data of users waits in a queue.
 */
export async function indexChanges(messages: readonly Message[], world: IndexingWorld): Promise<string[]> {
  const failed: string[] = [];
  const received = messages.flatMap(message => {
    const change = parse(message);
    if (!change) failed.push(message.messageId);
    return change ? [{ ...change, messageId: message.messageId }] : [];
  });
  const changes = latest<Received>(received);
  for (const index of new Set(changes.map(change => change.index))) {
    failed.push(...await indexSome(index, changes.filter(change => change.index === index), world));
  }
  return failed;
}

async function indexSome(index: string, changes: readonly Received[], world: IndexingWorld): Promise<string[]> {
  const { database, openSearch } = world;
  try {
    // While an index is rebuilt there are two. They have to be known before the rows are read: see reindex.ts.
    const targets = await writtenIndexes(openSearch, index);
    if (targets.length === 0) throw new Error(`there is no index ${index}: add it to the search domain's indexes and deploy, or remove its trigger.`);
    const view = await DocumentView.of(database, index);
    const documents = await view.read(changes.map(({ id }) => id));
    const writes = changes.map(({ id, version }) => ({ id, version, document: documents.get(id) }));
    const reasons = new Map<string, string>();
    for (const target of targets) {
      for (const { id, reason } of await writeAll(openSearch, target, writes)) reasons.set(id, `${target}: ${reason}`);
    }
    for (const [id, reason] of reasons) console.error(JSON.stringify({ failed: reason, index, id }));
    return changes.filter(({ id }) => reasons.has(id)).map(({ messageId }) => messageId);
  } catch (error) {
    if (changes.length > 1 && isDataError(error)) {
      const middle = Math.floor(changes.length / 2);
      return [...await indexSome(index, changes.slice(0, middle), world), ...await indexSome(index, changes.slice(middle), world)];
    }
    console.error(JSON.stringify({ failed: String(error), index, changes: changes.length }));
    return changes.map(({ messageId }) => messageId);
  }
}

/** A row of which the view can make no document fails the query for all: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isDataError(error: unknown): boolean {
  return String((error as { readonly code?: unknown }).code).startsWith('22');
}

function parse({ body, messageId }: Message): Change | undefined {
  try {
    const { index, id, version } = JSON.parse(body) as Partial<Change>;
    if (typeof index === 'string' && typeof id === 'string' && /^\d{1,19}$/.test(String(version))) return { index, id, version: String(version) };
  } catch {
    // Told below.
  }
  console.error(JSON.stringify({ failed: 'this is no message of the relay', messageId }));
  return undefined;
}
