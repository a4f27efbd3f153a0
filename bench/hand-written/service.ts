/* A service of a hand-written app: tasks behind two target groups between which ECS moves the traffic of a release. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { createLogGroup, createSecurityGroup, Handler, MINUTE, Platform } from './foundation';
import { LoadBalancer } from './load-balancer';
import { AlarmOptions, AT_LEAST, BELOW, BREACHING, graph } from './monitoring';
import { moveTraffic } from './releases';

const CONTAINER_PORT = 8000;
const COLOURS = ['blue', 'green'];

export interface TaskProps {
  readonly platform: Platform;
  readonly vpc: ec2.IVpc;
  readonly image: string;
  readonly environment: { readonly [name: string]: string };
  readonly secrets: { readonly [name: string]: secretsmanager.ISecret };
  readonly command?: string[];
}

/** One container with what it prints and where it may write. */
export class Task extends Construct {
  public readonly definition: ecs.FargateTaskDefinition;
  public readonly securityGroup: ec2.SecurityGroup;
  public readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, { platform, vpc, image, environment, secrets, command }: TaskProps) {
    super(scope, id);
    this.securityGroup = createSecurityGroup(this, 'SecurityGroup', vpc, `Tasks of ${this.node.path}`);
    this.securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'AWS and other services over TLS');
    this.logGroup = createLogGroup(this, 'Logs', platform.key);
    this.definition = new ecs.FargateTaskDefinition(this, 'Definition', {
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      volumes: [{ name: 'tmp' }],
    });
    const container = this.definition.addContainer('app', {
      image: ecs.ContainerImage.fromRegistry(image),
      command,
      environment,
      secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, ecs.Secret.fromSecretsManager(secret, 'url')])),
      portMappings: command ? undefined : [{ containerPort: CONTAINER_PORT }],
      linuxParameters: command && new ecs.LinuxParameters(this, 'Linux', { initProcessEnabled: true }),
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(30),
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: 'app' }),
    });
    container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });
  }
}

export interface WebServiceProps extends TaskProps {
  readonly cluster: ecs.Cluster;
  readonly loadBalancer: LoadBalancer;
  /** The function that guards listener rules. */
  readonly helper: Handler;
  /** Of its listener rules. */
  readonly priority: number;
}

export class WebService extends Construct {
  public readonly service: ecs.FargateService;
  public readonly taskRole: iam.IRole;

  constructor(scope: Construct, id: string, private readonly props: WebServiceProps) {
    super(scope, id);
    const task = new Task(this, 'Task', props);
    this.taskRole = task.definition.taskRole;
    this.service = this.createService(task);
    const groups = ['TargetGroup', 'AlternateTargetGroup'].map(name => this.createTargetGroup(name));
    const { loadBalancer, helper, priority } = props;
    moveTraffic(this, { service: this.service, container: { containerName: 'app', containerPort: CONTAINER_PORT }, groups, loadBalancer, helper, priority });
    this.watch(groups, task.logGroup.logGroupName);
    this.addRow(groups);
  }

  private createService(task: Task): ecs.FargateService {
    const service = new ecs.FargateService(this, 'Service', {
      cluster: this.props.cluster,
      taskDefinition: task.definition,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [task.securityGroup],
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 100 }],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN,
      bakeTime: Duration.minutes(10),
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      healthCheckGracePeriod: Duration.seconds(60),
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      enableExecuteCommand: false,
    });
    service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 10 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    return service;
  }

  private createTargetGroup(id: string): elbv2.ApplicationTargetGroup {
    return new elbv2.ApplicationTargetGroup(this, id, {
      vpc: this.props.vpc,
      port: 80,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200',
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
  }

  /** The first three also turn a release back. */
  private watch(groups: elbv2.ApplicationTargetGroup[], logGroup: string): void {
    const period = MINUTE;
    const { service, props: { platform: { monitoring } } } = this;
    const values = { logs: logGroup, cluster: service.cluster.clusterName, service: service.serviceName };
    const alarm = (metric: cloudwatch.IMetric, threshold: number, page: AlarmOptions['page'], options: Partial<AlarmOptions> = {}): AlarmOptions =>
      ({ metric, threshold, periods: 5, page, values, ...options });
    const turningBack = monitoring.addAlarms(this, {
      Errors: alarm(errorShare(groups), 1, 'service-errors', { datapointsToAlarm: 3, critical: true }),
      LatencyHigh: alarm(highest(groups, 'Response time, p95 (s)', metrics => metrics.targetResponseTime({ statistic: 'p95', period }), period), 1, 'service-latency'),
      UnhealthyHosts: alarm(sum(groups, 'Unhealthy tasks', metrics => metrics.unhealthyHostCount({ statistic: 'Maximum', period }), period), 1,
        'service-unhealthy-tasks', { comparisonOperator: AT_LEAST }),
    });
    // The L2 takes the names of alarms only where these are physical ones.
    const resource = service.node.findChild('Service') as ecs.CfnService;
    resource.addPropertyOverride('DeploymentConfiguration.Alarms', { AlarmNames: turningBack.map(({ alarmName }) => alarmName), Enable: true, Rollback: true });
    monitoring.addAlarms(this, {
      NoHealthyHosts: alarm(sum(groups, 'Healthy tasks', metrics => metrics.healthyHostCount({ statistic: 'Minimum', period }), period), 1,
        'service-no-healthy-task', { periods: 2, comparisonOperator: BELOW, treatMissingData: BREACHING, critical: true }),
      CpuHigh: alarm(service.metricCpuUtilization({ period }), 80, 'service-cpu', { treatMissingData: BREACHING }),
      MemoryHigh: alarm(service.metricMemoryUtilization({ period }), 80, 'service-memory', { treatMissingData: BREACHING }),
    });
  }

  private addRow(groups: elbv2.ApplicationTargetGroup[]): void {
    const period = MINUTE;
    this.props.platform.monitoring.addRow('Service',
      graph('Requests', 6, [sum(groups, 'Requests', metrics => metrics.requestCount())],
        [sum(groups, 'Healthy tasks', metrics => metrics.healthyHostCount({ statistic: 'Minimum' }))]),
      graph('Errors', 6, [
        sum(groups, '5xx', metrics => metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT)),
        sum(groups, '4xx', metrics => metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_4XX_COUNT)),
      ]),
      graph('Response time', 6, ['p50', 'p95', 'p99'].map(statistic => highest(groups, statistic, metrics => metrics.targetResponseTime({ statistic })))),
      graph('CPU and memory (%)', 6, [this.service.metricCpuUtilization({ period }), this.service.metricMemoryUtilization({ period })]));
  }
}

type MetricOf = (metrics: elbv2.IApplicationTargetGroupMetrics) => cloudwatch.IMetric;

function errorShare(groups: elbv2.ApplicationTargetGroup[]): cloudwatch.MathExpression {
  const period = MINUTE;
  const [blue, green] = groups.map(({ metrics }) => metrics);
  const errors = 'FILL(blueErrors, 0) + FILL(greenErrors, 0)';
  return new cloudwatch.MathExpression({
    label: 'Requests answered with 5xx (%)',
    expression: `IF(${errors} < 5, 0, 100 * (${errors}) / (FILL(blueRequests, 0) + FILL(greenRequests, 0)))`,
    usingMetrics: {
      blueErrors: blue.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
      greenErrors: green.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
      blueRequests: blue.requestCount({ period }),
      greenRequests: green.requestCount({ period }),
    },
    period,
  });
}

/** What both target groups count together: after every other release the first one is empty. */
function sum(groups: elbv2.ApplicationTargetGroup[], label: string, metricOf: MetricOf, period?: Duration): cloudwatch.MathExpression {
  return combine(groups, label, ([blue, green]) => `FILL(${blue}, 0) + FILL(${green}, 0)`, metricOf, period);
}

/** The worse of both target groups. */
function highest(groups: elbv2.ApplicationTargetGroup[], label: string, metricOf: MetricOf, period?: Duration): cloudwatch.MathExpression {
  return combine(groups, label, ([blue, green]) => `MAX([FILL(${blue}, 0), FILL(${green}, 0)])`, metricOf, period);
}

function combine(
  groups: elbv2.ApplicationTargetGroup[], label: string, expression: (ids: string[]) => string, metricOf: MetricOf, period?: Duration,
): cloudwatch.MathExpression {
  const ids = COLOURS.map(colour => `${colour}${label.replace(/[^A-Za-z0-9]/g, '')}`);
  const usingMetrics = Object.fromEntries(groups.map((group, index) => [ids[index], metricOf(group.metrics)]));
  return new cloudwatch.MathExpression({ label, expression: expression(ids), usingMetrics, period });
}
