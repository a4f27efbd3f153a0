import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { minutesOf, weeklyTime } from './working-hours-times';
import { BEGIN_ACTION, END_ACTION, RETRY_MINUTES, scalableTarget, validateWorkingHours } from './working-hours-validation';
import { acknowledge } from '../acknowledge';
import type { EnvironmentProfile } from '../environment';
import type { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';
import { createPrivateQueue } from '../private-queue';

const WORKING_DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI'];
const DATABASE_LEAD_TIME = Duration.minutes(20);
/** The longest of this library's alarms looks at 15 minutes. */
const SILENT_AFTER_BEGIN = 15;

/** When people work. */
export interface WorkingHoursOptions {
  /** Time zone of `begin` and `end` by its IANA name, such as `Europe/Berlin`. Both move with its daylight saving time. */
  readonly timeZone: string;
  /**
   * Time at which services come back, as hours and minutes, at least an hour before `end`.
   * @default '08:00'
   */
  readonly begin?: string;
  /**
   * Time at which services go, as hours and minutes of the same day.
   * @default '19:00'
   */
  readonly end?: string;
  /**
   * Days with working hours, of `MON TUE WED THU FRI SAT SUN`. On the others everything sleeps.
   * @default - MON, TUE, WED, THU and FRI
   */
  readonly days?: string[];
  /**
   * How long before the services databases start, and how long after them they stop: 5 minutes to 2 hours, in whole minutes.
   * @default Duration.minutes(20)
   */
  readonly databaseLeadTime?: Duration;
}

/** Properties of `WorkingHours`. */
export interface WorkingHoursProps extends WorkingHoursOptions {
  /** The environment's profile. One with `deletionProtection`, such as production, is refused: what it runs never sleeps. */
  readonly profile: EnvironmentProfile;
  /**
   * Services that have no task outside the hours, by their scaling, such as `[api.scaling, worker.scaling]`. In the morning they get back the
   * minimum and maximum that they have in this app.
   * @default - none
   */
  readonly services?: ecs.ScalableTaskCount[];
  /**
   * Databases that are stopped outside the hours, such as `[database.instance!]`. RDS cannot stop replicas, instances that have replicas, or
   * instances of Aurora in this way: an Aurora Serverless cluster with a minimum of 0 pauses by itself.
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
   */
  readonly databases?: rds.IDatabaseInstance[];
  /**
   * Alarms whose actions are off outside the hours and in their first 15 minutes, up to 100, such as `[...api.alarms, ...database.alarms]`.
   * @default - none: what misses tasks or a database tells so every night
   */
  readonly silencedAlarms?: cloudwatch.IAlarm[];
  /**
   * Whether an alarm says that a database or an alarm could not be switched.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/**
 * Lets a development or staging environment sleep at night and at weekends: services without tasks, databases stopped. Storage, load balancer
 * and NAT cost on. RDS starts a stopped database after seven days by itself; the hours come round more often than that.
 *
 * What a team should know:
 * - A deployment at night changes services that have no task: whether the new version starts shows in the morning. It fails where it changes a
 *   stopped database, or needs one, as migrations do. Where it changes a service's scaling, that service is back until the next `end`.
 * - Alarms of services and databases that take missing data for a fault ring every night: give them as `silencedAlarms`. One that already is in
 *   alarm when its actions come back stays silent until it was well in between; a deployment that changes it turns its actions on.
 * - A service with `schedules` of its own wakes when one of them raises its maximum at night.
 * - Scheduler skips a time that daylight saving leaves out, such as 02:30 on one Sunday of the year, and takes one that comes twice once.
 * - A database that somebody already started or stopped by hand is reported as one that could not be switched.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
export class WorkingHours extends Construct implements IWatched {
  /** What Scheduler could not switch, with the reasons; none without databases and alarms. Kept for 14 days. */
  public readonly failures?: sqs.IQueue;
  /** Role that may start and stop these databases and switch these alarms' actions; none without any. */
  public readonly role?: iam.IRole;
  /** Alarms, empty where the profile has alarms off. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly begin: number;
  private readonly end: number;

  constructor(scope: Construct, id: string, private readonly props: WorkingHoursProps) {
    super(scope, id);
    validateWorkingHours(this, props);
    const { services = [], databases = [], silencedAlarms = [] } = props;
    this.begin = minutesOf(props.begin ?? '08:00');
    this.end = minutesOf(props.end ?? '19:00');

    for (const service of services) this.scale(service);
    if (databases.length + silencedAlarms.length > 0) {
      const failures = this.createFailures();
      const role = this.createRole(failures, databases, silencedAlarms);
      for (const database of databases) this.switchDatabase(database, role, failures);
      if (silencedAlarms.length > 0) this.switchAlarms(silencedAlarms, role, failures);
      [this.failures, this.role] = [failures, role];
    }
    this.alarms = this.failures && (props.alarms ?? props.profile.alarms) ? [this.createAlarm(this.failures)] : [];
  }

  /** What could not be switched. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    if (!this.failures) return [];
    const left = [this.failures.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label: 'not switched' })];
    return [new cloudwatch.GraphWidget({ title: 'Working hours', width: 24, left })];
  }

  /** In the service's own stack, where its scaling is. */
  private scale(service: ecs.ScalableTaskCount): void {
    const { minCapacity, maxCapacity } = scalableTarget(service)!;
    const at = (minutes: number) => ({
      schedule: appscaling.Schedule.cron(this.weekly(minutes)),
      timeZone: TimeZone.of(this.props.timeZone),
    });
    service.scaleOnSchedule(BEGIN_ACTION, { ...at(this.begin), minCapacity, maxCapacity });
    service.scaleOnSchedule(END_ACTION, { ...at(this.end), minCapacity: 0, maxCapacity: 0 });
  }

  private switchDatabase(database: rds.IDatabaseInstance, role: iam.Role, failures: sqs.Queue): void {
    // By its path in the tree: a database that leaves the list must not change the schedules of the others.
    const part = new Construct(this, `Database${database.node.addr}`);
    const input = { DbInstanceIdentifier: database.instanceIdentifier };
    const leadTime = (this.props.databaseLeadTime ?? DATABASE_LEAD_TIME).toMinutes();
    this.schedule(part, 'Start', { minutes: this.begin - leadTime, action: 'rds:startDBInstance', input, role, failures });
    this.schedule(part, 'Stop', { minutes: this.end + leadTime, action: 'rds:stopDBInstance', input, role, failures });
  }

  private switchAlarms(alarms: cloudwatch.IAlarm[], role: iam.Role, failures: sqs.Queue): void {
    const input = { AlarmNames: alarms.map(({ alarmName }) => alarmName) };
    const part = new Construct(this, 'Alarms');
    this.schedule(part, 'Enable', { minutes: this.begin + SILENT_AFTER_BEGIN, action: 'cloudwatch:enableAlarmActions', input, role, failures });
    this.schedule(part, 'Disable', { minutes: this.end, action: 'cloudwatch:disableAlarmActions', input, role, failures });
  }

  private schedule(where: Construct, id: string, { minutes, action, input, role, failures }: Switch): void {
    const { minute, hour, weekDay } = this.weekly(minutes);
    const stack = Stack.of(this);
    new scheduler.CfnSchedule(where, id, {
      scheduleExpression: `cron(${minute} ${hour} ? * ${weekDay} *)`,
      scheduleExpressionTimezone: this.props.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:${stack.partition}:scheduler:::aws-sdk:${action}`,
        roleArn: role.roleArn,
        input: stack.toJsonString(input),
        deadLetterConfig: { arn: failures.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: RETRY_MINUTES * 60, maximumRetryAttempts: 20 },
      },
    });
  }

  private weekly(minutes: number) {
    return weeklyTime(minutes, this.props.days ?? WORKING_DAYS);
  }

  private createFailures(): sqs.Queue {
    const failures = createPrivateQueue(this, 'Failures', { retentionPeriod: Duration.days(14) });
    acknowledge(failures, 'AwsSolutions-SQS3', 'This is a dead-letter queue itself, of EventBridge Scheduler: the schedules of these working hours name it.');
    return failures;
  }

  /** @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html */
  private createRole(failures: sqs.Queue, databases: rds.IDatabaseInstance[], alarms: cloudwatch.IAlarm[]): iam.Role {
    const allow = (actions: string[], resources: string[]) => resources.length > 0 ? [new iam.PolicyStatement({ actions, resources })] : [];
    return new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      managedPolicies: [new iam.ManagedPolicy(this, 'Policy', {
        statements: [
          ...allow(['rds:StartDBInstance', 'rds:StopDBInstance'], databases.map(({ instanceArn }) => instanceArn)),
          ...allow(['cloudwatch:EnableAlarmActions', 'cloudwatch:DisableAlarmActions'], alarms.map(({ alarmArn }) => alarmArn)),
          ...allow(['sqs:SendMessage'], [failures.queueArn]),
        ],
      })],
    });
  }

  private createAlarm(failures: sqs.IQueue): cloudwatch.Alarm {
    return createAlarm(this, 'NotSwitched', {
      metric: failures.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(5) }),
      threshold: 0,
      evaluationPeriods: 1,
      meaning: 'A database was not started or stopped, or alarms were not switched, at the begin or end of the working hours.',
      firstStep: 'read the message in the queue for what and why, switch it by hand, then delete the message; a database that already was as it should be needs nothing.',
      runbook: {
        page: 'working-hours-not-switched',
        then: [
          'Read one: `aws sqs receive-message --attribute-names All --queue-url "$(aws sqs get-queue-url --queue-name {QueueName} --query QueueUrl --output text)"`.',
          'Switch by hand: `aws rds start-db-instance --db-instance-identifier <id>` or `stop-db-instance`, `aws cloudwatch enable-alarm-actions --alarm-names <names>`; then `aws sqs delete-message --queue-url <url> --receipt-handle <handle>`.',
        ],
      },
    });
  }
}

/** A call of AWS at a time of each working day. */
interface Switch {
  /** Minutes since its midnight. */
  readonly minutes: number;
  /** Service and operation. */
  readonly action: string;
  readonly input: object;
  readonly role: iam.Role;
  readonly failures: sqs.Queue;
}
