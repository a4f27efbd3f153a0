import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { serverLogStatements } from './amplify-logs';
import type { BranchBackend } from './branch-backend';
import { acknowledge } from '../acknowledge';

/** What the role is for. */
export interface AmplifyServiceRoleProps {
  /** A role that is there already; it is not changed. */
  readonly role?: iam.IRole;
  /** Whether the app has a server, whose log Amplify writes with this role. */
  readonly server: boolean;
}

/** A policy has room for 6,144 characters, and the names of some parameters are long. */
const MOST_PARAMETERS = 30;
const DEPLOY_POLICY = 'service-role/AmplifyBackendDeployFullAccess';

/** The role with which Amplify builds all branches of an app. It gets no more than the branches need. */
export class AmplifyServiceRole extends Construct {
  /** The role. */
  public readonly role: iam.IRole;

  private readonly made?: iam.Role;
  private reading?: iam.PolicyStatement;
  private readonly readable = new Set<string>();
  private deploys = false;

  constructor(scope: Construct, id: string, { role, server }: AmplifyServiceRoleProps) {
    super(scope, id);
    this.made = role ? undefined : this.createRole();
    this.role = role ?? this.made!;
    if (this.made && server) new iam.ManagedPolicy(this, 'WriteLogs', { roles: [this.made], statements: serverLogStatements(this) });
  }

  /** Lets builds deploy backends, or read what another branch's backend is. */
  public allowBackend(backend: BranchBackend): void {
    if (!this.made || this.deploys || !backend.deploys && backend.sharedBranch === undefined) return;
    this.deploys = true;
    this.made.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(DEPLOY_POLICY));
    const arn = `arn:<AWS::Partition>:iam::aws:policy/${DEPLOY_POLICY}`;
    acknowledge(this.made, `AwsSolutions-IAM4[Policy::${arn}]`,
      'Amplify Gen 2 deploys backends with this policy, and AWS changes it with the tool: a copy would break builds with the next version. '
      + 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmplifyBackendDeployFullAccess.html');
  }

  /** Lets builds of all branches read secrets. */
  public allowParameters(parameterNames: string[]): void {
    if (!this.made) return;
    for (const name of parameterNames.filter(each => !this.readable.has(each))) {
      if (this.readable.size % MOST_PARAMETERS === 0) this.reading = this.createReading(this.made, this.readable.size / MOST_PARAMETERS);
      this.readable.add(name);
      this.reading!.addResources(...parameterArns(this, [name]));
    }
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
