import { Annotations, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { LoadBalancerSignIn } from './load-balancer-sign-in';
import { controlReleases } from './release/control-releases';
import { createLoadBalancerRole } from './release/load-balancer-role';
import { Migrations } from './release/migrations';
import { migrationsOf } from './release/migrations-of-service';
import { ReleaseHook } from './release/release-hook';
import { createRuleGuard } from './release/rule-guard';
import { SmokeTestHook } from './release/smoke-test-hook';
import { SmokeTests } from './release/smoke-tests';
import { TargetGroupPair } from './release/target-group-pair';
import { validateRelease } from './release/validate-release';
import { ScaledService, validateScaledService } from './scaled-service';
import { TaskPlacement } from './task-placement';
import { validateLoadBalancerSignIn } from './validate-load-balancer-sign-in';
import { WebLoadBalancer } from './web-load-balancer';
import { WebServiceOptions } from './web-service-options';
import { createOutageAlarm, createReleaseAlarms, requestWidgets } from './web-service-watch';
import { EnvironmentProfile, ReleaseStrategy } from '../environment';
import { IWatched } from '../observability';
import { checkDuration, checkGiven, checkInteger, checkKind, checkList, checkPort, checkText } from '../validate';

/** Properties of a `WebService`. */
export interface WebServiceProps extends WebServiceOptions, TaskPlacement {
  /** Load balancer that brings requests. */
  readonly loadBalancer: WebLoadBalancer;
}

/** Time that new tasks have to start and to become healthy, beside the health checks' grace period. */
const SETTLING_TIME = Duration.minutes(15);

/**
 * Containers that answer requests: tasks on Fargate behind a shared load balancer, with a rule of their own, logs, scaling and alarms.
 * A release migrates the database, starts the new version, tests it, moves the traffic and goes back by itself, as its
 * `ReleaseStrategy` says.
 */
export class WebService extends Construct implements ec2.IConnectable, iam.IGrantable, IWatched {
  /** The ECS service. */
  public readonly service: ecs.FargateService;
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** The main container. */
  public readonly container: ecs.ContainerDefinition;
  /** Where the tasks of the first version are registered. Each release that starts beside moves to the other group. */
  public readonly targetGroup: elbv2.ApplicationTargetGroup;
  /** Where the tasks of the second version are registered; empty with `ReleaseStrategy.rolling()`. */
  public readonly alternateTargetGroup: elbv2.ApplicationTargetGroup;
  /** The rule that brings requests. Its weights belong to ECS. */
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
  /** How new versions take over. */
  public readonly release: ReleaseStrategy;
  /** What migrates the database. */
  public readonly migrations?: Migrations;
  /** The longest that a release takes by design, from the migration to the end of its bake time. */
  public readonly longestRelease: Duration;

  private readonly scaled: ScaledService;
  private readonly targets: TargetGroupPair;
  private readonly profile: EnvironmentProfile;

  constructor(scope: Construct, id: string, private readonly props: WebServiceProps) {
    super(scope, id);
    this.validate();
    const priority = props.loadBalancer._addRoute(this, this.route());
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.release = props.release ?? this.profile.releaseStrategy;

    const healthCheckGracePeriod = props.healthCheckGracePeriod ?? Duration.seconds(60);
    this.scaled = new ScaledService(this, props, { containerPort: props.containerPort, healthCheckGracePeriod, release: this.release });
    this.service = this.scaled.service;
    this.taskDefinition = this.scaled.task.definition;
    this.container = this.scaled.task.container;
    this.logGroup = this.scaled.task.logGroup;
    this.scaling = this.scaled.scaling;
    this.connections = this.service.connections;
    this.grantPrincipal = this.taskDefinition.taskRole;

    this.targets = this.createTargetGroups();
    [this.targetGroup, this.alternateTargetGroup] = this.targets.groups;
    this.listenerRule = this.createRule('Rule', props.loadBalancer.listener, priority, props.signIn);
    this.attachToRules(priority);
    if (props.targetRequestsPerMinute !== undefined) this.targets.scaleOnRequests(this.scaling, props.targetRequestsPerMinute);

    this.migrations = this.createMigrations();
    const releaseAlarms = this.hasAlarms() ? this.createReleaseAlarms() : [];
    const otherAlarms = this.hasAlarms() ? this.createOtherAlarms() : [];
    controlReleases(this, this.service, { hooks: this.createHooks(), pause: this.release.pause, alarms: releaseAlarms });
    this.longestRelease = this.computeLongestRelease(healthCheckGracePeriod);
    this.alarms = [...releaseAlarms, ...otherAlarms];
  }

  /** Requests, errors, response time, CPU and memory of the service. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [...requestWidgets(this.targets), ...this.scaled.dashboardWidgets()];
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
    validateRelease(this, props);
    validateLoadBalancerSignIn(this, props);
  }

  private hasAlarms(): boolean {
    return this.props.alarms ?? this.profile.alarms;
  }

  private route() {
    const { hosts = [], priority } = this.props;
    return { hosts, paths: this.props.paths ?? (hosts.length > 0 ? [] : ['/*']), priority };
  }

  private createTargetGroups(): TargetGroupPair {
    const { props } = this;
    const interval = props.healthCheckInterval ?? Duration.seconds(15);
    return new TargetGroupPair(this, {
      vpc: props.cluster.vpc,
      port: 80,
      targetType: elbv2.TargetType.IP,
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

  private createRule(id: string, listener: elbv2.IApplicationListener, priority: number, signIn?: LoadBalancerSignIn): elbv2.ApplicationListenerRule {
    const { hosts, paths } = this.route();
    return new elbv2.ApplicationListenerRule(this, id, {
      listener,
      priority,
      conditions: [
        ...(hosts.length > 0 ? [elbv2.ListenerCondition.hostHeaders(hosts)] : []),
        ...(paths.length > 0 ? [elbv2.ListenerCondition.pathPatterns(paths)] : []),
      ],
      action: signIn ? signIn._before(this.targets.forward()) : this.targets.forward(),
    });
  }

  /** Puts the tasks behind the rule; and, where new versions start beside old ones, behind a rule on which they are tested first. */
  private attachToRules(priority: number): void {
    const container = { containerName: this.container.containerName, containerPort: this.props.containerPort };
    if (!this.release.startsBeside) {
      this.targetGroup.addTarget(this.service.loadBalancerTarget(container));
      return;
    }
    const { loadBalancer, encryptionKey } = this.props;
    const testRule = this.createRule('TestRule', loadBalancer._testListener(), priority);
    const guard = createRuleGuard(this, {
      rule: this.listenerRule,
      targetGroups: [...this.targets.groups],
      route: { ...this.route(), priority },
      logRetentionDays: this.profile.logRetentionDays,
      encryptionKey,
    });
    const role = createLoadBalancerRole(this, {
      listeners: [loadBalancer.listener, loadBalancer._testListener()],
      rules: [this.listenerRule, testRule],
      targetGroups: [...this.targets.groups],
    });
    this.service.node.addDependency(testRule, guard, role);
    this.targetGroup.addTarget(this.service.loadBalancerTarget({
      ...container,
      alternateTarget: new ecs.AlternateTarget('AlternateTarget', {
        alternateTargetGroup: this.alternateTargetGroup,
        productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(this.listenerRule),
        testListener: ecs.ListenerRuleConfiguration.applicationListenerRule(testRule),
        role,
      }),
    }));
  }

  private createReleaseAlarms(): cloudwatch.Alarm[] {
    return createReleaseAlarms(this, this.targets, this.props.latencyTarget ?? Duration.seconds(1), this.scaled.names);
  }

  private createOtherAlarms(): cloudwatch.Alarm[] {
    return [createOutageAlarm(this, this.targets, this.scaled.mayBeEmpty, this.scaled.names), ...this.scaled.createAlarms()];
  }

  private createMigrations(): Migrations | undefined {
    if (!this.props.migrations) return undefined;
    const migrations = new Migrations(this, 'Migrations', { ...migrationsOf(this.props), releasedByHook: this.release.startsBeside });
    this.service.node.addDependency(migrations.ready);
    return migrations;
  }

  private createHooks(): ReleaseHook[] {
    const version = this.taskDefinition.taskDefinitionArn;
    if (!this.release.startsBeside) {
      this.testAfterwards(version);
      return [];
    }
    return [this.migrations?._hook(version), this.createSmokeTestHook()?.hook(version)].filter(hook => hook !== undefined);
  }

  private createSmokeTestHook(): SmokeTestHook | undefined {
    const { smokeTests: tests, loadBalancer, cluster, encryptionKey } = this.props;
    if (!tests) return undefined;
    const hook = new SmokeTestHook(this, 'SmokeTestHook', {
      tests,
      cluster,
      vpc: cluster.vpc,
      vpcSubnets: this.scaled.task.vpcSubnets,
      target: loadBalancer._testTarget(this.route().hosts),
      logRetentionDays: this.props.logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey,
    });
    loadBalancer.allowTestTrafficFrom(hook);
    return hook;
  }

  /** Old and new tasks serve together in a rolling release: its tests can only say afterwards that it has to be taken back. */
  private testAfterwards(version: string): void {
    const { smokeTests: tests, loadBalancer, cluster, encryptionKey } = this.props;
    if (!tests) return;
    const { internal } = loadBalancer._testTarget([]);
    if (!internal && !loadBalancer._isPublic) {
      Annotations.of(this).addWarningV2('cdk-web-platform:smokeTestsLeftOut',
        'The smokeTests are left out: a rolling release is tested through the public address, which the load balancer\'s allowedCidrs keep to others. '
        + 'Other release strategies test from inside.');
      return;
    }
    const smokeTests = new SmokeTests(this, 'SmokeTests', {
      url: loadBalancer.url,
      tests,
      version,
      executeAfter: [this.service],
      ...internal && { vpc: cluster.vpc, vpcSubnets: this.scaled.task.vpcSubnets },
      profile: this.profile,
      encryptionKey,
    });
    if (internal) loadBalancer.connections.allowFrom(smokeTests, ec2.Port.tcp(loadBalancer.listener.port), 'Smoke tests');
  }

  private computeLongestRelease(gracePeriod: Duration): Duration {
    const migration = this.migrations?.timeout ?? Duration.minutes(0);
    return [SETTLING_TIME, gracePeriod, this.release.waitingTime].reduce((sum, part) => sum.plus(part), migration);
  }
}
