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
      const id = inWords(securityGroup, securityGroup.securityGroupId);
      return [
        ...stack.node.findAll().filter(child => isRule(child) && isHere(child) && inWords(securityGroup, groupOf(child)) === id),
        ...vpc.node.findAll().filter(child => ec2.CfnVPCEndpoint.isCfnVPCEndpoint(child) && isHere(child)),
      ];
    },
  });
  return reach;
}

function isRule(child: IConstruct): child is ec2.CfnSecurityGroupIngress | ec2.CfnSecurityGroupEgress {
  return ec2.CfnSecurityGroupIngress.isCfnSecurityGroupIngress(child) || ec2.CfnSecurityGroupEgress.isCfnSecurityGroupEgress(child);
}

/** The group that reaches another. */
function groupOf(rule: ec2.CfnSecurityGroupIngress | ec2.CfnSecurityGroupEgress): string | undefined {
  return ec2.CfnSecurityGroupIngress.isCfnSecurityGroupIngress(rule) ? rule.sourceSecurityGroupId : rule.groupId;
}

function inWords({ stack }: ec2.ISecurityGroup, id?: string): string {
  return JSON.stringify(stack.resolve(id));
}
