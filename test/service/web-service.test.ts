import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { onlyResource, Platform, refusal, wrong } from './fixtures';
import { EnvironmentProfile, WebService, WebServiceProps } from '../../src';

function serviceWith(props: Partial<WebServiceProps>, profile?: EnvironmentProfile) {
  const platform = new Platform(profile);
  const service = platform.addService('Api', props);
  return { platform, service, template: platform.template() };
}

test('a deployment starts new tasks first, rolls back by itself, spreads over zones, and never resets the number of tasks', () => {
  const properties = onlyResource(serviceWith({}).template, 'AWS::ECS::Service');

  expect(properties).toMatchObject({
    DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 200, DeploymentCircuitBreaker: { Enable: true, Rollback: true } },
    AvailabilityZoneRebalancing: 'ENABLED',
    HealthCheckGracePeriodSeconds: 60,
    PropagateTags: 'SERVICE',
    EnableECSManagedTags: true,
  });
  expect(properties).not.toHaveProperty('DesiredCount');
  expect(properties).not.toHaveProperty('LaunchType');
});

test('tasks are in private subnets without a public address', () => {
  expect(onlyResource(serviceWith({}).template, 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration).toMatchObject({
    AssignPublicIp: 'DISABLED',
    Subnets: [{ Ref: expect.stringMatching(/^VpcPrivateSubnet1/) }, { Ref: expect.stringMatching(/^VpcPrivateSubnet2/) }],
  });
});

test('two health checks in a row decide, 15 seconds apart', () => {
  expect(onlyResource(serviceWith({}).template, 'AWS::ElasticLoadBalancingV2::TargetGroup', 'ApiTargetGroup')).toMatchObject({
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 15,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    Matcher: { HttpCode: '200' },
    TargetType: 'ip',
    TargetGroupAttributes: expect.arrayContaining([{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }]),
  });
});

test('health checks every five seconds wait for an answer for four', () => {
  const { template } = serviceWith({ healthCheckInterval: Duration.seconds(5), healthCheckPath: '/ready', deregistrationDelay: Duration.seconds(0), healthCheckGracePeriod: Duration.minutes(5) });

  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 4, HealthCheckPath: '/ready' });
  template.hasResourceProperties('AWS::ECS::Service', { HealthCheckGracePeriodSeconds: 300 });
});

test('the service waits for its rule, without which its target group has no load balancer', () => {
  serviceWith({}).template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ApiRule')]) });
});

test.each([
  ['development', 1, 2],
  ['staging', 1, 4],
  ['production', 2, 10],
])('in %s it scales from %s to %s tasks on CPU', (name, MinCapacity, MaxCapacity) => {
  const { template } = serviceWith({}, EnvironmentProfile.fromName(name));

  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity, MaxCapacity });
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    TargetTrackingScalingPolicyConfiguration: { TargetValue: 60, PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' } },
  });
  template.resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 1);
});

test('it scales on memory, requests and at given times where a team asks', () => {
  const { template } = serviceWith({
    minimumTasks: 3,
    maximumTasks: 30,
    targetCpuPercent: 50,
    targetMemoryPercent: 70,
    targetRequestsPerMinute: 600,
    schedules: [
      { name: 'Evening', schedule: appscaling.Schedule.cron({ hour: '20', minute: '0' }), minimumTasks: 1, maximumTasks: 2 },
      { name: 'Morning', schedule: appscaling.Schedule.cron({ hour: '6', minute: '0' }), minimumTasks: 3, maximumTasks: 30 },
    ],
  });

  for (const [PredefinedMetricType, TargetValue] of [['ECSServiceAverageCPUUtilization', 50], ['ECSServiceAverageMemoryUtilization', 70]]) {
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: { TargetValue, PredefinedMetricSpecification: { PredefinedMetricType } },
    });
  }
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 3,
    MaxCapacity: 30,
    ScheduledActions: [
      { ScheduledActionName: 'ScheduleEvening', ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 2 }, Schedule: 'cron(0 20 * * ? *)' },
      { ScheduledActionName: 'ScheduleMorning', ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 30 } },
    ],
  });
});

test.each<[string, Partial<WebServiceProps>, object[]]>([
  ['production', {}, [{ CapacityProvider: 'FARGATE', Weight: 100 }]],
  ['development', {}, [{ CapacityProvider: 'FARGATE_SPOT', Weight: 100 }]],
  ['production', { spotShare: 60 }, [{ CapacityProvider: 'FARGATE', Weight: 40, Base: 1 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 60 }]],
])('in %s with %j the capacity is %j', (name, props, expected) => {
  expect(onlyResource(serviceWith(props, EnvironmentProfile.fromName(name)).template, 'AWS::ECS::Service').CapacityProviderStrategy).toEqual(expected);
});

test.each<[string, Partial<WebServiceProps>, boolean]>([
  ['development', {}, true],
  ['development', { readonlyRootFilesystem: true }, false],
  ['development', { executeCommand: false }, false],
  ['staging', {}, false],
  ['staging', { executeCommand: true, readonlyRootFilesystem: false }, true],
  ['production', {}, false],
])('in %s with %j ECS Exec is on: %s', (name, props, expected) => {
  expect(onlyResource(serviceWith(props, EnvironmentProfile.fromName(name)).template, 'AWS::ECS::Service').EnableExecuteCommand).toBe(expected);
});

/** A metric of both target groups, as an alarm has it. */
function ofBoth(MetricName: string, Stat: string, Expression: string) {
  const metric = (group: string) => Match.objectLike({
    MetricStat: {
      Metric: Match.objectLike({ MetricName, Dimensions: Match.arrayWith([{ Name: 'TargetGroup', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(group), 'TargetGroupFullName'] } }]) }),
      Period: 60,
      Stat,
    },
  });
  return { Metrics: Match.arrayWith([Match.objectLike({ Expression }), metric('^ApiTargetGroup'), metric('^ApiAlternateTargetGroup')]) };
}

test('six alarms say what they mean and what to do first', () => {
  const { service, template } = serviceWith({ latencyTarget: Duration.millis(250) });
  const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'))
    .filter(([logicalId, { Properties }]) => !logicalId.includes('Firewall') && JSON.stringify(Properties.AlarmDescription).includes('. First: '));

  expect(service.alarms.map(alarm => alarm.node.id)).toEqual(['Errors', 'LatencyHigh', 'UnhealthyHosts', 'NoHealthyHosts', 'CpuHigh', 'MemoryHigh']);
  expect(alarms).toHaveLength(7);
  for (const expected of [
    { ...ofBoth('TargetResponseTime', 'p95', 'MAX([FILL(blueResponsetimep95s, 0), FILL(greenResponsetimep95s, 0)])'), Threshold: 0.25, EvaluationPeriods: 5, TreatMissingData: 'notBreaching' },
    { ...ofBoth('UnHealthyHostCount', 'Maximum', 'FILL(blueUnhealthytasks, 0) + FILL(greenUnhealthytasks, 0)'), Threshold: 1, EvaluationPeriods: 5, TreatMissingData: 'notBreaching' },
    {
      ...ofBoth('HealthyHostCount', 'Minimum', 'FILL(blueHealthytasks, 0) + FILL(greenHealthytasks, 0)'),
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
    },
    { MetricName: 'CPUUtilization', Period: 60, Statistic: 'Average', Threshold: 80, EvaluationPeriods: 5, TreatMissingData: 'breaching' },
    { MetricName: 'MemoryUtilization', Period: 60, Statistic: 'Average', Threshold: 80, EvaluationPeriods: 5, TreatMissingData: 'breaching' },
  ]) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', expected);
  }
});

test.each<[string, Partial<WebServiceProps>]>([
  ['always', { minimumTasks: 0 }],
  ['at night', { schedules: [{ name: 'Night', schedule: appscaling.Schedule.cron({ hour: '22' }), minimumTasks: 0, maximumTasks: 0 }] }],
])('a service that may have no task %s does not alarm for it', (_, props) => {
  const { template } = serviceWith(props);

  expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm', { Properties: { TreatMissingData: 'breaching' } }))).toEqual([]);
  const outage = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).find(([logicalId]) => logicalId.includes('NoHealthyHosts'))![1].Properties;
  const { Expression } = outage.Metrics.find(({ Expression: expression }: any) => expression);
  const FILL = (value: number | undefined, fill: number) => value ?? fill;
  const IF = (test: boolean, yes: number, no: number) => test ? yes : no;
  const fires = (healthy0?: number, unhealthy0?: number) =>
    new Function('FILL', 'IF', 'healthy0', 'unhealthy0', 'healthy1', 'unhealthy1', `return ${Expression};`)(FILL, IF, healthy0, unhealthy0) < outage.Threshold;
  const states = { noTask: fires(), served: fires(1, 0), partly: fires(1, 1), down: fires(0, 2) };
  expect(states).toEqual({ noTask: false, served: false, partly: false, down: true });
});

test('alarms follow the profile, and the prop wins over it', () => {
  expect(serviceWith({}, EnvironmentProfile.development()).service.alarms).toEqual([]);
  expect(serviceWith({ alarms: true }, EnvironmentProfile.development()).service.alarms).toHaveLength(6);
  expect(serviceWith({ alarms: false }).service.alarms).toEqual([]);
});

test('its row on the dashboard is 24 wide', () => {
  expect(serviceWith({}).service.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(24);
});

test('what it is made of is at hand', () => {
  const platform = new Platform();
  const service = platform.addService('Api');
  const bucketArn = 'arn:aws:s3:::bucket/*';
  service.taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [bucketArn] }));

  expect(service.grantPrincipal).toBe(service.taskDefinition.taskRole);
  expect(service.connections.securityGroups).toHaveLength(1);
  expect(service.container.containerName).toBe('app');
  platform.template().hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [{ Action: 's3:GetObject', Effect: 'Allow', Resource: bucketArn }] } });
});

test('numbers that are only known at deployment are passed on', () => {
  const platform = new Platform();
  const number = (id: string) => new CfnParameter(platform.stack, id, { type: 'Number' }).valueAsNumber;
  platform.addService('Api', {
    containerPort: number('Port'),
    cpu: number('Cpu'),
    memoryLimitMiB: number('Memory'),
    minimumTasks: number('Minimum'),
    maximumTasks: number('Maximum'),
    ephemeralStorageGiB: number('Disk'),
    healthCheckPath: new CfnParameter(platform.stack, 'Path').valueAsString,
    sidecars: [{ name: 'proxy', image: platform.serviceProps().image, ports: [number('ProxyPort')] }],
  });
  const template = platform.template();

  template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: { Ref: 'Cpu' }, Memory: { Ref: 'Memory' }, EphemeralStorage: { SizeInGiB: { Ref: 'Disk' } } });
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: { Ref: 'Minimum' }, MaxCapacity: { Ref: 'Maximum' } });
  template.hasResourceProperties('AWS::ECS::Service', { LoadBalancers: [{ ContainerPort: { Ref: 'Port' } }] });
});

test.each<[string, unknown, RegExp]>([
  ['no load balancer', { loadBalancer: undefined }, /loadBalancer is missing/],
  ['something else as load balancer', { loadBalancer: {} }, /loadBalancer is not what it should be[^]*a WebLoadBalancer/],
  ['no port', { containerPort: undefined }, /containerPort is missing/],
  ['port 0', { containerPort: 0 }, /containerPort is not a whole number from 1 to 65535/],
  ['port 65536', { containerPort: 65536 }, /containerPort is not a whole number/],
  ['a port as a string', { containerPort: '8000' }, /got: containerPort '8000'/],
  ['a health check path without /', { healthCheckPath: 'health' }, /healthCheckPath is not well-formed/],
  ['a health check path with a space', { healthCheckPath: '/he alth' }, /healthCheckPath is not well-formed/],
  ['too frequent health checks', { healthCheckInterval: Duration.seconds(4) }, /healthCheckInterval \(seconds\) is not a whole number from 5 to 300/],
  ['health checks in broken seconds', { healthCheckInterval: Duration.millis(7500) }, /got: healthCheckInterval \(seconds\) 7\.5/],
  ['an interval as a number', { healthCheckInterval: 15 }, /healthCheckInterval is not what it should be/],
  ['a grace period in broken seconds', { healthCheckGracePeriod: Duration.millis(1500) }, /healthCheckGracePeriod \(seconds\)/],
  ['a long deregistration', { deregistrationDelay: Duration.hours(2) }, /deregistrationDelay \(seconds\) is not a whole number from 0 to 3600/],
  ['no requests per minute', { targetRequestsPerMinute: 0 }, /targetRequestsPerMinute is not a whole number/],
  ['no latency', { latencyTarget: Duration.seconds(0) }, /latencyTarget \(milliseconds\)/],
  ['fewer tasks than none', { minimumTasks: -1 }, /minimumTasks is not a whole number from 0 to 5000/],
  ['more tasks at least than at most', { minimumTasks: 5, maximumTasks: 4 }, /minimumTasks is above maximumTasks[^]*got: minimumTasks 5, maximumTasks 4/],
  ["more tasks at least than the profile's at most", { minimumTasks: 11 }, /minimumTasks is above maximumTasks/],
  ['a CPU target of 5 %', { targetCpuPercent: 5 }, /targetCpuPercent is not a whole number from 10 to 95/],
  ['a memory target of 100 %', { targetMemoryPercent: 100 }, /targetMemoryPercent is not a whole number from 10 to 95/],
  ['ECS Exec and a read-only root', { executeCommand: true }, /ECS Exec needs a writable root file system/],
  ['a word for executeCommand', { executeCommand: 'yes' }, /executeCommand is not a boolean/],
  ['schedules as an object', { schedules: {} }, /schedules is not a list/],
  ['a schedule that is null', { schedules: [null] }, /schedules is not what it should be/],
  ['a schedule without a name', { schedules: [{ schedule: appscaling.Schedule.rate(Duration.days(1)), minimumTasks: 1 }] }, /schedule name is missing/],
  ['a schedule with a space in its name', { schedules: [{ name: 'at night', schedule: appscaling.Schedule.rate(Duration.days(1)), minimumTasks: 1 }] }, /schedule name is not well-formed/],
  ["a schedule of EventBridge's", { schedules: [{ name: 'Night', schedule: scheduler.ScheduleExpression.rate(Duration.days(1)), minimumTasks: 1 }] }, /schedule Night is not what it should be[^]*aws-applicationautoscaling/],
  ['a schedule that changes nothing', { schedules: [{ name: 'Night', schedule: appscaling.Schedule.rate(Duration.days(1)) }] }, /schedule 'Night' changes nothing/],
  ['two schedules of one name', { schedules: [1, 2].map(minimumTasks => ({ name: 'Night', schedule: appscaling.Schedule.rate(Duration.days(1)), minimumTasks })) }, /two schedules are named 'Night'/],
  ['a schedule with more at least than at most', { schedules: [{ name: 'Night', schedule: appscaling.Schedule.rate(Duration.days(1)), minimumTasks: 2, maximumTasks: 1 }] }, /schedule Night minimumTasks is above schedule Night maximumTasks/],
  ["a schedule with more at least than the service's at most", { schedules: [{ name: 'Day', schedule: appscaling.Schedule.rate(Duration.days(1)), minimumTasks: 20 }] }, /schedule Day minimumTasks is above maximumTasks/],
  ["a schedule with less at most than the service's at least", { schedules: [{ name: 'Night', schedule: appscaling.Schedule.rate(Duration.days(1)), maximumTasks: 1 }] }, /minimumTasks is above schedule Night maximumTasks/],
])('a service with %s is refused before anything is made', (_, props, message) => {
  const platform = new Platform();

  const refused = refusal(() => platform.addService('Api', wrong(props)));
  expect(refused).toMatch(message);
  expect(refused).toMatch(/^Platform\/Api: [^]*\n {2}got: [^]*\n {2}allowed: [^]*\n {2}fix: /);
  expect(platform.stack.node.findChild('Api').node.children).toEqual([]);
});

test('a service without any properties is refused', () => {
  expect(refusal(() => new WebService(new Stack(), 'Api', wrong(undefined)))).toMatch(/loadBalancer is missing/);
});
