import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge';
import { libraryPath } from './operator/branch-paths';

/** IAM knows no numbers. Without the digit, `pr*` would be `production` too. */
const FIRST_DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

const REASON = 'The parameters, branches, builds and previews of one Amplify app, some of which have names that are only known at deployment '
  + 'or are given by Amplify, and some of which are removed after the deployment no longer knows them; nothing of any other app: '
  + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsamplify.html';

/** What is removed with forgotten previews. */
export interface PreviewReach {
  readonly branches: boolean;
  readonly backends: boolean;
}

/**
 * What the operator may do, apart from reading the sources of secrets: with the parameters and branches of one app.
 *
 * Not with those of the branches that it knows now only: what belongs to one that is given up is removed when the rights have already changed.
 */
export function operatorRights(scope: Construct, appId: string, previews: PreviewReach): iam.PolicyStatement[] {
  const stack = Stack.of(scope);
  const parameter = (path: string) => stack.formatArn({ service: 'ssm', resource: `parameter${path}` });
  const app = stack.formatArn({ service: 'amplify', resource: 'apps', resourceName: appId });
  const branch = (name: string) => `${app}/branches/${name}`;

  const secrets = [parameter(`/amplify/${appId}/*`), parameter(`/amplify/shared/${appId}/*`)];
  const own = parameter(`${libraryPath(appId)}/*`);
  const removed = previews.branches ? FIRST_DIGITS.map(digit => branch(`pr-${digit}*`)) : [];
  const stacks = previews.backends ? FIRST_DIGITS.map(digit => stackArn(stack, `amplify-${appId}-pr${digit}*-branch-*`)) : [];
  acknowledgeWildcards(scope, [...secrets, own, branch('*'), ...removed, ...stacks], REASON);
  return [
    allow(['ssm:PutParameter', 'ssm:AddTagsToResource', 'ssm:ListTagsForResource', 'ssm:GetParameters', 'ssm:DeleteParameters'], [...secrets, own]),
    allow(['ssm:GetParametersByPath'], [...secrets, parameter(`/amplify/shared/${appId}`), own]),
    allow(['ssm:GetParameterHistory'], [own]),
    allow(['amplify:GetApp', 'amplify:ListBranches'], [app]),
    allow(['amplify:GetBranch', 'amplify:UpdateBranch', 'amplify:ListJobs', 'amplify:StartJob'], [branch('*')]),
    allow(['cloudformation:DescribeStacks'], [stack.stackId, ...stacks]),
    ...removed.length > 0 ? [allow(['amplify:DeleteBranch'], removed)] : [],
    ...stacks.length > 0 ? [allow(['cloudformation:DeleteStack'], stacks)] : [],
  ];
}

function allow(actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}

function stackArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${name}/*`, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

/** ARNs that one managed policy has room for: it has 6,144 characters. */
const ARNS_IN_POLICY = 40;

/** Rights on the sources of all secrets: one policy, or where an app has more sources than one has room for, the fewest that do. */
export class SourceRights {
  private policy?: iam.ManagedPolicy;
  private policies = 0;
  private statements = new Map<string, iam.PolicyStatement>();

  constructor(private readonly scope: Construct, private readonly role: iam.IRole) {}

  /** Answers what must be there before the sources are read. */
  public add(statements: iam.PolicyStatement[]): Construct[] {
    return [...new Set(statements.map(statement => this.merge(statement)))];
  }

  private merge(statement: iam.PolicyStatement): Construct {
    const policy = this.policyWithRoom();
    const kind = JSON.stringify([statement.actions, statement.conditions]);
    const known = this.statements.get(kind);
    if (known) {
      known.addResources(...statement.resources.filter(resource => !known.resources.includes(resource)));
      return policy;
    }
    this.statements.set(kind, statement);
    policy.addStatements(statement);
    return policy;
  }

  private policyWithRoom(): iam.ManagedPolicy {
    const used = [...this.statements.values()].reduce((sum, { resources }) => sum + resources.length, 0);
    if (this.policy && used < ARNS_IN_POLICY) return this.policy;
    this.statements = new Map();
    const id = ++this.policies === 1 ? 'SourcesPolicy' : `SourcesPolicy${this.policies}`;
    return this.policy = new iam.ManagedPolicy(this.scope, id, { roles: [this.role] });
  }
}
