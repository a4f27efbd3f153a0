import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { addPlatform, IMAGE, platformWithSite, SITE } from './production-web-platform-fixtures';
import { FRANKFURT, importedZone, newStack, templatesOf } from './static-cdn-site-fixtures';
import { EnvironmentProfile, PlatformServiceOptions, ProductionWebPlatformProps, WebLoadBalancer, WebLoadBalancerProps, WebNetwork } from '../../src';

type Props = Partial<ProductionWebPlatformProps>;

/** A load balancer that a team has already, and a platform on it. */
function onGiven(entry: (stack: Stack) => Partial<WebLoadBalancerProps>, props: Props) {
  const stack = newStack(FRANKFURT);
  const network = new WebNetwork(stack, 'Network');
  const loadBalancer = new WebLoadBalancer(stack, 'Given', { vpc: network.vpc, ...entry(stack) });
  const domain = { domainName: 'shop.example.com', hostedZone: importedZone(stack, 'ShopZone') };
  return { stack, loadBalancer, make: () => addPlatform(stack, { network, loadBalancer, domain, ...props }) };
}

const certificateIn = (stack: Stack) => acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/1');
const PRIVATE = (stack: Stack) => ({ internal: true, domainName: 'lb.example.com', certificate: certificateIn(stack) });
const PUBLIC = (stack: Stack) => ({ domainName: 'lb.example.com', hostedZone: importedZone(stack) });

function apiOrigin(stack: Stack) {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::CloudFront::Distribution'));
  return Properties.DistributionConfig.Origins.find((origin: any) => origin.CustomOriginConfig ?? origin.VpcOriginConfig);
}

/** Names and paths that are asked from around the world. */
function asked(stack: Stack) {
  return Object.values(Template.fromStack(stack).findResources('AWS::Route53::HealthCheck'))
    .map(({ Properties: { HealthCheckConfig } }) => `${HealthCheckConfig.FullyQualifiedDomainName}${HealthCheckConfig.ResourcePath}`);
}

describe('a load balancer that is given is asked by its own name', () => {
  test('from CloudFront, where it is internal: its certificate has no other', () => {
    const { stack, make } = onGiven(PRIVATE, { site: SITE });
    make();
    expect(apiOrigin(stack)).toMatchObject({ DomainName: 'lb.example.com', VpcOriginConfig: expect.anything() });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::VpcOrigin', { VpcOriginEndpointConfig: { OriginProtocolPolicy: 'https-only', HTTPSPort: 443 } });
  });

  test('from CloudFront, where the internet reaches it, which publicLoadBalancer need not say', () => {
    const { stack, make } = onGiven(PUBLIC, { site: SITE });
    make();
    expect(apiOrigin(stack)).toMatchObject({ DomainName: 'lb.example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } });
    Template.fromStack(stack).resourceCountIs('AWS::CloudFront::VpcOrigin', 0);
  });

  test('from CloudFront, with a name that is only known at deployment and a platform without domain', () => {
    const { stack, make } = onGiven(target => ({ ...PRIVATE(target), domainName: new CfnParameter(target, 'Name').valueAsString }), { site: SITE, domain: undefined });
    make();
    expect(apiOrigin(stack).DomainName).toEqual({ Ref: 'Name' });
  });

  test('over HTTP inside the network, where it has no certificate', () => {
    const { stack, make } = onGiven(() => ({ internal: true }), { site: SITE });
    make();
    expect(apiOrigin(stack).DomainName).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^GivenLoadBalancer/), 'DNSName'] });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::VpcOrigin', { VpcOriginEndpointConfig: { OriginProtocolPolicy: 'http-only' } });
  });

  test.each<[string, Props]>([['with a domain', {}], ['without a domain', { domain: undefined }]])('from around the world, where there is no site, %s', (_, props) => {
    const { stack, make } = onGiven(PUBLIC, props);
    expect(make().url).toBe('https://lb.example.com');
    expect(asked(stack)).toEqual(['lb.example.com/health']);
  });

  test.each<[string, (stack: Stack) => Partial<WebLoadBalancerProps>]>([
    ['it is internal', PRIVATE],
    ['some addresses only may connect', stack => ({ ...PUBLIC(stack), allowedCidrs: ['203.0.113.0/24'] })],
    ['it has no HTTPS', () => ({})],
    ['its certificate is for a name that nobody told', stack => ({ certificate: certificateIn(stack) })],
  ])('not from around the world, where %s', (_, entry) => {
    const { stack, make } = onGiven(entry, {});
    expect(make().uptimeCheck).toBeUndefined();
    expect(asked(stack)).toEqual([]);
  });

  test.each<[string, (stack: Stack) => Partial<WebLoadBalancerProps>, Props, string]>([
    ['a public one without certificate', () => ({}), { site: SITE }, 'which is internet-facing and has no certificate'],
    ['a public one without a name', stack => ({ certificate: certificateIn(stack) }), { site: SITE }, 'internet-facing and has a certificate and no domainName'],
    ['an internal one without a name', stack => ({ internal: true, certificate: certificateIn(stack) }), { site: SITE }, 'internal and has a certificate and no domainName'],
    ['an internal one that is said to be public', PRIVATE, { site: SITE, publicLoadBalancer: true }, 'publicLoadBalancer true, and Stack/Given, which is internal'],
    ['a public one that is said to be private', PUBLIC, { site: SITE, publicLoadBalancer: false }, 'publicLoadBalancer false, and Stack/Given, which is internet-facing'],
  ])('refused: %s', (_, entry, props, message) => {
    const { stack, make } = onGiven(entry, props);
    expect(make).toThrow(message);
    expect(stack.node.findChild('Arcade').node.children).toEqual([]);
  });
});

describe('without a site, a path is asked that answers', () => {
  const API_ONLY = { site: undefined, signIn: undefined };
  const service = (options: Partial<PlatformServiceOptions> = {}): PlatformServiceOptions => ({ image: IMAGE, containerPort: 80, ...options });

  function askedOf(services: ProductionWebPlatformProps['services'], props: Props = {}) {
    const { stack, platform } = platformWithSite({ ...API_ONLY, services, ...props });
    expect(asked(stack)).toHaveLength(platform.uptimeCheck ? 1 : 0);
    return asked(stack)[0];
  }

  test.each<[string, ProductionWebPlatformProps['services'], string | undefined]>([
    ['the health check of a service that takes everything', { Api: service() }, '/health'],
    ['one of its own', { Api: service({ healthCheckPath: '/api/health?deep=1', paths: ['/api/*'] }) }, '/api/health?deep=1'],
    ['none, where the listener brings it to nobody', { Api: service({ paths: ['/v1/*'] }) }, undefined],
    ['of the first that is reached', { Api: service({ paths: ['/v1/*'] }), Web: service({ paths: ['/web/*'], healthCheckPath: '/web/up' }) }, '/web/up'],
    ['not one that another service answers', { Api: service(), Health: service({ paths: ['/health*'], healthCheckPath: '/up' }) }, undefined],
    ['of a service with the name that is asked', { Api: service({ hosts: ['API.arcade.example.com'] }) }, '/health'],
    ['none of a service with another name', { Api: service({ hosts: ['admin.example.com'] }) }, undefined],
  ])('%s', (_, services, path) => {
    expect(askedOf(services)).toBe(path && `api.arcade.example.com${path}`);
  });

  test('by choice another one', () => {
    expect(askedOf({ Api: service({ paths: ['/v1/*'] }) }, { alerts: { uptimePath: '/v1/status' } })).toBe('api.arcade.example.com/v1/status');
  });

  test('none where alarms are off', () => {
    expect(askedOf({ Api: service() }, { profile: EnvironmentProfile.development() })).toBeUndefined();
  });

  test('with a site it is still the site that is asked', () => {
    const { stack } = platformWithSite();
    expect(asked(stack)).toEqual(['arcade.example.com/']);
  });
});

describe('who asks the load balancer too often', () => {
  const limits = (template: Template) => Object.values(template.findResources('AWS::WAFv2::WebACL'))
    .flatMap(({ Properties }) => Properties.Rules).map((rule: any) => rule.Statement.RateBasedStatement).filter(limit => limit !== undefined);

  test('is limited where it is public behind CloudFront too, but for the network that CloudFront comes from', () => {
    const { stack } = platformWithSite({ publicLoadBalancer: true });
    const { Stack: home } = templatesOf(stack);
    expect(limits(home)).toEqual([{
      Limit: 2000,
      EvaluationWindowSec: 300,
      AggregateKeyType: 'IP',
      ScopeDownStatement: { NotStatement: { Statement: { AsnMatchStatement: { AsnList: [16509, 14618] } } } },
    }]);
  });

  test('is the same rule with and without a site, so that one replaces the other in place', () => {
    const named = (props: Props) => {
      const [{ Properties }] = Object.values(templatesOf(platformWithSite({ publicLoadBalancer: true, ...props }).stack).Stack.findResources('AWS::WAFv2::WebACL'));
      return Properties.Rules.filter((rule: any) => rule.Statement.RateBasedStatement).map(({ Name, Priority }: any) => [Name, Priority]);
    };
    expect(named({})).toEqual(named({ site: undefined, signIn: undefined }));
  });

  test('is CloudFront alone where it is private, which limits visitors itself', () => {
    const { Stack: home, 'Stack-edge': edge } = templatesOf(platformWithSite().stack);
    expect([limits(home), limits(edge)]).toEqual([[], [expect.objectContaining({ Limit: 2000 })]]);
    home.resourcePropertiesCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: Match.exact('internet-facing') }, 0);
  });
});
