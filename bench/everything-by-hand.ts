/*
 * Writes what `subject-everything.ts` makes as an app that names each resource, so that there is something of the same size to compare it with:
 *
 *   node everything-by-hand.js <file>
 *
 * It is written anew at each run, so that it always has the very same resources. Nobody wrote it by hand, and no team would write it like this: there is no
 * loop, no metric and no grant in it, only what these have become. What CDK has an L2 for that makes one resource of one type from such values is an L2,
 * and all else is an L1: see `everything-l2s.ts`. An app with more L2s takes longer; this one is the hardest comparison.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { basename, dirname, join } from 'path';
import { App, AssetStaging, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { CONTEXT } from './context';
import { Json, L2S, Properties as JsonProperties, Writer } from './everything-l2s';
import { addStack } from './subject-everything';

interface Resource {
  readonly Type: string;
  readonly Properties?: JsonProperties;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Template {
  readonly Description?: string;
  readonly Resources: { readonly [id: string]: Resource };
  readonly Mappings?: { readonly [id: string]: Json };
  readonly Outputs?: { readonly [id: string]: { readonly Value: Json } };
}

const CLASSES: { readonly [type: string]: string } = JSON.parse(
  readFileSync(join(dirname(require.resolve('aws-cdk-lib/cloudformation-include')), 'cfn-types-2-classes.json'), 'utf8'));
const PSEUDO: { readonly [name: string]: string } = {
  'AWS::AccountId': 'Aws.ACCOUNT_ID',
  'AWS::NoValue': 'Aws.NO_VALUE',
  'AWS::Partition': 'Aws.PARTITION',
  'AWS::Region': 'Aws.REGION',
  'AWS::StackId': 'Aws.STACK_ID',
  'AWS::StackName': 'Aws.STACK_NAME',
  'AWS::URLSuffix': 'Aws.URL_SUFFIX',
};
/** The first bytes of an asset's key, which is its hash. */
const ASSET_KEY = /^([0-9a-f]{64})(\.[a-z]+)?$/;
/** Before a function of CloudFormation's that CfnInclude does not know. */
const UNKNOWN = 'UNKNOWN-';

function main(file: string): void {
  const outdir = mkdtempSync(join(tmpdir(), 'bench-everything-'));
  const app = new App({ outdir, context: CONTEXT, analyticsReporting: false });
  addStack(app, 'Api');
  const { stacks } = app.synth();
  writeFileSync(file, appOf(stacks, filesOfAssets(app, file)));
  rmSync(outdir, { recursive: true });
}

/** Where the files of each asset are, by its hash; what was written for the synthesis alone is kept beside the app. */
function filesOfAssets(app: App, file: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const staging of app.node.findAll().filter(construct => construct instanceof AssetStaging)) {
    const copy = join(dirname(file), `${staging.assetHash.slice(0, 8)}-${basename(staging.sourcePath)}`);
    if (!existsSync(staging.sourcePath)) writeFileSync(copy, readFileSync(staging.absoluteStagedPath));
    files.set(staging.assetHash, existsSync(staging.sourcePath) ? staging.sourcePath : copy);
  }
  return files;
}

function appOf(stacks: CloudFormationStackArtifact[], assets: Map<string, string>): string {
  const names = new Map(stacks.map((stack, index) => [stack.id, `stack${index}`]));
  const parts = stacks.map(stack => new StackWriter(stack, names.get(stack.id)!, assets).written(
    stack.dependencies.flatMap(({ id }) => names.get(id) ?? [])));
  const modules = [...new Set(parts.flatMap(part => [...part.modules]))].sort();
  const home = stacks.find(({ id }) => id === 'Api')!;
  return `"use strict";
const { Aws, CfnMapping, CfnOutput, CustomResource, Duration, Fn, Stack, Token } = require('aws-cdk-lib');
const { Asset } = require('aws-cdk-lib/aws-s3-assets');
${modules.map(name => `const ${identifier(name)} = require('aws-cdk-lib/${name}');`).join('\n')}
exports.addStack = (app, id) => {
${parts.map(part => part.text).join('\n')}
  return ${names.get(home.id)};
};
`;
}

/** Writes the code of one stack. */
class StackWriter {
  private readonly template: Template;
  private readonly modules = new Set<string>();
  /** What was written as an L2. */
  private readonly l2s = new Set<string>();
  private readonly usedAssets = new Map<string, string>();

  constructor(private readonly artifact: CloudFormationStackArtifact, private readonly name: string, private readonly assets: Map<string, string>) {
    this.template = withoutUnknown(artifact.template) as unknown as Template;
  }

  public written(dependencies: string[]) {
    const { name, artifact, template } = this;
    const properties = typedProperties(template);
    const mappings = Object.entries(template.Mappings ?? {}).map(([id, mapping]) => `new CfnMapping(${name}, '${id}', { mapping: ${JSON.stringify(mapping)} });`);
    const resources = inOrder(template).map(id => this.resource(id, properties.get(id)));
    const outputs = Object.entries(template.Outputs ?? {}).map(([id, { Value }]) => `new CfnOutput(${name}, '${id}', { value: ${this.value(Value)} });`);
    const assets = [...this.usedAssets].map(([hash, variable]) => `const ${variable} = new Asset(${name}, '${variable}', { path: ${JSON.stringify(this.assets.get(hash))} });`);
    const options = { env: { region: artifact.environment.region }, description: template.Description };
    const lines = [
      `const ${name} = new Stack(app, id + '${artifact.id.slice('Api'.length)}', ${JSON.stringify(options)});`,
      ...dependencies.map(other => `${name}.addDependency(${other});`),
      ...mappings, ...assets, ...resources, ...outputs,
    ];
    return { text: lines.map(line => `  ${line}`).join('\n'), modules: this.modules };
  }

  private resource(id: string, typed?: Json): string {
    const { Type, DependsOn = [], DeletionPolicy, UpdateReplacePolicy, Properties = {} } = this.template.Resources[id];
    const variable = this.variable(id);
    const dependencies = [DependsOn].flat().map(other => `${variable}.addDependency(${this.variable(other)});`);
    const policies = Object.entries({ deletionPolicy: DeletionPolicy, updateReplacePolicy: UpdateReplacePolicy })
      .filter(([, policy]) => policy).map(([option, policy]) => `${variable}.cfnOptions.${option} = ${JSON.stringify(policy)};`);
    const l2 = L2S[Type]?.(Properties, this.writer(id));
    l2?.modules.forEach(module => this.modules.add(module));
    if (l2) this.l2s.add(id);
    const made = l2
      ? `const ${variable}_l2 = new ${l2.code}; ${l2.then ?? ''} const ${variable} = ${variable}_l2.node.defaultChild;`
      : `const ${variable} = ${this.construct(id, Type, Properties, typed)};`;
    return [made, ...policies, ...dependencies].join(' ');
  }

  private writer(id: string): Writer {
    return {
      place: `${this.name}, '${id}'`,
      scope: this.name,
      l2: `${this.variable(id)}_l2`,
      value: json => this.value(json),
      asset: key => this.assets.get(ASSET_KEY.exec(key)?.[1] ?? ''),
      l2Of: json => {
        const { Ref, 'Fn::GetAtt': attribute } = Object(json) as { 'Ref'?: string; 'Fn::GetAtt'?: string[] };
        const named = Ref ?? attribute?.[0];
        return named && this.l2s.has(named) ? `${this.variable(named)}_l2` : undefined;
      },
    };
  }

  private construct(id: string, type: string, properties: JsonProperties, typed?: Json): string {
    const { name } = this;
    if (!CLASSES[type]) {
      const { ServiceToken, ServiceTimeout, ...others } = properties;
      const timeout = ServiceTimeout === undefined ? '' : `, serviceTimeout: Duration.seconds(${Number(ServiceTimeout)})`;
      return `new CustomResource(${name}, '${id}', { resourceType: '${type}', serviceToken: ${this.value(ServiceToken)}${timeout}, properties: ${this.value(others)} }).node.defaultChild`;
    }
    const [path, className] = CLASSES[type].replace('aws-cdk-lib/', '').split('.');
    this.modules.add(path);
    return `new ${identifier(path)}.${className}(${name}, '${id}', ${this.value(typed ?? {})})`;
  }

  private value(value: Json): string {
    if (typeof value === 'string') return this.literal(value);
    if (Array.isArray(value)) return `[${value.map(each => this.value(each)).join(', ')}]`;
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    return this.intrinsic(value) ?? `{ ${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${this.value(each)}`).join(', ')} }`;
  }

  private literal(text: string): string {
    if (text.startsWith(UNKNOWN)) return `Token.asString(${Buffer.from(text.slice(UNKNOWN.length), 'base64').toString()})`;
    const [, hash, extension] = ASSET_KEY.exec(text) ?? [];
    if (!hash || !this.assets.has(hash)) return JSON.stringify(text);
    const variable = this.usedAssets.get(hash) ?? `asset${this.usedAssets.size}`;
    this.usedAssets.set(hash, variable);
    return extension ? `${variable}.s3ObjectKey` : `${variable}.assetHash`;
  }

  private intrinsic(value: { [key: string]: Json }): string | undefined {
    const [[name, of] = ['', null], ...others] = Object.entries(value);
    if (others.length > 0) return undefined;
    const list = of as Json[];
    switch (name) {
      case 'Ref': return PSEUDO[of as string] ?? `${this.variable(of as string)}.ref`;
      case 'Fn::GetAtt': return `Token.asString(${this.variable(list[0] as string)}.getAtt('${list[1]}'))`;
      case 'Fn::Join': return this.joined(list[0] as string, list[1]);
      case 'Fn::Select': return `Fn.select(${Number(list[0])}, ${this.list(list[1])})`;
      case 'Fn::Split': return `Fn.split(${JSON.stringify(list[0])}, ${this.value(list[1])})`;
      case 'Fn::Sub': return `Fn.sub(${JSON.stringify(of)})`;
      case 'Fn::GetAZs': return `Fn.getAzs(${this.value(of)})`;
      case 'Fn::FindInMap': return `Fn.findInMap(${list.map(each => this.value(each)).join(', ')})`;
      default:
        if (name.startsWith('Fn::')) throw new Error(`${name} cannot be written as code yet`);
        return undefined;
    }
  }

  private list(value: Json): string {
    const attribute = value !== null && typeof value === 'object' && 'Fn::GetAtt' in value;
    return attribute ? `Token.asList(${this.value(value).slice('Token.asString('.length, -1)})` : this.value(value);
  }

  /** A text with values in it; one that is JSON is made from an object, as nobody would write it otherwise. */
  private joined(separator: string, parts: Json): string {
    if (separator !== '' || !Array.isArray(parts)) return `Fn.join(${JSON.stringify(separator)}, ${this.list(parts)})`;
    return this.json(parts) ?? `\`${parts.map(part => typeof part === 'string' ? escaped(part) : `\${${this.value(part)}}`).join('')}\``;
  }

  private json(parts: Json[]): string | undefined {
    const marked = parts.map((part, index) => typeof part === 'string' ? part : `<<${index}>>`).join('');
    if (!/^[{[]/.test(marked)) return undefined;
    const unmark = (value: Json): Json => {
      if (typeof value === 'string') {
        const pieces = value.split(/<<(\d+)>>/).map((piece, index) => index % 2 === 1 ? parts[Number(piece)] : piece).filter(piece => piece !== '');
        return pieces.some(piece => typeof piece !== 'string') ? { 'Fn::Join': ['', pieces] } : value;
      }
      if (Array.isArray(value)) return value.map(unmark);
      return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unmark(each)])) : value;
    };
    try {
      return `${this.name}.toJsonString(${this.value(unmark(JSON.parse(marked)))})`;
    } catch {
      return undefined;
    }
  }

  private variable(id: string): string {
    return `${this.name}_${id}`;
  }
}

/** CfnInclude refuses what it does not know. */
function withoutUnknown(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutUnknown);
  if (value === null || typeof value !== 'object') return value;
  if ('Fn::GetStackOutput' in value) return `${UNKNOWN}${Buffer.from(JSON.stringify(value)).toString('base64')}`;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutUnknown(each)]));
}

/** The properties as the typed classes take them, with CloudFormation's own functions in them as in a template. */
function typedProperties(template: Template): Map<string, Json> {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Typed');
  const file = join(mkdtempSync(join(tmpdir(), 'bench-typed-')), 'template.json');
  writeFileSync(file, JSON.stringify(template));
  const include = new CfnInclude(stack, 'Included', { templateFile: file, allowCyclicalReferences: true });
  rmSync(dirname(file), { recursive: true });
  return new Map(Object.keys(template.Resources).map(id => {
    const { cfnProperties } = include.getResource(id) as CfnResource as unknown as { readonly cfnProperties: object };
    return [id, stack.resolve(cfnProperties)];
  }));
}

/** A resource comes after all that it names. */
function inOrder({ Resources }: Template): string[] {
  const ordered = new Set<string>();
  const visit = (id: string) => {
    if (ordered.has(id)) return;
    const { Properties, DependsOn = [] } = Resources[id];
    const named = [...JSON.stringify(Properties ?? {}).matchAll(/\{"(?:Ref":"|Fn::GetAtt":\[")([A-Za-z0-9]+)"/g)].map(([, other]) => other);
    for (const other of [...named, ...[DependsOn].flat()]) if (other !== id && Resources[other]) visit(other);
    ordered.add(id);
  };
  Object.keys(Resources).forEach(visit);
  return [...ordered];
}

function escaped(text: string): string {
  return text.replace(/[\\`]|\$\{/g, found => `\\${found}`);
}

function identifier(module: string): string {
  return module.replace(/[^a-z0-9]/g, '_');
}

main(process.argv[2]);
