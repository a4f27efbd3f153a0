import { OpenSearch } from '../open-search';

/** An index as the template defines it. */
export interface IndexDefinition {
  readonly name: string;
  readonly mappings: object;
  readonly settings: object;
}

/** Names of the indexes that searches go to: the alias is the index's own name. */
export function searchedIndexes(openSearch: OpenSearch, name: string): Promise<string[]> {
  return indexesBehind(openSearch, name);
}

/** Names of the indexes that changes go to: two while one of them is being filled. */
export function writtenIndexes(openSearch: OpenSearch, name: string): Promise<string[]> {
  return indexesBehind(openSearch, writeAlias(name));
}

export function writeAlias(name: string): string {
  return `${name}-write`;
}

/** Asks the alias itself: a question about all indexes would need rights on all. */
async function indexesBehind(openSearch: OpenSearch, alias: string): Promise<string[]> {
  const found = await openSearch.get<{ [index: string]: object }>(`/${alias}/_alias/${alias}`);
  return Object.keys(found ?? {}).sort();
}

/** Makes an index of the current template, behind some aliases from its first moment on. */
export async function createIndex(openSearch: OpenSearch, name: string, aliases: readonly string[]): Promise<string> {
  const index = `${name}-${new Date().toISOString().replace(/\D/g, '')}`;
  await openSearch.send('PUT', `/${index}`, { aliases: Object.fromEntries(aliases.map(alias => [alias, {}])) });
  return index;
}

/**
 * Puts the templates in place, and makes the indexes that are not there yet.
 *
 * It may run any number of times. Existing indexes keep their mappings, which only a re-index can change; what it changes on them is the number of copies,
 * because a second node without copies would only look like safety.
 */
export async function applyIndexes(openSearch: OpenSearch, definitions: readonly IndexDefinition[], replicas: number): Promise<void> {
  for (const { name, mappings, settings } of definitions) {
    await openSearch.send('PUT', `/_index_template/${name}`, {
      index_patterns: [`${name}-*`],
      // Above the templates that OpenSearch brings along.
      priority: 500,
      template: { mappings, settings: { 'index.number_of_replicas': replicas, ...settings } },
    });
    const existing = await searchedIndexes(openSearch, name);
    if (existing.length === 0) await createIndex(openSearch, name, [name, writeAlias(name)]);
    else await openSearch.send('PUT', `/${writeAlias(name)}/_settings`, { 'index.number_of_replicas': replicas });
  }
}
