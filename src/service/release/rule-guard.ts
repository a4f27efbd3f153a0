import { createHash } from 'crypto';
import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
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
  watch(rule, helper);
  return guard;
}

/**
 * The way back of a failed deployment changes a rule back without a word to a guard that was not reached on the way there.
 * CloudFormation's own events tell of every change:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-resource-status-change.html
 */
function watch(rule: elbv2.ApplicationListenerRule, helper: DeploymentHelper): void {
  const changes = helper.node.tryFindChild('RuleChanges') as events.Rule | undefined ?? new events.Rule(helper, 'RuleChanges', {
    description: 'Listener rules that CloudFormation has changed and whose weights belong to ECS',
    eventPattern: {
      source: ['aws.cloudformation'],
      detailType: ['CloudFormation Resource Status Change'],
      detail: { 'stack-id': [Stack.of(helper).stackId], 'status-details': { status: ['UPDATE_COMPLETE'] } },
    },
    targets: [new targets.LambdaFunction(helper.function)],
  });
  const { logicalId } = rule.node.defaultChild as elbv2.CfnListenerRule;
  changes.addEventPattern({ detail: { 'logical-resource-id': [logicalId] } });
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
  return Lazy.string({
    produce: () => {
      const { conditions, actions, transforms } = rule.node.defaultChild as elbv2.CfnListenerRule;
      return createHash('sha256').update(JSON.stringify(Stack.of(rule).resolve([conditions, actions, transforms]))).digest('hex').slice(0, 16);
    },
  });
}
