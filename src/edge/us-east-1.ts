import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { acrossStacks, rootStack } from './across-stacks';
import { samePlace, stackBeside } from './stack-beside';
import { keyBeside } from '../encryption/key-beside';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { partitionOf } from '../environment/partition';
import { PlatformError } from '../errors';

/**
 * A place in us-east-1 for what CloudFront needs there, whatever the region of the stack: the construct itself where its stack is there,
 * otherwise a place of the same path in a stack beside it, with the same tags, account and protection.
 *
 * Values go from one stack to the other by `acrossStacks`, and the CDK CLI deploys the two in order.
 */
export class EdgePlace {
  /** A place for what the stack needs: it is deployed before the stack. */
  public static before(user: Construct): EdgePlace {
    return new EdgePlace(user, 'edge', (home, edge) => home.addDependency(edge));
  }

  /** A place for what needs the stack, such as alarms: it is deployed after the stack. */
  public static after(user: Construct): EdgePlace {
    return new EdgePlace(user, 'edge-alarms', (home, edge) => edge.addDependency(home));
  }

  /** Refuses a construct in a partition that has no such place, before anything is made. */
  public static check(user: IConstruct, what: string): void {
    checkPartition(user, rootStack(user), what);
  }

  /** Parent for the constructs. */
  public readonly scope: Construct;

  private constructor(private readonly user: Construct, suffix: string, order: (home: Stack, edge: Stack) => void) {
    const home = rootStack(user);
    checkPartition(user, home, 'a block that needs it');
    if (Token.isUnresolved(home.region)) warnOfRegion(home);
    if (Token.isUnresolved(home.region) || home.region === EDGE_REGION) {
      this.scope = user;
      return;
    }
    const description = `What ${home.stackName} has in ${EDGE_REGION}, where CloudFront looks for it`;
    const edge = stackBeside(home, { region: EDGE_REGION, suffix, description });
    order(home, edge);
    this.scope = samePlace(edge, home, user);
  }

  /** The key for what is encrypted in this place: that of the user where the user is there too, otherwise one beside it. */
  public key(home: kms.IKey | undefined, profile: EnvironmentProfile): kms.IKey | undefined {
    return this.scope === this.user ? home : keyBeside(Stack.of(this.scope), home, profile);
  }

  /**
   * A value of a construct in one of the two stacks, as the other one can have it.
   *
   * @param owner the construct that has the value
   * @param name what the value is, for the output's id
   */
  public carry(owner: Construct, name: string, value: string): string {
    if (rootStack(this.user) === rootStack(this.scope)) return value;
    return acrossStacks(owner, name, value, rootStack(owner) === rootStack(this.scope) ? this.user : this.scope);
  }
}

/**
 * In China CloudFront takes certificates of IAM's and no firewall at all; in GovCloud it does not exist. Neither has a us-east-1.
 *
 * @see https://docs.amazonaws.cn/en_us/aws/latest/userguide/cloudfront.html
 */
function checkPartition(user: IConstruct, { region, node }: Stack, what: string): void {
  const partition = partitionOf(region);
  if (partition === 'aws') return;
  throw new PlatformError(user, {
    problem: `there is no ${EDGE_REGION} in the partition ${partition}, and CloudFront takes ACM's certificates and AWS WAF's firewalls from there only.`,
    got: `${what}, for ${node.path} in ${region}`,
    allowed: 'regions of the partition aws',
    fix: 'put what stands behind CloudFront into a stack in another region, or leave its domain, firewall and alarms out here',
  });
}

function warnOfRegion(home: Stack): void {
  Annotations.of(home).addWarningV2('cdk-web-platform:edgeRegion',
    `${home.node.path} has no region, and CloudFront takes certificates and firewalls from ${EDGE_REGION} only: deploy the stack there, or give it env.region, `
    + 'and what has to be there gets a stack of its own.');
}
