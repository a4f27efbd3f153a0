import { mayPass, OpenSearch, OpenSearchRefused } from '../open-search';

/** What shall become of a document. */
export interface Write {
  readonly id: string;
  readonly version: string;
  /** JSON on one line; without it, the document is deleted. */
  readonly document?: string;
}

/** A write that did not succeed, and why. */
export interface FailedWrite {
  readonly id: string;
  readonly reason: string;
  /** Whether the same write may succeed later. */
  readonly passes: boolean;
}

interface BulkItem {
  readonly _id: string;
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason?: string };
}

interface BulkAnswer {
  readonly items: { readonly [action: string]: BulkItem }[];
}

/** Half of what the smallest instances take at once: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html */
const BYTES_AT_ONCE = 5 * 1024 * 1024;

/**
 * Writes to one index, in as few requests as their sizes allow. A document that is there in a later version stays; so does one in the same version,
 * because it is the same. The answer names what failed, whatever the reason; the rest is done.
 */
export async function writeAll(openSearch: OpenSearch, index: string, writes: readonly Write[]): Promise<FailedWrite[]> {
  const failed: FailedWrite[] = [];
  for (const chunk of inChunks(writes)) failed.push(...await writeChunk(openSearch, index, chunk));
  return failed;
}

async function writeChunk(openSearch: OpenSearch, index: string, writes: readonly Write[]): Promise<FailedWrite[]> {
  try {
    const { items } = await openSearch.send<BulkAnswer>('POST', `/${index}/_bulk`, writes.map(lines).join(''));
    return items.flatMap(item => {
      const [[action, { _id, status, error }]] = Object.entries(item);
      const done = status < 300 || status === 409 || (action === 'delete' && status === 404);
      return done ? [] : [{ id: _id, reason: `${status} ${error?.type}: ${error?.reason}`, passes: mayPass(status) }];
    });
  } catch (error) {
    // An access that is missing is nothing that a single document could be blamed for.
    if (error instanceof OpenSearchRefused && error.status !== 413 && !mayPass(error.status)) throw error;
    const passes = !(error instanceof OpenSearchRefused) || mayPass(error.status);
    return writes.map(({ id }) => ({ id, reason: String(error), passes }));
  }
}

function lines({ id, version, document }: Write): string {
  // The version as the digits that it is.
  const meta = `"_id":${JSON.stringify(id)},"version":${BigInt(version)},"version_type":"external"`;
  return document === undefined ? `{"delete":{${meta}}}\n` : `{"index":{${meta}}}\n${document}\n`;
}

function inChunks(writes: readonly Write[]): Write[][] {
  const chunks: Write[][] = [];
  let room = 0;
  for (const write of writes) {
    const size = Buffer.byteLength(lines(write));
    if (size > room) {
      chunks.push([]);
      room = BYTES_AT_ONCE;
    }
    chunks[chunks.length - 1].push(write);
    room -= size;
  }
  return chunks;
}
