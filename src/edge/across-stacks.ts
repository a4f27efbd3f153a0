import { CfnOutput, Fn, Names, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';

/** The stack that CloudFormation knows by name: a nested one has the region of the one around it. */
export function rootStack(scope: IConstruct): Stack {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent) stack = stack.nestedStackParent;
  return stack;
}

/** Whether two regions or accounts are known to differ. */
export function differ(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}

/**
 * A value of a construct as a stack of any region can have it, which is deployed after the construct's own.
 *
 * `Fn::GetStackOutput` is resolved by CloudFormation itself: no custom resource, no parameter, and no export that could not be changed again.
 * CloudFormation reads the value anew with each deployment of the stack that uses it, with the rights with which that stack is deployed.
 *
 * @param owner the construct that has the value
 * @param name what the value is, for the output's id
 * @param user where it is used
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
 */
export function acrossStacks(owner: IConstruct, name: string, value: string, user: IConstruct): string {
  const producer = rootStack(owner);
  const consumer = rootStack(user);
  if (producer === consumer || !Token.isUnresolved(value)) return value;
  checkReach(owner, producer, consumer);
  consumer.addDependency(producer, `${user.node.path} needs ${name} of ${owner.node.path}`);
  const id = `${Names.uniqueId(owner)}${name}`;
  const output = producer.node.tryFindChild(id) as CfnOutput | undefined ?? new CfnOutput(producer, id, { value });
  return Fn.getStackOutput(producer.stackName, producer.getLogicalId(output), producer.region);
}

function checkReach(owner: IConstruct, producer: Stack, consumer: Stack): void {
  if (Token.isUnresolved(producer.region)) {
    throw new PlatformError(owner, {
      problem: `${consumer.node.path} is deployed in a region of its own and has to know where to look for what is in ${producer.node.path}.`,
      got: `${producer.node.path} without a region, ${consumer.node.path} in ${consumer.region}`,
      allowed: 'stacks with a region',
      fix: `give ${producer.node.path} env.region`,
    });
  }
  if (!differ(producer.account, consumer.account)) return;
  throw new PlatformError(owner, {
    problem: 'a value cannot be read from a stack of another account.',
    got: `${producer.node.path} in ${producer.account}, ${consumer.node.path} in ${consumer.account}`,
    allowed: 'stacks of one account, or a value that is known at synth',
    fix: `import ${owner.node.path} by its id or ARN as plain text`,
  });
}
