import { Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RELEASES_FOLDER } from './release-scripts';
import { acknowledge } from '../acknowledge';

/** Tag of versions that S3 may delete. */
export const RETIRED = 'retired';

const FILES = `${RELEASES_FOLDER}/*`;
const FEEDS = `${RELEASES_FOLDER}/*.yml`;

/** Where versions are published to. */
export interface ReleasesPlace {
  readonly bucket: s3.Bucket;
  readonly distribution: cloudfront.IDistribution;
  /** Whether versions that no longer have to stay are marked. */
  readonly retires: boolean;
}

/**
 * Allows to publish: to write, and to read feeds. Nothing can be deleted. What is overwritten stays as an older version of the object.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function grantPublish({ bucket, distribution, retires }: ReleasesPlace, grantee: iam.IGrantable): void {
  const allow = (...[actions, resource, conditions]: [string[], string, iam.Conditions?]) =>
    grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource], conditions }));
  allow(['s3:PutObject', 's3:AbortMultipartUpload'], bucket.arnForObjects(FILES));
  allow(['s3:GetObject'], bucket.arnForObjects(FEEDS));
  allow(['s3:ListBucket'], bucket.bucketArn, { StringLike: { 's3:prefix': FILES } });
  if (retires) allow(['s3:PutObjectTagging'], bucket.arnForObjects(FILES), { StringEquals: { [`s3:RequestObjectTag/${RETIRED}`]: ['true', 'false'] } });
  distribution.grantCreateInvalidation(grantee);
  bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
}

/** Tells auditors of the wildcards in the rights to publish. */
export function acknowledgeWildcards({ bucket }: ReleasesPlace, rights: iam.ManagedPolicy): void {
  const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as s3.CfnBucket);
  for (const objects of [FILES, FEEDS]) {
    acknowledge(rights, `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${objects}]`,
      'The names of versions and of their files are not known before they are built. They are the only thing in this folder, and everybody may read them: '
      + 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html');
  }
}
