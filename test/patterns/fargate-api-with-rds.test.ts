import { App, Duration, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  EnvironmentProfile, FargateApiWithRds, FargateApiWithRdsProps, PostgresDatabase, RedisCache, ServiceCluster, WebLoadBalancer, WebNetwork,
  WorkerQueue,
} from '../../src';
import { describeEdges, INTERNET, reachable, securityEdges } from '../security-graph';

const image = ecs.ContainerImage.fromRegistry('example/api');
const PROFILES = ['development', 'staging', 'production'];

function zone(stack: Stack): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName: 'example.com' });
}

function make(props: Partial<FargateApiWithRdsProps> = {}, stack = new Stack(new App(), 'Stack')) {
  const api = new FargateApiWithRds(stack, 'Api', { image, containerPort: 8080, ...props });
  return { stack, api, template: () => Template.fromStack(stack) };
}

/** The container definitions of a template, by the logical id of their task definition. */
function variables(template: Template, id: RegExp): { plain: string[]; secret: string[] } {
  const [[, definition]] = Object.entries(template.findResources('AWS::ECS::TaskDefinition')).filter(([logicalId]) => id.test(logicalId));
  const [container] = definition.Properties.ContainerDefinitions;
  const names = (list: { Name: string }[] = []) => list.map(({ Name }) => Name).sort();
  return { plain: names(container.Environment), secret: names(container.Secrets) };
}

test.each(PROFILES)('the %s profile makes the same template as before', profile => {
  const app = new App({ context: { 'aws:cdk:disable-asset-staging': true } });
  const { template } = make({ profile: EnvironmentProfile.fromName(profile), cache: true }, new Stack(app, 'Stack'));
  const hashed = JSON.stringify(template().toJSON(), null, 1).replace(/[0-9a-f]{64}/g, 'HASH');
  expect(JSON.parse(hashed)).toMatchSnapshot();
});

test('a first stack has network, database, cluster, load balancer, service, secrets and alarms', () => {
  const { template } = make();
  const counts = [
    ['AWS::EC2::VPC', 1], ['AWS::RDS::DBInstance', 1], ['AWS::ECS::Cluster', 1], ['AWS::ElasticLoadBalancingV2::LoadBalancer', 1],
    ['AWS::ECS::Service', 1], ['AWS::SecretsManager::Secret', 2], ['AWS::CloudWatch::Dashboard', 1], ['AWS::ElastiCache::ReplicationGroup', 0],
  ] as const;
  for (const [type, count] of counts) template().resourceCountIs(type, count);
  expect(Object.keys(template().findResources('AWS::CloudWatch::Alarm')).length).toBeGreaterThan(10);
});

/** `ApiServiceTaskSecurityGroupB7C16653` reads as `Service`. */
function nameOf(group: string): string {
  return group.replace(/^Api/, '').replace(/(Task)?SecurityGroup[0-9A-F]{8}$/, '');
}

test('security groups let the internet to the load balancer, that to the service, that to database and cache, and nothing else', () => {
  const stack = new Stack(new App(), 'Stack');
  const { template } = make({ cache: true, domainName: 'api.example.com', hostedZone: zone(stack) }, stack);

  const fromInternet = [
    'LoadBalancer -> Service: tcp 8080',
    'Service -> Cache: tcp 6379',
    'Service -> Database: tcp 5432',
    'Service -> LoadBalancer: tcp 443',
    'Service -> internet: tcp 443',
    'internet -> LoadBalancer: tcp 443',
    'internet -> LoadBalancer: tcp 80',
  ];
  expect(describeEdges(reachable(template(), INTERNET), nameOf)).toEqual(fromInternet);
  expect(describeEdges(securityEdges(template()), nameOf)).toEqual([
    ...fromInternet,
    'DatabaseCredentials -> Database: tcp 5432',
    'DatabaseCredentials -> LoadBalancer: tcp 443',
    'DatabaseCredentials -> internet: tcp 443',
  ].sort());
});

test('the data tier can call nobody, with a proxy but the database behind it', () => {
  const { template } = make({ cache: true, proxy: true });
  const outOfData = describeEdges(securityEdges(template()), nameOf).filter(edge => /^(Database|Cache|DatabaseProxy\w*) -> /.test(edge));
  expect(outOfData).toEqual(['DatabaseProxy -> Database: tcp 5432']);
});

test('the service has the addresses of its data, and starts when the database has its logins', () => {
  const { template } = make({ cache: true });
  expect(variables(template(), /^ApiServiceTask/)).toEqual({ plain: [], secret: ['DATABASE_URL', 'REDIS_URL'] });
  template().hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('DatabaseCredentials')]) });
});

test('migrations log in as the owner where the service logs in as the application, reach the database, and wait for both logins', () => {
  const { api, template } = make({ migrations: { command: ['migrate'] } });
  const urlOf = (id: RegExp) => {
    const [[, definition]] = Object.entries(template().findResources('AWS::ECS::TaskDefinition')).filter(([logicalId]) => id.test(logicalId));
    return JSON.stringify(definition.Properties.ContainerDefinitions[0].Secrets.find(({ Name }: { Name: string }) => Name === 'DATABASE_URL').ValueFrom);
  };

  expect(urlOf(/^ApiServiceMigrationsTaskDefinition/)).toMatch(/ApiDatabaseOwnerSecret.*:url::/);
  expect(urlOf(/^ApiServiceTaskDefinition/)).toMatch(/ApiDatabaseApplicationSecret.*:url::/);
  template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiDatabase'), 'GroupId'] },
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiServiceMigrationsTaskSecurityGroup'), 'GroupId'] },
  });
  const [run] = Object.values(template().findResources('Custom::Migrations'));
  expect(run.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ApiDatabaseCredentials/)]));
  expect(api.service.migrations).toBeDefined();
});

test('with a proxy services reach it alone, and migrations the database alone', () => {
  const { template } = make({ proxy: true, migrations: { command: ['migrate'] } });
  const reached = (source: string) => Object.values(template().findResources('AWS::EC2::SecurityGroupIngress'))
    .map(({ Properties: { GroupId, SourceSecurityGroupId } }) => [GroupId, SourceSecurityGroupId].map(group => group?.['Fn::GetAtt']?.[0] ?? ''))
    .filter(([to, from]) => to.startsWith('ApiDatabase') && from.startsWith(source))
    .map(([to]) => to.replace(/[0-9A-F]{8}$/, ''));
  expect(reached('ApiServiceTask')).toEqual(['ApiDatabaseProxySecurityGroup']);
  expect(reached('ApiServiceMigrations')).toEqual(['ApiDatabaseSecurityGroup']);
});

test('migrations of a service without the database get no login of it', () => {
  const { template } = make({ usesDatabase: false, migrations: { command: ['migrate'] } });
  const [[, definition]] = Object.entries(template().findResources('AWS::ECS::TaskDefinition')).filter(([id]) => id.startsWith('ApiServiceMigrations'));

  expect(definition.Properties.ContainerDefinitions[0].Secrets).toBeUndefined();
});

test('the releases of services and workers are looked after, and rotated logins reach those that use the database', () => {
  const { api, template } = make({ migrations: { command: ['migrate'] } });
  api.addWorker('Mailer', { image, usesDatabase: false });
  const checks = Object.values(template().findResources('AWS::Events::Rule')).map(({ Properties }) => Properties).filter(({ ScheduleExpression }) => ScheduleExpression)
    .map(({ Targets: [{ Input }] }) => JSON.stringify(Input));

  expect(checks).toHaveLength(2);
  const [ofService, ofWorker] = ['ApiService', 'ApiMailer'].map(name => checks.find(check => check.includes(name))!);
  expect(ofService).toContain('ApiDatabaseApplicationSecret');
  expect(ofService).toContain(`\\"timeoutMinutes\\":${api.service.longestRelease.toMinutes()}`);
  expect(ofWorker).not.toContain('Secret');
});

test('services, workers and scheduled tasks that are added share data, network and watching', () => {
  const { api, template } = make({ cache: true });
  api.addService('Admin', { image, containerPort: 3000, paths: ['/admin/*'] });
  api.addWorker('Mailer', { image, queue: WorkerQueue.managed() });
  api.addScheduledTask('Nightly', { image, schedule: scheduler.ScheduleExpression.rate(Duration.days(1)) });

  for (const id of [/^ApiAdminTask/, /^ApiMailerTask/, /^ApiNightlyTask/]) expect(variables(template(), id).secret).toEqual(['DATABASE_URL', 'REDIS_URL']);
  template().resourceCountIs('AWS::EC2::VPC', 1);
  template().resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  for (const alarm of Object.values(template().findResources('AWS::CloudWatch::Alarm'))) expect(alarm.Properties.AlarmActions).toHaveLength(1);
});

test('a container that uses no data has neither its address nor a way to it', () => {
  const { template } = make({ cache: true, usesDatabase: false, usesCache: false });
  expect(variables(template(), /^ApiServiceTask/).secret).toEqual([]);
  expect(describeEdges(securityEdges(template()), nameOf).filter(edge => edge.startsWith('Service -> '))).toEqual([
    'Service -> internet: tcp 443',
  ]);
});

test('a secret of the team wins over the address of the platform', () => {
  const stack = new Stack(new App(), 'Stack');
  const own = secretsmanager.Secret.fromSecretNameV2(stack, 'Own', 'own');
  const { template } = make({ secrets: { DATABASE_URL: ecs.Secret.fromSecretsManager(own) } }, stack);
  expect(JSON.stringify(template().findResources('AWS::ECS::TaskDefinition'))).toContain('secret:own');
});

test('every part can be given', () => {
  const stack = new Stack(new App(), 'Stack');
  const network = new WebNetwork(stack, 'Network');
  const { vpc } = network;
  const given = {
    network,
    cluster: new ServiceCluster(stack, 'Cluster', { vpc }),
    loadBalancer: new WebLoadBalancer(stack, 'LoadBalancer', { vpc }),
    database: new PostgresDatabase(stack, 'Database', { vpc }),
    redisCache: new RedisCache(stack, 'Cache', { vpc }),
    alertTopic: new sns.Topic(stack, 'Topic'),
  };
  const { api, template } = make(given, stack);

  expect([api.network, api.cluster, api.loadBalancer, api.database, api.cache])
    .toEqual([network, given.cluster, given.loadBalancer, given.database, given.redisCache]);
  for (const type of ['AWS::EC2::VPC', 'AWS::ECS::Cluster', 'AWS::RDS::DBInstance', 'AWS::SNS::Topic']) template().resourceCountIs(type, 1);
});

test('an existing VPC is used as it is', () => {
  const stack = new Stack(new App(), 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a', 'b'],
    vpcCidrBlock: '10.0.0.0/16',
    publicSubnetIds: ['p1', 'p2'],
    privateSubnetIds: ['s1', 's2'],
    isolatedSubnetIds: ['i1', 'i2'],
  });
  const { template } = make({ vpc }, stack);
  template().resourceCountIs('AWS::EC2::VPC', 0);
  template().hasResourceProperties('AWS::RDS::DBSubnetGroup', { SubnetIds: ['i1', 'i2'] });
});

test.each([
  [{ domainName: 'api.example.com', loadBalancer: {} }, /domainName would shape a new loadBalancer, but one is given/],
  [{ proxy: true, database: {} }, /proxy would shape a new database/],
  [{ vpc: {}, network: {} }, /vpc would shape a new network/],
  [{ cache: false, redisCache: {} }, /a cache is given and turned off/],
  [{ proxy: 'yes' }, /proxy is not a boolean/],
  [{ image: undefined }, /image is missing/],
])('%j is refused before anything is made', (props, message) => {
  expect(() => make(props as unknown as Partial<FargateApiWithRdsProps>)).toThrow(message);
});

test('two APIs live in one stack, in nested stages, with long ids, in other partitions', () => {
  const app = new App();
  for (const region of ['eu-central-1', 'cn-north-1', 'us-gov-west-1']) {
    const stage = new Stage(app, `AStageWithARatherLongNameFor-${region}`, { env: { account: '111111111111', region } });
    const stack = new Stack(new Stage(stage, 'Inner'), 'AStackWithANameThatIsAlsoRatherLong');
    make({ cache: true }, stack);
    new FargateApiWithRds(stack, 'AnotherApiWithAnIdThatNobodyWouldWantToType', { image, containerPort: 80, profile: EnvironmentProfile.development() });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::RDS::DBInstance', 2);
    if (region !== 'eu-central-1') expect(JSON.stringify(template.toJSON())).not.toContain('"arn:aws:');
  }
});

test('stateful resources keep their logical ids', () => {
  const { template } = make({ cache: true });
  const ids = (type: string) => Object.keys(template().findResources(type));
  const types = ['RDS::DBInstance', 'ElastiCache::ReplicationGroup', 'SecretsManager::Secret', 'KMS::Key', 'EC2::VPC', 'S3::Bucket'];
  expect(Object.fromEntries(types.map(type => [type, ids(`AWS::${type}`)]))).toEqual({
    'RDS::DBInstance': ['ApiDatabaseInstance2C24905F'],
    'ElastiCache::ReplicationGroup': ['ApiCacheReplicationGroupCDE3A590'],
    'SecretsManager::Secret': ['ApiDatabaseOwnerSecret050F9656', 'ApiDatabaseApplicationSecret007655B2', 'ApiCachePassword4E7A7AC6', 'ApiCacheSecretEABB1DED'],
    'KMS::Key': ['ApiEncryptionKey99E24B3F'],
    'EC2::VPC': ['ApiNetworkVpcD3473588'],
    'S3::Bucket': ['ApiLoadBalancerAccessLogsBucket445A82CE'],
  });
});

test('a production API over plain HTTP is warned of', () => {
  Annotations.fromStack(make().stack).hasWarning('*', Match.stringLikeRegexp('plain HTTP'));
});
