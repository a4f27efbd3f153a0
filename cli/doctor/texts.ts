import type { AssemblyStack } from '../../src/report/program/assembly';
import type { AssemblyResource, Place } from '../assembly';

/** What stands for a value that only the deployment knows. */
const LATER = '\u0000';

/** All texts of the templates' resources, with joins made and pseudo parameters filled in. Policies are left out: what may be read need not be there. */
export function textsOf(resources: readonly Pick<AssemblyResource, 'type' | 'properties'>[], place: Place): Set<string> {
  const texts = new Set<string>();
  for (const { type, properties } of resources) if (!type.startsWith('AWS::IAM::')) collect(properties, place, texts);
  return texts;
}

/** Parameters of Systems Manager that CloudFormation reads for a template: their names by the types that say so. */
export function parametersReadBy({ parameters }: Pick<AssemblyStack, 'parameters'>): string[] {
  const names = Object.entries(parameters)
    .filter(([name, { Type: type = '' }]) => name !== 'BootstrapVersion' && type.startsWith('AWS::SSM::Parameter::Value'))
    .map(([, { Default: value }]) => value)
    .filter(value => typeof value === 'string');
  return [...new Set(names)] as string[];
}

function collect(value: unknown, place: Place, texts: Set<string>): void {
  const text = textOf(value, place);
  if (text !== undefined) {
    texts.add(text);
    return;
  }
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) collect(each, place, texts);
}

/** The text that a value is at deployment, as far as it is known. */
export function textOf(value: any, place: Place): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if ('Ref' in value) return pseudo(value.Ref, place);
  const join = value['Fn::Join'];
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(part => textOf(part, place) ?? LATER).join(join[0]);
  const sub = value['Fn::Sub'];
  if (typeof sub === 'string') return sub.replace(/\$\{([^!}][^}]*)\}/g, (_, name) => pseudo(name, place));
  return undefined;
}

function pseudo(name: string, { account, region }: Place): string {
  const known: { readonly [name: string]: string | undefined } = {
    'AWS::AccountId': account, 'AWS::Region': region, 'AWS::Partition': partitionOf(region), 'AWS::URLSuffix': region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
  return known[name] ?? LATER;
}

function partitionOf(region = ''): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** A secret that must be there before the deployment, with the fields that are read of it. */
export interface SecretReference {
  readonly id: string;
  readonly fields: readonly string[];
}

/** Secrets that texts name, in dynamic references and in ARNs. Those that a template makes itself have no name yet. */
export function secretsIn(texts: Iterable<string>): SecretReference[] {
  const fields = new Map<string, Set<string>>();
  const add = (id: string, field: string | undefined) => {
    if (/[*\u0000]/.test(id)) return;
    const known = fields.get(id) ?? fields.set(id, new Set()).get(id)!;
    if (field && !field.includes(LATER)) known.add(field);
  };
  for (const text of texts) {
    for (const [, id, field] of text.matchAll(/\{\{resolve:secretsmanager:((?:arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:)?[^:}]+)(?::SecretString:([^:}]*))?[^}]*\}\}/g)) add(nameOf(id), field);
    const outside = text.replace(/\{\{resolve:[^}]*\}\}/g, '');
    for (const [, id, field] of outside.matchAll(/(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:\s"',]+)(?::([^:\s"',]*))?/g)) add(nameOf(id), field);
  }
  return [...fields].map(([id, names]) => ({ id, fields: [...names] }));
}

/** Where it is certain, the name without the characters that Secrets Manager adds: the ARN itself says the rest. */
function nameOf(id: string): string {
  return id.replace(/-\?{6}$/, '');
}

/** Parameters of Systems Manager that texts name in dynamic references and as secrets of containers. */
export function parametersIn(texts: Iterable<string>): string[] {
  const found = [...texts].flatMap(text => [
    ...[...text.matchAll(/\{\{resolve:ssm(?:-secure)?:([^:}]+)/g)].map(([, name]) => name),
    ...[...text.matchAll(/^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/[^:\s]+)$/g)].map(([, name]) => name),
  ]);
  return [...new Set(found)].filter(name => !/[*\u0000]/.test(name));
}
