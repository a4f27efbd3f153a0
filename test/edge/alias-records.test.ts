import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { AliasRecords, AliasRecordsProps } from '../../src/edge/alias-records';
import { PlatformError } from '../../src/errors';

const TARGET: route53.IAliasRecordTarget = { bind: () => ({ hostedZoneId: 'Z2', dnsName: 'target.example.org' }) };

function zoneIn(stack: Stack, zoneName = 'example.com') {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'Imported', { hostedZoneId: 'Z1', zoneName });
}

function build(props: Partial<AliasRecordsProps> = {}, stack = new Stack(new App(), 'Stack')) {
  const records = new AliasRecords(stack, 'Records', { hostedZone: zoneIn(stack), domainNames: ['example.com'], target: TARGET, ...props });
  return { stack, records, template: Template.fromStack(stack) };
}

test('names get A records only, where the target is not known to speak IPv6', () => {
  const { records, template } = build({ domainNames: ['example.com', 'www.example.com'] });

  expect(records.records).toHaveLength(2);
  template.resourceCountIs('AWS::Route53::RecordSet', 2);
  template.hasResourceProperties('AWS::Route53::RecordSet', { Type: 'A', Name: 'www.example.com.', HostedZoneId: 'Z1', AliasTarget: { DNSName: 'target.example.org', HostedZoneId: 'Z2' } });
});

test('a name in the middle that goes moves no other record', () => {
  const idOf = (domainNames: string[]) => {
    const found = build({ domainNames, ipv6: true }).template.findResources('AWS::Route53::RecordSet', { Properties: { Name: 'z.example.com.' } });
    return Object.keys(found);
  };

  expect(idOf(['example.com', 'm.example.com', 'z.example.com'])).toEqual(idOf(['example.com', 'z.example.com']));
  expect(idOf(['example.com', 'z.example.com'])).toHaveLength(2);
});

test('names that are only known at deployment are taken', () => {
  const stack = new Stack(new App(), 'Stack');
  const names = ['First', 'Second'].map(id => new CfnParameter(stack, id).valueAsString);
  const { template } = build({ domainNames: names }, stack);

  for (const Ref of ['First', 'Second']) template.hasResourceProperties('AWS::Route53::RecordSet', { Name: { 'Fn::Join': ['', [{ Ref }, '.']] } });
});

test('two live in one stack, with a zone that a stack in another region makes', () => {
  const app = new App();
  const zone = new route53.PublicHostedZone(new Stack(app, 'Dns', { env: { account: '111111111111', region: 'us-east-1' } }), 'Zone', { zoneName: 'example.com' });
  const stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-central-1' } });
  for (const id of ['Some', 'More']) new AliasRecords(stack, id, { hostedZone: zone, domainNames: [`${id}.example.com`], target: TARGET });
  const [OutputName, ...others] = Object.keys(Template.fromStack(zone.stack).findOutputs('*'));

  expect(others).toEqual([]);
  Template.fromStack(stack).allResourcesProperties('AWS::Route53::RecordSet', {
    HostedZoneId: { 'Fn::GetStackOutput': { StackName: 'Dns', OutputName, Region: 'us-east-1' } },
  });
});

test('a zone of another stack in the same region is referred to as CDK does', () => {
  const app = new App();
  const zone = new route53.PublicHostedZone(new Stack(app, 'Dns'), 'Zone', { zoneName: 'example.com' });
  const { template } = build({ hostedZone: zone }, new Stack(app, 'Stack'));

  template.hasResourceProperties('AWS::Route53::RecordSet', { HostedZoneId: { 'Fn::ImportValue': Match.anyValue() } });
});

test.each<[object, string]>([
  [{ hostedZone: undefined }, 'hostedZone is missing'],
  [{ hostedZone: 'Z1' }, 'a route53.IHostedZone'],
  [{ target: undefined }, 'target is missing'],
  [{ target: {} }, 'a route53.IAliasRecordTarget'],
  [{ domainNames: undefined }, 'domainNames is missing'],
  [{ domainNames: 'example.com' }, 'domainNames is not a list'],
  [{ domainNames: [] }, 'no name is given'],
  [{ domainNames: [undefined] }, 'domainNames is missing'],
  [{ domainNames: [42] }, 'got: domainNames 42'],
  [{ domainNames: ['exa mple.com'] }, 'a domain name, such as'],
  [{ domainNames: ['example.org'] }, 'the domain is not inside the hosted zone'],
  [{ domainNames: ['badexample.com'] }, 'domain badexample.com, zone example.com'],
  [{ domainNames: ['example.com', 'Example.com'] }, 'fix: leave it out of domainNames'],
  [{ ipv6: 'yes' }, 'ipv6 is not a boolean'],
])('%# is refused before anything is made: %j', (props, expected) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => build(props, stack)).toThrow(PlatformError);
  expect(stack.node.findChild('Records').node.children).toEqual([]);
  expect(() => build(props)).toThrow(expected);
});

test('nothing at all, and a zone without its name, are refused', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new AliasRecords(stack, 'Nothing', undefined as unknown as AliasRecordsProps)).toThrow('hostedZone is missing');
  expect(() => build({ hostedZone: route53.HostedZone.fromHostedZoneId(stack, 'Id', 'Z1') }, stack)).toThrow('does not know its name');
});
