import { Duration } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { refuseRelease } from './release/validate-release';
import { ScaledService, validateScaledService } from './scaled-service';
import { TaskPlacement } from './task-placement';
import { WorkerOptions } from './worker-options';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';
import { checkDuration, checkGiven, checkInteger, checkKind } from '../validate';

/** Properties of a `Worker`. */
export interface WorkerProps extends WorkerOptions, TaskPlacement {}

/** Containers that work without being called: no port, scaled on CPU and, with a queue, on the messages that wait for each task. */
export class Worker extends Construct implements ec2.IConnectable, iam.IGrantable, IWatched {
  /** The ECS service. */
  public readonly service: ecs.FargateService;
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** The main container. */
  public readonly container: ecs.ContainerDefinition;
  /** Queue that the worker reads. */
  public readonly queue?: sqs.IQueue;
  /** Where messages go that failed too often. */
  public readonly deadLetterQueue?: sqs.IQueue;
  /** Logs of all containers of the task. */
  public readonly logGroup: logs.ILogGroup;
  /** Scaling, to add policies of your own. */
  public readonly scaling: ecs.ScalableTaskCount;
  /** Network identity of the tasks. */
  public readonly connections: ec2.Connections;
  /** Role of the program in the task. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Alarms of the worker. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly scaled: ScaledService;

  constructor(scope: Construct, id: string, private readonly props: WorkerProps) {
    super(scope, id);
    this.validate();
    const { queue, deadLetterQueue } = props.queue?._bind(this, props.encryptionKey) ?? {};
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;

    this.scaled = new ScaledService(this, withQueueUrl(props, queue?.queueUrl));
    this.service = this.scaled.service;
    this.taskDefinition = this.scaled.task.definition;
    this.container = this.scaled.task.container;
    this.logGroup = this.scaled.task.logGroup;
    this.scaling = this.scaled.scaling;
    this.connections = this.service.connections;
    this.grantPrincipal = this.taskDefinition.taskRole;
    if (queue) {
      queue.grantConsumeMessages(this);
      this.scaleOnBacklog(queue);
    }
    this.alarms = props.alarms ?? (props.profile ?? EnvironmentProfile.production()).alarms ? this.createAlarms() : [];
  }

  /** CPU, memory and, with a queue, waiting and failed messages. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    if (!this.queue) return this.scaled.dashboardWidgets();
    return [
      ...this.scaled.dashboardWidgets(),
      new cloudwatch.GraphWidget({
        title: 'Messages waiting',
        width: 9,
        left: [this.queue.metricApproximateNumberOfMessagesVisible()],
        right: this.deadLetterQueue && [this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'failed' })],
      }),
      new cloudwatch.GraphWidget({ title: 'Age of the oldest message', width: 9, left: [this.queue.metricApproximateAgeOfOldestMessage()] }),
    ];
  }

  private validate(): void {
    const { props } = this;
    refuseRelease(this, props ?? {});
    checkGiven(this, 'cluster', props?.cluster, 'an ecs.ICluster, such as a ServiceCluster');
    checkKind(this, 'queue', props.queue, '_bind', 'WorkerQueue.managed() or WorkerQueue.existing(queue)');
    validateScaledService(this, withQueueUrl(props, props.queue && 'known at deployment'));
    props.queue?._validate(this);
    checkInteger(this, 'targetBacklogPerTask', props.targetBacklogPerTask, 1, 1_000_000);
    checkDuration(this, 'maximumMessageAge', props.maximumMessageAge, 60, 1_209_600);
    const minimumTasks = props.minimumTasks ?? (props.profile ?? EnvironmentProfile.production()).minimumTasks;
    if (props.targetBacklogPerTask !== undefined && !props.queue) {
      throw new PlatformError(this, {
        problem: 'there is no queue whose backlog could scale the worker.',
        got: `targetBacklogPerTask ${props.targetBacklogPerTask}, no queue`,
        allowed: 'targetBacklogPerTask together with queue',
        fix: 'give queue: WorkerQueue.managed(), or leave targetBacklogPerTask out',
      });
    }
    if (props.queue && minimumTasks === 0) {
      throw new PlatformError(this, {
        problem: 'backlog per task needs a running task: from no task at all target tracking has nothing to multiply.',
        got: 'minimumTasks 0 with a queue',
        allowed: 'minimumTasks 1 or more',
        fix: 'set minimumTasks to 1',
      });
    }
  }

  /**
   * Target tracking on metric math, which the L2 cannot express. The number of tasks is the number of CPU samples in a minute,
   * which needs no Container Insights.
   *
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
   */
  private scaleOnBacklog(queue: sqs.IQueue): void {
    const metricStat = (metric: cloudwatch.Metric): appscaling.CfnScalingPolicy.TargetTrackingMetricStatProperty => ({
      metric: {
        namespace: metric.namespace,
        metricName: metric.metricName,
        dimensions: Object.entries(metric.dimensions ?? {}).map(([name, value]) => ({ name, value })),
      },
      stat: metric.statistic,
    });
    new appscaling.CfnScalingPolicy(this, 'BacklogScaling', {
      policyName: `${this.node.id}Backlog`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: (this.service.node.findChild('TaskCount').node.findChild('Target') as appscaling.ScalableTarget).scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: this.props.targetBacklogPerTask ?? 100,
        customizedMetricSpecification: {
          metrics: [
            { id: 'waiting', returnData: false, metricStat: metricStat(queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })) },
            { id: 'tasks', returnData: false, metricStat: metricStat(this.service.metricCpuUtilization({ statistic: 'SampleCount' })) },
            { id: 'backlog', returnData: true, label: 'Messages waiting for each task', expression: 'IF(FILL(tasks, 0) < 1, waiting, waiting / tasks)' },
          ],
        },
      },
    });
  }

  private createAlarms(): cloudwatch.Alarm[] {
    return [...this.scaled.createAlarms(), ...this.createQueueAlarms()];
  }

  private createQueueAlarms(): cloudwatch.Alarm[] {
    const period = Duration.minutes(1);
    const maximumMessageAge = this.props.maximumMessageAge ?? Duration.minutes(15);
    return [
      ...(this.queue ? [createAlarm(this, 'MessagesOld', {
        metric: this.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
        threshold: maximumMessageAge.toSeconds(),
        evaluationPeriods: 15,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        meaning: `The oldest message has waited longer than ${maximumMessageAge.toMinutes({ integral: false })} minutes: the worker is behind.`,
        firstStep: 'see whether tasks run and how many; then read the logs for messages that fail again and again.',
        runbook: {
          page: 'worker-messages-old',
          then: [
            'See tasks and events: `aws ecs describe-services --cluster {ClusterName} --services {ServiceName} --query "services[0].[desiredCount,runningCount,events[:5].message]"`; and the log: `aws logs tail {LogGroup} --since 30m`.',
            'Work faster for now: `aws application-autoscaling register-scalable-target --service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/{ClusterName}/{ServiceName} --min-capacity <more>`; then raise maximumTasks in the app.',
          ],
          names: this.scaled.names,
        },
      })] : []),
      ...(this.deadLetterQueue ? [createAlarm(this, 'MessagesFailed', {
        metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period }),
        threshold: 0,
        evaluationPeriods: 1,
        meaning: 'Messages failed too often and were put aside.',
        firstStep: 'read one of them and the logs of that time; when the cause is mended, start a redrive.',
        runbook: {
          page: 'worker-messages-failed',
          then: [
            'Read one, which leaves it there: `aws sqs receive-message --visibility-timeout 0 --attribute-names All --queue-url "$(aws sqs get-queue-url --queue-name {QueueName} --query QueueUrl --output text)"`; and the log: `aws logs tail {LogGroup} --since 1h`.',
            'Redrive: `aws sqs start-message-move-task --source-arn "$(aws sqs get-queue-attributes --queue-url <url> --attribute-names QueueArn --query Attributes.QueueArn --output text)"`.',
          ],
          names: this.scaled.names,
        },
      })] : []),
    ];
  }
}

/** The queue's address as a variable, unless the team gives one of that name itself. */
function withQueueUrl(props: WorkerProps, queueUrl: string | undefined): WorkerProps {
  if (queueUrl === undefined || props.secrets?.QUEUE_URL) return props;
  return { ...props, environment: { QUEUE_URL: queueUrl, ...props.environment } };
}
