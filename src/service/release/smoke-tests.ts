import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as triggers from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import type { SmokeTest } from './smoke-test';
import { warnOfMissingEndpoint } from './smoke-test-network';
import { planSmokeTests } from './smoke-test-validation';
import { SmokeTestsFunction } from './smoke-tests-function';
import { validateSmokeTestsProps } from './smoke-tests-validation';
import { EnvironmentProfile } from '../../environment';
import { createHelperFunction } from '../../helper-function';

/** Two minutes for the tests, one to ask for the stack's state, one to answer. */
const HANDLER_TIMEOUT = Duration.minutes(4);

/** Properties of `SmokeTests`. */
export interface SmokeTestsProps {
  /** Address that the tests' paths are added to, such as `https://www.example.com`. It may only be known at deployment. */
  readonly url: string;
  /** The tests, 1 to 20. */
  readonly tests: SmokeTest[];
  /**
   * What must have been deployed before the tests run.
   * @default - what `url` and `version` refer to
   */
  readonly executeAfter?: Construct[];
  /**
   * Something that is different with each release, such as its commit or the ARN of its task definition: the tests run again when it changes.
   * @default - they run when they are first deployed, and again when they or `url` change
   */
  readonly version?: string;
  /**
   * Network from which the address is reached, for one that is private.
   * @default - the tests call from the internet
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Subnets of the tests, with `vpc`.
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Security groups of the tests, with `vpc`. HTTPS to the APIs of AWS must be open.
   * @default - one of their own, which may call any address over HTTPS and on the port of `url`
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /**
   * How long the log is kept.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key for the log and the function's configuration.
   * @default - AWS's own
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Requests that a site, an Amplify branch or a service must answer as expected when it has been deployed: if it does not, the deployment
 * fails, its reason says which request and why, and CloudFormation goes back. On the way back the tests are only told in the log.
 *
 * Not CDK's `Trigger`: that runs again when a function's template changes, which a new `version` behind a reference does not do; it does
 * not tell the function of its stack; and its own function has no log with an end.
 */
export class SmokeTests extends Construct implements triggers.ITrigger, ec2.IConnectable {
  /** The function that runs the tests. */
  public readonly handler: lambda.IFunction;
  /** Network identity of the tests; empty without a VPC. */
  public readonly connections: ec2.Connections;

  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, private readonly props: SmokeTestsProps) {
    super(scope, id);
    validateSmokeTestsProps(this, props);

    const securityGroups = this.securityGroups();
    this.connections = new ec2.Connections({ securityGroups });
    this.handler = this.createHandler(securityGroups);
    this.resource = this.createResource(securityGroups);
    this.executeAfter(...props.executeAfter ?? []);
  }

  /** Runs the tests only after all of these have been deployed. */
  public executeAfter(...scopes: Construct[]): void {
    this.resource.node.addDependency(...scopes);
  }

  /** Deploys all of these only after the tests have passed. */
  public executeBefore(...scopes: Construct[]): void {
    for (const scope of scopes) scope.node.addDependency(this.resource);
  }

  private securityGroups(): ec2.ISecurityGroup[] {
    const { vpc, vpcSubnets, securityGroups } = this.props;
    if (!vpc) return [];
    warnOfMissingEndpoint(this, vpc, vpcSubnets, 'cloudformation', 'the deployment fails; a gateway endpoint for S3, through which it is answered, must be there too');
    if (securityGroups) return securityGroups;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Smoke tests', allowAllOutbound: false });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'APIs of AWS, and addresses that are tested');
    for (const port of this.otherPorts()) securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), 'Addresses that are tested');
    return [securityGroup];
  }

  /** Ports of the address besides that of HTTPS. */
  private otherPorts(): number[] {
    const { url } = this.props;
    if (Token.isUnresolved(url)) return [80];
    const { protocol, port } = new URL(url);
    return [Number(port || (protocol === 'https:' ? 443 : 80))].filter(number => number !== 443);
  }

  private createHandler(securityGroups: ec2.ISecurityGroup[]): lambda.Function {
    const { vpc, vpcSubnets, profile = EnvironmentProfile.production(), encryptionKey } = this.props;
    return createHelperFunction(this, SmokeTestsFunction, {
      statements: [new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Stack.of(this).stackId] })],
      logRetentionDays: profile.logRetentionDays,
      removalPolicy: profile.removalPolicyWithoutSnapshot,
      encryptionKey,
      description: 'Tests what has been deployed',
      ...vpc && { vpc, vpcSubnets, securityGroups },
      memorySize: 256,
      timeout: HANDLER_TIMEOUT,
    });
  }

  private createResource(securityGroups: ec2.ISecurityGroup[]): CustomResource {
    const { url, tests, version } = this.props;
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::SmokeTests',
      serviceToken: this.handler.functionArn,
      // A function that was killed cannot answer; a little longer than it may run is long enough to wait.
      serviceTimeout: HANDLER_TIMEOUT.plus(Duration.minutes(1)),
      properties: { Url: url, Tests: Stack.of(this).toJsonString(planSmokeTests(tests)), Version: version },
    });
    resource.node.addDependency(this.node.findChild('Role'), ...securityGroups);
    return resource;
  }
}
