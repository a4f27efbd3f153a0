import { Stack } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AccountSecurityProps } from './account-security-props';
import { allowAuditKey, AuditWriter, createAuditBucket } from './audit-bucket';

/** A trail and its bucket. */
export interface TrailParts {
  readonly trail: cloudtrail.CfnTrail;
  readonly bucket: s3.Bucket;
}

/** A trail of all management calls in all regions, whose files prove that nobody has changed them. */
export function createAuditTrail(scope: Construct, props: AccountSecurityProps): TrailParts {
  const { account, region, partition } = Stack.of(scope);
  const writer: AuditWriter = {
    principal: 'cloudtrail.amazonaws.com',
    name: 'CloudTrail',
    checks: ['s3:GetBucketAcl'],
    // Any trail of this account and region: CloudFormation names this one only when it is there.
    conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudtrail:${region}:${account}:trail/*` } },
    prefix: '',
  };
  const bucket = createAuditBucket(scope, 'TrailBucket', props, writer);
  allowAuditKey(scope, props.encryptionKey, writer);
  const trail = new cloudtrail.CfnTrail(scope, 'Trail', {
    isLogging: true,
    isMultiRegionTrail: true,
    includeGlobalServiceEvents: true,
    enableLogFileValidation: true,
    s3BucketName: bucket.bucketName,
    kmsKeyId: props.encryptionKey?.keyArn,
  });
  trail.node.addDependency(bucket.policy!);
  return { trail, bucket };
}
