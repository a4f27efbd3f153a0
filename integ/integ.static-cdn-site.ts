import * as path from 'path';
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import { ContentSecurityPolicy, EnvironmentProfile, RuntimeConfig, SiteKind, StaticCdnSite } from 'cdk-web-platform';

const app = new App();
const env = { region: process.env.CDK_DEFAULT_REGION ?? 'eu-central-1' };
const stack = new Stack(app, 'IntegStaticCdnSite', { env });

const site = new StaticCdnSite(stack, 'Site', {
  // Quick to throw away; the firewall and the alarms are in us-east-1.
  profile: EnvironmentProfile.development().with({ alarms: true, firewall: true }),
  kind: SiteKind.multiPage(),
  directory: path.join(__dirname, 'sites', app.node.tryGetContext('release') ?? 'second'),
  runtimeConfig: RuntimeConfig.json({ values: { STACK: stack.stackId } }),
  contentSecurityPolicy: new ContentSecurityPolicy({ connectSrc: ['https://api.example.com'] }),
  passwordProtected: true,
});

const test = new IntegTest(app, 'Test', {
  testCases: [stack, app.node.findChild('IntegStaticCdnSite-edge-alarms') as Stack],
  assertionStack: new Stack(app, 'IntegStaticCdnSiteAssertions', { env }),
  diffAssets: true,
  // What the runner deploys is the second release.
  hooks: { preDeploy: ['sh sites/publish-first.sh'] },
});

const { bucketName: Bucket } = site.bucket;
const publisher = site.deployment!.function.functionName;
const call = (service: string, name: string, parameters: object) => test.assertions.awsApiCall(service, name, parameters);
const invoke = (payload: object) => test.assertions.invokeFunction({ functionName: publisher, payload: JSON.stringify(payload) });

call('CloudFront', 'getDistributionConfig', { Id: site.site.distribution.distributionId }).expect(ExpectedResult.objectLike({
  DistributionConfig: Match.objectLike({
    HttpVersion: 'http2and3',
    PriceClass: 'PriceClass_100',
    WebACLId: Match.stringLikeRegexp('^arn:aws[a-z-]*:wafv2:us-east-1:'),
    DefaultCacheBehavior: Match.objectLike({ ViewerProtocolPolicy: 'redirect-to-https', Compress: true }),
  }),
}));

call('S3', 'getPublicAccessBlock', { Bucket }).expect(ExpectedResult.objectLike({
  PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
}));

call('S3', 'headObject', { Bucket, Key: 'site/assets/index-Zt7bN2vR.js' })
  .expect(ExpectedResult.objectLike({ CacheControl: 'public, max-age=31536000, immutable', ContentType: Match.stringLikeRegexp('javascript') }));
// The first release's file stays for pages that are still open.
const old = call('S3', 'headObject', { Bucket, Key: 'site/assets/index-kW3x9QpL.js' });
old.expect(ExpectedResult.objectLike({ CacheControl: 'public, max-age=31536000, immutable' }));

const secondPage = call('S3', 'headObject', { Bucket, Key: 'site/index.html' });
secondPage.expect(ExpectedResult.objectLike({ CacheControl: 'public, max-age=0, must-revalidate', ContentType: 'text/html; charset=utf-8' }));

old.next(secondPage)
  .next(invoke({ releases: true })).expect(ExpectedResult.objectLike({ Payload: Match.stringLikeRegexp('"isServed": ?true.*"isServed": ?false') }))
  .next(invoke({ rollBackTo: 'previous' })).expect(ExpectedResult.objectLike({ StatusCode: 200 }))
  .next(invoke({ releases: true })).expect(ExpectedResult.objectLike({ Payload: Match.stringLikeRegexp('"isServed": ?false.*"isServed": ?true') }));
