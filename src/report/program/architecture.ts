import type { AssemblyResource } from './assembly';
import type { ReportEnvironment } from './environments';
import { kindOf, Shape } from './node-kinds';
import type { ResourceIndex } from './references';
import { rightsOfRoles, isRole, type Statement } from './rights';
import { CLOUDFRONT, INTERNET, type TrafficRule, trafficRules } from './security-groups';

/** A box of the diagram: a resource, or several of one kind in one block. */
export interface DiagramNode {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly shape: Shape;
  /** Path of the block that it is drawn in; undefined outside of the app. */
  readonly block?: string;
  /** Whether it only works while something is deployed. */
  readonly atDeployment: boolean;
  readonly resources: readonly AssemblyResource[];
}

/** An arrow: who may talk to whom. */
export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  /** Whether packets pass, which security groups decide, or a role gives a right, or AWS itself forwards. */
  readonly kind: 'traffic' | 'right' | 'forward';
  readonly label: string;
}

export interface Architecture {
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
  readonly rules: readonly TrafficRule[];
}

const GROUP = 'AWS::EC2::SecurityGroup';
/** So many of one kind in one block are drawn as one. */
const MANY = 3;

/** Who can talk to whom in an environment. */
export function architectureOf(environment: ReportEnvironment, index: ResourceIndex): Architecture {
  return new Draft(environment, index).finished();
}

class Draft {
  private readonly nodes = new Map<string, { -readonly [key in keyof DiagramNode]: DiagramNode[key] } & { resources: AssemblyResource[] }>();
  private readonly nodeOf = new Map<AssemblyResource, string>();
  private readonly edges = new Map<string, { readonly edge: DiagramEdge; readonly labels: Set<string> }>();
  private readonly resources: readonly AssemblyResource[];
  private readonly rules: readonly TrafficRule[];

  constructor({ resources }: ReportEnvironment, private readonly index: ResourceIndex) {
    this.resources = resources;
    this.rules = trafficRules(resources, index);
    this.placeResources();
    this.drawTraffic();
    this.drawDoors();
    this.drawDeliveries();
    this.drawRights();
  }

  public finished(): Architecture {
    const edges = [...this.edges.values()].map(({ edge, labels }) => ({ ...edge, label: [...labels].filter(Boolean).sort(byNumber).join(', ') }));
    return { nodes: [...this.nodes.values()], edges: edges.filter(edge => !this.isSaid(edge)), rules: this.rules };
  }

  /** Of two arrows that say the same, the one that more depends on is drawn. */
  private isSaid({ from, to, kind }: DiagramEdge): boolean {
    const has = (one: string, other: string, as: DiagramEdge['kind']) => this.edges.has(JSON.stringify([one, other, as]));
    if (kind === 'forward') return has(from, to, 'traffic');
    return kind === 'right' && (has(from, to, 'traffic') || has(from, to, 'forward') || has(to, from, 'forward'));
  }

  private placeResources(): void {
    const deadLetters = this.deadLetterQueues();
    const helpers = new Set(this.resources.flatMap(({ properties, home }) => this.index.find(properties.ServiceToken, home)));
    const drawn = this.resources.filter(each => kindOf(each) && !deadLetters.has(each) && !this.isPart(each));
    const counts = new Map<string, number>();
    for (const each of drawn) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
    for (const each of drawn) {
      const { label, shape } = kindOf(each)!;
      const count = counts.get(keyOf(each))!;
      const name = count > MANY ? `${count} × ${label}` : nameIn(each);
      this.add(count > MANY ? keyOf(each) : each.path, { name, kind: label, shape, block: each.block, atDeployment: helpers.has(each) }, each);
    }
  }

  /** What is drawn with what it belongs to: instances with their cluster, task definitions with their service. */
  private isPart(resource: AssemblyResource): boolean {
    if (resource.type === 'AWS::RDS::DBInstance') return resource.properties.DBClusterIdentifier !== undefined;
    if (resource.type === 'AWS::ECS::TaskDefinition') return this.resources.some(each => each.type === 'AWS::ECS::Service' && this.index.find(each.properties.TaskDefinition, each.home).includes(resource));
    return false;
  }

  /** Where failed messages are kept; nobody talks to them in good times. */
  private deadLetterQueues(): Set<AssemblyResource> {
    const ends = this.resources.flatMap(({ properties, home }) => {
      const { DeadLetterConfig: config, DeadLetterQueue: queue, RedrivePolicy: policy, DestinationConfig: destinations } = properties;
      return this.index.find([config, queue, policy, destinations?.OnFailure], home);
    });
    return new Set(ends.filter(({ type }) => type === 'AWS::SQS::Queue'));
  }

  private add(id: string, about: Omit<DiagramNode, 'id' | 'resources'>, resource?: AssemblyResource): string {
    if (!this.nodes.has(id)) this.nodes.set(id, { id, ...about, resources: [] });
    if (resource) {
      this.nodes.get(id)!.resources.push(resource);
      this.nodeOf.set(resource, id);
    }
    return id;
  }

  private outside(name: string): string {
    return this.add(`outside:${name}`, { name, kind: '', shape: Shape.OUTSIDE, atDeployment: false });
  }

  private connect(from: string, to: string, kind: DiagramEdge['kind'], label: string): void {
    if (from === to) return;
    const key = JSON.stringify([from, to, kind]);
    if (!this.edges.has(key)) this.edges.set(key, { edge: { from, to, kind, label }, labels: new Set() });
    this.edges.get(key)!.labels.add(label);
  }

  private drawTraffic(): void {
    const owners = this.ownersOfGroups();
    for (const { group, peer, outside, ports } of this.rules.filter(({ into }) => into)) {
      const from = peer ? owners.get(peer) ?? [this.asGroup(peer)] : this.comingFrom(outside);
      const to = owners.get(group) ?? [this.asGroup(group)];
      // Within one group, such as nodes of a cluster among each other, there is no arrow to draw.
      for (const one of from) for (const other of to) this.connect(one, other, 'traffic', ports);
    }
  }

  /** CloudFront's addresses are the app's own distribution, where it has one. */
  private comingFrom(outside: string): string[] {
    const distributions = outside === CLOUDFRONT ? this.resources.filter(({ type }) => type === 'AWS::CloudFront::Distribution') : [];
    return distributions.length > 0 ? distributions.map(each => this.nodeOf.get(each)!) : [this.outside(outside)];
  }

  /** A group that nothing of the app is in. */
  private asGroup(group: AssemblyResource): string {
    return this.add(group.path, { name: nameIn(group), kind: 'Security group', shape: Shape.NETWORK, block: group.block, atDeployment: false }, group);
  }

  private ownersOfGroups(): Map<AssemblyResource, string[]> {
    const owners = new Map<AssemblyResource, Set<string>>();
    for (const resource of this.resources.filter(({ type }) => !type.startsWith(GROUP))) {
      const groups = this.index.referencesOf(resource).filter(({ type }) => type === GROUP);
      if (groups.length === 0) continue;
      const nodes = this.standsFor(resource);
      for (const group of groups) owners.set(group, new Set([...owners.get(group) ?? [], ...nodes]));
    }
    return new Map([...owners].filter(([, nodes]) => nodes.size > 0).map(([group, nodes]) => [group, [...nodes]]));
  }

  /** The box of a resource; of what has none, such as a schedule of tasks or an instance of a cluster, those that it works with. */
  private standsFor(resource: AssemblyResource): string[] {
    const own = this.nodeOf.get(resource);
    if (own) return [own];
    return this.index.referencesOf(resource)
      .flatMap(other => this.nodeOf.get(other) ?? [])
      .filter(id => [Shape.COMPUTE, Shape.STORE].includes(this.nodes.get(id)!.shape));
  }

  /** What visitors come in by, and where it leads. */
  private drawDoors(): void {
    const internet = () => this.outside(INTERNET);
    for (const resource of this.resources) {
      const { type, properties, home } = resource;
      const node = this.nodeOf.get(resource);
      if (node && isDoorOfItself(resource)) this.connect(internet(), node, 'forward', 'HTTPS');
      if (node && type === 'AWS::CloudFront::Distribution') {
        const origins = this.index.find(properties.DistributionConfig?.Origins, home);
        const behind = origins.flatMap(origin => origin.type === 'AWS::CloudFront::VpcOrigin' ? this.index.referencesOf(origin) : [origin]);
        for (const target of behind) if (this.nodeOf.has(target)) this.connect(node, this.nodeOf.get(target)!, 'forward', 'origin');
      }
      if (type === 'AWS::Lambda::Url' && properties.AuthType === 'NONE') {
        for (const handler of this.index.referencesOf(resource)) if (this.nodeOf.has(handler)) this.connect(internet(), this.nodeOf.get(handler)!, 'forward', 'HTTPS');
      }
      if (type === 'AWS::Cognito::UserPoolDomain') {
        for (const users of this.index.find(properties.UserPoolId, home)) if (this.nodeOf.has(users)) this.connect(internet(), this.nodeOf.get(users)!, 'forward', 'sign-in');
      }
    }
  }

  /** Messages that AWS brings from one to the other. */
  private drawDeliveries(): void {
    const deliver = (from: AssemblyResource[], to: AssemblyResource[], label: string) => {
      for (const one of from) for (const other of to) if (this.nodeOf.has(one) && this.nodeOf.has(other)) this.connect(this.nodeOf.get(one)!, this.nodeOf.get(other)!, 'forward', label);
    };
    for (const resource of this.resources) {
      const { type, properties, home } = resource;
      const find = (value: unknown) => this.index.find(value, home);
      if (type === 'AWS::Lambda::EventSourceMapping') deliver(find(properties.EventSourceArn), find(properties.FunctionName), 'messages');
      if (type === 'AWS::SNS::Subscription') deliver(find(properties.TopicArn), find(properties.Endpoint), 'messages');
      if (type === 'AWS::S3::Bucket') deliver([resource], find(properties.NotificationConfiguration), 'new files');
      if (type === 'Custom::S3BucketNotifications') deliver(find(properties.BucketName), find(properties.NotificationConfiguration), 'new files');
      if (type === 'AWS::Events::Rule') deliver(find(properties.EventBusName), find(properties.Targets), 'events');
      if (type.startsWith('AWS::ApiGateway')) deliver(find(properties.RestApiId ?? properties.ApiId), find(properties.Integration ?? properties.IntegrationUri), 'requests');
    }
  }

  /** What roles give to those who have them: on data, queues and other functions. Keys, logs and secrets have tables of their own. */
  private drawRights(): void {
    const rights = rightsOfRoles(this.resources, this.index);
    const targets = new Set([...this.nodeOf.keys()].filter(each => [Shape.STORE, Shape.QUEUE].includes(kindOf(each)?.shape ?? Shape.NETWORK)
      || ['AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine'].includes(each.type)));
    for (const [owner, roles] of rolesOfNodes(this.resources, this.index)) {
      const node = this.nodeOf.get(owner);
      if (node) {
        for (const statement of roles.flatMap(role => rights.get(role) ?? [])) {
          const on = this.index.find(statement.on, statement.in.home).filter(each => targets.has(each));
          for (const target of on) this.connect(node, this.nodeOf.get(target)!, 'right', verbOf(statement));
        }
      }
    }
  }
}

/** Which of those that work have which roles. A service has those of its task definition; a role that it only passes on, such as to a hook, is its own too. */
export function rolesOfNodes(resources: readonly AssemblyResource[], index: ResourceIndex): Map<AssemblyResource, AssemblyResource[]> {
  const rolesOf = (resource: AssemblyResource) => index.referencesOf(resource).filter(isRole);
  return new Map(resources.filter(each => kindOf(each)?.shape === Shape.COMPUTE).map(resource => {
    const definitions = resource.type === 'AWS::ECS::Service' ? index.find(resource.properties.TaskDefinition, resource.home) : [];
    return [resource, [resource, ...definitions].flatMap(rolesOf)];
  }));
}

/** Distributions, apps and APIs answer whoever asks; load balancers ask their security groups. */
function isDoorOfItself({ type }: AssemblyResource): boolean {
  return ['AWS::CloudFront::Distribution', 'AWS::Amplify::App', 'AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api', 'AWS::AppSync::GraphQLApi'].includes(type);
}

function keyOf({ block, type }: AssemblyResource): string {
  return `${block} ${type}`;
}

/** What says no more than the kind that is written below it. */
const GENERIC = /^(Bucket|Cluster|Distribution|Domain|Function|Handler|Instance|LoadBalancer|Queue|ReplicationGroup|Repository|ServerlessCache|Service|Table|Topic|UserPool|Vault)$/;

/** Name within the block, without what every resource of its kind is called; the block's own where nothing is left. */
export function nameIn({ construct, block }: AssemblyResource): string {
  const names = construct.startsWith(`${block}/`) ? construct.slice(block.length + 1).split('/') : [];
  while (names.length > 0 && GENERIC.test(names[names.length - 1])) names.pop();
  return names.length > 0 ? names.join('/') : block.split('/').pop()!;
}

const READS = /:(Get|List|Describe|BatchGet|Query|Scan|Receive|Head|BatchCheck|GetDownload)/;

function verbOf({ actions }: Statement): string {
  if (actions.some(action => /:(Invoke|StartExecution)/.test(action))) return 'invokes';
  const reads = actions.some(action => READS.test(action) || action.endsWith('*'));
  const writes = actions.some(action => !READS.test(action));
  return reads && writes ? 'reads, writes' : reads ? 'reads' : 'writes';
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
