/** Properties of a resource as the template has them: plain values, or references by logical id. */
export type Properties = { readonly [name: string]: any };

/** Where a resource is deployed. Resources of one stack have the same object. */
export interface ResourceStack {
  readonly name: string;
  /** Undefined where only the deployment knows it. */
  readonly region?: string;
}

/** What is known of a resource, whether it is read from a construct or from a template on disk. */
export interface ResourceFacts {
  /** Path in the construct tree. */
  readonly path: string;
  /** Path of the block that made it. */
  readonly block: string;
  readonly type: string;
  readonly logicalId: string;
  readonly stack: ResourceStack;
  readonly properties: Properties;
  /** Whether it is made only where a condition holds. */
  readonly isConditional: boolean;
}

/** A resource as it is in the template, with its place in the tree. */
export class TemplateResource implements ResourceFacts {
  public readonly path: string;
  public readonly block: string;
  public readonly type: string;
  public readonly logicalId: string;
  public readonly stack: ResourceStack;
  public readonly properties: Properties;
  public readonly isConditional: boolean;
  /** What the estimate assumed because only the deployment knows it. */
  public readonly assumptions = new Set<string>();

  constructor(facts: ResourceFacts) {
    this.path = facts.path;
    this.block = facts.block;
    this.type = facts.type;
    this.logicalId = facts.logicalId;
    this.stack = facts.stack;
    this.properties = facts.properties;
    this.isConditional = facts.isConditional;
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

/** The names of the constructs around a resource, below its stack. A pattern's blocks are two below the stack, a block by itself is one below it. */
export function blockOf(around: readonly string[]): string | undefined {
  return around[1] ?? around[0];
}

/** The region of its prices, unless only the deployment knows it. */
export function regionOf({ stack: { region } }: TemplateResource): string | undefined {
  return region;
}
