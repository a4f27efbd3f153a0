import { setTimeout as sleep } from 'timers/promises';
import { Access, AccessLevel, allowAccess, enableAuditLog, endAccess } from './access';
import { applyIndexes, IndexDefinition } from './indexes';
import { CustomResourceRequest } from '../../custom-resource-answer';
import { mayPass, OpenSearch, OpenSearchRefused } from '../open-search';

/** What the templates say of both kinds of resources. CloudFormation makes every value a text. */
export interface AdministratorRequest extends CustomResourceRequest {
  readonly ResourceType: string;
  readonly ResourceProperties: {
    readonly Endpoint: string;
    /** Of `Custom::SearchIndexes`, as JSON. */
    readonly Indexes: string;
    readonly Replicas: string;
    /** Of `Custom::SearchAccess`. */
    readonly Name: string;
    readonly RoleArn: string;
    readonly Level: AccessLevel;
    readonly Patterns: string[];
  };
}

/** How long a domain that does not answer yet is waited for, in milliseconds. */
export interface Patience {
  readonly milliseconds: number;
  readonly pause: number;
}

/** Does what a custom resource asks for, and answers the id of the resource. */
export async function administer(request: AdministratorRequest, openSearch: OpenSearch, patience: Patience): Promise<string> {
  const { ResourceProperties: properties, RequestType } = request;
  if (request.ResourceType === 'Custom::SearchAccess') {
    if (RequestType === 'Delete') await endQuietly(openSearch, request.PhysicalResourceId ?? properties.Name);
    else await patiently(() => allowAccess(openSearch, accessOf(properties)), patience);
    return properties.Name;
  }
  // Indexes and templates are data: they stay while the domain does.
  if (RequestType !== 'Delete') {
    const definitions = JSON.parse(properties.Indexes) as IndexDefinition[];
    await patiently(() => applyIndexes(openSearch, definitions, Number(properties.Replicas)), patience);
    await enableAuditLog(openSearch).catch((error: unknown) => console.warn(JSON.stringify({ auditLog: String(error) })));
  }
  return request.PhysicalResourceId ?? 'indexes';
}

function accessOf({ Name, RoleArn, Level, Patterns }: AdministratorRequest['ResourceProperties']): Access {
  return { name: Name, roleArn: RoleArn, level: Level, patterns: Patterns };
}

/** A domain that is gone or away must not keep a stack from being deleted; a role that is gone opens nothing. */
async function endQuietly(openSearch: OpenSearch, name: string): Promise<void> {
  await endAccess(openSearch, name).catch((error: unknown) => console.warn(JSON.stringify({ accessLeft: name, reason: String(error) })));
}

/** Tries again what may pass: a new address, a right that has just been given, a node that is away, two that write the same. */
async function patiently(attempt: () => Promise<void>, { milliseconds, pause }: Patience): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      const final = error instanceof OpenSearchRefused && !mayPass(error.status) && ![401, 403, 409].includes(error.status);
      if (final || Date.now() + pause > deadline) throw error;
      await sleep(pause);
    }
  }
}
