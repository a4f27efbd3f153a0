import { Aws, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Right } from '../grant-rights';

const READ = ['s3:GetObject'];
const WRITE = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const REASON = "The files of one app, whose names its users' work gives them; nothing of the bucket itself, and no other bucket: "
  + 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html';

/**
 * Rights on the files of one bucket. A presigned URL can do what its signer may, and no more. Older versions are neither read nor deleted.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function bucketRights(bucket: s3.IBucket, encryptionKey: kms.IKey | undefined, writes: boolean): Right[] {
  return [
    { actions: writes ? [...READ, ...WRITE] : READ, resources: [bucket.arnForObjects('*')], wildcardReason: REASON },
    // Without it S3 answers 403 for a file that is missing, as for one that is forbidden.
    { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] },
    ...encryptionKey ? [{
      actions: writes ? ['kms:Decrypt', 'kms:GenerateDataKey'] : ['kms:Decrypt'],
      resources: [encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(bucket).region}.${Aws.URL_SUFFIX}` } },
    }] : [],
  ];
}
