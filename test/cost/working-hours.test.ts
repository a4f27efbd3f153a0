import { App, Aws, CfnParameter, Duration, Environment, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { EnvironmentProfile, PostgresDatabase, Worker, WorkerQueue, WorkingHours, WorkingHoursProps } from '../../src';
import { minutesOf, weeklyTime } from '../../src/cost/working-hours-times';
import { IMAGE, onlyResource, Platform, refusal, wrong } from '../service/fixtures';

const DEVELOPMENT = EnvironmentProfile.development();
const WEEK = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
const REQUIRED = { profile: DEVELOPMENT, timeZone: 'Europe/Berlin' };

const stackIn = (env?: Environment) => new Stack(new App(), 'Stack', { env });

function scalingIn(stack: Stack, id = 'Cluster'): ecs.ScalableTaskCount {
  const cluster = new ecs.Cluster(stack, id);
  const taskDefinition = new ecs.FargateTaskDefinition(cluster, 'Task');
  taskDefinition.addContainer('Main', { image: IMAGE });
  return new ecs.FargateService(cluster, 'Service', { cluster, taskDefinition }).autoScaleTaskCount({ minCapacity: 2, maxCapacity: 5 });
}

const databaseIn = (stack: Stack, id = 'Database', instanceIdentifier = 'shop') => rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, id, {
  instanceIdentifier, instanceEndpointAddress: 'shop.example.com', port: 5432, securityGroups: [],
});

const alarmIn = (stack: Stack, id = 'Alarm') => cloudwatch.Alarm.fromAlarmName(stack, id, `${id}-name`);

const alarmElsewhere = (stack: Stack) => alarmIn(new Stack(stack.node.root as App, 'Far', { env: { account: '111111111111', region: 'us-east-1' } }));

function createDatabaseHours(props: Partial<WorkingHoursProps> = {}, stack = stackIn()) {
  return { stack, hours: new WorkingHours(stack, 'Hours', { ...REQUIRED, databases: [databaseIn(stack)], ...props }) };
}

interface Call { readonly action: string; readonly expression: string; readonly timeZone: unknown; readonly input: any; readonly target: any }

/** What Scheduler calls, by action. */
function calls(stack: Stack): { [action: string]: Call } {
  const schedules = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule'));
  return Object.fromEntries(schedules.map(({ Properties: { ScheduleExpression, ScheduleExpressionTimezone, Target, FlexibleTimeWindow } }) => {
    expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
    const [, [...parts]] = Target.Arn['Fn::Join'];
    expect(parts.slice(0, 2)).toEqual(['arn:', { Ref: 'AWS::Partition' }]);
    const action = parts[2].replace(':scheduler:::aws-sdk:', '');
    return [action, { action, expression: ScheduleExpression, timeZone: ScheduleExpressionTimezone, input: Target.Input, target: Target }];
  }));
}

function actions(stack: Stack): any[] {
  return onlyResource(Template.fromStack(stack), 'AWS::ApplicationAutoScaling::ScalableTarget').ScheduledActions;
}

/** Minutes of the week, from Monday on, of a cron expression. */
function minutesOfWeek(expression: string): number[] {
  const [, minute, hour, weekDays] = /^cron\((\d+) (\d+) \? \* ([A-Z,]+) \*\)$/.exec(expression)!;
  return weekDays.split(',').map(day => WEEK.indexOf(day) * 1440 + Number(hour) * 60 + Number(minute));
}

test('services have no task at night and at weekends, and in the morning what they had', () => {
  const stack = stackIn();
  const hours = new WorkingHours(stack, 'Hours', { ...REQUIRED, services: [scalingIn(stack)] });
  expect(actions(stack)).toEqual([
    {
      ScheduledActionName: 'WorkingHoursBegin',
      Schedule: 'cron(0 8 ? * MON,TUE,WED,THU,FRI *)',
      Timezone: 'Europe/Berlin',
      ScalableTargetAction: { MinCapacity: 2, MaxCapacity: 5 },
    },
    {
      ScheduledActionName: 'WorkingHoursEnd',
      Schedule: 'cron(0 19 ? * MON,TUE,WED,THU,FRI *)',
      Timezone: 'Europe/Berlin',
      ScalableTargetAction: { MinCapacity: 0, MaxCapacity: 0 },
    },
  ]);
  expect(Object.keys(calls(stack))).toEqual([]);
  Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 0);
  expect([hours.role, hours.failures, hours.alarms, hours.dashboardWidgets()]).toEqual([undefined, undefined, [], []]);
});

test('a web service and a worker sleep by their scaling, beside schedules of their own', () => {
  const platform = new Platform(DEVELOPMENT);
  const api = platform.addService('Api', { maximumTasks: 4 });
  const worker = new Worker(platform.stack, 'Worker', { cluster: platform.cluster, profile: DEVELOPMENT, image: IMAGE, queue: WorkerQueue.managed() });
  new WorkingHours(platform.stack, 'Hours', { ...REQUIRED, services: [api.scaling, worker.scaling] });
  const targets = Object.values(platform.template().findResources('AWS::ApplicationAutoScaling::ScalableTarget')) as any[];
  expect(targets.map(({ Properties: { ScheduledActions } }) => ScheduledActions.map((each: any) => each.ScalableTargetAction))).toEqual([
    [{ MinCapacity: 1, MaxCapacity: 4 }, { MinCapacity: 0, MaxCapacity: 0 }],
    [{ MinCapacity: 1, MaxCapacity: 2 }, { MinCapacity: 0, MaxCapacity: 0 }],
  ]);
});

test('a database starts before the services and stops after them', () => {
  const { stack } = createDatabaseHours();
  const { 'rds:startDBInstance': start, 'rds:stopDBInstance': stop } = calls(stack);
  expect([start.expression, stop.expression]).toEqual(['cron(40 7 ? * MON,TUE,WED,THU,FRI *)', 'cron(20 19 ? * MON,TUE,WED,THU,FRI *)']);
  expect([start.timeZone, stop.timeZone]).toEqual(['Europe/Berlin', 'Europe/Berlin']);
  for (const { input } of [start, stop]) expect(JSON.parse(input)).toEqual({ DbInstanceIdentifier: 'shop' });
});

test('what Scheduler cannot switch goes to a queue after an hour of attempts', () => {
  const { stack } = createDatabaseHours();
  const template = Template.fromStack(stack);
  const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
  const [role] = Object.keys(template.findResources('AWS::IAM::Role'));
  for (const { target } of Object.values(calls(stack))) {
    expect(target).toMatchObject({
      RoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue, 'Arn'] } },
      RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
    });
  }
  expect(onlyResource(template, 'AWS::SQS::Queue')).toEqual({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
});

test("Scheduler's role may switch that database and those alarms, for this account, in a managed policy", () => {
  const stack = stackIn();
  createDatabaseHours({ silencedAlarms: [alarmIn(stack)] }, stack);
  const template = Template.fromStack(stack);
  const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
  expect(onlyResource(template, 'AWS::IAM::Role').AssumeRolePolicyDocument.Statement).toEqual([{
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'scheduler.amazonaws.com' },
    Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
  }]);
  const arn = (service: string, resource: string) =>
    ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${service}:`, { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${resource}`]] });
  expect(onlyResource(template, 'AWS::IAM::ManagedPolicy').PolicyDocument.Statement).toEqual([
    { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': [queue, 'Arn'] } },
    { Effect: 'Allow', Action: ['rds:StartDBInstance', 'rds:StopDBInstance'], Resource: arn('rds', 'db:shop') },
    { Effect: 'Allow', Action: ['cloudwatch:EnableAlarmActions', 'cloudwatch:DisableAlarmActions'], Resource: arn('cloudwatch', 'alarm:Alarm-name') },
  ]);
  template.resourceCountIs('AWS::IAM::Policy', 0);
});

test('alarms are silent from the end of the hours until services had time to come back', () => {
  const stack = stackIn();
  new WorkingHours(stack, 'Hours', { ...REQUIRED, services: [scalingIn(stack)], silencedAlarms: [alarmIn(stack, 'One'), alarmIn(stack, 'Two')] });
  const { 'cloudwatch:enableAlarmActions': enable, 'cloudwatch:disableAlarmActions': disable, ...others } = calls(stack);
  expect([enable.expression, disable.expression]).toEqual(['cron(15 8 ? * MON,TUE,WED,THU,FRI *)', 'cron(0 19 ? * MON,TUE,WED,THU,FRI *)']);
  for (const { input } of [enable, disable]) expect(JSON.parse(input)).toEqual({ AlarmNames: ['One-name', 'Two-name'] });
  expect(others).toEqual({});
});

describe('more alarms than one call or one policy takes', () => {
  const alarmsIn = (stack: Stack, count: number) => Array.from({ length: count }, (_, index) => alarmIn(stack, `Alarm${index}`));

  /** Names by the role that switches them, and what that role may switch. */
  function switched(stack: Stack) {
    const template = Template.fromStack(stack);
    const policies = template.findResources('AWS::IAM::ManagedPolicy');
    const schedules = Object.values(template.findResources('AWS::Scheduler::Schedule'));
    return schedules.filter(({ Properties }) => Properties.Target.Input.includes('AlarmNames')).map(({ Properties }) => {
      const { Arn: arn, RoleArn, Input } = Properties.Target;
      const role = template.findResources('AWS::IAM::Role')[RoleArn['Fn::GetAtt'][0]];
      const attached = role.Properties.ManagedPolicyArns.map(({ Ref }: any) => policies[Ref].Properties.PolicyDocument.Statement);
      const resources = (action: string) => attached.flat()
        .filter((statement: any) => [statement.Action].flat().includes(action)).flatMap(({ Resource }: any) => Resource);
      return {
        action: arn['Fn::Join'][1][2].split(':').pop(),
        names: JSON.parse(Input).AlarmNames as string[],
        allowed: resources('cloudwatch:EnableAlarmActions').map((resource: any) => resource['Fn::Join'][1].at(-1).replace(/^.*alarm:/, '')),
        policies: attached.length,
        largest: Math.max(...attached.map((statements: any) => statements.flatMap(({ Resource }: any) => Resource).length)),
        tellsFailures: resources('sqs:SendMessage').length,
      };
    });
  }

  test.each([[1], [15], [16], [100], [101], [230]])('%i alarms are switched by calls of 100, with roles that may switch just these', count => {
    const stack = stackIn();
    const { hours } = createDatabaseHours({ silencedAlarms: alarmsIn(stack, count) }, stack);
    const found = switched(stack);
    const names = Array.from({ length: count }, (_, index) => `Alarm${index}-name`);
    for (const action of ['enableAlarmActions', 'disableAlarmActions']) {
      expect(found.filter(call => call.action === action).flatMap(call => call.names)).toEqual(names);
    }
    for (const call of found) {
      expect(call.allowed).toEqual(call.names);
      expect(call.names.length).toBeLessThanOrEqual(100);
      expect(call.policies).toBeLessThanOrEqual(10);
      expect(call.largest).toBeLessThanOrEqual(17);
      expect(call.tellsFailures).toBe(1);
    }
    expect(hours.node.tryFindChild('Role2') !== undefined).toBe(count > 100);
  });

  test('ids of the first hundred are the same, however many there are', () => {
    const ids = (count: number) => {
      const stack = stackIn();
      createDatabaseHours({ silencedAlarms: alarmsIn(stack, count) }, stack);
      return Object.keys(Template.fromStack(stack).toJSON().Resources);
    };
    const one = ids(1);
    expect(one.filter(id => id.startsWith('HoursAlarms'))).toEqual([expect.stringMatching(/^HoursAlarmsEnable/), expect.stringMatching(/^HoursAlarmsDisable/)]);
    expect(ids(230)).toEqual(expect.arrayContaining(one));
  });
});

test('services and alarms that come later sleep like the first', () => {
  const stack = stackIn();
  const { hours } = createDatabaseHours({ silencedAlarms: [alarmIn(stack, 'First')] }, stack);
  const late = alarmIn(stack, 'Late');
  hours.addService(scalingIn(stack));
  hours.silence(late, alarmIn(stack, 'Later'));
  hours.silence(late);
  expect(actions(stack).map(({ ScheduledActionName }) => ScheduledActionName)).toEqual(['WorkingHoursBegin', 'WorkingHoursEnd']);
  for (const action of ['enable', 'disable']) {
    expect(JSON.parse(calls(stack)[`cloudwatch:${action}AlarmActions`].input)).toEqual({ AlarmNames: ['First-name', 'Late-name', 'Later-name'] });
  }
});

test('an alarm that is the first to need a switch brings queue, role and the alarm on them', () => {
  const stack = stackIn();
  const hours = new WorkingHours(stack, 'Hours', { ...REQUIRED, profile: EnvironmentProfile.staging(), services: [scalingIn(stack)] });
  expect([hours.role, hours.failures, hours.alarms]).toEqual([undefined, undefined, []]);
  hours.silence(alarmIn(stack));
  expect([hours.role, hours.failures]).toEqual([expect.anything(), expect.anything()]);
  expect(hours.alarms).toHaveLength(1);
});

test.each<[string, (hours: WorkingHours, stack: Stack) => void, string]>([
  ['a service by name', hours => hours.addService(wrong('api')), 'service is not what it should be'],
  ['a service that sleeps already', (hours, stack) => {
    const scaling = scalingIn(stack);
    hours.addService(scaling);
    hours.addService(scaling);
  }, 'has working hours already'],
  ['an alarm by name', hours => hours.silence(wrong('Alarm')), 'alarms[0] is not what it should be'],
  ['an alarm of another region', (hours, stack) => hours.silence(alarmIn(stack, 'Here'), alarmElsewhere(stack)), 'alarms[1] is in another region'],
])('later, refused: %s', (_, add, message) => {
  const { stack, hours } = createDatabaseHours({}, stackIn({ account: '111111111111', region: 'eu-central-1' }));
  expect(refusal(() => add(hours, stack))).toContain(message);
});

test("our own database's instance is one that can be stopped, in a stack of its own too", () => {
  const app = new App();
  const data = new Stack(app, 'Data');
  const database = new PostgresDatabase(data, 'Database', { profile: DEVELOPMENT, vpc: new ec2.Vpc(data, 'Vpc') });
  const stack = new Stack(app, 'Stack');
  new WorkingHours(stack, 'Hours', { ...REQUIRED, databases: [database.instance!] });
  expect(() => app.synth()).not.toThrow();
  expect(JSON.stringify(calls(stack)['rds:stopDBInstance'].input)).toMatch(/DbInstanceIdentifier.*ImportValue.*Data/);
});

test.each([
  ['just after midnight', { begin: '00:10', end: '12:00', days: ['MON', 'THU'] }, 'cron(50 23 ? * WED,SUN *)', 'cron(20 12 ? * MON,THU *)'],
  ['just before midnight', { begin: '12:00', end: '23:50', days: ['SUN', 'FRI'] }, 'cron(40 11 ? * FRI,SUN *)', 'cron(10 0 ? * MON,SAT *)'],
  ['with another lead time', { databaseLeadTime: Duration.hours(1) }, 'cron(0 7 ? * MON,TUE,WED,THU,FRI *)', 'cron(0 20 ? * MON,TUE,WED,THU,FRI *)'],
])('a database starts and stops on the right day, %s', (_, props, started, stopped) => {
  const { 'rds:startDBInstance': start, 'rds:stopDBInstance': stop } = calls(createDatabaseHours(props).stack);
  expect([start.expression, stop.expression]).toEqual([started, stopped]);
});

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const hoursOfADay = fc.tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 5, max: 120 }))
  .filter(([begin, end, lead]) => end - begin >= 60 && 1440 - (end - begin) - 2 * lead >= 60)
  .map(([begin, end, lead]) => ({ begin, end, lead }));

test('whatever the hours: the database runs whenever services do, and is asleep in between', () => {
  fc.assert(fc.property(hoursOfADay, fc.shuffledSubarray(WEEK, { minLength: 1 }), ({ begin, end, lead }, days) => {
    const { stack } = createDatabaseHours({ begin: clock(begin), end: clock(end), days, databaseLeadTime: Duration.minutes(lead) });
    const { 'rds:startDBInstance': start, 'rds:stopDBInstance': stop } = calls(stack);
    const running = new Set<number>();
    const stops = minutesOfWeek(stop.expression);
    for (const from of minutesOfWeek(start.expression)) {
      for (let minute = from; !stops.includes(minute % 10080); minute += 1) running.add(minute % 10080);
    }
    const expected = days.length * (end - begin + 2 * lead);
    expect(running.size).toBe(expected);
    for (const day of days) {
      const midnight = WEEK.indexOf(day) * 1440;
      const [first, last] = [midnight + begin - lead, midnight + end + lead - 1];
      for (let minute = first; minute <= last; minute += 1) expect(running.has((minute + 10080) % 10080)).toBe(true);
    }
  }), { numRuns: 15 });
});

test('a time and its day stay together when minutes leave the day', () => {
  fc.assert(fc.property(fc.integer({ min: -1440, max: 2879 }), fc.shuffledSubarray(WEEK, { minLength: 1 }), (minutes, days) => {
    const { minute, hour, weekDay } = weeklyTime(minutes, days);
    const found = minutesOfWeek(`cron(${minute} ${hour} ? * ${weekDay} *)`);
    expect(new Set(found)).toEqual(new Set(days.map(day => (WEEK.indexOf(day) * 1440 + minutes + 10080) % 10080)));
  }));
  fc.assert(fc.property(fc.integer({ min: 0, max: 1439 }), minutes => minutesOf(clock(minutes)) === minutes));
});

test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Auckland', 'America/St_Johns'])(
  'times are those of the clock in %s, and AWS moves them with daylight saving: nothing is converted to UTC', timeZone => {
    const stack = stackIn();
    new WorkingHours(stack, 'Hours', { ...REQUIRED, timeZone, services: [scalingIn(stack)], databases: [databaseIn(stack)], silencedAlarms: [alarmIn(stack)] });
    const all = [
      ...actions(stack).map(({ Schedule, Timezone }) => [Schedule.split(' ', 2).join(' '), Timezone]),
      ...Object.values(calls(stack)).map(call => [call.expression.split(' ', 2).join(' '), call.timeZone]),
    ];
    expect(all.map(([, zone]) => zone)).toEqual(Array(6).fill(timeZone));
    expect(all.map(([time]) => time).sort()).toEqual(['cron(0 19', 'cron(0 19', 'cron(0 8', 'cron(15 8', 'cron(20 19', 'cron(40 7']);
  },
);

test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'America/Argentina/Buenos_Aires', 'US/Pacific', 'Etc/GMT+3'])('a time zone that exists: %s', timeZone => {
  expect(calls(createDatabaseHours({ timeZone }).stack)['rds:stopDBInstance'].timeZone).toBe(timeZone);
});

test('a time zone that is only known at deployment', () => {
  const stack = stackIn();
  const timeZone = new CfnParameter(stack, 'Zone').valueAsString;
  new WorkingHours(stack, 'Hours', { ...REQUIRED, timeZone, services: [scalingIn(stack)], databases: [databaseIn(stack, 'Database', Aws.STACK_NAME)] });
  expect(actions(stack)[0].Timezone).toEqual({ Ref: 'Zone' });
  const { timeZone: zone, input } = calls(stack)['rds:startDBInstance'];
  expect(zone).toEqual({ Ref: 'Zone' });
  expect(input).toEqual({ 'Fn::Join': ['', ['{"DbInstanceIdentifier":"', { Ref: 'AWS::StackName' }, '"}']] });
});

test('a database that leaves the list changes nothing of the others', () => {
  const ids = (...names: string[]) => {
    const stack = stackIn();
    new WorkingHours(stack, 'Hours', { ...REQUIRED, databases: names.map(name => databaseIn(stack, name, name.toLowerCase())) });
    return Object.keys(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule'));
  };
  expect(ids('A', 'B')).toHaveLength(4);
  expect(ids('A', 'B')).toEqual(expect.arrayContaining(ids('B')));
});

test('two in one stack, one for early and one for late', () => {
  const { stack } = createDatabaseHours();
  new WorkingHours(stack, 'Late', { ...REQUIRED, begin: '12:00', end: '22:00', databases: [databaseIn(stack, 'Other', 'other')], services: [scalingIn(stack)] });
  Template.fromStack(stack).resourceCountIs('AWS::Scheduler::Schedule', 4);
});

test.each(['cn-north-1', 'us-gov-west-1', 'eu-central-1'])('in %s', region => {
  const { stack } = createDatabaseHours({}, stackIn({ region, account: '111111111111' }));
  expect(Object.keys(calls(stack))).toHaveLength(2);
  expect(onlyResource(Template.fromStack(stack), 'AWS::IAM::Role').AssumeRolePolicyDocument.Statement[0].Condition)
    .toEqual({ StringEquals: { 'aws:SourceAccount': '111111111111' } });
});

test('an alarm says what could not be switched, by choice or where the profile has alarms', () => {
  expect(createDatabaseHours().hours.alarms).toEqual([]);
  expect(createDatabaseHours({ profile: EnvironmentProfile.staging(), alarms: false }).hours.alarms).toEqual([]);
  const { stack, hours } = createDatabaseHours({ profile: EnvironmentProfile.staging() });
  expect(hours.alarms).toHaveLength(1);
  const template = Template.fromStack(stack);
  const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
  expect(onlyResource(template, 'AWS::CloudWatch::Alarm')).toMatchObject({
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
    Statistic: 'Maximum',
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    TreatMissingData: 'notBreaching',
  });
  expect(hours.dashboardWidgets().map(({ width }) => width)).toEqual([24]);
});

test('auditors find nothing', () => {
  const stack = stackIn();
  createDatabaseHours({ profile: EnvironmentProfile.staging(), silencedAlarms: [alarmIn(stack)] }, stack);
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
});

type Given = Partial<WorkingHoursProps> | ((stack: Stack) => Partial<WorkingHoursProps>);

test.each<[string, Given, string]>([
  ['no profile', { profile: wrong(undefined) }, 'profile is missing'],
  ['a profile by name', { profile: wrong('development') }, 'profile is not what it should be'],
  ['production', { profile: EnvironmentProfile.production() }, 'profile production, with deletionProtection'],
  ['staging that is protected', { profile: EnvironmentProfile.staging().with({ deletionProtection: true }) }, 'protected from deletion'],
  ['no time zone', { timeZone: wrong(undefined) }, 'timeZone is missing'],
  ['a time zone that does not exist', { timeZone: 'Europe/Bielefeld' }, 'timeZone does not exist'],
  ['a time zone in small letters', { timeZone: 'europe/berlin' }, 'timeZone is not well-formed'],
  ['a time zone in capitals', { timeZone: 'EUROPE/BERLIN' }, "write 'Europe/Berlin'"],
  ['an offset', { timeZone: '+01:00' }, 'timeZone is not well-formed'],
  ['a time zone as a number', { timeZone: wrong(1) }, 'timeZone is not well-formed'],
  ['an hour of one digit', { begin: '8:00' }, 'begin is not well-formed'],
  ['an hour that does not exist', { end: '24:00' }, 'end is not well-formed'],
  ['an hour as a number', { begin: wrong(8) }, 'begin is not well-formed'],
  ['an hour of null', { begin: wrong(null) }, 'begin is missing'],
  ['an hour that is only known later', { begin: Token.asString({ Ref: 'Begin' }) }, 'begin is only known at deployment'],
  ['an end before the begin', { begin: '19:00', end: '08:00' }, 'got: begin 19:00, end 08:00'],
  ['a day of 59 minutes', { begin: '08:00', end: '08:59' }, 'begin is not an hour or more before end'],
  ['no days', { days: [] }, 'there is no day'],
  ['days as text', { days: wrong('MON-FRI') }, 'days is not a list'],
  ['a range of days', { days: ['MON-FRI'] }, 'days[0] has a value that does not exist'],
  ['a missing day', { days: wrong([undefined]) }, 'days[0] is missing'],
  ['a day twice', { days: ['MON', 'TUE', 'MON'] }, 'remove days[2]'],
  ['days that are only known later', { days: Token.asList({ Ref: 'Days' }) }, 'days is only known at deployment'],
  ['a day that is only known later', { days: [Token.asString({ Ref: 'Day' })] }, 'days[0] is only known at deployment'],
  ['nothing that sleeps', { databases: undefined }, 'there is nothing that would sleep'],
  ['empty lists', { databases: [], services: [] }, 'there is nothing that would sleep'],
  ['alarms alone', stack => ({ databases: [], silencedAlarms: [alarmIn(stack)] }), 'there is nothing that would sleep'],
  ['a service that is no list', stack => ({ services: wrong(scalingIn(stack)) }), 'services is not a list'],
  ['a service without scaling', stack => ({ services: [wrong(new ecs.Cluster(stack, 'Cluster'))] }), 'services[0] is not what it should be'],
  ['a missing service', { services: wrong([undefined]) }, 'services[0] is missing'],
  ['a scaling without limits', stack => ({ services: [wrong(Object.assign(new Construct(stack, 'Scaling'), { scaleOnSchedule: () => undefined }))] }), 'no minimum and maximum'],
  ['a service twice', stack => {
    const scaling = scalingIn(stack);
    return { services: [scaling, scaling] };
  }, 'services has something twice'],
  ['a service of other hours', stack => {
    const services = [scalingIn(stack)];
    new WorkingHours(stack, 'Others', { ...REQUIRED, services });
    return { services };
  }, 'a service has working hours already'],
  ['a database that is missing, as on Aurora', { databases: wrong([undefined]) }, 'which has none on Aurora'],
  ['a database by name', { databases: wrong(['shop']) }, 'databases[0] is not what it should be'],
  ['a database twice', stack => {
    const database = databaseIn(stack, 'Twice');
    return { databases: [database, database] };
  }, 'databases has something twice'],
  ['a replica', stack => {
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const sourceDatabaseInstance = databaseIn(stack, 'Source', 'source');
    return { databases: [new rds.DatabaseInstanceReadReplica(stack, 'Replica', { vpc, sourceDatabaseInstance, instanceType: new ec2.InstanceType('t4g.micro') })] };
  }, 'RDS cannot stop a read replica'],
  ['an instance of Aurora', stack => ({
    databases: [wrong({ instanceIdentifier: 'a', env: stack.env, node: { path: 'A', defaultChild: { dbClusterIdentifier: 'cluster' } } })],
  }), 'RDS cannot stop a single instance of a cluster'],
  ['a night too short', { begin: '00:00', end: '23:00' }, '20 minutes between stop and start'],
  ['a lead time too long', { databaseLeadTime: Duration.hours(3) }, 'databaseLeadTime (seconds) is not a whole number'],
  ['a lead time of half a minute', { databaseLeadTime: Duration.seconds(330) }, 'databaseLeadTime (minutes) is not a whole number from 5 to 120'],
  ['a lead time as a number', { databaseLeadTime: wrong(20) }, 'a Duration, such as'],
  ['an alarm by name', { silencedAlarms: wrong(['Alarm']) }, 'silencedAlarms[0] is not what it should be'],
  ['an alarm of another region', stack => ({ silencedAlarms: [alarmElsewhere(stack)] }), 'silencedAlarms[0] is in another region'],
  ['an alarm twice', stack => {
    const alarm = alarmIn(stack);
    return { silencedAlarms: [alarm, alarm] };
  }, 'silencedAlarms has something twice'],
  ['alarms as text', { alarms: wrong('no') }, 'alarms is not a boolean'],
])('refused: %s', (_, given, message) => {
  const stack = stackIn({ account: '111111111111', region: 'eu-central-1' });
  const props = typeof given === 'function' ? given(stack) : given;
  expect(refusal(() => new WorkingHours(stack, 'Hours', { ...REQUIRED, databases: [databaseIn(stack)], ...props }))).toContain(message);
  expect(stack.node.findChild('Hours').node.children).toEqual([]);
});

test('a database of another region is refused', () => {
  const app = new App();
  const env = { account: '111111111111', region: 'eu-central-1' };
  const database = databaseIn(new Stack(app, 'Far', { env: { ...env, region: 'us-east-1' } }));
  expect(refusal(() => new WorkingHours(new Stack(app, 'Stack', { env }), 'Hours', { ...REQUIRED, databases: [database] })))
    .toContain('databases[0] Far/Database in us-east-1');
});

test('no properties at all are refused', () => {
  expect(refusal(() => new WorkingHours(stackIn(), 'Hours', wrong(undefined)))).toContain('profile is missing');
});
