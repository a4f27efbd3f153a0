import { readFileSync } from 'fs';
import { join } from 'path';
import type { AssemblyResource, AssemblyStack } from './assembly';
import type { ResourceIndex } from './references';

/** Typical minutes until a resource is there, as published, with sources. */
export interface Duration {
  readonly resource: string;
  readonly minutes: number;
  readonly confidence: string;
  readonly sources: readonly string[];
}

/** When a resource is made in a first deployment. */
export interface PathStep {
  readonly resource: AssemblyResource;
  readonly start: number;
  readonly minutes: number;
  /** The one that it waits for longest, in its own stack. */
  readonly after?: PathStep;
  readonly needs: readonly AssemblyResource[];
}

export interface DeploymentPath {
  readonly minutes: number;
  readonly steps: ReadonlyMap<AssemblyResource, PathStep>;
  /** What the whole deployment waits for, one after the other. */
  readonly critical: readonly PathStep[];
}

let table: readonly Duration[] | undefined;

export function durations(): readonly Duration[] {
  table ??= (JSON.parse(readFileSync(join(__dirname, 'durations.json'), 'utf8')) as { durations: Duration[] }).durations;
  return table;
}

export function durationOf({ type, properties }: AssemblyResource): Duration | undefined {
  const variant = type === 'AWS::RDS::DBInstance' ? ` ${properties.MultiAZ ? 'Multi-AZ' : 'Single-AZ'}`
    : type === 'AWS::Lambda::Function' && properties.VpcConfig ? ' in VPC'
      : type === 'AWS::Cognito::UserPoolDomain' && properties.CustomDomainConfig ? ' custom' : '';
  return durations().find(({ resource }) => resource === type + variant);
}

/**
 * When each resource of a first deployment is there at the earliest: each waits for those it refers to or depends on, and each stack for those before,
 * as `cdk deploy` does without `--concurrency`.
 */
export function deploymentPath(stacks: readonly AssemblyStack[], index: ResourceIndex): DeploymentPath {
  const steps = new Map<AssemblyResource, PathStep>();
  const critical: PathStep[] = [];
  let begin = 0;
  for (const stack of stacks.filter(({ parent }) => !parent)) {
    const all = [stack, ...nestedIn(stack, stacks)].flatMap(({ resources }) => resources);
    const own = schedule(all, index, begin);
    for (const [resource, step] of own) steps.set(resource, step);
    const last = [...own.values()].reduce<PathStep | undefined>((latest, step) => !latest || endOf(step) > endOf(latest) ? step : latest, undefined);
    for (const step of chain(last)) critical.push(step);
    begin = last ? endOf(last) : begin;
  }
  return { minutes: begin, steps, critical };
}

function nestedIn(stack: AssemblyStack, stacks: readonly AssemblyStack[]): AssemblyStack[] {
  return stacks.filter(({ parent }) => parent === stack).flatMap(nested => [nested, ...nestedIn(nested, stacks)]);
}

function schedule(resources: readonly AssemblyResource[], index: ResourceIndex, begin: number): Map<AssemblyResource, PathStep> {
  const own = new Map(resources.map(resource => [`${resource.home.path} ${resource.logicalId}`, resource]));
  const inside = new Set(resources);
  const steps = new Map<AssemblyResource, PathStep>();
  const open = new Set<AssemblyResource>();
  const stepOf = (resource: AssemblyResource): PathStep => {
    const known = steps.get(resource);
    if (known) return known;
    open.add(resource);
    const needs = [...new Set([...index.referencesOf(resource), ...resource.dependsOn.flatMap(id => own.get(`${resource.home.path} ${id}`) ?? [])])]
      .filter(need => inside.has(need) && !open.has(need));
    const after = needs.map(stepOf).reduce<PathStep | undefined>((latest, step) => !latest || endOf(step) > endOf(latest) ? step : latest, undefined);
    open.delete(resource);
    const step = { resource, start: after ? endOf(after) : begin, minutes: durationOf(resource)?.minutes ?? 0, after, needs };
    steps.set(resource, step);
    return step;
  };
  resources.forEach(stepOf);
  return steps;
}

export function endOf({ start, minutes }: PathStep): number {
  return Math.round((start + minutes) * 1000) / 1000;
}

function chain(last: PathStep | undefined): PathStep[] {
  return last ? [...chain(last.after), last] : [];
}
