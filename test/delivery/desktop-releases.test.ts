import { App, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { parse } from 'yaml';
import { DesktopReleases, DesktopReleasesProps, OldVersions } from '../../src/delivery';
import { EnvironmentProfile } from '../../src/environment';
import { ImageRegistry } from '../../src/registry';

const DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const UNCOMPRESSED = 'b2884449-e4de-46a7-ac36-70bc7f1ddd6d';
const github = { repository: 'acme/arcade' };

function stackIn(region?: string): Stack {
  return new Stack(new App(), 'Shop', region ? { env: { account: '111111111111', region } } : {});
}

function releasesIn(stack: Stack, props?: DesktopReleasesProps): DesktopReleases {
  return new DesktopReleases(stack, 'Releases', props);
}

function zoneIn(stack: Stack): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z123', zoneName: 'example.com' });
}

interface Statement { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown }

function publisherStatements(template: Template): Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::ManagedPolicy', { Properties: { Roles: [{ Ref: Match.stringLikeRegexp('Publisher') }] } }));
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
}

describe('the CDN', () => {
  const template = Template.fromStack(releasesIn(stackIn('us-east-1')).node.scope as Stack);
  const { DistributionConfig: config } = Object.values(template.findResources('AWS::CloudFront::Distribution'))[0].Properties;
  const policyOf = (behavior: { ResponseHeadersPolicyId: { Ref: string } }) =>
    template.toJSON().Resources[behavior.ResponseHeadersPolicyId.Ref].Properties.ResponseHeadersPolicyConfig;

  test('feeds have one behaviour, which caches nothing and says so whatever the file says', () => {
    expect(config.CacheBehaviors).toHaveLength(1);
    expect(config.CacheBehaviors[0]).toMatchObject({ PathPattern: '*.yml', CachePolicyId: DISABLED, ViewerProtocolPolicy: 'redirect-to-https' });
    expect(policyOf(config.CacheBehaviors[0]).CustomHeadersConfig.Items).toContainEqual({ Header: 'Cache-Control', Value: 'no-cache', Override: true });
  });

  test('everything else is cached by its path alone, for as long as the file says', () => {
    expect(config.DefaultCacheBehavior).toMatchObject({ CachePolicyId: UNCOMPRESSED, ViewerProtocolPolicy: 'redirect-to-https' });
    // A policy's header would be added to a 404 too.
    expect(JSON.stringify(policyOf(config.DefaultCacheBehavior))).not.toContain('Cache-Control');
  });

  test('nothing of the request reaches the bucket, and no function changes a path', () => {
    for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors]) {
      expect(behavior).not.toHaveProperty('OriginRequestPolicyId');
      expect(behavior).not.toHaveProperty('FunctionAssociations');
    }
    template.resourceCountIs('AWS::CloudFront::Function', 0);
    template.resourceCountIs('AWS::CloudFront::CachePolicy', 0);
  });

  test('both behaviours ask the same folder of the same private bucket', () => {
    expect(config.Origins).toEqual([expect.objectContaining({ OriginPath: '/desktop', OriginAccessControlId: expect.anything() })]);
    const targets = [config.DefaultCacheBehavior, ...config.CacheBehaviors].map(({ TargetOriginId }) => TargetOriginId);
    expect(targets).toEqual([config.Origins[0].Id, config.Origins[0].Id]);
    template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 1);
  });

  test('there is no firewall unless one is given', () => {
    expect(config).not.toHaveProperty('WebACLId');
    const stack = stackIn('us-east-1');
    const webAclArn = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/x/0123';
    releasesIn(stack, { webAclArn });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::Distribution', { DistributionConfig: { WebACLId: webAclArn } });
  });

  test('a name of its own: certificate, records, and TLS 1.2 at least', () => {
    const stack = stackIn('us-east-1');
    const releases = releasesIn(stack, { domainName: 'downloads.example.com', hostedZone: zoneIn(stack) });
    const named = Template.fromStack(stack);
    named.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { Aliases: ['downloads.example.com'], ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' } },
    });
    named.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: 'downloads.example.com' });
    for (const type of ['A', 'AAAA']) named.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'downloads.example.com.', Type: type });
    expect(releases.url).toBe('https://downloads.example.com');
    expect(releases.certificate!.alarms.length).toBeGreaterThan(0);
    expect(releases.events).toBe(releases.certificate!.events);
    expect(releases.alarms).toEqual([...releases.site.alarms, ...releases.certificate!.alarms]);
  });

  test('a certificate of the team, without a zone: no records', () => {
    const stack = stackIn('us-east-1');
    const certificate = acm.Certificate.fromCertificateArn(stack, 'Own', 'arn:aws:acm:us-east-1:111111111111:certificate/0123');
    releasesIn(stack, { domainName: 'downloads.example.com', certificate });
    const named = Template.fromStack(stack);
    named.resourceCountIs('AWS::Route53::RecordSet', 0);
    named.resourceCountIs('AWS::CertificateManager::Certificate', 0);
  });

  test('it can be watched', () => {
    const releases = releasesIn(stackIn('us-east-1'));
    expect(releases.alarms.length).toBeGreaterThan(0);
    expect(releases.dashboardWidgets().length).toBeGreaterThan(0);
    expect(releases.events).toBeUndefined();
    expect(releasesIn(stackIn('us-east-1'), { profile: EnvironmentProfile.development() }).alarms).toEqual([]);
  });
});

describe('the bucket', () => {
  test('nothing current is ever deleted by its age alone', () => {
    const stack = stackIn('us-east-1');
    const releases = releasesIn(stack);
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::S3::Bucket', {
      Properties: { LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Transitions: Match.anyValue() })]) } },
    }));
    expect(Properties.LifecycleConfiguration.Rules.every((rule: object) => !('ExpirationInDays' in rule))).toBe(true);
    expect(Properties.LifecycleConfiguration.Rules[0].Transitions).toEqual([{ StorageClass: 'INTELLIGENT_TIERING', TransitionInDays: 0 }]);
    expect(releases.bucket.node.path).toBe('Shop/Releases/Bucket/Bucket');
  });

  test('what is marked as retired is deleted when it is old enough', () => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { oldVersions: OldVersions.keepNewest(20, { minimumAge: Duration.days(30) }) });
    Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectEquals({
          ExpirationInDays: 30, Prefix: 'desktop/', Status: 'Enabled', TagFilters: [{ Key: 'retired', Value: 'true' }],
        })]),
      },
    });
  });
});

describe('who may publish', () => {
  test('only workflows of tags of one repository, unless something else is named', () => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { github });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
            StringLike: { 'token.actions.githubusercontent.com:sub': ['repo:acme/arcade:ref:refs/tags/v*'] },
          },
          Effect: 'Allow',
          Principal: { Federated: { Ref: Match.stringLikeRegexp('^GithubIdentityProvider') } },
        }],
      },
    });
  });

  test.each([
    [{ tags: ['v1.*'] }, ['repo:acme/arcade:ref:refs/tags/v1.*']],
    [{ tags: ['desktop-v*'], environments: ['production'] }, ['repo:acme/arcade:ref:refs/tags/desktop-v*', 'repo:acme/arcade:environment:production']],
    [{ environments: ['production'] }, ['repo:acme/arcade:environment:production']],
    [{ branches: ['main'] }, ['repo:acme/arcade:ref:refs/heads/main']],
  ])('%j', (options, subjects) => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { github: { ...github, ...options } });
    const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    for (const subject of subjects) expect(text).toContain(subject);
    expect(text).not.toContain('refs/tags/v*');
  });

  test('it may write and read feeds, list the folder, and invalidate: nothing else, and delete nothing', () => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { github: { ...github, tags: [] }, tagPrefix: 'desktop-v' });
    const template = Template.fromStack(stack);
    const objects = (pattern: string) => ({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/Bucket/), 'Arn'] }, `/desktop/${pattern}`]] });
    const allowed = [
      { Effect: 'Allow', Action: ['s3:PutObject', 's3:AbortMultipartUpload'], Resource: objects('*') },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: objects('*.yml') },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: { 'Fn::GetAtt': [expect.any(String), 'Arn'] },
        Condition: { StringLike: { 's3:prefix': 'desktop/*' } },
      },
      {
        Effect: 'Allow',
        Action: 'cloudfront:CreateInvalidation',
        Resource: { 'Fn::Join': ['', expect.arrayContaining([{ Ref: expect.stringMatching(/Distribution/) }])] },
      },
    ];
    expect(publisherStatements(template)).toEqual(allowed);
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).toContain('refs/tags/desktop-v*');
  });

  test('it marks versions as retired where that is the rule, with that tag and no other', () => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { github, oldVersions: OldVersions.keepNewest(5) });
    expect(publisherStatements(Template.fromStack(stack))).toContainEqual(expect.objectContaining({
      Action: 's3:PutObjectTagging', Condition: { StringEquals: { 's3:RequestObjectTag/retired': ['true', 'false'] } },
    }));
  });

  test('it encrypts with the key of the bucket', () => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { github, encryptionKey: new kms.Key(stack, 'Key') });
    expect(publisherStatements(Template.fromStack(stack))).toContainEqual(expect.objectContaining({ Action: ['kms:GenerateDataKey', 'kms:Decrypt'] }));
  });

  test('without a repository there is no role, and another pipeline can be given the rights', () => {
    const stack = stackIn('us-east-1');
    const releases = releasesIn(stack);
    expect(releases.publisherRole).toBeUndefined();
    expect(releases.githubVariables).not.toHaveProperty('RELEASES_ROLE_ARN');
    const role = new iam.Role(stack, 'Pipeline', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
    releases.grantPublish(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: Match.stringLikeRegexp('^Pipeline') }] });
  });

  test("it shares GitHub's identity provider with an image registry of the stack", () => {
    const stack = stackIn('us-east-1');
    new ImageRegistry(stack, 'Images').githubRole('Push', github);
    releasesIn(stack, { github });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 1);
  });
});

describe('what a team needs to know', () => {
  test("electron-builder's publish configuration is plain text where there is a name", () => {
    const stack = stackIn('us-east-1');
    const releases = releasesIn(stack, { domainName: 'downloads.example.com', hostedZone: zoneIn(stack) });
    expect(JSON.parse(JSON.stringify(releases.publishConfiguration()))).toEqual({
      provider: 'generic', url: 'https://downloads.example.com', useMultipleRangeRequest: false,
    });
    expect(releases.publishConfiguration('beta').channel).toBe('beta');
    expect(releases.publishConfiguration('latest').channel).toBe('latest');
    expect(() => releases.publishConfiguration('Be ta')).toThrow("got: channels 'Be ta'");
    expect(Token.isUnresolved(releasesIn(stackIn()).publishConfiguration().url)).toBe(true);
  });

  test('the variables of the repository are those that the workflow reads', () => {
    const stack = stackIn('us-east-1');
    const releases = releasesIn(stack, { github });
    const text = releases.workflow().toYaml();
    expect(Object.keys(releases.githubVariables).sort()).toEqual([...new Set([...text.matchAll(/vars\.(RELEASES_\w+)/g)].map(([, name]) => name))].sort());
    expect(releases.githubVariables.RELEASES_REGION).toBe('us-east-1');
  });

  test('the workflow has the channels, tags, environment and rule of the construct', () => {
    const stack = stackIn('us-east-1');
    const releases = releasesIn(stack, {
      github: { ...github, environments: ['production'] }, tagPrefix: 'desktop-v', channels: ['latest', 'beta'], oldVersions: OldVersions.keepNewest(7),
    });
    const { on, jobs } = parse(releases.workflow({ initialRollout: 5 }).toYaml());
    expect(on.push.tags).toEqual(['desktop-v*']);
    expect(jobs.offer).toMatchObject({ environment: 'production', env: { CHANNELS: 'latest beta', NEWEST: 7, ROLLOUT: "${{ inputs.rollout || '5' }}" } });
    const byTag = releasesIn(stackIn('us-east-1'), { github: { ...github, tags: ['v*'], environments: ['production'] } });
    expect(parse(byTag.workflow().toYaml()).jobs.offer).not.toHaveProperty('environment');
  });
});

describe('wherever it is deployed', () => {
  test.each([undefined, 'eu-central-1', 'us-gov-west-1'])('region %s', region => {
    const stack = stackIn(region);
    // Outside of the partition aws there is no us-east-1 for alarms to be in.
    const profile = EnvironmentProfile.staging().with({ accessLogs: false, alarms: !region?.startsWith('us-gov') });
    releasesIn(stack, { github, profile });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::CloudFront::Distribution', 1);
    expect(JSON.stringify(template.toJSON())).not.toContain('"arn:aws:s3');
    Annotations.fromStack(stack).hasNoError('*', '*');
  });

  test('two in one stack do not meet', () => {
    const stack = stackIn('us-east-1');
    releasesIn(stack, { github });
    new DesktopReleases(stack, 'Tools', { github: { repository: 'acme/tools' }, channels: ['latest', 'beta'] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::CloudFront::Distribution', 2);
    template.resourceCountIs('AWS::IAM::OIDCProvider', 1);
  });

  test('the bucket keeps its id whatever the props', () => {
    const ids = [{}, { github, channels: ['latest', 'beta'], oldVersions: OldVersions.keepNewest(5), profile: EnvironmentProfile.development() }].map(props => {
      const stack = stackIn('us-east-1');
      return stack.resolve(releasesIn(stack, props).bucket.bucketName);
    });
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).toEqual({ Ref: 'ReleasesBucket005E83D2' });
  });
});

describe('bad input', () => {
  test.each<[object, string]>([
    [{ channels: ['beta'] }, "channels do not begin with 'latest'"],
    [{ channels: ['latest', 'LATEST'] }, "got: channels 'LATEST'"],
    [{ tagPrefix: '*' }, 'tagPrefix is not well-formed'],
    [{ github: {} }, 'repository is missing'],
    [{ github: { repository: 'acme' } }, "one repository as 'owner/name'"],
    [{ github: { repository: 'acme/*' } }, "one repository as 'owner/name'"],
    [{ github: { repository: 'acme/arcade', tags: ['*'] } }, 'tags is not well-formed'],
    [{ github: null }, 'repository is missing'],
    [{ github: { repository: 'acme/arcade', branches: [], tags: [] } }, 'no workflow at all could use the role'],
    [{ oldVersions: 20 }, 'oldVersions is not what it should be'],
    [{ domainName: 'downloads.example.com' }, 'a name of its own needs a certificate'],
    [{ domainName: 'no domain' }, 'domainName is not well-formed'],
    [{ hostedZone: 'example.com' }, 'hostedZone is not what it should be'],
    [{ certificate: 'arn' }, 'certificate is not what it should be'],
    [{ encryptionKey: 'alias/x' }, 'encryptionKey is not what it should be'],
    [{ profile: 'production' }, 'profile is not what it should be'],
    [{ webAclArn: 'x' }, 'webAclArn is not well-formed'],
  ])('%j is refused', (props, words) => {
    expect(() => releasesIn(stackIn('us-east-1'), props as DesktopReleasesProps)).toThrow(words);
  });

  test('a domain outside of the zone, or a zone for no domain', () => {
    const stack = stackIn('us-east-1');
    const hostedZone = zoneIn(stack);
    expect(() => new DesktopReleases(stack, 'A', { domainName: 'downloads.example.org', hostedZone })).toThrow('the domain is not inside the hosted zone');
    expect(() => new DesktopReleases(stack, 'B', { hostedZone })).toThrow('a zone or a certificate is given, and no name to use it for');
  });

  test('nothing is created before the input is judged', () => {
    const stack = stackIn('us-east-1');
    expect(() => releasesIn(stack, { channels: [], webAclArn: Lazy.string({ produce: () => 'x' }) })).toThrow();
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });
});
