/** One resource of a synthesized template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Properties;
}

export interface Template {
  readonly Resources: { readonly [logicalId: string]: TemplateResource };
}

/** Properties as the template has them, with references in them. */
export interface Properties { readonly [name: string]: unknown }

/** `{ Ref: … }`, `{ 'Fn::GetAtt': […] }` and whatever else only the deployed stack can answer. */
export interface Reference { readonly [intrinsic: string]: unknown }

/** Answers references of the template with the values of the deployed stack. */
export type Resolve = (reference: Reference) => string | Promise<string>;

/** A value of the template with every reference in it answered. */
export async function evaluate(value: unknown, resolve: Resolve): Promise<unknown> {
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map((item) => evaluate(item, resolve)));
    return items.filter((item) => item !== undefined);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value);
  if (entries.length === 1 && (entries[0][0] === 'Ref' || entries[0][0].startsWith('Fn::'))) {
    return intrinsic(value as Reference, resolve);
  }
  const evaluated = await Promise.all(entries.map(async ([name, item]) => [name, await evaluate(item, resolve)] as const));
  return Object.fromEntries(evaluated.filter(([, item]) => item !== undefined));
}

/** Like `evaluate`, for what has to be a string. */
export async function evaluateString(value: unknown, resolve: Resolve): Promise<string> {
  const evaluated = await evaluate(value, resolve);
  if (typeof evaluated !== 'string') {
    throw new Error(`${JSON.stringify(value)} is ${JSON.stringify(evaluated)}, and should be a string`);
  }
  return evaluated;
}

/** Ids of the resources of a type, in the order of the template. */
export function logicalIds(template: Template, type: string): string[] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type).map(([logicalId]) => logicalId);
}

/** The resource of the template that a Ref or a GetAtt names. */
export function referredTo(reference: unknown): string | undefined {
  const { Ref: ref, 'Fn::GetAtt': attribute } = (reference ?? {}) as { 'Ref'?: string; 'Fn::GetAtt'?: string | string[] };
  const [logicalId] = typeof attribute === 'string' ? attribute.split('.') : attribute ?? [];
  return ref ?? logicalId;
}

async function intrinsic(reference: Reference, resolve: Resolve): Promise<unknown> {
  const [name, argument] = Object.entries(reference)[0];
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? undefined : resolve(reference);
    case 'Fn::Join': {
      const [separator, items] = argument as [string, unknown];
      return (await evaluate(items, resolve) as string[]).join(separator);
    }
    case 'Fn::Split': {
      const [separator, text] = argument as [string, unknown];
      return (await evaluateString(text, resolve)).split(separator);
    }
    case 'Fn::Select': {
      const [index, items] = argument as [number | string, unknown];
      return (await evaluate(items, resolve) as unknown[])[Number(index)];
    }
    case 'Fn::Sub':
      return substitute(argument as string | [string, Properties], resolve);
    default:
      return resolve(reference);
  }
}

async function substitute(argument: string | [string, Properties], resolve: Resolve): Promise<string> {
  const [text, variables] = typeof argument === 'string' ? [argument, {}] : argument;
  const parts = text.split(/\$\{([^}]+)\}/);
  const answered = await Promise.all(parts.map((part, index) => index % 2 === 0 ? part : variable(part, variables, resolve)));
  return answered.join('');
}

function variable(name: string, variables: Properties, resolve: Resolve): string | Promise<string> {
  if (name.startsWith('!')) {
    return `\${${name.slice(1)}}`;
  }
  if (name in variables) {
    return evaluateString(variables[name], resolve);
  }
  const [logicalId, ...attribute] = name.split('.');
  return resolve(attribute.length > 0 ? { 'Fn::GetAtt': [logicalId, attribute.join('.')] } : { Ref: name });
}
