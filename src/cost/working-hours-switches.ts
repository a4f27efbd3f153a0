import { Duration, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WeeklyTime } from './working-hours-times';
import { RETRY_MINUTES } from './working-hours-validation';
import { acknowledge } from '../acknowledge';
import { createPrivateQueue } from '../private-queue';

/** CloudWatch switches no more at once. */
const ALARMS_OF_ONE_CALL = 100;

/** A managed policy has room for 6,144 characters, and the ARN of an alarm may have 315. The first policy names databases and a queue too. */
const ALARMS_OF_ONE_POLICY = 15;

/** Times of two calls that undo each other. */
export interface SwitchTimes {
  readonly on: WeeklyTime;
  readonly off: WeeklyTime;
}

/** One call for up to 100 alarms, with a role of its own: ten policies are what a role may have. */
interface AlarmCall {
  readonly names: string[];
  readonly role: iam.Role;
  allowed?: iam.PolicyStatement;
}

/** Calls of AWS by EventBridge Scheduler, with roles that may make these alone, and a queue for those that failed. More can be switched until synthesis. */
export class Switches {
  public readonly failures: sqs.Queue;
  public readonly role: iam.Role;

  private readonly firstPolicy: iam.ManagedPolicy;
  private readonly alarms: cloudwatch.IAlarm[] = [];
  private readonly calls: AlarmCall[] = [];

  /** Everything is made below the construct. */
  constructor(private readonly scope: Construct, private readonly timeZone: string) {
    this.failures = this.createFailures();
    this.firstPolicy = new iam.ManagedPolicy(scope, 'Policy', { statements: [this.toTellFailures()] });
    this.role = this.createRole('Role', this.firstPolicy);
  }

  /** Starts and stops a database. */
  public switchDatabase({ node, instanceIdentifier, instanceArn }: rds.IDatabaseInstance, { on, off }: SwitchTimes): void {
    // By its path in the tree: a database that leaves the list must not change the schedules of the others.
    const part = new Construct(this.scope, `Database${node.addr}`);
    const input = { DbInstanceIdentifier: instanceIdentifier };
    this.firstPolicy.addStatements(new iam.PolicyStatement({ actions: ['rds:StartDBInstance', 'rds:StopDBInstance'], resources: [instanceArn] }));
    this.schedule(part, 'Start', on, { action: 'rds:startDBInstance', input, role: this.role });
    this.schedule(part, 'Stop', off, { action: 'rds:stopDBInstance', input, role: this.role });
  }

  /** Switches the actions of an alarm, together with others. One that is switched already is left as it is. */
  public switchAlarm(alarm: cloudwatch.IAlarm, times: SwitchTimes): void {
    if (this.alarms.includes(alarm)) return;
    const call = this.calls[Math.floor(this.alarms.length / ALARMS_OF_ONE_CALL)] ?? this.createCall(times);
    if (call.names.length % ALARMS_OF_ONE_POLICY === 0) call.allowed = this.allowAlarms(call);
    call.allowed!.addResources(alarm.alarmArn);
    call.names.push(alarm.alarmName);
    this.alarms.push(alarm);
  }

  private createCall({ on, off }: SwitchTimes): AlarmCall {
    const number = this.calls.length + 1;
    const call = { names: [], role: number === 1 ? this.role : this.createRole(`Role${number}`) };
    const part = new Construct(this.scope, number === 1 ? 'Alarms' : `Alarms${number}`);
    const input = { AlarmNames: call.names };
    this.schedule(part, 'Enable', on, { action: 'cloudwatch:enableAlarmActions', input, role: call.role });
    this.schedule(part, 'Disable', off, { action: 'cloudwatch:disableAlarmActions', input, role: call.role });
    this.calls.push(call);
    return call;
  }

  private allowAlarms({ names, role }: AlarmCall): iam.PolicyStatement {
    const statement = new iam.PolicyStatement({ actions: ['cloudwatch:EnableAlarmActions', 'cloudwatch:DisableAlarmActions'] });
    const isFirst = names.length === 0;
    if (isFirst && role === this.role) {
      this.firstPolicy.addStatements(statement);
      return statement;
    }
    const statements = [statement, ...isFirst ? [this.toTellFailures()] : []];
    role.addManagedPolicy(new iam.ManagedPolicy(role, `Policy${names.length / ALARMS_OF_ONE_POLICY + 1}`, { statements }));
    return statement;
  }

  private schedule(where: Construct, id: string, { minute, hour, weekDay }: WeeklyTime, { action, input, role }: Call): void {
    const stack = Stack.of(where);
    new scheduler.CfnSchedule(where, id, {
      scheduleExpression: `cron(${minute} ${hour} ? * ${weekDay} *)`,
      scheduleExpressionTimezone: this.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:${stack.partition}:scheduler:::aws-sdk:${action}`,
        roleArn: role.roleArn,
        input: stack.toJsonString(input),
        deadLetterConfig: { arn: this.failures.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: RETRY_MINUTES * 60, maximumRetryAttempts: 20 },
      },
    });
  }

  private createFailures(): sqs.Queue {
    const failures = createPrivateQueue(this.scope, 'Failures', { retentionPeriod: Duration.days(14) });
    acknowledge(failures, 'AwsSolutions-SQS3', 'This is a dead-letter queue itself, of EventBridge Scheduler: the schedules of these working hours name it.');
    return failures;
  }

  /** @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html */
  private createRole(id: string, policy?: iam.ManagedPolicy): iam.Role {
    return new iam.Role(this.scope, id, {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this.scope).account } },
      }),
      managedPolicies: policy && [policy],
    });
  }

  private toTellFailures(): iam.PolicyStatement {
    return new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.failures.queueArn] });
  }
}

/** An operation of AWS, and who may call it. */
interface Call {
  readonly action: string;
  readonly input: object;
  readonly role: iam.Role;
}
