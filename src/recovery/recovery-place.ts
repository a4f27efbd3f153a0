import { Stack, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { acrossStacks, rootStack } from '../edge/across-stacks';
import { samePlace, stackBeside } from '../edge/stack-beside';
import { partitionOf } from '../environment/partition';
import { PlatformError } from '../errors';
import { checkKnown, checkText } from '../validate';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** A place in the recovery region, in a stack that is deployed before the stack of its user, which therefore refers to nothing of that one's. */
export class RecoveryPlace {
  /** Refuses a region in which nothing could be recovered, or of which nothing could be known. */
  public static check(user: IConstruct, recoveryRegion: string): void {
    checkKnown(user, 'recoveryRegion', recoveryRegion);
    checkText(user, 'recoveryRegion', recoveryRegion, REGION, 'the name of a region, such as eu-west-1');
    const { region, node: { path } } = rootStack(user);
    if (Token.isUnresolved(region)) {
      refuse(user, `${path} has no region, so that nobody knows whether ${recoveryRegion} is another one, and where a stack beside it looks for its values.`,
        `recoveryRegion '${recoveryRegion}', a stack without a region`, 'a stack with a region', `give ${path} env.region, or leave recoveryRegion out`);
    }
    if (region === recoveryRegion) {
      refuse(user, 'what is lost with a region would be lost with its recovery too.', `recoveryRegion '${recoveryRegion}', which is the region of ${path}`,
        'another region', 'choose another region, best one in the same jurisdiction, or leave recoveryRegion out');
    }
    const [home, other] = [region, recoveryRegion].map(partitionOf);
    if (home === other) return;
    refuse(user, 'nothing is copied from one partition of AWS to another.', `recoveryRegion '${recoveryRegion}' in ${other}, the stack in ${home}`,
      `a region of ${home}`, 'choose a region of the same partition');
  }

  /** Parent for the constructs. */
  public readonly scope: Construct;
  /** The stack in the recovery region. */
  public readonly stack: Stack;

  constructor(user: Construct, public readonly region: string) {
    const home = rootStack(user);
    this.stack = stackBeside(home, { region, suffix: `recovery-${region}`, description: `What ${home.stackName} needs in ${region} to be stood up again there` });
    this.scope = samePlace(this.stack, home, user);
  }

  /** A value of a construct in this place as a construct elsewhere can have it. */
  public carry(owner: IConstruct, name: string, value: string, user: IConstruct): string {
    return acrossStacks(owner, name, value, user);
  }
}

function refuse(where: IConstruct, problem: string, got: string, allowed: string, fix: string): never {
  throw new PlatformError(where, { problem, got, allowed, fix });
}
