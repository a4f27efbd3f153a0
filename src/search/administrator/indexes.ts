import { OpenSearch } from '../open-search';

/** An index as the template defines it. */
export interface IndexDefinition {
  readonly name: string;
  readonly mappings: object;
  readonly settings: object;
}

/** Names of the indexes behind an alias. */
export async function indexesBehind(openSearch: OpenSearch, alias: string): Promise<string[]> {
  const found = await openSearch.get<{ [index: string]: object }>(`/_alias/${alias}`);
  return Object.keys(found ?? {}).sort();
}

/** The alias that searches go to is the index's own name; this is the one that changes go to. */
export function writeAlias(name: string): string {
  return `${name}-write`;
}

/** Makes an index of the current template, which changes go to from its first moment on; searches only if `live`. */
export async function createIndex(openSearch: OpenSearch, name: string, live: boolean): Promise<string> {
  const index = `${name}-${new Date().toISOString().replace(/\D/g, '')}`;
  await openSearch.send('PUT', `/${index}`, { aliases: { [writeAlias(name)]: {}, ...live ? { [name]: {} } : {} } });
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
    const existing = await indexesBehind(openSearch, name);
    if (existing.length === 0) await createIndex(openSearch, name, true);
    else await openSearch.send('PUT', `/${existing.join(',')}/_settings`, { 'index.number_of_replicas': replicas });
  }
}
