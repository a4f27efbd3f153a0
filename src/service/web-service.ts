import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ScaledService, validateScaledService } from './scaled-service';
import { TaskPlacement } from './task-placement';
import { WebLoadBalancer } from './web-load-balancer';
import { WebServiceOptions } from './web-service-options';
import { EnvironmentProfile } from '../environment';
import { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';
import { checkDuration, checkGiven, checkInteger, checkKind, checkList, checkPort, checkText } from '../validate';

/** Properties of a `WebService`. */
export interface WebServiceProps extends WebServiceOptions, TaskPlacement {
  /** Load balancer that brings requests. */
  readonly loadBalancer: WebLoadBalancer;
}

/**
 * Containers that answer requests: tasks on Fargate behind a shared load balancer, with a rule of their own, logs, scaling and alarms.
 * A deployment starts new tasks first, stops old ones when the new are healthy, and goes back by itself if they never are.
 */
export class WebService extends Construct implements ec2.IConnectable, iam.IGrantable, IWatched {
  /** The ECS service. */
  public readonly service: ecs.FargateService;
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** The main container. */
  public readonly container: ecs.ContainerDefinition;
  /** Where healthy tasks are registered. */
  public readonly targetGroup: elbv2.ApplicationTargetGroup;
  /** The rule that brings requests. */
  public readonly listenerRule: elbv2.ApplicationListenerRule;
  /** Logs of all containers of the task. */
  public readonly logGroup: logs.ILogGroup;
  /** Scaling, to add policies of your own. */
  public readonly scaling: ecs.ScalableTaskCount;
  /** Network identity of the tasks. */
  public readonly connections: ec2.Connections;
  /** Role of the program in the task. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Alarms of the service. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly scaled: ScaledService;

  constructor(scope: Construct, id: string, private readonly props: WebServiceProps) {
    super(scope, id);
    this.validate();
    const priority = props.loadBalancer._addRoute(this, this.route());

    this.scaled = new ScaledService(this, props, {
      containerPort: props.containerPort,
      healthCheckGracePeriod: props.healthCheckGracePeriod ?? Duration.seconds(60),
    });
    this.service = this.scaled.service;
    this.taskDefinition = this.scaled.task.definition;
    this.container = this.scaled.task.container;
    this.logGroup = this.scaled.task.logGroup;
    this.scaling = this.scaled.scaling;
    this.connections = this.service.connections;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.targetGroup = this.createTargetGroup();
    this.listenerRule = this.createListenerRule(priority);
    if (props.targetRequestsPerMinute !== undefined) {
      this.scaling.scaleOnRequestCount('Requests', { targetGroup: this.targetGroup, requestsPerTarget: props.targetRequestsPerMinute });
    }
    this.alarms = props.alarms ?? (props.profile ?? EnvironmentProfile.production()).alarms ? this.createAlarms() : [];
  }

  /** Requests, errors, response time, CPU and memory of the service. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    const { metrics } = this.targetGroup;
    return [
      new cloudwatch.GraphWidget({ title: 'Requests', width: 6, left: [metrics.requestCount()], right: [metrics.healthyHostCount({ statistic: 'Minimum' })] }),
      new cloudwatch.GraphWidget({ title: 'Errors', width: 6, left: [metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT), metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_4XX_COUNT)] }),
      new cloudwatch.GraphWidget({ title: 'Response time', width: 6, left: ['p50', 'p95', 'p99'].map(statistic => metrics.targetResponseTime({ statistic, label: statistic })) }),
      ...this.scaled.dashboardWidgets(),
    ];
  }

  private validate(): void {
    const { props } = this;
    checkGiven(this, 'loadBalancer', props?.loadBalancer, 'a WebLoadBalancer');
    checkKind(this, 'loadBalancer', props.loadBalancer, '_addRoute', 'a WebLoadBalancer');
    checkGiven(this, 'containerPort', props.containerPort, '1 to 65535');
    checkPort(this, 'containerPort', props.containerPort);
    checkList(this, 'hosts', props.hosts);
    checkList(this, 'paths', props.paths);
    checkText(this, 'healthCheckPath', props.healthCheckPath, /^\/[^\s]{0,1023}$/, 'a path that begins with /, such as /health, without spaces, at most 1024 characters');
    checkDuration(this, 'healthCheckInterval', props.healthCheckInterval, 5, 300);
    checkDuration(this, 'healthCheckGracePeriod', props.healthCheckGracePeriod, 0, 2_147_483_647);
    checkDuration(this, 'deregistrationDelay', props.deregistrationDelay, 0, 3600);
    checkInteger(this, 'targetRequestsPerMinute', props.targetRequestsPerMinute, 1, 1_000_000);
    checkDuration(this, 'latencyTarget', props.latencyTarget, 1, 3_600_000, 'milliseconds');
    validateScaledService(this, props, props.containerPort);
  }

  private route() {
    const { hosts = [], priority } = this.props;
    return { hosts, paths: this.props.paths ?? (hosts.length > 0 ? [] : ['/*']), priority };
  }

  private createTargetGroup(): elbv2.ApplicationTargetGroup {
    const { props } = this;
    const interval = props.healthCheckInterval ?? Duration.seconds(15);
    return new elbv2.ApplicationTargetGroup(this, 'TargetGroup', {
      vpc: props.cluster.vpc,
      port: 80,
      targetType: elbv2.TargetType.IP,
      targets: [this.service.loadBalancerTarget({ containerName: this.container.containerName, containerPort: props.containerPort })],
      deregistrationDelay: props.deregistrationDelay ?? Duration.seconds(30),
      healthCheck: {
        path: props.healthCheckPath ?? '/health',
        healthyHttpCodes: '200',
        interval,
        timeout: Duration.seconds(Math.min(5, interval.toSeconds() - 1)),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
  }

  private createListenerRule(priority: number): elbv2.ApplicationListenerRule {
    const { hosts, paths } = this.route();
    return new elbv2.ApplicationListenerRule(this, 'Rule', {
      listener: this.props.loadBalancer.listener,
      priority,
      conditions: [
        ...(hosts.length > 0 ? [elbv2.ListenerCondition.hostHeaders(hosts)] : []),
        ...(paths.length > 0 ? [elbv2.ListenerCondition.pathPatterns(paths)] : []),
      ],
      action: elbv2.ListenerAction.forward([this.targetGroup]),
    });
  }

  private createAlarms(): cloudwatch.Alarm[] {
    const { metrics } = this.targetGroup;
    const period = Duration.minutes(1);
    const latencyTarget = this.props.latencyTarget ?? Duration.seconds(1);
    return [
      createAlarm(this, 'Errors', {
        metric: new cloudwatch.MathExpression({
          label: 'Requests answered with 5xx (%)',
          // Below five errors a minute a percentage says nothing.
          expression: 'IF(FILL(errors, 0) < 5, 0, 100 * FILL(errors, 0) / FILL(requests, 1))',
          usingMetrics: {
            errors: metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
            requests: metrics.requestCount({ period }),
          },
          period,
        }),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
        meaning: 'More than 1 % of requests are answered with an error by the service.',
        firstStep: 'read the errors in its logs; if they began with a release, deploy the one before.',
      }),
      createAlarm(this, 'LatencyHigh', {
        metric: metrics.targetResponseTime({ statistic: 'p95', period }),
        threshold: latencyTarget.toMilliseconds() / 1000,
        evaluationPeriods: 5,
        meaning: `One request in twenty has taken longer than ${latencyTarget.toMilliseconds()} ms for five minutes.`,
        firstStep: 'look at the CPU of the service and of the database, then at the slow queries.',
      }),
      createAlarm(this, 'UnhealthyHosts', {
        metric: metrics.unhealthyHostCount({ statistic: 'Maximum', period }),
        threshold: 1,
        evaluationPeriods: 5,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        meaning: 'A task has failed its health check for five minutes.',
        firstStep: 'read the logs of the newest task and call its health check path.',
      }),
      createAlarm(this, 'NoHealthyHosts', {
        metric: metrics.healthyHostCount({ statistic: 'Minimum', period }),
        threshold: 1,
        evaluationPeriods: 2,
        comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: this.scaled.mayBeEmpty ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
        meaning: 'No task is healthy: nobody is served.',
        firstStep: "read the service's events for why tasks stop, then the logs of the last task.",
      }),
      ...this.scaled.createAlarms(),
    ];
  }
}
