import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** What differs between buckets of data. */
export interface PrivateBucketOptions {
  readonly encryptionKey?: kms.IKey;
  readonly noncurrentVersionDays: number;
  /** Days after which a file goes. Without it, none does. */
  readonly expirationDays?: number;
  readonly removalPolicy: RemovalPolicy;
  readonly transitions?: s3.Transition[];
  readonly transitionDefaultMinimumObjectSize?: s3.TransitionDefaultMinimumObjectSize;
}

/** A bucket of data: private, encrypted, versioned, reached over TLS only, without leftovers of uploads and deletions. */
export function createPrivateBucket(scope: Construct, id: string, options: PrivateBucketOptions): s3.Bucket {
  const { encryptionKey, noncurrentVersionDays, expirationDays, removalPolicy, transitions, transitionDefaultMinimumObjectSize } = options;
  return new s3.Bucket(scope, id, {
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    encryptionKey,
    // One request to KMS for many files, instead of one for each.
    bucketKeyEnabled: encryptionKey ? true : undefined,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [{
      noncurrentVersionExpiration: Duration.days(noncurrentVersionDays),
      abortIncompleteMultipartUploadAfter: Duration.days(1),
      expiration: expirationDays === undefined ? undefined : Duration.days(expirationDays),
      // Where files expire, S3 removes such markers by itself, and takes no rule with both.
      expiredObjectDeleteMarker: expirationDays === undefined ? true : undefined,
      transitions,
    }],
    transitionDefaultMinimumObjectSize,
    removalPolicy,
  });
}
