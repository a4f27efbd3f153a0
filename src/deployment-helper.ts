import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { DeploymentHelperFunction } from './deployment-helper-function';
import { createHelperFunction } from './helper-function';

/** How a helper keeps its log. */
export interface DeploymentHelperProps {
  readonly logRetentionDays: number;
  /** Key of the log and of events that the helper failed on. */
  readonly encryptionKey?: kms.IKey;
}

/** IAM attaches 10 managed policies to a role unless a higher quota was asked for. */
const POLICIES_WITHOUT_QUOTA = 10;

/**
 * The function behind the custom resources of one stack that need a few seconds of the SDK, or long patience.
 *
 * One function instead of one for each kind of resource: each would bring a role, a log and a queue, and one more thing to audit.
 */
export class DeploymentHelper extends Construct {
  /**
   * The one helper of the stack. The first construct that needs it says how its log is kept.
   *
   * The log goes with the stack, even where the data of those who need the helper stays: no data refers to it. Whatever the helper does
   * waits for that first construct's key, so of two constructs with keys of their own the later one may wait for the earlier one only.
   */
  public static of(scope: Construct, props: DeploymentHelperProps): DeploymentHelper {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild('DeploymentHelper') as DeploymentHelper ?? new DeploymentHelper(stack, 'DeploymentHelper', props);
  }

  /**
   * Where custom resources send their requests. CloudFormation never lets a resource change it, so the function keeps its logical id:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
   */
  public readonly serviceToken: string;
  /** The function, for events that it answers to. */
  public readonly function: lambda.IFunction;

  private readonly role: iam.IRole;
  /** With the function's own one. */
  private policies = 1;

  private constructor(scope: Construct, id: string, { logRetentionDays, encryptionKey }: DeploymentHelperProps) {
    super(scope, id);
    const handler = this.createHandler(logRetentionDays, encryptionKey);
    this.serviceToken = handler.functionArn;
    this.function = handler;
    this.role = handler.role!;
  }

  /**
   * Gives the helper rights, in a policy beside what they are for. Whoever sends requests waits for the policy.
   *
   * In a common policy, every request would wait for everything that any right names: constructs of which one waits for another,
   * as users may tell them to, would wait in a circle.
   */
  public allow(scope: Construct, id: string, statements: iam.PolicyStatement[]): iam.ManagedPolicy {
    if (++this.policies === POLICIES_WITHOUT_QUOTA + 1) {
      Annotations.of(this).addWarningV2('cdk-web-platform:deploymentHelperPolicies',
        `The role of the stack's deployment helper has more than ${POLICIES_WITHOUT_QUOTA} managed policies: one of its own and one for each new network, `
        + 'each group of registries and each service that starts new versions beside old ones. Raise the IAM quota '
        + '"Managed policies attached to an IAM role", which is 10 in many accounts, or divide the stack: '
        + 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html');
    }
    return new iam.ManagedPolicy(scope, id, { roles: [this.role], statements });
  }

  private createHandler(logRetentionDays: number, encryptionKey?: kms.IKey): lambda.Function {
    return createHelperFunction(this, DeploymentHelperFunction, {
      statements: [],
      logRetentionDays,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      description: 'Waits for images, guards listener rules and closes default security groups during deployments',
      memorySize: 256,
      // The longest that Lambda allows, for those who wait.
      timeout: Duration.minutes(15),
    });
  }
}
