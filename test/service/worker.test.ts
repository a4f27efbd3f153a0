import { Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { IMAGE, onlyResource, Platform, refusal, resourcesOf, wrong } from './fixtures';
import { EnvironmentProfile, Worker, WorkerProps, WorkerQueue } from '../../src';

function workerWith(props: Partial<WorkerProps> | ((platform: Platform) => Partial<WorkerProps>), profile?: EnvironmentProfile) {
  const platform = new Platform(profile);
  const given = typeof props === 'function' ? props(platform) : props;
  const worker = new Worker(platform.stack, 'Worker', { cluster: platform.cluster, profile, image: IMAGE, ...given });
  return { platform, worker, template: platform.template() };
}

test('a worker has no port, no load balancer and no health check grace period', () => {
  const { template } = workerWith({});
  const service = onlyResource(template, 'AWS::ECS::Service');

  expect(service).not.toHaveProperty('LoadBalancers');
  expect(service).not.toHaveProperty('HealthCheckGracePeriodSeconds');
  expect(service).not.toHaveProperty('DesiredCount');
  expect(onlyResource(template, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0]).not.toHaveProperty('PortMappings');
  template.resourceCountIs('AWS::SQS::Queue', 0);
});

test('a managed queue puts failed messages aside for 14 days, encrypted and over TLS only', () => {
  const { worker, template } = workerWith({ queue: WorkerQueue.managed({ visibilityTimeout: Duration.minutes(2), maximumAttempts: 5 }) });
  const [deadLetterQueue] = Object.keys(resourcesOf(template, 'AWS::SQS::Queue', 'WorkerDeadLetterQueue'));

  expect(worker.queue).toBeDefined();
  expect(worker.deadLetterQueue).toBeDefined();
  expect(onlyResource(template, 'AWS::SQS::Queue', 'WorkerQueue')).toMatchObject({
    SqsManagedSseEnabled: true, VisibilityTimeout: 120, RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [deadLetterQueue, 'Arn'] }, maxReceiveCount: 5 },
  });
  expect(onlyResource(template, 'AWS::SQS::Queue', 'WorkerDeadLetterQueue')).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
  template.resourceCountIs('AWS::SQS::QueuePolicy', 2);
  template.allResourcesProperties('AWS::SQS::QueuePolicy', {
    PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })] },
  });
});

test('the task may consume the queue and finds its address', () => {
  const { template } = workerWith({ queue: WorkerQueue.managed(), requiredVariables: ['QUEUE_URL'] });
  const [queue] = Object.keys(resourcesOf(template, 'AWS::SQS::Queue', 'WorkerQueue'));

  expect(onlyResource(template, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0].Environment).toEqual([{ Name: 'QUEUE_URL', Value: { Ref: queue } }]);
  expect(onlyResource(template, 'AWS::IAM::Policy', 'WorkerTaskDefinitionTaskRole').PolicyDocument.Statement).toEqual([{
    Effect: 'Allow',
    Action: ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
  }]);
});

test("a team's own QUEUE_URL wins, plain or secret", () => {
  const plain = workerWith({ queue: WorkerQueue.managed(), environment: { QUEUE_URL: 'http://127.0.0.1:9324/queue' } });
  const secret = workerWith(({ stack }) => ({ queue: WorkerQueue.managed(), secrets: { QUEUE_URL: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Url')) } }));

  expect(onlyResource(plain.template, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0].Environment).toEqual([{ Name: 'QUEUE_URL', Value: 'http://127.0.0.1:9324/queue' }]);
  expect(onlyResource(secret.template, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0]).not.toHaveProperty('Environment');
});

test('queues are encrypted with the key given, which the task may use', () => {
  const { template } = workerWith(({ stack }) => ({ queue: WorkerQueue.managed(), encryptionKey: new kms.Key(stack, 'Key') }));
  const [key] = Object.keys(template.findResources('AWS::KMS::Key'));

  template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt', Resource: { 'Fn::GetAtt': [key, 'Arn'] } })]) },
  });
});

test('it scales on the messages that wait for each task, beside CPU', () => {
  const { template } = workerWith({ queue: WorkerQueue.managed(), targetBacklogPerTask: 20 });
  const [target] = Object.keys(template.findResources('AWS::ApplicationAutoScaling::ScalableTarget'));
  const [queue] = Object.keys(resourcesOf(template, 'AWS::SQS::Queue', 'WorkerQueue'));
  const [service] = Object.keys(template.findResources('AWS::ECS::Service'));

  template.resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 2);
  expect(onlyResource(template, 'AWS::ApplicationAutoScaling::ScalingPolicy', 'WorkerBacklogScaling')).toEqual({
    PolicyName: 'WorkerBacklog',
    PolicyType: 'TargetTrackingScaling',
    ScalingTargetId: { Ref: target },
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 20,
      CustomizedMetricSpecification: {
        Metrics: [
          {
            Id: 'waiting',
            ReturnData: false,
            MetricStat: {
              Metric: { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }] },
              Stat: 'Maximum',
            },
          },
          {
            Id: 'tasks',
            ReturnData: false,
            MetricStat: {
              Metric: {
                Namespace: 'AWS/ECS',
                MetricName: 'CPUUtilization',
                Dimensions: [{ Name: 'ClusterName', Value: { Ref: expect.stringMatching(/^Cluster/) } }, { Name: 'ServiceName', Value: { 'Fn::GetAtt': [service, 'Name'] } }],
              },
              Stat: 'SampleCount',
            },
          },
          { Id: 'backlog', ReturnData: true, Label: 'Messages waiting for each task', Expression: 'IF(FILL(tasks, 0) < 1, waiting, waiting / tasks)' },
        ],
      },
    },
  });
});

test('an existing queue is read and never made', () => {
  const { worker, template } = workerWith(({ stack }) => ({
    queue: WorkerQueue.existing(sqs.Queue.fromQueueArn(stack, 'Existing', 'arn:aws:sqs:eu-central-1:111111111111:jobs'), sqs.Queue.fromQueueArn(stack, 'Failed', 'arn:aws:sqs:eu-central-1:111111111111:failed')),
  }));

  template.resourceCountIs('AWS::SQS::Queue', 0);
  expect(worker.alarms.map(alarm => alarm.node.id)).toEqual(['CpuHigh', 'MemoryHigh', 'MessagesOld', 'MessagesFailed']);
  template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [Match.objectLike({ Resource: 'arn:aws:sqs:eu-central-1:111111111111:jobs' })] } });
});

test('late and failed messages alarm', () => {
  const { template } = workerWith({ queue: WorkerQueue.managed(), maximumMessageAge: Duration.seconds(90) });

  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'ApproximateAgeOfOldestMessage',
    Statistic: 'Maximum',
    Threshold: 90,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    EvaluationPeriods: 15,
    TreatMissingData: 'notBreaching',
    AlarmDescription: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('longer than 1.5 minutes.*First: ')])] },
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Statistic: 'Maximum',
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: 1,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WorkerDeadLetterQueue'), 'QueueName'] } }],
  });
});

test('alarms follow the profile, and the prop wins over it', () => {
  expect(workerWith({}).worker.alarms).toHaveLength(2);
  expect(workerWith({}, EnvironmentProfile.development()).worker.alarms).toEqual([]);
  expect(workerWith({ alarms: true }, EnvironmentProfile.development()).worker.alarms).toHaveLength(2);
});

test('a worker that may have no task does not alarm for it', () => {
  const { template } = workerWith({ minimumTasks: 0 });

  expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm', { Properties: { TreatMissingData: 'breaching' } }))).toEqual([]);
});

test('its row on the dashboard fits, with and without a queue', () => {
  const width = (props: Partial<WorkerProps>) => workerWith(props).worker.dashboardWidgets().reduce((sum, widget) => sum + widget.width, 0);

  expect(width({ queue: WorkerQueue.managed() })).toBe(24);
  expect(width({})).toBeLessThanOrEqual(24);
  expect(workerWith(({ stack }) => ({ queue: WorkerQueue.existing(new sqs.Queue(stack, 'Jobs')) })).worker.dashboardWidgets()).toHaveLength(3);
});

test('two workers in two stacks have scaling policies of one name without a clash: a name is unique within its target', () => {
  const one = workerWith({ queue: WorkerQueue.managed() });
  const two = workerWith({ queue: WorkerQueue.managed() });
  const target = (template: typeof one.template) => onlyResource(template, 'AWS::ApplicationAutoScaling::ScalableTarget').ResourceId;

  expect(JSON.stringify(target(one.template))).toContain('service/');
  expect(onlyResource(two.template, 'AWS::ApplicationAutoScaling::ScalingPolicy', 'WorkerBacklogScaling').ScalingTargetId).toBeDefined();
});

test.each<[string, unknown, RegExp]>([
  ['a backlog without a queue', { targetBacklogPerTask: 10 }, /there is no queue whose backlog could scale the worker/],
  ['a backlog of nothing', { queue: WorkerQueue.managed(), targetBacklogPerTask: 0 }, /targetBacklogPerTask is not a whole number/],
  ['a queue and no task', { queue: WorkerQueue.managed(), minimumTasks: 0 }, /backlog per task needs a running task/],
  ['the name of a queue', { queue: 'jobs' }, /queue is not what it should be[^]*WorkerQueue\.managed\(\)/],
  ['an existing queue that is undefined', { queue: WorkerQueue.existing(wrong(undefined)) }, /queue is missing/],
  ['the URL of an existing queue', { queue: WorkerQueue.existing(wrong('https://sqs…')) }, /queue is not what it should be[^]*an sqs\.IQueue/],
  ['the URL of a dead-letter queue', { queue: WorkerQueue.existing(wrong({ queueArn: 'x' }), wrong('https://sqs…')) }, /deadLetterQueue is not what it should be/],
  ['a long visibility timeout', { queue: WorkerQueue.managed({ visibilityTimeout: Duration.hours(13) }) }, /queue visibilityTimeout \(seconds\) is not a whole number from 0 to 43200/],
  ['a visibility timeout in broken seconds', { queue: WorkerQueue.managed({ visibilityTimeout: Duration.millis(1500) }) }, /queue visibilityTimeout \(seconds\) 1\.5/],
  ['no attempt', { queue: WorkerQueue.managed({ maximumAttempts: 0 }) }, /queue maximumAttempts is not a whole number from 1 to 1000/],
  ['a short message age', { queue: WorkerQueue.managed(), maximumMessageAge: Duration.seconds(30) }, /maximumMessageAge \(seconds\) is not a whole number from 60/],
])('a worker with %s is refused before anything is made', (_, props, message) => {
  const platform = new Platform();

  expect(refusal(() => new Worker(platform.stack, 'Worker', { cluster: platform.cluster, image: IMAGE, ...wrong<object>(props) }))).toMatch(message);
  expect(platform.stack.node.findChild('Worker').node.children).toEqual([]);
});

test('a worker without any properties is refused', () => {
  expect(refusal(() => new Worker(new Stack(), 'Worker', wrong(undefined)))).toMatch(/cluster is missing/);
});
