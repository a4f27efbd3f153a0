import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { blockOf, type Properties, type ResourceStack, TemplateResource } from './template-resource';

/** A resource as its template has it. */
interface Template {
  readonly Properties?: Properties;
  readonly Condition?: string;
}

/** Every resource under these constructs once, as it will be in its template, in the tree's order. */
export function templateResources(scopes: IConstruct[]): TemplateResource[] {
  const stacks = new Map<Stack, ResourceStack>();
  const stackOf = (stack: Stack) => {
    const { stackName: name, region } = stack;
    if (!stacks.has(stack)) stacks.set(stack, { name, region: Token.isUnresolved(region) ? undefined : region });
    return stacks.get(stack)!;
  };
  const resources = new Set(scopes.flatMap(scope => scope.node.findAll()).filter(each => CfnResource.isCfnResource(each)));
  return [...resources].flatMap(resource => {
    const template = templateOf(resource);
    return template ? [templateResource(resource, template, stackOf(resource.stack))] : [];
  });
}

function templateResource(resource: CfnResource, template: Template, stack: ResourceStack): TemplateResource {
  const around = resource.node.scopes.slice(resource.node.scopes.lastIndexOf(resource.stack) + 1, -1);
  return new TemplateResource({
    path: resource.node.path,
    block: blockOf(around.map(({ node }) => node.path)) ?? resource.node.path,
    type: resource.cfnResourceType,
    logicalId: resource.stack.resolve(resource.logicalId),
    stack,
    properties: template.Properties ?? {},
    isConditional: template.Condition !== undefined,
  });
}

/** From what CDK itself writes templates with: nothing public has overrides and late values in it. Nothing where the template leaves it out. */
function templateOf(resource: CfnResource): Template | undefined {
  const internal = resource as unknown as { _toCloudFormation(): object };
  const { Resources: resources = {} } = resource.stack.resolve(internal._toCloudFormation());
  return Object.values<Template>(resources)[0];
}
