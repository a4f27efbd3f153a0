/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { Client, escapeIdentifier } from 'pg';

/** A change that the outbox tells of: which document, and the version that orders it among the changes of that document. */
export interface Change {
  readonly index: string;
  readonly id: string;
  /** Digits: PostgreSQL's bigint is larger than what JavaScript counts exactly. */
  readonly version: string;
}

/** Documents by id, as JSON on one line. */
export type Documents = Map<string, string>;

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

/** Reads documents from the view of an index. */
export class DocumentView {
  public static async of(database: Client, index: string): Promise<DocumentView> {
    const view = `search.${escapeIdentifier(index)}`;
    const { rows } = await database.query<{ type: string }>(
      "SELECT format_type(atttypid, NULL) AS type FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'id'", [view]);
    if (rows.length === 0) throw new Error(`the database has no view ${view} with a column id: run the migration that makes it, as docs/search.md shows.`);
    return new DocumentView(database, view, rows[0].type);
  }

  /** In the type of the column, not as text: otherwise PostgreSQL would use no index of the table. */
  private constructor(private readonly database: Client, private readonly view: string, private readonly type: string) {}

  /** Documents of these ids; one that is missing has none. */
  public read(ids: readonly string[]): Promise<Documents> {
    return this.select(`WHERE id = ANY ($1::${this.type}[])`, [ids]);
  }

  /** The first documents after an id, in the order of ids. */
  public page(after: string | undefined, size: number): Promise<Documents> {
    return after === undefined
      ? this.select('ORDER BY id LIMIT $1', [size])
      : this.select(`WHERE id > $2::${this.type} ORDER BY id LIMIT $1`, [size, after]);
  }

  private async select(condition: string, values: unknown[]): Promise<Documents> {
    // As jsonb PostgreSQL writes a document on one line, which is what a bulk request is made of.
    const { rows } = await this.database.query<{ id: string; document: string }>(
      `SELECT id::text AS id, document::jsonb::text AS document FROM (SELECT id, document FROM ${this.view} ${condition}) AS found`, values);
    return new Map(rows.map(({ id, document }) => [id, document]));
  }
}
