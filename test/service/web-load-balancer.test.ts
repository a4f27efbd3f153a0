import { App, CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { onlyResource, Platform, refusal, resourcesOf, wrong } from './fixtures';
import { EnvironmentProfile, WebLoadBalancer, WebLoadBalancerProps } from '../../src';
import { WebFirewall } from '../../src/edge/web-firewall';

const CERTIFICATE_ARN = 'arn:aws:acm:eu-central-1:111111111111:certificate/00000000-0000-0000-0000-000000000000';

function platformWith(propsFor: (platform: Platform) => Partial<WebLoadBalancerProps>, profile?: EnvironmentProfile) {
  const platform = new Platform(profile);
  const loadBalancer = platform.addLoadBalancer('Front', propsFor(platform));
  return { platform, loadBalancer, template: platform.template() };
}

function zoneOf(platform: Platform, zoneName = 'example.com') {
  return route53.HostedZone.fromHostedZoneAttributes(platform.stack, 'Zone', { hostedZoneId: 'Z0000000000', zoneName });
}

function attributesOf(template: Template): { [key: string]: unknown } {
  const { LoadBalancerAttributes } = onlyResource(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  return Object.fromEntries(LoadBalancerAttributes.map(({ Key, Value }: { Key: string; Value: unknown }) => [Key, Value]));
}

test('without a domain it serves HTTP, answers 404 to what nobody claims, and is warned about in a protected environment', () => {
  const { platform, loadBalancer, template } = platformWith(() => ({}));

  expect(onlyResource(template, 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject({
    Port: 80,
    Protocol: 'HTTP',
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'application/json', MessageBody: '{"error":"not found"}' } }],
  });
  Annotations.fromStack(platform.stack).hasWarning('/Platform/Front', Match.stringLikeRegexp('plain HTTP.*cdk-web-platform:plainHttp'));
  expect(platform.stack.resolve(loadBalancer.url)).toEqual({ 'Fn::Join': ['', ['http://', { 'Fn::GetAtt': ['FrontLoadBalancer09A37305', 'DNSName'] }]] });
});

test.each([
  ['development', {}],
  ['production', { internal: true }],
])('plain HTTP in %s with %j is no reason for a warning', (name, props) => {
  const { platform } = platformWith(() => props, EnvironmentProfile.fromName(name));

  Annotations.fromStack(platform.stack).hasNoWarning('*', Match.stringLikeRegexp('plainHttp'));
});

test('with a domain and its zone it serves HTTPS with a certificate of its own, redirects HTTP and makes a record', () => {
  const { loadBalancer, template } = platformWith(platform => ({ domainName: 'api.example.com', hostedZone: zoneOf(platform) }));

  expect(loadBalancer.url).toBe('https://api.example.com');
  template.hasResourceProperties('AWS::CertificateManager::Certificate', {
    DomainName: 'api.example.com',
    ValidationMethod: 'DNS',
    DomainValidationOptions: [{ DomainName: 'api.example.com', HostedZoneId: 'Z0000000000' }],
  });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443, Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 80,
    DefaultActions: [{ Type: 'redirect', RedirectConfig: { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
  });
  expect(onlyResource(template, 'AWS::Route53::RecordSet')).toMatchObject({ Name: 'api.example.com.', Type: 'A' });
});

test('a certificate given is used, and services are on its listener', () => {
  const { loadBalancer, template } = platformWith(({ stack }) => ({
    certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE_ARN),
    sslPolicy: elbv2.SslPolicy.TLS13_13,
  }));

  expect(loadBalancer.certificate?.certificateArn).toBe(CERTIFICATE_ARN);
  template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 443, Certificates: [{ CertificateArn: CERTIFICATE_ARN }], SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06',
  });
});

test('https can be turned off for a domain', () => {
  const { loadBalancer, template } = platformWith(platform => ({ domainName: 'api.example.com', hostedZone: zoneOf(platform), https: false }));

  expect(loadBalancer.url).toBe('http://api.example.com');
  template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
  template.resourceCountIs('AWS::Route53::RecordSet', 1);
});

test('further names are on the certificate and get records that stay when another name is removed', () => {
  const records = (alternativeDomainNames: string[]) => resourcesOf(
    platformWith(platform => ({ domainName: 'example.com', alternativeDomainNames, hostedZone: zoneOf(platform) })).template, 'AWS::Route53::RecordSet');
  const all = records(['a.example.com', 'b.example.com', '*.c.example.com']);

  expect(Object.values(all).map(record => record.Properties.Name)).toEqual(['example.com.', 'a.example.com.', 'b.example.com.', '*.c.example.com.']);
  expect(all).toMatchObject(records(['b.example.com', '*.c.example.com']));
});

test.each([
  ['a zone that is only known at deployment', 'api.example.com', undefined, 'api.example.com.'],
  ['a domain in other letters than its zone', 'Api.Example.com', 'example.com', 'Api.Example.com.'],
  ['a zone with its final dot', 'api.example.com', 'example.com.', 'api.example.com.'],
])('the record of %s is named as the domain', (_, domainName, zoneName, expected) => {
  const { template } = platformWith(platform => {
    const token = () => new CfnParameter(platform.stack, 'ZoneName').valueAsString;
    return { domainName, hostedZone: zoneOf(platform, zoneName ?? token()) };
  });

  expect(onlyResource(template, 'AWS::Route53::RecordSet').Name).toBe(expected);
});

test('domain names that are only known at deployment are taken', () => {
  const { template } = platformWith(platform => ({
    domainName: new CfnParameter(platform.stack, 'Domain').valueAsString,
    alternativeDomainNames: [new CfnParameter(platform.stack, 'Other').valueAsString],
    hostedZone: zoneOf(platform),
  }));

  template.resourceCountIs('AWS::Route53::RecordSet', 2);
});

test('invalid headers are dropped and deletion is refused in production', () => {
  expect(attributesOf(platformWith(() => ({ idleTimeout: Duration.minutes(2) })).template)).toMatchObject({
    'routing.http.drop_invalid_header_fields.enabled': 'true',
    'deletion_protection.enabled': 'true',
    'idle_timeout.timeout_seconds': '120',
  });
});

test('deletion is allowed in development, and where a team says so', () => {
  expect(attributesOf(platformWith(() => ({}), EnvironmentProfile.development()).template)['deletion_protection.enabled']).toBe('false');
  expect(attributesOf(platformWith(() => ({ deletionProtection: false })).template)['deletion_protection.enabled']).toBe('false');
});

test('access logs work in an environment-agnostic stack: the log-delivery service may write them, before they are turned on', () => {
  const { loadBalancer, template } = platformWith(() => ({}));
  const [bucket] = Object.keys(template.findResources('AWS::S3::Bucket'));
  const [policy] = Object.keys(template.findResources('AWS::S3::BucketPolicy'));

  expect(loadBalancer.accessLogsBucket).toBeDefined();
  expect(attributesOf(template)).toMatchObject({ 'access_logs.s3.enabled': 'true', 'access_logs.s3.bucket': { Ref: bucket }, 'access_logs.s3.prefix': 'load-balancer' });
  template.hasResource('AWS::ElasticLoadBalancingV2::LoadBalancer', { DependsOn: Match.arrayWith([policy]) });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([{
        Sid: 'LoadBalancerLogDelivery',
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, '/*/AWSLogs/', { Ref: 'AWS::AccountId' }, '/*']] },
        Condition: {
          ArnLike: {
            'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':elasticloadbalancing:*:', { Ref: 'AWS::AccountId' }, ':loadbalancer/*']] },
          },
        },
      }]),
    },
  });
});

test('the bucket of access logs is private, encrypted as ELB needs it, and emptied after its days', () => {
  const { template } = platformWith(() => ({ accessLogRetentionDays: 7 }));

  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 7, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' })] },
  });
});

test.each([
  ['production', 'RetainExceptOnCreate'],
  ['staging', 'RetainExceptOnCreate'],
  ['development', 'Delete'],
])('when the stack of %s is deleted its access logs have the policy %s, since a bucket with logs cannot be deleted', (name, expected) => {
  const { template } = platformWith(() => ({ accessLogs: true }), EnvironmentProfile.fromName(name));

  template.hasResource('AWS::S3::Bucket', { DeletionPolicy: expected });
});

test('access logs can be left out', () => {
  const { loadBalancer, template } = platformWith(() => ({ accessLogs: false }));

  expect(loadBalancer.accessLogsBucket).toBeUndefined();
  template.resourceCountIs('AWS::S3::Bucket', 0);
});

test('an internal load balancer is in private subnets and lets the network in', () => {
  const { template } = platformWith(() => ({ internal: true }));

  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
  expect(onlyResource(template, 'AWS::EC2::SecurityGroup').SecurityGroupIngress).toEqual([
    expect.objectContaining({ CidrIp: { 'Fn::GetAtt': [expect.stringMatching(/^Vpc/), 'CidrBlock'] }, FromPort: 80 }),
  ]);
});

test('only given address ranges may connect, of either family', () => {
  const { template } = platformWith(({ stack }) => ({
    allowedCidrs: ['203.0.113.0/24', '2001:db8::/32', new CfnParameter(stack, 'Office').valueAsString],
    certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE_ARN),
  }));
  const rules: any[] = onlyResource(template, 'AWS::EC2::SecurityGroup').SecurityGroupIngress;

  expect(rules.map(({ CidrIp, CidrIpv6, FromPort }) => [CidrIp ?? CidrIpv6, FromPort])).toEqual([
    ['203.0.113.0/24', 80], ['203.0.113.0/24', 443], ['2001:db8::/32', 80], ['2001:db8::/32', 443], [{ Ref: 'Office' }, 80], [{ Ref: 'Office' }, 443],
  ]);
});

test('its own errors alarm in production and not in development', () => {
  const { loadBalancer, template } = platformWith(() => ({ firewallEnabled: false }));

  expect(loadBalancer.alarms).toHaveLength(1);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmDescription: Match.stringLikeRegexp('by the load balancer itself.*First: '),
    Threshold: 1,
    EvaluationPeriods: 5,
    DatapointsToAlarm: 3,
    TreatMissingData: 'notBreaching',
    Metrics: Match.arrayWith([Match.objectLike({ Id: 'errors', MetricStat: { Metric: { Namespace: 'AWS/ApplicationELB', MetricName: 'HTTPCode_ELB_5XX_Count' }, Period: 60, Stat: 'Sum' } })]),
  });
  expect(platformWith(() => ({}), EnvironmentProfile.development()).loadBalancer.alarms).toEqual([]);
  expect(platformWith(() => ({ alarms: true }), EnvironmentProfile.development()).loadBalancer.alarms).toHaveLength(1);
});

test.each([
  ['its own row', 24, { firewallEnabled: false }],
  ['a row of its firewall', 48, {}],
  ['rows of its firewall and its certificate', 72, { domainName: 'example.com' }],
])('the dashboard shows %s, each 24 wide', (_, expected, props) => {
  const { loadBalancer } = platformWith(platform => ({ ...props, hostedZone: 'domainName' in props ? zoneOf(platform) : undefined }));

  expect(loadBalancer.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(expected);
});

describe('the certificate', () => {
  test('is watched in production, whether it is made or given, and told of with the rest', () => {
    for (const given of [false, true]) {
      const { loadBalancer, template } = platformWith(platform => ({
        domainName: 'example.com',
        hostedZone: zoneOf(platform),
        certificate: given ? acm.Certificate.fromCertificateArn(platform.stack, 'Given', CERTIFICATE_ARN) : undefined,
        firewallEnabled: false,
      }));
      const arn = given ? CERTIFICATE_ARN : { Ref: 'FrontCertificate80916DB9' };

      expect(loadBalancer.alarms).toHaveLength(3);
      expect(loadBalancer.events).toHaveLength(1);
      for (const Threshold of [45, 15]) {
        template.hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold, MetricName: 'DaysToExpiry', Dimensions: [{ Name: 'CertificateArn', Value: arn }] });
      }
      template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { resources: [arn] } });
    }
  });

  test.each([
    ['in development', {}, EnvironmentProfile.development()],
    ['where alarms are off', { alarms: false }, undefined],
    ['where there is no HTTPS', { https: false }, undefined],
  ])('is not watched %s', (_, props, profile) => {
    const { loadBalancer, template } = platformWith(platform => ({ domainName: 'example.com', hostedZone: zoneOf(platform), ...props }), profile);

    expect(loadBalancer.events).toBeUndefined();
    expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm', { Properties: { MetricName: 'DaysToExpiry' } }))).toEqual([]);
  });

  test('is validated through, and the records are in, a zone that another region has made', () => {
    const app = new App();
    const zone = new route53.PublicHostedZone(new Stack(app, 'Dns', { env: { region: 'us-east-1', account: '111111111111' } }), 'Zone', { zoneName: 'example.com' });
    const stack = new Stack(app, 'Stack', { env: { region: 'eu-central-1', account: '111111111111' } });
    new WebLoadBalancer(stack, 'Front', { vpc: new ec2.Vpc(stack, 'Vpc'), domainName: 'api.example.com', hostedZone: zone });
    const template = Template.fromStack(stack);

    const [OutputName, ...others] = Object.keys(Template.fromStack(zone.stack).findOutputs('*'));
    const id = { 'Fn::GetStackOutput': { StackName: 'Dns', OutputName, Region: 'us-east-1' } };
    expect(others).toEqual([]);
    template.hasResourceProperties('AWS::Route53::RecordSet', { HostedZoneId: id });
    template.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainValidationOptions: [{ HostedZoneId: id }] });
  });
});

describe('the firewall', () => {
  test('stands before a public load balancer in production, and its alarms are told of with the rest', () => {
    const { loadBalancer, template } = platformWith(() => ({}));

    expect(loadBalancer.firewall).toBeInstanceOf(WebFirewall);
    expect(loadBalancer.alarms).toEqual(expect.arrayContaining((loadBalancer.firewall as WebFirewall).alarms));
    expect(loadBalancer.alarms).toHaveLength(3);
    template.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'REGIONAL' });
    expect(onlyResource(template, 'AWS::WAFv2::WebACLAssociation').ResourceArn).toEqual({ Ref: 'FrontLoadBalancer09A37305' });
  });

  test.each<[string, Partial<WebLoadBalancerProps>, EnvironmentProfile | undefined]>([
    ['inside the network', { internal: true }, undefined],
    ['where it is turned off', { firewallEnabled: false }, undefined],
    ['in development', {}, EnvironmentProfile.development()],
  ])('is left out %s', (_, props, profile) => {
    const { loadBalancer, template } = platformWith(() => props, profile);

    expect(loadBalancer.firewall).toBeUndefined();
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
  });

  test.each<[string, Partial<WebLoadBalancerProps>, EnvironmentProfile | undefined]>([
    ['inside the network', { internal: true, firewallEnabled: true }, undefined],
    ['in development', { firewallEnabled: true }, EnvironmentProfile.development()],
  ])('can be asked for %s', (_, props, profile) => {
    platformWith(() => props, profile).template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });

  test('can be one that a team has already, which is used and not watched', () => {
    const arn = 'arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/shop/00000000-0000-0000-0000-000000000000';
    const { loadBalancer, template } = platformWith(({ stack }) => ({ internal: true, firewall: WebFirewall.fromWebAclArn(stack, 'Shop', arn) }));

    expect(loadBalancer.firewall?.webAclArn).toBe(arn);
    expect(loadBalancer.alarms).toHaveLength(1);
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
    expect(onlyResource(template, 'AWS::WAFv2::WebACLAssociation').WebACLArn).toBe(arn);
  });

  test('encrypts its log with the key given', () => {
    const { platform, template } = platformWith(({ stack }) => ({ encryptionKey: new kms.Key(stack, 'Key') }));

    const [log] = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup', 'FrontFirewall'));
    expect(log.Properties.KmsKeyId).toEqual(platform.stack.resolve((platform.stack.node.findChild('Key') as kms.Key).keyArn));
  });

  test.each<[unknown, string]>([
    [{ firewall: 'arn' }, 'an IWebFirewall'],
    [{ firewallEnabled: 'no' }, 'firewallEnabled is not a boolean'],
    [{ encryptionKey: 'alias/app' }, 'a kms.IKey'],
  ])('%j is refused', (props, message) => {
    expect(refusal(() => platformWith(() => wrong(props)))).toContain(message);
  });

  test('is refused where it is given and turned off', () => {
    const arn = 'arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/shop/00000000-0000-0000-0000-000000000000';
    expect(refusal(() => platformWith(({ stack }) => ({ firewall: WebFirewall.fromWebAclArn(stack, 'Shop', arn), firewallEnabled: false }))))
      .toContain('a firewall is given and turned off');
  });
});

test('an imported network and its tokens are taken', () => {
  const platform = new Platform();
  const vpc = ec2.Vpc.fromVpcAttributes(platform.stack, 'Imported', {
    vpcId: Fn.importValue('VpcId'),
    availabilityZones: Fn.split(',', Fn.importValue('Zones')),
    publicSubnetIds: Fn.split(',', Fn.importValue('PublicSubnets')),
  });

  expect(() => platform.addLoadBalancer('Front', { vpc })).not.toThrow();
});

const certificate = (platform: Platform) => acm.Certificate.fromCertificateArn(platform.stack, 'Certificate', CERTIFICATE_ARN);

test.each<[string, (platform: Platform) => unknown, RegExp]>([
  ['no vpc', () => ({ vpc: undefined }), /vpc is missing/],
  ['the id of a vpc', () => ({ vpc: 'vpc-1' }), /vpc is not what it should be/],
  ['the name of a profile', () => ({ profile: 'production' }), /profile is not what it should be/],
  ['the ARN of a certificate', () => ({ certificate: CERTIFICATE_ARN }), /certificate is not what it should be[^]*an acm\.ICertificate/],
  ['the name of a zone', () => ({ domainName: 'example.com', hostedZone: 'example.com' }), /hostedZone is not what it should be/],
  ['words for booleans', () => ({ internal: 'false' }), /internal is not a boolean/],
  ['https as a word', () => ({ https: 'yes' }), /https is not a boolean/],
  ['accessLogs as a word', () => ({ accessLogs: 'no' }), /accessLogs is not a boolean/],
  ['deletionProtection as a word', () => ({ deletionProtection: 'no' }), /deletionProtection is not a boolean/],
  ['alarms as a word', () => ({ alarms: 'no' }), /alarms is not a boolean/],
  ['logs for no day', () => ({ accessLogRetentionDays: 0 }), /accessLogRetentionDays is not a whole number from 1 to 3650/],
  ['logs for too many days', () => ({ accessLogRetentionDays: 3651 }), /accessLogRetentionDays/],
  ['an idle timeout as a number', () => ({ idleTimeout: 60 }), /idleTimeout is not what it should be[^]*Duration\.seconds\(30\)/],
  ['an idle timeout in broken seconds', () => ({ idleTimeout: Duration.millis(1500) }), /idleTimeout \(seconds\) is not a whole number from 1 to 4000[^]*got: idleTimeout \(seconds\) 1\.5/],
  ['an idle timeout above the limit', () => ({ idleTimeout: Duration.hours(2) }), /idleTimeout \(seconds\)/],
  ['an idle timeout as a token', ({ stack }) => ({ idleTimeout: Duration.seconds(new CfnParameter(stack, 'Idle', { type: 'Number' }).valueAsNumber) }), /idleTimeout is only known at deployment/],
  ['nobody allowed', () => ({ allowedCidrs: [] }), /allowedCidrs is empty, so nobody could connect/],
  ['a range as a string', () => ({ allowedCidrs: '10.0.0.0/8' }), /allowedCidrs is not a list/],
  ...['10.0.0.0', '10.0.0.0/33', '300.0.0.0/8', 'abc/32', '::::/0', '2001:db8::/129', 5].map(range => [
    `the range ${range}`, () => ({ allowedCidrs: [range] }), /allowedCidrs has something else than an address range/,
  ] as [string, () => unknown, RegExp]),
  ['a domain that is none', () => ({ domainName: 'not a domain' }), /domainName is not well-formed/],
  ['a zone without a domain', platform => ({ hostedZone: zoneOf(platform) }), /a hosted zone without a domain name/],
  ['further names without a first', () => ({ alternativeDomainNames: ['a.example.com'] }), /alternative domain names without a domain name/],
  ['further names as a string', () => ({ domainName: 'example.com', alternativeDomainNames: 'a.example.com' }), /alternativeDomainNames is not a list/],
  ['a name twice', platform => ({ domainName: 'example.com', alternativeDomainNames: ['EXAMPLE.com'], hostedZone: zoneOf(platform) }), /example\.com is named twice/],
  ['a domain outside of its zone', platform => ({ domainName: 'api.example.org', hostedZone: zoneOf(platform) }), /the domain is not inside the hosted zone[^]*got: domain api\.example\.org, zone example\.com/],
  ['a domain that only ends like its zone', platform => ({ domainName: 'notexample.com', hostedZone: zoneOf(platform) }), /the domain is not inside the hosted zone/],
  ['a further name outside of the zone', platform => ({ domainName: 'example.com', alternativeDomainNames: ['example.net'], hostedZone: zoneOf(platform) }), /the domain is not inside the hosted zone/],
  ['a zone that does not know its name', ({ stack }) => ({ domainName: 'example.com', hostedZone: route53.HostedZone.fromHostedZoneId(stack, 'Zone', 'Z1') }), /the hosted zone does not know its name[^]*fromHostedZoneAttributes/],
  ['a private zone to validate a certificate', ({ stack, vpc }) => ({ domainName: 'api.internal.example.com', hostedZone: new route53.PrivateHostedZone(stack, 'Zone', { vpc, zoneName: 'internal.example.com' }) }), /a certificate cannot be validated through a private zone/],
  ['a certificate and https false', platform => ({ certificate: certificate(platform), https: false }), /a certificate is given and HTTPS is turned off/],
  ['https without certificate and domain', () => ({ https: true }), /HTTPS is asked for without a certificate or a domain/],
  ['a domain without zone and certificate', () => ({ domainName: 'example.com' }), /a domain without a hosted zone needs its certificate/],
])('a load balancer with %s is refused before anything is made', (_, propsFor, message) => {
  const platform = new Platform();
  const props = propsFor(platform);

  const refused = refusal(() => platform.addLoadBalancer('Front', wrong(props)));
  expect(refused).toMatch(message);
  expect(refused).toMatch(/^Platform\/Front: [^]*\n {2}got: [^]*\n {2}allowed: [^]*\n {2}fix: /);
  expect(platform.stack.node.findChild('Front').node.children).toEqual([]);
});

test.each<[string, ec2.SubnetConfiguration[], Partial<WebLoadBalancerProps>, number, RegExp]>([
  ['no public subnets', [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }], {}, 2, /no public subnets[^]*set internal to true/],
  ['one zone', [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }], {}, 1, /two availability zones/],
])('a network with %s is refused', (_, subnetConfiguration, props, maxAzs, message) => {
  const platform = new Platform();
  const vpc = new ec2.Vpc(platform.stack, 'Other', { subnetConfiguration, maxAzs, natGateways: 0 });

  expect(refusal(() => platform.addLoadBalancer('Front', { vpc, ...props }))).toMatch(message);
});

test('an internal load balancer in an imported network without an address range asks for the ranges', () => {
  const platform = new Platform();
  const vpc = ec2.Vpc.fromVpcAttributes(platform.stack, 'Imported', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });

  expect(refusal(() => platform.addLoadBalancer('Front', { vpc, internal: true }))).toMatch(/does not know its address range[^]*fix: give allowedCidrs/);
  expect(() => platform.addLoadBalancer('Given', { vpc, internal: true, allowedCidrs: ['10.0.0.0/16'] })).not.toThrow();
});

test('a load balancer without any properties is refused', () => {
  const stack = new Stack(new App(), 'Stack');

  expect(refusal(() => new WebLoadBalancer(stack, 'Front', wrong(undefined)))).toMatch(/vpc is missing/);
});
