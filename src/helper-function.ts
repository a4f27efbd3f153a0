import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What differs between the functions that help a deployment. */
export interface HelperFunctionOptions {
  /** What the function may do, besides writing its log. */
  readonly statements: iam.PolicyStatement[];
  readonly logRetentionDays: number;
  readonly removalPolicy: RemovalPolicy;
  readonly encryptionKey?: kms.IKey;
}

/** What every function has that helps a deployment: a log that ends, a role of its own, and a place for events that it failed on for good. */
export interface HelperFunctionProps extends lambda.FunctionOptions {
  readonly role: iam.IRole;
  readonly logGroup: logs.LogGroup;
  readonly deadLetterQueue: sqs.Queue;
}

/** Makes what a helping function stands on. Its role has one managed policy, because auditors want no inline ones. */
export function helperFunctionProps(scope: Construct, options: HelperFunctionOptions): HelperFunctionProps {
  const logGroup = new logs.LogGroup(scope, 'Log', {
    retention: options.logRetentionDays,
    encryptionKey: options.encryptionKey,
    removalPolicy: options.removalPolicy,
  });
  const deadLetterQueue = new sqs.Queue(scope, 'FailedEvents', {
    encryption: options.encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED,
    encryptionMasterKey: options.encryptionKey,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
      new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetterQueue.queueArn] }),
      ...mayUseKey(scope, options.encryptionKey),
      ...options.statements,
    ],
  });
  return {
    role: role.withoutPolicyUpdates(),
    logGroup,
    deadLetterQueue,
    environmentEncryption: options.encryptionKey,
    architecture: lambda.Architecture.ARM_64,
  };
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
