import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { IMAGE, onlyResource, Platform, refusal, resourcesOf, wrong } from './fixtures';
import { EnvironmentProfile, ScheduledTask, ScheduledTaskProps } from '../../src';

const NIGHTLY = scheduler.ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });

function taskWith(props: Partial<ScheduledTaskProps>, profile?: EnvironmentProfile) {
  const platform = new Platform(profile);
  const task = new ScheduledTask(platform.stack, 'Report', { cluster: platform.cluster, profile, image: IMAGE, schedule: NIGHTLY, ...props });
  return { platform, task, template: platform.template() };
}

/** The state machine as JSON, with each reference replaced by the logical id that it names. */
function definitionOf(template: Template): any {
  const { DefinitionString } = onlyResource(template, 'AWS::StepFunctions::StateMachine');
  const parts: any[] = DefinitionString['Fn::Join'][1];
  return JSON.parse(parts.map(part => typeof part === 'string' ? part : part.Ref ?? part['Fn::GetAtt'].join('.')).join(''));
}

function statementsOf(template: Template, beginning: string): any[] {
  return onlyResource(template, 'AWS::IAM::Policy', beginning).PolicyDocument.Statement;
}

test('the schedule starts the state machine in its time zone, and may start nothing else', () => {
  const { template } = taskWith({});
  const [stateMachine] = Object.keys(template.findResources('AWS::StepFunctions::StateMachine'));

  expect(onlyResource(template, 'AWS::Scheduler::Schedule')).toMatchObject({
    ScheduleExpression: 'cron(0 3 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin', State: 'ENABLED', Target: { Arn: { Ref: stateMachine } },
  });
  expect(statementsOf(template, 'SchedulerRole')).toEqual([{ Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: stateMachine } }]);
});

test('a run is left out while an earlier one is running; otherwise it is waited for, up to its time limit', () => {
  const definition = definitionOf(taskWith({ timeout: Duration.minutes(30) }).template);

  expect(definition).toMatchObject({
    StartAt: 'FindRunning',
    TimeoutSeconds: 1800,
    States: {
      FindRunning: {
        Type: 'Task',
        Resource: 'arn:AWS::Partition:states:::aws-sdk:ecs:listTasks',
        Parameters: { Cluster: expect.stringMatching(/^Cluster\w+\.Arn$/), DesiredStatus: 'RUNNING' },
        Next: 'IsRunning',
      },
      IsRunning: { Type: 'Choice', Choices: [{ Variable: '$.TaskArns[0]', IsPresent: true, Next: 'LeftOut' }], Default: 'Run' },
      Run: { Type: 'Task', Resource: 'arn:AWS::Partition:states:::ecs:runTask.sync', End: true },
      LeftOut: { Type: 'Succeed' },
    },
  });
  expect(definition.States.FindRunning.Parameters.Family).toBe(definition.States.Run.Parameters.TaskDefinition);
  expect(definition.States.Run).not.toHaveProperty('Catch');
});

test('overlap can be allowed, and nothing is listed then', () => {
  const { template } = taskWith({ allowOverlap: true });

  expect(Object.keys(definitionOf(template).States)).toEqual(['Run']);
  expect(JSON.stringify(statementsOf(template, 'ReportStateMachineRole'))).not.toContain('ecs:ListTasks');
});

test('the state machine may run this task and pass its two roles, and no others', () => {
  const { template } = taskWith({});
  const [taskDefinition] = Object.keys(template.findResources('AWS::ECS::TaskDefinition'));
  const statements = statementsOf(template, 'ReportStateMachineRole');
  const withAction = (action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));

  const [run] = withAction('ecs:RunTask');
  expect(withAction('ecs:RunTask')).toHaveLength(1);
  expect(JSON.stringify(run.Resource)).toContain(`"Ref":"${taskDefinition}"`);
  expect(run.Resource).not.toBe('*');
  expect(withAction('iam:PassRole').map(({ Resource }) => Resource)).toEqual([[
    { 'Fn::GetAtt': [expect.stringMatching(/^ReportTaskDefinitionTaskRole/), 'Arn'] },
    { 'Fn::GetAtt': [expect.stringMatching(/^ReportTaskExecutionRole/), 'Arn'] },
  ]]);
  expect(withAction('ecs:ListTasks')).toEqual([
    expect.objectContaining({ Condition: { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Arn'] } } } }),
  ]);
});

test.each<[string, Partial<ScheduledTaskProps>, object[]]>([
  ['production', {}, [{ CapacityProvider: 'FARGATE', Weight: 100 }]],
  ['development', {}, [{ CapacityProvider: 'FARGATE_SPOT', Weight: 100 }]],
  ['production', { spotShare: 50 }, [{ CapacityProvider: 'FARGATE', Weight: 50, Base: 1 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 50 }]],
])('in %s with %j it runs on %j, in private subnets', (name, props, expected) => {
  const { Parameters } = definitionOf(taskWith(props, EnvironmentProfile.fromName(name)).template).States.Run;

  expect(Parameters.CapacityProviderStrategy).toEqual(expected);
  expect(Parameters).not.toHaveProperty('LaunchType');
  expect(Parameters.NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual([expect.stringMatching(/^VpcPrivateSubnet1/), expect.stringMatching(/^VpcPrivateSubnet2/)]);
  expect(Parameters.NetworkConfiguration.AwsvpcConfiguration).not.toHaveProperty('AssignPublicIp', 'ENABLED');
});

test('failed and overdue runs alarm once, in production and not in development', () => {
  const { task, template } = taskWith({});

  expect(task.alarms).toHaveLength(1);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Threshold: 0,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
    AlarmDescription: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('A run failed.*First: ')])] },
    Metrics: Match.arrayWith([
      Match.objectLike({ MetricStat: { Metric: { Namespace: 'AWS/States', MetricName: 'ExecutionsFailed' } } }),
      Match.objectLike({ MetricStat: { Metric: { Namespace: 'AWS/States', MetricName: 'ExecutionsTimedOut' } } }),
    ]),
  });
  expect(taskWith({}, EnvironmentProfile.development()).task.alarms).toEqual([]);
  expect(taskWith({ alarms: true }, EnvironmentProfile.development()).task.alarms).toHaveLength(1);
});

test('runs are logged without their data, beside the logs of the task', () => {
  const { template } = taskWith({ logRetentionDays: 7 });

  template.hasResourceProperties('AWS::StepFunctions::StateMachine', { LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false }, TracingConfiguration: { Enabled: true } });
  template.resourceCountIs('AWS::Logs::LogGroup', 2);
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
});

test('a schedule can be paused', () => {
  taskWith({ enabled: false }).template.hasResourceProperties('AWS::Scheduler::Schedule', { State: 'DISABLED' });
});

test('two scheduled tasks in one stack keep their roles apart', () => {
  const platform = new Platform();
  for (const id of ['One', 'Two']) new ScheduledTask(platform.stack, id, { cluster: platform.cluster, image: IMAGE, schedule: NIGHTLY });
  const template = platform.template();

  expect(Object.keys(resourcesOf(template, 'AWS::IAM::Role', 'SchedulerRole'))).toHaveLength(2);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 2);
});

test('its row on the dashboard is 24 wide, and what it is made of is at hand', () => {
  const { task } = taskWith({});

  expect(task.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(24);
  expect(task.connections.securityGroups).toHaveLength(1);
  expect(task.grantPrincipal).toBe(task.taskDefinition.taskRole);
  expect(task.container.containerName).toBe('app');
});

test.each<[string, unknown, RegExp]>([
  ['no schedule', { schedule: undefined }, /schedule is missing[^]*ScheduleExpression\.cron/],
  ['a schedule as text', { schedule: 'rate(1 day)' }, /schedule is not what it should be/],
  ['a word for allowOverlap', { allowOverlap: 'no' }, /allowOverlap is not a boolean/],
  ['a word for enabled', { enabled: 'no' }, /enabled is not a boolean/],
  ['half a minute', { timeout: Duration.seconds(30) }, /timeout \(seconds\) is not a whole number from 60 to 1209600/],
  ['a time limit in broken seconds', { timeout: Duration.millis(90_500) }, /got: timeout \(seconds\) 90\.5/],
  ['no image', { image: undefined }, /image is missing/],
  ['Spot alone in production', { spotShare: 100 }, /Fargate Spot/],
])('a scheduled task with %s is refused before anything is made', (_, props, message) => {
  const platform = new Platform();

  expect(refusal(() => new ScheduledTask(platform.stack, 'Report', { cluster: platform.cluster, image: IMAGE, schedule: NIGHTLY, ...wrong<object>(props) }))).toMatch(message);
  expect(platform.stack.node.findChild('Report').node.children).toEqual([]);
});

test('a scheduled task without any properties is refused', () => {
  expect(refusal(() => new ScheduledTask(new Stack(), 'Report', wrong(undefined)))).toMatch(/cluster is missing/);
});
