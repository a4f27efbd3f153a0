import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as schedulerTargets from 'aws-cdk-lib/aws-scheduler-targets';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { ContainerOptions } from './container-options';
import { ContainerTask } from './container-task';
import { TaskPlacement } from './task-placement';
import { validateContainerTask } from './validate-container-task';
import { EnvironmentProfile } from '../environment';
import { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';
import { checkBoolean, checkDuration, checkGiven, checkKind } from '../validate';

/** What a scheduled task needs beside its place. */
export interface ScheduledTaskOptions extends ContainerOptions {
  /** When it runs: `ScheduleExpression.cron({...})` with a time zone, `rate(...)` or `at(...)`. */
  readonly schedule: scheduler.ScheduleExpression;
  /**
   * Time after which a run is stopped and counts as failed, 1 minute to 14 days.
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;
  /**
   * Whether a run may start while an earlier one is still running. Otherwise it is left out.
   * @default false
   */
  readonly allowOverlap?: boolean;
  /**
   * Whether the schedule is active.
   * @default true
   */
  readonly enabled?: boolean;
}

/** Properties of a `ScheduledTask`. */
export interface ScheduledTaskProps extends ScheduledTaskOptions, TaskPlacement {}

/**
 * A container that runs at given times and ends. EventBridge Scheduler starts a state machine, which leaves the run out when an earlier
 * one is still running, waits for its end, and knows by its exit code whether it failed: a plain RunTask target knows neither.
 */
export class ScheduledTask extends Construct implements ec2.IConnectable, iam.IGrantable, IWatched {
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** The main container. */
  public readonly container: ecs.ContainerDefinition;
  /** Each execution is a run. Start one by hand to run the task now. */
  public readonly stateMachine: stepfunctions.StateMachine;
  /** The schedule. */
  public readonly schedule: scheduler.Schedule;
  /** Logs of all containers of the task. */
  public readonly logGroup: logs.ILogGroup;
  /** Network identity of the task. */
  public readonly connections: ec2.Connections;
  /** Role of the program in the task. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Alarms of the task. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly task: ContainerTask;
  private readonly profile: EnvironmentProfile;

  constructor(scope: Construct, id: string, private readonly props: ScheduledTaskProps) {
    super(scope, id);
    this.validate();
    this.profile = props.profile ?? EnvironmentProfile.production();

    this.task = new ContainerTask(this, 'Task', props);
    this.taskDefinition = this.task.definition;
    this.container = this.task.container;
    this.logGroup = this.task.logGroup;
    this.connections = new ec2.Connections({ securityGroups: [this.task.securityGroup] });
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.stateMachine = this.createStateMachine();
    this.schedule = new scheduler.Schedule(this, 'Schedule', {
      schedule: props.schedule,
      enabled: props.enabled,
      target: new schedulerTargets.StepFunctionsStartExecution(this.stateMachine, {}),
    });
    this.alarms = props.alarms ?? this.profile.alarms ? this.createAlarms() : [];
  }

  /** Runs that succeeded and failed, and how long they took. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [
      new cloudwatch.GraphWidget({ title: 'Runs', width: 12, left: [this.stateMachine.metricSucceeded(), this.stateMachine.metricFailed(), this.stateMachine.metricTimedOut()] }),
      new cloudwatch.GraphWidget({ title: 'Duration', width: 12, left: [this.stateMachine.metricTime()] }),
    ];
  }

  private validate(): void {
    const { props } = this;
    validateContainerTask(this, props);
    const allowed = "a ScheduleExpression, such as ScheduleExpression.cron({ hour: '3', minute: '0' })";
    checkGiven(this, 'schedule', props.schedule, allowed);
    checkKind(this, 'schedule', props.schedule, 'expressionString', allowed);
    checkBoolean(this, 'allowOverlap', props.allowOverlap);
    checkBoolean(this, 'enabled', props.enabled);
    checkDuration(this, 'timeout', props.timeout, 60, 1_209_600);
  }

  private createStateMachine(): stepfunctions.StateMachine {
    const logGroup = new logs.LogGroup(this, 'RunLogs', {
      retention: this.props.logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const run = this.createRun();
    const stateMachine = new stepfunctions.StateMachine(this, 'StateMachine', {
      definitionBody: stepfunctions.DefinitionBody.fromChainable(this.props.allowOverlap ? run : this.createOverlapCheck(run)),
      timeout: this.props.timeout ?? Duration.hours(1),
      tracingEnabled: true,
      logs: { destination: logGroup, level: stepfunctions.LogLevel.ALL, includeExecutionData: false },
    });
    if (!this.props.allowOverlap) {
      stateMachine.addToRolePolicy(new iam.PolicyStatement({
        actions: ['ecs:ListTasks'],
        resources: ['*'],
        conditions: { ArnEquals: { 'ecs:cluster': this.props.cluster.clusterArn } },
      }));
    }
    return stateMachine;
  }

  private createRun(): tasks.EcsRunTask {
    return new tasks.EcsRunTask(this, 'Run', {
      integrationPattern: stepfunctions.IntegrationPattern.RUN_JOB,
      cluster: this.props.cluster,
      taskDefinition: this.taskDefinition,
      launchTarget: new tasks.EcsFargateLaunchTarget({
        platformVersion: ecs.FargatePlatformVersion.LATEST,
        capacityProviderOptions: tasks.CapacityProviderOptions.custom(this.task.capacityProviderStrategies()),
      }),
      subnets: this.task.vpcSubnets,
      securityGroups: [this.task.securityGroup],
      propagatedTagSource: ecs.PropagatedTagSource.TASK_DEFINITION,
    });
  }

  private createOverlapCheck(run: tasks.EcsRunTask): stepfunctions.IChainable {
    // The SDK integration as a custom state: the L2's own would allow listTasks on every cluster.
    const findRunning = new stepfunctions.CustomState(this, 'FindRunning', {
      stateJson: {
        Type: 'Task',
        Resource: `arn:${Stack.of(this).partition}:states:::aws-sdk:ecs:listTasks`,
        Parameters: {
          Cluster: this.props.cluster.clusterArn,
          Family: this.taskDefinition.family,
          DesiredStatus: 'RUNNING',
        },
      },
    });
    const isRunning = new stepfunctions.Choice(this, 'IsRunning')
      .when(stepfunctions.Condition.isPresent('$.TaskArns[0]'), new stepfunctions.Succeed(this, 'LeftOut', { comment: 'An earlier run is still running.' }))
      .otherwise(run);
    return findRunning.next(isRunning);
  }

  private createAlarms(): cloudwatch.Alarm[] {
    const period = Duration.minutes(5);
    return [createAlarm(this, 'Failed', {
      metric: new cloudwatch.MathExpression({
        label: 'Failed runs',
        expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
        usingMetrics: { failed: this.stateMachine.metricFailed({ period }), timedOut: this.stateMachine.metricTimedOut({ period }) },
        period,
      }),
      threshold: 0,
      evaluationPeriods: 1,
      meaning: 'A run failed, or took longer than its time limit.',
      firstStep: 'open the failed execution of the state machine for the reason, then the logs of the task.',
      runbook: {
        page: 'scheduled-task-failed',
        then: [
          'Find it: `aws stepfunctions list-executions --state-machine-arn {StateMachineArn} --status-filter FAILED --max-items 3`, then `aws stepfunctions get-execution-history --reverse-order --max-items 3 --execution-arn <arn>`.',
          'When the cause is mended, run it again: `aws stepfunctions start-execution --state-machine-arn {StateMachineArn}`.',
        ],
      },
    })];
  }
}
