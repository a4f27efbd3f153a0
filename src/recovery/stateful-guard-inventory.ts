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
  /** Whether it is an instance of a cluster, which keeps the state: instances come and go. */
  readonly member: boolean;
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
  return new Map(stacksUnder(scope).map(stack => [stack.node.path, presentStack(stack, guardedTypes)]));
}

/**
 * Whether the CLI has yet to look something up, such as a VPC, and will synthesize again: the templates have made-up values until then.
 * CDK tells this to no construct; a test holds that it still keeps it here.
 */
export function awaitsLookups(root: IConstruct): boolean {
  return stacksUnder(root).some(stack => ((stack as unknown as { readonly _missingContext?: unknown[] })._missingContext ?? []).length > 0);
}

function stacksUnder(scope: IConstruct): Stack[] {
  return scope.node.findAll().filter(construct => Stack.isStack(construct));
}

function presentStack(stack: Stack, guardedTypes: ReadonlySet<string>): PresentStack {
  const template = JSON.parse(readFileSync(join(Stage.of(stack)!.outdir, stack.templateFile), 'utf8')) as { readonly Resources?: TemplateResources };
  const all = template.Resources ?? {};
  const guarded = Object.entries(all).filter(([, { Type }]) => guardedTypes.has(Type));
  const paths = guarded.length > 0 ? pathsOf(stack, guardedTypes) : new Map<string, string>();
  return {
    stackName: nameOf(stack),
    types: new Map(Object.entries(all).map(([logicalId, { Type }]) => [logicalId, Type])),
    resources: new Map(guarded.map(([logicalId]) => {
      // A template that was included as a whole has no constructs.
      return [logicalId, presentResource(logicalId, paths.get(logicalId) ?? `${stack.node.path}/${logicalId}`, all)];
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

function presentResource(logicalId: string, path: string, all: TemplateResources): PresentResource {
  const resource = all[logicalId];
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
    pinned: isPinned(logicalId, all),
    member: isMember(resource),
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

function isMember({ Type, Properties }: TemplateResource): boolean {
  return Type === 'AWS::RDS::DBInstance' && valueAt(Properties, 'DBClusterIdentifier') !== undefined;
}

/** Where the version of a database, or of a cluster with such instances, has the minor that RDS moves by itself. */
function isPinned(logicalId: string, all: TemplateResources): boolean {
  const { Type, Properties } = all[logicalId];
  const instances = Type === 'AWS::RDS::DBCluster'
    ? Object.values(all).filter(each => isMember(each) && valueAt(each.Properties, 'DBClusterIdentifier.Ref') === logicalId)
    : [all[logicalId]].filter(each => each.Type === 'AWS::RDS::DBInstance');
  if (instances.every(instance => String(valueAt(instance.Properties, 'AutoMinorVersionUpgrade') ?? true) !== 'true')) return false;
  // Of MySQL and MariaDB 8.0 or 11.4 is the major version.
  const major = /mysql|mariadb/.test(String(valueAt(Properties, 'Engine'))) ? 2 : 1;
  const version = valueAt(Properties, 'EngineVersion');
  return typeof version === 'string' && version.split('.').length > major;
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
