import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { addPlatform, IMAGE, platformWithSite, SERVICES, SITE } from './production-web-platform-fixtures';
import { FRANKFURT, importedZone, newStack, templatesOf, VIRGINIA } from './static-cdn-site-fixtures';
import { ContainerPlatform, EnvironmentProfile, FirewallPlacement, RuntimeConfig, SiteKind, UserDirectory, WebFirewall } from '../../src';
import { describeEdges, INTERNET, reachable } from '../security-graph';

type Resource = { readonly Type: string; readonly Properties: any; readonly DependsOn?: string[] };

function resources(template: Template, type: string): Resource[] {
  return Object.values(template.findResources(type)) as Resource[];
}

function environmentOf(template: Template): { [name: string]: unknown } {
  const [{ Properties }] = resources(template, 'AWS::ECS::TaskDefinition');
  return Object.fromEntries((Properties.ContainerDefinitions[0].Environment ?? []).map(({ Name, Value }: any) => [Name, Value]));
}

describe('one name', () => {
  test('CloudFront has it, and brings /api/* to a load balancer that nobody else reaches', () => {
    const { stack } = platformWithSite();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { Aliases: ['arcade.example.com'], CacheBehaviors: [Match.objectLike({ PathPattern: '/api/*' })] },
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
    template.resourceCountIs('AWS::CloudFront::VpcOrigin', 1);
    expect(describeEdges(reachable(template, INTERNET), name => name)).toEqual([]);
  });

  test('not even the network itself reaches it: CloudFront comes to one port, from its own addresses', () => {
    const template = Template.fromStack(platformWithSite().stack);
    const ports = resources(template, 'AWS::ElasticLoadBalancingV2::Listener').map(({ Properties }) => Properties.Port).sort();
    expect(ports).toEqual([443, 9000]);
    const [[id, { Properties }]] = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).filter(([group]) => group.includes('LoadBalancer'));
    expect(Properties.SecurityGroupIngress).toBeUndefined();
    const rules = resources(template, 'AWS::EC2::SecurityGroupIngress').filter(rule => JSON.stringify(rule.Properties.GroupId).includes(id));
    expect(rules.map(rule => [rule.Properties.FromPort, rule.Properties.SourcePrefixListId])).toEqual([[443, 'pl-a3a144ca']]);
  });

  test('HTTPS goes all the way: the load balancer has a certificate for the name that CloudFront asks for', () => {
    const { stack } = platformWithSite();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: 'origin.arcade.example.com' });
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { Origins: Match.arrayWith([Match.objectLike({ DomainName: 'origin.arcade.example.com' })]) },
    });
  });

  test('without a domain, CloudFront speaks HTTP to it inside the network', () => {
    const stack = newStack(FRANKFURT);
    const platform = addPlatform(stack, { site: SITE });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::VpcOrigin', {
      VpcOriginEndpointConfig: { OriginProtocolPolicy: 'http-only' },
    });
    expect(stack.resolve(platform.url)).toEqual({ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [expect.stringContaining('Distribution'), 'DomainName'] }]] });
  });

  test('by choice the internet reaches the load balancer too, at api. before the domain', () => {
    const { stack, platform } = platformWithSite({ publicLoadBalancer: true });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing' });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'api.arcade.example.com.' });
    expect([platform.url, platform.containers.url]).toEqual(['https://arcade.example.com', 'https://api.arcade.example.com']);
  });

  test('without a site, the load balancer is public and the platform is at api.', () => {
    const { stack, platform } = platformWithSite({ site: undefined, signIn: undefined });
    Template.fromStack(stack).resourceCountIs('AWS::CloudFront::Distribution', 0);
    expect(platform.url).toBe('https://api.arcade.example.com');
  });

  test('a site that comes later replaces nothing of a load balancer that stays public', () => {
    const lasting = (template: Template) => ['LoadBalancer', 'Listener', 'WebACLAssociation'].map(type => template.findResources(
      type === 'WebACLAssociation' ? `AWS::WAFv2::${type}` : `AWS::ElasticLoadBalancingV2::${type}`));
    const before = Template.fromStack(platformWithSite({ site: undefined, signIn: undefined, publicLoadBalancer: true }).stack);
    const after = Template.fromStack(platformWithSite({ publicLoadBalancer: true }).stack);
    expect(lasting(after)).toEqual(lasting(before));
  });
});

describe('firewalls', () => {
  test('one at the edge limits requests by address; the one before the load balancer does not, which sees only CloudFront', () => {
    const { stack } = platformWithSite();
    const { Stack: home, 'Stack-edge': edge } = templatesOf(stack);
    const limits = (template: Template) => resources(template, 'AWS::WAFv2::WebACL').map(({ Properties }) =>
      Properties.Rules.filter((rule: any) => rule.Statement.RateBasedStatement).length);
    expect([limits(edge), limits(home)]).toEqual([[1], [0]]);
    home.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });

  test('without a site, the one before the load balancer limits requests by address', () => {
    const { stack } = platformWithSite({ site: undefined, signIn: undefined });
    const [{ Properties }] = resources(Template.fromStack(stack), 'AWS::WAFv2::WebACL');
    expect(Properties.Rules.filter((rule: any) => rule.Statement.RateBasedStatement)).toHaveLength(1);
  });

  test("a team's own is used instead, and no other is made", () => {
    const stack = newStack(FRANKFURT);
    const loadBalancerFirewall = new WebFirewall(stack, 'Own', { placement: FirewallPlacement.regional(), rateLimits: [] });
    const platform = addPlatform(stack, { site: SITE, loadBalancerFirewall });
    expect(platform.loadBalancerFirewall).toBe(loadBalancerFirewall);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::WAFv2::WebACL', 1);
    const associations = resources(template, 'AWS::WAFv2::WebACLAssociation').map(({ Properties }) => Properties);
    expect(associations).toEqual([stack.resolve({
      ResourceArn: platform.loadBalancer.loadBalancer.loadBalancerArn, WebACLArn: loadBalancerFirewall.webAclArn,
    })]);
  });

  test('development has none', () => {
    const { stack } = platformWithSite({ profile: EnvironmentProfile.development() }, VIRGINIA);
    Template.fromStack(stack).resourceCountIs('AWS::WAFv2::WebACL', 0);
  });
});

describe('access logs', () => {
  const ACCESS_LOGS = /^ArcadeContainersLoadBalancerAccessLogsBucket/;

  /** Bucket ids by what their access lists allow, and where what is logged goes. */
  function logged(template: Template) {
    const buckets = Object.entries(template.findResources('AWS::S3::Bucket'));
    return {
      targets: buckets.map(([, { Properties }]) => Properties.LoggingConfiguration?.DestinationBucketName.Ref).filter(target => target !== undefined),
      withAccessLists: buckets.filter(([, { Properties }]) => Properties.OwnershipControls.Rules[0].ObjectOwnership !== 'BucketOwnerEnforced').map(([id]) => id),
    };
  }

  test('of everything are in one bucket, which is itself the only one without', () => {
    const { stack } = platformWithSite({ uploads: {} });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::S3::Bucket', 4);
    const { targets, withAccessLists } = logged(template);
    expect(targets).toEqual(Array(3).fill(expect.stringMatching(ACCESS_LOGS)));
    expect(withAccessLists).toEqual([targets[0]]);
    const [{ Properties }] = resources(template, 'AWS::CloudFront::Distribution');
    expect(Properties.DistributionConfig.Logging.Bucket).toEqual({ 'Fn::GetAtt': [targets[0], 'RegionalDomainName'] });
  });

  test('without CloudFront, their bucket has no access control lists, and stays the same one', () => {
    const { targets, withAccessLists } = logged(Template.fromStack(platformWithSite({ uploads: {}, site: undefined, signIn: undefined }).stack));
    expect(targets).toEqual(Array(2).fill(expect.stringMatching(ACCESS_LOGS)));
    expect(withAccessLists).toEqual([]);
  });

  test('beside a given load balancer, uploads and site have buckets of their own', () => {
    const stack = newStack(FRANKFURT);
    const hostedZone = importedZone(stack);
    const { network, loadBalancer } = new ContainerPlatform(stack, 'Given', { domainName: 'lb.example.com', hostedZone });
    addPlatform(stack, { site: SITE, uploads: {}, network, loadBalancer, domain: { domainName: 'a.example.com', hostedZone } });
    const { targets } = logged(Template.fromStack(stack));
    expect([...new Set(targets)]).toEqual([expect.stringMatching(/^ArcadeUploads/), expect.stringMatching(/^ArcadeSite/)]);
  });
});

describe('sign-in', () => {
  test('is at auth. before the domain, and comes back to the site', () => {
    const { stack } = platformWithSite();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Cognito::UserPoolDomain', { Domain: 'auth.arcade.example.com' });
    template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      CallbackURLs: ['https://arcade.example.com/callback'], LogoutURLs: ['https://arcade.example.com/'],
    });
  });

  test('its domain waits for the record of its parent, which Cognito asks for', () => {
    const [{ DependsOn }] = resources(Template.fromStack(platformWithSite().stack), 'AWS::Cognito::UserPoolDomain');
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ArcadeSiteRecordsRecord/)]));
  });

  test('its certificate is in us-east-1', () => {
    const { 'Stack-edge': edge } = templatesOf(platformWithSite().stack);
    edge.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: 'auth.arcade.example.com' });
  });

  test('services verify tokens with three variables, which one of them can do without', () => {
    const { stack, platform } = platformWithSite();
    platform.addService('Status', { image: IMAGE, containerPort: 80, paths: ['/api/status'], usesSignIn: false });
    const definitions = resources(Template.fromStack(stack), 'AWS::ECS::TaskDefinition');
    const names = definitions.map(({ Properties }) => (Properties.ContainerDefinitions[0].Environment ?? []).map(({ Name }: any) => Name));
    expect(names).toEqual([['AUTH_ISSUER', 'AUTH_JWKS_URI', 'AUTH_CLIENT_ID'], []]);
  });

  test('the site reads at run time where to sign in, beside values of its own', () => {
    const runtimeConfig = RuntimeConfig.script({ values: { AUTH_URL: 'https://elsewhere.example.com', STAGE: 'test' } });
    const { stack } = platformWithSite({ site: { ...SITE, runtimeConfig } });
    const [{ Properties }] = resources(Template.fromStack(stack), 'Custom::SiteDeployment');
    const config = JSON.stringify(Properties);
    for (const name of ['AUTH_ISSUER', 'AUTH_CLIENT_ID', 'STAGE']) expect(config).toContain(name);
    expect(config).toContain('https://elsewhere.example.com');
    expect(config).not.toContain('https://auth.arcade.example.com');
  });

  test('pages may ask for tokens there, and nowhere else besides their own site', () => {
    Template.fromStack(platformWithSite().stack).hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          ContentSecurityPolicy: {
            ContentSecurityPolicy: Match.stringLikeRegexp("connect-src 'self' https://auth.arcade.example.com(;|$)"),
          },
        },
      },
    });
  });

  test('pages whose tokens may change accounts reach Cognito too: without it nobody could set up a second factor', () => {
    const scopes = [cognito.OAuthScope.OPENID, cognito.OAuthScope.COGNITO_ADMIN];
    const template = Template.fromStack(platformWithSite({ signIn: { scopes } }).stack);
    template.hasResourceProperties('AWS::Cognito::UserPoolClient', { AllowedOAuthScopes: ['openid', 'aws.cognito.signin.user.admin'] });
    const [{ Properties }] = resources(template, 'AWS::CloudFront::ResponseHeadersPolicy');
    const { ContentSecurityPolicy: policy } = Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy;
    const [, [beginning, suffix]] = policy['Fn::Join'];
    expect(beginning).toMatch(/connect-src 'self' https:\/\/auth\.arcade\.example\.com https:\/\/cognito-idp\.eu-central-1\.$/);
    expect(suffix).toEqual({ Ref: 'AWS::URLSuffix' });
  });

  test('users write what the platform is told that they may', () => {
    const writeAttributes = new cognito.ClientAttributes().withStandardAttributes({ email: true }).withCustomAttributes('theme');
    const customAttributes = { theme: new cognito.StringAttribute({ mutable: true }) };
    const template = Template.fromStack(platformWithSite({ signIn: { customAttributes, writeAttributes, readAttributes: writeAttributes } }).stack);
    template.hasResourceProperties('AWS::Cognito::UserPoolClient', { WriteAttributes: ['custom:theme', 'email'], ReadAttributes: ['custom:theme', 'email'] });
  });

  test('users of another stack get the site as one more client', () => {
    const stack = newStack(FRANKFURT);
    const directory = new UserDirectory(new Stack(stack.node.root as never, 'Users', { env: FRANKFURT }), 'Users', { alarms: false });
    const domain = { domainName: 'arcade.example.com', hostedZone: importedZone(stack) };
    const platform = addPlatform(stack, { domain, site: SITE, signIn: { directory } });
    expect(platform.users).toBe(directory);
    expect(Object.keys(directory.clients)).toEqual(['Site']);
    expect(Object.keys(templatesOf(stack).Users.findResources('AWS::Cognito::UserPoolClient'))).toHaveLength(1);
  });
});

describe('services', () => {
  test('are known by name, and their order changes no id', () => {
    const more = { ...SERVICES, Admin: { image: IMAGE, containerPort: 80, paths: ['/api/admin/*'] } };
    const reversed = Object.fromEntries(Object.entries(more).reverse());
    const servicesOf = (services: typeof more) => Object.keys(Template.fromStack(platformWithSite({ services }).stack).findResources('AWS::ECS::Service')).sort();
    expect(servicesOf(reversed as typeof more)).toEqual(servicesOf(more));
    expect(servicesOf(more)).toHaveLength(2);
  });

  test('workers and scheduled tasks have the same data', () => {
    const { stack, platform } = platformWithSite();
    platform.addWorker('Mailer', { image: IMAGE });
    platform.addScheduledTask('Nightly', { image: IMAGE, schedule: { expressionString: 'rate(1 day)' } as never });
    const definitions = resources(Template.fromStack(stack), 'AWS::ECS::TaskDefinition');
    for (const { Properties } of definitions) {
      expect(JSON.stringify(Properties.ContainerDefinitions[0].Secrets)).toContain('DATABASE_URL');
      expect(JSON.stringify(Properties.ContainerDefinitions[0].Environment)).toContain('AUTH_ISSUER');
    }
    expect(definitions).toHaveLength(3);
  });

  test("a service's own variable wins", () => {
    const services = { Api: { ...SERVICES.Api, environment: { AUTH_ISSUER: 'https://issuer.example.com' } } };
    expect(environmentOf(Template.fromStack(platformWithSite({ services }).stack)).AUTH_ISSUER).toBe('https://issuer.example.com');
  });
});

describe('costs', () => {
  test('a budget and an anomaly monitor tell the topic of all alarms', () => {
    const { stack, platform } = platformWithSite({ budget: { monthlyLimit: 400 }, costAnomalies: {}, alerts: { emails: ['ops@example.com'] } });
    const template = Template.fromStack(stack);
    const topic = stack.resolve(platform.monitoring.topic.topicArn);
    template.hasResourceProperties('AWS::CE::AnomalySubscription', { Subscribers: [{ Type: 'SNS', Address: topic }] });
    const [{ Properties }] = resources(template, 'AWS::Budgets::Budget');
    expect(Properties.NotificationsWithSubscribers[0].Subscribers).toEqual([
      { SubscriptionType: 'EMAIL', Address: 'ops@example.com' }, { SubscriptionType: 'SNS', Address: topic },
    ]);
  });

  test('staging sleeps at night: its services and its database', () => {
    const { stack } = platformWithSite({ profile: EnvironmentProfile.staging(), workingHours: { timeZone: 'Europe/Berlin' } });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { ScheduledActions: [Match.anyValue(), Match.anyValue()] });
    template.resourcePropertiesCountIs('AWS::Scheduler::Schedule', { Target: { Arn: Match.objectLike({}) } }, 4);
  });
});

describe('places', () => {
  test('two platforms in one stack have nothing in common', () => {
    const stack = newStack(FRANKFURT);
    addPlatform(stack, { site: SITE }, 'One');
    addPlatform(stack, { site: SITE }, 'Two');
    Template.fromStack(stack).resourceCountIs('AWS::ECS::Service', 2);
  });

  test('a stack without a region synthesizes', () => {
    const { stack } = platformWithSite({}, undefined);
    Template.fromStack(stack).resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
  });

  test('data and network can be in one stack and services in another, which no value of the first depends on', () => {
    const stack = newStack(FRANKFURT, 'Services');
    const data = new Stack(stack.node.root as never, 'Data', { env: FRANKFURT });
    const foundation = new ContainerPlatform(data, 'Arcade', { cache: true });
    const { network, database, cache: redisCache, encryptionKey, cluster } = foundation;
    const domain = { domainName: 'arcade.example.com', hostedZone: importedZone(stack) };
    addPlatform(stack, { domain, site: { kind: SiteKind.singlePageApp() }, network, database, redisCache, encryptionKey, cluster });
    const templates = templatesOf(stack);
    expect(stack.dependencies.map(({ node }) => node.id)).toContain('Data');
    expect(data.dependencies.map(({ node }) => node.id)).toEqual([]);
    templates.Services.resourceCountIs('AWS::RDS::DBInstance', 0);
    templates.Data.resourceCountIs('AWS::ECS::Service', 0);
  });

  test('services in a further stack join a platform that has grown, and replace nothing of it', () => {
    const { stack, platform } = platformWithSite();
    const before = ids(stack);
    const second = platformWithSite();
    const more = new Stack(second.stack.node.root as never, 'More', { env: FRANKFURT });
    const { network, database, loadBalancer, encryptionKey, cluster } = second.platform;
    const joined = new ContainerPlatform(more, 'More', { network, database, loadBalancer, encryptionKey, cluster });
    const migrations = { command: ['alembic', 'upgrade', 'head'] };
    joined.addService('Reports', { image: IMAGE, containerPort: 80, paths: ['/api/reports/*'], migrations });
    joined.addWorker('Mailer', { image: IMAGE });
    expect(platform.url).toBe(second.platform.url);
    expect(ids(second.stack)).toEqual(expect.arrayContaining(before));
    const template = templatesOf(second.stack).More;
    template.resourceCountIs('AWS::ECS::Service', 2);
    const decrypt = { Action: 'kms:Decrypt', Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('EncryptionKey') } };
    template.resourcePropertiesCountIs('AWS::IAM::ManagedPolicy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(decrypt)]) } }, 3);
  });
});

function ids(stack: Stack): string[] {
  return Object.keys(Template.fromStack(stack).toJSON().Resources);
}
