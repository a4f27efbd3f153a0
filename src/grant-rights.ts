import { Names, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { PlatformError } from './errors';
import { checkGiven, checkKind } from './validate';

/** One statement of what somebody may do. */
export interface Right {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: { readonly [operator: string]: { readonly [key: string]: string } };
  /** Why a resource ends in a wildcard, for auditors. */
  readonly wildcardReason?: string;
}

/**
 * Gives rights on a block's data to somebody of this account.
 *
 * A role of this app gets a managed policy for each block, because auditors want no inline ones. The policy refers to the role and to the data, and
 * neither of them to the policy, so that the data may refer to what has the role: a bucket to the domain of the app that it serves. It is a child of the
 * role, as the L2s' policies are: where role and data are in two stacks, the role's stack depends on the data's, as it does for a name in a variable.
 *
 * A principal that is no such role gets the L2s' own kind of policy.
 */
export function grantRights(block: Construct, grantee: iam.IGrantable, rights: Right[]): iam.Grant {
  checkGrantee(block, grantee);
  const principal = grantee.grantPrincipal;
  const target = iam.Role.isRole(principal) ? policyOf(principal, block) : grantee;
  const grants = rights.map(right => iam.Grant.addToPrincipal({
    grantee: target, actions: right.actions, resourceArns: right.resources, conditions: right.conditions,
  }));
  if (grants.some(grant => !grant.success)) refuseGrantee(block, 'the grantee has no policy that a right could be added to.', String(principal));
  explainWildcards(target, rights);
  return grants.reduce((all, grant) => all.combine(grant));
}

function policyOf(role: iam.Role, block: Construct): iam.ManagedPolicy {
  const id = `Rights${Names.nodeUniqueId(block.node)}`;
  return role.node.tryFindChild(id) as iam.ManagedPolicy | undefined ?? new iam.ManagedPolicy(role, id, { roles: [role] });
}

function checkGrantee(block: Construct, grantee: iam.IGrantable): void {
  const allowed = 'an iam.IGrantable, such as a role';
  checkGiven(block, 'grantee', grantee, allowed);
  checkKind(block, 'grantee', grantee, 'grantPrincipal', allowed);
  const { principalAccount } = grantee.grantPrincipal;
  const { account } = Stack.of(block);
  if (!principalAccount || Token.isUnresolved(principalAccount) || Token.isUnresolved(account) || principalAccount === account) return;
  refuseGrantee(block, 'a principal of another account needs a policy on the resource itself.', `account ${principalAccount}`);
}

function refuseGrantee(block: Construct, problem: string, got: string): never {
  throw new PlatformError(block, {
    problem,
    got: `grantee ${got}`,
    allowed: 'a principal of this account that has policies, such as a role',
    fix: 'grant to a role of this account, or write the policy of the resource through the L2 construct that this block has as its attribute',
  });
}

function explainWildcards(target: iam.IGrantable, rights: Right[]): void {
  if (!Construct.isConstruct(target)) return;
  for (const { resources, wildcardReason } of rights) {
    if (wildcardReason) acknowledgeWildcards(target, resources, wildcardReason);
  }
}
