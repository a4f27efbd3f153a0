import { App, CfnResource, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EnvironmentProfile, Monitoring } from '../../../src';
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

describe('on events', () => {
  const deployed = (stack: Stack, id = 'Deployed') => new events.Rule(stack, id, { eventPattern: { source: ['aws.amplify'] } });
  const onEvents = (props: Partial<SmokeTestsProps> = {}, stack = new Stack(new App(), 'Stack')) => {
    const { tests } = create({ atDeployment: false, ...props }, stack);
    tests.executeOn(deployed(stack));
    return { stack, tests };
  };
  const targetsOf = (stack: Stack) => onlyResource(template(stack), 'AWS::Events::Rule', 'Deployed').Targets;

  test('events of several addresses are told apart', () => {
    const { stack, tests } = onEvents();
    tests.executeOn(deployed(stack, 'Staging'), 'https://staging.example.com');
    const told = Object.values(template(stack).findResources('AWS::Events::Rule')).map(({ Properties }) => JSON.parse(Properties.Targets[0].Input).url);
    expect(told).toEqual(['https://www.example.com', 'https://staging.example.com']);
    expect(() => tests.executeOn(deployed(stack, 'Wrong'), 'staging')).toThrow(/url is not well-formed/);
  });

  test('the function is told of the address and the tests, and of nothing else', () => {
    const { stack } = onEvents({ tests: [{ path: '/', expectedText: '<b>"Hello"</b> $.detail' }, { path: '/api', retries: 0 }] });
    const [target, ...others] = targetsOf(stack);
    expect(others).toEqual([]);
    expect(target).toEqual({
      Id: 'Target0',
      Arn: { 'Fn::GetAtt': [expect.stringMatching(/^SmokeTestsHandler/), 'Arn'] },
      Input: expect.any(String),
      RetryPolicy: { MaximumEventAgeInSeconds: 900 },
    });
    expect(JSON.parse(target.Input)).toEqual({
      url: 'https://www.example.com',
      tests: [{ path: '/', expectedText: '<b>"Hello"</b> $.detail' }, { path: '/api', retries: 0 }],
    });
  });

  test('an address that is only known at deployment', () => {
    const { stack } = onEvents({ url: `https://main.${Token.asString({ 'Fn::GetAtt': ['App', 'DefaultDomain'] })}` });
    expect(targetsOf(stack)[0].Input).toEqual({ 'Fn::Join': ['', ['{"url":"https://main.', { 'Fn::GetAtt': ['App', 'DefaultDomain'] }, '","tests":[{"path":"/"}]}']] });
  });

  test('the function is run once, by this rule only', () => {
    const { stack } = onEvents();
    expect(onlyResource(template(stack), 'AWS::Lambda::EventInvokeConfig')).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 900 });
    expect(onlyResource(template(stack), 'AWS::Lambda::Permission')).toMatchObject({
      Principal: 'events.amazonaws.com', SourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^Deployed/), 'Arn'] },
    });
    expect(onlyResource(template(stack), 'AWS::Lambda::Function').DeadLetterConfig.TargetArn).toBeDefined();
  });

  test('a stack whose site does not exist yet is deployed, without a right or a warning that nobody needs', () => {
    const stack = new Stack(new App(), 'Stack');
    const subnetConfiguration = [{ name: 'a', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }];
    onEvents({ vpc: new ec2.Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration }) }, stack);
    template(stack).resourceCountIs('Custom::SmokeTests', 0);
    expect(JSON.stringify(onlyResource(template(stack), 'AWS::IAM::ManagedPolicy'))).not.toContain('DescribeStacks');
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('interface endpoint'))).toEqual([]);
  });

  test('and with the stack as well', () => {
    const stack = new Stack(new App(), 'Stack');
    onEvents({ atDeployment: true }, stack);
    expect(resourceOf(stack).Properties.Url).toBe('https://www.example.com');
    expect(targetsOf(stack)).toHaveLength(1);
  });

  test('of several rules; a rule that is given twice runs them once', () => {
    const stack = new Stack(new App(), 'Stack');
    const { tests } = create({}, stack);
    const rules = ['DeployedMain', 'DeployedNext'].map(id => deployed(stack, id));
    for (const rule of [...rules, rules[0]]) tests.executeOn(rule);
    for (const { Properties } of Object.values(resourcesOf(template(stack), 'AWS::Events::Rule'))) expect(Properties.Targets).toHaveLength(1);
    template(stack).resourceCountIs('AWS::Lambda::Permission', 2);
    expect(tests.alarms).toHaveLength(1);
  });

  test('of one rule that stands for several addresses, each once', () => {
    const { stack, tests } = onEvents();
    const rule = deployed(stack, 'Both');
    for (const url of ['https://a.example.com', 'https://b.example.com', 'https://a.example.com']) tests.executeOn(rule, url);
    const { Targets } = onlyResource(template(stack), 'AWS::Events::Rule', 'Both');
    expect(Targets.map(({ Input }: { Input: string }) => JSON.parse(Input).url)).toEqual(['https://a.example.com', 'https://b.example.com']);
    expect(new Set(Targets.map(({ Id }: { Id: string }) => Id)).size).toBe(2);
  });

  test('of another stack', () => {
    const app = new App();
    const rule = deployed(new Stack(app, 'Amplify'));
    create({}, new Stack(app, 'Tests')).tests.executeOn(rule);
    expect(() => app.synth()).not.toThrow();
  });

  test('an alarm on one address tells of a failure until its tests pass again', () => {
    const { stack, tests } = onEvents();
    expect(onlyResource(template(stack), 'AWS::CloudWatch::Alarm')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^SmokeTestsHandler/) } }],
      Statistic: 'Sum',
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      // A run of two minutes is counted at its beginning.
      Period: 300,
      TreatMissingData: 'ignore',
      AlarmDescription: {
        'Fn::Join': ['', expect.arrayContaining([
          expect.stringMatching(/^After a deployment the site does not answer as its smoke tests expect.* First: read the last "failed" in the log/),
        ])],
      },
    });
    expect(tests.alarms).toHaveLength(1);
  });

  test('an alarm on several addresses ends by itself, or the failure of one would hide that of the next', () => {
    const missing = ['https://www.example.com', 'https://staging.example.com'].map(url => {
      const { stack, tests } = onEvents();
      tests.executeOn(deployed(stack, 'Other'), url);
      return onlyResource(template(stack), 'AWS::CloudWatch::Alarm').TreatMissingData;
    });
    expect(missing).toEqual(['ignore', 'notBreaching']);
  });

  test('a Monitoring publishes it and draws the runs', () => {
    const { stack, tests } = onEvents();
    new Monitoring(stack, 'Monitoring', { watched: [tests] });
    expect(onlyResource(template(stack), 'AWS::CloudWatch::Alarm').AlarmActions).toHaveLength(1);
    expect(JSON.stringify(onlyResource(template(stack), 'AWS::CloudWatch::Dashboard'))).toContain('Smoke tests');
  });

  test.each<[string, Partial<SmokeTestsProps>, number]>([
    ['development', { profile: EnvironmentProfile.development() }, 0],
    ['development with alarms', { profile: EnvironmentProfile.development(), alarms: true }, 1],
    ['staging', { profile: EnvironmentProfile.staging() }, 1],
    ['production without alarms', { alarms: false }, 0],
  ])('the alarm of %s', (_, props, number) => {
    const { stack, tests } = onEvents(props);
    template(stack).resourceCountIs('AWS::CloudWatch::Alarm', number);
    expect(tests.alarms).toHaveLength(number);
    expect(tests.dashboardWidgets()).toHaveLength(1);
  });

  test('without events there is nothing of all this', () => {
    const { stack, tests } = create();
    for (const type of ['AWS::CloudWatch::Alarm', 'AWS::Lambda::EventInvokeConfig', 'AWS::Lambda::Permission']) template(stack).resourceCountIs(type, 0);
    expect(tests.alarms).toEqual([]);
    expect(tests.dashboardWidgets()).toEqual([]);
  });

  test('tests that would never run are told', () => {
    const { stack } = create({ atDeployment: false });
    expect(() => template(stack)).toThrow('The smoke tests never run');
  });

  test('nothing can wait for tests that are no part of the deployment', () => {
    const { stack, tests } = onEvents();
    expect(refusal(() => tests.executeAfter(stack))).toContain('executeAfter is about tests that run when the stack is deployed');
    expect(refusal(() => tests.executeBefore(stack))).toContain('executeBefore is about tests that run when the stack is deployed');
  });

  test.each<[unknown, string]>([[undefined, 'rule is missing'], ['rule', 'rule is not what it should be']])('refused as a rule: %s', (rule, message) => {
    expect(refusal(() => create().tests.executeOn(wrong(rule)))).toContain(message);
  });

  test('auditors find nothing', () => {
    const { stack } = onEvents();
    template(stack);
    expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
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
  ['a version of tests that are no part of the deployment', { atDeployment: false, version: '1' }, 'got: version, atDeployment false'],
  ['what to wait for, likewise', { atDeployment: false, executeAfter: [] }, 'got: executeAfter, atDeployment false'],
  ['a choice as text', { atDeployment: wrong('false') }, 'atDeployment is not a boolean'],
  ['a choice that is only known later', { atDeployment: Token.asAny(true) as never }, 'atDeployment is only known at deployment'],
  ['alarms as text', { alarms: wrong('no') }, 'alarms is not a boolean'],
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
