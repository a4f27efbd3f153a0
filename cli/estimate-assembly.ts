import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { AssemblyResource, AssemblyStack, AssemblyTemplate, Place } from './assembly';
import type { CostReport } from '../src/cost/cost-report';
import { estimateCosts } from '../src/cost/estimate/estimate-costs';

/** What the estimate assumes. */
export interface EstimateSettings {
  readonly region: string;
  readonly freeTier: boolean;
}

/** What the templates of an assembly cost, by the same rules and prices as `CostEstimate`: it reads a tree, so the templates become one again. */
export function estimateAssembly(stacks: readonly AssemblyStack[], { region, freeTier }: EstimateSettings): CostReport {
  const app = new App({ analyticsReporting: false, treeMetadata: false });
  for (const stack of stacks) plant(app, stack.template, stack);
  return estimateCosts([app], { usage: {}, region, freeTier });
}

function plant(app: App, template: AssemblyTemplate, { account, region }: Place): void {
  const { scope, id } = placeOf(app, template.path);
  const stack = new Stack(scope, id, { env: { account, region } });
  // What is above comes first: a resource can hold others.
  const resources = [...template.resources].sort((a, b) => depth(a.path) - depth(b.path));
  for (const resource of resources) plantResource(app, stack, resource);
  for (const nested of template.nested) plant(app, nested, { account, region });
}

function plantResource(app: App, stack: Stack, { path, logicalId, type, properties, condition }: AssemblyResource): void {
  // Custom resources can be said to be anywhere; their stack is what their prices depend on.
  const inside = path.startsWith(`${stack.node.path}/`) ? path : `${stack.node.path}/${logicalId}`;
  const { scope, id } = placeOf(app, inside);
  const free = scope.node.tryFindChild(id) ? { scope: stack as Construct, id: logicalId } : { scope, id };
  const resource = new CfnResource(free.scope, free.id, { type, properties });
  resource.overrideLogicalId(logicalId);
  if (condition !== undefined) resource.addOverride('Condition', condition);
}

/** The construct that a path ends in, with what is missing on the way. */
function placeOf(app: App, path: string): { readonly scope: Construct; readonly id: string } {
  const ids = path.split('/');
  const id = ids.pop()!;
  const scope = ids.reduce<Construct>((parent, each) => (parent.node.tryFindChild(each) as Construct) ?? new Construct(parent, each), app);
  return { scope, id };
}

function depth(path: string): number {
  return path.split('/').length;
}
