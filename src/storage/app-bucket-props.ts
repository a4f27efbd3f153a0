import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { EnvironmentProfile } from '../environment';

/** An S3 bucket of this account and region that exists already. It is used as it is: nothing of it is created, changed or replaced. */
export interface ExistingBucket {
  /** Name of the bucket. */
  readonly bucketName: string;
  /**
   * Customer managed key that encrypts the files. Its policy has to leave access to IAM, as the key policies of the console do.
   * @default - the files are encrypted with a key of AWS's, which needs no rights
   */
  readonly encryptionKey?: kms.IKey;
}

/** Properties of an `AppBucket`. */
export interface AppBucketProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * A bucket that exists already, instead of a new one. What only a new bucket can be given is refused beside it. `allowedOrigins` may stand beside it,
   * and a warning says that the bucket has to allow them by itself. A bucket that this block made before is then
   * removed from the stack, and deleted where the profile lets it go.
   *
   * To use it in one environment: `existing: profile.name === 'production' ? { bucketName: 'game-audio' } : undefined`.
   * @default - a new bucket
   */
  readonly existing?: ExistingBucket;
  /**
   * Web pages that may upload and download with presigned URLs, each as the exact origin that a browser sends: `https://www.example.com`, without a path
   * or a slash at the end. `http://localhost:3000` is allowed where the profile has no deletion protection. No `*`: presigned URLs would work from any page.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
   * @default - none; `addOrigin()` adds them
   */
  readonly allowedOrigins?: string[];
  /**
   * Days after which a file moves to Standard-IA, 30 to 3620. It costs less to keep and more to read. Files below 128 KB stay where they are.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
   * @default 30
   */
  readonly infrequentAccessDays?: number;
  /**
   * Days after which a file moves to the archive, at least 30 more than `infrequentAccessDays`, at most 3650.
   * @default - 90, or 60 more than `infrequentAccessDays` where that is given
   */
  readonly archiveDays?: number;
  /**
   * Where old files are kept: GLACIER_INSTANT_RETRIEVAL, GLACIER (Flexible Retrieval) or DEEP_ARCHIVE. The last two cost less, and a download from them,
   * presigned or not, is refused with InvalidObjectState until the file was restored, which takes minutes to two days. A file that is deleted there is
   * billed for at least 90 days, in DEEP_ARCHIVE for 180.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
   * @default StorageClass.GLACIER_INSTANT_RETRIEVAL
   */
  readonly archiveStorageClass?: s3.StorageClass;
  /**
   * Days that replaced and deleted files are kept, 1 to 3650.
   * @default 30
   */
  readonly noncurrentVersionDays?: number;
  /**
   * Key that encrypts the files.
   * @default - S3's own key, which costs nothing
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether S3 logs who asked this bucket for what.
   * @default - the profile's accessLogs
   */
  readonly serverAccessLogs?: boolean;
  /**
   * Bucket of this region that server access logs are written to, below `bucket/`. An imported one has to allow `logging.s3.amazonaws.com` to write.
   * @default - one is made
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Days that server access logs are kept in a bucket that is made, 1 to 3650.
   * @default 90
   */
  readonly accessLogRetentionDays?: number;
}
