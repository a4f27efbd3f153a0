import type { AssemblyStack, AssemblyTemplate, Place } from './assembly';
import type { CostReport } from '../src/cost/cost-report';
import { estimateCosts } from '../src/cost/estimate/estimate-costs';
import { blockOf, type ResourceStack, TemplateResource } from '../src/cost/estimate/template-resource';

/** What the estimate assumes. */
export interface EstimateSettings {
  readonly region: string;
  readonly freeTier: boolean;
}

/** What the templates of an assembly cost, by the same rules and prices as `CostEstimate`. */
export function estimateAssembly(stacks: readonly AssemblyStack[], { region, freeTier }: EstimateSettings): CostReport {
  return estimateCosts(stacks.flatMap(stack => resourcesOf(stack.template, stack.name, stack)), { usage: {}, region, freeTier });
}

function resourcesOf(template: AssemblyTemplate, name: string, place: Place): TemplateResource[] {
  const stack: ResourceStack = { name, region: place.region };
  const own = template.resources.map(({ path, logicalId, type, properties, condition }) => new TemplateResource({
    path, logicalId, type, stack, properties, block: blockOf(aroundOf(path, template.path)) ?? path, isConditional: condition !== undefined,
  }));
  return [...own, ...template.nested.flatMap(nested => resourcesOf(nested, name, place))];
}

/** The constructs between a resource and its stack. Custom resources can be said to be anywhere. */
function aroundOf(path: string, stack: string): string[] {
  if (!path.startsWith(`${stack}/`)) return [];
  const names = path.slice(stack.length + 1).split('/').slice(0, -1);
  return names.map((_, index) => [stack, ...names.slice(0, index + 1)].join('/'));
}
