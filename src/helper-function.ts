import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/** What a function that helps a deployment is given, beside what every Lambda function may be given. */
export interface HelperFunctionOptions extends lambda.FunctionOptions {
  /** What the function may do, besides writing its log. */
  readonly statements: iam.PolicyStatement[];
  readonly logRetentionDays: number;
  readonly removalPolicy: RemovalPolicy;
  readonly encryptionKey?: kms.IKey;
}

/** A function that projen made for a `*.lambda.ts`. */
type HandlerClass = new (scope: Construct, id: string, props: lambda.FunctionOptions) => lambda.Function;

/**
 * Makes a function that helps a deployment, with what each of them has: a log that ends, a role of its own, and a place for
 * events that it failed on for good. The role has one managed policy, because auditors want no inline ones.
 */
export function createHelperFunction(scope: Construct, handlerClass: HandlerClass, options: HelperFunctionOptions): lambda.Function {
  const { statements, logRetentionDays, removalPolicy, encryptionKey, ...functionOptions } = options;
  const logGroup = new logs.LogGroup(scope, 'Log', { retention: logRetentionDays, encryptionKey, removalPolicy });
  const deadLetterQueue = new sqs.Queue(scope, 'FailedEvents', {
    encryption: encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED,
    encryptionMasterKey: encryptionKey,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
      new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetterQueue.queueArn] }),
      ...mayUseKey(scope, encryptionKey),
      ...functionOptions.vpc ? [mayJoinNetwork(role)] : [],
      ...statements,
    ],
  });
  const handler = new handlerClass(scope, 'Handler', {
    architecture: lambda.Architecture.ARM_64,
    ...functionOptions,
    role: role.withoutPolicyUpdates(),
    logGroup,
    deadLetterQueue,
    environmentEncryption: encryptionKey,
  });
  // Lambda tries the role's right on the queue when it makes the function.
  handler.node.addDependency(role);
  return handler;
}

/** What Lambda asks for to place a function in a VPC. */
function mayJoinNetwork(role: iam.Role): iam.PolicyStatement {
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]',
    'A function in a VPC makes its own network interfaces, whose names nobody knows before: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html');
  return new iam.PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
}

/** The key of the queue, through SQS only. */
function mayUseKey(scope: Construct, key?: kms.IKey): iam.PolicyStatement[] {
  if (!key) return [];
  return [new iam.PolicyStatement({
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `sqs.${Stack.of(scope).region}.${Aws.URL_SUFFIX}` } },
  })];
}
