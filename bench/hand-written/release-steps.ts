/* Steps of a release of a hand-written service: the schema is migrated before the new version starts, which is tested before users meet it. */
import { join } from 'path';
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import { allow, createSecurityGroup, Handler, mayUseKeyThrough } from './foundation';
import { LoadBalancer, TEST_PORT } from './load-balancer';
import { Task, TaskProps } from './service';

export interface MigrationsProps extends TaskProps {
  readonly cluster: ecs.Cluster;
  readonly command: string[];
}

/** A task that migrates, and the function that runs it once for each version. */
export class Migrations extends Construct {
  public readonly handler: Handler;
  public readonly run: CustomResource;
  public readonly task: Task;
  public readonly version: string;

  constructor(scope: Construct, id: string, private readonly props: MigrationsProps) {
    super(scope, id);
    this.version = `${props.image} ${props.command.join(' ')}`;
    this.task = new Task(this, 'Task', props);
    this.task.definition.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const table = new dynamodb.Table(this, 'Log', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.platform.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.handler = this.createHandler(table);
    // The function goes on in another invocation where one ends before the task.
    const mayGoOn = new iam.ManagedPolicy(this, 'ContinuePolicy', { roles: [this.handler.role] });
    this.handler.function.grantInvoke(mayGoOn);
    this.run = this.createResource();
    const ways = [this.task, this.handler, mayGoOn, table];
    this.run.node.addDependency(...ways, props.vpc.internetConnectivityEstablished);
  }

  private createHandler(table: dynamodb.Table): Handler {
    const { platform, vpc, cluster } = this.props;
    const stack = Stack.of(this);
    const inCluster = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
    const tasks = stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` });
    const handler = new Handler(this, 'Handler', {
      bundle: join('service', 'release', 'migrations.lambda'),
      description: 'Migrates a database: once for each version, one task at a time',
      timeout: Duration.minutes(15),
      platform,
      logRemovalPolicy: RemovalPolicy.DESTROY,
      statements: [
        allow(['ecs:DescribeTasks', 'ecs:StopTask'], [tasks], inCluster),
        allow(['ecs:ListTasks'], ['*'], inCluster),
        allow(['ecs:TagResource'], [tasks], { StringEquals: { 'ecs:CreateAction': 'RunTask' } }),
        ...revisionsAndEvents(this, cluster),
        mayUseKeyThrough(this, 'dynamodb', platform.key, ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']),
      ],
      environment: {
        CLUSTER: cluster.clusterArn,
        SUBNETS: vpc.privateSubnets.map(({ subnetId }) => subnetId).join(','),
        SECURITY_GROUPS: this.task.securityGroup.securityGroupId,
        CONTAINER: 'app',
        LOG_GROUP: this.task.logGroup.logGroupName,
        STREAM_PREFIX: 'app',
        TABLE: table.tableName,
        TIMEOUT_SECONDS: '900',
      },
    });
    this.task.definition.grantRun(handler.policy);
    this.task.logGroup.grant(handler.policy, 'logs:GetLogEvents');
    table.grant(handler.policy, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Scan');
    return handler;
  }

  private createResource(): CustomResource {
    return new CustomResource(this, 'Run', {
      resourceType: 'Custom::Migrations',
      serviceToken: this.handler.function.functionArn,
      serviceTimeout: Duration.hours(1),
      properties: { TaskDefinition: this.task.definition.taskDefinitionArn, Version: this.version, ReleasedByHook: 'true' },
    });
  }
}

/** The function that asks a new version behind the test listener. */
export function createSmokeTest(
  scope: Construct, id: string, { platform, vpc, cluster, loadBalancer }: MigrationsPlace & { readonly loadBalancer: LoadBalancer },
): Handler {
  const securityGroup = createSecurityGroup(scope, `${id}SecurityGroup`, vpc, 'Function that tests new versions');
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'APIs of AWS');
  loadBalancer.loadBalancer.connections.allowFrom(securityGroup, ec2.Port.tcp(TEST_PORT), 'Tests of a release');
  return new Handler(scope, id, {
    bundle: join('service', 'release', 'smoke-test-hook.lambda'),
    description: 'Tests a new version of a service before users meet it',
    timeout: Duration.seconds(150),
    platform,
    logRemovalPolicy: RemovalPolicy.DESTROY,
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [securityGroup],
    statements: revisionsAndEvents(scope, cluster),
    environment: {
      SMOKE_TESTS: JSON.stringify([{ path: '/api/health' }]),
      TEST_PROTOCOL: 'https:',
      TEST_PORT: String(TEST_PORT),
      LOAD_BALANCER_DNS_NAME: loadBalancer.loadBalancer.loadBalancerDnsName,
      TEST_HOST: loadBalancer.domainName,
    },
  });
}

type MigrationsPlace = Pick<MigrationsProps, 'platform' | 'vpc' | 'cluster'>;

/** Has ECS call both functions in each release; the L2 of a hook knows no details. */
export function callHooks(scope: Construct, service: ecs.FargateService, migrations: Migrations, smokeTest: Handler): IDependable {
  const role = new iam.Role(scope, 'HookRole', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') });
  const policy = new iam.ManagedPolicy(role, 'Policy', { roles: [role] });
  const serviceTaskDefinition = service.taskDefinition.taskDefinitionArn;
  const hooks = [
    {
      handler: migrations.handler,
      stage: ecs.DeploymentLifecycleStage.PRE_SCALE_UP,
      details: { taskDefinition: migrations.task.definition.taskDefinitionArn, version: migrations.version, serviceTaskDefinition },
    },
    { handler: smokeTest, stage: ecs.DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT, details: { serviceTaskDefinition } },
  ];
  const resource = service.node.findChild('Service') as ecs.CfnService;
  hooks.forEach(({ handler, stage, details }, index) => {
    handler.function.grantInvoke(policy);
    const options = { role: role.withoutPolicyUpdates(), lifecycleStages: [stage] };
    service.addLifecycleHook(new ecs.DeploymentLifecycleLambdaTarget(handler.function, stage, options));
    resource.addPropertyOverride(`DeploymentConfiguration.LifecycleHooks.${index}.HookDetails`, details);
  });
  return role;
}

function revisionsAndEvents(scope: Construct, cluster: ecs.Cluster): iam.PolicyStatement[] {
  const stack = Stack.of(scope);
  return [
    allow(['ecs:DescribeServiceRevisions'], [stack.formatArn({ service: 'ecs', resource: 'service-revision', resourceName: `${cluster.clusterName}/*` })]),
    allow(['events:PutEvents'], [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })]),
  ];
}
