/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { Client, escapeIdentifier } from 'pg';
import type { FailedWrite } from './bulk';

/** As many documents as are held at once, whatever a batch asks for. */
export interface Part {
  /** Which ids these are, in the order in which they were asked for. */
  readonly ids: readonly string[];
  /** Documents by id, as JSON on one line; one that is missing has none. */
  readonly documents: ReadonlyMap<string, string>;
  /** Rows of which no document can be made. */
  readonly failed: readonly FailedWrite[];
}

interface Row {
  readonly id: string;
  /** Bytes of the document, whether it was read or not. */
  readonly size: number | null;
  readonly document: string | null;
}

/** One bulk request, with room for the lines between documents. */
const PART_BYTES = 4 * 1024 * 1024;
/** What the functions' memory can surely hold, and more than the smallest instances take. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/** Reads documents from the view of an index. */
export class DocumentView {
  public static async of(database: Client, index: string): Promise<DocumentView> {
    const view = `search.${escapeIdentifier(index)}`;
    const { rows } = await database.query<{ type: string; definition: string | null }>(
      `SELECT format_type(atttypid, -1) AS type, pg_get_viewdef(attrelid) AS definition
       FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'id'`, [view]);
    if (rows.length === 0) throw new Error(`the database has no view ${view} with a column id: run the migration that makes it, as docs/search.md shows.`);
    const [{ type, definition }] = rows;
    return new DocumentView(database, view, type, definition ?? '');
  }

  /** In the type of the column, not as text: otherwise PostgreSQL would use no index of the table. */
  private constructor(
    private readonly database: Client, private readonly view: string, private readonly type: string,
    /** The view's query, as PostgreSQL writes it. */
    public readonly definition: string,
  ) {}

  /** Some of the ids that follow an id, in their order; none where there are no more. No document is made for it. */
  public async ids(after: string | undefined, most: number): Promise<string[]> {
    const [condition, values] = after === undefined ? ['', [most]] : [`WHERE found.id > $2::${this.type}`, [most, after]];
    try {
      const { rows } = await this.database.query<{ id: string }>(
        `SELECT found.id::text AS id FROM ${this.view} AS found ${condition} ORDER BY found.id LIMIT $1`, values);
      return rows.map(({ id }) => id);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (most > 1) return this.ids(after, Math.floor(most / 2));
      throw new Error(`a condition of the view ${this.view} fails on a row after ${after === undefined ? 'no id' : `id ${after}`}, so that it has no id: ${error}`);
    }
  }

  /** Documents of these ids, in parts. Whoever has done with one is handed the next. */
  public async* read(ids: readonly string[]): AsyncGenerator<Part> {
    const waiting = [ids];
    for (let some = waiting.shift(); some !== undefined; some = waiting.shift()) {
      if (some.length === 0) continue;
      try {
        const rows = await this.select(some);
        const cut = some.findIndex(id => isLeft(rows.get(id)));
        const first = cut === -1 ? some : some.slice(0, cut);
        if (cut !== -1) waiting.unshift(...inParts(some.slice(cut), rows));
        yield toPart(first, rows);
      } catch (error) {
        if (!isDataError(error)) throw error;
        const middle = Math.floor(some.length / 2);
        if (some.length > 1) waiting.unshift(some.slice(0, middle), some.slice(middle));
        else yield { ids: some, documents: new Map(), failed: [{ id: some[0], reason: String(error), passes: false }] };
      }
    }
  }

  /** Rows of all of these ids; documents of as many of the first as make a part, so that few documents are made twice and no more than a part is held. */
  private async select(ids: readonly string[]): Promise<Map<string, Row>> {
    // As jsonb PostgreSQL writes a document on one line, which is what a bulk request is made of.
    const { rows } = await this.database.query<Row>(
      `SELECT id, size, CASE WHEN size <= $3 AND (total <= $2 OR total = size) THEN document END AS document FROM (
         SELECT id, size, document, place, sum(size) FILTER (WHERE size <= $3) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS total FROM (
           SELECT id, document, octet_length(document) AS size, place FROM (
             SELECT id::text AS id, document::jsonb::text AS document, array_position($4::text[], id::text) AS place
             FROM ${this.view} WHERE id = ANY ($1::${this.type}[])
             OFFSET 0
           ) AS found
         ) AS sized
       ) AS added ORDER BY place`, [ids, PART_BYTES, LARGEST_BYTES, ids]);
    // Where a view has an id twice, the first of its rows counts: there is always room for the first.
    return new Map(rows.reverse().map(row => [row.id, row]));
  }
}

/** Whether there is a document that was too much for this part. */
function isLeft(row: Row | undefined): boolean {
  return row !== undefined && row.document === null && reasonAgainst(row) === undefined;
}

function reasonAgainst({ size }: Row): string | undefined {
  if (size === null) return 'the view has NULL in place of a document';
  return size > LARGEST_BYTES ? `a document of ${size} bytes is larger than ${LARGEST_BYTES}` : undefined;
}

function toPart(ids: readonly string[], rows: ReadonlyMap<string, Row>): Part {
  const documents = new Map<string, string>();
  const failed: FailedWrite[] = [];
  for (const id of ids) {
    const row = rows.get(id);
    const reason = row && reasonAgainst(row);
    if (reason) failed.push({ id, reason, passes: false });
    else if (row) documents.set(id, row.document!);
  }
  return { ids, documents, failed };
}

function inParts(ids: readonly string[], rows: ReadonlyMap<string, Row>): string[][] {
  const parts: string[][] = [];
  let room = 0;
  for (const id of ids) {
    const size = rows.get(id)?.size ?? 0;
    if (size > room || parts.length === 0) {
      parts.push([]);
      room = PART_BYTES;
    }
    parts[parts.length - 1].push(id);
    room -= size;
  }
  return parts;
}

/** Whether it is the fault of one row, which fails the query for all of them: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isDataError(error: unknown): boolean {
  return String((error as { readonly code?: unknown }).code).startsWith('22');
}
