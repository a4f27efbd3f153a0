/*
 * How long a first deployment takes at least: reads the dependency graph of the templates of examples/arcade in production, weighs each resource with the
 * published typical time to create one (durations.json), and prints the longest path beside the longest chain that nobody can shorten.
 *
 *   npm run bench:critical-path
 *
 * Exits with 1 where the path is longer than the goal, or where two slow resources wait for each other that need not.
 */
import { readFileSync } from 'fs';
import { join } from 'path';
import { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { arcadeAssembly } from './arcade-assembly';

const GOAL = 1.15;

interface Duration {
  readonly resource: string;
  readonly minutes: number;
}

interface Node {
  readonly name: string;
  readonly type: string;
  readonly minutes: number;
  readonly needs: string[];
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: unknown };
  readonly DependsOn?: string | string[];
}

/** What is slow to make, and should not wait for another such without need. */
const SLOW: { readonly [type: string]: string } = {
  'AWS::RDS::DBInstance': 'database',
  'AWS::ElastiCache::ReplicationGroup': 'cache',
  'AWS::OpenSearchService::Domain': 'search',
  'AWS::CloudFront::Distribution': 'CDN',
  'AWS::EC2::NatGateway': 'NAT',
};

const { durations } = JSON.parse(readFileSync(join(__dirname, 'durations.json'), 'utf8')) as { durations: Duration[] };

function minutesOf({ Type, Properties = {} }: Resource): number {
  const variant = Type === 'AWS::RDS::DBInstance' ? ` ${Properties.MultiAZ ? 'Multi-AZ' : 'Single-AZ'}`
    : Type === 'AWS::Lambda::Function' && Properties.VpcConfig ? ' in VPC'
      : Type === 'AWS::Cognito::UserPoolDomain' && Properties.CustomDomainConfig ? ' custom' : '';
  return durations.find(({ resource }) => resource === Type + variant)?.minutes ?? 0;
}

/** Logical ids that a value refers to. */
function references(value: unknown, known: Set<string>): string[] {
  const texts = [...JSON.stringify(value ?? null).matchAll(/"(?:Ref)":"([A-Za-z0-9]+)"|"Fn::GetAtt":\["([A-Za-z0-9]+)"|\$\{([A-Za-z0-9]+)[.}]/g)];
  return [...new Set(texts.map(([, ref, attribute, sub]) => ref ?? attribute ?? sub).filter(id => known.has(id)))];
}

/** The resources of a stack; each waits for those it names, and all for the stacks before. */
function nodesOf(stack: CloudFormationStackArtifact): Map<string, Node> {
  const resources = Object.entries(stack.template.Resources as { [id: string]: Resource });
  const known = new Set(resources.map(([id]) => id));
  return new Map(resources.map(([id, resource]) => [id, {
    name: `${stack.stackName}/${id}`,
    type: resource.Type,
    minutes: minutesOf(resource),
    needs: [...references(resource.Properties, known), ...[resource.DependsOn ?? []].flat()],
  }]));
}

interface Path {
  readonly minutes: number;
  readonly nodes: Node[];
}

function longestPath(nodes: Map<string, Node>): Path {
  const found = new Map<string, Path>();
  const pathTo = (id: string): Path => {
    const known = found.get(id);
    if (known) return known;
    const node = nodes.get(id)!;
    const before = longest(node.needs.map(pathTo));
    const path = { minutes: before.minutes + node.minutes, nodes: [...before.nodes, node] };
    found.set(id, path);
    return path;
  };
  return longest([...nodes.keys()].map(pathTo));
}

function inSuccession(paths: Path[]): Path {
  return { minutes: paths.reduce((sum, { minutes }) => sum + minutes, 0), nodes: paths.flatMap(({ nodes }) => nodes) };
}

function longest(paths: Path[]): Path {
  return paths.reduce((best, path) => path.minutes > best.minutes ? path : best, { minutes: 0, nodes: [] });
}

/** Slow resources that wait for other slow ones. */
function waits(nodes: Map<string, Node>): string[] {
  const before = (id: string, seen = new Set<string>()): Set<string> => {
    for (const need of nodes.get(id)!.needs) if (!seen.has(need)) before(need, seen.add(need));
    return seen;
  };
  const slow = [...nodes].filter(([, { type }]) => type in SLOW);
  const kind = (id: string) => SLOW[nodes.get(id)!.type];
  return slow.flatMap(([id]) => [...before(id)].filter(other => kind(other) !== undefined && kind(other) !== kind(id))
    .map(other => `${kind(id)} waits for ${kind(other)} (${other})`));
}

/** Nobody makes these faster: RDS, its proxy and the tasks that need them one after the other; or Cognito's domain, whose parent has to be in DNS before. */
function unavoidable(types: Set<string>, multiAz: boolean): { name: string; minutes: number }[] {
  const chain = (...resources: string[]) => ({
    name: resources.map(resource => resource.replace(/^AWS::\w+::/, '')).join(' → '),
    minutes: resources.reduce((sum, resource) => sum + (durations.find(duration => duration.resource === resource)?.minutes ?? 0), 0),
  });
  const database = `AWS::RDS::DBInstance ${multiAz ? 'Multi-AZ' : 'Single-AZ'}`;
  return [
    chain(database, ...types.has('AWS::RDS::DBProxy') ? ['AWS::RDS::DBProxy'] : [], 'AWS::ECS::Service'),
    ...types.has('AWS::OpenSearchService::Domain') ? [chain('AWS::OpenSearchService::Domain', 'AWS::ECS::Service')] : [],
    ...types.has('AWS::Cognito::UserPoolDomain') ? [chain('AWS::CloudFront::Distribution', 'AWS::Cognito::UserPoolDomain custom')] : [],
  ];
}

function main(): void {
  const stacks = arcadeAssembly();
  const graphs = stacks.map(nodesOf);
  const path = inSuccession(graphs.map(longestPath));
  const all = graphs.flatMap(graph => [...graph.values()]);
  const types = new Set(all.map(({ type }) => type));
  const chains = unavoidable(types, stacks.some(({ template }) => JSON.stringify(template).includes('"MultiAZ":true')));
  const chain = chains.reduce((best, each) => each.minutes > best.minutes ? each : best);
  const unneeded = graphs.flatMap(waits);

  console.log(`${all.length} resources in ${stacks.length} stacks, one after the other: ${stacks.map(({ stackName }) => stackName).join(', ')}\n`);
  for (const { name, type, minutes } of path.nodes) if (minutes > 0) console.log(`${minutes.toFixed(2).padStart(6)} min  ${type}  ${name}`);
  console.log(`${path.minutes.toFixed(2).padStart(6)} min  in all\n`);
  for (const { name, minutes } of chains) console.log(`${minutes.toFixed(2).padStart(6)} min  ${name}, which nobody can shorten`);
  const ratio = path.minutes / chain.minutes;
  console.log(`\nratio to the longest of these: ${ratio.toFixed(3)} (goal at most ${GOAL})`);
  console.log(unneeded.length === 0 ? 'no slow resource waits for another one' : unneeded.join('\n'));
  process.exitCode = ratio <= GOAL && unneeded.length === 0 ? 0 : 1;
}

main();
