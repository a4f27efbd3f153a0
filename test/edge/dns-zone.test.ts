import { App, CfnParameter, Stack, StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { DnsZone, DnsZoneProps } from '../../src/edge/dns-zone';
import { EnvironmentProfile } from '../../src/environment';
import { PlatformError } from '../../src/errors';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const VIRGINIA = { account: '111111111111', region: 'us-east-1' };

function build(props: Partial<DnsZoneProps> = {}, stackProps: StackProps = {}) {
  const app = new App();
  const stack = new Stack(app, 'Dns', stackProps);
  const zone = new DnsZone(stack, 'Zone', { zoneName: 'example.com', ...props });
  return { app, stack, zone };
}

test('a zone stays in production when it is removed, and says its name servers', () => {
  const { stack, zone } = build();

  Template.fromStack(stack).hasResource('AWS::Route53::HostedZone', {
    Properties: { Name: 'example.com.', QueryLoggingConfig: Match.absent() },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
  expect(stack.resolve(zone.nameServers)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^ZoneHostedZone/), 'NameServers'] });
  expect(zone.hostedZone.zoneName).toBe('example.com');
});

test.each(['development', 'staging'])('it goes with its stack in %s', name => {
  const { stack } = build({ profile: EnvironmentProfile.fromName(name) });
  Template.fromStack(stack).hasResource('AWS::Route53::HostedZone', { DeletionPolicy: 'Delete' });
});

test('it keeps its logical id, whatever is asked of it', () => {
  const ids = [{}, { amazonCertificatesOnly: true, queryLogs: true }, { zoneName: 'example.org' }]
    .map(props => Object.keys(Template.fromStack(build(props, { env: VIRGINIA }).stack).findResources('AWS::Route53::HostedZone')));
  expect(ids).toEqual([['ZoneHostedZoneB23BB523'], ['ZoneHostedZoneB23BB523'], ['ZoneHostedZoneB23BB523']]);
});

test('by choice Amazon alone may issue certificates, under each of the names that ACM is known by', () => {
  const { stack } = build({ amazonCertificatesOnly: true });
  Template.fromStack(stack).hasResourceProperties('AWS::Route53::RecordSet', {
    Type: 'CAA',
    Name: 'example.com.',
    ResourceRecords: ['0 issue "amazon.com"', '0 issue "amazontrust.com"', '0 issue "awstrust.com"', '0 issue "amazonaws.com"'],
  });
  Template.fromStack(build().stack).resourceCountIs('AWS::Route53::RecordSet', 0);
});

describe('query logs', () => {
  test('are written in us-east-1 to a group that Route 53 alone may write to, which is there before', () => {
    const { app, stack } = build({ queryLogs: true }, { env: FRANKFURT });
    const edge = Template.fromStack(app.node.findChild('Dns-edge') as Stack);
    const [OutputName] = Object.keys(edge.findOutputs('*'));

    edge.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 30 }, DeletionPolicy: 'RetainExceptOnCreate' });
    Template.fromStack(stack).hasResourceProperties('AWS::Route53::HostedZone', {
      QueryLoggingConfig: { CloudWatchLogsLogGroupArn: { 'Fn::GetStackOutput': { StackName: 'Dns-edge', OutputName, Region: 'us-east-1' } } },
    });
    const [{ Properties }] = Object.values(edge.findResources('AWS::Logs::ResourcePolicy'));
    const document = JSON.stringify(Properties.PolicyDocument);
    for (const part of ['route53.amazonaws.com', 'logs:CreateLogStream', 'logs:PutLogEvents', 'aws:SourceAccount', ':route53:::hostedzone/*']) {
      expect(document).toContain(part);
    }
    expect(Object.values(edge.findOutputs('*'))[0].Value['Fn::Join'][1].at(-1)).not.toHaveProperty('Fn::GetAtt');
  });

  test.each([['in us-east-1', VIRGINIA], ['in a stack without a region', undefined]])('are in the stack itself %s, where the zone waits for the policy', (_, env) => {
    const { app, stack } = build({ queryLogs: true }, { env });
    const template = Template.fromStack(stack);
    const [rights] = Object.keys(template.findResources('AWS::Logs::ResourcePolicy'));

    expect(app.node.children.filter(child => Stack.isStack(child))).toEqual([stack]);
    template.hasResource('AWS::Route53::HostedZone', { DependsOn: [rights] });
  });
});

describe('query logs with a key', () => {
  function withKey(env: StackProps['env']) {
    const app = new App();
    const stack = new Stack(app, 'Dns', { env });
    const encryptionKey = new kms.Key(stack, 'Key');
    new DnsZone(stack, 'Zone', { zoneName: 'example.com', queryLogs: true, encryptionKey });
    return { app, stack, encryptionKey };
  }

  test('outside of us-east-1 are encrypted by a key beside them', () => {
    const edge = Template.fromStack(withKey(FRANKFURT).app.node.findChild('Dns-edge') as Stack);
    const [key] = Object.keys(edge.findResources('AWS::KMS::Key'));
    edge.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
  });

  test('in us-east-1 are encrypted by that key', () => {
    const { stack, encryptionKey } = withKey(VIRGINIA);
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: stack.resolve(encryptionKey.keyArn) });
    Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 1);
  });
});

describe('aliases', () => {
  test('towards CloudFront have an A and an AAAA record', () => {
    const { stack, zone } = build();
    const distribution = new cloudfront.Distribution(stack, 'Site', { defaultBehavior: { origin: new origins.HttpOrigin('origin.example.com') } });
    const { records } = zone.addAlias('Site', { domainNames: ['example.com', '*.example.com'], target: new targets.CloudFrontTarget(distribution) });
    const found = Object.values(Template.fromStack(stack).findResources('AWS::Route53::RecordSet')).map(({ Properties }) => `${Properties.Type} ${Properties.Name}`);

    expect(found.sort()).toEqual(['A *.example.com.', 'A example.com.', 'AAAA *.example.com.', 'AAAA example.com.']);
    expect(records).toHaveLength(4);
  });

  test('of two targets live in one zone', () => {
    const { stack, zone } = build();
    const target = { bind: () => ({ hostedZoneId: 'Z2', dnsName: 'target.example.org' }) };
    zone.addAlias('Site', { domainNames: ['example.com'], target });
    zone.addAlias('Api', { domainNames: ['api.example.com'], target, ipv6: true });

    Template.fromStack(stack).resourceCountIs('AWS::Route53::RecordSet', 3);
  });
});

describe('wrong input', () => {
  test.each<[unknown, string]>([
    [undefined, 'zoneName is missing'],
    [{}, 'zoneName is missing'],
    [{ zoneName: 'example' }, "got: zoneName 'example'"],
    [{ zoneName: 42 }, 'got: zoneName 42'],
    [{ zoneName: '*.example.com' }, 'set zoneName to example.com'],
    [{ zoneName: 'example.com', profile: 'production' }, 'an EnvironmentProfile'],
    [{ zoneName: 'example.com', amazonCertificatesOnly: 'yes' }, 'amazonCertificatesOnly is not a boolean'],
    [{ zoneName: 'example.com', queryLogs: 1 }, 'queryLogs is not a boolean'],
    [{ zoneName: 'example.com', encryptionKey: 'alias/key' }, 'a kms.IKey'],
  ])('%# is refused before anything is made: %j', (props, expected) => {
    const stack = new Stack(new App(), 'Dns');
    expect(() => new DnsZone(stack, 'Zone', props as DnsZoneProps)).toThrow(PlatformError);
    expect(() => new DnsZone(stack, 'Second', props as DnsZoneProps)).toThrow(expected);
    expect(stack.node.findChild('Zone').node.children).toEqual([]);
  });

  test('a name that is only known at deployment is refused, because names are compared with it', () => {
    const stack = new Stack(new App(), 'Dns');
    expect(() => new DnsZone(stack, 'Zone', { zoneName: new CfnParameter(stack, 'Name').valueAsString })).toThrow('only known at deployment');
  });

  test('query logs in China are refused before anything is made; a zone there is not', () => {
    const env = { account: '111111111111', region: 'cn-north-1' };
    expect(() => build({ queryLogs: true }, { env })).toThrow('there is no us-east-1');
    expect(build({}, { env }).zone.hostedZone).toBeInstanceOf(route53.PublicHostedZone);
  });
});
