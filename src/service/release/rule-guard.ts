import { createHash } from 'crypto';
import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import { DeploymentHelper, DeploymentHelperProps } from '../../deployment-helper';
import { Route } from '../routes';

/** A listener rule whose weights ECS rewrites with each release, and how the guard keeps its log. */
export interface GuardedRule extends DeploymentHelperProps {
  readonly rule: elbv2.ApplicationListenerRule;
  /** The groups between which releases move the traffic. */
  readonly targetGroups: readonly elbv2.ApplicationTargetGroup[];
  readonly route: Route;
}

/**
 * A resource that is there when the rule's traffic goes to the tasks that serve it, whatever CloudFormation did to the rule.
 *
 * A rule that CloudFormation changes or replaces sends everything to the group that the template names, which is without tasks after
 * every other release. Whoever changes a service must wait for the rule's guard.
 */
export function createRuleGuard(scope: Construct, { rule, targetGroups, route, ...log }: GuardedRule): CustomResource {
  const helper = DeploymentHelper.of(scope, log);
  const guard = new CustomResource(scope, 'RuleGuard', {
    resourceType: 'Custom::ListenerRuleGuard',
    serviceToken: helper.serviceToken,
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
  guard.node.addDependency(rule, allow(scope, rule, helper));
  return guard;
}

function allow(scope: Construct, rule: elbv2.ApplicationListenerRule, helper: DeploymentHelper): iam.ManagedPolicy {
  const policy = helper.allow(scope, 'RuleGuardPolicy', [
    new iam.PolicyStatement({ actions: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], resources: ['*'] }),
    new iam.PolicyStatement({ actions: ['elasticloadbalancing:ModifyRule'], resources: [rule.listenerRuleArn] }),
  ]);
  acknowledge(policy, 'AwsSolutions-IAM5[Resource::*]',
    'The calls that read rules and the health of targets know no resources; what changes a rule is allowed for this one rule: '
    + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html');
  return policy;
}

/** Changes with whatever CloudFormation would write into the rule: a team may add conditions and actions of its own. */
function digestOf(rule: elbv2.ApplicationListenerRule): string {
  const { conditions, actions, transforms } = rule.node.defaultChild as elbv2.CfnListenerRule;
  const content = () => JSON.stringify(Stack.of(rule).resolve([conditions, actions, transforms]));
  return Lazy.string({ produce: () => createHash('sha256').update(content()).digest('hex').slice(0, 16) });
}
