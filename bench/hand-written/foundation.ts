/* What every part of a hand-written app stands on: its key, its logs, its private buckets, and its functions with their rights. */
import { dirname, join } from 'path';
import { Aws, CfnResource, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct } from 'constructs';
import type { Monitoring } from './monitoring';

export const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
export const MINUTE = Duration.minutes(1);
/** The handlers as the library ships them: both sides stage the same files. */
const HANDLERS = join(dirname(require.resolve('cdk-web-platform/package.json')), 'assets');

/** What the parts of one stack share. */
export interface Platform {
  readonly key: kms.Key;
  readonly failedEvents: sqs.Queue;
  readonly monitoring: Monitoring;
}

/** One key for data, logs and messages of a stack. */
export function createKey(scope: Construct, id: string): kms.Key {
  const stack = Stack.of(scope);
  const key = new kms.Key(scope, id, { description: `Data, logs and messages of ${stack.node.path}`, enableKeyRotation: true, removalPolicy: KEPT });
  const ofTopics = { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': stack.formatArn({ service: 'sns', resource: '*' }) } };
  allowService(key, 'CloudWatchLogs', `logs.${stack.region}.${stack.urlSuffix}`,
    ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.formatArn({ service: 'logs', resource: '*' }) } });
  allowService(key, 'CloudWatchAlarms', 'cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'],
    { StringEquals: { 'aws:SourceAccount': stack.account }, ...ofTopics });
  allowService(key, 'EventBridge', 'events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], ofTopics);
  return key;
}

export function allowService(key: kms.Key, sid: string, service: string, actions: string[], conditions: { [key: string]: unknown }): void {
  key.addToResourcePolicy(new iam.PolicyStatement({ sid, principals: [new iam.ServicePrincipal(service)], actions, resources: ['*'], conditions }));
}

/** Events that a function failed on for good. */
export function createFailedEvents(scope: Construct, key: kms.IKey): sqs.Queue {
  return createQueue(scope, 'FailedEvents', key, { retentionPeriod: Duration.days(14) });
}

export function createQueue(scope: Construct, id: string, key: kms.IKey, props: sqs.QueueProps): sqs.Queue {
  return new sqs.Queue(scope, id, { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true, ...props });
}

export function createLogGroup(scope: Construct, id: string, encryptionKey: kms.IKey, props: logs.LogGroupProps = {}): logs.LogGroup {
  return new logs.LogGroup(scope, id, { retention: logs.RetentionDays.ONE_MONTH, encryptionKey, removalPolicy: KEPT, ...props });
}

export function createSecurityGroup(scope: Construct, id: string, vpc: ec2.IVpc, description: string): ec2.SecurityGroup {
  return new ec2.SecurityGroup(scope, id, { vpc, description, allowAllOutbound: false });
}

/** The end of the stack's id, for names that have to be unique in an account. */
export function suffix(): string {
  return Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
}

/** What a database or a cache that outlives its stack still uses has to outlive it too. */
export function keep(...parts: (IConstruct | undefined)[]): void {
  for (const part of parts) if (CfnResource.isCfnResource(part)) part.applyRemovalPolicy(KEPT);
}

const PRIVATE: s3.BucketProps = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  versioned: true,
  removalPolicy: KEPT,
};

export interface PrivateBucketOptions extends s3.BucketProps {
  readonly oldVersions: Duration;
  readonly transitions?: s3.Transition[];
}

/** An encrypted bucket whose requests are logged. */
export function createBucket(scope: Construct, id: string, key: kms.IKey, accessLogs: s3.IBucket, options: PrivateBucketOptions): s3.Bucket {
  const { oldVersions, transitions, ...props } = options;
  return new s3.Bucket(scope, id, {
    ...PRIVATE,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    serverAccessLogsBucket: accessLogs,
    serverAccessLogsPrefix: 'bucket/',
    lifecycleRules: [{
      noncurrentVersionExpiration: oldVersions, transitions, abortIncompleteMultipartUploadAfter: Duration.days(1), expiredObjectDeleteMarker: true,
    }],
    ...props,
  });
}

export function createLogBucket(scope: Construct, id: string, props: s3.BucketProps = {}): s3.Bucket {
  return new s3.Bucket(scope, id, {
    ...PRIVATE,
    encryption: s3.BucketEncryption.S3_MANAGED,
    lifecycleRules: [{
      expiration: Duration.days(90), noncurrentVersionExpiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1),
    }],
    ...props,
  });
}

export interface HandlerProps extends lambda.FunctionOptions {
  /** Folder of the bundled handler. */
  readonly bundle: string;
  readonly platform: Pick<Platform, 'key' | 'failedEvents'>;
  readonly statements?: iam.PolicyStatement[];
  readonly logRemovalPolicy?: RemovalPolicy;
}

/** A function with a log that ends, a role with one managed policy, and a queue of the events that it failed on. */
export class Handler extends Construct {
  public readonly function: lambda.Function;
  public readonly role: iam.Role;
  /** What the function may do: further rights are granted to it. */
  public readonly policy: iam.ManagedPolicy;
  public readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, { bundle, platform, statements = [], logRemovalPolicy, ...options }: HandlerProps) {
    super(scope, id);
    const { key, failedEvents } = platform;
    this.logGroup = createLogGroup(this, 'Log', key, { removalPolicy: logRemovalPolicy ?? KEPT });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.policy = new iam.ManagedPolicy(this.role, 'Policy', {
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [this.logGroup.logGroupArn] }),
        new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failedEvents.queueArn] }),
        mayUseKeyThrough(this, 'sqs', key),
        ...options.vpc ? mayJoinNetwork(Stack.of(this)) : [],
        ...statements,
      ],
    });
    this.function = new lambda.Function(this, 'Handler', {
      runtime: new lambda.Runtime('nodejs24.x', lambda.RuntimeFamily.NODEJS),
      handler: 'index.handler',
      code: lambda.Code.fromAsset(join(HANDLERS, bundle)),
      architecture: lambda.Architecture.ARM_64,
      memorySize: 256,
      ...options,
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      deadLetterQueue: failedEvents,
      environmentEncryption: key,
      environment: { ...options.environment, AWS_NODEJS_CONNECTION_REUSE_ENABLED: '1' },
    });
    // Lambda tries the role's right on the queue when it makes the function.
    this.function.node.addDependency(this.role);
  }
}

export function mayUseKeyThrough(scope: Construct, service: string, key: kms.IKey, actions = ['kms:Decrypt', 'kms:GenerateDataKey']): iam.PolicyStatement {
  const { region, urlSuffix } = Stack.of(scope);
  return allow(actions, [key.keyArn], { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } });
}

export function allow(actions: string[], resources: string[], conditions?: { [key: string]: unknown }): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
}

/** Instead of AWS's managed policy, which auditors do not want. */
function mayJoinNetwork(stack: Stack): iam.PolicyStatement[] {
  return [
    allow(['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], ['*']),
    allow(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
      [stack.formatArn({ service: 'ec2', resource: '*', resourceName: '*' })]),
    allow(['ec2:CreateNetworkInterface'], [stack.formatArn({ service: 'ec2', account: '*', resource: 'subnet', resourceName: '*' })]),
  ];
}
