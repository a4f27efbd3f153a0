import { createHash } from 'crypto';
import { readFileSync } from 'fs';
import { join } from 'path';
import { CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { GuardedResource } from './stateful-guard-lock';
import { guardedProperties, isChangedInPlace, SUPPORTING_TYPES, updatePolicy, versionProperty } from './stateful-guard-types';

/** A guarded resource as the app has it now. */
export interface PresentResource extends GuardedResource {
  /** Properties that its UpdatePolicy lets CloudFormation change in place. */
  readonly updatable: ReadonlySet<string>;
  /** Whether RDS upgrades its minor version by itself while the template pins one. */
  readonly pinned: boolean;
}

/** A stack as the app has it now. */
export interface PresentStack {
  readonly stackName: string;
  readonly resources: ReadonlyMap<string, PresentResource>;
  /** Types of all its resources by logical id. */
  readonly types: ReadonlyMap<string, string>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: unknown };
  readonly Condition?: string;
  readonly UpdatePolicy?: { readonly [name: string]: unknown };
}
interface TemplateResources { readonly [logicalId: string]: TemplateResource }

const LONGEST_VALUE = 160;
const PRIVATE_PROPERTIES = /password|secret|token|credential|username|auth/i;

/** Guarded resources of all stacks under a construct, from their templates: resolved, with every escape hatch applied. */
export function takeInventory(scope: IConstruct, guardedTypes: ReadonlySet<string>): Map<string, PresentStack> {
  const stacks = scope.node.findAll().filter(construct => Stack.isStack(construct));
  return new Map(stacks.map(stack => [stack.node.path, presentStack(stack, guardedTypes)]));
}

function presentStack(stack: Stack, guardedTypes: ReadonlySet<string>): PresentStack {
  const template = JSON.parse(readFileSync(join(Stage.of(stack)!.outdir, stack.templateFile), 'utf8')) as { readonly Resources?: TemplateResources };
  const all = template.Resources ?? {};
  const guarded = Object.entries(all).filter(([, { Type }]) => guardedTypes.has(Type));
  const paths = guarded.length > 0 ? pathsOf(stack, guardedTypes) : new Map<string, string>();
  return {
    stackName: nameOf(stack),
    types: new Map(Object.entries(all).map(([logicalId, { Type }]) => [logicalId, Type])),
    resources: new Map(guarded.map(([logicalId, resource]) => {
      // A template that was included as a whole has no constructs.
      return [logicalId, presentResource(resource, paths.get(logicalId) ?? `${stack.node.path}/${logicalId}`, all)];
    })),
  };
}

/** A nested stack is known by the resource that it is in its parent: with another one come other resources. */
function nameOf(stack: Stack): string {
  const parent = stack.nestedStackParent;
  return parent ? `${nameOf(parent)}/${parent.resolve(stack.nestedStackResource!.logicalId)}` : stack.stackName;
}

function pathsOf(stack: Stack, guardedTypes: ReadonlySet<string>): Map<string, string> {
  const resources = stack.node.findAll().filter(CfnResource.isCfnResource)
    .filter(resource => resource.stack === stack && guardedTypes.has(resource.cfnResourceType));
  return new Map(resources.map(resource => [stack.resolve(resource.logicalId) as string, resource.node.path]));
}

function presentResource(resource: TemplateResource, path: string, all: TemplateResources): PresentResource {
  const type = resource.Type;
  const createOnly = new Map(guardedProperties(type).flatMap(property => {
    const value = valueAt(resource.Properties, property);
    if (value === undefined) return [];
    const shown = isChangedInPlace(type, property) ? 'present' : rendered(property, value);
    return [[property, shown] as const, ...supporting(property, value, all)];
  }));
  if (resource.Condition) createOnly.set('Condition', resource.Condition);
  const version = valueAt(resource.Properties, versionProperty(type) ?? '');
  return {
    type,
    path,
    createOnly,
    version: typeof version === 'string' || typeof version === 'number' ? String(version) : undefined,
    updatable: new Set([...createOnly.keys()].filter(property => resource.UpdatePolicy?.[updatePolicy(type, property) ?? ''] === true)),
    pinned: type === 'AWS::RDS::DBInstance' && isPinned(resource, all),
  };
}

/** A create-only property of what this refers to: when that is replaced, so is this. */
function supporting(property: string, value: unknown, all: TemplateResources): [string, unknown][] {
  const target = (value as { readonly Ref?: string } | null)?.Ref;
  const resource = target === undefined || !Object.hasOwn(all, target) ? undefined : all[target];
  if (!resource || !SUPPORTING_TYPES.includes(resource.Type)) return [];
  return guardedProperties(resource.Type).flatMap(name => {
    const below = valueAt(resource.Properties, name);
    return below === undefined ? [] : [[`${property} > ${name}`, rendered(name, below)] as [string, unknown]];
  });
}

/** The version, of the cluster where the instance is in one, with the minor that RDS moves by itself. @see https://github.com/aws/aws-cdk/issues/15475 */
function isPinned({ Properties = {} }: TemplateResource, all: TemplateResources): boolean {
  if (String(Properties.AutoMinorVersionUpgrade ?? true) !== 'true') return false;
  const cluster = (Properties.DBClusterIdentifier as { readonly Ref?: string } | undefined)?.Ref;
  const { Engine, EngineVersion } = (cluster === undefined ? Properties : all[cluster]?.Properties) ?? {};
  // Of MySQL and MariaDB 8.0 or 11.4 is the major version.
  const major = /mysql|mariadb/.test(String(Engine)) ? 2 : 1;
  return typeof EngineVersion === 'string' && EngineVersion.split('.').length > major;
}

function valueAt(properties: unknown, path: string): unknown {
  let value = properties;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [name: string]: unknown })[name];
  }
  return (value as { readonly Ref?: string } | null)?.Ref === 'AWS::NoValue' ? undefined : value ?? undefined;
}

/** Readable where that is short and no secret. Numbers and booleans as text: to CloudFormation 5432 and '5432' are the same. */
function rendered(property: string, value: unknown): unknown {
  const text = canonical(value);
  if (text.length > LONGEST_VALUE || PRIVATE_PROPERTIES.test(property)) {
    return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  }
  return JSON.parse(text);
}

/** The same text for the same value, in whatever order its keys were written. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(String(value));
  return `{${Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join()}}`;
}
