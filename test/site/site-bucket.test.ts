import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { EnvironmentProfile } from '../../src/environment';
import { SiteBucket, SiteBucketProps } from '../../src/site/site-bucket';

function templateOf(props?: SiteBucketProps, region?: string): Template {
  const stack = new Stack(new App(), 'Stack', { env: region ? { region } : undefined });
  new SiteBucket(stack, 'Site', props);
  return Template.fromStack(stack);
}

function theBucket(template: Template) {
  return Object.entries(template.findResources('AWS::S3::Bucket')).find(([id]) => id.startsWith('SiteBucket'))![1];
}

test('the files are private, encrypted, versioned and kept in production', () => {
  const template = templateOf();
  const bucket = theBucket(template);
  expect(bucket).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  expect(bucket.Properties).toMatchObject({
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    LifecycleConfiguration: {
      Rules: [{
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        ExpiredObjectDeleteMarker: true,
      }],
    },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) },
  });
});

test('requests are logged to a bucket that CloudFront can write to as well', () => {
  const template = templateOf();
  template.hasResource('AWS::S3::Bucket', {
    Properties: {
      LoggingConfiguration: { DestinationBucketName: { Ref: Match.stringLikeRegexp('^SiteAccessLogsBucket') }, LogFilePrefix: 'bucket/' },
    },
    DependsOn: [Match.stringLikeRegexp('^SiteAccessLogsBucketPolicy')],
  });
  template.hasResourceProperties('AWS::S3::Bucket', { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] }, AccessControl: Match.absent() });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({
        Sid: 'ServerAccessLogDelivery',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      })]),
    },
  });
  expect(JSON.stringify(template.toJSON())).not.toContain('LoadBalancerLogDelivery');
});

test('where CloudFront cannot write, the logs bucket has no access control lists', () => {
  const buckets = Object.values(templateOf({}, 'eu-south-1').findResources('AWS::S3::Bucket'));
  expect(buckets.map(({ Properties }) => Properties.OwnershipControls.Rules[0].ObjectOwnership)).toEqual(['BucketOwnerEnforced', 'BucketOwnerEnforced']);
});

test('development logs nothing and goes with its stack; staging goes too, with its logs kept', () => {
  const development = templateOf({ profile: EnvironmentProfile.development() });
  development.resourceCountIs('AWS::S3::Bucket', 1);
  expect(theBucket(development).DeletionPolicy).toBe('Delete');
  const staging = templateOf({ profile: EnvironmentProfile.staging() }).findResources('AWS::S3::Bucket');
  expect(Object.values(staging).map(({ DeletionPolicy }) => DeletionPolicy).sort()).toEqual(['Delete', 'RetainExceptOnCreate']);
});

test('a key, cheaper storage and another time to roll back may be chosen', () => {
  const stack = new Stack(new App(), 'Stack');
  new SiteBucket(stack, 'Site', { encryptionKey: new kms.Key(stack, 'Key'), intelligentTiering: true, noncurrentVersionDays: 90, serverAccessLogs: false });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }] },
    LifecycleConfiguration: {
      Rules: [Match.objectLike({
        NoncurrentVersionExpiration: { NoncurrentDays: 90 }, Transitions: [{ StorageClass: 'INTELLIGENT_TIERING', TransitionInDays: 0 }],
      })],
    },
  });
});

test("a team's own bucket for logs is used; an imported one is left as it is", () => {
  const stack = new Stack(new App(), 'Stack');
  const own = new s3.Bucket(stack, 'Logs');
  const site = new SiteBucket(stack, 'Site', { accessLogsBucket: own, profile: EnvironmentProfile.staging() });
  new SiteBucket(stack, 'Other', { accessLogsBucket: s3.Bucket.fromBucketName(stack, 'Imported', 'their-logs') });
  expect(site.accessLogsBucket).toBe(own);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::S3::Bucket', { LoggingConfiguration: { DestinationBucketName: 'their-logs' } });
  template.resourceCountIs('AWS::S3::BucketPolicy', 3);
});

test.each<[unknown, RegExp]>([
  [{ noncurrentVersionDays: 0 }, /noncurrentVersionDays/],
  [{ accessLogRetentionDays: 1.5 }, /accessLogRetentionDays/],
  [{ intelligentTiering: 'true' }, /intelligentTiering is not a boolean/],
  [{ serverAccessLogs: 1 }, /serverAccessLogs is not a boolean/],
  [{ encryptionKey: 'arn' }, /encryptionKey/],
  [{ profile: 'production' }, /profile/],
  [{ accessLogsBucket: 'name' }, /accessLogsBucket/],
  [{ serverAccessLogs: false, accessLogsBucket: { bucketArn: 'arn' } }, /turned off/],
])('%j is refused', (props, message) => {
  expect(() => templateOf(props as SiteBucketProps)).toThrow(message);
});
