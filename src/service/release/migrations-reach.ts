import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Dependable, IConstruct, IDependable } from 'constructs';

/**
 * What a task reaches others through: rules that name its security group, wherever they stand, and the endpoints of its VPC.
 * A service tries until they are there; what runs once has to wait for them. They are looked for at the very end of synthesis,
 * because rules are added after the task.
 */
export function reachOf(scope: IConstruct, securityGroup: ec2.ISecurityGroup, vpc: ec2.IVpc): IDependable {
  const stack = Stack.of(scope);
  const isHere = (construct: IConstruct) => Stack.of(construct) === stack;
  const reach: IDependable = {};
  Dependable.implement(reach, {
    get dependencyRoots() {
      return [
        ...stack.node.findAll().filter(child => isHere(child) && isRuleOf(child, securityGroup)),
        ...vpc.node.findAll().filter(child => isHere(child) && ec2.CfnVPCEndpoint.isCfnVPCEndpoint(child)),
      ];
    },
  });
  return reach;
}

function isRuleOf(rule: IConstruct, { stack, securityGroupId }: ec2.ISecurityGroup): boolean {
  const named = (id?: string) => JSON.stringify(stack.resolve(id)) === JSON.stringify(stack.resolve(securityGroupId));
  if (ec2.CfnSecurityGroupIngress.isCfnSecurityGroupIngress(rule)) return named(rule.sourceSecurityGroupId);
  return ec2.CfnSecurityGroupEgress.isCfnSecurityGroupEgress(rule) && named(rule.groupId);
}
