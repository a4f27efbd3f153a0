import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { EnvironmentProfile, FargateApiWithRds, ReleaseStrategy, WorkerQueue } from 'cdk-web-platform';

const app = new App();
const stack = new Stack(app, 'IntegFargateApiWithRds');
const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:stable');
// All on demand and small, and quick to throw away; alarms on, so that they are deployed too.
const profile = EnvironmentProfile.development().with({ alarms: true, spotShare: 0 });

const api = new FargateApiWithRds(stack, 'Api', {
  profile,
  image,
  containerPort: 80,
  healthCheckPath: '/',
  cache: true,
  proxy: true,
  release: ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(1) }),
  migrations: { command: ['true'] },
  smokeTests: [{ path: '/' }],
});
const admin = api.addService('Admin', { image, containerPort: 80, healthCheckPath: '/', paths: ['/admin/*'] });
const worker = api.addWorker('Mailer', { image, queue: WorkerQueue.managed() });
const nightly = api.addScheduledTask('Nightly', { image, command: ['true'], schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '0' }) });

const test = new IntegTest(app, 'Test', { testCases: [stack], diffAssets: true });

const services = test.assertions.awsApiCall('ECS', 'describeServices', {
  cluster: api.cluster.clusterName,
  services: [api.service.service.serviceName, admin.service.serviceName, worker.service.serviceName],
});
services.expect(ExpectedResult.objectLike({
  services: Match.arrayWith([Match.objectLike({
    deploymentConfiguration: Match.objectLike({
      deploymentCircuitBreaker: Match.objectLike({ enable: true, rollback: true }),
      maximumPercent: 200,
      minimumHealthyPercent: 100,
    }),
  })]),
}));

// A second deployment in an account (`--update-on-failed` after a change) shows ECS turning the weights of the rule.
test.assertions.awsApiCall('ECS', 'describeServices', { cluster: api.cluster.clusterName, services: [api.service.service.serviceName] })
  .expect(ExpectedResult.objectLike({ services: [Match.objectLike({ deploymentConfiguration: Match.objectLike({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 }) })] }));

// The same kind of task as a release's migration, by hand.
test.assertions.invokeFunction({ functionName: api.service.migrations!.function.functionName, payload: JSON.stringify({ command: ['true'] }) })
  .expect(ExpectedResult.objectLike({ Payload: Match.stringLikeRegexp('"exitCode": ?0') }));

test.assertions.awsApiCall('ECS', 'describeTaskDefinition', { taskDefinition: api.service.taskDefinition.taskDefinitionArn })
  .expect(ExpectedResult.objectLike({
    taskDefinition: Match.objectLike({
      runtimePlatform: Match.objectLike({ cpuArchitecture: 'ARM64' }),
      containerDefinitions: Match.arrayWith([Match.objectLike({
        name: 'app',
        secrets: Match.arrayWith([Match.objectLike({ name: 'DATABASE_URL' }), Match.objectLike({ name: 'REDIS_URL' })]),
      })]),
    }),
  }));

test.assertions.awsApiCall('SecretsManager', 'getSecretValue', { SecretId: api.database.applicationSecret.secretArn })
  .expect(ExpectedResult.objectLike({ SecretString: Match.stringLikeRegexp('postgresql://app_[ab]:[^@]+@[^/]+/app\\?sslmode=require') }));

test.assertions.awsApiCall('SecretsManager', 'getSecretValue', { SecretId: api.cache!.secret.secretArn })
  .expect(ExpectedResult.objectLike({ SecretString: Match.stringLikeRegexp('rediss://') }));

test.assertions.awsApiCall('elastic-load-balancing-v2', 'describeRules', { ListenerArn: api.loadBalancer.listener.listenerArn })
  .expect(ExpectedResult.objectLike({
    Rules: Match.arrayWith([Match.objectLike({ Conditions: Match.arrayWith([Match.objectLike({ Field: 'path-pattern', Values: ['/admin/*'] })]) })]),
  }));

test.assertions.awsApiCall('SFN', 'describeStateMachine', { stateMachineArn: nightly.stateMachine.stateMachineArn })
  .expect(ExpectedResult.objectLike({ status: 'ACTIVE' }))
  .waitForAssertions({ totalTimeout: Duration.minutes(2) });
