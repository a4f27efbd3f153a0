/*
 * How long a first deployment takes at least: reads the dependency graph of the templates of examples/arcade in production, weighs each resource with the
 * published typical time to create one (src/report/program/durations.json), and prints the longest path beside the longest chain that nobody can shorten.
 *
 *   npm run bench:critical-path
 *
 * Exits with 1 where the path is longer than the goal, or where two slow resources wait for each other that need not.
 */
import { arcadeAssembly } from './arcade-assembly';
import { readAssembly } from '../src/report/program/assembly';
import { deploymentPath, durations, type PathStep } from '../src/report/program/deployment-path';
import { ResourceIndex } from '../src/report/program/references';

const GOAL = 1.15;

/** What is slow to make, and should not wait for another such without need. */
const SLOW: { readonly [type: string]: string } = {
  'AWS::RDS::DBInstance': 'database',
  'AWS::ElastiCache::ReplicationGroup': 'cache',
  'AWS::OpenSearchService::Domain': 'search',
  'AWS::CloudFront::Distribution': 'CDN',
  'AWS::EC2::NatGateway': 'NAT',
};

/** Slow resources that wait for other slow ones. */
function waits(steps: Map<unknown, PathStep>): string[] {
  const before = (step: PathStep, seen = new Set<PathStep>()): Set<PathStep> => {
    for (const need of step.needs.map(each => steps.get(each)!)) if (!seen.has(need)) before(need, seen.add(need));
    return seen;
  };
  const kind = ({ resource }: PathStep) => SLOW[resource.type];
  return [...steps.values()].filter(kind).flatMap(step => [...before(step)].filter(other => kind(other) !== undefined && kind(other) !== kind(step))
    .map(other => `${kind(step)} waits for ${kind(other)} (${other.resource.logicalId})`));
}

/** Nobody makes these faster: RDS, its proxy and the tasks that need them one after the other; or Cognito's domain, whose parent has to be in DNS before. */
function unavoidable(types: Set<string>, multiAz: boolean): { name: string; minutes: number }[] {
  const chain = (...resources: string[]) => ({
    name: resources.map(resource => resource.replace(/^AWS::\w+::/, '')).join(' → '),
    minutes: resources.reduce((sum, resource) => sum + (durations().find(duration => duration.resource === resource)?.minutes ?? 0), 0),
  });
  const database = `AWS::RDS::DBInstance ${multiAz ? 'Multi-AZ' : 'Single-AZ'}`;
  return [
    chain(database, ...types.has('AWS::RDS::DBProxy') ? ['AWS::RDS::DBProxy'] : [], 'AWS::ECS::Service'),
    ...types.has('AWS::OpenSearchService::Domain') ? [chain('AWS::OpenSearchService::Domain', 'AWS::ECS::Service')] : [],
    ...types.has('AWS::Cognito::UserPoolDomain') ? [chain('AWS::CloudFront::Distribution', 'AWS::Cognito::UserPoolDomain custom')] : [],
  ];
}

function main(): void {
  const stacks = readAssembly(arcadeAssembly());
  const path = deploymentPath(stacks, new ResourceIndex(stacks));
  const all = stacks.flatMap(({ resources }) => resources);
  const chains = unavoidable(new Set(all.map(({ type }) => type)), all.some(({ properties }) => properties.MultiAZ === true));
  const chain = chains.reduce((best, each) => each.minutes > best.minutes ? each : best);
  const unneeded = waits(new Map(path.steps));

  console.log(`${all.length} resources in ${stacks.length} stacks, one after the other: ${stacks.map(({ name }) => name).join(', ')}\n`);
  for (const { resource, minutes } of path.critical) {
    if (minutes > 0) console.log(`${minutes.toFixed(2).padStart(6)} min  ${resource.type}  ${resource.home.name}/${resource.logicalId}`);
  }
  console.log(`${path.minutes.toFixed(2).padStart(6)} min  in all\n`);
  for (const { name, minutes } of chains) console.log(`${minutes.toFixed(2).padStart(6)} min  ${name}, which nobody can shorten`);
  const ratio = path.minutes / chain.minutes;
  console.log(`\nratio to the longest of these: ${ratio.toFixed(3)} (goal at most ${GOAL})`);
  console.log(unneeded.length === 0 ? 'no slow resource waits for another one' : unneeded.join('\n'));
  process.exitCode = ratio <= GOAL && unneeded.length === 0 ? 0 : 1;
}

main();
