import { App, Duration, Environment, Stage, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { IMAGE, Platform, resourcesOf } from './fixtures';
import { EnvironmentProfile, ScheduledTask, ServiceCluster, WebLoadBalancer, WebService, Worker, WorkerQueue } from '../../src';

function withEverything(env?: Environment): Platform {
  const platform = new Platform(EnvironmentProfile.production(), env);
  platform.addService('Api');
  new Worker(platform.stack, 'Worker', { cluster: platform.cluster, image: IMAGE, queue: WorkerQueue.managed() });
  new ScheduledTask(platform.stack, 'Report', { cluster: platform.cluster, image: IMAGE, schedule: scheduler.ScheduleExpression.rate(Duration.days(1)) });
  return platform;
}

test.each<[string, Environment | undefined]>([
  ['an environment-agnostic stack', undefined],
  ['a known region', { region: 'eu-central-1' }],
  ['a known account and region', { account: '111111111111', region: 'eu-central-1' }],
  ['China', { account: '111111111111', region: 'cn-north-1' }],
  ['GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
])('everything synthesizes in %s, with no ARN of a fixed partition', (_, env) => {
  const { stack } = withEverything(env);
  const text = JSON.stringify(Template.fromStack(stack).toJSON());

  expect(text).not.toMatch(/arn:aws:/);
  expect(text).not.toContain('amazonaws.com.cn/');
});

test('nothing is looked up from the account', () => {
  const { app, stack } = withEverything();

  expect(app.synth().getStackByName(stack.stackName).assets).toBeDefined();
  expect(app.synth().manifest.missing ?? []).toEqual([]);
});

test('two platforms live in one stack', () => {
  const stack = new Stack();
  for (const id of ['Blue', 'Green']) {
    const vpc = new ec2.Vpc(stack, `${id}Vpc`);
    const cluster = new ServiceCluster(stack, `${id}Cluster`, { vpc });
    const loadBalancer = new WebLoadBalancer(stack, `${id}Front`, { vpc });
    new WebService(stack, `${id}Api`, { cluster, loadBalancer, image: IMAGE, containerPort: 8000 });
    new Worker(stack, `${id}Worker`, { cluster, image: IMAGE, queue: WorkerQueue.managed() });
  }

  Template.fromStack(stack).resourceCountIs('AWS::ECS::Service', 4);
});

test('stages have the same resources, whatever they are nested in', () => {
  const app = new App();
  const idsIn = (stage: Stage) => {
    const stack = new Stack(stage, 'Platform');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    new WebService(stack, 'Api', {
      cluster: new ServiceCluster(stack, 'Cluster', { vpc }), loadBalancer: new WebLoadBalancer(stack, 'Front', { vpc }), image: IMAGE, containerPort: 8000,
    });
    return Object.keys(resourcesOf(Template.fromStack(stack), 'AWS::ElasticLoadBalancingV2::TargetGroup'));
  };

  expect(idsIn(new Stage(new Stage(app, 'Outer'), 'Staging'))).toEqual(idsIn(new Stage(app, 'Production')));
});
