import { Annotations, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { AccountSecurityProps } from './account-security-props';
import { EnvironmentProfile } from '../environment';
import { AccessLogsBucket, accessLogsRemovalPolicy } from '../observability/access-logs-bucket';
import { createPrivateBucket } from '../private-bucket';

const RETENTION_DAYS = 365;
const ACCESS_LOGS = 'AccessLogs';

/** A service that writes evidence of this account. */
export interface AuditWriter {
  /** How it names itself. */
  readonly principal: string;
  /** Beginning of the ids of statements. */
  readonly name: string;
  /** What it asks the bucket before it writes. */
  readonly checks: string[];
  /** On whose behalf it writes, as its condition keys say. */
  readonly conditions: { readonly [operator: string]: { readonly [key: string]: string } };
  /** Where it writes, below `AWSLogs/<account>/`. */
  readonly prefix: string;
}

/** A bucket for evidence, which a service of AWS writes and nobody changes: what is overwritten or deleted stays for as long as the rest. */
export function createAuditBucket(scope: Construct, id: string, props: AccountSecurityProps, writer: AuditWriter): s3.Bucket {
  const { profile = EnvironmentProfile.production(), encryptionKey, logRetentionDays = RETENTION_DAYS } = props;
  const bucket = createPrivateBucket(scope, id, {
    encryptionKey,
    expirationDays: logRetentionDays,
    noncurrentVersionDays: logRetentionDays,
    // It is never empty, so that it could not be deleted; kept, its lifecycle empties it.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  allowWriter(bucket, writer);
  const accessLogs = props.accessLogsBucket ?? (profile.accessLogs ? accessLogsOf(scope, profile) : undefined);
  if (accessLogs) AccessLogsBucket.logServerAccess(bucket, accessLogs);
  return bucket;
}

function accessLogsOf(scope: Construct, profile: EnvironmentProfile): s3.IBucket {
  const made = scope.node.tryFindChild(ACCESS_LOGS) as AccessLogsBucket | undefined;
  const options = { retentionDays: RETENTION_DAYS, removalPolicy: accessLogsRemovalPolicy(profile) };
  return (made ?? new AccessLogsBucket(scope, ACCESS_LOGS, options)).bucket;
}

/**
 * @see https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
function allowWriter(bucket: s3.Bucket, { principal, name, checks, conditions, prefix }: AuditWriter): void {
  const principals = [new iam.ServicePrincipal(principal)];
  bucket.addToResourcePolicy(new iam.PolicyStatement({
    sid: `${name}Check`,
    principals,
    actions: checks,
    resources: [bucket.bucketArn],
    conditions,
  }));
  bucket.addToResourcePolicy(new iam.PolicyStatement({
    sid: `${name}Write`,
    principals,
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects(`AWSLogs/${Stack.of(bucket).account}/${prefix}*`)],
    conditions: { ...conditions, StringEquals: { ...conditions.StringEquals, 's3:x-amz-acl': 'bucket-owner-full-control' } },
  }));
}

/** Lets a service encrypt what it writes. Where an imported key cannot be changed, it says so. */
export function allowAuditKey(where: Construct, key: kms.IKey | undefined, { principal, name, conditions }: AuditWriter): void {
  const result = key?.addToResourcePolicy(new iam.PolicyStatement({
    sid: name,
    principals: [new iam.ServicePrincipal(principal)],
    // Decrypt: S3 asks for it where a bucket has a key of its own for many files.
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions,
  }), true);
  if (!result || result.statementAdded) return;
  Annotations.of(where).addWarningV2(`cdk-web-platform:${name}Key`,
    `The policy of an imported key cannot be changed from here. ${principal} cannot write unless it may use kms:Decrypt, kms:DescribeKey and kms:GenerateDataKey*.`);
}
