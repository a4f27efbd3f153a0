import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnCondition, CfnResource, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { call } from './program';
import { CostEstimate, EnvironmentProfile, FargateApiWithRds } from '../../src';

jest.setTimeout(60_000);

let folder: string;
beforeAll(() => folder = mkdtempSync(join(tmpdir(), 'estimate-')));
afterAll(() => rmSync(folder, { recursive: true }));

const estimate = async (directory: string, ...args: string[]) => {
  const { code, stdout } = await call(['estimate', '--app', directory, '--json', ...args]);
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

describe('an app with stages, nested stacks and stacks of two regions', () => {
  const context = { 'aws:cdk:enable-path-metadata': true };

  function build(outdir: string, settings: object) {
    const app = new App({ outdir, context: settings });
    const stage = new Stage(app, 'Production', { env: { region: 'eu-central-1' } });
    const api = new Stack(stage, 'Api');
    new FargateApiWithRds(api, 'Api', { profile: EnvironmentProfile.staging(), image: ecs.ContainerImage.fromRegistry('example/api'), containerPort: 8080 });
    const nested = new NestedStack(api, 'Nested');
    new CfnResource(nested, 'Key', { type: 'AWS::KMS::Key', properties: {} });
    const edge = new Stack(app, 'Edge', { env: { region: 'us-east-1' } });
    const key = new CfnResource(edge, 'Key', { type: 'AWS::KMS::Key' });
    key.cfnOptions.condition = new CfnCondition(edge, 'Sometimes', { expression: Fn.conditionEquals('1', '1') });
    const report = new CostEstimate(app, 'CostEstimate');
    app.synth();
    return report.report();
  }

  test('costs what CostEstimate says, line by line', async () => {
    const outdir = join(folder, 'with-paths');
    const expected = build(outdir, context);
    const { lines, monthlyUsd, unsureUsd, stacks } = await estimate(outdir);
    expect(lines.length).toBeGreaterThan(20);
    expect(monthlyUsd).toBe(expected.monthlyUsd);
    expect(unsureUsd).toBe(expected.unsureUsd);
    const told = ({ constructPath, what, monthlyUsd: usd, unsure = '' }: any) => [constructPath, what, usd, unsure].join('|');
    expect(lines.map(told).sort()).toEqual(expected.lines.map(told).sort());
    expect(stacks.map(({ stack, region }: any) => [stack, region]).sort()).toEqual([['Edge', 'us-east-1'], ['Production-Api', 'eu-central-1']]);
    const sum = stacks.reduce((total: number, each: any) => total + each.monthlyUsd, 0);
    expect(sum).toBeCloseTo(monthlyUsd, 1);
  });

  test('and so where templates do not say where their resources are in the tree', async () => {
    const outdir = join(folder, 'without-paths');
    const expected = build(outdir, { 'aws:cdk:enable-path-metadata': undefined });
    const { monthlyUsd, stacks } = await estimate(outdir);
    expect(monthlyUsd).toBe(expected.monthlyUsd);
    expect(stacks.find(({ stack }: any) => stack === 'Production-Api').blocks[0].block).toMatch(/^Production\/Api\/Api\/[A-Z]/);
  });

  test('without what AWS gives away, no less', async () => {
    const { monthlyUsd } = await estimate(join(folder, 'with-paths'));
    expect((await estimate(join(folder, 'with-paths'), '--no-free-tier')).monthlyUsd).toBeGreaterThan(monthlyUsd);
  });

  test('for people, a table without colours in a pipe', async () => {
    const { stdout } = await call(['estimate', '--app', join(folder, 'with-paths')]);
    expect(stdout).toMatch(/^\d+\.\d\d USD a month: /);
    expect(stdout).toMatch(/^Edge \(us-east-1\) +\d\.\d\d$/m);
    expect(stdout).not.toContain('\u001b');
  });
});

test('a manifest that is no JSON is an error that says which file', async () => {
  writeFileSync(join(folder, 'manifest.json'), '{');
  const { code, stderr } = await call(['estimate', '--app', folder]);
  expect(code).toBe(2);
  expect(stderr).toContain(join(folder, 'manifest.json'));
});
