import { App, CfnResource, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EnvironmentProfile } from '../../../src';
import { SmokeTests, SmokeTestsProps } from '../../../src/service/release/smoke-tests';
import { onlyResource, refusal, resourcesOf, wrong } from '../fixtures';

const PROPS: SmokeTestsProps = { url: 'https://www.example.com', tests: [{ path: '/' }] };

function create(props: Partial<SmokeTestsProps> = {}, stack = new Stack(new App(), 'Stack')) {
  return { stack, tests: new SmokeTests(stack, 'SmokeTests', { ...PROPS, ...props }) };
}

const template = (stack: Stack) => Template.fromStack(stack);
const resourceOf = (stack: Stack) => Object.values(resourcesOf(template(stack), 'Custom::SmokeTests'))[0];

test('the tests run as a custom resource, from the internet', () => {
  const { stack } = create();
  expect(resourceOf(stack).Properties).toEqual({
    ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^SmokeTestsHandler/), 'Arn'] },
    ServiceTimeout: '300',
    Url: 'https://www.example.com',
    Tests: '[{"path":"/"}]',
  });
  expect(onlyResource(template(stack), 'AWS::Lambda::Function')).toMatchObject({ Timeout: 240, MemorySize: 256 });
  expect(onlyResource(template(stack), 'AWS::Lambda::Function').VpcConfig).toBeUndefined();
  template(stack).resourceCountIs('AWS::EC2::SecurityGroup', 0);
});

test('a version that is only known at deployment makes them run again', () => {
  const { stack } = create({ version: Token.asString({ Ref: 'TaskDefinition' }), url: Token.asString({ 'Fn::GetAtt': ['Site', 'Url'] }) });
  expect(resourceOf(stack).Properties).toMatchObject({ Version: { Ref: 'TaskDefinition' }, Url: { 'Fn::GetAtt': ['Site', 'Url'] } });
});

test('the function may ask for the state of its own stack and of no other', () => {
  const { stack } = create();
  const { Statement } = onlyResource(template(stack), 'AWS::IAM::ManagedPolicy').PolicyDocument;
  expect(Statement.filter(({ Action }: { Action: string }) => Action.includes('cloudformation'))).toEqual([
    { Effect: 'Allow', Action: 'cloudformation:DescribeStacks', Resource: { Ref: 'AWS::StackId' } },
  ]);
  expect(JSON.stringify(Statement)).not.toContain('*');
});

test('in a nested stack that is the nested one', () => {
  const nested = new NestedStack(new Stack(new App(), 'Parent'), 'Nested');
  create({}, nested);
  const { Statement } = onlyResource(template(nested), 'AWS::IAM::ManagedPolicy').PolicyDocument;
  expect(Statement).toContainEqual({ Effect: 'Allow', Action: 'cloudformation:DescribeStacks', Resource: { Ref: 'AWS::StackId' } });
});

test('they run after their role, after what they are told to wait for, and before what waits for them', () => {
  const stack = new Stack(new App(), 'Stack');
  const [site, record, route, cleanup] = ['Site', 'Record', 'Route', 'Cleanup'].map(id => new CfnResource(stack, id, { type: 'Test::Test::Test' }));
  const { tests } = create({ executeAfter: [site, record] }, stack);
  tests.executeAfter(route);
  tests.executeBefore(cleanup);

  expect(resourceOf(stack).DependsOn).toEqual(expect.arrayContaining(['Site', 'Record', 'Route', expect.stringMatching(/^SmokeTestsRole/)]));
  expect(resourcesOf(template(stack), 'Test::Test::Test').Cleanup.DependsOn).toEqual([expect.stringMatching(/^SmokeTestsResource|^SmokeTests/)]);
});

test('inside of what they wait for they do not wait for themselves', () => {
  const stack = new Stack(new App(), 'Stack');
  const { tests } = create({}, stack);
  new CfnResource(tests, 'Neighbour', { type: 'Test::Test::Test' });
  tests.executeAfter(tests);
  expect(resourceOf(stack).DependsOn).toContainEqual(expect.stringMatching(/^SmokeTestsNeighbour/));
});

describe('in a network', () => {
  const rules = (stack: Stack) => onlyResource(template(stack), 'AWS::EC2::SecurityGroup', 'SmokeTests').SecurityGroupEgress
    .map(({ FromPort, ToPort }: { FromPort: number; ToPort: number }) => `${FromPort}-${ToPort}`);

  test.each([
    ['https://internal.example.com', ['443-443']],
    ['http://internal.example.com', ['443-443', '80-80']],
    ['http://internal.example.com:8080/app', ['443-443', '8080-8080']],
    ['https://internal.example.com:8443', ['443-443', '8443-8443']],
    [Token.asString({ Ref: 'Url' }), ['443-443', '80-80']],
  ])('they may call the port of %s and the APIs of AWS', (url, expected) => {
    const stack = new Stack(new App(), 'Stack');
    const { tests } = create({ url, vpc: new ec2.Vpc(stack, 'Vpc') }, stack);
    expect(rules(stack)).toEqual(expected);
    expect(tests.connections.securityGroups).toHaveLength(1);
    expect(onlyResource(template(stack), 'AWS::Lambda::Function', 'SmokeTests').VpcConfig.SubnetIds).toHaveLength(2);
  });

  test('security groups and subnets of the team are taken as they are', () => {
    const stack = new Stack(new App(), 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const group = new ec2.SecurityGroup(stack, 'Mine', { vpc });
    const { tests } = create({ vpc, vpcSubnets: { subnets: [vpc.privateSubnets[0]] }, securityGroups: [group] }, stack);
    expect(tests.connections.securityGroups).toEqual([group]);
    expect(resourcesOf(template(stack), 'AWS::EC2::SecurityGroup', 'SmokeTests')).toEqual({});
    expect(onlyResource(template(stack), 'AWS::Lambda::Function', 'SmokeTests').VpcConfig).toEqual({
      SubnetIds: [{ Ref: expect.stringMatching(/^VpcPrivateSubnet1/) }],
      SecurityGroupIds: [{ 'Fn::GetAtt': [expect.stringMatching(/^Mine/), 'GroupId'] }],
    });
    expect(resourceOf(stack).DependsOn).toContainEqual(expect.stringMatching(/^Mine/));
  });

  test('isolated subnets without an endpoint for CloudFormation are warned of', () => {
    const subnetConfiguration = [{ name: 'a', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }];
    const warned = [false, true].map(endpoint => {
      const stack = new Stack(new App(), 'Stack');
      const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration });
      if (endpoint) vpc.addInterfaceEndpoint('Endpoint', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION });
      create({ vpc }, stack);
      return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('interface endpoint for cloudformation')).length;
    });
    expect(warned).toEqual([1, 0]);
  });
});

test('the log is kept as the profile says, with the key', () => {
  const stack = new Stack(new App(), 'Stack');
  create({ profile: EnvironmentProfile.development(), encryptionKey: new kms.Key(stack, 'Key') }, stack);
  template(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30, KmsKeyId: Match.anyValue() } });
  const { stack: production } = create();
  template(production).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'RetainExceptOnCreate' });
});

test('auditors find nothing', () => {
  const { stack } = create();
  template(stack);
  const { violations } = new AwsSolutionsChecks().validateScope(stack);
  expect(violations.filter(({ severity }) => severity === 'error').map(({ ruleName }) => ruleName)).toEqual([]);
});

test('several in one stack', () => {
  const stack = new Stack(new App(), 'Stack');
  for (const id of ['Site', 'Api']) new SmokeTests(stack, id, PROPS);
  template(stack).resourceCountIs('Custom::SmokeTests', 2);
});

test.each<[string, Partial<SmokeTestsProps>, string]>([
  ['no address', { url: wrong(undefined) }, 'url is missing'],
  ['an address without a protocol', { url: 'www.example.com' }, 'url is not well-formed'],
  ['another protocol', { url: 'ftp://example.com' }, 'url is not well-formed'],
  ['an address with a query', { url: 'https://example.com/?a=1' }, 'without a user, a query or a fragment'],
  ['an address with a user', { url: 'https://user:word@example.com' }, 'url is not well-formed'],
  ['a port that does not exist', { url: 'https://example.com:99999' }, 'url is not an address'],
  ['an address that is an object', { url: wrong({}) }, 'url is not well-formed'],
  ['no tests', { tests: wrong(undefined) }, 'tests is missing'],
  ['an empty list of tests', { tests: [] }, 'tests is empty'],
  ['a path without a slash', { tests: [{ path: 'health' }] }, 'tests[0].path is not well-formed'],
  ['an empty version', { version: '' }, 'version is not well-formed'],
  ['what to wait for as no list', { executeAfter: wrong({}) }, 'executeAfter is not a list'],
  ['what to wait for as a name', { executeAfter: wrong(['Site']) }, 'executeAfter[0] is not what it should be'],
  ['what to wait for as nothing', { executeAfter: wrong([undefined]) }, 'executeAfter[0] is missing'],
  ['a profile by name', { profile: wrong('staging') }, 'an EnvironmentProfile'],
  ['a key by ARN', { encryptionKey: wrong('arn') }, 'a kms.IKey'],
  ['a VPC by id', { vpc: wrong('vpc-1') }, 'an ec2.IVpc'],
  ['security groups as no list', { securityGroups: wrong({}) }, 'securityGroups is not a list'],
  ['subnets without a VPC', { vpcSubnets: {} }, 'subnets are given without their VPC'],
  ['security groups without a VPC', { securityGroups: [] }, 'security groups are given without their VPC'],
])('refused: %s', (_, props, message) => {
  const stack = new Stack(new App(), 'Stack');
  expect(refusal(() => create(props, stack))).toContain(message);
  expect(stack.node.findChild('SmokeTests').node.children).toEqual([]);
});

test('no properties at all are refused', () => {
  expect(refusal(() => new SmokeTests(new Stack(), 'SmokeTests', wrong(undefined)))).toContain('url is missing');
});
