import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MyAppStack } from '../src/my-app-stack';
import { EnvironmentProfile } from 'cdk-web-platform';

const profile = EnvironmentProfile.production();
const production = Template.fromStack(new MyAppStack(new App(), 'Production', { profile }));

test('no bucket is open to the internet', () => {
  production.allResourcesProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
  });
});

test('visitors are taken to HTTPS', () => {
  production.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: { DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' } },
  });
});

test('the site stays when the stack is deleted', () => {
  production.hasResource('AWS::S3::Bucket', { DeletionPolicy: Match.stringLikeRegexp('^Retain') });
});
