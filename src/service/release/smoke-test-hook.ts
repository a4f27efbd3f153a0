import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ReleaseHook } from './release-hook';
import type { SmokeTest } from './smoke-test';
import { SmokeTestHookFunction } from './smoke-test-hook-function';
import { warnOfMissingEndpoint } from './smoke-test-network';
import { planSmokeTests } from './smoke-test-validation';
import { acknowledgeWildcards } from '../../acknowledge';
import { createHelperFunction } from '../../helper-function';

/** Two minutes for the tests, and some time to tell what came of them. */
const HANDLER_TIMEOUT = Duration.seconds(150);

/** The test listener of a load balancer. */
export interface TestListener {
  readonly loadBalancerFullName: string;
  readonly dnsName: string;
  /** Whether the load balancer's name stands for private addresses. */
  readonly internal: boolean;
  readonly protocol: 'http:' | 'https:';
  readonly port: number;
  /** Name that users call: the Host header, and the name that the certificate must have. Without one the certificate may have any. */
  readonly host?: string;
}

/** What the hook needs around it. The tests have been validated. */
export interface SmokeTestHookProps {
  readonly tests: SmokeTest[];
  readonly cluster: ecs.ICluster;
  readonly vpc: ec2.IVpc;
  /** Subnets of the function; the private ones where left out. */
  readonly vpcSubnets?: ec2.SubnetSelection;
  readonly target: TestListener;
  readonly logRetentionDays: number;
  /** Of the log; DESTROY where left out. */
  readonly removalPolicy?: RemovalPolicy;
  readonly encryptionKey?: kms.IKey;
}

/**
 * The function that tests a new version of a service through the test listener before any user meets it.
 * It lives in the VPC; whoever owns the test listener lets it in through its `connections`.
 */
export class SmokeTestHook extends Construct implements ec2.IConnectable {
  public readonly connections: ec2.Connections;
  public readonly handler: lambda.Function;

  constructor(scope: Construct, id: string, private readonly props: SmokeTestHookProps) {
    super(scope, id);
    const securityGroup = this.createSecurityGroup();
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    if (!props.target.internal) {
      warnOfMissingEndpoint(this, props.vpc, props.vpcSubnets, 'ec2',
        "the load balancer's private addresses cannot be found and every release is rolled back; one for events lets a failure's reason reach the alerts");
    }
    this.handler = this.createHandler(securityGroup);
  }

  /** The hook as a service takes it: after the test listener leads to the new version, before anything else does. */
  public hook(serviceTaskDefinitionArn: string): ReleaseHook {
    return { stage: 'POST_TEST_TRAFFIC_SHIFT', handler: this.handler, details: { serviceTaskDefinition: serviceTaskDefinitionArn } };
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.vpc,
      description: 'Function that tests new versions',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'APIs of AWS');
    return securityGroup;
  }

  private createHandler(securityGroup: ec2.SecurityGroup): lambda.Function {
    const { props } = this;
    const handler = createHelperFunction(this, SmokeTestHookFunction, {
      statements: this.statements(),
      logRetentionDays: props.logRetentionDays,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
      encryptionKey: props.encryptionKey,
      description: 'Tests a new version of a service before users meet it',
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: [securityGroup],
      memorySize: 256,
      timeout: HANDLER_TIMEOUT,
      environment: this.environment(),
    });
    acknowledgeWildcards(this.node.findChild('Role'), [this.serviceRevisions()],
      'The service is told of this function before its revisions exist, and each release has one of its own; only their description is read, in this cluster: '
      + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html');
    return handler;
  }

  private environment(): { [name: string]: string } {
    const { tests, vpc, target } = this.props;
    return {
      SMOKE_TESTS: Stack.of(this).toJsonString(planSmokeTests(tests)),
      TEST_PROTOCOL: target.protocol,
      TEST_PORT: String(target.port),
      LOAD_BALANCER_DNS_NAME: target.dnsName,
      ...target.host !== undefined && { TEST_HOST: target.host },
      ...!target.internal && { LOAD_BALANCER_FULL_NAME: target.loadBalancerFullName, VPC_ID: vpc.vpcId },
    };
  }

  private statements(): iam.PolicyStatement[] {
    const eventBus = Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    return [
      new iam.PolicyStatement({ actions: ['ecs:DescribeServiceRevisions'], resources: [this.serviceRevisions()] }),
      new iam.PolicyStatement({ actions: ['events:PutEvents'], resources: [eventBus] }),
      // EC2 has no names for single interfaces in this right, which every function in a VPC has anyway.
      ...this.props.target.internal ? [] : [new iam.PolicyStatement({ actions: ['ec2:DescribeNetworkInterfaces'], resources: ['*'] })],
    ];
  }

  private serviceRevisions(): string {
    return Stack.of(this).formatArn({ service: 'ecs', resource: 'service-revision', resourceName: `${this.props.cluster.clusterName}/*` });
  }
}
