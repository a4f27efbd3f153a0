import { CfnParameter, Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IMAGE, onlyResource, Platform, refusal, resourcesOf, wrong } from './fixtures';
import { EnvironmentProfile, ServiceCluster, Sidecar, Worker, WorkerProps } from '../../src';

function taskWith(props: Partial<WorkerProps> | ((platform: Platform) => Partial<WorkerProps>), profile?: EnvironmentProfile) {
  const platform = new Platform(profile);
  const given = typeof props === 'function' ? props(platform) : props;
  new Worker(platform.stack, 'Worker', { cluster: platform.cluster, profile, image: IMAGE, ...given });
  const template = platform.template();
  return { template, definition: onlyResource(template, 'AWS::ECS::TaskDefinition') };
}

test.each([
  ['development', '256', '512', false],
  ['staging', '512', '1024', true],
  ['production', '512', '1024', true],
])('in %s a task has %s CPU units and %s MiB, with a read-only root file system: %s', (name, Cpu, Memory, readonly) => {
  const { definition } = taskWith({}, EnvironmentProfile.fromName(name));

  expect(definition).toMatchObject({ Cpu, Memory, RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' } });
  expect(definition.ContainerDefinitions[0].ReadonlyRootFilesystem).toBe(readonly);
});

test('size, processor, disk, command and stop timeout can be chosen', () => {
  const { definition } = taskWith({
    cpu: 1024, memoryLimitMiB: 3072, cpuArchitecture: ecs.CpuArchitecture.X86_64, ephemeralStorageGiB: 50, command: ['python', '-m', 'work'], stopTimeout: Duration.minutes(2),
  });

  expect(definition).toMatchObject({ Cpu: '1024', Memory: '3072', EphemeralStorage: { SizeInGiB: 50 }, RuntimePlatform: { CpuArchitecture: 'X86_64' } });
  expect(definition.ContainerDefinitions[0]).toMatchObject({ Command: ['python', '-m', 'work'], StopTimeout: 120 });
});

test('the revisions before stay registered, so that a release can go back to one', () => {
  const { template } = taskWith({});
  template.hasResource('AWS::ECS::TaskDefinition', { UpdateReplacePolicy: 'Retain', DeletionPolicy: Match.absent() });
});

test('the image may be only known at deployment', () => {
  const { definition } = taskWith(({ stack }) => ({ image: ecs.ContainerImage.fromRegistry(new CfnParameter(stack, 'Image').valueAsString) }));

  expect(definition.ContainerDefinitions[0].Image).toEqual({ Ref: 'Image' });
});

test('plain variables and secrets reach the container, and the task may read those secrets and no others', () => {
  const { definition, template } = taskWith(({ stack }) => ({
    environment: { LOG_LEVEL: 'info' },
    secrets: { API_KEY: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Key'), 'value') },
    requiredVariables: ['LOG_LEVEL', 'API_KEY'],
  }));
  const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));

  expect(definition.ContainerDefinitions[0]).toMatchObject({
    Environment: [{ Name: 'LOG_LEVEL', Value: 'info' }],
    Secrets: [{ Name: 'API_KEY', ValueFrom: { 'Fn::Join': ['', [{ Ref: secret }, ':value::']] } }],
  });
  const [policy] = Object.values(resourcesOf(template, 'AWS::IAM::ManagedPolicy', 'WorkerTaskExecutionRole'));
  const statements: any[] = policy.Properties.PolicyDocument.Statement;
  expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('secretsmanager')).map(({ Resource }) => Resource)).toEqual([{ Ref: secret }]);
});

test('every missing required variable is named at once', () => {
  const platform = new Platform();
  const add = () => new Worker(platform.stack, 'Worker', {
    cluster: platform.cluster, image: IMAGE, environment: { A: '1' }, requiredVariables: ['A', 'DATABASE_URL', 'JWT_SECRET'],
  });

  expect(refusal(add)).toBe([
    'Platform/Worker: required variables are missing: DATABASE_URL, JWT_SECRET.',
    '  got: environment [A], secrets []',
    '  allowed: all of A, DATABASE_URL, JWT_SECRET',
    '  fix: add DATABASE_URL, JWT_SECRET to secrets or environment',
  ].join('\n'));
});

test('logs of all containers go to one group, kept for the days of the profile or the prop, encrypted with the key given', () => {
  const { definition, template } = taskWith(({ stack }) => ({
    encryptionKey: new kms.Key(stack, 'Key'), logRetentionDays: 90, sidecars: [{ name: 'proxy', image: IMAGE }],
  }));
  const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));

  template.hasResource('AWS::Logs::LogGroup', {
    Properties: { RetentionInDays: 90, KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
  expect(definition.ContainerDefinitions.map(({ LogConfiguration }: any) => LogConfiguration.Options)).toEqual([
    { 'awslogs-group': { Ref: logGroup }, 'awslogs-stream-prefix': 'app', 'awslogs-region': { Ref: 'AWS::Region' } },
    { 'awslogs-group': { Ref: logGroup }, 'awslogs-stream-prefix': 'proxy', 'awslogs-region': { Ref: 'AWS::Region' } },
  ]);
  taskWith({}).template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: Match.absent() });
});

test('a read-only root file system leaves /tmp writable', () => {
  const { definition } = taskWith({});

  expect(definition.Volumes).toEqual([{ Name: 'app-tmp' }]);
  expect(definition.ContainerDefinitions[0].MountPoints).toEqual([{ ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'app-tmp' }]);
});

test('a volume of the team at /tmp takes the place of ours, and one named tmp is left alone', () => {
  expect(taskWith({ volumes: { scratch: '/tmp' } }).definition.ContainerDefinitions[0].MountPoints).toEqual([
    { ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'scratch' },
  ]);
  expect(taskWith({ volumes: { tmp: '/scratch' } }).definition.ContainerDefinitions[0].MountPoints).toEqual([
    { ContainerPath: '/scratch', ReadOnly: false, SourceVolume: 'tmp' },
    { ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'app-tmp' },
  ]);
});

test('a writable root file system needs no volume', () => {
  const { definition } = taskWith({ readonlyRootFilesystem: false });

  expect(definition.Volumes).toBeUndefined();
  expect(definition.ContainerDefinitions[0].MountPoints).toBeUndefined();
});

test('a sidecar has its own variables, secrets, ports, health check, order and shared volumes', () => {
  const { definition } = taskWith(({ stack }) => ({
    volumes: { socket: '/run/proxy' },
    sidecars: [{
      name: 'proxy',
      image: IMAGE,
      command: ['proxy'],
      environment: { UPSTREAM: '127.0.0.1:8000' },
      secrets: { KEY: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Key')) },
      ports: [8443],
      healthCheckCommand: ['CMD-SHELL', 'curl -f 127.0.0.1:8443'],
      mainWaitsFor: ecs.ContainerDependencyCondition.HEALTHY,
      volumes: { socket: '/socket', cache: '/cache' },
      readonlyRootFilesystem: false,
      memoryLimitMiB: 128,
      stopTimeout: Duration.seconds(5),
    }, {
      name: 'prepare', image: IMAGE, essential: false, mainWaitsFor: ecs.ContainerDependencyCondition.SUCCESS,
    }],
  }));
  const [app, proxy, prepare] = definition.ContainerDefinitions;

  expect(definition.Volumes).toEqual([{ Name: 'socket' }, { Name: 'app-tmp' }, { Name: 'cache' }]);
  expect(app.DependsOn).toEqual([{ ContainerName: 'proxy', Condition: 'HEALTHY' }, { ContainerName: 'prepare', Condition: 'SUCCESS' }]);
  expect(proxy).toMatchObject({
    Name: 'proxy',
    Command: ['proxy'],
    Essential: true,
    Environment: [{ Name: 'UPSTREAM', Value: '127.0.0.1:8000' }],
    Secrets: [{ Name: 'KEY' }],
    PortMappings: [{ ContainerPort: 8443, Protocol: 'tcp' }],
    HealthCheck: { Command: ['CMD-SHELL', 'curl -f 127.0.0.1:8443'], Interval: 10 },
    MountPoints: [{ SourceVolume: 'socket', ContainerPath: '/socket', ReadOnly: false }, { SourceVolume: 'cache', ContainerPath: '/cache', ReadOnly: false }],
    ReadonlyRootFilesystem: false,
    Memory: 128,
    StopTimeout: 5,
  });
  expect(prepare).toMatchObject({ Essential: false, ReadonlyRootFilesystem: true, StopTimeout: 30 });
});

test.each([[256, 512], [256, 2048], [512, 4096], [1024, 2048], [2048, 16384], [4096, 30720], [8192, 61440], [16384, 122880]])(
  'Fargate has %s CPU units with %s MiB', (cpu, memoryLimitMiB) => {
    expect(taskWith({ cpu, memoryLimitMiB }).definition).toMatchObject({ Cpu: `${cpu}`, Memory: `${memoryLimitMiB}` });
  });

const sidecar = (props: Partial<Sidecar>) => ({ sidecars: [{ name: 'proxy', image: IMAGE, ...props }] });

test.each<[string, unknown, RegExp]>([
  ['a pair of CPU and memory that does not exist', { cpu: 256, memoryLimitMiB: 1000 }, /memory of 1000 MiB does not go with 0\.25 vCPU[^]*allowed: 512, 1024, 2048 MiB\n {2}fix: set memoryLimitMiB to 1024/],
  ["more CPU than goes with the profile's memory", { cpu: 2048 }, /memory of 1024 MiB does not go with 2 vCPU[^]*4096 to 16384 MiB in steps of 1024/],
  ['a CPU that does not exist', { cpu: 300 }, /cpu has a value that does not exist[^]*256, 512, 1024/],
  ['a CPU as a string', { cpu: '256' }, /got: cpu '256'/],
  ['memory as a string', { memoryLimitMiB: '1024' }, /got: memoryLimitMiB '1024'/],
  ['a disk too small to pay for', { ephemeralStorageGiB: 20 }, /ephemeralStorageGiB is not a whole number from 21 to 200/],
  ['log retention that does not exist', { logRetentionDays: 31 }, /logRetentionDays has a value that does not exist/],
  ['a Spot share above 100', { spotShare: 101 }, /spotShare is not a whole number from 0 to 100/],
  ['Spot alone in production', { spotShare: 100 }, /a protected environment \(production\) cannot run all of its tasks on Fargate Spot/],
  ['a word for a boolean', { readonlyRootFilesystem: 'false' }, /readonlyRootFilesystem is not a boolean/],
  ['a stop timeout above 120 seconds', { stopTimeout: Duration.minutes(3) }, /stopTimeout \(seconds\) is not a whole number from 1 to 120/],
  ['a stop timeout in broken seconds', { stopTimeout: Duration.millis(1500) }, /got: stopTimeout \(seconds\) 1\.5/],
  ['a stop timeout as a number', { stopTimeout: 30 }, /stopTimeout is not what it should be/],
  ['no cluster', { cluster: undefined }, /cluster is missing/],
  ['the name of a cluster', { cluster: 'cluster' }, /cluster is not what it should be/],
  ['no image', { image: undefined }, /image is missing/],
  ['the name of an image', { image: 'nginx' }, /image is not what it should be[^]*an ecs\.ContainerImage/],
  ['the name of a profile', { profile: 'production' }, /profile is not what it should be[^]*an EnvironmentProfile/],
  ['the ARN of a key', { encryptionKey: 'arn:aws:kms:…' }, /encryptionKey is not what it should be/],
  ['the name of a processor', { cpuArchitecture: 'ARM64' }, /cpuArchitecture is not what it should be/],
  ['a command as a string', { command: 'python work.py' }, /command is not a list/],
  ['the id of a subnet', { vpcSubnets: 'subnet-1' }, /vpcSubnets is not an object/],
  ['required variables as a string', { requiredVariables: 'A' }, /requiredVariables is not a list/],
  ['one missing variable', { requiredVariables: ['A'] }, /a required variable is missing: A\./],
  ['variables as a list', { environment: ['A=1'] }, /environment is not an object/],
  ['a variable name with a space', { environment: { 'A B': '1' } }, /variable name is not well-formed/],
  ['a number as a variable', { environment: { PORT: 8000 } }, /environment\.PORT is not well-formed[^]*got: environment\.PORT 8000[^]*numbers and booleans are written as strings/],
  ['an undefined variable', { environment: { PORT: undefined } }, /environment\.PORT is not well-formed/],
  ['secrets as text', { secrets: { KEY: 'hunter2' } }, /secrets\.KEY is not what it should be[^]*ecs\.Secret\.fromSecretsManager/],
  ['an undefined secret', { secrets: { KEY: undefined } }, /secrets\.KEY is not what it should be/],
  ['a variable twice', { environment: { KEY: '1' }, secrets: { KEY: { arn: 'x' } } }, /KEY is given both in plain text and as a secret/],
  ['two variables twice', { environment: { A: '1', B: '2' }, secrets: { A: { arn: 'x' }, B: { arn: 'y' } } }, /A, B are given both/],
  ['volumes as a list', { volumes: ['/data'] }, /volumes is not an object/],
  ['a relative mount', { volumes: { data: 'data' } }, /volumes\.data is not well-formed/],
  ['a volume name with a space', { volumes: { 'my data': '/data' } }, /volumes name is not well-formed/],
  ['two volumes at one path', { volumes: { one: '/data', two: '/data' } }, /two volumes are mounted at \/data/],
  ['sidecars as an object', { sidecars: {} }, /sidecars is not a list/],
  ['a sidecar that is null', { sidecars: [null] }, /sidecars is not what it should be/],
  ['a sidecar without a name', sidecar({ name: undefined }), /sidecar name is missing/],
  ['a sidecar without an image', sidecar({ image: undefined }), /sidecar proxy image is missing/],
  ['a sidecar with the name of an image', sidecar(wrong({ image: 'nginx' })), /sidecar proxy image is not what it should be/],
  ['a sidecar with a space in its name', sidecar({ name: 'my proxy' }), /sidecar name is not well-formed/],
  ["a sidecar of the main container's name", sidecar({ name: 'app' }), /two containers of the task are named 'app'/],
  ['two sidecars of one name', { sidecars: [1, 2].map(() => ({ name: 'proxy', image: IMAGE })) }, /two containers of the task are named 'proxy'/],
  ['a sidecar port out of range', sidecar({ ports: [70000] }), /sidecar proxy port is not a whole number/],
  ['a sidecar port twice', sidecar({ ports: [9000, 9000] }), /port 9000 is used twice in the task/],
  ['ports as a number', sidecar(wrong({ ports: 9000 })), /sidecar proxy ports is not a list/],
  ["a sidecar with more memory than the task's", sidecar({ memoryLimitMiB: 2048 }), /sidecar proxy memoryLimitMiB is not a whole number from 6 to 1024/],
  ['a sidecar with a long stop', sidecar({ stopTimeout: Duration.minutes(3) }), /sidecar proxy stopTimeout \(seconds\)/],
  ['a sidecar with a word for a boolean', sidecar(wrong({ essential: 'no' })), /sidecar proxy essential is not a boolean/],
  ['a sidecar that is read-only by a word', sidecar(wrong({ readonlyRootFilesystem: 'no' })), /sidecar proxy readonlyRootFilesystem is not a boolean/],
  ['a sidecar with a command as a string', sidecar(wrong({ command: 'run' })), /sidecar proxy command is not a list/],
  ['a sidecar with an empty health check', sidecar({ healthCheckCommand: [] }), /the health check of sidecar proxy has no command/],
  ['a condition that does not exist', sidecar(wrong({ mainWaitsFor: 'READY' })), /sidecar proxy mainWaitsFor has a value that does not exist/],
  ['waiting for health that nothing tells', sidecar({ mainWaitsFor: ecs.ContainerDependencyCondition.HEALTHY }), /nothing tells its health[^]*give a healthCheckCommand/],
  ['waiting for the end of an essential container', sidecar({ mainWaitsFor: ecs.ContainerDependencyCondition.COMPLETE }), /waits for 'proxy' to end, but the task ends with it[^]*set essential to false/],
  ["a sidecar's number as a variable", sidecar(wrong({ environment: { PORT: 1 } })), /sidecar proxy environment\.PORT is not well-formed/],
  ["a sidecar's relative mount", sidecar({ volumes: { data: 'data' } }), /sidecar proxy volumes\.data is not well-formed/],
])('a task with %s is refused before anything is made', (_, props, message) => {
  const platform = new Platform();

  const refused = refusal(() => new Worker(platform.stack, 'Worker', { cluster: platform.cluster, image: IMAGE, ...wrong<object>(props) }));
  expect(refused).toMatch(message);
  expect(refused).toMatch(/^Platform\/Worker: [^]*\n {2}got: [^]*\n {2}allowed: [^]*\n {2}fix: /);
  expect(platform.stack.node.findChild('Worker').node.children).toEqual([]);
});

test("a sidecar on the main container's port is refused", () => {
  const platform = new Platform();

  expect(refusal(() => platform.addService('Api', sidecar({ ports: [8000] })))).toMatch(/port 8000 is used twice in the task[^]*container app port 8000/);
});

test('a Spot share that is only known at deployment is refused: it decides on the capacity providers', () => {
  const platform = new Platform();
  const spotShare = new CfnParameter(platform.stack, 'Share', { type: 'Number' }).valueAsNumber;

  expect(refusal(() => platform.addService('Api', { spotShare }))).toMatch(/spotShare is only known at deployment/);
});

test('an isolated network takes tasks in its isolated subnets', () => {
  const platform = new Platform();
  const vpc = new ec2.Vpc(platform.stack, 'Isolated', { natGateways: 0, subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
  new Worker(platform.stack, 'Worker', { cluster: new ServiceCluster(platform.stack, 'Other', { vpc }), image: IMAGE });

  expect(onlyResource(platform.template(), 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual([
    { Ref: expect.stringMatching(/^IsolatedIsolatedSubnet1/) }, { Ref: expect.stringMatching(/^IsolatedIsolatedSubnet2/) },
  ]);
});

test('a network with public subnets alone is refused unless subnets are named', () => {
  const platform = new Platform();
  const vpc = new ec2.Vpc(platform.stack, 'Public', { subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }] });
  const cluster = new ServiceCluster(platform.stack, 'Other', { vpc });

  expect(refusal(() => new Worker(platform.stack, 'Refused', { cluster, image: IMAGE }))).toMatch(/no private subnets for the tasks/);
  expect(() => new Worker(platform.stack, 'Worker', { cluster, image: IMAGE, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } })).not.toThrow();
});

test('a cluster that does not know its network is refused', () => {
  const platform = new Platform();
  const cluster = ecs.Cluster.fromClusterArn(platform.stack, 'Imported', 'arn:aws:ecs:eu-central-1:111111111111:cluster/shared');

  expect(refusal(() => platform.addService('Api', { cluster }))).toMatch(/the cluster does not know its VPC[^]*fromClusterAttributes/);
});

test('an imported cluster and an imported network are taken', () => {
  const platform = new Platform();
  const vpc = ec2.Vpc.fromVpcAttributes(platform.stack, 'ImportedVpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
  const cluster = ecs.Cluster.fromClusterAttributes(platform.stack, 'Imported', { clusterName: 'shared', vpc });
  new Worker(platform.stack, 'Worker', { cluster, image: IMAGE });

  platform.template().hasResourceProperties('AWS::ECS::Service', { Cluster: 'shared', NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1', 'subnet-2'] } } });
});
