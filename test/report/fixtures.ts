import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import { context } from '../../examples/arcade/cdk.json';
import { EnvironmentProfile } from '../../src';
import { architectureOf, type Architecture } from '../../src/report/program/architecture';
import { type AssemblyStack, readAssembly } from '../../src/report/program/assembly';
import type { Graphviz } from '../../src/report/program/diagram';
import { environmentsOf, type ReportEnvironment } from '../../src/report/program/environments';
import { writeMarkdown } from '../../src/report/program/markdown';
import { writePage } from '../../src/report/program/page';
import { ResourceIndex } from '../../src/report/program/references';
import { type PlatformReportResult, reportOf } from '../../src/report/program/report';

/** An app whose assembly has a folder of its own. */
export function newApp(outdir = mkdtempSync(join(tmpdir(), 'report-'))): App {
  return new App({ outdir, context: { ...context, 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false });
}

/** Both environments of arcade; the site's files are not looked at. */
export function arcade(app = newApp()): App {
  const site = mkdtempSync(join(tmpdir(), 'arcade-'));
  writeFileSync(join(site, 'index.html'), '<!doctype html><title>arcade</title>');
  const zone = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'arcade.example.com' };
  for (const [id, profile] of [['ArcadeStaging', EnvironmentProfile.staging()], ['ArcadeProduction', EnvironmentProfile.production()]] as const) {
    new ArcadeStack(app, id, { env: { region: 'eu-central-1' }, profile, domainName: `${profile.name}.arcade.example.com`, zone, version: 'v1', site });
  }
  return app;
}

/** As many functions as asked for, in blocks of six, each with a bucket, a secret and a security group that the one before lets in. */
export function chainOfFunctions(scope: Construct, count: number): void {
  const vpc = ec2.Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
  let before: lambda.Function | undefined;
  let block = scope;
  for (let number = 0; number < count; number++) {
    if (number % 6 === 0) block = new Construct(scope, `Block${number / 6}`);
    const bucket = new s3.Bucket(block, `Bucket${number}`);
    const secret = new secretsmanager.Secret(block, `Secret${number}`);
    const worker = new lambda.Function(block, `Worker${number}`, {
      runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = () => {}'), vpc, allowPublicSubnet: true,
    });
    bucket.grantRead(worker);
    secret.grantRead(worker);
    if (before) worker.connections.allowFrom(before, ec2.Port.tcp(8000 + number));
    before = worker;
  }
}

export interface Read {
  readonly stacks: AssemblyStack[];
  readonly environments: ReportEnvironment[];
  readonly architectures: Architecture[];
  readonly index: ResourceIndex;
}

/** What the program reads of an app. */
export function read(app: App): Read {
  const stacks = readAssembly(app.synth().directory);
  const index = new ResourceIndex(stacks);
  const environments = environmentsOf(stacks);
  return { stacks, environments, index, architectures: environments.map(environment => architectureOf(environment, index)) };
}

let graphviz: Promise<Graphviz> | undefined;

export interface Written extends PlatformReportResult {
  readonly page: string;
  readonly markdown: string;
}

/** The report of an app, or of the assembly in a folder. */
export async function written(of: App | string): Promise<Written> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  graphviz ??= (require('@viz-js/viz') as { instance(): Promise<Graphviz> }).instance();
  const result = reportOf(typeof of === 'string' ? of : of.synth().directory, await graphviz);
  return { ...result, page: writePage(result.document), markdown: writeMarkdown(result.document) };
}

/** Every resource of every template, as CDK itself says. */
export function templateIds(app: App): string[] {
  return app.synth().stacksRecursively.flatMap(({ template }) => Object.entries<{ Type: string }>(template.Resources ?? {}))
    .filter(([, { Type: type }]) => type !== 'AWS::CDK::Metadata').map(([id]) => id);
}

/** A stack with one bucket, wherever that is. */
export function bucketStack(scope: Construct, id: string, region?: string): Stack {
  const stack = new Stack(scope, id, { env: { region } });
  new s3.Bucket(stack, 'Files');
  return stack;
}

