import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Properties of a resource as the template has them: plain values, or references by logical id. */
export type Properties = { readonly [name: string]: any };

/** A resource as it is in the template, with its place in the tree. */
export class TemplateResource {
  public readonly path: string;
  public readonly block: string;
  public readonly type: string;
  public readonly logicalId: string;
  public readonly stack: Stack;
  public readonly properties: Properties;
  /** Whether it is made only where a condition holds. */
  public readonly isConditional: boolean;
  /** What the estimate assumed because only the deployment knows it. */
  public readonly assumptions = new Set<string>();

  constructor(resource: CfnResource, { Properties: properties = {}, Condition: condition }: Template) {
    this.path = resource.node.path;
    this.stack = resource.stack;
    this.block = blockOf(resource);
    this.type = resource.cfnResourceType;
    this.logicalId = this.stack.resolve(resource.logicalId);
    this.properties = properties;
    this.isConditional = condition !== undefined;
  }

  /** The number at a path such as `EBSOptions.VolumeSize`; what is left out, or only known at deployment, is assumed. */
  public number(path: string, assumed: number): number {
    const value = this.at(path);
    if (value === undefined) return assumed;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.assumptions.add(`${path} is only known at deployment: ${assumed} was taken`);
    return assumed;
  }

  /** The text at a path. */
  public text(path: string, assumed: string): string {
    const value = this.at(path);
    if (typeof value === 'string') return value;
    if (value !== undefined) this.assumptions.add(`${path} is only known at deployment: ${assumed} was taken`);
    return assumed;
  }

  /** Whether it is true there. */
  public isTrue(path: string): boolean {
    return [true, 'true'].includes(this.at(path));
  }

  /** The list at a path. */
  public list(path: string): any[] {
    const value = this.at(path);
    return Array.isArray(value) ? value : [];
  }

  /** Whether its properties, or one of them, refer to another resource of the same stack. */
  public refersTo(other: TemplateResource, property?: string): boolean {
    return this.stack === other.stack && hasReference(property === undefined ? this.properties : this.properties[property], other.logicalId);
  }

  private at(path: string): any {
    return path.split('.').reduce<any>((value, name) => value?.[name], this.properties);
  }
}

function hasReference(value: unknown, logicalId: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { Ref: reference, 'Fn::GetAtt': attribute } = value as Properties;
  return reference === logicalId || attribute?.[0] === logicalId || Object.values(value).some(each => hasReference(each, logicalId));
}

/** Every resource under these constructs once, as it will be in its template, in the tree's order. */
export function templateResources(scopes: IConstruct[]): TemplateResource[] {
  const resources = new Set(scopes.flatMap(scope => scope.node.findAll()).filter(each => CfnResource.isCfnResource(each)));
  return [...resources].flatMap(resource => {
    const template = templateOf(resource);
    return template ? [new TemplateResource(resource, template)] : [];
  });
}

/** A resource as its template has it. */
interface Template {
  readonly Properties?: Properties;
  readonly Condition?: string;
}

/** From what CDK itself writes templates with: nothing public has overrides and late values in it. Nothing where the template leaves it out. */
function templateOf(resource: CfnResource): Template | undefined {
  const internal = resource as unknown as { _toCloudFormation(): object };
  const { Resources: resources = {} } = resource.stack.resolve(internal._toCloudFormation());
  return Object.values<Template>(resources)[0];
}

/** A pattern's blocks are two below the stack, a block by itself is one below it. */
function blockOf(resource: CfnResource): string {
  const around = resource.node.scopes.slice(resource.node.scopes.lastIndexOf(resource.stack) + 1, -1);
  return (around[1] ?? around[0] ?? resource).node.path;
}

/** The region of its prices, unless only the deployment knows it. */
export function regionOf({ stack: { region } }: TemplateResource): string | undefined {
  return Token.isUnresolved(region) ? undefined : region;
}
