import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as triggers from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import type { SmokeTest } from './smoke-test';
import { warnOfMissingEndpoint } from './smoke-test-network';
import { planSmokeTests } from './smoke-test-validation';
import { SmokeTestsFunction } from './smoke-tests-function';
import { checkAddress, checkAtDeployment, validateSmokeTestsProps } from './smoke-tests-validation';
import { createSmokeTestsAlarm, smokeTestsWidget } from './smoke-tests-watch';
import { EnvironmentProfile } from '../../environment';
import { createHelperFunction } from '../../helper-function';
import { IWatched } from '../../observability';
import { checkGiven, checkKind } from '../../validate';

/** Two minutes for the tests, one to ask for the stack's state, one to answer. */
const HANDLER_TIMEOUT = Duration.minutes(4);
/** A run that begins later would test what has been deployed since. */
const LATEST_START = Duration.minutes(15);

/** Properties of `SmokeTests`. */
export interface SmokeTestsProps {
  /** Address that the tests' paths are added to, such as `https://www.example.com`. It may only be known at deployment. */
  readonly url: string;
  /** The tests, 1 to 20. */
  readonly tests: SmokeTest[];
  /**
   * Whether the tests run when the stack is deployed, and its deployment fails with them. Turn it off for what does not exist until something else
   * deploys it, such as an Amplify branch before its first build, and call `executeOn()`.
   * @default true
   */
  readonly atDeployment?: boolean;
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
   * How long the log is kept, and whether there is an alarm.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether an alarm tells of tests that fail after an event, where `executeOn()` is called.
   * @default - the profile's
   */
  readonly alarms?: boolean;
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
 * What is deployed by something else, such as an Amplify branch by a push, is tested when an event tells of it: see `executeOn()`.
 *
 * Not CDK's `Trigger`: that runs again when a function's template changes, which a new `version` behind a reference does not do; it does
 * not tell the function of its stack; and its own function has no log with an end.
 */
export class SmokeTests extends Construct implements triggers.ITrigger, ec2.IConnectable, IWatched {
  /** The function that runs the tests. */
  public readonly handler: lambda.IFunction;
  /** Network identity of the tests; empty without a VPC. */
  public readonly connections: ec2.Connections;
  /** Alarm on tests that fail after an event; empty before `executeOn()` is called, so let a `Monitoring` watch after that. */
  public readonly alarms: cloudwatch.Alarm[] = [];

  private readonly resource?: CustomResource;
  private readonly runs = new Set<string>();
  private readonly addresses = new Set<string>();

  constructor(scope: Construct, id: string, private readonly props: SmokeTestsProps) {
    super(scope, id);
    validateSmokeTestsProps(this, props);

    const securityGroups = this.securityGroups();
    this.connections = new ec2.Connections({ securityGroups });
    this.handler = this.createHandler(securityGroups);
    if (props.atDeployment ?? true) this.resource = this.createResource(securityGroups);
    if (props.executeAfter) this.executeAfter(...props.executeAfter);
    this.node.addValidation({ validate: () => this.findNeverRun() });
  }

  /** Runs the tests only after all of these have been deployed. */
  public executeAfter(...scopes: Construct[]): void {
    checkAtDeployment(this, 'executeAfter', this.resource);
    this.resource?.node.addDependency(...scopes);
  }

  /** Deploys all of these only after the tests have passed. */
  public executeBefore(...scopes: Construct[]): void {
    checkAtDeployment(this, 'executeBefore', this.resource);
    for (const scope of scopes) scope.node.addDependency(this.resource!);
  }

  /**
   * Runs the tests after each event of a rule, such as Amplify's `Amplify Deployment Status Change` with `SUCCEED`. They run once, with the tries of
   * each test: a failure is an error of the function, whose log and alarm tell of it, and what it was called with goes to a queue for 14 days. AWS
   * delivers most events of its services as best it can: an event may be missing.
   *
   * @param rule the events; a rule that is given again with the same address is left as it is
   * @param url address that these events are about, where several are tested; that of the props where it is left out. The alarm of one address lasts
   * until its tests pass; that of several ends by itself after some minutes, whether or not anything was mended, so that each failure is told of
   * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-amplify.html
   */
  public executeOn(rule: events.Rule, url: string = this.props.url): void {
    checkGiven(this, 'rule', rule, 'an events.Rule');
    checkKind(this, 'rule', rule, 'addTarget', 'an events.Rule');
    checkAddress(this, url);
    const run = `${rule.node.addr} ${url}`;
    if (this.runs.has(run)) return;
    if (this.runs.size === 0) this.prepareForEvents();
    this.runs.add(run);
    this.addresses.add(url);
    rule.addTarget(new targets.LambdaFunction(this.handler, {
      // Constant: in a template with values of the event, a test that expects <b> would be taken for one of them.
      event: events.RuleTargetInput.fromObject({ url, tests: planSmokeTests(this.props.tests) }),
      maxEventAge: LATEST_START,
    }));
  }

  /** Runs of the tests and failures, where they run on events. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return this.runs.size > 0 ? [smokeTestsWidget(this.handler)] : [];
  }

  private prepareForEvents(): void {
    const { alarms, profile = EnvironmentProfile.production() } = this.props;
    // Lambda's own further tries would be failures of their own, minutes later, when the next version may be there.
    this.handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: LATEST_START });
    if (alarms ?? profile.alarms) this.alarms.push(createSmokeTestsAlarm(this, this.handler, this.addresses));
  }

  private findNeverRun(): string[] {
    if (this.resource || this.runs.size > 0) return [];
    return ['The smoke tests never run: atDeployment is false and executeOn() is not called. Call it with a rule, or leave atDeployment out.'];
  }

  private securityGroups(): ec2.ISecurityGroup[] {
    const { vpc, vpcSubnets, securityGroups } = this.props;
    if (!vpc) return [];
    if (this.props.atDeployment ?? true) {
      warnOfMissingEndpoint(this, vpc, vpcSubnets, 'cloudformation', 'the deployment fails; a gateway endpoint for S3, through which it is answered, must be there too');
    }
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
    const { vpc, vpcSubnets, profile = EnvironmentProfile.production(), encryptionKey, atDeployment = true } = this.props;
    const mayAskForStack = new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Stack.of(this).stackId] });
    return createHelperFunction(this, SmokeTestsFunction, {
      statements: atDeployment ? [mayAskForStack] : [],
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
