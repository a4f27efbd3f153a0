/*
 * The releases of a hand-written service: what moves the traffic between two versions, what puts right a listener rule that
 * CloudFormation has changed, and who looks after deployments and tells of them. The bundled handlers are the library's own.
 */
import { createHash } from 'crypto';
import { join } from 'path';
import { CustomResource, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { allow, Handler, mayUseKeyThrough, Platform } from './foundation';
import { LoadBalancer } from './load-balancer';

interface Traffic {
  readonly service: ecs.FargateService;
  readonly container: ecs.LoadBalancerTargetOptions;
  readonly groups: elbv2.ApplicationTargetGroup[];
  readonly loadBalancer: LoadBalancer;
  readonly helper: Handler;
  readonly priority: number;
}

/** Puts the service behind a rule between whose two target groups ECS moves the traffic, and behind one for tests. */
export function moveTraffic(scope: Construct, { service, container, groups, loadBalancer, helper, priority }: Traffic): void {
  const { listener, testListener } = loadBalancer;
  const [targetGroup, alternateTargetGroup] = groups;
  const paths = ['/*'];
  const createRule = (id: string, of: elbv2.ApplicationListener) => new elbv2.ApplicationListenerRule(scope, id, {
    listener: of,
    priority,
    conditions: [elbv2.ListenerCondition.pathPatterns(paths)],
    action: elbv2.ListenerAction.weightedForward([{ targetGroup, weight: 1 }, { targetGroup: alternateTargetGroup, weight: 0 }]),
  });
  const rule = createRule('Rule', listener);
  const testRule = createRule('TestRule', testListener);
  const guard = guardRule(scope, rule, groups, { Hosts: [], Paths: paths, Priority: priority }, helper);
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
  const may = (names: string[], resources: string[]) => allow(names.map(name => `elasticloadbalancing:${name}`), resources);
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      may(['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'], ['*']),
      may(['RegisterTargets', 'DeregisterTargets'], groups.map(group => group.targetGroupArn)),
      may(['ModifyListener'], listeners.map(listener => listener.listenerArn)),
      may(['ModifyRule'], rules.map(rule => rule.listenerRuleArn)),
    ],
  });
  return role;
}

/** The function that helps deployments. */
export function createDeploymentHelper(scope: Construct, platform: Platform): Handler {
  return new Handler(scope, 'DeploymentHelper', {
    bundle: 'deployment-helper.lambda',
    description: 'Guards listener rules during deployments',
    timeout: Duration.minutes(15),
    platform,
    logRemovalPolicy: RemovalPolicy.DESTROY,
  });
}

/** Sends the traffic of a rule that CloudFormation has changed to the tasks that serve it. */
function guardRule(
  scope: Construct, rule: elbv2.ApplicationListenerRule, groups: elbv2.ApplicationTargetGroup[], route: { [name: string]: unknown }, helper: Handler,
): CustomResource {
  const policy = new iam.ManagedPolicy(scope, 'RuleGuardPolicy', {
    roles: [helper.role],
    statements: [
      allow(['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], ['*']),
      allow(['elasticloadbalancing:ModifyRule'], [rule.listenerRuleArn]),
    ],
  });
  const resource = rule.node.defaultChild as elbv2.CfnListenerRule;
  const guard = new CustomResource(scope, 'RuleGuard', {
    resourceType: 'Custom::ListenerRuleGuard',
    serviceToken: helper.function.functionArn,
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
    targets: [new targets.LambdaFunction(helper.function)],
  });
  return guard;
}

interface Operated {
  readonly service: ecs.FargateService;
  readonly secret: secretsmanager.ISecret;
  /** After how long a deployment is ended. */
  readonly timeoutMinutes: number;
}

/** Tells people of releases that fail, ends those that do not settle, and replaces tasks whose secret was rotated. */
export class ReleaseOperator extends Construct {
  private readonly handler: Handler;

  constructor(scope: Construct, id: string, platform: Platform, private readonly operated: Operated) {
    super(scope, id);
    const { key, monitoring: { topic } } = platform;
    this.handler = new Handler(this, 'Function', {
      bundle: join('service', 'release', 'release-operator.lambda'),
      description: 'Looks after the releases of an ECS cluster',
      timeout: Duration.minutes(2),
      platform,
      environment: { TOPIC_ARN: topic.topicArn },
      statements: [
        allow(['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
          ['service', 'service-deployment', 'service-revision'].map(type => this.ofCluster(type))),
        allow(['sns:Publish'], [topic.topicArn]),
        mayUseKeyThrough(this, 'sns', key),
      ],
    });
    this.tellOfDeployments();
    this.check();
    this.restart();
  }

  private ofCluster(resource: string, end = '*'): string {
    return Stack.of(this).formatArn({ service: 'ecs', resource, resourceName: `${this.operated.service.cluster.clusterName}/${end}` });
  }

  private tellOfDeployments(): void {
    const resources = events.Match.prefix(this.ofCluster('service', ''));
    const rule = new events.Rule(this, 'News', {
      description: 'Releases that fail, are rolled back, or wait for a person',
      eventPattern: { source: ['aws.ecs', 'cdk-web-platform'] },
      targets: [new targets.LambdaFunction(this.handler.function)],
    });
    (rule.node.defaultChild as events.CfnRule).addPropertyOverride('EventPattern.$or', [
      {
        'detail-type': ['ECS Deployment State Change'],
        resources,
        'detail': { eventName: ['SERVICE_DEPLOYMENT_FAILED', 'SERVICE_DEPLOYMENT_IN_PROGRESS', { prefix: 'SERVICE_DEPLOYMENT_ROLLBACK' }] },
      },
      { 'detail-type': ['Release Step Failed'], resources },
      { 'detail-type': ['ECS Hook State Change'], 'detail': { eventName: ['HOOK_AWAITING_ACTION'], clusterArn: [this.operated.service.cluster.clusterArn] } },
    ]);
  }

  /** The policy is apart from the other: it waits for the service, which must not wait for the function. */
  private check(): void {
    const { service, secret, timeoutMinutes } = this.operated;
    const { stackId } = Stack.of(this);
    const stopPolicy = new iam.ManagedPolicy(this, 'StopPolicy', {
      roles: [this.handler.role],
      statements: [
        allow(['ecs:StopServiceDeployment'], ['service', 'service-deployment'].map(type => this.ofCluster(type))),
        allow(['cloudformation:DescribeStackResource'], [stackId]),
      ],
    });
    const check = new events.Rule(this, 'Check', {
      description: 'Looks for a deployment that does not settle, and for secrets that were rotated',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      targets: [new targets.LambdaFunction(this.handler.function, {
        event: events.RuleTargetInput.fromObject({
          check: {
            cluster: service.cluster.clusterName,
            stack: stackId,
            resource: (service.node.findChild('Service') as ecs.CfnService).logicalId,
            timeoutMinutes,
            secrets: [secret.secretArn],
          },
        }),
      })],
    });
    check.node.addDependency(stopPolicy);
  }

  private restart(): void {
    const { service, secret } = this.operated;
    new iam.ManagedPolicy(this, 'RestartPolicy', {
      roles: [this.handler.role],
      statements: [
        allow(['ecs:DescribeServices', 'ecs:UpdateService'], [service.serviceArn]),
        allow(['secretsmanager:DescribeSecret'], [secret.secretArn]),
      ],
    });
  }
}
