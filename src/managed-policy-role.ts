import * as iam from 'aws-cdk-lib/aws-iam';

/** IAM takes 6,144 characters a policy, and ten policies a role. A right on one secret or image, of which a role may have many, has some 250 characters. */
const STATEMENTS_PER_POLICY = 20;

/** A role that has what L2s grant it in managed policies, because auditors want no inline ones. They are its children: what depends on the role waits for them. */
export class ManagedPolicyRole extends iam.Role {
  private statements = 0;

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const number = Math.floor(this.statements++ / STATEMENTS_PER_POLICY);
    const id = number === 0 ? 'Policy' : `Policy${number + 1}`;
    const policy = this.node.tryFindChild(id) as iam.ManagedPolicy | undefined ?? new iam.ManagedPolicy(this, id, { roles: [this] });
    policy.addStatements(statement);
    return { statementAdded: true, policyDependable: policy };
  }
}
