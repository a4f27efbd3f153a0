import { OpenSearch, OpenSearchRefused } from '../open-search';

/** What a role may do with indexes. */
export type AccessLevel = 'read' | 'readWrite' | 'indexing';

/** Whom to let in, how far, and to what. */
export interface Access {
  /** Name of the role in OpenSearch, one for each grant: no list that two deployments would both rewrite. */
  readonly name: string;
  readonly roleArn: string;
  readonly level: AccessLevel;
  readonly patterns: readonly string[];
}

/** Action groups and actions of OpenSearch: https://docs.opensearch.org/latest/security/access-control/default-action-groups/ */
const LEVELS: { readonly [level in AccessLevel]: { readonly cluster: string[]; readonly indexes: string[] } } = {
  read: { cluster: ['cluster_composite_ops_ro'], indexes: ['read', 'indices:admin/mappings/get', 'indices:admin/get'] },
  readWrite: { cluster: ['cluster_composite_ops'], indexes: ['crud', 'indices:admin/mappings/get', 'indices:admin/get'] },
  indexing: {
    cluster: ['cluster_composite_ops'],
    indexes: [
      'crud', 'create_index', 'manage_aliases', 'indices:admin/get', 'indices:admin/delete', 'indices:admin/refresh*', 'indices:admin/mappings/get',
      'indices:admin/mapping/put',
    ],
  },
};

const ROLES = '/_plugins/_security/api/roles';
const MAPPINGS = '/_plugins/_security/api/rolesmapping';

/** Lets an IAM role in. */
export async function allowAccess(openSearch: OpenSearch, { name, roleArn, level, patterns }: Access): Promise<void> {
  const { cluster, indexes } = LEVELS[level];
  await openSearch.send('PUT', `${ROLES}/${name}`, {
    cluster_permissions: cluster,
    index_permissions: [{ index_patterns: patterns, allowed_actions: indexes }],
  });
  await openSearch.send('PUT', `${MAPPINGS}/${name}`, { backend_roles: [roleArn] });
}

/** Takes a grant back. */
export async function endAccess(openSearch: OpenSearch, name: string): Promise<void> {
  for (const path of [`${MAPPINGS}/${name}`, `${ROLES}/${name}`]) {
    await openSearch.send('DELETE', path).catch((error: unknown) => {
      if (!(error instanceof OpenSearchRefused) || error.status !== 404) throw error;
    });
  }
}

/** Turns on what the domain publishes: failed logins and missing permissions, OpenSearch's own defaults. */
export async function enableAuditLog(openSearch: OpenSearch): Promise<void> {
  await openSearch.send('PATCH', '/_plugins/_security/api/audit', [{ op: 'replace', path: '/config/enabled', value: true }]);
}
