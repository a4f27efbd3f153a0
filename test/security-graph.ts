import { Template } from 'aws-cdk-lib/assertions';

/** Everywhere outside of the security groups. */
export const INTERNET = 'internet';

/** Traffic that the security groups of a template let through. */
export interface Edge {
  /** Logical id of a security group, `internet`, or an address range. */
  readonly from: string;
  readonly to: string;
  /** Such as `tcp 80`, `tcp 1024-65535` or `everything`. */
  readonly ports: string;
}

interface Ports {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

interface Rule {
  readonly group: string;
  readonly peer: string;
  readonly ports: Ports;
}

interface TemplateRule {
  [name: string]: unknown;
}

const EVERY_PROTOCOL = '-1';
const NOWHERE = '255.255.255.255/32';
const VPC_RANGE = 'vpc';

/** Everything that can be reached from a node, edge by edge, through as many security groups as let it through. */
export function reachable(template: Template, from: string): Edge[] {
  const edges = securityEdges(template);
  const found = new Set<Edge>();
  const visited = new Set<string>();
  const open = [from];
  while (open.length > 0) {
    const node = open.pop()!;
    if (visited.has(node)) continue;
    visited.add(node);
    for (const edge of edges.filter(each => each.from === node)) {
      found.add(edge);
      // What has left for the internet does not come back in.
      if (edge.to !== INTERNET) open.push(edge.to);
    }
  }
  return edges.filter(edge => found.has(edge));
}

/** Edges as lines, sorted, with logical ids shortened by a function where a test wants that. */
export function describeEdges(edges: Edge[], nameOf: (node: string) => string = node => node): string[] {
  return edges.map(({ from, to, ports }) => `${nameOf(from)} -> ${nameOf(to)}: ${ports}`).sort();
}

/** All edges: between two security groups traffic passes where one's egress and the other's ingress both allow it. */
export function securityEdges(template: Template): Edge[] {
  const groups = Object.keys(template.findResources('AWS::EC2::SecurityGroup'));
  const ingress = rules(template, 'Ingress');
  const egress = [...rules(template, 'Egress'), ...defaultEgress(template, groups)];

  const outside = [
    ...ingress.filter(rule => !groups.includes(rule.peer)).map(rule => edgeOf(rule.peer, rule.group, rule.ports)),
    ...egress.filter(rule => !groups.includes(rule.peer)).map(rule => edgeOf(rule.group, rule.peer, rule.ports)),
  ];
  const inside = egress.flatMap(out => ingress
    .filter(into => covers(out.peer, into.group) && covers(into.peer, out.group))
    .flatMap(into => {
      const ports = common(out.ports, into.ports);
      return ports ? [edgeOf(out.group, into.group, ports)] : [];
    }));
  return unique([...outside, ...inside]);
}

function rules(template: Template, direction: 'Ingress' | 'Egress'): Rule[] {
  const inline = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).flatMap(([group, { Properties }]) =>
    ((Properties[`SecurityGroup${direction}`] ?? []) as TemplateRule[]).map(rule => ({ group, rule })));
  const standalone = Object.values(template.findResources(`AWS::EC2::SecurityGroup${direction}`))
    .map(({ Properties }) => ({ group: nodeOf(Properties.GroupId), rule: Properties as TemplateRule }));
  return [...inline, ...standalone]
    .map(({ group, rule }) => ({ group, peer: peerOf(rule), ports: portsOf(rule) }))
    .filter(({ peer }) => peer !== NOWHERE);
}

/** A group without any egress rule keeps the one that EC2 gives it: everything to everywhere. */
function defaultEgress(template: Template, groups: string[]): Rule[] {
  const resources = template.findResources('AWS::EC2::SecurityGroup');
  const standalone = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(({ Properties }) => nodeOf(Properties.GroupId));
  return groups
    .filter(group => !resources[group].Properties.SecurityGroupEgress && !standalone.includes(group))
    .map(group => ({ group, peer: INTERNET, ports: { protocol: EVERY_PROTOCOL, first: 0, last: 65535 } }));
}

function peerOf(rule: TemplateRule): string {
  const range = rule.CidrIp ?? rule.CidrIpv6;
  if (range === '0.0.0.0/0' || range === '::/0') return INTERNET;
  if (JSON.stringify(range)?.includes('CidrBlock')) return VPC_RANGE;
  return nodeOf(range ?? rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId ?? rule.SourcePrefixListId ?? rule.DestinationPrefixListId);
}

function nodeOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const reference = value as { 'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::ImportValue'?: string };
  return reference.Ref ?? reference['Fn::GetAtt']?.[0] ?? reference['Fn::ImportValue'] ?? JSON.stringify(value);
}

function portsOf(rule: TemplateRule): Ports {
  return { protocol: String(rule.IpProtocol), first: Number(rule.FromPort ?? 0), last: Number(rule.ToPort ?? 65535) };
}

function covers(peer: string, group: string): boolean {
  return peer === group || peer === INTERNET || peer === VPC_RANGE;
}

function common(one: Ports, other: Ports): Ports | undefined {
  if (one.protocol === EVERY_PROTOCOL) return other;
  if (other.protocol === EVERY_PROTOCOL) return one;
  const first = Math.max(one.first, other.first);
  const last = Math.min(one.last, other.last);
  return one.protocol === other.protocol && first <= last ? { protocol: one.protocol, first, last } : undefined;
}

function edgeOf(from: string, to: string, { protocol, first, last }: Ports): Edge {
  const ports = first === last ? `${first}` : `${first}-${last}`;
  return { from, to, ports: protocol === EVERY_PROTOCOL ? 'everything' : `${protocol} ${ports}` };
}

function unique(edges: Edge[]): Edge[] {
  return [...new Map(edges.map(each => [describeEdges([each])[0], each])).values()];
}
