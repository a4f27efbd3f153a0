import { App, CfnParameter, NestedStack, Stack, StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EnvironmentProfile } from '../../src/environment';
import { WebLoadBalancer } from '../../src/service';
import { SiteApi } from '../../src/site/site-api';
import { SiteBucket } from '../../src/site/site-bucket';
import { SiteDistribution } from '../../src/site/site-distribution';
import { SiteDistributionProps } from '../../src/site/site-distribution-props';
import { SiteHeaders } from '../../src/site/site-headers';
import { SiteKind } from '../../src/site/site-kind';
import type { SitePassword } from '../../src/site/site-password';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/11111111-2222-3333-4444-555555555555';
const WEB_ACL = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/site/473e64fd-f30b-4765-81a0-62ad96dd167a';

interface Built {
  readonly app: App;
  readonly stack: Stack;
  readonly site: SiteDistribution;
  readonly template: Template;
  readonly config: { [name: string]: any };
}

type Props = Omit<SiteDistributionProps, 'bucket'>;

function build(props: Props | ((stack: Stack) => Props) = {}, stackProps?: StackProps): Built {
  const app = new App();
  const stack = new Stack(app, 'Stack', stackProps);
  const bucket = new SiteBucket(stack, 'Bucket', { profile: EnvironmentProfile.development() }).bucket;
  const site = new SiteDistribution(stack, 'Site', { bucket, ...typeof props === 'function' ? props(stack) : props });
  // Synthesized when somebody looks, so that a test may still add to the site.
  const template = () => Template.fromStack(stack);
  return {
    app,
    stack,
    site,
    get template() { return template(); },
    get config() { return Object.values(template().findResources('AWS::CloudFront::Distribution'))[0].Properties.DistributionConfig; },
  };
}

function certificateIn(stack: Stack): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE);
}

describe('a site', () => {
  const own = (stack: Stack): Props => ({ domainNames: ['www.example.com', 'example.com'], certificate: certificateIn(stack), webAclArn: WEB_ACL });

  test('is served by TLS 1.2 and newer, HTTP/2 and 3, compressed, from everywhere in production', () => {
    const { config } = build(own);
    expect(config).toMatchObject({
      Aliases: ['www.example.com', 'example.com'],
      DefaultRootObject: 'index.html',
      HttpVersion: 'http2and3',
      IPV6Enabled: true,
      PriceClass: 'PriceClass_All',
      ViewerCertificate: { AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
      WebACLId: WEB_ACL,
      DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https', Compress: true, AllowedMethods: ['GET', 'HEAD'] },
      Logging: { Prefix: 'cloudfront/' },
    });
    expect(config.CustomErrorResponses).toBeUndefined();
    expect(build({ profile: EnvironmentProfile.development() }).config).toMatchObject({ PriceClass: 'PriceClass_100' });
  });

  test('reads its folder of the private bucket, and hears what is missing', () => {
    const { template, config } = build();
    expect(config.Origins).toEqual([expect.objectContaining({
      OriginPath: '/site', OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching(/^SiteAccessControl/), 'Id'] }, S3OriginConfig: { OriginAccessIdentity: '' },
    })]);
    const [id] = Object.keys(template.findResources('AWS::CloudFront::Distribution'));
    const condition = {
      StringEquals: {
        'aws:SourceArn': {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/', { Ref: id }]],
        },
      },
    };
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [Match.anyValue(), '/site/*']] }, Condition: condition }),
          Match.objectLike({ Action: 's3:ListBucket', Condition: condition }),
        ]),
      },
    });
  });

  test('keeps files as long as they say, whatever is behind the question mark', () => {
    build().template.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: {
        MinTTL: 0,
        DefaultTTL: 0,
        MaxTTL: 31_536_000,
        ParametersInCacheKeyAndForwardedToOrigin: {
          CookiesConfig: { CookieBehavior: 'none' },
          HeadersConfig: { HeaderBehavior: 'none' },
          QueryStringsConfig: { QueryStringBehavior: 'none' },
          EnableAcceptEncodingBrotli: true,
          EnableAcceptEncodingGzip: true,
        },
      },
    });
  });

  test('has an address, and its policies may be shared', () => {
    const { site, stack } = build(own);
    expect(site.url).toBe('https://www.example.com');
    expect(stack.resolve(build().site.url)).toEqual({ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [expect.stringMatching(/^SiteDistribution/), 'DomainName'] }]] });
    const shared = build(inner => ({
      headers: new SiteHeaders(inner, 'Shared'), cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED, geoRestriction: cloudfront.GeoRestriction.allowlist('DE'),
    }));
    shared.template.resourceCountIs('AWS::CloudFront::CachePolicy', 0);
    shared.template.resourceCountIs('AWS::CloudFront::ResponseHeadersPolicy', 1);
    expect(shared.config.Restrictions.GeoRestriction).toEqual({ RestrictionType: 'whitelist', Locations: ['DE'] });
    const existing = build({ responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS });
    existing.template.resourceCountIs('AWS::CloudFront::ResponseHeadersPolicy', 0);
  });

  test('in China asks China for its rights', () => {
    const { template } = build({ alarms: false }, { env: { region: 'cn-north-1' } });
    expect(JSON.stringify(template.findResources('AWS::S3::BucketPolicy'))).not.toContain('arn:aws:cloudfront');
  });

  test('two can be in one stack, and their function has a name that CloudFront takes', () => {
    const stack = new Stack(new App(), 'A-stack-with-a-name-that-is-rather-long-as-such-names-are', { env: { region: 'ap-northeast-1' } });
    const bucket = new s3.Bucket(stack, 'Bucket');
    const folder = new Construct(stack, 'A-construct-with-an-even-longer-name-around-the-distribution-of-the-site');
    new SiteDistribution(folder, 'One', { bucket });
    new SiteDistribution(folder, 'Two', { bucket, originPath: '/two' });
    const names = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::Function')).map(({ Properties }) => Properties.Name as string);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
  });
});

test('what CloudFront keeps by name for all regions has other names in a second region, under a second name of the stack, and in a second nested stack', () => {
  const namesIn = (stackName: string, region: string, nested: boolean): string[] => {
    const stack = new Stack(new App(), 'Shop', { stackName, env: { account: '111111111111', region } });
    const home = nested ? new NestedStack(stack, 'Web') : stack;
    const bucket = new s3.Bucket(home, 'Bucket');
    new SiteDistribution(home, 'Site', { bucket, accessLogs: false, alarms: false });
    const { Resources } = Template.fromStack(home).toJSON() as { Resources: { [id: string]: { Type: string; Properties: { [name: string]: any } } } };
    return Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::CloudFront::') && !Type.endsWith('::Distribution')).map(({ Type, Properties }) => {
      const name = Properties.Name ?? Object.values(Properties)[0].Name;
      expect(name).toMatch(/^[A-Za-z0-9-]{1,64}$/);
      return `${Type} ${name}`;
    });
  };
  const all = [
    ...namesIn('Shop', 'eu-central-1', false), ...namesIn('Shop', 'ap-southeast-1', false), ...namesIn('Shop-branch', 'eu-central-1', false),
    ...namesIn('Shop', 'eu-central-1', true), ...namesIn('Shop-branch', 'eu-central-1', true),
  ];
  expect(all).toHaveLength(5 * 4);
  expect(new Set(all).size).toBe(all.length);
});

describe('the function at the edge', () => {
  const codeOf = ({ template }: Built) => Object.values(template.findResources('AWS::CloudFront::Function'))[0]?.Properties;

  test('brings paths to files and names to the first name', () => {
    const built = build(stack => ({ domainNames: ['www.example.com', 'Example.com', '*.example.com'], certificate: certificateIn(stack) }));
    expect(codeOf(built)).toMatchObject({ AutoPublish: true, FunctionConfig: { Runtime: 'cloudfront-js-2.0' } });
    expect(codeOf(built).FunctionCode).toContain('const OTHER_NAMES = ["example.com"];');
    expect(built.config.DefaultCacheBehavior.FunctionAssociations).toEqual([{ EventType: 'viewer-request', FunctionARN: expect.anything() }]);
  });

  test('redirects no names where it should not or cannot', () => {
    const named = (domainNames: string[], props: Props = {}) => build(stack => ({ domainNames, certificate: certificateIn(stack), ...props }));
    expect(codeOf(named(['example.com', 'www.example.com'], { redirectToFirstName: false })).FunctionCode).not.toContain('OTHER_NAMES');
    expect(codeOf(named(['*.example.com', 'example.com'])).FunctionCode).not.toContain('OTHER_NAMES');
    expect(codeOf(named(['example.com', 'www.example.com'], { kind: SiteKind.files() })).FunctionCode).toContain('OTHER_NAMES');
  });

  test('takes a name that is only known at deployment', () => {
    const built = build(stack => ({
      domainNames: [new CfnParameter(stack, 'Name').valueAsString, 'example.org'], certificate: certificateIn(stack),
    }));
    expect(JSON.stringify(codeOf(built).FunctionCode)).toContain('{"Ref":"Name"}');
    expect(built.stack.resolve(built.site.url)).toEqual({ 'Fn::Join': ['', ['https://', { Ref: 'Name' }]] });
  });

  test('is not made where nothing is to be done', () => {
    const built = build({ kind: SiteKind.files() });
    expect(built.site.viewerRequest).toBeUndefined();
    built.template.resourceCountIs('AWS::CloudFront::Function', 0);
    expect(built.site.dashboardWidgets()).toHaveLength(3);
  });

  test('asks for the password from a store, and the site waits until it is there', () => {
    const built = build(stack => {
      const keyValueStore = new cloudfront.KeyValueStore(stack, 'Store');
      return { password: { keyValueStore, ready: keyValueStore } as unknown as SitePassword };
    });
    expect(codeOf(built).FunctionConfig.KeyValueStoreAssociations).toHaveLength(1);
    const [distribution] = Object.values(built.template.findResources('AWS::CloudFront::Distribution'));
    expect(distribution.DependsOn).toEqual([expect.stringMatching(/^Store/)]);
  });
});

describe('error pages', () => {
  const NOT_FOUND = [{ ErrorCode: 404, ResponseCode: 404, ResponsePagePath: '/404.html' }];

  test.each([
    ['many pages', SiteKind.multiPage(), NOT_FOUND],
    ['prerendered', SiteKind.prerendered(), NOT_FOUND],
    ['single page', SiteKind.singlePageApp(), undefined],
  ])('%s has its own by default', (_, kind, pages) => {
    expect(build({ kind }).config.CustomErrorResponses).toEqual(pages);
    expect(build({ kind, api: SiteApi.httpsEndpoint('api.example.com') }).config.CustomErrorResponses).toBeUndefined();
  });

  test('may be chosen, and keep their status', () => {
    expect(build({ errorPages: [{ status: 503, path: '/down.html' }] }).config.CustomErrorResponses)
      .toEqual([{ ErrorCode: 503, ResponseCode: 503, ResponsePagePath: '/down.html' }]);
    expect(build({ kind: SiteKind.multiPage(), errorPages: [] }).config.CustomErrorResponses).toBeUndefined();
  });

  test('would replace those of an API', () => {
    const api = SiteApi.httpsEndpoint('api.example.com');
    expect(() => build({ api, errorPages: [{ status: 404, path: '/404.html' }] })).toThrow(/whole distribution[\s\S]*a name and a distribution of its own/);
    expect(() => build({ kind: SiteKind.multiPage() }).site.addApi('Late', api)).toThrow(/set errorPages to \[\]/);
  });
});

describe('behaviors', () => {
  test('an API is called over HTTPS only, never cached, with everything that the visitor sent and no function', () => {
    const { config } = build({ api: SiteApi.httpsEndpoint('api.example.com') });
    expect(config.CacheBehaviors).toEqual([expect.objectContaining({
      PathPattern: '/api/*',
      ViewerProtocolPolicy: 'https-only',
      CachePolicyId: cloudfront.CachePolicy.CACHING_DISABLED.cachePolicyId,
      OriginRequestPolicyId: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.originRequestPolicyId,
      ResponseHeadersPolicyId: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS.responseHeadersPolicyId,
      AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
    })]);
    expect(config.CacheBehaviors[0].FunctionAssociations).toBeUndefined();
  });

  test('more may be added, the more exact first', () => {
    const { site, stack } = build({ api: SiteApi.httpsEndpoint('api.example.com', { pathPatterns: ['/api/v1/*', '/api/*'] }) });
    site.addApi('Auth', SiteApi.httpsEndpoint('auth.example.com', { pathPatterns: ['/auth/*'] }));
    site.addBehavior('/images/*', new origins.HttpOrigin('images.example.com'));
    const [distribution] = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::Distribution'));
    expect(distribution.Properties.DistributionConfig.CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern))
      .toEqual(['/api/v1/*', '/api/*', '/auth/*', '/images/*']);
  });

  test.each([
    ['/api/*', /is there twice/],
    ['api/*', /is there twice/],
    ['/api/users/*', /is never reached: \/api\/\* comes first/],
    ['*', /takes the site's first page/],
    ['/*', /takes the site's first page/],
    ['/a b', /not well-formed/],
    [undefined, /pathPatterns is missing/],
  ])('%s is refused', (pattern, message) => {
    const { site } = build({ api: SiteApi.httpsEndpoint('api.example.com') });
    expect(() => site.addBehavior(pattern as string, new origins.HttpOrigin('images.example.com'))).toThrow(message);
  });

  test('some files may be served in another way, from the same origin and with all else as it is, the password too', () => {
    const built = build(stack => {
      const keyValueStore = new cloudfront.KeyValueStore(stack, 'Store');
      return { password: { keyValueStore, ready: keyValueStore } as unknown as SitePassword };
    });
    built.site.addFiles('*.xml', { cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED, compress: undefined });
    const { DefaultCacheBehavior: rest, CacheBehaviors: [files, ...others], Origins } = built.config;

    expect(others).toEqual([]);
    expect(Origins).toHaveLength(1);
    expect(rest.FunctionAssociations).toHaveLength(1);
    expect(files).toEqual({ ...rest, PathPattern: '*.xml', CachePolicyId: cloudfront.CachePolicy.CACHING_DISABLED.cachePolicyId });
    expect(() => built.site.addFiles('*.xml', {})).toThrow(/is there twice/);
    built.template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 1);
  });

  test('more than CloudFront has are refused', () => {
    const patterns = (count: number) => Array.from({ length: count }, (_, index) => `/p${index}/x`);
    expect(() => build({ api: SiteApi.httpsEndpoint('api.example.com', { pathPatterns: patterns(74) }) })).not.toThrow();
    expect(() => SiteApi.httpsEndpoint('api.example.com', { pathPatterns: patterns(75) })).toThrow(/75 patterns and the site itself/);
    expect(() => build().site.addApi('Api', undefined as unknown as SiteApi)).toThrow(/api is missing/);
  });
});

describe('buckets of others', () => {
  test('a bucket of another stack names every distribution of the account, so that no stack waits for the other', () => {
    const app = new App();
    const first = new Stack(app, 'First');
    const key = new kms.Key(first, 'Key');
    const bucket = new s3.Bucket(first, 'Bucket', { encryption: s3.BucketEncryption.KMS, encryptionKey: key });
    new SiteDistribution(new Stack(app, 'Second'), 'Site', { bucket, alarms: false });
    const template = Template.fromStack(first);
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:GetObject', Condition: Match.anyValue() })]) },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudFrontOfThisAccount', Action: 'kms:Decrypt', Condition: Match.anyValue() })]) },
    });
    expect(JSON.stringify(template.findResources('AWS::S3::BucketPolicy'))).toContain(':distribution/*');
    expect(() => app.synth()).not.toThrow();
  });

  test('imported ones come with a word on their policies', () => {
    const stack = new Stack(new App(), 'Stack');
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555');
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'theirs', encryptionKey });
    new SiteDistribution(stack, 'Site', { bucket });
    Annotations.fromStack(stack).hasWarning('/Stack/Site', Match.stringLikeRegexp('s3:GetObject on site/\\*'));
    Annotations.fromStack(stack).hasWarning('/Stack/Site', Match.stringLikeRegexp('kms:Decrypt'));
  });
});

describe('access logs', () => {
  test('are written where the profile says so, to a bucket given or made', () => {
    expect(build().site.accessLogsBucket).toBeDefined();
    expect(build({ profile: EnvironmentProfile.development() }).config.Logging).toBeUndefined();
    const given = build(stack => ({ profile: EnvironmentProfile.development(), accessLogsBucket: new s3.Bucket(stack, 'Logs') }));
    expect(given.config.Logging.Bucket).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Logs/), 'RegionalDomainName'] });
  });

  test("a bucket made for others lets CloudFront in; a team's own is left as it is", () => {
    const ownership = (accessLogsBucket: (stack: Stack) => s3.IBucket | undefined) => {
      const { site, stack, template } = build(home => ({ accessLogsBucket: accessLogsBucket(home) }));
      return template.findResources('AWS::S3::Bucket')[stack.resolve(site.accessLogsBucket!.bucketName).Ref].Properties?.OwnershipControls;
    };
    const ofLoadBalancer = (stack: Stack) => new WebLoadBalancer(stack, 'LoadBalancer', { vpc: new ec2.Vpc(stack, 'Vpc') }).accessLogsBucket;
    expect(ownership(ofLoadBalancer)).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] });
    expect(ownership(stack => new s3.Bucket(stack, 'Logs'))).toBeUndefined();
  });

  test('are refused where CloudFront cannot deliver them', () => {
    const env = { region: 'me-central-1' };
    expect(() => build({}, { env })).toThrow(/no standard logs to buckets in me-central-1[\s\S]*accessLogsBucket in another region/);
    expect(() => build({ accessLogs: false }, { env })).not.toThrow();
    expect(() => build(stack => ({ accessLogsBucket: s3.Bucket.fromBucketAttributes(stack, 'Logs', { bucketName: 'logs', region: 'us-east-1' }) }), { env })).not.toThrow();
  });
});

test('invalidations and metrics are there for others', () => {
  const { site, stack } = build();
  site.grantInvalidate(new iam.Role(stack, 'Publisher', { assumedBy: new iam.AccountRootPrincipal() }));
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [Match.objectLike({ Action: 'cloudfront:CreateInvalidation' })] },
  });
  expect(stack.resolve(site.metric('Requests', 'Sum').toMetricConfig().metricStat)).toMatchObject({
    namespace: 'AWS/CloudFront',
    metricName: 'Requests',
    region: 'us-east-1',
    dimensions: [{ name: 'DistributionId', value: { Ref: expect.stringMatching(/^SiteDistribution/) } }, { name: 'Region', value: 'Global' }],
  });
});

test.each<[string, unknown, RegExp]>([
  ['names without a certificate', { domainNames: ['a.example.com'] }, /domain names need a certificate/],
  ['a certificate without names', { certificate: { certificateArn: CERTIFICATE } }, /no name to use it for/],
  ['a certificate of elsewhere', {
    domainNames: ['a.example.com'], certificate: { certificateArn: CERTIFICATE.replace('us-east-1', 'eu-central-1') },
  }, /from us-east-1 only/],
  ['a web ACL of a region', { webAclArn: 'arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/a/b' }, /webAclArn is not well-formed/],
  ['a web ACL of elsewhere', { webAclArn: WEB_ACL.replace('us-east-1', 'eu-central-1') }, /from us-east-1 only/],
  ['a name twice', { domainNames: ['a.example.com', 'A.example.com'], certificate: { certificateArn: CERTIFICATE } }, /named twice/],
  ['no name', { domainNames: ['https://a.example.com'], certificate: { certificateArn: CERTIFICATE } }, /domainNames is not well-formed/],
  ['a redirect to a wildcard', {
    domainNames: ['*.example.com'], certificate: { certificateArn: CERTIFICATE }, redirectToFirstName: true,
  }, /redirected to a name with a wildcard/],
  ['TLS without a certificate', { minimumProtocolVersion: 'TLSv1.2_2021' }, /cannot be given a minimum of TLS/],
  ['two policies', { headers: { policy: {} }, responseHeadersPolicy: {} }, /two policies/],
  ['a page for no error', { errorPages: [{ status: 200, path: '/a.html' }] }, /errorPages status/],
  ['a page without a path', { errorPages: [{ status: 404 }] }, /errorPages path is missing/],
  ['a page of nowhere', { errorPages: [{ status: 404, path: 'a.html' }] }, /errorPages path is not well-formed/],
  ['two pages for one error', { errorPages: [{ status: 404, path: '/a' }, { status: 404, path: '/b' }] }, /two pages for 404/],
  ['logs off and a bucket', { accessLogs: false, accessLogsBucket: { bucketArn: 'arn' } }, /turned off/],
  ['a folder with a slash at its end', { originPath: '/site/' }, /originPath is not well-formed/],
  ['a kind that is none', { kind: 'spa' }, /a SiteKind/],
  ['an api that is none', { api: 'api.example.com' }, /a SiteApi/],
  ['a password in plain text', { password: 'secret' }, /a SitePassword/],
  ['one name as a text', { domainNames: 'a.example.com' }, /domainNames is not a list/],
  ['text for a boolean', { alarms: 'no' }, /alarms is not a boolean/],
  ['a price class that does not exist', { priceClass: 'PriceClass_300' }, /priceClass has a value that does not exist/],
  ['countries as text', { geoRestriction: 'DE' }, /geoRestriction is not what it should be/],
])('%s is refused before anything is made', (_, props, message) => {
  const stack = new Stack(new App(), 'Stack');
  const bucket = new s3.Bucket(stack, 'Bucket');
  expect(() => new SiteDistribution(stack, 'Site', { bucket, ...props as Props })).toThrow(message);
  expect(stack.node.findChild('Site').node.children).toEqual([]);
});

test('a bucket is needed', () => {
  expect(() => new SiteDistribution(new Stack(new App(), 'Stack'), 'Site', {} as SiteDistributionProps)).toThrow(/bucket is missing/);
});
