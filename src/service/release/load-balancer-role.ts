import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';

/** What the releases of one service change at a load balancer. */
export interface ReleasedTraffic {
  /** Listeners whose default action is rewritten. */
  readonly listeners: readonly elbv2.IApplicationListener[];
  /** Rules whose weights are rewritten. */
  readonly rules: readonly elbv2.ApplicationListenerRule[];
  /** Groups that tasks are registered in. */
  readonly targetGroups: readonly elbv2.ApplicationTargetGroup[];
}

/**
 * The role with which ECS moves the traffic of one service. It may do what AWS's own policy allows, at this service's part of the
 * load balancer only: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForLoadBalancers.html.
 * AWS shows no conditions for its trust policy, so it has none.
 *
 * The policy is a child of the role: what depends on the role waits for both.
 */
export function createLoadBalancerRole(scope: Construct, { listeners, rules, targetGroups }: ReleasedTraffic): iam.Role {
  const role = new iam.Role(scope, 'LoadBalancerRole', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') });
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]',
    'The calls that read a load balancer know no resources; what changes it is allowed for the listeners, rules and target groups of one service: '
    + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html');
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      ...allow(['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'], ['*']),
      ...allow(['RegisterTargets', 'DeregisterTargets'], targetGroups.map(group => group.targetGroupArn)),
      ...allow(['ModifyListener'], listeners.map(listener => listener.listenerArn)),
      ...allow(['ModifyRule'], rules.map(rule => rule.listenerRuleArn)),
    ],
  });
  return role;
}

/** A statement without resources would be refused. */
function allow(actions: string[], resources: string[]): iam.PolicyStatement[] {
  if (resources.length === 0) return [];
  return [new iam.PolicyStatement({ actions: actions.map(action => `elasticloadbalancing:${action}`), resources })];
}
