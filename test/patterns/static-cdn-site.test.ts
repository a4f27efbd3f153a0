import { App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { addSite, configOf, counts, FRANKFURT, importedZone, newStack, only, SITE_FOLDER, templatesOf, VIRGINIA } from './static-cdn-site-fixtures';
import {
  ContentSecurityPolicy, EnvironmentProfile, FargateApiWithRds, FirewallPlacement, Monitoring, RuntimeConfig, SiteApi,
  SiteHeaders, SiteKind, SitePassword, WebFirewall,
} from '../../src';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/8f1e2d3c';
const WEB_ACL = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/theirs/8f1e2d3c';
const PROFILES = ['development', 'staging', 'production'] as const;

/** A site with everything that is made for it. */
function completeSite(env = VIRGINIA, profile?: EnvironmentProfile) {
  const stack = newStack(env);
  const site = addSite(stack, {
    directory: SITE_FOLDER,
    profile,
    domainName: 'www.example.com',
    alternativeDomainNames: ['example.com'],
    hostedZone: importedZone(stack),
    passwordProtected: true,
    runtimeConfig: RuntimeConfig.script({ values: { apiUrl: '/api' } }),
    smokeTests: [{ path: '/', expectedStatus: 401 }],
    alertEmails: ['operations@example.com'],
  });
  return { stack, site, templates: templatesOf(stack) };
}

const shared = new Map<string, ReturnType<typeof completeSite>>();

/** The same synthesized site for all tests that only read. */
function complete(profile: typeof PROFILES[number] = 'production') {
  if (!shared.has(profile)) shared.set(profile, completeSite(VIRGINIA, EnvironmentProfile.fromName(profile)));
  return shared.get(profile)!;
}

let frankfurt: ReturnType<typeof completeSite> | undefined;
const completeInFrankfurt = () => frankfurt ??= completeSite(FRANKFURT);

const templateOf = (stack: Stack) => Template.fromStack(stack);

describe('profiles', () => {
  test.each(PROFILES)('the %s profile makes the same template as before', profile => {
    const { templates: { Stack: template } } = complete(profile);
    const hashed = JSON.stringify(template.toJSON(), null, 1).replace(/[0-9a-f]{64}/g, 'HASH');
    expect(JSON.parse(hashed)).toMatchSnapshot();
  });

  test('development has no firewall, no key, no logs and no alarms, and goes with its stack', () => {
    const { site, templates: { Stack: template } } = complete('development');
    expect(counts(template, 'WAFv2::WebACL', 'KMS::Key', 'CloudWatch::Alarm', 'CloudWatch::Dashboard', 'S3::Bucket')).toEqual([0, 0, 0, 0, 1]);
    expect([site.firewall, site.encryptionKey, site.site.accessLogsBucket]).toEqual([undefined, undefined, undefined]);
    expect(configOf(template)).toMatchObject({ PriceClass: 'PriceClass_100' });
    expect(configOf(template)).not.toHaveProperty('WebACLId');
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  test.each([['staging', 'Delete', 'PriceClass_100'], ['production', 'RetainExceptOnCreate', 'PriceClass_All']] as const)(
    '%s is protected, encrypted, logged and watched, and its files on deletion: %s', (profile, deletion, priceClass) => {
      const { templates: { Stack: template } } = complete(profile);
      expect(counts(template, 'WAFv2::WebACL', 'KMS::Key', 'CloudWatch::Dashboard', 'S3::Bucket')).toEqual([1, 1, 1, 2]);
      expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm')).length).toBeGreaterThan(5);
      template.hasResource('AWS::S3::Bucket', { DeletionPolicy: deletion });
      expect(configOf(template)).toMatchObject({ PriceClass: priceClass, Logging: { Bucket: expect.anything() }, WebACLId: expect.anything() });
      expect(JSON.stringify(only(template, 'CloudFront::Distribution'))).toContain('/site');
    });

  test('where CloudFront cannot deliver logs, a site in production goes without them', () => {
    const region = { region: 'eu-south-1' };
    expect(() => addSite(newStack(region))).toThrow(/accessLogs/);
    const stack = newStack(region);
    addSite(stack, { accessLogs: false });
    expect(configOf(templatesOf(stack).Stack)).not.toHaveProperty('Logging');
  });

  test('a single value of a profile can be another', () => {
    const stack = newStack();
    addSite(stack, { profile: EnvironmentProfile.production().with({ firewall: false, accessLogs: false }) });
    expect(counts(templateOf(stack), 'WAFv2::WebACL', 'S3::Bucket', 'KMS::Key')).toEqual([0, 1, 1]);
  });

  test.each([['development', true, 1], ['production', false, 0]] as const)('firewallEnabled decides before the %s profile', (profile, firewallEnabled, count) => {
    const stack = newStack(VIRGINIA);
    addSite(stack, { profile: EnvironmentProfile.fromName(profile), firewallEnabled });
    expect(counts(templateOf(stack), 'WAFv2::WebACL')).toEqual([count]);
  });
});

describe('a working site', () => {
  test('needs a kind only: CloudFront before a private bucket, with headers and a firewall, under the name that CloudFront gives', () => {
    const stack = newStack(VIRGINIA);
    const site = addSite(stack);
    const template = templateOf(stack);
    expect(counts(template, 'CloudFront::Distribution', 'CloudFront::ResponseHeadersPolicy', 'Route53::RecordSet', 'CertificateManager::Certificate'))
      .toEqual([1, 1, 0, 0]);
    expect([site.certificate, site.password, site.deployment, site.smokeTests]).toEqual([undefined, undefined, undefined, undefined]);
    expect(stack.resolve(site.url)).toEqual({ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [expect.stringMatching(/^SiteDistribution/), 'DomainName'] }]] });
    template.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  test('in a dozen lines has names, certificate, records, password, files, settings and tests', () => {
    const { stack, site, templates: { Stack: template } } = complete();
    expect(site.url).toBe('https://www.example.com');
    expect(configOf(template)).toMatchObject({
      Aliases: ['www.example.com', 'example.com'],
      ViewerCertificate: { AcmCertificateArn: stack.resolve(site.certificate!.certificateArn), MinimumProtocolVersion: 'TLSv1.2_2021' },
      WebACLId: stack.resolve(site.firewall!.webAclArn),
    });
    expect(only(template, 'CertificateManager::Certificate')).toMatchObject({ DomainName: 'www.example.com', SubjectAlternativeNames: ['example.com'] });
    const records = Object.values(template.findResources('AWS::Route53::RecordSet')).map(({ Properties: { Name, Type } }) => `${Name} ${Type}`);
    expect(records.sort()).toEqual(['example.com. A', 'example.com. AAAA', 'www.example.com. A', 'www.example.com. AAAA']);
    expect(counts(template, 'CloudFront::KeyValueStore', 'SecretsManager::Secret')).toEqual([1, 1]);
    expect([site.password, site.deployment, site.smokeTests].every(part => part !== undefined)).toBe(true);
  });

  test('is published to its own bucket and its own distribution', () => {
    const { stack, site, templates: { Stack: template } } = complete();
    const [{ Properties: deployment }] = Object.values(template.findResources('Custom::SiteDeployment'));
    expect(deployment.Bucket).toEqual(stack.resolve(site.bucket.bucketName));
    expect(JSON.stringify(template.findResources('AWS::IAM::ManagedPolicy'))).toContain('cloudfront:CreateInvalidation');
    expect(deployment.Configs).toHaveLength(1);
  });

  test('is tested when its files and its records are there, and again with each release', () => {
    const { templates: { Stack: template } } = complete();
    const [[, tests]] = Object.entries(template.findResources('Custom::SmokeTests'));
    expect(JSON.stringify(tests.Properties)).toMatch(/"Fn::GetAtt":\["SiteDeployment[^"]*","ReleaseId"\]/);
    expect(JSON.stringify(tests.Properties)).toContain('https://www.example.com');
    expect(tests.DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/^SiteDistribution/), expect.stringMatching(/^SiteRecords/),
    ]));
  });

  test('is tested without files and records too', () => {
    const stack = newStack(VIRGINIA);
    addSite(stack, { profile: EnvironmentProfile.development(), smokeTests: [{ path: '/' }] });
    templateOf(stack).resourceCountIs('Custom::SmokeTests', 1);
  });

  test('has everything that it keeps under its key', () => {
    const { stack, site, templates: { Stack: template } } = complete();
    const arn = stack.resolve(site.encryptionKey!.keyArn);
    const key = Object.keys(template.findResources('AWS::KMS::Key'))[0];
    expect(only(template, 'SecretsManager::Secret').KmsKeyId).toEqual(arn);
    for (const { Properties } of Object.values(template.findResources('AWS::Logs::LogGroup'))) expect(Properties.KmsKeyId).toEqual(arn);
    for (const { Properties } of Object.values(template.findResources('AWS::SNS::Topic'))) expect(JSON.stringify(Properties.KmsMasterKeyId)).toContain(key);
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { KMSMasterKeyID: arn } }] },
    });
  });

  test('writes all access logs to one bucket', () => {
    const { templates: { Stack: template } } = complete();
    const { DestinationBucketName } = Object.values(template.findResources('AWS::S3::Bucket'))
      .map(({ Properties }) => Properties.LoggingConfiguration).find(logging => logging !== undefined);
    expect(JSON.stringify(configOf(template).Logging.Bucket)).toContain(DestinationBucketName.Ref);
  });

  test('has every alarm published, and a row for each part on the dashboard', () => {
    const { stack, site, templates: { Stack: template } } = complete();
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toEqual([stack.resolve(site.monitoring.topic.topicArn)]);
    expect(site.monitoring.alarms).toHaveLength(alarms.length);
    const body = JSON.stringify(only(template, 'CloudWatch::Dashboard').DashboardBody);
    for (const row of ['Site / Site', 'Site / Certificate', 'Site / Firewall']) expect(body).toContain(`## ${row}`);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'operations@example.com' });
    template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { source: ['aws.acm'] } });
  });

  test.each<[string, SiteKind, string[]]>([
    ['a single-page app has no error pages: its router shows them', SiteKind.singlePageApp(), []],
    ['many pages have one of their own', SiteKind.multiPage(), ['/404.html']],
    ['rendered pages have one of their own', SiteKind.prerendered(), ['/404.html']],
  ])('%s', (_name, kind, pages) => {
    const stack = newStack();
    addSite(stack, { kind, profile: EnvironmentProfile.development() });
    const responses: { ResponsePagePath: string }[] = configOf(templateOf(stack)).CustomErrorResponses ?? [];
    expect(responses.map(({ ResponsePagePath }) => ResponsePagePath)).toEqual(pages);
  });

  test('has what shapes the distribution and the bucket', () => {
    const stack = newStack();
    addSite(stack, {
      profile: EnvironmentProfile.development(),
      errorPages: [{ status: 404, path: '/nothing.html' }],
      geoRestriction: cloudfront.GeoRestriction.allowlist('DE', 'AT'),
      priceClass: cloudfront.PriceClass.PRICE_CLASS_200,
      intelligentTiering: true,
      contentSecurityPolicy: new ContentSecurityPolicy({ connectSrc: ['https://api.example.com'] }),
    });
    const template = templateOf(stack);
    expect(configOf(template)).toMatchObject({
      PriceClass: 'PriceClass_200',
      CustomErrorResponses: [{ ErrorCode: 404, ResponsePagePath: '/nothing.html' }],
      Restrictions: { GeoRestriction: { RestrictionType: 'whitelist', Locations: ['DE', 'AT'] } },
    });
    expect(JSON.stringify(only(template, 'S3::Bucket').LifecycleConfiguration)).toContain('INTELLIGENT_TIERING');
    expect(JSON.stringify(only(template, 'CloudFront::ResponseHeadersPolicy'))).toContain('https://api.example.com');
  });

  test('keeps files as long as it is told', () => {
    const stack = newStack();
    const site = addSite(stack, { profile: EnvironmentProfile.development(), directory: SITE_FOLDER, cacheControl: { 'index.html': 'public, max-age=60' } });
    const other = newStack();
    const plain = addSite(other, { profile: EnvironmentProfile.development(), directory: SITE_FOLDER });
    expect(site.deployment!.contentId).not.toBe(plain.deployment!.contentId);
  });
});

describe('regions', () => {
  const EDGE_TYPES = ['WAFv2::WebACL', 'CertificateManager::Certificate', 'CloudWatch::Alarm', 'CloudFront::Distribution', 'S3::Bucket'];

  test('in us-east-1 everything is in one stack', () => {
    const { stack, templates } = complete();
    expect(Object.keys(templates)).toEqual(['Stack']);
    const [firewalls, certificates, alarms, ...home] = counts(templates.Stack, ...EDGE_TYPES);
    expect([firewalls, certificates, alarms > 5, ...home]).toEqual([1, 1, true, 1, 2]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('has no region'));
  });

  test('elsewhere certificate and firewall are made in us-east-1 before it, and the alarms after it', () => {
    const { stack, templates } = completeInFrankfurt();
    expect(Object.keys(templates).sort()).toEqual(['Stack', 'Stack-edge', 'Stack-edge-alarms']);
    expect(counts(templates.Stack, ...EDGE_TYPES)).toEqual([0, 0, 0, 1, 2]);
    expect(counts(templates['Stack-edge'], ...EDGE_TYPES)).toEqual([1, 1, 0, 0, 0]);
    const [, , alarms, ...others] = counts(templates['Stack-edge-alarms'], ...EDGE_TYPES);
    expect([alarms > 5, ...others]).toEqual([true, 0, 0]);

    const named = (id: string) => stack.node.root.node.findChild(id) as Stack;
    expect(stack.dependencies).toEqual([named('Stack-edge')]);
    expect(named('Stack-edge').dependencies).toEqual([]);
    expect(named('Stack-edge-alarms').dependencies).toContain(stack);
    expect([named('Stack-edge'), named('Stack-edge-alarms')].map(({ region }) => region)).toEqual(['us-east-1', 'us-east-1']);
  });

  test('what is made in us-east-1 is carried over to the distribution', () => {
    const { WebACLId, ViewerCertificate } = configOf(completeInFrankfurt().templates.Stack);
    const from = { 'Fn::GetStackOutput': { StackName: 'Stack-edge', OutputName: expect.any(String), Region: 'us-east-1' } };
    expect([WebACLId, ViewerCertificate.AcmCertificateArn]).toEqual([from, from]);
  });

  test('the alarms there are published there, and people are told', () => {
    const { site, templates: { 'Stack-edge-alarms': template } } = completeInFrankfurt();
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) expect(Properties.AlarmActions).toEqual([{ Ref: topic }]);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'operations@example.com' });
    expect(site.monitoring.edgeTopics).toHaveLength(1);
  });

  test('development elsewhere needs no stack beside', () => {
    const stack = newStack(FRANKFURT);
    addSite(stack, { profile: EnvironmentProfile.development() });
    expect(Object.keys(templatesOf(stack))).toEqual(['Stack']);
  });

  test('without a region everything is in one stack, which says that it belongs into us-east-1', () => {
    const stack = newStack();
    addSite(stack, { domainName: 'www.example.com', hostedZone: importedZone(stack) });
    expect(Object.keys(templatesOf(stack))).toEqual(['Stack']);
    Annotations.fromStack(stack).hasWarning('/Stack', Match.stringLikeRegexp('has no region.*us-east-1'));
  });
});

describe('parts that are given instead of made', () => {
  test('all of them are used, and nothing is made in their place', () => {
    const stack = newStack(VIRGINIA);
    const given = {
      bucket: new s3.Bucket(stack, 'Files', { versioned: true }),
      encryptionKey: new kms.Key(stack, 'Key'),
      certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE),
      firewall: WebFirewall.fromWebAclArn(stack, 'Firewall', WEB_ACL),
      password: new SitePassword(stack, 'Password'),
      monitoring: new Monitoring(stack, 'Monitoring'),
    };
    const headers = new SiteHeaders(stack, 'Headers');
    const site = addSite(stack, { ...given, headers, domainName: 'www.example.com', hostedZone: importedZone(stack), directory: SITE_FOLDER });
    const template = templateOf(stack);

    const { bucket, encryptionKey, certificate, firewall, password, monitoring } = site;
    expect({ bucket, encryptionKey, certificate, firewall, password, monitoring }).toEqual(given);
    expect(counts(template, 'KMS::Key', 'CertificateManager::Certificate', 'WAFv2::WebACL', 'CloudFront::KeyValueStore', 'CloudFront::ResponseHeadersPolicy',
      'CloudWatch::Dashboard', 'SNS::Topic')).toEqual([1, 0, 0, 1, 1, 1, 1]);
    expect(configOf(template)).toMatchObject({
      WebACLId: WEB_ACL,
      ViewerCertificate: { AcmCertificateArn: CERTIFICATE },
      DefaultCacheBehavior: { ResponseHeadersPolicyId: stack.resolve(headers.policy.responseHeadersPolicyId) },
    });
    const [{ Properties: deployment }] = Object.values(template.findResources('Custom::SiteDeployment'));
    expect(deployment.Bucket).toEqual(stack.resolve(given.bucket.bucketName));
  });

  test("a given bucket lets the distribution read the site's folder, and its access logs get a bucket", () => {
    const stack = newStack(VIRGINIA);
    const bucket = new s3.Bucket(stack, 'Files', { versioned: true });
    const site = addSite(stack, { bucket });
    const template = templateOf(stack);
    expect(counts(template, 'S3::Bucket')).toEqual([2]);
    expect(site.site.accessLogsBucket).toBeDefined();
    const policies = JSON.stringify(Object.values(template.findResources('AWS::S3::BucketPolicy', { Properties: { Bucket: stack.resolve(bucket.bucketName) } })));
    expect(policies).toContain('/site/*');
  });

  test("all access logs go to a given bucket, beside the site's own bucket and a given one, whatever the profile", () => {
    for (const given of [false, true]) {
      const stack = newStack(VIRGINIA);
      const accessLogsBucket = new s3.Bucket(stack, 'Logs');
      const bucket = given ? new s3.Bucket(stack, 'Files', { versioned: true }) : undefined;
      const { site } = addSite(stack, { bucket, accessLogsBucket, profile: EnvironmentProfile.development() });
      expect(site.accessLogsBucket).toBe(accessLogsBucket);
      const template = templateOf(stack);
      expect(counts(template, 'S3::Bucket')).toEqual([2]);
      const loggedTo = Object.values(template.findResources('AWS::S3::Bucket')).map(({ Properties }) => Properties?.LoggingConfiguration?.DestinationBucketName);
      expect(loggedTo.filter(target => target)).toEqual(given ? [] : [stack.resolve(accessLogsBucket.bucketName)]);
    }
  });

  test('a certificate is watched, whoever made it', () => {
    const stack = newStack(VIRGINIA);
    addSite(stack, { domainName: 'www.example.com', certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE) });
    const template = templateOf(stack);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DaysToExpiry', Dimensions: [{ Name: 'CertificateArn', Value: CERTIFICATE }] });
    expect(counts(template, 'Route53::RecordSet')).toEqual([0]);
  });

  test('a firewall with rules of its own is watched with the site', () => {
    const stack = newStack(VIRGINIA);
    const firewall = new WebFirewall(stack, 'Firewall', { placement: FirewallPlacement.cloudFront(), blockedCountries: ['KP'] });
    const { monitoring } = addSite(stack, { firewall });
    expect(monitoring.alarms).toEqual(expect.arrayContaining(firewall.alarms));
    expect(configOf(templateOf(stack)).WebACLId).toEqual(stack.resolve(firewall.webAclArn));
  });

  test('a firewall of another stack serves several sites, and is watched where it is made', () => {
    const stack = newStack(VIRGINIA, 'Shared');
    const firewall = new WebFirewall(stack, 'Firewall', { placement: FirewallPlacement.cloudFront() });
    const sites = ['One', 'Two'].map(id => addSite(new Stack(stack.node.root as App, id, { env: VIRGINIA }), { firewall }));
    const templates = templatesOf(stack);
    for (const id of ['One', 'Two']) {
      expect(counts(templates[id], 'WAFv2::WebACL')).toEqual([0]);
      expect(configOf(templates[id]).WebACLId).toHaveProperty(['Fn::ImportValue']);
    }
    for (const { monitoring } of sites) expect(monitoring.alarms).not.toContain(firewall.alarms[0]);
  });

  test('a topic is published to', () => {
    const stack = newStack(VIRGINIA);
    const alertTopic = new sns.Topic(stack, 'Topic');
    addSite(stack, { alertTopic });
    const template = templateOf(stack);
    expect(counts(template, 'SNS::Topic')).toEqual([1]);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [stack.resolve(alertTopic.topicArn)] });
  });
});

describe('together with others', () => {
  test('two sites live in one stack, with names that do not meet', () => {
    const stack = newStack(VIRGINIA);
    const props = { directory: SITE_FOLDER, passwordProtected: true };
    for (const id of ['Shop', 'Admin']) addSite(stack, props, id);
    const template = templateOf(stack);
    expect(counts(template, 'CloudFront::Distribution', 'WAFv2::WebACL', 'KMS::Key', 'CloudFront::KeyValueStore', 'CloudWatch::Dashboard')).toEqual([2, 2, 2, 2, 2]);
    const names = Object.values(template.findResources('AWS::CloudFront::KeyValueStore')).map(({ Properties }) => JSON.stringify(Properties.Name));
    expect(new Set(names).size).toBe(2);
  });

  test('two sites share a key, a firewall, headers and one monitoring', () => {
    const stack = newStack(VIRGINIA);
    const first = addSite(stack, {}, 'Shop');
    const { encryptionKey, firewall, monitoring } = first;
    addSite(stack, { encryptionKey, firewall, monitoring, headers: new SiteHeaders(stack, 'Headers') }, 'Admin');
    const template = templateOf(stack);
    expect(counts(template, 'CloudFront::Distribution', 'WAFv2::WebACL', 'KMS::Key', 'CloudWatch::Dashboard', 'SNS::Topic')).toEqual([2, 1, 1, 1, 1]);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^ShopMonitoringTopic') }] });
  });

  test.each([['us-east-1', ['Stack']], ['eu-central-1', ['Stack', 'Stack-edge', 'Stack-edge-alarms']]])(
    'an API that only CloudFront reaches is served behind the same name and watched by the same monitoring in %s', (region, stacks) => {
      const stack = newStack({ account: '111111111111', region });
      const api = new FargateApiWithRds(stack, 'Api', { image: ecs.ContainerImage.fromRegistry('example/api'), containerPort: 8080, internal: true });
      const site = addSite(stack, {
        api: SiteApi.privateLoadBalancer(api.loadBalancer.loadBalancer),
        monitoring: api.monitoring,
        encryptionKey: api.encryptionKey,
      });
      const templates = templatesOf(stack);

      expect(Object.keys(templates).sort()).toEqual(stacks);
      expect(counts(templates.Stack, 'CloudWatch::Dashboard', 'KMS::Key', 'CloudFront::VpcOrigin')).toEqual([1, 1, 1]);
      expect(configOf(templates.Stack).CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).toEqual(['/api/*']);
      expect(only(templates.Stack, 'ElasticLoadBalancingV2::LoadBalancer').Scheme).toBe('internal');
      const ingress = Object.values(templates.Stack.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties.SourcePrefixListId);
      expect(ingress.filter(list => list !== undefined)).toHaveLength(1);
      const body = JSON.stringify(only(templates.Stack, 'CloudWatch::Dashboard').DashboardBody);
      for (const row of ['## Api / Database', '## Site / Site', '## Site / Firewall']) expect(body).toContain(row);
      expect(api.monitoring.alarms).toEqual(expect.arrayContaining([...site.site.alarms, ...api.database.alarms]));
    });

  test('ids may be long, and stages nested', () => {
    const app = new App({ context: { 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false });
    const outer = new Stage(app, 'AStageWithARatherLongNameForEverybodyInTheCompany', { env: FRANKFURT });
    const inner = new Stage(outer, 'AndAnotherOneInsideOfItThatIsNotShorterEither');
    const stack = new Stack(inner, 'AStackWithANameThatIsAlsoLong');
    addSite(stack, {
      directory: SITE_FOLDER, passwordProtected: true, domainName: 'www.example.com', hostedZone: importedZone(stack), smokeTests: [{ path: '/' }],
    }, 'ASiteWithAnIdThatNobodyWouldWantToTypeASecondTimeInTheirLife');
    const stacks = inner.node.findAll().filter(Stack.isStack);

    expect(stacks.map(({ node }) => node.id.replace(stack.node.id, '')).sort()).toEqual(['', '-edge', '-edge-alarms']);
    for (const each of stacks) {
      expect(each.stackName.length).toBeLessThanOrEqual(128);
      for (const id of Object.keys(Template.fromStack(each).toJSON().Resources)) expect(id.length).toBeLessThanOrEqual(255);
    }
    const [store] = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::KeyValueStore'));
    expect(store.Properties.Name).toMatch(/^[\w-]{1,64}$/);
  });

  test('a site in China, without what CloudFront has not there, is refused with what to leave out', () => {
    const stack = newStack({ account: '111111111111', region: 'cn-north-1' });
    expect(() => addSite(stack)).toThrow(/no us-east-1 in the partition aws-cn/);
  });
});
