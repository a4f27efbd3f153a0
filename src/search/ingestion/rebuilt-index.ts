import { createHash } from 'crypto';
import { setTimeout as sleep } from 'timers/promises';
import { createIndex, searchedIndexes, writeAlias, writtenIndexes } from '../administrator/indexes';
import { OpenSearch } from '../open-search';

/** What an index that is being filled says of itself, in its mapping's `_meta`. */
export interface Notes {
  /** Fingerprint of mappings, settings and view. */
  readonly madeFrom?: string;
  /** Id of the last row that was copied. */
  readonly copiedUpTo?: string;
  /** Whether refused documents were accepted on the way there. */
  readonly misses?: boolean;
}

interface Description {
  readonly mappings: { readonly _meta?: Notes };
  readonly settings: { readonly index: { readonly [name: string]: unknown } };
}

/** The index that the last run left half-way, or a new one where what it was made from is no longer what an index would be made from. */
export async function indexToFill(
  openSearch: OpenSearch, name: string, view: string, { acceptRefused, grace }: { readonly acceptRefused: boolean; readonly grace: number },
): Promise<{ readonly index: string; readonly notes: Notes }> {
  const begun = await findBuilding(openSearch, name);
  // What the template now makes of an index is asked of an index: the role may read none of the domain's templates. Nobody writes to it yet.
  const fresh = await createIndex(openSearch, name, []);
  const notes = { madeFrom: fingerprint(await describe(openSearch, fresh), view) };
  const known = begun ? (await describe(openSearch, begun)).mappings._meta : undefined;
  if (begun && known?.madeFrom === notes.madeFrom && (acceptRefused || !known.misses)) {
    await openSearch.send('DELETE', `/${fresh}`);
    return { index: begun, notes: known };
  }
  await writeNotes(openSearch, fresh, notes);
  const alias = writeAlias(name);
  await moveAliases(openSearch, [{ add: { index: fresh, alias } }, ...begun ? [{ remove: { index: begun, alias } }] : []]);
  if (begun) await deleteAfter(openSearch, grace, begun);
  return { index: fresh, notes };
}

export async function writeNotes(openSearch: OpenSearch, index: string, notes: Notes): Promise<void> {
  const { mappings: { _meta } } = await describe(openSearch, index);
  await openSearch.send('PUT', `/${index}/_mapping`, { _meta: { ..._meta, ...notes } });
}

/** Takes an index away that will not serve. */
export async function giveUp(openSearch: OpenSearch, name: string, index: string, grace: number): Promise<void> {
  await moveAliases(openSearch, [{ remove: { index, alias: writeAlias(name) } }]);
  await deleteAfter(openSearch, grace, index);
}

/** Removes indexes when nobody can be using them any more: a late write would make them anew. */
export async function deleteAfter(openSearch: OpenSearch, grace: number, ...indexes: string[]): Promise<void> {
  await sleep(grace);
  for (const index of indexes) await openSearch.send('DELETE', `/${index}`);
}

/** Moves searches and changes to one index, and answers which ones it replaced. */
export async function searchNothingElse(openSearch: OpenSearch, name: string, index: string): Promise<string[]> {
  await openSearch.send('POST', `/${index}/_refresh`);
  const searched = await searchedIndexes(openSearch, name);
  const written = await writtenIndexes(openSearch, name);
  if (!written.includes(index)) throw new Error(`another run has replaced ${index}: give the command again when that one has ended.`);
  const others = (indexes: string[]) => indexes.filter(other => other !== index);
  await moveAliases(openSearch, [
    ...others(searched).map(old => ({ remove: { index: old, alias: name } })),
    ...others(written).map(old => ({ remove: { index: old, alias: writeAlias(name) } })),
    { add: { index, alias: name } },
  ]);
  return [...new Set([...others(searched), ...others(written)])];
}

/** An index that changes go to, and searches do not. */
async function findBuilding(openSearch: OpenSearch, name: string): Promise<string | undefined> {
  const live = await searchedIndexes(openSearch, name);
  return (await writtenIndexes(openSearch, name)).find(index => !live.includes(index));
}

async function describe(openSearch: OpenSearch, index: string): Promise<Description> {
  return (await openSearch.send<{ readonly [index: string]: Description }>('GET', `/${index}`))[index];
}

/** Of an index without documents: those add fields to its mapping. */
function fingerprint({ mappings, settings }: Description, view: string): string {
  // What is every index's own, or the engine's.
  const { creation_date: _date, provided_name: _name, uuid: _uuid, version: _version, ...chosen } = settings.index;
  return createHash('sha256').update(JSON.stringify([mappings, chosen, view])).digest('hex');
}

type AliasAction = { readonly [kind in 'add' | 'remove']?: { readonly index: string; readonly alias: string } };

async function moveAliases(openSearch: OpenSearch, actions: readonly AliasAction[]): Promise<void> {
  await openSearch.send('POST', '/_aliases', { actions });
}
