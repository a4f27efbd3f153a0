import { Duration, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EnvironmentProfile } from '../environment';
import { AccessLogsBucket, accessLogsRemovalPolicy, checkServerAccessLogs } from '../observability/access-logs-bucket';
import { createPrivateBucket } from '../private-bucket';
import { checkBoolean, checkInteger, checkKind } from '../validate';

/** Properties of a `SiteBucket`. */
export interface SiteBucketProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key that encrypts the files. A `SiteDistribution` in front is allowed to decrypt with it.
   * @default - S3's own key, which costs nothing
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Days that replaced and deleted files are kept, 1 to 3650.
   * @default 30
   */
  readonly noncurrentVersionDays?: number;
  /**
   * Whether files move to cheaper storage when nobody asks for them: worth it for large files such as installers or videos. Files below 128 KB stay
   * where they are, and each larger one costs a small fee for being watched.
   * @default false
   */
  readonly intelligentTiering?: boolean;
  /**
   * Whether S3 logs who asked this bucket for what. With CloudFront in front, these are CloudFront's and the deployments' own requests.
   * @default - the profile's accessLogs
   */
  readonly serverAccessLogs?: boolean;
  /**
   * Bucket of this region that server access logs are written to, below `bucket/`. An imported one has to allow `logging.s3.amazonaws.com` to write.
   * @default - one is made, which CloudFront can write to as well
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Days that server access logs are kept in a bucket that is made, 1 to 3650.
   * @default 90
   */
  readonly accessLogRetentionDays?: number;
}

/**
 * The files of a site: private, encrypted, versioned, reached over TLS only. Visitors come through a `SiteDistribution`.
 *
 * The files of the site itself are below `site/`, where a distribution looks for them; nothing else in the bucket can be asked for.
 *
 * Where the profile lets it go with its stack, it must be empty by then, or CloudFormation cannot delete it: a `SiteDeployment` empties it.
 * In production it stays, with everything in it.
 */
export class SiteBucket extends Construct {
  /** The bucket. */
  public readonly bucket: s3.Bucket;
  /** Where server access logs are written; give it to a `SiteDistribution` too, so that all logs are in one place. */
  public readonly accessLogsBucket?: s3.IBucket;

  constructor(scope: Construct, id: string, private readonly props: SiteBucketProps = {}) {
    super(scope, id);
    validateSiteBucket(this, props);
    const profile = props.profile ?? EnvironmentProfile.production();

    this.bucket = this.createBucket(profile);
    this.accessLogsBucket = props.serverAccessLogs ?? profile.accessLogs ? props.accessLogsBucket ?? this.createAccessLogsBucket(profile) : undefined;
    if (this.accessLogsBucket) AccessLogsBucket.logServerAccess(this.bucket, this.accessLogsBucket);
  }

  private createBucket(profile: EnvironmentProfile): s3.Bucket {
    const { encryptionKey, noncurrentVersionDays = 30, intelligentTiering = false } = this.props;
    return createPrivateBucket(this, 'Bucket', {
      encryptionKey,
      noncurrentVersionDays,
      removalPolicy: profile.removalPolicyWithoutSnapshot,
      transitions: intelligentTiering ? [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(0) }] : undefined,
    });
  }

  private createAccessLogsBucket(profile: EnvironmentProfile): s3.IBucket {
    const { bucket } = new AccessLogsBucket(this, 'AccessLogs', {
      retentionDays: this.props.accessLogRetentionDays,
      removalPolicy: accessLogsRemovalPolicy(profile),
    });
    if (AccessLogsBucket.cloudFrontDeliversTo(Stack.of(this).region)) AccessLogsBucket.admitCloudFront(bucket);
    return bucket;
  }
}

function validateSiteBucket(where: Construct, props: SiteBucketProps): void {
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkKind(where, 'accessLogsBucket', props.accessLogsBucket, 'bucketArn', 'an s3.IBucket');
  checkInteger(where, 'noncurrentVersionDays', props.noncurrentVersionDays, 1, 3650);
  checkInteger(where, 'accessLogRetentionDays', props.accessLogRetentionDays, 1, 3650);
  checkBoolean(where, 'intelligentTiering', props.intelligentTiering);
  checkBoolean(where, 'serverAccessLogs', props.serverAccessLogs);
  checkServerAccessLogs(where, props);
}
