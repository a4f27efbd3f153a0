/* Uploads of a hand-written app: a bucket, a queue, and a function that makes images of what comes. */
import { join } from 'path';
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, allowService, createBucket, createLogBucket, createQueue, Handler, mayUseKeyThrough, MINUTE, Platform } from './foundation';
import { AT_LEAST, graphFromZero } from './monitoring';

const UPLOADS = 'uploads/';
const IMAGES = 'images/';
const RESULTS = 'results/';
const MAXIMUM_BYTES = 20 * 1024 ** 2;
const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];
const SETTINGS = {
  acceptedTypes: TYPES,
  maximumBytes: MAXIMUM_BYTES,
  maximumPixels: 50_000_000,
  sizes: Object.entries({ small: 320, medium: 800, large: 1600 }).map(([name, width]) => ({ name, width, height: width, fit: 'inside' })),
  formats: [{ name: 'webp', quality: 80 }],
  animated: true,
};

/** Where uploads are copied to. */
export interface Replica {
  readonly bucket: s3.IBucket;
  readonly key: kms.IKey;
  readonly region: string;
}

export class Uploads extends Construct {
  public readonly bucket: s3.Bucket;
  public readonly images: s3.Bucket;
  /** What services are told. */
  public readonly environment: { readonly [name: string]: string };
  private readonly queue: sqs.Queue;
  private readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, private readonly platform: Platform, origin: string, replica: Replica) {
    super(scope, id);
    const accessLogs = createLogBucket(this, 'AccessLogs');
    this.bucket = this.createBucket(accessLogs, origin, replica);
    this.images = createBucket(this, 'Images', platform.key, accessLogs, { oldVersions: Duration.days(7) });
    for (const bucket of [this.bucket, this.images]) sendEvents(bucket);
    this.deadLetterQueue = createQueue(this, 'DeadLetterQueue', platform.key, { retentionPeriod: Duration.days(14) });
    this.queue = createQueue(this, 'Queue', platform.key, {
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.minutes(6),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 3 },
    });
    const handler = this.createHandler();
    this.listen();
    this.watch(handler);
    this.environment = {
      UPLOADS_BUCKET: this.bucket.bucketName,
      UPLOADS_PREFIX: UPLOADS,
      UPLOADS_MAXIMUM_BYTES: String(MAXIMUM_BYTES),
      UPLOADS_CONTENT_TYPES: TYPES.join(','),
      IMAGES_BUCKET: this.images.bucketName,
      IMAGES_PREFIX: IMAGES,
      IMAGES_RESULTS_PREFIX: RESULTS,
    };
  }

  /** Lets a service put uploads and read images; the grants of the buckets would let it delete, and use the key for anything. */
  public grantUse(scope: Construct, role: iam.IRole): void {
    new iam.ManagedPolicy(scope, 'UploadRights', {
      roles: [role],
      statements: [
        allow(['s3:PutObject'], [this.bucket.arnForObjects(`${UPLOADS}*`)]),
        mayUseKeyThrough(this, 's3', this.platform.key),
        allow(['s3:GetObject'], [IMAGES, RESULTS].map(prefix => this.images.arnForObjects(`${prefix}*`))),
        allow(['s3:ListBucket'], [this.images.bucketArn]),
      ],
    });
  }

  private createBucket(accessLogs: s3.IBucket, origin: string, replica: Replica): s3.Bucket {
    const role = new iam.Role(this, 'ReplicationRole', { assumedBy: new iam.ServicePrincipal('s3.amazonaws.com') });
    const bucket = createBucket(this, 'Bucket', this.platform.key, accessLogs, {
      oldVersions: Duration.days(30),
      transitions: [
        { storageClass: s3.StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) },
        { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
      ],
      transitionDefaultMinimumObjectSize: s3.TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
      cors: [{
        allowedOrigins: [origin],
        allowedMethods: [s3.HttpMethods.PUT, s3.HttpMethods.POST, s3.HttpMethods.GET, s3.HttpMethods.HEAD],
        allowedHeaders: ['cache-control', 'content-*', 'if-*', 'range', 'x-amz-*'],
        exposedHeaders: ['ETag', 'Accept-Ranges', 'Content-Range'],
        maxAge: 3600,
      }],
      replicationRole: role,
      replicationRules: [{
        id: 'Recovery', destination: replica.bucket, kmsKey: replica.key, priority: 1, sseKmsEncryptedObjects: true, metrics: s3.ReplicationTimeValue.FIFTEEN_MINUTES,
      }],
    });
    const through = (region: string) => ({ StringEquals: { 'kms:ViaService': `s3.${region}.${Stack.of(this).urlSuffix}` } });
    new iam.ManagedPolicy(role, 'Policy', {
      roles: [role],
      statements: [
        allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], [bucket.bucketArn]),
        allow(['s3:GetObjectVersionAcl', 's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'], [bucket.arnForObjects('*')]),
        allow(['s3:ReplicateObject', 's3:ReplicateTags'], [replica.bucket.arnForObjects('*')]),
        allow(['kms:Decrypt'], [this.platform.key.keyArn], through(Stack.of(this).region)),
        allow(['kms:Encrypt', 'kms:GenerateDataKey'], [replica.key.keyArn], through(replica.region)),
      ],
    });
    return bucket;
  }

  private createHandler(): Handler {
    const handler = new Handler(this, 'Processing', {
      bundle: join('uploads', 'image-processing.lambda'),
      description: 'Makes images of uploads',
      memorySize: 1769,
      timeout: MINUTE,
      platform: this.platform,
      statements: [
        allow(['s3:GetObject'], [this.bucket.arnForObjects(`${UPLOADS}*`), this.images.arnForObjects(`${RESULTS}*`)]),
        allow(['s3:PutObject'], [IMAGES, RESULTS].map(prefix => this.images.arnForObjects(`${prefix}*`))),
        allow(['s3:ListBucket'], [this.bucket.bucketArn, this.images.bucketArn]),
        mayUseKeyThrough(this, 's3', this.platform.key),
      ],
      environment: { UPLOADS_BUCKET: this.bucket.bucketName, IMAGES_BUCKET: this.images.bucketName, SETTINGS: JSON.stringify(SETTINGS) },
    });
    this.queue.grantConsumeMessages(handler.policy);
    handler.function.addEventSource(new SqsEventSource(this.queue, { batchSize: 1, maxConcurrency: 10, reportBatchItemFailures: true }));
    return handler;
  }

  private listen(): void {
    const queues = { ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': Stack.of(this).formatArn({ service: 'sqs', resource: '*' }) } };
    allowService(this.platform.key, 'EventBridgeToQueues', 'events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], queues);
    new events.Rule(this, 'Uploaded', {
      description: 'Uploads that images are made of',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [this.bucket.bucketName] }, object: { key: [{ prefix: UPLOADS }] } },
      },
      targets: [new targets.SqsQueue(this.queue, { deadLetterQueue: this.deadLetterQueue })],
    });
  }

  private watch({ function: handler, logGroup }: Handler): void {
    const { monitoring } = this.platform;
    const period = MINUTE;
    const values = {
      logs: logGroup.logGroupName, handler: handler.functionName, failed: this.deadLetterQueue.queueArn, queue: this.queue.queueArn,
    };
    const failed = this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period });
    const oldest = this.queue.metricApproximateAgeOfOldestMessage({ period });
    monitoring.addAlarms(this, {
      UploadsFailed: { metric: failed, threshold: 0, periods: 1, page: 'uploads-failed', values },
      UploadsWaiting: { metric: oldest, threshold: 900, periods: 15, page: 'uploads-waiting', values, comparisonOperator: AT_LEAST },
      FunctionErrors: { metric: handler.metricErrors({ period }), threshold: 0, periods: 3, page: 'uploads-function-errors', values },
      FunctionThrottles: {
        metric: handler.metricThrottles({ period }), threshold: 1, periods: 5, page: 'uploads-function-throttled', values, comparisonOperator: AT_LEAST,
      },
    });
    monitoring.addRow('Uploads',
      graphFromZero('Uploads waiting', 8,
        [this.queue.metricApproximateNumberOfMessagesVisible({ period, label: 'waiting' }), failed.with({ label: 'failed' })], [oldest.with({ label: 'oldest (s)' })]),
      graphFromZero('Images being made', 8, [handler.metricInvocations({ period, label: 'calls' }), handler.metricErrors({ period, label: 'errors' })],
        [handler.metricDuration({ period, statistic: 'p90', label: 'time of nine in ten (ms)' })]),
      new cloudwatch.LogQueryWidget({
        title: 'What became of uploads',
        width: 8,
        logGroupNames: [logGroup.logGroupName],
        queryLines: ['filter ispresent(outcome)', 'stats count(*) as uploads by outcome, reason', 'sort uploads desc'],
      }));
  }
}

/** The L2's own `eventBridgeEnabled` does this through a function. */
function sendEvents(bucket: s3.Bucket): void {
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}
