import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { createPrivateQueue } from './private-queue';

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
  const deadLetterQueue = failedEvents(scope, encryptionKey);
  const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
      new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetterQueue.queueArn] }),
      ...mayUseKey(scope, deadLetterQueue.encryptionMasterKey),
      ...functionOptions.vpc ? mayJoinNetwork(role) : [],
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

/**
 * One queue for all functions of a stack, with the key of the first: what failed is in the event itself, and a queue for each would be two resources more for
 * every function.
 */
function failedEvents(scope: Construct, encryptionKey?: kms.IKey): sqs.Queue {
  const stack = Stack.of(scope);
  return stack.node.tryFindChild('FailedEvents') as sqs.Queue | undefined
    ?? createPrivateQueue(stack, 'FailedEvents', { encryptionKey, retentionPeriod: Duration.days(14) });
}

/**
 * What Lambda asks for to place a function in a VPC.
 *
 * It tries beforehand whether the role may delete an interface, without the name of one, which only a right on all kinds of resources allows.
 * That is no more than one on interfaces, subnets and security groups: the actions know no others. Subnets of a shared VPC are its owner's.
 */
function mayJoinNetwork(role: iam.Role): iam.PolicyStatement[] {
  const stack = Stack.of(role);
  const anything = stack.formatArn({ service: 'ec2', resource: '*', resourceName: '*' });
  const anySubnet = stack.formatArn({ service: 'ec2', account: '*', resource: 'subnet', resourceName: '*' });
  const reasons = {
    ['*']: 'EC2 shows network interfaces and subnets to those only who may see all of them',
    [anything]: 'A function in a VPC makes its own network interfaces, whose names nobody knows before',
    [anySubnet]: 'A function makes its network interfaces in the subnets that it is placed in, which may be shared by another account',
  };
  for (const [resource, reason] of Object.entries(reasons)) {
    acknowledgeWildcards(role, [resource], `${reason}: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html`);
  }
  return [
    new iam.PolicyStatement({ actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], resources: ['*'] }),
    new iam.PolicyStatement({
      actions: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
      resources: [anything],
    }),
    new iam.PolicyStatement({ actions: ['ec2:CreateNetworkInterface'], resources: [anySubnet] }),
  ];
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
