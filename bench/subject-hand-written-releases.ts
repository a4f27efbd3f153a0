/*
 * The releases of `subject-hand-written.ts`: what moves the traffic between two versions, what puts right a listener rule that
 * CloudFormation has changed, and who looks after deployments and tells of them. The bundled handlers are the library's own.
 */
import { createHash } from 'crypto';
import { dirname, join } from 'path';
import { CustomResource, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** The handlers as the library ships them: both sides stage the same files. */
const HANDLERS = join(dirname(require.resolve('cdk-web-platform/package.json')), 'assets');
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
const COLOURS = ['blue', 'green'];

interface HandlerOptions extends lambda.FunctionOptions {
  /** Folder of the bundled handler. */
  readonly bundle: string;
  readonly key: kms.IKey;
  readonly statements: iam.PolicyStatement[];
  readonly logRemovalPolicy?: RemovalPolicy;
}

/** A function with a log that ends, a role with one managed policy, and a queue of the events that it failed on. */
export function createHandler(scope: Construct, id: string, { bundle, key, statements, logRemovalPolicy, ...options }: HandlerOptions) {
  const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
    retention: logs.RetentionDays.ONE_MONTH, encryptionKey: key, removalPolicy: logRemovalPolicy ?? KEPT,
  });
  const failedEvents = new sqs.Queue(scope, `${id}FailedEvents`, {
    encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true, retentionPeriod: Duration.days(14),
  });
  const role = new iam.Role(scope, `${id}Role`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
      new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failedEvents.queueArn] }),
      mayUseKeyThrough(scope, 'sqs', key),
      ...options.vpc ? mayJoinNetwork(Stack.of(scope)) : [],
      ...statements,
    ],
  });
  const handler = new lambda.Function(scope, `${id}Handler`, {
    runtime: new lambda.Runtime('nodejs24.x', lambda.RuntimeFamily.NODEJS),
    handler: 'index.handler',
    code: lambda.Code.fromAsset(join(HANDLERS, bundle)),
    architecture: lambda.Architecture.ARM_64,
    memorySize: 256,
    ...options,
    role: role.withoutPolicyUpdates(),
    logGroup,
    deadLetterQueue: failedEvents,
    environmentEncryption: key,
    environment: { ...options.environment, AWS_NODEJS_CONNECTION_REUSE_ENABLED: '1' },
  });
  // Lambda tries the role's right on the queue when it makes the function.
  handler.node.addDependency(role);
  return { handler, role };
}

export function mayUseKeyThrough(scope: Construct, service: string, key: kms.IKey): iam.PolicyStatement {
  const { region, urlSuffix } = Stack.of(scope);
  return new iam.PolicyStatement({
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
  });
}

/** Instead of AWS's managed policy, which auditors do not want. */
function mayJoinNetwork(stack: Stack): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], resources: ['*'] }),
    new iam.PolicyStatement({
      actions: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
      resources: [stack.formatArn({ service: 'ec2', resource: '*', resourceName: '*' })],
    }),
    new iam.PolicyStatement({
      actions: ['ec2:CreateNetworkInterface'],
      resources: [stack.formatArn({ service: 'ec2', account: '*', resource: 'subnet', resourceName: '*' })],
    }),
  ];
}

/** For the metrics of the operating system, instead of AWS's managed policy. */
export function createMonitoringRole(stack: Stack): iam.Role {
  const role = new iam.Role(stack, 'DatabaseMonitoringRole', {
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': stack.account } } }),
  });
  const logGroup = stack.formatArn({ service: 'logs', resource: 'log-group:RDSOSMetrics' });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], resources: [logGroup, `${logGroup}:*`] }),
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams', 'logs:GetLogEvents'], resources: [`${logGroup}:log-stream:*`],
      }),
    ],
  });
  return role;
}

type MetricOf = (metrics: elbv2.IApplicationTargetGroupMetrics) => cloudwatch.IMetric;

/** What both target groups count together: after every other release the first one is empty. */
export function sum(groups: elbv2.ApplicationTargetGroup[], label: string, metricOf: MetricOf, period?: Duration): cloudwatch.MathExpression {
  return combine(groups, label, ([blue, green]) => `FILL(${blue}, 0) + FILL(${green}, 0)`, metricOf, period);
}

/** The worse of both target groups. */
export function highest(groups: elbv2.ApplicationTargetGroup[], label: string, metricOf: MetricOf, period?: Duration): cloudwatch.MathExpression {
  return combine(groups, label, ([blue, green]) => `MAX([FILL(${blue}, 0), FILL(${green}, 0)])`, metricOf, period);
}

function combine(
  groups: elbv2.ApplicationTargetGroup[], label: string, expression: (ids: string[]) => string, metricOf: MetricOf, period?: Duration,
): cloudwatch.MathExpression {
  const ids = COLOURS.map(colour => `${colour}${label.replace(/[^A-Za-z0-9]/g, '')}`);
  const usingMetrics = Object.fromEntries(groups.map((group, index) => [ids[index], metricOf(group.metrics)]));
  return new cloudwatch.MathExpression({ label, expression: expression(ids), usingMetrics, period });
}

interface Traffic {
  readonly service: ecs.FargateService;
  readonly container: ecs.LoadBalancerTargetOptions;
  readonly groups: elbv2.ApplicationTargetGroup[];
  readonly listener: elbv2.ApplicationListener;
  readonly testListener: elbv2.ApplicationListener;
  readonly key: kms.IKey;
}

/** Puts the service behind a rule between whose two target groups ECS moves the traffic, and behind one for tests. */
export function moveTraffic(scope: Construct, { service, container, groups, listener, testListener, key }: Traffic): void {
  const [targetGroup, alternateTargetGroup] = groups;
  const paths = ['/*'];
  const priority = 100;
  const createRule = (id: string, of: elbv2.ApplicationListener) => new elbv2.ApplicationListenerRule(scope, id, {
    listener: of,
    priority,
    conditions: [elbv2.ListenerCondition.pathPatterns(paths)],
    action: elbv2.ListenerAction.weightedForward([{ targetGroup, weight: 1 }, { targetGroup: alternateTargetGroup, weight: 0 }]),
  });
  const rule = createRule('Rule', listener);
  const testRule = createRule('TestRule', testListener);
  const guard = guardRule(scope, rule, groups, { Hosts: [], Paths: paths, Priority: priority }, key);
  const role = createLoadBalancerRole(scope, groups, [listener, testListener], [rule, testRule]);
  service.node.addDependency(testRule, guard, role);
  targetGroup.addTarget(service.loadBalancerTarget({
    ...container,
    alternateTarget: new ecs.AlternateTarget('AlternateTarget', {
      alternateTargetGroup,
      productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
      testListener: ecs.ListenerRuleConfiguration.applicationListenerRule(testRule),
      role,
    }),
  }));
}

/** What AWS's managed policy allows, at this service's part of the load balancer only. */
function createLoadBalancerRole(
  scope: Construct, groups: elbv2.ApplicationTargetGroup[], listeners: elbv2.ApplicationListener[], rules: elbv2.ApplicationListenerRule[],
): iam.Role {
  const role = new iam.Role(scope, 'LoadBalancerRole', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') });
  const allow = (names: string[], resources: string[]) => new iam.PolicyStatement({ actions: names.map(name => `elasticloadbalancing:${name}`), resources });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      allow(['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'], ['*']),
      allow(['RegisterTargets', 'DeregisterTargets'], groups.map(group => group.targetGroupArn)),
      allow(['ModifyListener'], listeners.map(listener => listener.listenerArn)),
      allow(['ModifyRule'], rules.map(rule => rule.listenerRuleArn)),
    ],
  });
  return role;
}

/** Sends the traffic of a rule that CloudFormation has changed to the tasks that serve it. */
function guardRule(
  scope: Construct, rule: elbv2.ApplicationListenerRule, groups: elbv2.ApplicationTargetGroup[], route: { [name: string]: unknown }, key: kms.IKey,
): CustomResource {
  const { handler, role } = createHandler(scope, 'DeploymentHelper', {
    bundle: 'deployment-helper.lambda',
    description: 'Guards listener rules during deployments',
    timeout: Duration.minutes(15),
    key,
    logRemovalPolicy: RemovalPolicy.DESTROY,
    statements: [],
  });
  const policy = new iam.ManagedPolicy(scope, 'RuleGuardPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], resources: ['*'] }),
      new iam.PolicyStatement({ actions: ['elasticloadbalancing:ModifyRule'], resources: [rule.listenerRuleArn] }),
    ],
  });
  const resource = rule.node.defaultChild as elbv2.CfnListenerRule;
  const guard = new CustomResource(scope, 'RuleGuard', {
    resourceType: 'Custom::ListenerRuleGuard',
    serviceToken: handler.functionArn,
    serviceTimeout: Duration.minutes(5),
    properties: {
      RuleArn: rule.listenerRuleArn,
      TargetGroupArns: groups.map(group => group.targetGroupArn),
      ...route,
      RuleDigest: Lazy.string({
        produce: () => createHash('sha256').update(JSON.stringify(Stack.of(rule).resolve([resource.conditions, resource.actions]))).digest('hex').slice(0, 16),
      }),
    },
  });
  guard.node.addDependency(rule, policy);
  new events.Rule(scope, 'RuleChanges', {
    description: 'Listener rules that CloudFormation has changed and whose weights belong to ECS',
    eventPattern: {
      source: ['aws.cloudformation'],
      detailType: ['CloudFormation Resource Status Change'],
      detail: { 'stack-id': [Stack.of(scope).stackId], 'status-details': { status: ['UPDATE_COMPLETE'] }, 'logical-resource-id': [resource.logicalId] },
    },
    targets: [new targets.LambdaFunction(handler)],
  });
  return guard;
}

/** Tells ECS which alarms turn a release back. The L2 takes their names only where these are physical ones. */
export function rollBackOn(service: ecs.FargateService, alarms: cloudwatch.Alarm[]): void {
  const resource = service.node.findChild('Service') as ecs.CfnService;
  resource.addPropertyOverride('DeploymentConfiguration.Alarms', { AlarmNames: alarms.map(alarm => alarm.alarmName), Enable: true, Rollback: true });
}

interface Operated {
  readonly service: ecs.FargateService;
  readonly secret: secretsmanager.ISecret;
  readonly topic: sns.ITopic;
  readonly key: kms.IKey;
}

/** Tells people of releases that fail, ends those that do not settle, and replaces tasks whose secret was rotated. */
export function operateReleases(scope: Construct, { service, secret, topic, key }: Operated): void {
  const { cluster } = service;
  const stack = Stack.of(scope);
  const ofCluster = (resource: string, end = '*') => stack.formatArn({ service: 'ecs', resource, resourceName: `${cluster.clusterName}/${end}` });
  const { handler, role } = createHandler(scope, 'ReleaseOperator', {
    bundle: join('service', 'release', 'release-operator.lambda'),
    description: 'Looks after the releases of an ECS cluster',
    timeout: Duration.minutes(2),
    key,
    environment: { TOPIC_ARN: topic.topicArn },
    statements: [
      new iam.PolicyStatement({
        actions: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
        resources: ['service', 'service-deployment', 'service-revision'].map(type => ofCluster(type)),
      }),
      new iam.PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] }),
      mayUseKeyThrough(scope, 'sns', key),
    ],
  });
  const target = new targets.LambdaFunction(handler);
  const tellOf = (id: string, description: string, eventPattern: events.EventPattern) =>
    new events.Rule(scope, id, { description, eventPattern, targets: [target] });
  const resources = events.Match.prefix(ofCluster('service', ''));
  tellOf('FailedDeployments', 'Releases that fail or are rolled back', {
    source: ['aws.ecs'],
    detailType: ['ECS Deployment State Change'],
    resources,
    detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED', 'SERVICE_DEPLOYMENT_IN_PROGRESS', { prefix: 'SERVICE_DEPLOYMENT_ROLLBACK' }] },
  });
  tellOf('FailedSteps', 'Steps of releases that fail', { source: ['cdk-web-platform'], detailType: ['Release Step Failed'], resources });
  tellOf('Pauses', 'Releases that wait for a person', {
    source: ['aws.ecs'], detailType: ['ECS Hook State Change'], detail: { eventName: ['HOOK_AWAITING_ACTION'], clusterArn: [cluster.clusterArn] },
  });
  checkReleases(scope, handler, role, service, secret, ['service', 'service-deployment'].map(type => ofCluster(type)));
}

/** The policy that names the service is apart from the other: it waits for the service, which must not wait for the function. */
function checkReleases(
  scope: Construct, handler: lambda.Function, role: iam.Role, service: ecs.FargateService, secret: secretsmanager.ISecret, stopped: string[],
): void {
  const { stackId } = Stack.of(scope);
  const stopPolicy = new iam.ManagedPolicy(scope, 'StopPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['ecs:StopServiceDeployment'], resources: stopped }),
      new iam.PolicyStatement({ actions: ['cloudformation:DescribeStackResource'], resources: [stackId] }),
    ],
  });
  const check = new events.Rule(scope, 'CheckReleases', {
    description: 'Looks for a deployment that does not settle, and for secrets that were rotated',
    schedule: events.Schedule.rate(Duration.minutes(5)),
    targets: [new targets.LambdaFunction(handler, {
      event: events.RuleTargetInput.fromObject({
        check: {
          cluster: service.cluster.clusterName,
          stack: stackId,
          resource: (service.node.findChild('Service') as ecs.CfnService).logicalId,
          timeoutMinutes: 26,
          secrets: [secret.secretArn],
        },
      }),
    })],
  });
  check.node.addDependency(stopPolicy);
  new iam.ManagedPolicy(scope, 'RestartPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['ecs:DescribeServices', 'ecs:UpdateService'], resources: [service.serviceArn] }),
      new iam.PolicyStatement({ actions: ['secretsmanager:DescribeSecret'], resources: [secret.secretArn] }),
    ],
  });
}
