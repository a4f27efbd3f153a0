import type { DeployableStack } from './assembly';
import type { CostReport } from '../src/cost/cost-report';
import { estimateCosts } from '../src/cost/estimate/estimate-costs';
import { blockOf, TemplateResource } from '../src/cost/estimate/template-resource';
import type { AssemblyStack } from '../src/report/program/assembly';

/** What the estimate assumes. */
export interface EstimateSettings {
  readonly region: string;
  readonly freeTier: boolean;
}

/** What the templates of an assembly cost, by the same rules and prices as `CostEstimate`. */
export function estimateAssembly(stacks: readonly DeployableStack[], { region, freeTier }: EstimateSettings): CostReport {
  const resources = stacks.flatMap(({ nested, ...stack }) => [stack, ...nested].flatMap(each => resourcesOf(each, stack.name)));
  return estimateCosts(resources, { usage: {}, region, freeTier });
}

function resourcesOf({ path: around, region, resources }: AssemblyStack, name: string): TemplateResource[] {
  // One object: resources of a stack are found by it.
  const stack = { name, region };
  return resources.map(({ path, logicalId, type, properties, isConditional }) => new TemplateResource({
    path, logicalId, type, stack, properties, block: blockOf(aroundOf(path, around)) ?? path, isConditional,
  }));
}

/** The constructs between a resource and its stack. Custom resources can be said to be anywhere. */
function aroundOf(path: string, stack: string): string[] {
  if (!path.startsWith(`${stack}/`)) return [];
  const names = path.slice(stack.length + 1).split('/').slice(0, -1);
  return names.map((_, index) => [stack, ...names.slice(0, index + 1)].join('/'));
}
