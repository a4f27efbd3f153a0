import type { AssemblyResource } from './assembly';
import type { ResourceIndex } from './references';

/** A statement of a policy that allows something. */
export interface Statement {
  readonly actions: readonly string[];
  /** What the policy names as resources, as it is in the template. */
  readonly on: unknown;
  /** The policy, or the role that has it in itself. */
  readonly in: AssemblyResource;
}

interface TemplateStatement {
  readonly Effect?: string;
  readonly Action?: string | string[];
  readonly Resource?: unknown;
}

/** What each role may do. */
export function rightsOfRoles(resources: readonly AssemblyResource[], index: ResourceIndex): Map<AssemblyResource, Statement[]> {
  const rights = new Map<AssemblyResource, Statement[]>();
  const add = (role: AssemblyResource, statements: Statement[]) => rights.set(role, [...rights.get(role) ?? [], ...statements]);
  for (const resource of resources) {
    const { type, properties, home } = resource;
    if (type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy' || type === 'AWS::IAM::RolePolicy') {
      const statements = statementsOf(properties.PolicyDocument, resource);
      for (const role of index.find(properties.Roles ?? properties.RoleName, home).filter(isRole)) add(role, statements);
    }
    if (!isRole(resource)) continue;
    const inline = Array.isArray(properties.Policies) ? properties.Policies : [];
    add(resource, inline.flatMap((policy: { PolicyDocument?: unknown }) => statementsOf(policy?.PolicyDocument, resource)));
    for (const policy of index.find(properties.ManagedPolicyArns, home).filter(each => each.type === 'AWS::IAM::ManagedPolicy')) {
      add(resource, statementsOf(policy.properties.PolicyDocument, policy));
    }
  }
  return rights;
}

export function isRole({ type }: AssemblyResource): boolean {
  return type === 'AWS::IAM::Role';
}

function statementsOf(document: unknown, policy: AssemblyResource): Statement[] {
  const statements = [(document as { Statement?: TemplateStatement | TemplateStatement[] } | undefined)?.Statement ?? []].flat();
  return statements
    .filter(({ Effect: effect }) => effect !== 'Deny')
    .map(({ Action: action = [], Resource: on }) => ({ actions: [action].flat(), on, in: policy }));
}

/** Whether one of the actions is this one, or a wildcard that has it in it. */
export function allows({ actions }: Statement, action: string): boolean {
  return actions.some(each => each === '*' || new RegExp(`^${each.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(action));
}
