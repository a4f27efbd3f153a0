import { Annotations, CfnOutput, Fn, Names, Stack, Stage, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';

/** Where CloudFront takes its certificates and firewalls from, and where it publishes its metrics. */
export const EDGE_REGION = 'us-east-1';

/**
 * A place in us-east-1 for what CloudFront needs there, whatever the region of the stack: the construct itself where its stack is there,
 * otherwise a place of the same path in a stack beside it.
 *
 * Values go from one stack to the other by `Fn::GetStackOutput`, which CloudFormation resolves itself: no custom resource, no parameter, and
 * nothing to turn on in the stack. CloudFormation reads the value anew with each deployment of the stack that uses it, and the CDK CLI deploys
 * the two in order.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
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

  /** Parent for the constructs. */
  public readonly scope: Construct;

  private constructor(private readonly user: Construct, suffix: string, order: (home: Stack, edge: Stack) => void) {
    const home = rootStack(user);
    if (Token.isUnresolved(home.region)) warnOfRegion(home);
    if (Token.isUnresolved(home.region) || home.region === EDGE_REGION) {
      this.scope = user;
      return;
    }
    const edge = edgeStack(home, suffix);
    order(home, edge);
    this.scope = samePlace(edge, home, user);
  }

  /**
   * A value of a construct in one of the two stacks, as the other one can have it.
   *
   * @param owner the construct that has the value
   * @param name what the value is, for the output's id
   */
  public carry(owner: Construct, name: string, value: string): string {
    const producer = rootStack(owner);
    if (rootStack(this.user) === rootStack(this.scope) || !Token.isUnresolved(value)) return value;
    const id = `${Names.uniqueId(owner)}${name}`;
    const output = producer.node.tryFindChild(id) as CfnOutput | undefined ?? new CfnOutput(producer, id, { value });
    return Fn.getStackOutput(producer.stackName, producer.getLogicalId(output), producer.region);
  }
}

/** The stack that CloudFormation knows by name: a nested one has the region of the one around it. */
function rootStack(scope: IConstruct): Stack {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent) stack = stack.nestedStackParent;
  return stack;
}

function edgeStack(home: Stack, suffix: string): Stack {
  const stage = Stage.of(home) ?? home.node.root;
  const id = `${home.node.path.slice(stage.node.path.length).replace(/^\//, '').replace(/\//g, '-')}-${suffix}`;
  return stage.node.tryFindChild(id) as Stack | undefined ?? new Stack(stage as Construct, id, {
    stackName: `${home.stackName.slice(0, 128 - suffix.length - 1)}-${suffix}`,
    description: `What ${home.stackName} has in ${EDGE_REGION}, where CloudFront looks for it`,
    env: { account: Token.isUnresolved(home.account) ? undefined : home.account, region: EDGE_REGION },
    terminationProtection: home.terminationProtection,
    tags: home.tags.tagValues(),
  });
}

/** The same ids below another stack, so that two constructs of one stack never meet. */
function samePlace(edge: Stack, home: Stack, user: Construct): Construct {
  const ids = user.node.scopes.slice(user.node.scopes.indexOf(home) + 1).map(({ node }) => node.id);
  return ids.reduce<Construct>((parent, id) => parent.node.tryFindChild(id) as Construct | undefined ?? new Construct(parent, id), edge);
}

function warnOfRegion(home: Stack): void {
  Annotations.of(home).addWarningV2('cdk-web-platform:edgeRegion',
    `${home.node.path} has no region, and CloudFront takes certificates and firewalls from ${EDGE_REGION} only: deploy the stack there, or give it env.region, `
    + 'and what has to be there gets a stack of its own.');
}
