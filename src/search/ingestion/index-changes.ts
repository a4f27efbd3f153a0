/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import type { Client } from 'pg';
import { writeAll } from './bulk';
import { Change, latest } from './database';
import { DocumentView } from './document-view';
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
 *
 * @param until when nothing more is begun, in milliseconds since 1970: what is done by then is answered as done
 */
export async function indexChanges(messages: readonly Message[], world: IndexingWorld, until = Number.POSITIVE_INFINITY): Promise<string[]> {
  const failed: string[] = [];
  const received = messages.flatMap(message => {
    const change = parse(message);
    if (!change) failed.push(message.messageId);
    return change ? [{ ...change, messageId: message.messageId }] : [];
  });
  const changes = latest<Received>(received);
  for (const index of new Set(changes.map(change => change.index))) {
    failed.push(...await indexSome(index, changes.filter(change => change.index === index), world, until));
  }
  return failed;
}

async function indexSome(index: string, changes: readonly Received[], { database, openSearch }: IndexingWorld, until: number): Promise<string[]> {
  const versions = new Map(changes.map(({ id, version }) => [id, version]));
  const waiting = new Set(versions.keys());
  const tell = (failed: string, about: object) => console.error(JSON.stringify({ failed, index, ...about }));
  try {
    // While an index is rebuilt there are two. They have to be known before the rows are read: see reindex.ts.
    const targets = await writtenIndexes(openSearch, index);
    if (targets.length === 0) throw new Error(`there is no index ${index}: add it to the search domain's indexes and deploy, or remove its trigger.`);
    const view = await DocumentView.of(database, index);
    for await (const { ids, documents, failed } of view.read([...versions.keys()])) {
      const reasons = new Map(failed.map(({ id, reason }) => [id, reason]));
      const writes = ids.filter(id => !reasons.has(id)).map(id => ({ id, version: versions.get(id)!, document: documents.get(id) }));
      for (const target of targets) {
        for (const { id, reason } of await writeAll(openSearch, target, writes)) reasons.set(id, `${target}: ${reason}`);
      }
      for (const [id, reason] of reasons) tell(reason, { id });
      for (const id of ids) if (!reasons.has(id)) waiting.delete(id);
      if (Date.now() >= until) break;
    }
  } catch (error) {
    tell(String(error), { changes: waiting.size });
  }
  return changes.filter(({ id }) => waiting.has(id)).map(({ messageId }) => messageId);
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
