import { App, Environment, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { createHelperFunction } from '../src/helper-function';

class Handler extends lambda.Function {
  constructor(scope: Construct, id: string, props: lambda.FunctionOptions) {
    super(scope, id, { ...props, runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = () => {}') });
  }
}

function make({ env, placed = true }: { env?: Environment; placed?: boolean } = {}): Stack {
  const stack = new Stack(new App(), 'Stack', { env });
  const vpc = () => new ec2.Vpc(stack, 'Vpc', { natGateways: 0, restrictDefaultSecurityGroup: false });
  createHelperFunction(new Construct(stack, 'Helper'), Handler, {
    statements: [],
    logRetentionDays: 7,
    removalPolicy: RemovalPolicy.DESTROY,
    ...placed && { vpc: vpc(), vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } },
  });
  return stack;
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

function networkStatements(stack: Stack): Statement[] {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  return Properties.PolicyDocument.Statement.filter(({ Action }: Statement) => JSON.stringify(Action).includes('ec2:'));
}

const arn = (...rest: unknown[]) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...rest]] });

test('a function in a VPC changes network interfaces of its own account and region only, in subnets that may be shared', () => {
  expect(networkStatements(make())).toEqual([
    { Effect: 'Allow', Action: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
      // Lambda tries to delete an interface without a name, which EC2 asks for as */*: a right on network-interface/* fails each deployment.
      Resource: arn(':ec2:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':*/*'),
    },
    { Effect: 'Allow', Action: 'ec2:CreateNetworkInterface', Resource: arn(':ec2:', { Ref: 'AWS::Region' }, ':*:subnet/*') },
  ]);
});

test('a function outside of a VPC has none of these rights', () => {
  expect(networkStatements(make({ placed: false }))).toEqual([]);
});

test.each<[string, Environment | undefined]>([
  ['anywhere', undefined],
  ['in Europe', { account: '111111111111', region: 'eu-central-1' }],
  ['in China', { account: '111111111111', region: 'cn-north-1' }],
  ['in GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
])('leaves auditors no question %s', (_, env) => {
  const { violations } = new AwsSolutionsChecks().validateScope(make({ env }));
  const found = violations.flatMap(violation => violation.violatingResources.map(({ constructPath }) => `${violation.ruleName} ${constructPath}`));

  expect(found.filter(finding => finding.includes('Stack/Helper/Role'))).toEqual([]);
});

test('leaves auditors no question where the app writes partitions out', () => {
  const app = new App({ context: { '@aws-cdk/core:enablePartitionLiterals': true } });
  const stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'cn-north-1' } });
  createHelperFunction(new Construct(stack, 'Helper'), Handler, {
    statements: [], logRetentionDays: 7, removalPolicy: RemovalPolicy.DESTROY, vpc: new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }),
  });
  const { violations } = new AwsSolutionsChecks().validateScope(stack);

  expect(networkStatements(stack)[1].Resource).toBe('arn:aws-cn:ec2:cn-north-1:111111111111:*/*');
  expect(violations.filter(({ ruleName }) => ruleName.startsWith('AwsSolutions-IAM'))).toEqual([]);
});

test('all functions of a stack leave what they failed on in one queue, whose key each may use', () => {
  const stack = make({ placed: false });
  const keys = ['One', 'Two'].map(id => new kms.Key(stack, id));
  const common = { statements: [], logRetentionDays: 7, removalPolicy: RemovalPolicy.DESTROY };
  const other = new Stack(stack.node.root as App, 'Other');
  for (const encryptionKey of keys) createHelperFunction(new Construct(other, `Helper${encryptionKey.node.id}`), Handler, { ...common, encryptionKey });
  const template = Template.fromStack(other);
  template.resourceCountIs('AWS::SQS::Queue', 1);
  const [first] = keys;
  for (const { Properties } of Object.values<any>(template.findResources('AWS::IAM::ManagedPolicy'))) {
    expect(Properties.PolicyDocument.Statement).toContainEqual(expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: other.resolve(first.keyArn) }));
  }
  Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 1);
});
