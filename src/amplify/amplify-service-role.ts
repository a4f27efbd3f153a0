import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { BranchBackend } from './branch-backend';
import { acknowledge, acknowledgeWildcards } from '../acknowledge';

/** What the role is for. */
export interface AmplifyServiceRoleProps {
  /** A role that is there already; it is not changed. */
  readonly role?: iam.IRole;
  /** Whether the app has a server, whose log Amplify writes with this role. */
  readonly server: boolean;
  /** Whether builds of pull requests work with it too. */
  readonly previews: boolean;
}

/** A policy has room for 6,144 characters, and the names of some parameters are long. */
const MOST_PARAMETERS = 30;
const DEPLOY_POLICY = 'service-role/AmplifyBackendDeployFullAccess';

/**
 * The role with which Amplify builds all branches of an app, and pull requests too. It gets no more than the branches need, but that is much where one
 * of them has a backend: AWS's policy reads all parameters below /amplify/ and deploys whatever CDK may.
 */
export class AmplifyServiceRole extends Construct {
  /** The role. */
  public readonly role: iam.IRole;

  private readonly made?: iam.Role;
  private reading?: iam.PolicyStatement;
  private readonly readable = new Set<string>();
  private deploys = false;

  constructor(scope: Construct, id: string, private readonly props: AmplifyServiceRoleProps) {
    super(scope, id);
    const { role, server } = props;
    this.made = role ? undefined : this.createRole();
    this.role = role ?? this.made!;
    if (this.made && server) new iam.ManagedPolicy(this, 'WriteLogs', { roles: [this.made], statements: serverLogStatements(this) });
  }

  /** Lets builds deploy backends, or read what another branch's backend is. */
  public allowBackend(backend: BranchBackend): void {
    if (!this.made || this.deploys || !backend.deploys && backend.sharedBranch === undefined) return;
    this.deploys = true;
    this.warn('previewsMayDeploy', 'deploy what CDK may deploy in this account, and read the secrets of all branches');
    this.made.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(DEPLOY_POLICY));
    const arn = `arn:<AWS::Partition>:iam::aws:policy/${DEPLOY_POLICY}`;
    acknowledge(this.made, `AwsSolutions-IAM4[Policy::${arn}]`,
      'Amplify Gen 2 deploys backends with this policy, and AWS changes it with the tool: a copy would break builds with the next version. '
      + 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmplifyBackendDeployFullAccess.html');
  }

  /** Lets builds of all branches read secrets. */
  public allowParameters(parameterNames: string[]): void {
    if (!this.made || parameterNames.length === 0) return;
    this.warn('previewsMayReadSecrets', 'read every secret with availableAtBuild, those of production too; of a public repository, that may be anybody');
    for (const name of parameterNames.filter(each => !this.readable.has(each))) {
      if (this.readable.size % MOST_PARAMETERS === 0) this.reading = this.createReading(this.made, this.readable.size / MOST_PARAMETERS);
      this.readable.add(name);
      this.reading!.addResources(...parameterArns(this, [name]));
    }
  }

  /** Their code is nobody's yet: who opens a pull request decides what its build does. */
  private warn(id: string, what: string): void {
    if (!this.props.previews) return;
    Annotations.of(this).addWarningV2(`cdk-web-platform:${id}`,
      `Amplify builds pull requests with the role of all branches: whoever may open one can ${what}. `
      + 'Trust them with that, or show pull requests with an app of their own, best in another account.');
  }

  private createReading(role: iam.IRole, index: number): iam.PolicyStatement {
    const reading = readParameters(this, []);
    new iam.ManagedPolicy(this, `ReadSecrets${index === 0 ? '' : index + 1}`, { roles: [role], statements: [reading] });
    return reading;
  }

  /** Only Amplify, for apps of this account: https://docs.aws.amazon.com/amplify/latest/userguide/amplify-service-role.html */
  private createRole(): iam.Role {
    const { account } = Stack.of(this);
    return new iam.Role(this, 'Role', {
      description: `Builds branches of ${this.node.scope!.node.path}`.slice(0, 1000),
      assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': Stack.of(this).formatArn({ service: 'amplify', resource: 'apps', resourceName: '*' }) },
        },
      }),
    });
  }
}

/** What it takes to read SecureStrings that are encrypted with the account's own key, which lets whoever may read them decrypt. */
export function readParameters(scope: Construct, parameterNames: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: parameterArns(scope, parameterNames) });
}

function parameterArns(scope: Construct, parameterNames: string[]): string[] {
  const { partition, region, account } = Stack.of(scope);
  return parameterNames.map(name => `arn:${partition}:ssm:${region}:${account}:parameter${name}`);
}

/**
 * What the service role needs for the server's log. The app's id is not known before the app, which needs the role.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/ssr-supported-features.html#ssr-cloudwatch-logs
 */
function serverLogStatements(role: Construct): iam.PolicyStatement[] {
  const { partition, region, account } = Stack.of(role);
  const all = `arn:${partition}:logs:${region}:${account}:log-group:*`;
  const groups = `arn:${partition}:logs:${region}:${account}:log-group:/aws/amplify/*`;
  acknowledgeWildcards(role, [groups], 'Logs of Amplify apps only; the id of this one is not known before its role.');
  acknowledgeWildcards(role, [all], 'Amplify looks for its group in the list of all groups, and AWS gives no right to a part of the list: no log can be read with it.');
  return [
    new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [groups] }),
    new iam.PolicyStatement({ actions: ['logs:DescribeLogGroups'], resources: [all] }),
  ];
}
