import { Annotations, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ImageProcessingFunction } from './image-processing-function';
import type { ImageUploadsProps } from './image-uploads-props';
import { deleteRights, processingRights, readRights, uploadRights } from './image-uploads-rights';
import { imageSettings } from './image-uploads-settings';
import { validateImageUploads } from './image-uploads-validation';
import { createUploadAlarms, UploadParts, uploadWidgets } from './image-uploads-watch';
import { MalwareScan } from './malware-scan';
import { acknowledgeWildcards } from '../acknowledge';
import { allowForQueues } from '../encryption/queue-key';
import { EnvironmentProfile } from '../environment';
import { grantRights } from '../grant-rights';
import { createHelperFunction } from '../helper-function';
import { IWatched, WatchedEvents } from '../observability';
import { AccessLogsBucket, accessLogsRemovalPolicy } from '../observability/access-logs-bucket';
import { createPrivateBucket } from '../private-bucket';
import { createPrivateQueue, PrivateQueueOptions } from '../private-queue';
import { AppBucket, ExistingBucket } from '../storage';
import { IMAGES_PREFIX, ImageSettings, RESULTS_PREFIX, UPLOADS_PREFIX } from './processing/settings';

/** Lambda gives a call up to its timeout; SQS recommends six times that before another may have the message. */
const VISIBILITY_TIMEOUTS = 6;
/** Images can be made again from the uploads. */
const NONCURRENT_IMAGE_DAYS = 7;

/**
 * Images that the users of an app upload, in the sizes and formats that its pages need: turned upright, in sRGB, without metadata such as where they were taken.
 *
 * A browser uploads to a private bucket with a presigned POST that bounds size and type. Each upload becomes a message, where wished after GuardDuty found no
 * malware in it; a function makes its images below `images/` in another private bucket, which a `SiteDistribution` can serve, and says in
 * `results/<name>.json` what became of it. What is no readable image is refused there, once. What fails is tried again, and then put aside, with an alarm.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export class ImageUploads extends Construct implements IWatched {
  /** Bucket of the uploads, below `uploads/`. Nobody but the function reads them. */
  public readonly uploads: AppBucket;
  /** Bucket of the images, below `images/`, and of the results, below `results/`. */
  public readonly bucket: s3.IBucket;
  /** Paths of the images behind a distribution, for `SiteDistribution.addBucket()`. */
  public readonly pathPattern = `/${IMAGES_PREFIX}*`;
  /** Variables for the services that sign uploads and read results. */
  public readonly environment: { [name: string]: string };
  /** Uploads that wait for their images. */
  public readonly queue: sqs.IQueue;
  /** Uploads that failed too often. */
  public readonly deadLetterQueue: sqs.IQueue;
  /** What makes the images. */
  public readonly function: lambda.Function;
  /** Alarms of the uploads. */
  public readonly alarms: cloudwatch.Alarm[];
  /** Malware that was found, and scans that cannot work; undefined without `malwareScan`. */
  public readonly events?: WatchedEvents[];

  private readonly profile: EnvironmentProfile;
  private readonly settings: ImageSettings;
  private readonly parts: UploadParts;

  constructor(scope: Construct, id: string, private readonly props: ImageUploadsProps = {}) {
    super(scope, id);
    validateImageUploads(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.settings = imageSettings(props);

    this.uploads = this.createUploads();
    this.bucket = this.createImages();
    const deadLetterQueue = createPrivateQueue(this, 'DeadLetterQueue', { encryptionKey: props.encryptionKey, retentionPeriod: Duration.days(14) });
    const queue = createPrivateQueue(this, 'Queue', this.delivery(deadLetterQueue));
    this.function = this.createFunction(queue);
    this.events = props.malwareScan ? new MalwareScan(this, 'MalwareScan', this.uploads.bucket, this.uploads.encryptionKey).events : undefined;
    this.sendUploads(queue, deadLetterQueue);
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
    this.parts = { queue, deadLetterQueue, function: this.function, logGroup: this.function.logGroup };
    this.environment = this.variables();
    this.alarms = props.alarms ?? this.profile.alarms ? createUploadAlarms(this, this.parts) : [];
  }

  /**
   * Lets the pages of an origin upload. It may be a token.
   *
   * @param origin the exact origin that a browser sends
   */
  public addOrigin(origin: string): void {
    this.uploads.addOrigin(origin);
  }

  /**
   * Lets somebody of this account upload, and so sign uploads for others. A role of this app gets a managed policy.
   *
   * @param grantee who may upload
   */
  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, uploadRights(this.places()));
  }

  /**
   * Lets somebody of this account read the results and the images.
   *
   * @param grantee who may read
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, readRights(this.places()));
  }

  /**
   * Lets somebody of this account delete uploads, images and results. Older versions stay for some days, and a distribution may keep images.
   *
   * @param grantee who may delete
   */
  public grantDelete(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, deleteRights(this.places()));
  }

  /** What waits, what is being made, and what became of uploads. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return uploadWidgets(this.parts);
  }

  private createUploads(): AppBucket {
    const { existingUploads } = this.props;
    return existingUploads ? this.takeUploads(existingUploads) : this.createUploadsBucket();
  }

  private takeUploads(existing: ExistingBucket): AppBucket {
    if (!this.props.malwareScan) {
      Annotations.of(this).addWarningV2('cdk-web-platform:existingUploadsEvents',
        'An existing bucket is not changed. Its uploads become images only where it tells EventBridge of its events: docs/uploads.md has the command.');
    }
    return new AppBucket(this, 'Uploads', { profile: this.profile, allowedOrigins: this.props.allowedOrigins, existing });
  }

  private createUploadsBucket(): AppBucket {
    const { allowedOrigins, encryptionKey, serverAccessLogs, accessLogsBucket, originalRetentionDays } = this.props;
    const uploads = new AppBucket(this, 'Uploads', { profile: this.profile, allowedOrigins, encryptionKey, serverAccessLogs, accessLogsBucket });
    const bucket = uploads.bucket as s3.Bucket;
    sendEvents(bucket);
    if (originalRetentionDays !== undefined) bucket.addLifecycleRule({ prefix: UPLOADS_PREFIX, expiration: Duration.days(originalRetentionDays) });
    return uploads;
  }

  private createImages(): s3.IBucket {
    const { existingImages } = this.props;
    if (existingImages) return s3.Bucket.fromBucketAttributes(this, 'Images', existingImages);
    const bucket = createPrivateBucket(this, 'Images', {
      encryptionKey: this.props.encryptionKey,
      noncurrentVersionDays: NONCURRENT_IMAGE_DAYS,
      removalPolicy: this.profile.removalPolicyWithoutSnapshot,
    });
    const accessLogs = this.props.existingUploads ? this.createAccessLogs() : this.uploads.accessLogsBucket;
    if (accessLogs) AccessLogsBucket.logServerAccess(bucket, accessLogs);
    sendEvents(bucket);
    return bucket;
  }

  /** Where the bucket of the uploads exists, none was made beside it. */
  private createAccessLogs(): s3.IBucket | undefined {
    if (!(this.props.serverAccessLogs ?? this.profile.accessLogs)) return undefined;
    return this.props.accessLogsBucket
      ?? new AccessLogsBucket(this, 'AccessLogs', { removalPolicy: accessLogsRemovalPolicy(this.profile) }).bucket;
  }

  private delivery(deadLetterQueue: sqs.IQueue): PrivateQueueOptions {
    return {
      encryptionKey: this.props.encryptionKey,
      visibilityTimeout: Duration.seconds(this.timeout().toSeconds() * VISIBILITY_TIMEOUTS),
      // As long as uploads wait at most, while whatever keeps the function from working is mended.
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: this.props.maximumAttempts ?? 3 },
    };
  }

  private createFunction(queue: sqs.Queue): lambda.Function {
    const { encryptionKey, memoryMiB = 1769, batchSize = 1, maximumConcurrency = 10 } = this.props;
    const handler = createHelperFunction(new Construct(this, 'Processing'), ImageProcessingFunction, {
      statements: this.statements(queue),
      logRetentionDays: this.profile.logRetentionDays,
      removalPolicy: this.profile.removalPolicyWithoutSnapshot,
      encryptionKey,
      description: 'Makes images of uploads',
      memorySize: memoryMiB,
      timeout: this.timeout(),
      environment: {
        UPLOADS_BUCKET: this.uploads.bucketName,
        IMAGES_BUCKET: this.bucket.bucketName,
        SETTINGS: JSON.stringify(this.settings),
      },
    });
    new lambda.EventSourceMapping(this, 'Messages', {
      target: handler,
      eventSourceArn: queue.queueArn,
      batchSize,
      maxConcurrency: maximumConcurrency,
      reportBatchItemFailures: true,
    });
    return handler;
  }

  private statements(queue: sqs.Queue): iam.PolicyStatement[] {
    const rights = processingRights(this.places());
    for (const { resources, wildcardReason } of rights) {
      if (wildcardReason) acknowledgeWildcards(this, resources, wildcardReason);
    }
    return [
      new iam.PolicyStatement({ actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], resources: [queue.queueArn] }),
      ...rights.map(({ actions, resources, conditions }) => new iam.PolicyStatement({ actions, resources, conditions })),
    ];
  }

  /**
   * Uploads, or those that were scanned, to the queue. Through EventBridge, because a bucket that is to send to a queue by itself has to be there before
   * the queue's policy can name it, and has to find that policy when it is made.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
   */
  private sendUploads(queue: sqs.Queue, deadLetterQueue: sqs.Queue): void {
    const { bucket } = this.uploads;
    const uploaded: events.EventPattern = {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: UPLOADS_PREFIX }] } },
    };
    const rule = new events.Rule(this, 'Uploaded', {
      description: 'Uploads that images are made of',
      eventPattern: this.props.malwareScan ? MalwareScan.pattern(bucket) : uploaded,
      // Not the L2's target: with a key, its policy lets any rule of any account send.
      targets: [{ bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: deadLetterQueue.queueArn } }) }],
    });
    for (const target of [queue, deadLetterQueue]) {
      target.addToResourcePolicy(new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [target.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }));
    }
    if (this.props.encryptionKey) allowForQueues(this, this.props.encryptionKey);
  }

  private variables(): { [name: string]: string } {
    return {
      UPLOADS_BUCKET: this.uploads.bucketName,
      UPLOADS_PREFIX,
      UPLOADS_MAXIMUM_BYTES: `${this.settings.maximumBytes}`,
      UPLOADS_CONTENT_TYPES: this.settings.acceptedTypes.join(','),
      IMAGES_BUCKET: this.bucket.bucketName,
      IMAGES_PREFIX,
      IMAGES_RESULTS_PREFIX: RESULTS_PREFIX,
    };
  }

  private places() {
    const { existingImages, encryptionKey } = this.props;
    const imagesKey = existingImages ? existingImages.encryptionKey : encryptionKey;
    return { uploads: this.uploads.bucket, uploadsKey: this.uploads.encryptionKey, images: this.bucket, imagesKey };
  }

  private timeout(): Duration {
    return this.props.timeout ?? Duration.minutes(1);
  }
}

/** The L2's way is a function that sets it after the bucket was made. */
function sendEvents(bucket: s3.Bucket): void {
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}
