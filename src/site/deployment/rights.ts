import { Aws, Stack } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SiteAssets } from './content';
import { RELEASES_PREFIX, SITE_PREFIX } from './files';
import { acknowledgeWildcards } from '../../acknowledge';

/** What the function works with. */
export interface SiteDeploymentReach {
  readonly bucket: s3.IBucket;
  readonly assets: SiteAssets;
  readonly distribution?: cloudfront.IDistribution;
  readonly waitForInvalidation: boolean;
  readonly removesAll: boolean;
}

/** What the function may do: with two prefixes of one bucket, two assets and one distribution. */
export function siteDeploymentRights(scope: Construct, reach: SiteDeploymentReach): iam.PolicyStatement[] {
  const { bucket, assets: { archive, manifest }, removesAll } = reach;
  const site = bucket.arnForObjects(`${SITE_PREFIX}*`);
  const releases = bucket.arnForObjects(`${RELEASES_PREFIX}*`);
  acknowledgeWildcards(scope, [site, releases], 'The files and records of one site, whose names are known when it is built; nothing else in the bucket: '
    + 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html');
  return [
    allow(['s3:GetObject'], [archive, manifest].map(asset => asset.bucket.arnForObjects(asset.s3ObjectKey))),
    allow(['s3:PutObject', 's3:DeleteObject', ...removesAll ? ['s3:DeleteObjectVersion'] : []], [site, releases]),
    allow(['s3:GetObjectVersion'], [site]),
    allow(['s3:GetObject'], [releases]),
    // Nothing is listed: without this right S3 answers the same for what is missing and what is forbidden. A prefix would be no part of such a request.
    allow(['s3:ListBucket'], [bucket.bucketArn]),
    ...removesAll ? [allow(['s3:ListBucketVersions'], [bucket.bucketArn], { StringEquals: { 's3:prefix': [SITE_PREFIX, RELEASES_PREFIX] } })] : [],
    ...mayUseKey(scope, bucket.encryptionKey),
    ...mayInvalidate(scope, reach),
  ];
}

function allow(actions: string[], resources: string[], conditions?: { [operator: string]: object }): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
}

function mayUseKey(scope: Construct, key?: kms.IKey): iam.PolicyStatement[] {
  if (!key) return [];
  const conditions = { StringEquals: { 'kms:ViaService': `s3.${Stack.of(scope).region}.${Aws.URL_SUFFIX}` } };
  return [allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn], conditions)];
}

function mayInvalidate(scope: Construct, { distribution, waitForInvalidation }: SiteDeploymentReach): iam.PolicyStatement[] {
  if (!distribution) return [];
  const arn = Stack.of(scope).formatArn({ service: 'cloudfront', region: '', resource: 'distribution', resourceName: distribution.distributionId });
  return [allow(['cloudfront:CreateInvalidation', ...waitForInvalidation ? ['cloudfront:GetInvalidation'] : []], [arn])];
}
