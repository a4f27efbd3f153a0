import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { bucketStack, newApp } from './fixtures';
import { PlatformReport, PlatformReportProps, StatefulGuard } from '../../src';

const PROGRAM = join(__dirname, '..', '..', 'assets', 'report', 'write-report.js');

function reportOf(app: App): string {
  return readFileSync(join(app.synth().directory, 'report', 'index.html'), 'utf8');
}

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a line writes the report of an app beside its templates, with its title and its use', () => {
  const app = newApp();
  bucketStack(app, 'Files', 'eu-central-1');
  new PlatformReport(app, 'Report', { title: 'Files <of> all', usage: { storedGB: 1000 } });
  const page = reportOf(app);
  expect(page).toContain('<title>Files &lt;of&gt; all</title>');
  expect(page).toMatch(/1000 × [\d.]+ per GB/);
  expect(readFileSync(join(app.outdir, 'report', 'report.md'), 'utf8')).toContain('# Files \\<of\\> all');
});

test('it makes no resource and stands beside a guard of the same app', () => {
  const app = newApp();
  const stack = bucketStack(app, 'Files');
  new StatefulGuard(app, 'Guard', { lockFile: join(mkdtempSync(join(tmpdir(), 'lock-')), 'stateful.lock.json'), ci: false });
  new PlatformReport(app, 'Report');
  expect(reportOf(app)).toContain('Files');
  expect(Object.keys(app.synth().getStackByName(stack.stackName).template.Resources)).toHaveLength(1);
});

test('stacks that come after it in the app are in it', () => {
  const app = newApp();
  new PlatformReport(app, 'Report');
  bucketStack(app, 'Later');
  expect(reportOf(app)).toContain('<h2>Later</h2>');
});

test('a stage has a report of its own, beside its templates', () => {
  const app = newApp();
  const stage = new Stage(app, 'Production');
  bucketStack(stage, 'Files');
  new PlatformReport(stage, 'Report');
  const { directory } = app.synth().getNestedAssembly('assembly-Production');
  expect(readFileSync(join(directory, 'report', 'index.html'), 'utf8')).toContain('<h2>Production-Files</h2>');
  expect(existsSync(join(app.outdir, 'report'))).toBe(false);
});

test('a report that cannot be written is told of, and the app is synthesized', () => {
  const told = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const app = newApp();
  new PlatformReport(app, 'Report');
  expect(app.synth().stacks).toEqual([]);
  expect(told.mock.calls.join('')).toMatch(/Report: no report was written\. write-report: the assembly in .* has no stacks/);
  told.mockRestore();
});

test.each<[string, PlatformReportProps, RegExp]>([
  ['a title of two lines', { title: 'a\nb' }, /title/],
  ['a title that is none', { title: 5 as any }, /title/],
  ['a title that only the deployment knows', { title: Lazy.string({ produce: () => 'late' }) }, /title/],
  ['a use that nothing depends on', { usage: { visitors: 5 } as any }, /a name in usage/],
  ['a region without prices', { region: 'eu-west-1' }, /region/],
  ['a free tier that is no truth', { freeTier: 'no' as any }, /freeTier/],
])('%s is refused', (_, props, message) => {
  expect(() => new PlatformReport(newApp(), 'Report', props)).toThrow(message);
});

test('a report of a stack is refused, and so is a second one of the app', () => {
  const app = newApp();
  expect(() => new PlatformReport(new Stack(app, 'Stack'), 'Report')).toThrow(/a report is of a whole app or stage/);
  new PlatformReport(app, 'One');
  expect(() => new PlatformReport(app, 'Other')).toThrow(/there is a report of this already.*\n.*One/);
});

describe('the program', () => {
  const assembly = () => {
    const app = newApp();
    bucketStack(app, 'Files');
    return app.synth().directory;
  };

  test('says for machines what it wrote', () => {
    const { status, stdout } = run(assembly(), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      files: { html: 'report/index.html', markdown: 'report/report.md' }, environments: [{ name: 'Files', stacks: ['Files'], resources: 1 }],
    });
  });

  const broken = (file: string, content: string) => {
    const folder = assembly();
    writeFileSync(join(folder, file), content);
    return folder;
  };

  test.each<[string, () => string[], RegExp]>([
    ['an assembly that is gone', () => ['/nowhere/cdk.out'], /there is no folder \/nowhere\/cdk\.out: run "npx cdk synth" first/],
    ['a folder that is none', () => [mkdtempSync(join(tmpdir(), 'none-'))], /is no cloud assembly, because it has no manifest\.json/],
    ['a template that is no JSON', () => [broken('Files.template.json', '{')], /the template .*Files\.template\.json is no JSON/],
    ['a manifest that is no JSON', () => [broken('manifest.json', '')], /the manifest .* is no JSON/],
    ['no assembly', () => [], /usage: write-report <assembly>/],
    ['an option that it does not know', () => ['cdk.out', '--xml'], /--xml is not known/],
  ])('%s: exit code 1, one message, no stack', (_, args, message) => {
    const { status, stdout, stderr } = run(...args());
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
