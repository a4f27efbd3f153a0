import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { rootStack } from '../edge/across-stacks';
import { PlatformError } from '../errors';

/** Something that an account has once. */
export interface OncePerAccount {
  /** Type of the resource in CloudFormation. */
  readonly type: string;
  /** What it is, for a message. */
  readonly what: string;
  /** Properties by which it is told from others of its type. */
  readonly isMeant?: (resource: CfnResource) => boolean;
  /** Whether one of any region is all that the account needs. */
  readonly allRegions?: boolean;
}

/** Refuses a second one in the same stack, or in another stack of the app that is known to be of the same account and region. */
export function checkOncePerAccount(where: IConstruct, prop: string, { type, what, isMeant, allRegions }: OncePerAccount): void {
  const other = where.node.root.node.findAll().find(each =>
    CfnResource.isCfnResource(each) && each.cfnResourceType === type && (isMeant?.(each) ?? true) && isSamePlace(where, each, allRegions));
  if (!other) return;
  const { account, region } = Stack.of(where);
  const shown = [account, region].filter(each => !Token.isUnresolved(each)).join(' in ');
  throw new PlatformError(where, {
    problem: `an account has ${what} once${allRegions ? '' : ' in a region'}, and this app makes it already.`,
    got: `${other.node.path} and this one${shown && `, both of ${shown}`}`,
    allowed: 'one for an account and region',
    fix: `keep AccountService.NEW in the stack that the account shares, and set ${prop} to AccountService.EXISTING here`,
  });
}

/** Whether two constructs are known to be of one account and region; those of one stack always are. */
export function isSamePlace(one: IConstruct, other: IConstruct, allRegions = false): boolean {
  const [here, there] = [rootStack(one), rootStack(other)];
  if (here === there) return true;
  return areEqual(here.account, there.account) && (allRegions || areEqual(here.region, there.region));
}

function areEqual(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && one === other;
}
