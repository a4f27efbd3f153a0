/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import type { Client } from 'pg';

/** A change that the outbox tells of: which document, and the version that orders it among the changes of that document. */
export interface Change {
  readonly index: string;
  readonly id: string;
  /** Digits: PostgreSQL's bigint is larger than what JavaScript counts exactly. */
  readonly version: string;
}

/**
 * Takes the oldest changes out of the outbox and hands them on. They are gone when, and only when, `handOn` has succeeded: whoever dies in between has
 * them handed on again. Two at a time take different ones.
 *
 * @returns how many entries were taken
 */
export async function takeChanges(database: Client, most: number, handOn: (changes: Change[]) => Promise<void>): Promise<number> {
  await database.query('BEGIN');
  try {
    const { rows } = await database.query<{ id: string; index_name: string; document_id: string }>(
      `DELETE FROM search.outbox
       WHERE id = ANY (ARRAY(SELECT id FROM search.outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
       RETURNING id, index_name, document_id`, [most]);
    if (rows.length > 0) await handOn(latest(rows.map(row => ({ index: row.index_name, id: row.document_id, version: row.id }))));
    await database.query('COMMIT');
    return rows.length;
  } catch (error) {
    await database.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** One change of each document, its latest: what the others left is seen when it is read. */
export function latest<T extends Change>(changes: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const change of changes) {
    const key = JSON.stringify([change.index, change.id]);
    const known = found.get(key);
    if (!known || BigInt(change.version) > BigInt(known.version)) found.set(key, change);
  }
  return [...found.values()];
}
