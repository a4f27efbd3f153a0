import { spawnSync } from 'child_process';
import { writeFileSync } from 'fs';
import { join } from 'path';
import * as fc from 'fast-check';
import { branch, BuildOptions, BuildRun, parameterOf, plan, removeBuilds, runBuild, SHELLS, variablesOf } from './run';
import { AmplifyFramework } from '../../../src/amplify/amplify-framework';
import { BranchBackend } from '../../../src/amplify/branch-backend';
import { buildSpec } from '../../../src/amplify/build/build-spec';
import { PlannedBranch } from '../../../src/amplify/build/plan';

afterAll(removeBuilds);

const LOAD = `const { loadEnvConfig } = require(${JSON.stringify(require.resolve('@next/env'))});
loadEnvConfig(process.cwd(), false, { info() {}, error: console.error });
require('fs').writeFileSync(process.argv[2], JSON.stringify(process.env));`;

/** What Next.js sees in the folder: `next build` with the variables of the build, the server with those that Amplify leaves it. */
const SEEN = { does: { 'npm run build': 'node load.js build.json' }, files: { 'load.js': LOAD } };

const nextJs = (branches: PlannedBranch[], planned = {}) => buildSpec(plan(branches, { framework: AmplifyFramework.nextJs(), ...planned }));

function built({ read, output }: BuildRun): Record<string, string> {
  const seen = read('build.json');
  if (seen === undefined) throw new Error(output);
  return JSON.parse(seen);
}

function served({ folder, read }: BuildRun): Record<string, string> {
  writeFileSync(join(folder, 'load.js'), LOAD);
  spawnSync(process.execPath, ['load.js', 'served.json'], { cwd: folder, env: {}, stdio: 'inherit' });
  const { __NEXT_PROCESSED_ENV, ...seen } = JSON.parse(read('served.json')!);
  return seen;
}

function withValues(values: Record<string, string>, options: BuildOptions = {}): BuildRun {
  const planned = branch('main', { variables: Object.keys(values) });
  return runBuild(nextJs([planned]), { ...SEEN, env: variablesOf(planned, values), ...options });
}

/** As each is needed; what is neither is refused. */
const fits = (value: string) => !value.endsWith('\\') && (!/['\r]/.test(value) || !/"|\\[nr]/.test(value) || !/[`\r]/.test(value))
  || (value !== '' && !/^[\s"'`]|\s$|[#\r\n\u2028\u2029]/.test(value));

const HARD = [
  'plain', '', ' ', ' a ', '$', '$$', '$HOME', '${HOME}', '${HOME:-x}', 'a$b', '\\$', '\\\\$x', '$(touch x)', '`touch x`', "it's", 'say "hi"', 'a`b', '\'"', '"`', '\'`',
  'a\'b"c`d', "'a'", '"a"', '`a`', '#', 'a#b', 'a #b', '=', '==', 'export A=b', 'a\nb', '\n', '\na\n', 'a\r\nb', '\r', '\\n', '\\r\\n', "it's \\n", "it's \\r", "it's\r", '\'"\\n', '\'`\r\\\r', 'a\\', '\\', '\\\\', "\\'", '\\"',
  'A=1\nB=2', '{"a":"b$c"}', 'ü €', '\t', '\u2028', "\u2028'b'", '-n', '!', '*', '~', '%s', 'https://x.y/z?a=b&c=d#e', 'x'.repeat(5500),
];

test('values arrive in the build and in the server exactly as they are', () => {
  const values = Object.fromEntries(HARD.map((value, index) => [`V${index}`, value]));
  for (const shell of SHELLS) {
    const run = withValues(values, { shell });
    expect(run.output).toBe('');
    expect(built(run)).toMatchObject(values);
    expect(served(run)).toEqual(values);
  }
});

test('so does any value that can be quoted', () => {
  const unit = fc.constantFrom('a', 'n', 'r', '\\n', '\\r', "'", '"', ' ', '\n', '\r', '\t', "'", '"', '`', '\\', '$', '{', '}', '#', '=', ':', '-', 'V0', 'ü', '\u2028', '\ufeff');
  const value = fc.oneof(fc.string({ unit, maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 12 }).map(text => text.replace(/\0/g, ''))).filter(fits);
  fc.assert(fc.property(fc.array(value, { minLength: 30, maxLength: 40 }), list => {
    const values = Object.fromEntries(list.map((text, index) => [`V${index}`, text]));
    const run = withValues(values);
    expect(built(run)).toMatchObject(values);
    expect(served(run)).toEqual(values);
  }), { numRuns: 20 });
});

test.each(['a\'b"c`d#e', '\'"`', 'a\nb\\', '\'\r"', ' \\', '#\\', "x'\"`\u2028'b'"])('a value that cannot be quoted is refused by the name of its variable: %j', value => {
  expect(fits(value)).toBe(false);
  const { code, output, calls, read } = withValues({ GOOD: 'a', BAD: value });
  expect(output).toMatch(/^BAD has quotes of all kinds, or ends in a backslash/);
  expect(output).not.toContain(value);
  expect({ code, calls: calls.length, file: read('.env.production') }).toEqual({ code: 1, calls: 1, file: undefined });
});

test('the server has exactly what its branch declares, whatever else the build has', () => {
  const main = branch('main', { variables: ['A', 'AWS_B', 'AWS_REGION', 'UNSET'] });
  const docs = branch('docs', { variables: ['C'] });
  const env = { A: 'a', APP_AWS_B: 'b', C: 'c', AWS_REGION: 'eu-central-1', OTHER: 'x', AWS_SECRET_ACCESS_KEY: 'k' };
  expect(served(runBuild(nextJs([main, docs]), { ...SEEN, env: { AWS_BRANCH: 'main', ...env } }))).toEqual({ A: 'a', AWS_B: 'b', AWS_REGION: 'eu-central-1' });
  expect(served(runBuild(nextJs([main, docs]), { ...SEEN, env: { AWS_BRANCH: 'docs', ...env } }))).toEqual({ C: 'c' });
});

test('the server of a preview has what previews declare', () => {
  const spec = nextJs([branch('main', { variables: ['A'] })], { previews: { backend: BranchBackend.none(), requires: [], variables: ['B'] } });
  const env = { AWS_BRANCH: 'pr-1', AWS_PULL_REQUEST_ID: '1', A: 'a', PREVIEW_B: 'b' };
  expect(served(runBuild(spec, { ...SEEN, env }))).toEqual({ B: 'b' });
  // A branch that is built has nothing of it.
  expect(served(runBuild(spec, { ...SEEN, env: { AWS_BRANCH: 'main', A: 'a', PREVIEW_B: 'b' } }))).toEqual({ A: 'a' });
});

test.each(['A=theirs\nKEPT=1', 'A=theirs\nKEPT=1\n', "A='theirs'\nKEPT=1\n\n"])('a .env.production of the repository stays, and our values win: %j', theirs => {
  const run = withValues({ A: 'ours' }, { files: { ...SEEN.files, '.env.production': theirs } });
  expect(run.read('.env.production')!.startsWith(theirs)).toBe(true);
  expect(served(run)).toEqual({ A: 'ours', KEPT: '1' });
  expect(built(run)).toMatchObject({ A: 'ours', KEPT: '1' });
});

test('names that Amplify refuses are given back for the build and for Gen 2 alike', () => {
  const required = branch('main', { requires: ['AWS_S3_BUCKET_NAME'] });
  const optional = branch('docs', { variables: ['AWS_S3_BUCKET_NAME'] });
  for (const shell of SHELLS) {
    const spec = buildSpec(plan([required, optional]));
    expect(runBuild(spec, { shell, env: variablesOf(required) }).calls[1].env).toMatchObject({ AWS_S3_BUCKET_NAME: 'AWS_S3_BUCKET_NAME of main' });
    expect(runBuild(spec, { shell, env: { AWS_BRANCH: 'docs' } }).calls[1].env).not.toHaveProperty('AWS_S3_BUCKET_NAME');
  }
  expect(buildSpec(plan([required]))).toContain('export AWS_S3_BUCKET_NAME="$APP_AWS_S3_BUCKET_NAME"\n');
});

test('an app without a server has its variables at build time only', () => {
  const planned = branch('main', { variables: ['A', 'AWS_B'] });
  const run = runBuild(buildSpec(plan([planned])), { env: variablesOf(planned, { A: 'a$b' }) });
  expect(run.calls[1].env).toMatchObject({ A: 'a$b', AWS_B: 'AWS_B of main' });
  expect(run.read('.env.production')).toBeUndefined();
});

test('the build of another framework with a server has values with a dollar in its environment', () => {
  const planned = branch('main', { variables: ['A'] });
  const run = runBuild(buildSpec(plan([planned], { framework: AmplifyFramework.nuxt() })), { env: variablesOf(planned, { A: 'a$b' }) });
  expect(run.calls[1].env).toMatchObject({ A: 'a$b' });
  expect(served(run)).toEqual({ A: 'a$b' });
});

describe('secrets', () => {
  const planned = branch('main', { variables: ['A'], secrets: ['NEXTAUTH_SECRET', 'LICENSE', 'SECRET'], buildSecrets: ['LICENSE', 'SECRET'] });
  const values = { NEXTAUTH_SECRET: 'never', LICENSE: 'two\nlines "and" $x `y` \\ \'z\'\n', SECRET: ' s3cr3t ' };
  const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [parameterOf(name), value]));
  const options = { env: variablesOf(planned), parameters };
  const builds = (run: BuildRun) => run.calls.filter(({ command }) => command === 'npm run build');

  test.each(SHELLS)('reach the build alone where it may read them, exactly as they are, with %s', shell => {
    const run = runBuild(nextJs([planned]), { ...options, shell });
    const [{ env }] = builds(run);
    expect(env).toMatchObject({ LICENSE: values.LICENSE, SECRET: values.SECRET });
    expect(env).not.toHaveProperty('NEXTAUTH_SECRET');
    expect(run.calls.filter(({ argv }) => argv[0] === 'aws').map(({ command }) => command)).toEqual(['LICENSE', 'SECRET'].map(name => (
      `aws ssm get-parameter --name ${parameterOf(name)} --with-decryption --query Parameter.Value --output text`
    )));
    expect(run.calls[0].env).not.toHaveProperty('LICENSE');
  });

  test('are in no output, file or argument', () => {
    const run = runBuild(nextJs([planned]), options);
    const everywhere = [run.output, run.read('.env.production'), ...run.calls.flatMap(({ argv }) => argv)].join('\n');
    for (const value of ['never', 'two\nlines', 's3cr3t']) expect(everywhere).not.toContain(value);
    expect(served(run)).toEqual({ A: 'A of main', SECRET_PARAMETERS: options.env.SECRET_PARAMETERS });
  });

  test('are not read where Amplify prints a command and expands it, as it once did', () => {
    const reading = runBuild(buildSpec(plan([planned])), options).commands.filter(command => command.includes('aws ssm'));
    const printed = reading.map(command => `echo "# Executing command: ${command.replace(/["\\]/g, '\\$&')}"`);
    const spec = JSON.stringify({ frontend: { phases: { build: { commands: printed } } } });
    const run = runBuild(spec, options);
    expect(run.output).toContain('Executing command');
    expect(run.calls.filter(({ argv }) => argv[0] === 'aws')).toEqual([]);
  });

  test('of an app without a server are read as well', () => {
    expect(builds(runBuild(buildSpec(plan([planned])), options))[0].env).toMatchObject({ SECRET: values.SECRET });
  });

  test('that cannot be read stop the build with their name, and tell no other', () => {
    const { [parameterOf('SECRET')]: _, ...others } = parameters;
    const run = runBuild(nextJs([planned]), { ...options, parameters: others });
    expect(run.output).toContain(`The secret SECRET cannot be read from the parameter ${parameterOf('SECRET')}.`);
    expect(run.output).not.toContain('lines');
    expect({ code: run.code, builds: builds(run) }).toEqual({ code: 1, builds: [] });
  });

  test('of one branch are not read for another', () => {
    const docs = branch('docs', { secrets: ['NEXTAUTH_SECRET'] });
    const run = runBuild(nextJs([planned, docs]), { ...options, env: variablesOf(docs) });
    expect(run.code).toBe(0);
    expect(run.calls.filter(({ argv }) => argv[0] === 'aws')).toEqual([]);
  });
});
