import { App, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { SmokeTestHook, SmokeTestHookProps } from '../../../src/service/release/smoke-test-hook';
import { onlyResource } from '../fixtures';

const TARGET = {
  loadBalancerFullName: 'app/shop/50dc6c495c0c9188',
  dnsName: 'shop-1.eu-central-1.elb.amazonaws.com',
  internal: false,
  protocol: 'https:',
  port: 8443,
  host: 'api.example.com',
} as const;

interface Surroundings { readonly vpc?: ec2.IVpc; readonly cluster?: ecs.ICluster }

function createHook(stack: Stack, changes: Partial<SmokeTestHookProps> = {}, { vpc, cluster }: Surroundings = {}): SmokeTestHook {
  const network = vpc ?? new ec2.Vpc(stack, 'Vpc');
  return new SmokeTestHook(stack, 'SmokeTests', {
    tests: [{ path: '/health', timeout: Duration.seconds(5) }],
    cluster: cluster ?? new ecs.Cluster(stack, 'Cluster', { vpc: network }),
    vpc: network,
    target: TARGET,
    logRetentionDays: 30,
    ...changes,
  });
}

function newStack(env = {}): Stack {
  return new Stack(new App(), 'Stack', { env });
}

const functionOf = (stack: Stack) => onlyResource(Template.fromStack(stack), 'AWS::Lambda::Function', 'SmokeTestsHandler');

const statements = (stack: Stack): { Action: string; Resource: unknown }[] =>
  onlyResource(Template.fromStack(stack), 'AWS::IAM::ManagedPolicy', 'SmokeTestsRolePolicy').PolicyDocument.Statement;

test('the function is told the tests, the listener and how to find it', () => {
  const stack = newStack();
  createHook(stack);
  expect(functionOf(stack)).toMatchObject({
    Timeout: 150,
    MemorySize: 256,
    Runtime: 'nodejs24.x',
    Environment: {
      Variables: {
        SMOKE_TESTS: '[{"path":"/health","timeoutSeconds":5}]',
        TEST_PROTOCOL: 'https:',
        TEST_PORT: '8443',
        TEST_HOST: 'api.example.com',
        LOAD_BALANCER_DNS_NAME: 'shop-1.eu-central-1.elb.amazonaws.com',
        LOAD_BALANCER_FULL_NAME: 'app/shop/50dc6c495c0c9188',
        VPC_ID: { Ref: 'Vpc8378EB38' },
      },
    },
  });
});

test('of an internal load balancer no address has to be found, and nothing is asked of EC2', () => {
  const stack = newStack();
  const { host, ...target } = TARGET;
  createHook(stack, { target: { ...target, internal: true } });
  const { Variables } = functionOf(stack).Environment;
  expect(Object.keys(Variables).sort()).toEqual(['AWS_NODEJS_CONNECTION_REUSE_ENABLED', 'LOAD_BALANCER_DNS_NAME', 'SMOKE_TESTS', 'TEST_PORT', 'TEST_PROTOCOL']);
  expect(statements(stack).filter(({ Action }) => Action === 'ec2:DescribeNetworkInterfaces')).toEqual([]);
});

test('values that are only known at deployment reach the function as JSON', () => {
  const stack = newStack();
  createHook(stack, { tests: [{ path: '/', headers: { 'X-Version': Token.asString({ Ref: 'Version' }) }, expectedStatus: Token.asNumber({ Ref: 'Status' }) }] });
  expect(functionOf(stack).Environment.Variables.SMOKE_TESTS).toEqual({
    'Fn::Join': ['', ['[{"path":"/","headers":{"X-Version":"', { Ref: 'Version' }, '"},"expectedStatus":', { Ref: 'Status' }, '}]']],
  });
});

test('the function may read revisions of this cluster, find interfaces, and put events on the default bus', () => {
  const stack = newStack();
  createHook(stack);
  const arn = (rest: unknown[]) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...rest]] });
  expect(statements(stack)).toEqual(expect.arrayContaining([
    {
      Effect: 'Allow',
      Action: 'ecs:DescribeServiceRevisions',
      Resource: arn([':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':service-revision/', { Ref: 'ClusterEB0386A7' }, '/*']),
    },
    { Effect: 'Allow', Action: 'events:PutEvents', Resource: arn([':events:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':event-bus/default']) },
  ]));
  const star = statements(stack).filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
  expect(star.every(action => /^ec2:.*NetworkInterface|^ec2:DescribeSubnets$|PrivateIpAddresses$/.test(action))).toBe(true);
});

test('other partitions have ARNs of their own', () => {
  const stack = newStack({ region: 'cn-north-1', account: '111111111111' });
  createHook(stack);
  expect(JSON.stringify(statements(stack))).not.toContain('arn:aws:');
});

test('it calls the APIs of AWS and what lets it in, and nothing calls it', () => {
  const stack = newStack();
  const hook = createHook(stack);
  const front = new ec2.SecurityGroup(stack, 'Front', { vpc: new ec2.Vpc(stack, 'Other'), allowAllOutbound: false });
  front.connections.allowFrom(hook, ec2.Port.tcp(8443), 'Smoke tests');

  const template = Template.fromStack(stack);
  expect(onlyResource(template, 'AWS::EC2::SecurityGroup', 'SmokeTests').SecurityGroupEgress).toEqual([
    { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'APIs of AWS' },
  ]);
  expect(onlyResource(template, 'AWS::EC2::SecurityGroup', 'SmokeTests').SecurityGroupIngress).toBeUndefined();
  template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 8443, ToPort: 8443, DestinationSecurityGroupId: Match.anyValue() });
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 8443, ToPort: 8443, SourceSecurityGroupId: Match.anyValue() });
});

test('the hook comes after the test listener has moved, and knows the newest task definition', () => {
  const hook = createHook(newStack());
  expect(hook.hook('arn:task')).toEqual({ stage: 'POST_TEST_TRAFFIC_SHIFT', handler: hook.handler, details: { serviceTaskDefinition: 'arn:task' } });
});

test('the log goes with the stack, or as the profile says, and is encrypted where there is a key', () => {
  const stack = newStack();
  createHook(stack);
  Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });

  const kept = newStack();
  createHook(kept, { removalPolicy: RemovalPolicy.RETAIN, encryptionKey: new kms.Key(kept, 'Key') });
  Template.fromStack(kept).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { KmsKeyId: Match.anyValue() } });
  expect(functionOf(kept).KmsKeyArn).toBeDefined();
});

describe('without a way to EC2', () => {
  const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('interface endpoint for ec2')).length;
  const isolated = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'a', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });

  test('isolated subnets are warned of', () => {
    const stack = newStack();
    createHook(stack, {}, { vpc: isolated(stack) });
    expect(warnings(stack)).toBe(1);
  });

  test.each([
    ['ec2', 0, {}],
    ['ec2', 0, { region: 'eu-central-1', account: '111111111111' }],
    ['ec2messages', 1, {}],
  ])('with an endpoint for %s there are %d warnings', (service, expected, env) => {
    const stack = newStack(env);
    const vpc = isolated(stack);
    vpc.addInterfaceEndpoint('Endpoint', { service: new ec2.InterfaceVpcEndpointAwsService(service) });
    createHook(stack, {}, { vpc });
    expect(warnings(stack)).toBe(expected);
  });

  test('an internal load balancer needs none, and neither do subnets with a NAT', () => {
    const stack = newStack();
    createHook(stack, { target: { ...TARGET, internal: true } }, { vpc: isolated(stack) });
    expect(warnings(stack)).toBe(0);
    const other = newStack();
    createHook(other);
    expect(warnings(other)).toBe(0);
  });
});

describe('auditors', () => {
  const findings = (stack: Stack) => {
    Template.fromStack(stack);
    return new AwsSolutionsChecks().validateScope(stack).violations
      .filter(({ ruleName }) => ruleName.includes('IAM') || ruleName.includes('-L1'))
      .flatMap(({ ruleName, violatingResources }) => violatingResources.filter(({ constructPath }) => constructPath?.includes('SmokeTests')).map(() => ruleName));
  };

  test.each<[string, object, (stack: Stack) => Surroundings]>([
    ['of this stack', {}, () => ({})],
    ['of this stack in a known region', { region: 'eu-central-1', account: '111111111111' }, () => ({})],
    ['that was imported', {}, stack => ({
      cluster: ecs.Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'shared', vpc: new ec2.Vpc(stack, 'Shared') }),
    })],
    ['that was imported by its ARN', {}, stack => ({
      cluster: ecs.Cluster.fromClusterArn(stack, 'Imported', Token.asString({ 'Fn::GetAtt': ['Nested', 'Outputs.Cluster'] })),
    })],
  ])('find every wildcard explained, with a cluster %s', (_, env, surroundings) => {
    const stack = newStack(env);
    createHook(stack, {}, surroundings(stack));
    expect(findings(stack)).toEqual([]);
  });
});

test('two services of one stack each have theirs', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  for (const id of ['Api', 'Site']) new SmokeTestHook(stack, id, { tests: [{ path: '/' }], cluster, vpc, target: TARGET, logRetentionDays: 7 });
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 2);
});
