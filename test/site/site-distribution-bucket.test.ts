import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { SiteDistribution } from '../../src/site/site-distribution';
import { SiteKind } from '../../src/site/site-kind';

const PATTERN = '/images/*';

function build() {
  const stack = new Stack(new App(), 'Stack');
  const site = new SiteDistribution(stack, 'Site', { bucket: new s3.Bucket(stack, 'Bucket'), kind: SiteKind.multiPage() });
  return { stack, site, images: new s3.Bucket(stack, 'Images') };
}

test('a folder of another bucket is served as it is, kept as its files say, without the function that rewrites paths', () => {
  const { stack, site, images } = build();
  site.addBucket(images, PATTERN);
  const template = Template.fromStack(stack);
  const [{ Properties: { DistributionConfig: config } }] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
  const [behavior] = config.CacheBehaviors;
  expect(behavior).toMatchObject({ PathPattern: PATTERN, ViewerProtocolPolicy: 'redirect-to-https', AllowedMethods: ['GET', 'HEAD'] });
  expect(behavior.CachePolicyId).toEqual(config.DefaultCacheBehavior.CachePolicyId);
  expect(behavior.ResponseHeadersPolicyId).toEqual(config.DefaultCacheBehavior.ResponseHeadersPolicyId);
  expect(config.DefaultCacheBehavior.FunctionAssociations).toHaveLength(1);
  expect(behavior).not.toHaveProperty('FunctionAssociations');
  const origin = config.Origins.find(({ Id }: { Id: string }) => Id === behavior.TargetOriginId);
  expect(origin).not.toHaveProperty('OriginPath');
  template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 1);
});

test('the folder is all that this distribution may read of that bucket', () => {
  const { stack, site, images } = build();
  site.addBucket(images, PATTERN);
  const policies = Template.fromStack(stack).findResources('AWS::S3::BucketPolicy', { Properties: { Bucket: { Ref: Match.stringLikeRegexp('^Images') } } });
  const [read, list] = Object.values(policies)[0].Properties.PolicyDocument.Statement;
  expect(read).toMatchObject({ Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' }, Resource: { 'Fn::Join': ['', [expect.anything(), '/images/*']] } });
  expect(JSON.stringify(read.Condition)).toContain('SiteDistribution');
  expect(list.Action).toBe('s3:ListBucket');
});

test('the bucket may be of another stack, which does not wait for the distribution', () => {
  const app = new App();
  const data = new Stack(app, 'Data');
  const web = new Stack(app, 'Web');
  new SiteDistribution(web, 'Site', { bucket: new s3.Bucket(web, 'Bucket') }).addBucket(new s3.Bucket(data, 'Images'), PATTERN);
  app.synth();
  expect(web.dependencies).toEqual([data]);
  expect(data.dependencies).toEqual([]);
});

test.each(['*', '/*', 'images/*', '/images', '/images/*.webp', '/ima*/*', '/images/', '', undefined])('%j is refused', pattern => {
  const { site, images } = build();
  expect(() => site.addBucket(images, pattern as string)).toThrow(/pathPattern/);
});

test('what is no bucket is refused', () => {
  expect(() => build().site.addBucket('images' as unknown as s3.IBucket, PATTERN)).toThrow('bucket is not what it should be');
});
