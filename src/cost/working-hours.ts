import { Duration, TimeZone } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SwitchTimes, Switches } from './working-hours-switches';
import { minutesOf, weeklyTime } from './working-hours-times';
import { BEGIN_ACTION, checkAlarm, checkService, END_ACTION, scalableTarget, validateWorkingHours } from './working-hours-validation';
import type { EnvironmentProfile } from '../environment';
import type { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';

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
   * Alarms of this region whose actions are off outside the hours and in their first 15 minutes, such as `[...api.alarms, ...database.alarms]`.
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
  /** Alarms, empty where the profile has alarms off. */
  public readonly alarms: cloudwatch.Alarm[] = [];

  private readonly begin: number;
  private readonly end: number;
  private made?: Switches;

  constructor(scope: Construct, id: string, private readonly props: WorkingHoursProps) {
    super(scope, id);
    validateWorkingHours(this, props);
    const { services = [], databases = [], silencedAlarms = [] } = props;
    this.begin = minutesOf(props.begin ?? '08:00');
    this.end = minutesOf(props.end ?? '19:00');

    for (const service of services) this.scale(service);
    for (const database of databases) this.switches.switchDatabase(database, this.databaseTimes());
    this.silence(...silencedAlarms);
  }

  /** What Scheduler could not switch, with the reasons; none without databases and alarms. Kept for 14 days. */
  public get failures(): sqs.IQueue | undefined {
    return this.made?.failures;
  }

  /** Role that may start and stop these databases and switch the actions of the first 100 alarms; none without any. */
  public get role(): iam.IRole | undefined {
    return this.made?.role;
  }

  /**
   * Puts one more service to sleep, as `services` does.
   *
   * @param service its scaling, such as `worker.scaling`
   */
  public addService(service: ecs.ScalableTaskCount): void {
    checkService(this, 'service', service);
    this.scale(service);
  }

  /**
   * Silences more alarms outside the hours, as `silencedAlarms` does. One that is silenced already is left as it is.
   *
   * @param alarms of this region
   */
  public silence(...alarms: cloudwatch.IAlarm[]): void {
    alarms.forEach((alarm, index) => checkAlarm(this, `alarms[${index}]`, alarm));
    for (const alarm of alarms) this.switches.switchAlarm(alarm, this.alarmTimes());
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

  private databaseTimes(): SwitchTimes {
    const leadTime = (this.props.databaseLeadTime ?? DATABASE_LEAD_TIME).toMinutes();
    return { on: this.weekly(this.begin - leadTime), off: this.weekly(this.end + leadTime) };
  }

  private alarmTimes(): SwitchTimes {
    return { on: this.weekly(this.begin + SILENT_AFTER_BEGIN), off: this.weekly(this.end) };
  }

  /** Made when the first database or alarm is there. */
  private get switches(): Switches {
    if (this.made) return this.made;
    this.made = new Switches(this, this.props.timeZone);
    if (this.props.alarms ?? this.props.profile.alarms) this.alarms.push(this.createAlarm(this.made.failures));
    return this.made;
  }

  private weekly(minutes: number) {
    return weeklyTime(minutes, this.props.days ?? WORKING_DAYS);
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
