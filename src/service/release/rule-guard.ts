import { createHash } from 'crypto';
import { Annotations, CustomResource, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { RuleGuardFunction } from './rule-guard-function';
import { acknowledge } from '../../acknowledge';
import { createHelperFunction } from '../../helper-function';
import { Route } from '../routes';

/** How a guard keeps its log. */
export interface RuleGuardProps {
  readonly logRetentionDays: number;
  readonly encryptionKey?: kms.IKey;
}

/** A listener rule whose weights ECS rewrites with each release. */
export interface GuardedRule {
  readonly rule: elbv2.ApplicationListenerRule;
  /** The groups between which releases move the traffic. */
  readonly targetGroups: readonly elbv2.ApplicationTargetGroup[];
  readonly route: Route;
}

/** IAM attaches 10 managed policies to a role unless a higher quota was asked for; one of them is the function's own. */
const RULES_WITHOUT_QUOTA = 9;

/**
 * The function that keeps traffic with the tasks that serve it, whatever CloudFormation does to the listener rules of one stack.
 *
 * A rule that CloudFormation changes or replaces sends everything to the group that the template names, which is without tasks after
 * every other release. Whoever changes a service must wait for the rule's guard.
 */
export class RuleGuard extends Construct {
  /** The one guard of the stack; the first service that needs it says how its log is kept. */
  public static of(scope: Construct, props: RuleGuardProps): RuleGuard {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild('RuleGuard') as RuleGuard ?? new RuleGuard(stack, 'RuleGuard', props);
  }

  private readonly handler: lambda.Function;
  private rules = 0;

  private constructor(scope: Construct, id: string, { logRetentionDays, encryptionKey }: RuleGuardProps) {
    super(scope, id);
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]',
      'The calls that read rules and the health of targets know no resources; what changes a rule is allowed for single rules: '
      + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html');
    this.handler = createHelperFunction(this, RuleGuardFunction, {
      statements: [new iam.PolicyStatement({
        actions: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'],
        resources: ['*'],
      })],
      logRetentionDays,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      description: 'Keeps traffic on the live target group when a listener rule changes',
      memorySize: 256,
      timeout: Duration.minutes(1),
    });
  }

  /** A resource that is there when the rule's traffic goes to the live group, after each change of the rule. */
  public protect(scope: Construct, { rule, targetGroups, route }: GuardedRule): CustomResource {
    const resource = new CustomResource(scope, 'RuleGuard', {
      resourceType: 'Custom::ListenerRuleGuard',
      serviceToken: this.handler.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: {
        RuleArn: rule.listenerRuleArn,
        TargetGroupArns: targetGroups.map(group => group.targetGroupArn),
        Hosts: route.hosts,
        Paths: route.paths,
        Priority: route.priority,
        RuleDigest: digestOf(rule),
      },
    });
    resource.node.addDependency(rule, this.allow(scope, rule));
    return resource;
  }

  /**
   * One policy for each rule. In a common one, every guard would wait for the rules of all services: services of which one
   * waits for another, as users may tell them to, would wait in a circle.
   */
  private allow(scope: Construct, rule: elbv2.ApplicationListenerRule): iam.ManagedPolicy {
    if (++this.rules === RULES_WITHOUT_QUOTA + 1) {
      Annotations.of(this).addWarningV2('cdk-web-platform:guardedRules',
        `More than ${RULES_WITHOUT_QUOTA} services of the stack start new versions beside old ones: raise the IAM quota `
        + '"Managed policies attached to an IAM role", which is 10 in many accounts, or divide the stack: '
        + 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html');
    }
    return new iam.ManagedPolicy(scope, 'RuleGuardPolicy', {
      roles: [this.handler.role!],
      statements: [new iam.PolicyStatement({ actions: ['elasticloadbalancing:ModifyRule'], resources: [rule.listenerRuleArn] })],
    });
  }
}

/** Changes with whatever CloudFormation would write into the rule: a team may add conditions and actions of its own. */
function digestOf(rule: elbv2.ApplicationListenerRule): string {
  const { conditions, actions, transforms } = rule.node.defaultChild as elbv2.CfnListenerRule;
  const content = () => JSON.stringify(Stack.of(rule).resolve([conditions, actions, transforms]));
  return Lazy.string({ produce: () => createHash('sha256').update(content()).digest('hex').slice(0, 16) });
}
