import { Annotations, Duration, Lazy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AppBucketProps } from './app-bucket-props';
import { bucketRights } from './app-bucket-rights';
import { checkOrigin, transitionDays, validateAppBucket } from './app-bucket-validation';
import { bucketWidgets } from './app-bucket-watch';
import { EnvironmentProfile } from '../environment';
import { grantRights } from '../grant-rights';
import { IWatched } from '../observability';
import { AccessLogsBucket, accessLogsRemovalPolicy } from '../observability/access-logs-bucket';
import { createPrivateBucket } from '../private-bucket';

/**
 * Files that the users of an app upload and download with presigned URLs: private, encrypted, versioned, reached over TLS only, cheaper as they get
 * older; or a bucket that exists already, which is used in the same way and never created, changed or replaced.
 *
 * A presigned URL ends at the latest with the credentials that signed it, which those of a role do after some hours.
 *
 * Where the profile lets it go with its stack, it must be empty by then, of older versions and delete markers too, or CloudFormation cannot delete it.
 * In production it stays, with everything in it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
export class AppBucket extends Construct implements IWatched {
  /** The bucket. Of one that exists already, only a reference. */
  public readonly bucket: s3.IBucket;
  /** Name of the bucket. */
  public readonly bucketName: string;
  /** ARN of the bucket. */
  public readonly bucketArn: string;
  /** Customer managed key of the files; undefined where they are encrypted with a key of AWS's. */
  public readonly encryptionKey?: kms.IKey;
  /** Where server access logs are written; undefined where there are none. */
  public readonly accessLogsBucket?: s3.IBucket;
  /** Empty: S3 has no metrics of requests without paying for them, and those it has come once a day. */
  public readonly alarms: cloudwatch.Alarm[] = [];

  private readonly profile: EnvironmentProfile;
  private readonly origins = new Set<string>();

  constructor(scope: Construct, id: string, private readonly props: AppBucketProps = {}) {
    super(scope, id);
    validateAppBucket(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    const { existing } = props;

    this.encryptionKey = existing ? existing.encryptionKey : props.encryptionKey;
    if (existing) {
      this.bucket = s3.Bucket.fromBucketAttributes(this, 'Bucket', { bucketName: existing.bucketName, encryptionKey: this.encryptionKey });
    } else {
      const bucket = this.createBucket();
      this.accessLogsBucket = this.logAccess(bucket);
      this.bucket = bucket;
    }
    this.bucketName = this.bucket.bucketName;
    this.bucketArn = this.bucket.bucketArn;
    for (const origin of props.allowedOrigins ?? []) this.addOrigin(origin);
  }

  /**
   * Lets the pages of an origin upload and download with presigned URLs. It may be a token, such as the default domain of an Amplify app: `https://` and
   * `attrDefaultDomain`.
   *
   * @param origin the exact origin that a browser sends
   * @throws PlatformError for one that no browser sends, or that stands for several
   */
  public addOrigin(origin: string): void {
    checkOrigin(this, origin, this.profile);
    this.origins.add(origin);
    if (!this.props.existing) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:existingBucketOrigins',
      'An existing bucket is not changed. Pages upload and download only where its own CORS rules allow their origin, with PUT, POST, GET and HEAD.');
  }

  /**
   * Lets somebody of this account list and read the files. A role of this app gets a managed policy.
   *
   * @param grantee who may read
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, bucketRights(this.bucket, this.encryptionKey, false));
  }

  /**
   * Lets somebody of this account list, read, write and delete the files; neither older versions of them nor the bucket itself. A role of this app gets
   * a managed policy.
   *
   * @param grantee who may read and write
   */
  public grantReadWrite(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, bucketRights(this.bucket, this.encryptionKey, true));
  }

  /** Size by storage class, and number of files. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return bucketWidgets(this.bucketName);
  }

  private createBucket(): s3.Bucket {
    const { encryptionKey, noncurrentVersionDays = 30 } = this.props;
    const bucket = createPrivateBucket(this, 'Bucket', {
      encryptionKey,
      noncurrentVersionDays,
      removalPolicy: this.profile.removalPolicyWithoutSnapshot,
      transitions: this.transitions(),
      // Smaller files are billed as 128 KB in the cheaper classes, and would cost more there.
      transitionDefaultMinimumObjectSize: s3.TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
    });
    (bucket.node.defaultChild as s3.CfnBucket).corsConfiguration = Lazy.any({ produce: () => this.corsConfiguration() });
    return bucket;
  }

  private transitions(): s3.Transition[] {
    const { infrequentAccess, archive } = transitionDays(this.props);
    return [
      { storageClass: s3.StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(infrequentAccess) },
      { storageClass: this.props.archiveStorageClass ?? s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(archive) },
    ];
  }

  /** A browser asks first whether it may send these headers; S3 refuses the upload if one is missing here. */
  private corsConfiguration(): s3.CfnBucket.CorsConfigurationProperty | undefined {
    if (this.origins.size === 0) return undefined;
    return {
      corsRules: [{
        allowedOrigins: [...this.origins],
        allowedMethods: ['PUT', 'POST', 'GET', 'HEAD'],
        allowedHeaders: ['cache-control', 'content-*', 'if-*', 'range', 'x-amz-*'],
        // The client of a multipart upload sends the tag of each part back at the end; players ask for parts of a file, and read which one came.
        exposedHeaders: ['ETag', 'Accept-Ranges', 'Content-Range'],
        maxAge: 3600,
      }],
    };
  }

  private logAccess(bucket: s3.Bucket): s3.IBucket | undefined {
    if (!(this.props.serverAccessLogs ?? this.profile.accessLogs)) return undefined;
    const target = this.props.accessLogsBucket ?? new AccessLogsBucket(this, 'AccessLogs', {
      retentionDays: this.props.accessLogRetentionDays,
      removalPolicy: accessLogsRemovalPolicy(this.profile),
    }).bucket;
    AccessLogsBucket.logServerAccess(bucket, target);
    return target;
  }
}
