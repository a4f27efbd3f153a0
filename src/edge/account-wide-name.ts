import { createHash } from 'crypto';
import { Names, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { rootStack } from './across-stacks';

/** Such as ap-southeast-1, with room for longer ones. */
const LONGEST_REGION = 16;
const DIGEST = 8;

/**
 * A name that no other construct of an account has in the same region.
 *
 * Neither of CDK's own does: a unique id leaves out the name of the stack, so that an app that is deployed twice under two names of its stack has it
 * twice; a unique resource name leaves out the stacks around a nested one.
 */
export function stackWideName(construct: Construct, maxLength: number): string {
  const stack = rootStack(construct);
  const path = [
    Token.isUnresolved(stack.stackName) ? Names.uniqueId(stack) : stack.stackName,
    ...construct.node.scopes.slice(construct.node.scopes.indexOf(stack) + 1).map(({ node }) => node.id),
  ];
  const digest = createHash('sha256').update(path.join('/')).digest('hex').slice(0, DIGEST);
  const readable = path.join('-').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-/, '');
  return `${readable.slice(0, maxLength - DIGEST - 1)}-${digest}`;
}

/** A name for what an account has once for all regions, such as CloudFront's policies: the same stack may be in two of them. */
export function accountWideName(construct: Construct, maxLength: number): string {
  return `${stackWideName(construct, maxLength - LONGEST_REGION - 1)}-${Stack.of(construct).region}`;
}
