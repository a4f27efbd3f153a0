import { Stack } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AccountSecurityProps, RecordingFrequency } from './account-security-props';
import { AccountService } from './account-service';
import { allowAuditKey, AuditWriter, createAuditBucket } from './audit-bucket';
import { recordedTypes } from './managed-rules';
import { acknowledge, acknowledgeWildcards } from '../acknowledge';

/** A recorder, and where it delivers what it has recorded. */
export interface RecorderParts {
  readonly recorder: config.CfnConfigurationRecorder;
  readonly deliveryChannel: config.CfnDeliveryChannel;
  readonly bucket: s3.Bucket;
}

/**
 * AWS Config's recorder with a delivery channel. CloudFormation makes the two together: the recorder is not started before there is a channel, and no
 * channel is made before there is a recorder, so that neither may wait for the other.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-configurationrecorder.html
 */
export function createConfigRecorder(scope: Construct, props: AccountSecurityProps): RecorderParts {
  const writer = configWriter(scope);
  const bucket = createAuditBucket(scope, 'ConfigBucket', props, writer);
  allowAuditKey(scope, props.encryptionKey, writer);
  const recorder = new config.CfnConfigurationRecorder(scope, 'ConfigRecorder', {
    // No name: with the name of one that exists, CloudFormation would take that over instead of failing.
    roleArn: props.configServiceLinkedRole ? serviceLinkedRoleArn(scope) : createRole(scope, bucket, props).roleArn,
    recordingGroup: recordingGroup(scope, props),
    recordingMode: { recordingFrequency: props.recordingFrequency ?? RecordingFrequency.CONTINUOUS },
  });
  const deliveryChannel = new config.CfnDeliveryChannel(scope, 'ConfigDelivery', {
    s3BucketName: bucket.bucketName,
    s3KmsKeyArn: props.encryptionKey?.keyArn,
  });
  // AWS Config tries the bucket when the channel is made.
  deliveryChannel.node.addDependency(bucket.policy!);
  return { recorder, deliveryChannel, bucket };
}

/** IAM's types would be recorded in each region again, for the same users and roles. */
function recordingGroup(
  scope: Construct, { recordEveryType, securityHub }: AccountSecurityProps,
): config.CfnConfigurationRecorder.RecordingGroupProperty {
  if (recordEveryType ?? securityHub === AccountService.NEW) return { allSupported: true, includeGlobalResourceTypes: false };
  return { allSupported: false, includeGlobalResourceTypes: false, resourceTypes: recordedTypes(Stack.of(scope).region) };
}

function configWriter(scope: Construct): AuditWriter {
  return {
    principal: 'config.amazonaws.com',
    name: 'ConfigDelivery',
    checks: ['s3:GetBucketAcl', 's3:ListBucket'],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    prefix: 'Config/',
  };
}

function serviceLinkedRoleArn(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'iam', region: '', resource: 'role', resourceName: 'aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig',
  });
}

/** @see https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html */
function createRole(scope: Construct, bucket: s3.Bucket, { encryptionKey }: AccountSecurityProps): iam.Role {
  const { account } = Stack.of(scope);
  const role = new iam.Role(scope, 'ConfigRole', {
    description: 'Reads what resources are like, for AWS Config',
    assumedBy: new iam.ServicePrincipal('config.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': account } } }),
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWS_ConfigRole')],
  });
  const files = bucket.arnForObjects(`AWSLogs/${account}/Config/*`);
  const delivery = new iam.ManagedPolicy(scope, 'ConfigDeliveryPolicy', {
    description: 'Delivers what AWS Config has recorded',
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [files],
        conditions: { StringLike: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
      new iam.PolicyStatement({ actions: ['s3:GetBucketAcl'], resources: [bucket.bucketArn] }),
      ...encryptionKey ? [new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [encryptionKey.keyArn] })] : [],
    ],
  });
  acknowledge(role, 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWS_ConfigRole]',
    'AWS Config reads every type that it supports by calls of that type, and AWS adds them to this policy: with a copy, new types would not be recorded.');
  acknowledgeWildcards(delivery, [files], 'AWS Config names its files by region and time; it may write below its own prefix of one bucket.');
  return role;
}
