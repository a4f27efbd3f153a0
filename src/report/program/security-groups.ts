import type { AssemblyResource } from './assembly';
import { inWords, type ResourceIndex } from './references';

/** What a rule of a security group lets in or out. */
export interface TrafficRule {
  readonly group: AssemblyResource;
  /** The group at the other end; undefined where it is an address, or a group that the app does not make. */
  readonly peer?: AssemblyResource;
  /** The other end in words, where it is no group of the app: `internet`, an address range, a prefix list. */
  readonly outside: string;
  readonly ports: string;
  readonly description: string;
  readonly into: boolean;
}

type TemplateRule = { readonly [name: string]: unknown };

export const INTERNET = 'Internet';
export const CLOUDFRONT = 'CloudFront';

/** What CDK writes where it wants no rule at all: EC2 would open everything. */
const NOWHERE = '255.255.255.255/32';
const PREFIX = 'AWS::EC2::SecurityGroup';

/** Prefix lists that AWS manages have other ids in every region, and the template only has the id. */
const OF_CLOUDFRONT = /cloudfront/i;

/** All rules of all groups, whether they are in the group or beside it. */
export function trafficRules(resources: readonly AssemblyResource[], index: ResourceIndex): TrafficRule[] {
  return resources.flatMap(resource => {
    const { type, properties } = resource;
    if (type === PREFIX) return [...rulesIn(resource, index, true), ...rulesIn(resource, index, false)];
    if (type !== `${PREFIX}Ingress` && type !== `${PREFIX}Egress`) return [];
    const group = index.find(properties.GroupId, resource.home).find(each => each.type === PREFIX);
    return group ? ruleOf(group, properties, index, type.endsWith('Ingress'), resource) : [];
  });
}

function rulesIn(group: AssemblyResource, index: ResourceIndex, into: boolean): TrafficRule[] {
  const rules = group.properties[into ? 'SecurityGroupIngress' : 'SecurityGroupEgress'];
  return Array.isArray(rules) ? rules.flatMap(rule => ruleOf(group, rule, index, into, group)) : [];
}

function ruleOf(group: AssemblyResource, rule: TemplateRule, index: ResourceIndex, into: boolean, { home }: AssemblyResource): TrafficRule[] {
  const range = rule.CidrIp ?? rule.CidrIpv6;
  if (range === NOWHERE) return [];
  const other = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const description = inWords(rule.Description);
  const peer = index.find(other, home).find(({ type }) => type === PREFIX);
  return [{ group, peer, outside: outsideOf(rule, range, other, description), ports: portsOf(rule), description, into }];
}

function outsideOf(rule: TemplateRule, range: unknown, other: unknown, description: string): string {
  if (range === '0.0.0.0/0' || range === '::/0') return INTERNET;
  const list = rule.SourcePrefixListId ?? rule.DestinationPrefixListId;
  if (list !== undefined) return OF_CLOUDFRONT.test(description) ? CLOUDFRONT : `Prefix list ${inWords(list)}`;
  if (range === undefined) return `Security group ${inWords(other)}`;
  return JSON.stringify(range).includes('CidrBlock') ? 'The VPC' : inWords(range);
}

function portsOf({ IpProtocol: protocol, FromPort: from, ToPort: to }: TemplateRule): string {
  if (String(protocol) === '-1') return 'everything';
  if (from === undefined || String(from) === '-1') return String(protocol);
  const ports = from === to || to === undefined ? inWords(from) : `${inWords(from)}–${inWords(to)}`;
  return protocol === 'tcp' ? ports : `${inWords(protocol)} ${ports}`;
}
