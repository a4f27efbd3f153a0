/*
 * Writes what `subject-everything.ts` makes as an app that names each resource, so that there is something of the same size to compare it with:
 *
 *   node everything-by-hand.js <file>
 *
 * It is written anew at each run, so that it always has the very same resources. Nobody wrote it by hand, and no team would write it like this: there is no
 * loop, no metric and no grant in it, only what these have become. What CDK has an L2 for that makes one resource of one type from such values is an L2,
 * and all else is an L1: see `L2S`. An app with more L2s takes longer; this one is the hardest comparison.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { basename, dirname, join } from 'path';
import { App, AssetStaging, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { CONTEXT } from './context';
import { addStack } from './subject-everything';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Properties = { [name: string]: Json };

interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
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
const { Aws, CfnMapping, CfnOutput, CfnDeletionPolicy, CustomResource, Duration, Fn, Stack, Token } = require('aws-cdk-lib');
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
        const { Ref, 'Fn::GetAtt': attribute } = Object(json) as { Ref?: string; 'Fn::GetAtt'?: string[] };
        const named = Ref ?? attribute?.[0];
        return named && this.l2s.has(named) ? `${this.variable(named)}_l2` : undefined;
      },
    };
  }

  private construct(id: string, type: string, properties: Properties, typed?: Json): string {
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


/** What an L2 is written with. */
interface Writer {
  /** Scope and id. */
  readonly place: string;
  readonly scope: string;
  /** Name of the variable of this L2. */
  readonly l2: string;
  value(json: Json): string;
  /** The L2 that a value names, where there is one. */
  l2Of(json?: Json): string | undefined;
  /** The files of an asset. */
  asset(key: string): string | undefined;
}

interface L2 {
  readonly modules: string[];
  readonly code: string;
  readonly then?: string;
}

/** Writes properties, but those that are not there. */
function props(lines: { readonly [name: string]: string | false | undefined }): string {
  return `{ ${Object.entries(lines).filter(([, code]) => code).map(([name, code]) => `${name}: ${code}`).join(', ')} }`;
}

/** Only what an L2 was written for: another property makes it an L1. */
function onlyHas(properties: Properties, ...names: string[]): boolean {
  return Object.keys(properties).every(name => names.includes(name));
}

type Written = (properties: Properties, writer: Writer) => L2 | undefined;

const given = (json: Json | undefined, { value }: Writer) => json === undefined ? undefined : value(json);
const seconds = (json?: Json) => json !== undefined && `Duration.seconds(${Number(json)})`;

const writeKey: Written = (properties, writer) => {
  const { KeyPolicy, EnableKeyRotation, Description } = properties;
  if (!onlyHas(properties, 'KeyPolicy', 'EnableKeyRotation', 'Description')) return undefined;
  const code = `aws_kms.Key(${writer.place}, ${props({
    policy: `aws_iam.PolicyDocument.fromJson(${writer.value(KeyPolicy)})`,
    enableKeyRotation: given(EnableKeyRotation, writer),
    description: given(Description, writer),
  })})`;
  return { modules: ['aws-kms', 'aws-iam'], code };
};

const writeRole: Written = (properties, writer) => {
  const { AssumeRolePolicyDocument, Description, ManagedPolicyArns = [] } = properties;
  const statements = (AssumeRolePolicyDocument as { readonly Statement: Properties[] }).Statement;
  const [{ Action, Principal, Condition }] = statements;
  const service = (Principal as { readonly Service?: Json }).Service;
  if (statements.length > 1 || Action !== 'sts:AssumeRole' || typeof service !== 'string') return undefined;
  if (!onlyHas(properties, 'AssumeRolePolicyDocument', 'Description', 'ManagedPolicyArns')) return undefined;
  const policies = (ManagedPolicyArns as Json[]).map((arn, index) =>
    writer.l2Of(arn) ?? `aws_iam.ManagedPolicy.fromManagedPolicyArn(${writer.scope}, '${writer.l2}${index}', ${writer.value(arn)})`);
  const code = `aws_iam.Role(${writer.place}, ${props({
    assumedBy: `new aws_iam.ServicePrincipal('${service}', ${props({ conditions: given(Condition, writer) })})`,
    description: given(Description, writer),
    managedPolicies: policies.length > 0 && `[${policies.join(', ')}]`,
  })})`;
  return { modules: ['aws-iam'], code };
};

const writeManagedPolicy: Written = (properties, writer) => {
  const { PolicyDocument, Roles = [], Description } = properties;
  const roles = (Roles as Json[]).map(role => writer.l2Of(role));
  if (roles.includes(undefined) || !onlyHas(properties, 'PolicyDocument', 'Roles', 'Description', 'Path')) return undefined;
  const code = `aws_iam.ManagedPolicy(${writer.place}, ${props({
    document: `aws_iam.PolicyDocument.fromJson(${writer.value(PolicyDocument)})`,
    roles: `[${roles.join(', ')}]`,
    description: Description !== '' && given(Description, writer),
  })})`;
  return { modules: ['aws-iam'], code };
};

const writeLogGroup: Written = (properties, writer) => {
  const { LogGroupName, RetentionInDays, KmsKeyId } = properties;
  const encryptionKey = writer.l2Of(KmsKeyId);
  if ((KmsKeyId && !encryptionKey) || !onlyHas(properties, 'LogGroupName', 'RetentionInDays', 'KmsKeyId')) return undefined;
  const code = `aws_logs.LogGroup(${writer.place}, ${props({ logGroupName: given(LogGroupName, writer), retention: given(RetentionInDays, writer), encryptionKey })})`;
  return { modules: ['aws-logs'], code };
};

const writeQueue: Written = (properties, writer) => {
  const { KmsMasterKeyId, MessageRetentionPeriod, VisibilityTimeout, RedrivePolicy } = properties;
  const key = writer.l2Of(KmsMasterKeyId);
  const { deadLetterTargetArn, maxReceiveCount } = (RedrivePolicy ?? {}) as Properties;
  const queue = writer.l2Of(deadLetterTargetArn);
  if (!key || (RedrivePolicy && !queue) || !onlyHas(properties, 'KmsMasterKeyId', 'MessageRetentionPeriod', 'VisibilityTimeout', 'RedrivePolicy')) return undefined;
  const code = `aws_sqs.Queue(${writer.place}, ${props({
    encryptionMasterKey: key,
    retentionPeriod: seconds(MessageRetentionPeriod),
    visibilityTimeout: seconds(VisibilityTimeout),
    deadLetterQueue: queue && `{ queue: ${queue}, maxReceiveCount: ${Number(maxReceiveCount)} }`,
  })})`;
  return { modules: ['aws-sqs'], code };
};

const writeTopic: Written = (properties, writer) => {
  const masterKey = writer.l2Of(properties.KmsMasterKeyId);
  if (!masterKey || !onlyHas(properties, 'KmsMasterKeyId')) return undefined;
  return { modules: ['aws-sns'], code: `aws_sns.Topic(${writer.place}, { masterKey: ${masterKey} })` };
};

const writeFunction: Written = (properties, writer) => {
  const { Code, Role, Handler, Runtime, Architectures = [], Environment, Description, MemorySize, Timeout, KmsKeyArn, LoggingConfig, DeadLetterConfig } = properties;
  const known = ['Code', 'Role', 'Handler', 'Runtime', 'Architectures', 'Environment', 'Description', 'MemorySize', 'Timeout', 'KmsKeyArn', 'LoggingConfig', 'DeadLetterConfig'];
  const { S3Key } = Code as Properties;
  const [role, logGroup] = [writer.l2Of(Role), writer.l2Of((LoggingConfig as Properties)?.LogGroup)];
  const path = typeof S3Key === 'string' && writer.asset(S3Key);
  const { Variables } = (Environment ?? {}) as Properties;
  if (!role || !path || !logGroup || !onlyHas(properties, ...known)) return undefined;
  const code = `aws_lambda.Function(${writer.place}, ${props({
    code: `aws_lambda.Code.fromAsset(${JSON.stringify(path)})`,
    role: `${role}.withoutPolicyUpdates()`,
    logGroup,
    handler: given(Handler, writer),
    runtime: `new aws_lambda.Runtime(${given(Runtime, writer)}, aws_lambda.RuntimeFamily.NODEJS)`,
    architecture: JSON.stringify(Architectures) === '["arm64"]' && 'aws_lambda.Architecture.ARM_64',
    environment: given(Variables, writer),
    environmentEncryption: writer.l2Of(KmsKeyArn),
    deadLetterQueue: writer.l2Of((DeadLetterConfig as Properties)?.TargetArn),
    description: given(Description, writer),
    memorySize: given(MemorySize, writer),
    timeout: seconds(Timeout),
  })})`;
  return { modules: ['aws-lambda'], code };
};

/** A metric, or an expression of metrics. */
function writeMetric(properties: Properties, writer: Writer): string | undefined {
  const { Metrics, Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = properties;
  if (!Metrics) return metric({ Namespace, MetricName, Dimensions }, Period, ExtendedStatistic ?? Statistic, writer);
  const all = Metrics as Properties[];
  const main = all.find(({ Expression }) => Expression);
  const others = all.filter(each => each !== main);
  if (!main || others.some(({ MetricStat }) => !MetricStat)) return undefined;
  const usingMetrics = Object.fromEntries(others.map(({ Id, MetricStat, Label }) => {
    const { Metric, Period: period, Stat } = MetricStat as Properties;
    return [Id as string, metric(Metric as Properties, period, Stat, writer, Label)];
  }));
  const periods = others.map(({ MetricStat }) => (MetricStat as Properties).Period);
  const period = seconds(main.Period ?? periods[0]);
  return `new aws_cloudwatch.MathExpression(${props({ expression: given(main.Expression, writer), label: given(main.Label, writer), period, usingMetrics: props(usingMetrics) })})`;
}

function metric({ Namespace, MetricName, Dimensions = [] }: { [name: string]: Json | undefined }, period: Json | undefined, statistic: Json | undefined, writer: Writer, label?: Json) {
  const dimensions = Object.fromEntries((Dimensions as Properties[]).map(({ Name, Value }) => [JSON.stringify(Name), writer.value(Value)]));
  return `new aws_cloudwatch.Metric(${props({
    namespace: given(Namespace, writer),
    metricName: given(MetricName, writer),
    dimensionsMap: props(dimensions),
    period: seconds(period),
    statistic: given(statistic, writer),
    label: given(label, writer),
  })})`;
}

const writeAlarm: Written = (properties, writer) => {
  const { AlarmDescription, ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm, TreatMissingData, AlarmActions = [], OKActions = [] } = properties;
  const metricOf = writeMetric(properties, writer);
  if (!metricOf || Threshold === undefined) return undefined;
  const action = (arn: Json) => {
    const topic = writer.l2Of(arn);
    return topic ? `new aws_cloudwatch_actions.SnsAction(${topic})` : `{ bind: () => ({ alarmActionArn: ${writer.value(arn)} }) }`;
  };
  const code = `aws_cloudwatch.Alarm(${writer.place}, ${props({
    metric: metricOf,
    alarmDescription: given(AlarmDescription, writer),
    comparisonOperator: given(ComparisonOperator, writer),
    threshold: given(Threshold, writer),
    evaluationPeriods: given(EvaluationPeriods, writer),
    datapointsToAlarm: given(DatapointsToAlarm, writer),
    treatMissingData: given(TreatMissingData, writer),
  })})`;
  const actions = [
    ...(AlarmActions as Json[]).map(arn => `${writer.l2}.addAlarmAction(${action(arn)});`), ...(OKActions as Json[]).map(arn => `${writer.l2}.addOkAction(${action(arn)});`),
  ];
  return { modules: ['aws-cloudwatch', 'aws-cloudwatch-actions'], code, then: actions.join(' ') };
};

/** How an L2 is written that makes one resource of that type; undefined where it cannot say the same. */
const L2S: { readonly [type: string]: Written | undefined } = process.env.BENCH_ONLY_L1 ? {} : {
  'AWS::KMS::Key': writeKey,
  'AWS::IAM::Role': writeRole,
  'AWS::IAM::ManagedPolicy': writeManagedPolicy,
  'AWS::Logs::LogGroup': writeLogGroup,
  'AWS::SQS::Queue': writeQueue,
  'AWS::SNS::Topic': writeTopic,
  'AWS::Lambda::Function': writeFunction,
  'AWS::CloudWatch::Alarm': writeAlarm,
};

main(process.argv[2]);
