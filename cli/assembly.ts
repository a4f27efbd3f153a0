import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { PlatformError } from '../src/errors';

type Json = { readonly [name: string]: any };

/** Where a stack is deployed; what is left out is only known at deployment. */
export interface Place {
  readonly account?: string;
  readonly region?: string;
}

/** A resource of a template. */
export interface AssemblyResource {
  readonly logicalId: string;
  /** Its place in the construct tree; its logical id where the template does not say. */
  readonly path: string;
  readonly type: string;
  readonly properties: Json;
  readonly condition?: string;
}

/** A template, and those of its nested stacks. */
export interface AssemblyTemplate {
  /** Place of the stack in the construct tree. */
  readonly path: string;
  readonly resources: AssemblyResource[];
  readonly content: Json;
  readonly nested: AssemblyTemplate[];
}

/** A stack of an assembly, as its manifest describes it. */
export interface AssemblyStack extends Place {
  readonly path: string;
  readonly name: string;
  readonly template: AssemblyTemplate;
  /** Version of the bootstrap stack that deploying it needs. */
  readonly bootstrapVersion?: number;
  /** Parameter of Systems Manager that has the version which is there. */
  readonly bootstrapParameter?: string;
}

/** The stacks of a cloud assembly, stages included: what `cdk synth` wrote. */
export function readAssembly(directory: string, where: string): AssemblyStack[] {
  if (!existsSync(join(directory, 'manifest.json'))) {
    throw new PlatformError(where, {
      problem: 'there is no cloud assembly.',
      got: `${directory}, ${existsSync(directory) ? 'a folder without manifest.json' : 'which does not exist'}`,
      allowed: 'the folder that cdk synth writes, such as cdk.out',
      fix: 'run npx cdk synth, or leave --app out in the folder of your cdk.json',
    });
  }
  return stacksOf(directory, where);
}

/** All resources of a stack, those of nested stacks included. */
export function allResources({ template }: AssemblyStack): AssemblyResource[] {
  const below = (each: AssemblyTemplate): AssemblyResource[] => [...each.resources, ...each.nested.flatMap(below)];
  return below(template);
}

function stacksOf(directory: string, where: string): AssemblyStack[] {
  const { artifacts = {} } = readJson(join(directory, 'manifest.json'), where);
  const assets = assetsIn(directory, Object.values<Json>(artifacts), where);
  return Object.entries<Json>(artifacts).flatMap(([id, artifact]) => {
    const { type, properties = {} } = artifact;
    if (type === 'cdk:cloud-assembly') return stacksOf(join(directory, properties.directoryName), where);
    return type === 'aws:cloudformation:stack' ? [stackOf({ directory, assets, where, paths: new Map() }, id, artifact)] : [];
  });
}

function stackOf(source: Source, id: string, { environment, properties, displayName, metadata, additionalMetadataFile }: Json): AssemblyStack {
  const { directory, where } = source;
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment ?? '') ?? [];
  // A stack in a stage is displayed as "Stage/Stack (name)".
  const path = (displayName ?? id).replace(/ \(.*\)$/, '');
  const additional = additionalMetadataFile === undefined ? {} : readJson(join(directory, additionalMetadataFile), where);
  return {
    path,
    name: properties.stackName ?? id,
    account: known(account, 'unknown-account'),
    region: known(region, 'unknown-region'),
    template: templateOf({ ...source, paths: pathsIn({ ...metadata, ...additional }) }, properties.templateFile, path),
    bootstrapVersion: properties.requiresBootstrapStackVersion,
    bootstrapParameter: properties.bootstrapStackVersionSsmParameter,
  };
}

/** Where resources are in the construct tree, by their logical ids: an app that runs without the CDK CLI says it in the manifest alone. */
function pathsIn(metadata: Json): Map<string, string> {
  const entries = Object.entries<Json[]>(metadata).flatMap(([path, values]) => values.map(value => ({ path: path.slice(1), ...value })));
  return new Map(entries.filter(entry => (entry as Json).type === 'aws:cdk:logicalId').map(entry => [(entry as Json).data, entry.path]));
}

/** Files by their hashes, which nested stacks are named by. */
function assetsIn(directory: string, artifacts: Json[], where: string): Map<string, string> {
  const manifests = artifacts.filter(({ type }) => type === 'cdk:asset-manifest').map(({ properties }) => readJson(join(directory, properties.file), where));
  return new Map(manifests.flatMap(({ files = {} }) => Object.entries<Json>(files).map(([hash, { source }]) => [hash, source.path])));
}

/** What reading the templates of one stack needs. */
interface Source {
  readonly directory: string;
  readonly assets: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, string>;
  readonly where: string;
}

function templateOf(source: Source, file: string, path: string): AssemblyTemplate {
  const { directory, assets, paths, where } = source;
  const content = readJson(join(directory, file), where);
  const resources = Object.entries<Json>(content.Resources ?? {}).map(([logicalId, resource]): AssemblyResource => ({
    logicalId,
    path: resource.Metadata?.['aws:cdk:path'] ?? paths.get(logicalId) ?? `${path}/${logicalId}`,
    type: resource.Type,
    properties: resource.Properties ?? {},
    condition: resource.Condition,
  }));
  const nested = resources.filter(({ type }) => type === 'AWS::CloudFormation::Stack').flatMap(resource => {
    const hashes = JSON.stringify(resource.properties.TemplateURL ?? '').match(/[0-9a-f]{64}/g) ?? [];
    const [asset] = hashes.flatMap(hash => assets.get(hash) ?? []);
    // Logical ids are unique in a template only: those of the stack around it say nothing of this one's.
    return asset === undefined ? [] : [templateOf({ ...source, paths: new Map() }, asset, resource.path.replace(/\.NestedStack\/.*$/, ''))];
  });
  return { path, resources, content, nested };
}

function known(value: string | undefined, unknown: string): string | undefined {
  return value === unknown ? undefined : value;
}

function readJson(file: string, where: string): Json {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PlatformError(where, {
      problem: 'a file of the cloud assembly cannot be read.',
      got: `${file}: ${(error as Error).message}`,
      allowed: 'an assembly as cdk synth wrote it',
      fix: 'run npx cdk synth again',
    });
  }
}
