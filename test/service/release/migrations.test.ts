import { App, CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EnvironmentProfile, ImageRegistry, ServiceCluster } from '../../../src';
import { Migrations, MigrationsProps } from '../../../src/service/release/migrations';
import { onlyResource, Platform, refusal, resourcesOf, wrong } from '../fixtures';

const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/shop/api:v1');
const COMMAND = ['alembic', 'upgrade', 'head'];

function make(props: Partial<MigrationsProps> = {}, platform = new Platform()) {
  const migrations = new Migrations(platform.stack, 'Migrations', { cluster: platform.cluster, image: IMAGE, command: COMMAND, ...props });
  return { platform, stack: platform.stack, migrations, template: () => platform.template() };
}

function refusalOf(props: Partial<MigrationsProps>): string {
  return refusal(() => make(props));
}

/** Statements of the function's own policy. */
function statements(template: Template): any[] {
  return onlyResource(template, 'AWS::IAM::ManagedPolicy', 'MigrationsHandlerRole').PolicyDocument.Statement;
}

describe('the task', () => {
  test('runs the command in the image, with an init process that hands SIGTERM on', () => {
    const definition = onlyResource(make({ environment: { LEVEL: 'info' } }).template(), 'AWS::ECS::TaskDefinition');

    expect(definition).toMatchObject({ RequiresCompatibilities: ['FARGATE'], Family: 'PlatformMigrationsTaskDefinition3BF3A9AF' });
    expect(definition.ContainerDefinitions).toEqual([expect.objectContaining({
      Name: 'app',
      Command: COMMAND,
      Image: 'public.ecr.aws/shop/api:v1',
      Environment: [{ Name: 'LEVEL', Value: 'info' }],
      LinuxParameters: { InitProcessEnabled: true },
      LogConfiguration: expect.objectContaining({ LogDriver: 'awslogs' }),
    })]);
    expect(definition.ContainerDefinitions[0]).not.toHaveProperty('PortMappings');
  });

  test('keeps its old revisions, so that an old image can take back what it did', () => {
    make().template().hasResource('AWS::ECS::TaskDefinition', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('may read its secrets and no others', () => {
    const platform = new Platform();
    const secret = new secretsmanager.Secret(platform.stack, 'Owner');
    const { template } = make({ secrets: { DATABASE_URL: ecs.Secret.fromSecretsManager(secret, 'url') } }, platform);

    template().hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['secretsmanager:GetSecretValue']), Resource: { Ref: Match.stringLikeRegexp('^Owner') } })]) },
      Roles: [{ Ref: Match.stringLikeRegexp('^MigrationsTaskExecutionRole') }],
    });
  });

  test('has a network identity and a role that others can let in', () => {
    const { migrations, platform, template } = make();
    const database = new ec2.SecurityGroup(platform.stack, 'Database', { vpc: platform.vpc });
    database.connections.allowFrom(migrations, ec2.Port.tcp(5432));

    template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MigrationsTaskSecurityGroup'), 'GroupId'] } });
    expect(migrations.grantPrincipal).toBe(migrations.taskDefinition.taskRole);
    expect(migrations.logGroup.logGroupName).toBeDefined();
  });
});

describe('the function', () => {
  test('may run this family in this cluster, pass its two roles, and remember what it did', () => {
    const { stack, template } = make();
    const cluster = { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['ClusterEB0386A7', 'Arn'] } } };
    const arn = (end: any[]) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ...end]] });
    const logs = Object.keys(resourcesOf(template(), 'AWS::Logs::LogGroup', 'MigrationsTaskLogs'))[0];

    expect(statements(template()).slice(2)).toEqual([
      { Effect: 'Allow', Action: 'ecs:RunTask', Resource: arn([':task-definition/PlatformMigrationsTaskDefinition3BF3A9AF:*']), Condition: cluster },
      { Effect: 'Allow', Action: ['ecs:DescribeTasks', 'ecs:StopTask'], Resource: arn([':task/', { Ref: 'ClusterEB0386A7' }, '/*']), Condition: cluster },
      { Effect: 'Allow', Action: 'ecs:ListTasks', Resource: '*', Condition: cluster },
      { Effect: 'Allow', Action: 'ecs:TagResource', Resource: arn([':task/', { Ref: 'ClusterEB0386A7' }, '/*']), Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: [
          { 'Fn::GetAtt': [expect.stringMatching('^MigrationsTaskDefinitionTaskRole'), 'Arn'] },
          { 'Fn::GetAtt': [expect.stringMatching('^MigrationsTaskExecutionRole'), 'Arn'] },
        ],
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      { Effect: 'Allow', Action: 'ecs:DescribeServiceRevisions', Resource: arn([':service-revision/', { Ref: 'ClusterEB0386A7' }, '/*']) },
      { Effect: 'Allow', Action: 'logs:GetLogEvents', Resource: { 'Fn::GetAtt': [logs, 'Arn'] } },
      { Effect: 'Allow', Action: 'events:PutEvents', Resource: stack.resolve(stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })) },
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Scan'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching('^MigrationsLog'), 'Arn'] },
      },
    ]);
  });

  test('may call itself, by a policy of its own', () => {
    expect(onlyResource(make().template(), 'AWS::IAM::ManagedPolicy', 'MigrationsHandlerContinuePolicy').PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [expect.stringMatching('^MigrationsHandler'), 'Arn'] } },
    ]);
  });

  test('uses a given key for its table through DynamoDB only', () => {
    const platform = new Platform();
    const { template } = make({ encryptionKey: new kms.Key(platform.stack, 'Key') }, platform);

    template().hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] } } });
    expect(statements(template())).toContainEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      Resource: { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] },
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } } },
    });
  });

  test('knows where to run and what into, and how long', () => {
    const { Environment, Timeout } = onlyResource(make({ timeout: Duration.minutes(5) }).template(), 'AWS::Lambda::Function', 'MigrationsHandler');

    expect(Environment.Variables).toMatchObject({
      CLUSTER: { 'Fn::GetAtt': ['ClusterEB0386A7', 'Arn'] },
      SUBNETS: { 'Fn::Join': ['', [{ Ref: expect.stringMatching('PrivateSubnet1') }, ',', { Ref: expect.stringMatching('PrivateSubnet2') }]] },
      SECURITY_GROUPS: { 'Fn::GetAtt': [expect.stringMatching('^MigrationsTaskSecurityGroup'), 'GroupId'] },
      CONTAINER: 'app',
      LOG_GROUP: { Ref: expect.stringMatching('^MigrationsTaskLogs') },
      STREAM_PREFIX: 'app',
      TABLE: { Ref: expect.stringMatching('^MigrationsLog') },
      TIMEOUT_SECONDS: '300',
    });
    expect(Timeout).toBe(900);
  });

  test('can be invoked by whom that is granted', () => {
    const { migrations, stack, template } = make();
    migrations.grantInvoke(new iam.User(stack, 'Operator'));

    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'lambda:InvokeFunction' })]) },
      Users: [{ Ref: Match.stringLikeRegexp('^Operator') }],
    });
  });

  test('has a log that ends as the profile says', () => {
    const logs = (props: Partial<MigrationsProps>) => Object.values(resourcesOf(make(props).template(), 'AWS::Logs::LogGroup', 'Migrations')).map(({ Properties }) => Properties.RetentionInDays);

    expect(logs({ profile: EnvironmentProfile.development() })).toEqual([30, 30]);
    expect(logs({ logRetentionDays: 7 })).toEqual([7, 7]);
  });
});

test('the table is paid per request, recoverable, encrypted, and goes with the stack', () => {
  make().template().hasResource('AWS::DynamoDB::Table', {
    Properties: {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    },
    DeletionPolicy: 'Delete',
  });
});

describe('the run of CloudFormation', () => {
  test('has the version, which is image and command, and an hour', () => {
    const run = onlyResource(make().template(), 'Custom::Migrations');

    expect(run).toMatchObject({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching('^MigrationsHandler'), 'Arn'] },
      ServiceTimeout: '3600',
      TaskDefinition: { Ref: expect.stringMatching('^MigrationsTaskDefinition') },
      Version: 'public.ecr.aws/shop/api:v1 alembic upgrade head',
      ReleasedByHook: 'false',
    });
    expect(onlyResource(make({ releasedByHook: true }).template(), 'Custom::Migrations').ReleasedByHook).toBe('true');
  });

  test('waits for rights, roles of the task, table, and the way out of the subnets', () => {
    const { template } = make();
    const [{ DependsOn: waitsFor }] = Object.values(template().findResources('Custom::Migrations'));

    for (const beginning of [
      'MigrationsHandlerRolePolicy', 'MigrationsHandlerContinuePolicy', 'MigrationsTaskExecutionRole', 'MigrationsTaskDefinitionTaskRole',
      'MigrationsTaskSecurityGroup', 'MigrationsLog', 'VpcPrivateSubnet1DefaultRoute', 'VpcPrivateSubnet2DefaultRoute',
    ]) {
      expect(waitsFor).toContainEqual(expect.stringMatching(`^${beginning}`));
    }
  });

  test('waits for rules to a database and for endpoints, also those added later, and for nobody else\'s', () => {
    const { migrations, platform, template } = make();
    const database = new ec2.SecurityGroup(platform.stack, 'Database', { vpc: platform.vpc, allowAllOutbound: false });
    const other = new ec2.SecurityGroup(platform.stack, 'Other', { vpc: platform.vpc, allowAllOutbound: false });
    migrations.connections.allowTo(database, ec2.Port.tcp(5432));
    database.connections.allowFrom(other, ec2.Port.tcp(5432));
    database.connections.allowTo(other, ec2.Port.tcp(80));
    platform.vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    const [{ DependsOn: waitsFor }] = Object.values(template().findResources('Custom::Migrations'));

    expect(waitsFor).toContainEqual(expect.stringMatching('^DatabasefromPlatformMigrationsTaskSecurityGroup'));
    expect(waitsFor).toContainEqual(expect.stringMatching('^VpcS3'));
    expect(waitsFor.filter((id: string) => /Other/.test(id))).toEqual([]);
  });

  test('is what others wait for', () => {
    const { migrations, platform, template } = make();
    const service = platform.addService('Api');
    service.service.node.addDependency(migrations.ready);

    template().hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^MigrationsRun')]) });
  });
});

test('the hook comes before the first new task, and says for which release', () => {
  const { migrations, stack } = make({ releasedByHook: true });
  const { stage, handler, details } = migrations._hook('arn:service-task:2');

  expect(stage).toBe('PRE_SCALE_UP');
  expect(handler).toBe(migrations.function);
  expect(stack.resolve(details)).toEqual({
    taskDefinition: { Ref: expect.stringMatching('^MigrationsTaskDefinition') },
    version: 'public.ecr.aws/shop/api:v1 alembic upgrade head',
    serviceTaskDefinition: 'arn:service-task:2',
  });
});

describe('tokens', () => {
  test('image and command may only be known at deployment', () => {
    const platform = new Platform();
    const registry = new ImageRegistry(platform.stack, 'Registry');
    const head = new CfnParameter(platform.stack, 'Head');
    const { template } = make({ image: registry.image('v1'), command: ['alembic', 'upgrade', head.valueAsString] }, platform);
    const parts = onlyResource(template(), 'Custom::Migrations').Version['Fn::Join'][1];

    expect(parts.slice(-4)).toEqual(['@', { 'Fn::GetAtt': [expect.stringMatching('ImageGate'), 'Digest'] }, ' ', { 'Fn::Join': [' ', ['alembic upgrade', { Ref: 'Head' }]] }]);
  });

  test('so may be the whole list', () => {
    const platform = new Platform();
    const words = new CfnParameter(platform.stack, 'Words', { type: 'CommaDelimitedList' });
    const { template } = make({ command: words.valueAsList }, platform);

    expect(onlyResource(template(), 'AWS::ECS::TaskDefinition').ContainerDefinitions[0].Command).toEqual({ Ref: 'Words' });
    expect(onlyResource(template(), 'Custom::Migrations').Version).toEqual({
      'Fn::Join': ['', ['public.ecr.aws/shop/api:v1 ', { 'Fn::Join': [' ', { Ref: 'Words' }] }]],
    });
  });

  test('values that are joined at deployment are taken', () => {
    expect(() => make({ command: ['sh', '-c', Fn.ref('AWS::StackName')] }).template()).not.toThrow();
  });
});

test('two in one stack have each their own of everything', () => {
  const platform = new Platform();
  make({}, platform);
  new Migrations(platform.stack, 'Reports', { cluster: platform.cluster, image: IMAGE, command: COMMAND });
  const template = platform.template();

  for (const type of ['AWS::ECS::TaskDefinition', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table', 'Custom::Migrations']) template.resourceCountIs(type, 2);
  expect(new Set(Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) => Properties.Family)).size).toBe(2);
});

test('ids do not depend on values', () => {
  const ids = (props: Partial<MigrationsProps>) => Object.keys(make(props).template().toJSON().Resources)
    .filter(id => id.startsWith('Migrations') && !id.includes('DefaultPolicy'));

  expect(ids({ timeout: Duration.minutes(1), releasedByHook: true, environment: { A: 'b' }, command: ['true'] })).toEqual(ids({}));
});

test('a Chinese stack has no ARN of another partition', () => {
  const platform = new Platform(undefined, { account: '111111111111', region: 'cn-north-1' });
  const template = make({}, platform).template();

  expect(JSON.stringify(template.findResources('AWS::IAM::ManagedPolicy'))).not.toContain('arn:aws:');
  expect(statements(template)[2].Resource['Fn::Join'][1].join('')).toMatch(/:ecs:cn-north-1:111111111111:task-definition\//);
});

describe('auditors', () => {
  const findings = (stack: Stack) => {
    (stack.node.root as App).synth();
    return new AwsSolutionsChecks().validateScope(stack.node.findChild('Migrations')).violations
      .filter(({ severity }) => severity === 'error')
      .map(({ ruleName }) => ruleName);
  };

  test.each<[string, object | undefined]>([['without an environment', undefined], ['of an environment', { account: '111111111111', region: 'eu-central-1' }]])(
    'find nothing that is not explained in a stack %s', (_, env) => {
      expect(findings(make({}, new Platform(undefined, env)).stack)).toEqual([]);
    });

  test('find nothing that is not explained where the cluster is in another stack', () => {
    const platform = new Platform();
    const stack = new Stack(platform.app, 'Application');
    new Migrations(stack, 'Migrations', { cluster: platform.cluster, image: IMAGE, command: COMMAND });

    expect(findings(stack)).toEqual([]);
  });

  test('find nothing that is not explained where the name of the cluster is part of another value', () => {
    const { stack, vpc } = new Platform();
    const clusterName = Fn.select(1, Fn.split('/', new CfnParameter(stack, 'ClusterArn').valueAsString));
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Existing', { clusterName, vpc });
    new Migrations(stack, 'Migrations', { cluster, image: IMAGE, command: COMMAND });

    expect(findings(stack)).toEqual([]);
  });
});

describe('an image whose tag moves', () => {
  const warnings = (image: ecs.ContainerImage, platform = new Platform()) => {
    make({ image }, platform);
    return Annotations.fromStack(platform.stack).findWarning('*', Match.stringLikeRegexp('movingImageTag'));
  };

  test.each(['shop/api', 'shop/api:latest', 'localhost:5000/api'])('such as %s is warned of', name => {
    expect(warnings(ecs.ContainerImage.fromRegistry(name))).toHaveLength(1);
  });

  test('is also seen in a repository whose address is only known at deployment', () => {
    const platform = new Platform();
    const repository = new ecr.Repository(platform.stack, 'Repository');

    expect(warnings(ecs.ContainerImage.fromEcrRepository(repository), platform)).toHaveLength(1);
  });

  test.each(['shop/api:v1', 'localhost:5000/api:v1', `shop/api@sha256:${'a'.repeat(64)}`, `shop/api:latest@sha256:${'a'.repeat(64)}`])('is not %s', name => {
    expect(warnings(ecs.ContainerImage.fromRegistry(name))).toEqual([]);
  });

  test('is not one that is used by its digest', () => {
    const platform = new Platform();

    expect(warnings(new ImageRegistry(platform.stack, 'Registry').image('v1'), platform)).toEqual([]);
  });
});

describe('bad input', () => {
  test.each<[string, Partial<MigrationsProps>, string]>([
    ['no command', { command: undefined }, 'command is missing.'],
    ['an empty command', { command: [] }, 'command is empty, and the image would start its service instead of a migration.'],
    ['a command as text', { command: wrong('alembic upgrade head') }, 'command is not a list.'],
    ['a number as word', { command: wrong(['sleep', 60]) }, 'command has a word that is no text.'],
    ['nothing as word', { command: wrong(['alembic', undefined]) }, 'command has a word that is no text.'],
    ['a first word that is empty', { command: ['', 'x'] }, 'command has a word that is no text.'],
    ['a time limit of seconds', { timeout: Duration.seconds(59) }, 'timeout (seconds) is not a whole number from 60 to 3300.'],
    ['a time limit that CloudFormation does not wait for', { timeout: Duration.minutes(56) }, 'timeout (seconds) is not a whole number from 60 to 3300.'],
    ['a time limit as number', { timeout: wrong(300) }, 'timeout is not what it should be.'],
    ['releasedByHook as text', { releasedByHook: wrong('true') }, 'releasedByHook is not a boolean.'],
    ['no cluster', { cluster: undefined }, 'cluster is missing.'],
    ['no image', { image: undefined }, 'image is missing.'],
    ['a size that Fargate has not', { cpu: 256, memoryLimitMiB: 1000 }, 'memory'],
  ])('%s is refused', (_, props, problem) => {
    expect(refusalOf(props)).toContain(problem);
    expect(refusalOf(props)).toMatch(/^Platform\/Migrations: [^]*\n {2}got: [^]*\n {2}allowed: [^]*\n {2}fix: /);
  });

  test('no properties at all are refused', () => {
    expect(refusal(() => new Migrations(new Stack(new App(), 'Stack'), 'Migrations', wrong(undefined)))).toContain('command is missing.');
  });

  test('leaves nothing behind', () => {
    const { stack, cluster } = new Platform();
    refusal(() => new Migrations(stack, 'Migrations', { cluster, image: IMAGE, command: [] }));

    expect(stack.node.findChild('Migrations').node.children).toEqual([]);
  });

  test('a choice of the hook that is only known at deployment is refused', () => {
    expect(refusalOf({ releasedByHook: wrong(Fn.ref('AWS::StackName')) })).toContain('releasedByHook is only known at deployment');
  });
});

test('an imported cluster and network are enough', () => {
  const stack = new Stack(new App(), 'Stack');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'main', vpc });
  new Migrations(stack, 'Migrations', { cluster, image: IMAGE, command: COMMAND });

  expect(onlyResource(Template.fromStack(stack), 'AWS::Lambda::Function').Environment.Variables.SUBNETS).toBe('subnet-1,subnet-2');
});

test('isolated subnets wait for their endpoints', () => {
  const stack = new Stack(new App(), 'Stack');
  const vpc = new ec2.Vpc(stack, 'Vpc', { subnetConfiguration: [{ name: 'inside', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
  const cluster = new ServiceCluster(stack, 'Cluster', { vpc });
  new Migrations(stack, 'Migrations', { cluster, image: IMAGE, command: COMMAND });
  vpc.addInterfaceEndpoint('Logs', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });

  Template.fromStack(stack).hasResource('Custom::Migrations', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^VpcLogs')]) });
});
