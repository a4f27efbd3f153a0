import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { ReportError } from './report-error';
import { type Properties, TemplateResource, type ResourceFacts, type ResourceStack } from '../../cost/estimate/template-resource';
import { REPORT_METADATA, type ReportFacts } from '../../report-facts';

/** A finding that somebody has accepted. */
export interface Acknowledgement {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

/** A stack as it is in the assembly; nested ones are stacks of their own. */
export interface AssemblyStack extends ResourceStack {
  /** Path in the construct tree. */
  readonly path: string;
  /** Path of its stage; empty without one. */
  readonly stage: string;
  /** Undefined where only the deployment knows it. */
  readonly account?: string;
  /** Names of the stacks that are deployed before. */
  readonly needs: readonly string[];
  /** Version of the bootstrap stack that deploying it needs, and the parameter of Systems Manager that has the one which is there. */
  readonly bootstrapVersion?: number;
  readonly bootstrapParameter?: string;
  readonly parameters: Parameters;
  /** The stack around it, and the resource there that stands for it. */
  readonly parent?: AssemblyStack;
  readonly nestedAs?: string;
  readonly outputs: Outputs;
  readonly resources: AssemblyResource[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly facts: ReadonlyMap<string, ReportFacts>;
}

/** A resource with what is beside its properties. */
export class AssemblyResource extends TemplateResource {
  /** Path of the construct that stands for it: without the `Resource` that CDK puts below. */
  public readonly construct: string;
  public readonly dependsOn: readonly string[];

  constructor(facts: ResourceFacts, public readonly home: AssemblyStack, template: Template) {
    super(facts);
    this.construct = facts.path.replace(/\/(Resource|Default)$/, '');
    this.dependsOn = [template.DependsOn ?? []].flat();
  }
}

interface Template {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly Condition?: string;
  readonly DependsOn?: string | string[];
  readonly Metadata?: { readonly [name: string]: unknown };
}

/** Outputs of a template, some of which other stacks import. */
export type Outputs = { readonly [id: string]: { readonly Value?: unknown; readonly Export?: { readonly Name?: unknown } } };

/** Parameters of a template. */
export type Parameters = { readonly [name: string]: { readonly Type?: string; readonly Default?: unknown } };

interface MetadataEntry {
  readonly type: string;
  readonly data?: unknown;
}

interface TemplateFile {
  readonly Resources?: { readonly [id: string]: Template };
  readonly Outputs?: Outputs;
  readonly Parameters?: Parameters;
}

type StackMetadata = { readonly [path: string]: readonly MetadataEntry[] };

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly dependencies?: readonly string[];
  readonly metadata?: StackMetadata;
  readonly additionalMetadataFile?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly directoryName?: string;
    readonly file?: string;
    readonly requiresBootstrapStackVersion?: number;
    readonly bootstrapStackVersionSsmParameter?: string;
  };
}

/** Every stack of the assembly, those of stages in it and nested ones too, in the order in which they are deployed. */
export function readAssembly(folder: string): AssemblyStack[] {
  return inOrder(readManifest(folder));
}

/** The same, in the order of the app. */
export function readManifest(folder: string): AssemblyStack[] {
  const fix = 'run "npx cdk synth" first, or name the folder that it writes to';
  if (!existsSync(folder)) throw new ReportError(`there is no folder ${folder}: ${fix}`);
  if (!existsSync(join(folder, 'manifest.json'))) throw new ReportError(`${folder} is no cloud assembly, because it has no manifest.json: ${fix}`);
  return stacksOf(folder, '');
}

function stacksOf(folder: string, stage: string): AssemblyStack[] {
  const { artifacts = {} } = readJson<{ artifacts?: { [id: string]: Artifact } }>(join(folder, 'manifest.json'), 'the manifest');
  const found = Object.entries(artifacts).filter(isStack).map(([id, artifact]) => (
    { id, artifact, metadata: metadataOf(folder, artifact), name: artifact.properties?.stackName ?? id }));
  const names = new Map(found.map(({ id, name }) => [id, name]));
  // What is beside a stack, such as in us-east-1, repeats the names of its compositions.
  const compositions = new Set(found.flatMap(({ id, artifact, metadata }) => compositionsIn(metadata, pathOf(id, artifact))));
  const templates = templateAssets(folder, Object.values(artifacts));
  const stacks = new Map(found.map(({ id, artifact, metadata }) => [id, stackOf(folder, id, artifact, metadata, {
    stage, compositions, templates, needs: (artifact.dependencies ?? []).flatMap(need => names.get(need) ?? []),
  })]));
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    const { directoryName } = artifact.properties ?? {};
    if (artifact.type !== 'cdk:cloud-assembly' || !directoryName) return stacks.get(id) ?? [];
    return stacksOf(join(folder, directoryName), artifact.displayName ?? id.replace(/^assembly-/, ''));
  });
}

/** Nested templates are uploaded as other files are, and are named by their hash. */
function templateAssets(folder: string, artifacts: readonly Artifact[]): Map<string, string> {
  const files = artifacts.flatMap(({ type, properties }) => type === 'cdk:asset-manifest' && properties?.file ? [properties.file] : []);
  return new Map(files.flatMap(file => {
    const { files: assets = {} } = readJson<{ files?: { [hash: string]: { source?: { path?: string } } } }>(join(folder, file), 'the list of assets');
    return Object.entries(assets).flatMap(([hash, { source }]): [string, string][] => source?.path ? [[hash, join(folder, source.path)]] : []);
  }));
}

function metadataOf(folder: string, { metadata, additionalMetadataFile }: Artifact): StackMetadata {
  return { ...metadata, ...additionalMetadataFile ? readJson<StackMetadata>(join(folder, additionalMetadataFile), 'the metadata') : {} };
}

function pathOf(id: string, { displayName = id }: Artifact): string {
  return displayName.replace(/ \(.*\)$/, '');
}

/** Paths below the stack. */
function compositionsIn(metadata: StackMetadata, stack: string): string[] {
  return [...factsOf(metadata)].filter(([, { composes }]) => composes).map(([path]) => path.slice(stack.length + 1));
}

function isStack([, { type }]: [string, Artifact]): boolean {
  return type === 'aws:cloudformation:stack';
}

interface StackContext {
  readonly stage: string;
  readonly needs: readonly string[];
  /** Paths below their stack of what only composes blocks. */
  readonly compositions: ReadonlySet<string>;
  /** Files of templates by their hash. */
  readonly templates: ReadonlyMap<string, string>;
}

function stackOf(folder: string, id: string, artifact: Artifact, metadata: StackMetadata, context: StackContext): AssemblyStack[] {
  const [account, region] = (artifact.environment ?? '').replace('aws://', '').split('/');
  const { templateFile, stackName = id, requiresBootstrapStackVersion, bootstrapStackVersionSsmParameter } = artifact.properties ?? {};
  if (templateFile === undefined) throw new ReportError(`the manifest in ${folder} names no template of ${id}: synthesize again`);
  const { stage, needs } = context;
  return withNested(join(folder, templateFile), metadata, context, {
    name: stackName,
    path: pathOf(id, artifact),
    stage,
    account: known(account),
    region: known(region),
    needs,
    bootstrapVersion: requiresBootstrapStackVersion,
    bootstrapParameter: bootstrapStackVersionSsmParameter,
    acknowledgements: acknowledgementsOf(metadata),
    facts: factsOf(metadata),
  });
}

function known(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value.startsWith('unknown-') ? undefined : value;
}

/** The stack, and behind it those that its template nests. */
function withNested(file: string, metadata: StackMetadata, context: StackContext, about: Omit<AssemblyStack, 'resources' | 'outputs' | 'parameters'>): AssemblyStack[] {
  const { Resources: templates = {}, Outputs: outputs = {}, Parameters: parameters = {} } = readJson<TemplateFile>(file, 'the template');
  const paths = pathsOf(metadata, about.path);
  const stack: AssemblyStack = { ...about, outputs, parameters, resources: [] };
  const nested: AssemblyStack[] = [];
  for (const [logicalId, template] of Object.entries(templates)) {
    if (template.Type === 'AWS::CDK::Metadata') continue;
    const path = paths.get(logicalId) ?? String(template.Metadata?.['aws:cdk:path'] ?? `${about.path}/${logicalId}`);
    stack.resources.push(new AssemblyResource({
      path,
      logicalId,
      stack,
      block: blockOf(path, about.path, context.compositions),
      type: template.Type,
      properties: template.Properties ?? {},
      isConditional: template.Condition !== undefined,
    }, stack, template));
    const nestedFile = template.Type === 'AWS::CloudFormation::Stack' && context.templates.get(/[0-9a-f]{64}/.exec(JSON.stringify(template.Properties))?.[0] ?? '');
    if (!nestedFile) continue;
    const inner = path.replace(/\.NestedStack\/[^/]+$/, '');
    nested.push(...withNested(nestedFile, metadata, context, {
      ...about, name: `${about.name}/${inner.split('/').pop()}`, path: inner, needs: [], acknowledgements: [], facts: new Map(), parent: stack, nestedAs: logicalId,
    }));
  }
  return [stack, ...nested];
}

/** Paths by logical id. What a nested stack has is below its own path, and has ids of its own. */
function pathsOf(metadata: StackMetadata, below: string): Map<string, string> {
  const entries = Object.entries(metadata).filter(([path]) => path.startsWith(`/${below}/`)).sort(([a], [b]) => b.length - a.length);
  return new Map(entries.flatMap(([path, data]) => data.filter(({ type }) => type === 'aws:cdk:logicalId').map(entry => [String(entry.data), path.slice(1)])));
}

/** The first construct below the stack that is more than a composition of others. */
function blockOf(path: string, stack: string, compositions: ReadonlySet<string>): string {
  if (!path.startsWith(`${stack}/`)) return path;
  const names = path.slice(stack.length + 1).split('/');
  const around = names.map((_, index) => names.slice(0, index + 1).join('/'));
  const block = around.slice(0, -1).find(each => !compositions.has(each));
  return block === undefined ? path : `${stack}/${block}`;
}

function acknowledgementsOf(metadata: StackMetadata): Acknowledgement[] {
  return Object.entries(metadata).flatMap(([path, entries]) => entries
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }) => Object.entries(data as { [rule: string]: string }).map(([rule, reason]) => ({ path: path.slice(1), rule: rule.replace('annotation::', ''), reason }))));
}

function factsOf(metadata: StackMetadata): Map<string, ReportFacts> {
  return new Map(Object.entries(metadata).flatMap(([path, entries]) => entries
    .filter(({ type }) => type === REPORT_METADATA)
    .map(({ data }) => [path.slice(1), JSON.parse(String(data)) as ReportFacts])));
}

/** Those that others wait for first; the manifest's order otherwise. */
function inOrder(stacks: AssemblyStack[]): AssemblyStack[] {
  const byName = new Map(stacks.map(stack => [stack.name, stack]));
  const depths = new Map<AssemblyStack, number>();
  const depth = (stack: AssemblyStack): number => {
    if (!depths.has(stack)) {
      depths.set(stack, 0);
      const before = stack.needs.flatMap(name => byName.get(name) ?? []).map(need => 1 + depth(need));
      depths.set(stack, Math.max(0, ...before, stack.parent ? depth(stack.parent) : 0));
    }
    return depths.get(stack)!;
  };
  return stacks.map(stack => ({ stack, depth: depth(stack) })).sort((a, b) => a.depth - b.depth).map(({ stack }) => stack);
}

function readJson<T>(file: string, what: string): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new ReportError(`${what} ${file} cannot be read: synthesize again`);
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ReportError(`${what} ${file} is no JSON: synthesize again`);
  }
}
