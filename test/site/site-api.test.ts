import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PrivateLoadBalancerApiOptions, PublicLoadBalancerApiOptions, SiteApi, SiteApiOptions } from '../../src/site/site-api';
import { SiteDistribution } from '../../src/site/site-distribution';

function balancerIn(region?: string, internetFacing: boolean = false) {
  const stack = new Stack(new App(), 'Stack', { env: region ? { account: '111111111111', region } : undefined });
  const vpc = new ec2.Vpc(stack, 'Vpc');
  return { stack, loadBalancer: new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing }) };
}

function siteWith(stack: Stack, api: SiteApi): Template {
  new SiteDistribution(stack, 'Site', { bucket: new s3.Bucket(stack, 'Bucket'), accessLogs: false, alarms: false, api });
  return Template.fromStack(stack);
}

function apiOf(template: Template) {
  const { DistributionConfig } = Object.values(template.findResources('AWS::CloudFront::Distribution'))[0].Properties;
  return { origin: DistributionConfig.Origins[1], behavior: DistributionConfig.CacheBehaviors[0] };
}

const WITHOUT_HOST = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.originRequestPolicyId;
const WITH_HOST = cloudfront.OriginRequestPolicy.ALL_VIEWER.originRequestPolicyId;

describe('a private load balancer', () => {
  test('with a name is reached over HTTPS through a VPC origin, under that name', () => {
    const { stack, loadBalancer } = balancerIn('eu-central-1');
    const template = siteWith(stack, SiteApi.privateLoadBalancer(loadBalancer, {
      domainName: 'api.example.com', responseTimeout: Duration.seconds(60), keepaliveTimeout: Duration.seconds(20),
    }));
    template.hasResourceProperties('AWS::CloudFront::VpcOrigin', {
      VpcOriginEndpointConfig: { OriginProtocolPolicy: 'https-only', HTTPSPort: 443, OriginSSLProtocols: ['TLSv1.2'], Arn: { Ref: Match.stringLikeRegexp('^Balancer') } },
    });
    const { origin, behavior } = apiOf(template);
    expect(origin).toMatchObject({ DomainName: 'api.example.com', VpcOriginConfig: { OriginReadTimeout: 60, OriginKeepaliveTimeout: 20 } });
    expect(behavior.OriginRequestPolicyId).toBe(WITHOUT_HOST);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-a3a144ca', FromPort: 443, ToPort: 443 });
  });

  test('without a name is reached over HTTP inside the network, and told what the visitor asked for', () => {
    const { stack, loadBalancer } = balancerIn('eu-central-1');
    const template = siteWith(stack, SiteApi.privateLoadBalancer(loadBalancer, { port: 8080 }));
    template.hasResourceProperties('AWS::CloudFront::VpcOrigin', { VpcOriginEndpointConfig: { OriginProtocolPolicy: 'http-only', HTTPPort: 8080 } });
    expect(apiOf(template).behavior.OriginRequestPolicyId).toBe(WITH_HOST);
  });

  test('of an unknown region takes the prefix list from a table, once', () => {
    const { stack, loadBalancer } = balancerIn();
    const first = SiteApi.privateLoadBalancer(loadBalancer);
    const bucket = new s3.Bucket(stack, 'Bucket');
    new SiteDistribution(stack, 'One', { bucket, accessLogs: false, api: first });
    new SiteDistribution(stack, 'Two', { bucket, accessLogs: false, api: first });
    const template = Template.fromStack(stack);
    expect(Object.keys(template.findMappings('*'))).toEqual(['CloudFrontOriginFacing']);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      SourcePrefixListId: { 'Fn::FindInMap': ['CloudFrontOriginFacing', { Ref: 'AWS::Region' }, 'prefixList'] },
    });
    template.resourceCountIs('AWS::CloudFront::VpcOrigin', 2);
  });

  test.each([undefined, 'eu-central-1'])('behind two sites, in region %s, lets CloudFront in once: EC2 refuses a second rule that is the same', region => {
    const { stack, loadBalancer } = balancerIn(region);
    const bucket = new s3.Bucket(stack, 'Bucket');
    for (const id of ['One', 'Two']) new SiteDistribution(stack, id, { bucket, accessLogs: false, alarms: false, api: SiteApi.privateLoadBalancer(loadBalancer) });
    new SiteDistribution(stack, 'Three', { bucket, accessLogs: false, alarms: false, api: SiteApi.privateLoadBalancer(loadBalancer, { port: 8080 }) });
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));
    expect(rules.map(({ Properties }) => Properties.FromPort)).toEqual([80, 8080]);
  });

  test('of a region that is not known here needs the id of the prefix list', () => {
    const { stack, loadBalancer } = balancerIn('eu-south-2');
    expect(() => SiteApi.privateLoadBalancer(loadBalancer)).toThrow(/in eu-south-2 is not known here[\s\S]*describe-managed-prefix-lists/);
    siteWith(stack, SiteApi.privateLoadBalancer(loadBalancer, { prefixListId: 'pl-0123abcd' }))
      .hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-0123abcd' });
  });

  test('in a region with a zone without VPC origins says which one; a load balancer that is in it is refused', () => {
    const { stack, loadBalancer } = balancerIn('us-east-1');
    siteWith(stack, SiteApi.privateLoadBalancer(loadBalancer));
    Annotations.fromStack(stack).hasInfo('/Stack/Site/Api', Match.stringLikeRegexp('use1-az3'));
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Theirs', { vpcId: 'vpc-1', availabilityZones: ['use1-az2', 'use1-az3'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
    const there = new elbv2.ApplicationLoadBalancer(stack, 'There', { vpc });
    expect(() => SiteApi.privateLoadBalancer(there)).toThrow(/no VPC origins in one of[\s\S]*use1-az3/);
  });

  test('may be imported', () => {
    const { stack } = balancerIn('eu-central-1');
    const imported = elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Imported', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/app/theirs/0123456789abcdef',
      loadBalancerDnsName: 'internal-theirs.eu-central-1.elb.amazonaws.com',
      securityGroupId: 'sg-0123',
    });
    const template = siteWith(stack, SiteApi.privateLoadBalancer(imported));
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0123', SourcePrefixListId: 'pl-a3a144ca' });
  });

  test.each<[PrivateLoadBalancerApiOptions, RegExp]>([
    [{ port: 81 }, /connects to no such port/],
    [{ port: 70_000 }, /port is not a whole number/],
    [{ prefixListId: 'sg-1' }, /prefixListId/],
    [{ domainName: 'https://api.example.com' }, /domainName/],
    [{ responseTimeout: Duration.seconds(121) }, /responseTimeout/],
    [{ keepaliveTimeout: Duration.seconds(0) }, /keepaliveTimeout/],
    [{ pathPatterns: [] }, /nothing would reach the API/],
    [{ pathPatterns: ['/api/*', '/api/x'] }, /never reached/],
    [{ pathPatterns: '/api/*' as unknown as string[] }, /not a list/],
  ])('with %j is refused', (options, message) => {
    expect(() => SiteApi.privateLoadBalancer(balancerIn('eu-central-1').loadBalancer, options)).toThrow(message);
  });

  test('is not one that the internet reaches', () => {
    expect(() => SiteApi.privateLoadBalancer(balancerIn('eu-central-1', true).loadBalancer)).toThrow(/reached from the internet[\s\S]*SiteApi.loadBalancer/);
    expect(() => SiteApi.privateLoadBalancer(undefined as unknown as elbv2.IApplicationLoadBalancer)).toThrow(/loadBalancer is missing/);
  });
});

describe('a load balancer on the internet', () => {
  test('is reached over HTTPS by a name on its certificate', () => {
    const { stack, loadBalancer } = balancerIn(undefined, true);
    const { origin, behavior } = apiOf(siteWith(stack, SiteApi.loadBalancer(loadBalancer, { domainName: 'api.example.com', pathPatterns: ['/v1/*'] })));
    expect(origin).toMatchObject({ DomainName: 'api.example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] } });
    expect(behavior).toMatchObject({ PathPattern: '/v1/*', OriginRequestPolicyId: WITHOUT_HOST });
  });

  test('is not one that is internal, and needs the name', () => {
    const options = { domainName: 'api.example.com' };
    expect(() => SiteApi.loadBalancer(balancerIn().loadBalancer, options)).toThrow(/is internal[\s\S]*SiteApi.privateLoadBalancer/);
    const { loadBalancer } = balancerIn(undefined, true);
    expect(() => SiteApi.loadBalancer(loadBalancer, {} as PublicLoadBalancerApiOptions)).toThrow(/domainName is missing/);
    expect(() => SiteApi.loadBalancer({} as elbv2.IApplicationLoadBalancer, options)).toThrow(/loadBalancer is not what it should be/);
  });
});

test.each<[unknown, SiteApiOptions | undefined, RegExp]>([
  [undefined, undefined, /domainName is missing/],
  ['https://api.example.com', undefined, /domainName is not well-formed/],
  ['api.example.com/v1', undefined, /domainName is not well-formed/],
  ['api.example.com', { pathPatterns: ['/*'] }, /takes the site's first page/],
])('an endpoint %s with %j is refused', (domainName, options, message) => {
  expect(() => SiteApi.httpsEndpoint(domainName as string, options)).toThrow(message);
});
