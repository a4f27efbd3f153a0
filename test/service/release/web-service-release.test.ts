import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EnvironmentProfile, ReleaseStrategy, WebServiceProps, Worker } from '../../../src';
import { IMAGE, onlyResource, Platform, refusal, resourcesOf, wrong } from '../fixtures';

const MIGRATIONS = { command: ['alembic', 'upgrade', 'head'] };
const SMOKE_TESTS = [{ path: '/health', expectedFields: { status: 'healthy' } }];

function deployed(props: Partial<WebServiceProps> = {}, profile?: EnvironmentProfile) {
  const platform = new Platform(profile);
  const service = platform.addService('Api', props);
  const template = platform.template();
  const found = Object.values(resourcesOf(template, 'AWS::ECS::Service'))[0];
  return { platform, service, template, resource: found, deployment: found.Properties.DeploymentConfiguration };
}

test('in production the new version starts beside the old one, is tested there, takes all traffic, and bakes', () => {
  const { template, resource, deployment } = deployed();

  expect(deployment).toMatchObject({ Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 10, DeploymentCircuitBreaker: { Enable: true, Rollback: true } });
  expect(resource.Properties.LoadBalancers).toEqual([expect.objectContaining({
    TargetGroupArn: { Ref: expect.stringMatching(/^ApiTargetGroup/) },
    AdvancedConfiguration: {
      AlternateTargetGroupArn: { Ref: expect.stringMatching(/^ApiAlternateTargetGroup/) },
      ProductionListenerRule: { Ref: expect.stringMatching(/^ApiRule/) },
      TestListenerRule: { Ref: expect.stringMatching(/^ApiTestRule/) },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiLoadBalancerRole/), 'Arn'] },
    },
  })]);
  expect(resource.DependsOn).toEqual(expect.arrayContaining([
    expect.stringMatching(/^ApiRule/), expect.stringMatching(/^ApiTestRule/), expect.stringMatching(/^ApiLoadBalancerRole/), expect.stringMatching(/^ApiRuleGuard|^ApiGuard/),
  ]));
  expect(Object.keys(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'))).toHaveLength(2);
});

test('in development task follows task: no test listener, no hooks, nobody to shift traffic', () => {
  const { template, resource, deployment } = deployed({}, EnvironmentProfile.development());

  expect(deployment.Strategy).toBeUndefined();
  expect(deployment.LifecycleHooks).toBeUndefined();
  expect(resource.Properties.LoadBalancers[0].AdvancedConfiguration).toBeUndefined();
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 1);
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 1);
});

test.each([
  [ReleaseStrategy.canary({ stepPercent: 5, stepBakeTime: Duration.minutes(4) }), {
    Strategy: 'CANARY', BakeTimeInMinutes: 10, CanaryConfiguration: { CanaryPercent: 5, CanaryBakeTimeInMinutes: 4 },
  }],
  [ReleaseStrategy.linear({ bakeTime: Duration.minutes(0) }), {
    Strategy: 'LINEAR', BakeTimeInMinutes: 0, LinearConfiguration: { StepPercent: 20, StepBakeTimeInMinutes: 3 },
  }],
])('%s is told to ECS', (release, expected) => {
  expect(deployed({ release }, EnvironmentProfile.development()).deployment).toMatchObject(expected);
});

test('ECS calls the migration before the first new task and the smoke tests before any user, and nothing else', () => {
  const { template, resource, deployment } = deployed({ migrations: MIGRATIONS, smokeTests: SMOKE_TESTS });

  const definition = { Ref: expect.stringMatching(/^ApiTaskDefinition/) };
  expect(deployment.LifecycleHooks).toEqual([
    expect.objectContaining({
      LifecycleStages: ['PRE_SCALE_UP'],
      HookTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiMigrations/), 'Arn'] },
      HookDetails: expect.objectContaining({ taskDefinition: { Ref: expect.stringMatching(/^ApiMigrationsTask/) }, serviceTaskDefinition: definition }),
    }),
    expect.objectContaining({
      LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
      HookTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiSmokeTestHook/), 'Arn'] },
      HookDetails: expect.objectContaining({ serviceTaskDefinition: definition }),
    }),
  ]);
  const functions = deployment.LifecycleHooks.map(({ HookTargetArn }: { HookTargetArn: object }) => HookTargetArn);
  template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: { Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: functions }] },
    Roles: [{ Ref: Match.stringLikeRegexp('^ApiHookRole') }],
  });
  expect(resource.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ApiHookRole.*Policy|^ApiHookRolePolicy/), expect.stringMatching(/^ApiMigrationsRun/)]));
});

test('a pause waits for a person after the tests, once, and rolls back when nobody comes', () => {
  const { deployment } = deployed({ release: ReleaseStrategy.canary({ pause: { timeout: Duration.hours(4) } }) });

  expect(deployment.LifecycleHooks).toEqual([{
    TargetType: 'PAUSE', LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'], TimeoutConfiguration: { TimeoutInMinutes: 240, Action: 'ROLLBACK' },
  }]);
});

test('errors, latency and unhealthy tasks turn a release back, whatever the strategy', () => {
  for (const release of [ReleaseStrategy.rolling(), ReleaseStrategy.blueGreen()]) {
    const { deployment } = deployed({ release });
    const names = ['Errors', 'LatencyHigh', 'UnhealthyHosts'].map(id => ({ Ref: expect.stringMatching(`^Api${id}`) }));
    expect(deployment.Alarms).toEqual({ AlarmNames: names, Enable: true, Rollback: true });
  }
  expect(deployed({ alarms: false }).deployment.Alarms).toMatchObject({ AlarmNames: [], Enable: false });
});

test('alarms look at both target groups, of which either may be live', () => {
  const { template } = deployed();
  const groups = Object.keys(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'));
  for (const id of ['ApiErrors', 'ApiLatencyHigh', 'ApiUnhealthyHosts', 'ApiNoHealthyHosts']) {
    const alarm = JSON.stringify(onlyResource(template, 'AWS::CloudWatch::Alarm', id).Metrics);
    for (const group of groups) expect(alarm).toContain(group);
  }
});

test('requests scale the service whichever group is live', () => {
  const { template } = deployed({ targetRequestsPerMinute: 500 });
  const groups = Object.keys(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'));
  const policies = Object.values(resourcesOf(template, 'AWS::ApplicationAutoScaling::ScalingPolicy'))
    .map(({ Properties }) => Properties.TargetTrackingScalingPolicyConfiguration)
    .filter(({ CustomizedMetricSpecification }) => CustomizedMetricSpecification);

  expect(policies).toHaveLength(1);
  expect(policies[0].TargetValue).toBe(500);
  expect(policies[0].PredefinedMetricSpecification).toBeUndefined();
  for (const group of groups) expect(JSON.stringify(policies[0])).toContain(group);
});

test('the test listener is open to the smoke tests and to whom a team names, and to no address', () => {
  const platform = new Platform();
  platform.addService('Api', { smokeTests: SMOKE_TESTS });
  const bastion = new ec2.SecurityGroup(platform.stack, 'Bastion', { vpc: platform.vpc });
  platform.loadBalancer.allowTestTrafficFrom(bastion);
  const template = platform.template();
  const open = [
    ...Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties),
    ...Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroup')).flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []),
  ].filter(({ FromPort, ToPort }) => FromPort <= 9000 && ToPort >= 9000);

  expect(open).toHaveLength(2);
  for (const rule of open) {
    expect(rule.SourceSecurityGroupId).toBeDefined();
    expect(rule.CidrIp).toBeUndefined();
  }
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 9000, Protocol: 'HTTP' });
});

test('services of one load balancer share its test listener, which has its certificate, each with a rule of its own', () => {
  const platform = new Platform();
  const certificate = acm.Certificate.fromCertificateArn(platform.stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/a');
  const loadBalancer = platform.addLoadBalancer('Front', { certificate, domainName: 'api.example.com' });
  platform.addService('Api', { loadBalancer, smokeTests: SMOKE_TESTS });
  platform.addService('Admin', { loadBalancer, paths: ['/admin/*'] });
  const template = platform.template();

  const [listener] = Object.entries(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::Listener')).filter(([, { Properties }]) => Properties.Port === 9000);
  expect(listener[1].Properties).toMatchObject({ Protocol: 'HTTPS', Certificates: [{ CertificateArn: expect.stringContaining(':certificate/a') }] });
  for (const service of ['Api', 'Admin']) {
    const [rule, test] = [`${service}Rule`, `${service}TestRule`].map(id => onlyResource(template, 'AWS::ElasticLoadBalancingV2::ListenerRule', id));
    expect(test).toEqual({ ...rule, ListenerArn: { Ref: listener[0] } });
  }
  expect(loadBalancer.testListener).toBeDefined();
});

test('a change of the release strategy leaves the rule that brings users as it is', () => {
  const rules = [ReleaseStrategy.rolling(), ReleaseStrategy.blueGreen(), ReleaseStrategy.canary(), ReleaseStrategy.linear()]
    .map(release => resourcesOf(deployed({ release, migrations: MIGRATIONS, smokeTests: SMOKE_TESTS }).template, 'AWS::ElasticLoadBalancingV2::ListenerRule', 'ApiRule'));

  for (const rule of rules) expect(rule).toEqual(rules[0]);
});

test('a migration has what the service has, and its own where they differ', () => {
  const platform = new Platform();
  const secret = (id: string) => ecs.Secret.fromSecretsManager(new secretsmanager.Secret(platform.stack, id));
  const service = platform.addService('Api', {
    cpu: 1024,
    memoryLimitMiB: 4096,
    environment: { LOG_LEVEL: 'info', MODE: 'serve' },
    secrets: { DATABASE_URL: secret('Application'), API_KEY: secret('Key') },
    migrations: { ...MIGRATIONS, environment: { MODE: 'migrate', API_KEY: 'none' }, secrets: { DATABASE_URL: secret('Owner') } },
  });
  const definition = onlyResource(platform.template(), 'AWS::ECS::TaskDefinition', 'ApiMigrations');
  const [container] = definition.ContainerDefinitions;

  expect(definition).toMatchObject({ Cpu: '1024', Memory: '4096' });
  expect(container.Command).toEqual(MIGRATIONS.command);
  expect(container.Environment).toEqual(expect.arrayContaining([
    { Name: 'LOG_LEVEL', Value: 'info' }, { Name: 'MODE', Value: 'migrate' }, { Name: 'API_KEY', Value: 'none' },
  ]));
  expect(container.Secrets).toEqual([{ Name: 'DATABASE_URL', ValueFrom: { Ref: expect.stringMatching(/^Owner/) } }]);
  expect(service.migrations!.taskDefinition).toBeDefined();
});

test('a release is given the time that it takes by design before it counts as stuck', () => {
  const { service } = deployed({
    release: ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(7), pause: { timeout: Duration.minutes(30) } }),
    migrations: { ...MIGRATIONS, timeout: Duration.minutes(20) },
    healthCheckGracePeriod: Duration.minutes(3),
  });

  expect(service.longestRelease.toMinutes()).toBe(15 + 3 + 20 + 30 + 7);
});

test.each<[string, Partial<WebServiceProps>, RegExp]>([
  ['a strategy as text', { release: wrong('canary') }, /release is not what it should be[\s\S]*ReleaseStrategy.blueGreen\(\)/],
  ['migrations as a command line', { migrations: wrong('alembic upgrade head') }, /migrations is not an object/],
  ['migrations without a command', { migrations: wrong({}) }, /migrations is not what it should be[\s\S]*alembic/],
  ['migrations with an empty command', { migrations: { command: [] } }, /command/],
  ['a migration without end', { migrations: { ...MIGRATIONS, timeout: Duration.hours(3) } }, /timeout/],
  ['a smoke test of a relative path', { smokeTests: [{ path: 'health' }] }, /path/],
  ['smoke tests as text', { smokeTests: wrong('/health') }, /smokeTests is not a list/],
])('%s is refused before anything is made', (_, props, message) => {
  const platform = new Platform();
  expect(refusal(() => platform.addService('Api', props))).toMatch(message);
});

test('tests go to the name that users call: the service\'s host, the load balancer\'s domain, or whatever the certificate says', () => {
  const platform = new Platform();
  const certificate = acm.Certificate.fromCertificateArn(platform.stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/a');
  const named = platform.addLoadBalancer('Named', { certificate, domainName: 'api.example.com' });
  const unnamed = platform.addLoadBalancer('Unnamed', { certificate });

  expect([named._testTarget(['*.shop.example.com']), named._testTarget([]), unnamed._testTarget([])].map(({ host }) => host))
    .toEqual(['smoke-test.shop.example.com', 'api.example.com', undefined]);
});

test('a worker, which no load balancer brings requests to, is refused a release that shifts requests', () => {
  const platform = new Platform();
  const { stack, cluster } = platform;
  const worker = (id: string, release: ReleaseStrategy) => new Worker(stack, id, wrong({ cluster, image: IMAGE, release }));

  expect(refusal(() => worker('Shifting', ReleaseStrategy.canary()))).toMatch(/nothing here is requested through a load balancer[\s\S]*make it a WebService/);
  expect(worker('Rolling', ReleaseStrategy.rolling()).service).toBeDefined();
});

test('smoke tests of a rolling release run after each deployment, against the address of users', () => {
  const { template } = deployed({ smokeTests: SMOKE_TESTS }, EnvironmentProfile.development());

  const [run] = Object.values(resourcesOf(template, 'Custom::SmokeTests'));
  expect(run.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ApiService/)]));
  expect(run.Properties.Version).toEqual({ Ref: expect.stringMatching(/^ApiTaskDefinition/) });
  expect(JSON.stringify(run.Properties.Url)).toContain('DNSName');
});

test('behind an internal load balancer they come from inside the network', () => {
  const platform = new Platform(EnvironmentProfile.development());
  const loadBalancer = platform.addLoadBalancer('Inside', { internal: true });
  platform.addService('Api', { loadBalancer, smokeTests: SMOKE_TESTS });
  const template = platform.template();

  expect(onlyResource(template, 'AWS::Lambda::Function', 'ApiSmokeTests').VpcConfig.SubnetIds).toBeDefined();
  const sources = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress', 'InsideSecurityGroup')).map(({ Properties }) => JSON.stringify(Properties));
  expect(sources.filter(source => source.includes('ApiSmokeTests') && source.includes('"FromPort":80'))).toHaveLength(1);
});

test('behind a load balancer for certain addresses only, smoke tests of a rolling release are left out with a warning', () => {
  const platform = new Platform(EnvironmentProfile.development());
  const loadBalancer = platform.addLoadBalancer('Office', { allowedCidrs: ['203.0.113.0/24'] });
  platform.addService('Api', { loadBalancer, smokeTests: SMOKE_TESTS });

  Annotations.fromStack(platform.stack).hasWarning('/Platform/Api', Match.stringLikeRegexp('smokeTests are left out: .*allowedCidrs'));
  platform.template().resourceCountIs('Custom::SmokeTests', 0);
});
