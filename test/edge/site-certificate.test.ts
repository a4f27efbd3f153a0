import { App, CfnParameter, Stack, StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { DnsZone } from '../../src/edge/dns-zone';
import { SiteCertificate, SiteCertificateProps } from '../../src/edge/site-certificate';
import { EnvironmentProfile } from '../../src/environment';
import { PlatformError } from '../../src/errors';
import { Monitoring } from '../../src/observability';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const VIRGINIA = { account: '111111111111', region: 'us-east-1' };
const ARN = 'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-0000-0000-000000000000';

type PropsFor = (stack: Stack) => Partial<SiteCertificateProps>;

function zoneIn(stack: Stack, zoneName = 'example.com') {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0000000000', zoneName });
}

function build(stackProps: StackProps = { env: FRANKFURT }, propsFor: PropsFor = stack => ({ hostedZone: zoneIn(stack) })) {
  const app = new App();
  const stack = new Stack(app, 'Shop', stackProps);
  const certificate = new SiteCertificate(stack, 'Certificate', { domainName: 'example.com', ...propsFor(stack) });
  new cloudfront.Distribution(stack, 'Site', {
    defaultBehavior: { origin: new origins.HttpOrigin('origin.example.com') },
    domainNames: ['example.com'],
    certificate: certificate.certificate,
  });
  const assembly = app.synth();
  const templateOf = (name: string) => Template.fromJSON(assembly.getStackByName(name).template);
  return { app, stack, certificate, names: assembly.stacks.map(({ stackName }) => stackName), templateOf };
}

function imported(certificateArn = ARN): PropsFor {
  return stack => ({ certificate: acm.Certificate.fromCertificateArn(stack, 'Given', certificateArn) });
}

describe('a certificate that is made', () => {
  test('outside of us-east-1 is there before the stack, and what watches it after', () => {
    const { names, templateOf, certificate } = build(undefined, stack => ({ hostedZone: zoneIn(stack), subjectAlternativeNames: ['www.example.com'] }));
    const edge = templateOf('Shop-edge');
    const [[OutputName, { Value }], ...others] = Object.entries(edge.findOutputs('*'));
    const carried = { 'Fn::GetStackOutput': { StackName: 'Shop-edge', OutputName, Region: 'us-east-1' } };

    expect(names).toEqual(['Shop-edge', 'Shop', 'Shop-edge-alarms']);
    edge.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'example.com',
      SubjectAlternativeNames: ['www.example.com'],
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: 'example.com', HostedZoneId: 'Z0000000000' }, { DomainName: 'www.example.com', HostedZoneId: 'Z0000000000' }],
    });
    expect([Value, others]).toEqual([{ Ref: 'CertificateBDDE2430' }, []]);
    templateOf('Shop').hasResourceProperties('AWS::CloudFront::Distribution', { DistributionConfig: { ViewerCertificate: { AcmCertificateArn: carried } } });
    templateOf('Shop-edge-alarms').allResourcesProperties('AWS::CloudWatch::Alarm', { Dimensions: [{ Name: 'CertificateArn', Value: carried }] });
    templateOf('Shop-edge-alarms').hasResourceProperties('AWS::Events::Rule', { EventPattern: { resources: [carried] } });
    expect(certificate.alarms).toHaveLength(2);
    for (const name of names) expect(JSON.stringify(templateOf(name).toJSON())).not.toMatch(/Custom::|"Export"/);
  });

  test.each<[string, StackProps]>([['in us-east-1', { env: VIRGINIA }], ['in a stack without a region', {}]])('%s is in the stack itself', (_, stackProps) => {
    const { names, templateOf } = build(stackProps);
    const [id] = Object.keys(templateOf('Shop').findResources('AWS::CertificateManager::Certificate'));

    expect(names).toEqual(['Shop']);
    templateOf('Shop').hasResourceProperties('AWS::CloudFront::Distribution', { DistributionConfig: { ViewerCertificate: { AcmCertificateArn: { Ref: id } } } });
    templateOf('Shop').resourceCountIs('AWS::CloudWatch::Alarm', 2);
  });

  test('two of them live in one stack', () => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    const hostedZone = zoneIn(stack);
    for (const id of ['One', 'Two']) new SiteCertificate(stack, id, { domainName: `${id}.example.com`, hostedZone });

    Template.fromStack(app.node.findChild('Shop-edge') as Stack).resourceCountIs('AWS::CertificateManager::Certificate', 2);
  });

  test('is validated through a zone of a stack in any region, which is deployed first', () => {
    const app = new App();
    const zone = new DnsZone(new Stack(app, 'Dns', { env: { ...FRANKFURT, region: 'eu-west-1' } }), 'Zone', { zoneName: 'example.com' });
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    new SiteCertificate(stack, 'Certificate', { domainName: 'example.com', hostedZone: zone.hostedZone });
    const names = app.synth().stacks.map(({ stackName }) => stackName);
    const [OutputName] = Object.keys(Template.fromStack(app.node.findChild('Dns') as Stack).findOutputs('*'));

    expect(names).toEqual(['Dns', 'Shop-edge', 'Shop', 'Shop-edge-alarms']);
    Template.fromStack(app.node.findChild('Shop-edge') as Stack).hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainValidationOptions: [{ HostedZoneId: { 'Fn::GetStackOutput': { StackName: 'Dns', OutputName, Region: 'eu-west-1' } } }],
    });
  });

  test('has the algorithm that is asked for', () => {
    const { templateOf } = build(undefined, stack => ({ hostedZone: zoneIn(stack), keyAlgorithm: acm.KeyAlgorithm.EC_PRIME256V1 }));
    templateOf('Shop-edge').hasResourceProperties('AWS::CertificateManager::Certificate', { KeyAlgorithm: 'EC_prime256v1' });
  });

  test.each<[string, Partial<SiteCertificateProps>]>([
    ['another name', { subjectAlternativeNames: ['www.example.com'] }],
    ['another algorithm', { keyAlgorithm: acm.KeyAlgorithm.EC_PRIME256V1 }],
  ])('which %s replaces changes every stack that has its ARN, or the CLI would leave them on the one that is gone', (_, change) => {
    const [before, after] = [{}, change].map(props => build(undefined, stack => ({ hostedZone: zoneIn(stack), ...props })));
    for (const name of before.names) expect(after.templateOf(name).toJSON()).not.toEqual(before.templateOf(name).toJSON());
    // CloudFormation leaves out a resource of which nothing changed.
    const watching = { ...before.templateOf('Shop-edge-alarms').toJSON().Resources };
    for (const [id, resource] of Object.entries(after.templateOf('Shop-edge-alarms').toJSON().Resources)) expect(resource).not.toEqual(watching[id]);
    expect(after.templateOf('Shop-edge').toJSON().Outputs).toEqual(before.templateOf('Shop-edge').toJSON().Outputs);
  });

  test('takes names that are only known at deployment', () => {
    const { templateOf } = build({ env: VIRGINIA }, stack => ({
      domainName: new CfnParameter(stack, 'Name').valueAsString,
      hostedZone: zoneIn(stack),
    }));
    templateOf('Shop').hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: { Ref: 'Name' } });
  });
});

describe('a certificate that is given', () => {
  test('is used as it is, and only watched', () => {
    const { names, templateOf, certificate } = build(undefined, imported());

    expect(names).toEqual(['Shop', 'Shop-edge-alarms']);
    expect(certificate.certificate.certificateArn).toBe(ARN);
    templateOf('Shop-edge-alarms').resourceCountIs('AWS::CloudWatch::Alarm', 2);
    templateOf('Shop-edge-alarms').hasResourceProperties('AWS::CloudWatch::Alarm', { Dimensions: [{ Name: 'CertificateArn', Value: ARN }] });
  });

  test('by an ARN that is only known at deployment is watched by that', () => {
    const { stack, templateOf } = build(undefined, scope => imported(new CfnParameter(scope, 'Arn').valueAsString)(scope));
    const [OutputName] = Object.keys(templateOf('Shop').findOutputs('*'));

    expect(Annotations.fromStack(stack).findError('*', Match.anyValue())).toEqual([]);
    templateOf('Shop-edge-alarms').hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Value: { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName, Region: 'eu-central-1' } } }],
    });
  });

  test('in a stack of the team in us-east-1 is watched through its output', () => {
    const app = new App();
    const given = new acm.Certificate(new Stack(app, 'Team', { env: VIRGINIA }), 'Given', {
      domainName: 'example.com', validation: acm.CertificateValidation.fromDns(),
    });
    new SiteCertificate(new Stack(app, 'Shop', { env: FRANKFURT }), 'Certificate', { domainName: 'example.com', certificate: given });

    expect(app.synth().stacks.map(({ stackName }) => stackName).indexOf('Team')).toBeLessThan(2);
    Template.fromStack(app.node.findChild('Shop-edge-alarms') as Stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Value: { 'Fn::GetStackOutput': Match.objectLike({ StackName: 'Team', Region: 'us-east-1' }) } }],
    });
  });
});

describe('what is watched', () => {
  test('the end in 45 and in 15 days, by the lowest of each day; a new certificate does not fire, and one that has ended does not fall silent', () => {
    const { templateOf } = build();
    for (const [Threshold, EvaluationPeriods] of [[45, 3], [15, 1]]) {
      templateOf('Shop-edge-alarms').hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'AWS/CertificateManager',
        MetricName: 'DaysToExpiry',
        Statistic: 'Minimum',
        Period: 86400,
        Threshold,
        EvaluationPeriods,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'ignore',
        AlarmDescription: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('First: ')])] },
      });
    }
  });

  test('events of a renewal that needs somebody', () => {
    const { templateOf, certificate } = build();

    templateOf('Shop-edge-alarms').hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'source': ['aws.acm'],
        'detail-type': ['ACM Certificate Renewal Action Required', 'ACM Certificate Expired', 'ACM Certificate Revoked'],
      },
    });
    expect(certificate.events?.map(({ meaning }) => meaning)).toEqual([expect.stringContaining('First: ')]);
  });

  test.each<[string, Partial<SiteCertificateProps>]>([
    ['in development', { profile: EnvironmentProfile.development() }], ['where alarms are off', { alarms: false }],
  ])('nothing %s, and then there is no stack for it', (_, props) => {
    const { names, certificate } = build(undefined, stack => ({ hostedZone: zoneIn(stack), ...props }));

    expect(names).toEqual(['Shop-edge', 'Shop']);
    expect([certificate.alarms, certificate.events]).toEqual([[], undefined]);
  });

  test('people are told in us-east-1, and a dashboard of any region draws it', () => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    const certificate = new SiteCertificate(stack, 'Certificate', { domainName: 'example.com', hostedZone: zoneIn(stack) });
    const monitoring = new Monitoring(stack, 'Monitoring', { emails: ['ops@example.com'], watched: [certificate] });
    app.synth();
    const alarms = Template.fromStack(app.node.findChild('Shop-edge-alarms') as Stack);
    const [topic] = Object.keys(alarms.findResources('AWS::SNS::Topic'));
    const body = JSON.stringify(Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'))[0].Properties.DashboardBody);

    expect(monitoring.edgeTopics).toHaveLength(1);
    alarms.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: topic }], OKActions: [{ Ref: topic }] });
    alarms.hasResourceProperties('AWS::Events::Rule', { Targets: [Match.objectLike({ Arn: { Ref: topic } })] });
    expect(body).toContain('DaysToExpiry');
    expect(body).toContain('us-east-1');
  });
});

describe('wrong input', () => {
  test.each<[object, string]>([
    [{ domainName: undefined }, 'domainName is missing'],
    [{ domainName: 'example' }, 'a domain name, such as'],
    [{ domainName: `${'a'.repeat(60)}.example.com` }, 'domainName of 72 characters'],
    [{ domainName: 'example.org' }, 'domain example.org, zone example.com'],
    [{ subjectAlternativeNames: 'www.example.com' }, 'subjectAlternativeNames is not a list'],
    [{ subjectAlternativeNames: [null] }, 'subjectAlternativeNames is missing'],
    [{ subjectAlternativeNames: ['example.com'] }, 'leave it out of subjectAlternativeNames'],
    [{ subjectAlternativeNames: ['www.example.org'] }, 'domain www.example.org'],
    [{ hostedZone: undefined }, 'no hostedZone, no certificate'],
    [{ hostedZone: 'Z1' }, 'a route53.IHostedZone'],
    [{ certificate: ARN }, 'an acm.ICertificate'],
    [{ keyAlgorithm: acm.KeyAlgorithm.RSA_4096 }, 'allowed: RSA_2048, EC_prime256v1'],
    [{ keyAlgorithm: 'RSA_2048' }, 'an acm.KeyAlgorithm'],
    [{ profile: 'production' }, 'an EnvironmentProfile'],
    [{ alarms: 'yes' }, 'alarms is not a boolean'],
  ])('%# is refused before anything is made', (props, expected) => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    const given = { domainName: 'example.com', hostedZone: zoneIn(stack), ...props } as SiteCertificateProps;

    expect(() => new SiteCertificate(stack, 'Certificate', given)).toThrow(PlatformError);
    expect(() => new SiteCertificate(stack, 'Second', given)).toThrow(expected);
    expect(stack.node.findChild('Certificate').node.children).toEqual([]);
    expect(app.node.tryFindChild('Shop-edge')).toBeUndefined();
  });

  test('a certificate of another region is refused, whether its ARN or its stack says so', () => {
    expect(() => build(undefined, imported(ARN.replace('us-east-1', 'eu-central-1')))).toThrow('a certificate in eu-central-1');
    expect(() => build(undefined, stack => ({
      certificate: new acm.Certificate(stack, 'Own', { domainName: 'example.com', validation: acm.CertificateValidation.fromDns() }),
    }))).toThrow('CloudFront takes certificates from us-east-1 only');
  });

  test('an algorithm for a certificate that is given is refused', () => {
    expect(() => build(undefined, stack => ({ ...imported()(stack), keyAlgorithm: acm.KeyAlgorithm.RSA_2048 }))).toThrow('leave keyAlgorithm out');
  });

  test('a private zone is refused, through which nothing could be validated', () => {
    expect(() => build(undefined, stack => ({
      hostedZone: new route53.PrivateHostedZone(stack, 'Private', { zoneName: 'example.com', vpc: new ec2.Vpc(stack, 'Vpc') }),
    }))).toThrow('a private hostedZone, no certificate');
  });

  test('a zone that the same stack makes is refused, because each would wait for the other; in us-east-1 it is not', () => {
    const own: PropsFor = stack => ({ hostedZone: new DnsZone(stack, 'Dns', { zoneName: 'example.com' }).hostedZone });

    expect(() => build(undefined, own)).toThrow(/each would wait for the other[^]*fix: make Shop\/Dns\/HostedZone in a stack of its own/);
    expect(build({ env: VIRGINIA }, own).names).toEqual(['Shop']);
    expect(build({}, own).names).toEqual(['Shop']);
  });

  test('nothing at all, and a partition without us-east-1, are refused', () => {
    const stack = new Stack(new App(), 'Shop');
    expect(() => new SiteCertificate(stack, 'Certificate', undefined as unknown as SiteCertificateProps)).toThrow('domainName is missing');
    expect(() => build({ env: { ...FRANKFURT, region: 'cn-north-1' } })).toThrow(/partition aws-cn[^]*got: a certificate for example.com/);
  });
});
