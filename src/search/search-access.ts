import { Names, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AccessLevel } from './administrator/access';
import { SearchAdministrator } from './search-administrator';
import { SearchDomainSettings } from './search-domain-settings';
import { acknowledgeWildcards } from '../acknowledge';
import { PlatformError } from '../errors';
import { grantRights, Right } from '../grant-rights';
import { checkGiven } from '../validate';

/** POST carries searches too. What may be read or written is decided by the role in OpenSearch. */
const READ = ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost'];
const WRITE = ['es:ESHttpPut', 'es:ESHttpDelete'];
const REASON = 'Requests of one domain: which of its indexes they may touch is decided by fine-grained access control, where this role is mapped to one role '
  + 'of its own: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html';

/** What access is given to. */
export interface SearchReach {
  readonly block: Construct;
  readonly domainArn: string;
  readonly endpoint: string;
  readonly settings: SearchDomainSettings;
  readonly administrator: SearchAdministrator;
}

/** Both locks of a domain: the IAM right to send requests, and the role in OpenSearch that says what they may do. */
export function grantAccess(reach: SearchReach, grantee: iam.IGrantable, level: AccessLevel): iam.Grant {
  const role = roleOf(reach.block, grantee);
  const grant = grantRights(reach.block, grantee, [requestRight(reach.domainArn, level)]);
  mapRole(reach, role, level);
  return grant;
}

/** The right to send requests, for a function that is made with all its rights at once. */
export function requestStatement(scope: Construct, domainArn: string, level: AccessLevel): iam.PolicyStatement {
  const { actions, resources } = requestRight(domainArn, level);
  acknowledgeWildcards(scope, resources, REASON);
  return new iam.PolicyStatement({ actions, resources });
}

/**
 * Lets a role in, as a resource beside the role: where role and domain are in two stacks, the role's stack depends on the domain's, and never the other way.
 */
export function mapRole({ block, endpoint, settings, administrator }: SearchReach, role: iam.IRole, level: AccessLevel): Construct {
  const id = `SearchAccess${level[0].toUpperCase()}${level.slice(1)}${Names.nodeUniqueId(block.node)}`;
  const existing = role.node.tryFindChild(id);
  if (existing) return existing as Construct;
  const patterns = settings.indexes.flatMap(({ name }) => [name, `${name}-*`]);
  const access = administrator.ask(role, id, 'Custom::SearchAccess', {
    Endpoint: endpoint,
    Name: `${Names.uniqueResourceName(role, { maxLength: 50, separator: '-' })}-${level}`,
    RoleArn: role.roleArn,
    Level: level,
    Patterns: patterns.length > 0 ? patterns : ['*'],
  });
  if (Stack.of(access) === Stack.of(administrator)) access.node.addDependency(...administrator.ways);
  return access;
}

function requestRight(domainArn: string, level: AccessLevel): Right {
  return { actions: level === 'read' ? READ : [...READ, ...WRITE], resources: [`${domainArn}/*`], wildcardReason: REASON };
}

function roleOf(block: Construct, grantee: iam.IGrantable): iam.IRole {
  const allowed = 'a role, or what has one, such as a task definition or a function';
  checkGiven(block, 'grantee', grantee, allowed);
  const principal = grantee.grantPrincipal as Partial<iam.IRole> | undefined;
  if (principal?.roleArn && principal.node) return principal as iam.IRole;
  throw new PlatformError(block, {
    problem: 'OpenSearch lets roles in, and this is none.',
    got: `grantee ${String(grantee.grantPrincipal)}`,
    allowed,
    fix: 'grant to the role under which the program runs',
  });
}
