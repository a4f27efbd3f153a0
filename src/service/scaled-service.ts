import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { ContainerTask } from './container-task';
import { ScaledServiceOptions } from './scaled-service-options';
import { TaskPlacement } from './task-placement';
import { validateContainerTask } from './validate-container-task';
import { EnvironmentProfile, ReleaseKind, ReleaseStrategy } from '../environment';
import { checkExecuteCommand } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { createAlarm } from '../observability/alarm';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkList, checkOrder, checkText } from '../validate';

/** What a service with a port adds. */
export interface PortOptions {
  readonly healthCheckGracePeriod?: Duration;
  readonly containerPort?: number;
  /**
   * How new versions take over.
   * @default ReleaseStrategy.rolling()
   */
  readonly release?: ReleaseStrategy;
}

/** Names that commands of runbooks need. */
export interface ServiceNames {
  readonly ClusterName: string;
  readonly ServiceName: string;
  readonly LogGroup: string;
  readonly [placeholder: string]: string;
}

/** A task definition that runs as an ECS service and scales. A `WebService` and a `Worker` each are one of these with a way in. */
export class ScaledService {
  public readonly task: ContainerTask;
  public readonly service: ecs.FargateService;
  public readonly scaling: ecs.ScalableTaskCount;
  /** Whether no task at all may be what was asked for, such as at night. */
  public readonly mayBeEmpty: boolean;

  constructor(private readonly scope: Construct, props: ScaledServiceOptions & TaskPlacement, port: PortOptions = {}) {
    const profile = props.profile ?? EnvironmentProfile.production();
    const minimumTasks = props.minimumTasks ?? profile.minimumTasks;
    this.mayBeEmpty = [minimumTasks, ...(props.schedules ?? []).map(schedule => schedule.minimumTasks)].includes(0);

    this.task = new ContainerTask(scope, 'Task', props, port.containerPort);
    this.service = new ecs.FargateService(scope, 'Service', {
      cluster: props.cluster,
      taskDefinition: this.task.definition,
      vpcSubnets: this.task.vpcSubnets,
      securityGroups: [this.task.securityGroup],
      capacityProviderStrategies: this.task.capacityProviderStrategies(),
      // No desired count: registering the scalable target brings a new service to its minimum,
      // and no later deployment resets what scaling has chosen since.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      ...deploymentOf(port.release ?? ReleaseStrategy.rolling()),
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      enableExecuteCommand: props.executeCommand ?? (profile.executeCommand && !props.readonlyRootFilesystem),
      healthCheckGracePeriod: port.healthCheckGracePeriod,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
    });
    // A service names capacity providers that the cluster may not have yet: they are associated by a resource of their own.
    this.service.node.findChild('Service').node.addDependency(props.cluster);
    this.scaling = this.createScaling(props, minimumTasks, props.maximumTasks ?? profile.maximumTasks);
  }

  public get names(): ServiceNames {
    const { cluster, serviceName } = this.service;
    return { ClusterName: cluster.clusterName, ServiceName: serviceName, LogGroup: this.task.logGroup.logGroupName };
  }

  public dashboardWidgets(): cloudwatch.IWidget[] {
    const period = Duration.minutes(1);
    return [new cloudwatch.GraphWidget({
      title: 'CPU and memory (%)',
      width: 6,
      left: [this.service.metricCpuUtilization({ period }), this.service.metricMemoryUtilization({ period })],
    })];
  }

  public createAlarms(): cloudwatch.Alarm[] {
    const period = Duration.minutes(1);
    const saturation = {
      threshold: 80,
      evaluationPeriods: 5,
      // A running service always reports; one that may scale to nothing does not.
      treatMissingData: this.mayBeEmpty ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
    };
    return [
      createAlarm(this.scope, 'CpuHigh', {
        ...saturation,
        metric: this.service.metricCpuUtilization({ period }),
        meaning: 'The tasks have used more than 80 % of their CPU for five minutes, although scaling adds tasks, or no task reports at all.',
        firstStep: 'see whether the service is at its maximum of tasks; if so raise it, otherwise look at the stopped tasks.',
        runbook: {
          page: 'service-cpu',
          then: [
            'See both: `aws ecs describe-services --cluster {ClusterName} --services {ServiceName} --query "services[0].[desiredCount,runningCount,events[:5].message]"`.',
            'Raise the maximum for now: `aws application-autoscaling register-scalable-target --service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/{ClusterName}/{ServiceName} --max-capacity <more>`; then in the app.',
          ],
        },
      }),
      createAlarm(this.scope, 'MemoryHigh', {
        ...saturation,
        metric: this.service.metricMemoryUtilization({ period }),
        meaning: 'The tasks have used more than 80 % of their memory for five minutes: at 100 % they are killed.',
        firstStep: 'compare with the last release; raise memoryLimitMiB if the growth is legitimate.',
        runbook: {
          page: 'service-memory',
          then: [
            'See whether tasks were killed (OutOfMemoryError): `aws ecs list-tasks --cluster {ClusterName} --service-name {ServiceName} --desired-status STOPPED`, then `aws ecs describe-tasks --cluster {ClusterName} --tasks <arn> --query "tasks[].[stoppedReason,containers[].reason]"`.',
            'Win time with fresh tasks: `aws ecs update-service --cluster {ClusterName} --service {ServiceName} --force-new-deployment`; a leak grows again, a larger working set does not.',
          ],
        },
      }),
    ];
  }

  private createScaling(props: ScaledServiceOptions, minCapacity: number, maxCapacity: number): ecs.ScalableTaskCount {
    const scaling = this.service.autoScaleTaskCount({ minCapacity, maxCapacity });
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: props.targetCpuPercent ?? 60 });
    if (props.targetMemoryPercent !== undefined) {
      scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: props.targetMemoryPercent });
    }
    for (const { name, schedule, minimumTasks, maximumTasks } of props.schedules ?? []) {
      scaling.scaleOnSchedule(`Schedule${name}`, { schedule, minCapacity: minimumTasks, maxCapacity: maximumTasks });
    }
    return scaling;
  }
}

/** What ECS is told of the way in which new versions take over. */
function deploymentOf({ kind, bakeTime, stepPercent, stepBakeTime }: ReleaseStrategy): Partial<ecs.FargateServiceProps> {
  const steps = { stepPercent, stepBakeTime };
  switch (kind) {
    case ReleaseKind.ROLLING:
      return {};
    case ReleaseKind.BLUE_GREEN:
      return { deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN, bakeTime };
    case ReleaseKind.CANARY:
      return { deploymentStrategy: ecs.DeploymentStrategy.CANARY, bakeTime, canaryConfiguration: steps };
    case ReleaseKind.LINEAR:
      return { deploymentStrategy: ecs.DeploymentStrategy.LINEAR, bakeTime, linearConfiguration: steps };
  }
}

/** Refuses capacities and schedules that contradict each other, beside what every container task refuses. */
export function validateScaledService(where: IConstruct, props: ScaledServiceOptions & TaskPlacement, containerPort?: number): void {
  validateContainerTask(where, props, containerPort);
  const profile = props.profile ?? EnvironmentProfile.production();

  checkInteger(where, 'minimumTasks', props.minimumTasks, 0, 5000);
  checkInteger(where, 'maximumTasks', props.maximumTasks, 1, 5000);
  checkOrder(where, 'minimumTasks', props.minimumTasks ?? profile.minimumTasks, 'maximumTasks', props.maximumTasks ?? profile.maximumTasks);
  checkInteger(where, 'targetCpuPercent', props.targetCpuPercent, 10, 95);
  checkInteger(where, 'targetMemoryPercent', props.targetMemoryPercent, 10, 95);
  checkBoolean(where, 'executeCommand', props.executeCommand);
  checkExecuteCommand(where, props.executeCommand, props.readonlyRootFilesystem ?? profile.readonlyRootFilesystem);
  checkSchedules(where, props, profile);
}

function checkSchedules(where: IConstruct, props: ScaledServiceOptions, profile: EnvironmentProfile): void {
  const { schedules = [] } = props;
  checkList(where, 'schedules', schedules);
  const names = new Set<string>();
  for (const entry of schedules) {
    checkKind(where, 'schedules', entry ?? 'null', 'schedule', "entries such as { name: 'night', schedule: Schedule.cron({ hour: '20' }), minimumTasks: 1 }");
    const { name, schedule, minimumTasks, maximumTasks } = entry;
    checkGiven(where, 'schedule name', name, 'letters, digits and hyphens, at most 64');
    checkText(where, 'schedule name', name, /^[A-Za-z0-9-]{1,64}$/, 'letters, digits and hyphens, at most 64');
    checkKind(where, `schedule ${name}`, schedule ?? 'nothing', '_bind', "a Schedule of aws-applicationautoscaling, such as Schedule.cron({ hour: '20' })");
    checkInteger(where, `schedule ${name} minimumTasks`, minimumTasks, 0, 5000);
    checkInteger(where, `schedule ${name} maximumTasks`, maximumTasks, 0, 5000);
    checkOrder(where, `schedule ${name} minimumTasks`, minimumTasks, `schedule ${name} maximumTasks`, maximumTasks);
    if (names.has(name) || (minimumTasks === undefined && maximumTasks === undefined)) {
      throw new PlatformError(where, {
        problem: names.has(name) ? `two schedules are named '${name}'.` : `schedule '${name}' changes nothing.`,
        got: `schedules [${schedules.map(each => each.name).join(', ')}]`,
        allowed: 'unique names, each with minimumTasks, maximumTasks or both',
        fix: names.has(name) ? 'rename one of them' : 'give it minimumTasks, maximumTasks or both',
      });
    }
    names.add(name);
  }
  checkScheduledCapacity(where, props, profile);
}

/** A change of one limit alone must fit some value of the other, or it fails on its first evening. */
function checkScheduledCapacity(where: IConstruct, props: ScaledServiceOptions, profile: EnvironmentProfile): void {
  const { schedules = [] } = props;
  const known = (values: (number | undefined)[]) => values.filter(value => value !== undefined && !Token.isUnresolved(value)) as number[];
  const highest = Math.max(...known([props.maximumTasks ?? profile.maximumTasks, ...schedules.map(each => each.maximumTasks)]));
  const lowest = Math.min(...known([props.minimumTasks ?? profile.minimumTasks, ...schedules.map(each => each.minimumTasks)]));
  for (const { name, minimumTasks, maximumTasks } of schedules) {
    if (maximumTasks === undefined && Number.isFinite(highest)) checkOrder(where, `schedule ${name} minimumTasks`, minimumTasks, 'maximumTasks', highest);
    if (minimumTasks === undefined && Number.isFinite(lowest)) checkOrder(where, 'minimumTasks', lowest, `schedule ${name} maximumTasks`, maximumTasks);
  }
}
