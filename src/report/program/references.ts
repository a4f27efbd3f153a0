import type { AssemblyResource, AssemblyStack } from './assembly';

type Intrinsic = { readonly [name: string]: unknown };

/** Finds the resources that values refer to: of the same stack, of the stack around it, of one nested in it, and of others by their exports. */
export class ResourceIndex {
  private readonly byStack = new Map<AssemblyStack, Map<string, AssemblyResource>>();
  private readonly exports = new Map<string, { readonly stack: AssemblyStack; readonly value: unknown }>();
  private readonly known = new Map<AssemblyResource, AssemblyResource[]>();

  constructor(private readonly stacks: readonly AssemblyStack[]) {
    for (const stack of stacks) {
      this.byStack.set(stack, new Map(stack.resources.map(resource => [resource.logicalId, resource])));
      for (const { Export: exported, Value: value } of Object.values(stack.outputs)) {
        if (exported) this.exports.set(inWords(exported.Name), { stack, value });
      }
    }
  }

  /** Everything that a resource refers to, itself left out. */
  public referencesOf(resource: AssemblyResource): AssemblyResource[] {
    if (!this.known.has(resource)) this.known.set(resource, this.find(resource.properties, resource.home).filter(other => other !== resource));
    return this.known.get(resource)!;
  }

  /** The resources that a value of this stack refers to. */
  public find(value: unknown, stack: AssemblyStack): AssemblyResource[] {
    const found = new Set<AssemblyResource>();
    this.collect(value, stack, found);
    return [...found];
  }

  private collect(value: unknown, stack: AssemblyStack, found: Set<AssemblyResource>): void {
    if (typeof value !== 'object' || value === null) return;
    const { 'Ref': ref, 'Fn::GetAtt': attribute, 'Fn::Sub': sub, 'Fn::ImportValue': imported } = value as Intrinsic;
    if (typeof ref === 'string') return this.byId(ref, stack, found);
    if (attribute) return this.attribute([attribute].flat().join('.').split('.'), stack, found);
    const exported = imported === undefined ? undefined : this.exports.get(inWords(imported));
    if (exported) return this.collect(exported.value, exported.stack, found);
    if (sub) for (const [, id] of JSON.stringify(sub).matchAll(/\$\{([A-Za-z0-9]+)[.}]/g)) this.byId(id, stack, found);
    for (const part of Object.values(value)) this.collect(part, stack, found);
  }

  private byId(id: string, stack: AssemblyStack, found: Set<AssemblyResource>): void {
    const resource = this.byStack.get(stack)?.get(id);
    if (resource) found.add(resource);
    // A nested stack knows what is outside by parameters.
    const given = stack.parent && this.byStack.get(stack.parent)?.get(stack.nestedAs!)?.properties.Parameters?.[id];
    if (given) this.collect(given, stack.parent!, found);
  }

  private attribute([id, kind, output]: string[], stack: AssemblyStack, found: Set<AssemblyResource>): void {
    const nested = kind === 'Outputs' && this.stacks.find(each => each.parent === stack && each.nestedAs === id);
    if (nested) this.collect(nested.outputs[output]?.Value, nested, found);
    else this.byId(id, stack, found);
  }
}

/** A value as a person reads it: `<Name>` stands for what only the deployment knows. */
export function inWords(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(inWords).join(', ');
  const [[kind, part] = ['', '']] = Object.entries(value as Intrinsic);
  if (kind === 'Ref') return `<${String(part)}>`;
  if (kind === 'Fn::GetAtt') return `<${[part].flat().join('.')}>`;
  if (kind === 'Fn::Join' && Array.isArray(part)) return (part[1] as unknown[]).map(inWords).join(String(part[0]));
  if (kind === 'Fn::Sub') return String([part].flat()[0]).replace(/\$\{([^}]+)\}/g, '<$1>');
  if (kind === 'Fn::ImportValue') return `<${inWords(part)}>`;
  return JSON.stringify(value);
}
