import * as fc from 'fast-check';
import { branch, BuildOptions, plan, removeBuilds, runBuild, Shell, SHELLS, variablesOf } from './run';
import { AmplifyFramework } from '../../../src/amplify/amplify-framework';
import { BranchBackend } from '../../../src/amplify/branch-backend';
import { buildSpec } from '../../../src/amplify/build/build-spec';
import { BuildPlan, PlannedBranch } from '../../../src/amplify/build/plan';

afterAll(removeBuilds);

const APP = 'd2mgxqlhqfnu3l';
const INSTALL = 'npm ci --cache .npm --prefer-offline';
const INSTALLED = { [INSTALL]: 'mkdir -p node_modules' };
const SEVEN = ['BACKEND_SUFFIX', 'USER_POOL_ID', 'USER_POOL_CLIENT_ID', 'IDENTITY_POOL_ID', 'GRAPHQL_URL', 'API_KEY', 'AWS_S3_BUCKET'];

const main = branch('main', { backend: BranchBackend.own(), requires: SEVEN });
const staging = branch('staging', { backend: BranchBackend.sharedWith('main'), requires: SEVEN });
const production = branch('production', { backend: BranchBackend.own(), requires: SEVEN });
const docs = branch('docs');
const branches = [main, staging, production, docs];
const SPEC = buildSpec(plan(branches, { previews: { backend: BranchBackend.sharedWith('main'), requires: ['API_KEY'], variables: ['API_KEY'] } }));

const commands = (spec: string, options: BuildOptions) => {
  const { code, output, calls } = runBuild(spec, { does: INSTALLED, ...options });
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  return calls.map(({ command }) => command);
};

describe.each(SHELLS)('with %s', shell => {
  const run = (options: BuildOptions, spec = SPEC) => runBuild(spec, { does: INSTALLED, shell, ...options });

  test('a branch with its own backend deploys it before the app is built', () => {
    for (const { name, ...planned } of [main, production]) {
      expect(commands(SPEC, { shell, env: variablesOf({ name, ...planned }) }))
        .toEqual([INSTALL, `npx ampx pipeline-deploy --branch ${name} --app-id ${APP}`, 'npm run build']);
    }
  });

  test('a branch that shares a backend deploys none', () => {
    expect(commands(SPEC, { shell, env: variablesOf(staging) })).toEqual([INSTALL, `npx ampx generate outputs --branch main --app-id ${APP}`, 'npm run build']);
  });

  test('a branch without a backend has nothing to do with one', () => {
    expect(commands(SPEC, { shell, env: variablesOf(docs) })).toEqual([INSTALL, 'npm run build']);
  });

  test('a pull request is built as the previews are planned, also where it has no app ID of ours', () => {
    const env = { AWS_BRANCH: 'pr-12', AWS_PULL_REQUEST_ID: '12', AWS_APP_ID: 'd1', PREVIEW_API_KEY: 'x' };
    expect(commands(SPEC, { shell, env })).toEqual([INSTALL, 'npx ampx generate outputs --branch main --app-id d1', 'npm run build']);
    const lacking = run({ env: { ...env, PREVIEW_API_KEY: '', API_KEY: 'of all branches' } });
    expect(lacking.output).toContain("Branch 'pr-12' lacks API_KEY.");
    expect(lacking.calls).toEqual([]);
  });

  test('each variable that is missing or empty stops the build under the name that the app knows', () => {
    for (const { name, ...planned } of [main, staging, production]) {
      const env = variablesOf({ name, ...planned });
      for (const variable of SEVEN) {
        const stored = variable === 'AWS_S3_BUCKET' ? 'APP_AWS_S3_BUCKET' : variable;
        const { [stored]: removed, ...others } = env;
        expect(removed).toBeDefined();
        for (const lacking of name === 'main' ? [others, { ...env, [stored]: '' }] : [others]) {
          const { code, output, calls } = run({ env: lacking });
          expect(output).toContain(`Branch '${name}' lacks ${variable}. Give it`);
          expect({ code, calls }).toEqual({ code: 1, calls: [] });
        }
      }
    }
  });

  test('all that is missing is named at once', () => {
    const { USER_POOL_ID, APP_AWS_S3_BUCKET, ...env } = variablesOf(main);
    const { code, output, calls } = run({ env });
    expect([USER_POOL_ID, APP_AWS_S3_BUCKET]).not.toContain(undefined);
    expect(output).toContain("Branch 'main' lacks USER_POOL_ID, AWS_S3_BUCKET. Give it a value for each");
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
  });

  test('a branch that is not known is refused with those that are', () => {
    for (const name of ['mian', 'main ', 'MAIN', '', '*', 'm*', "x'y", '$(touch x)']) {
      const { code, output, calls, read } = run({ env: { ...variablesOf(main), AWS_BRANCH: name } });
      expect(output).toContain(`Branch '${name}' is not one of main, staging, production, docs. Add it to the app`);
      expect({ code, calls, touched: read('x') }).toEqual({ code: 1, calls: [], touched: undefined });
    }
  });

  test.each([
    [INSTALL, 3, []],
    ['npx ampx pipeline-deploy', 4, [INSTALL]],
    ['npm run build', 5, [INSTALL, 'npx ampx pipeline-deploy --branch main --app-id d2mgxqlhqfnu3l']],
  ])('%s that fails stops everything with its exit code', (failing, code, before) => {
    const does = failing === INSTALL ? {} : INSTALLED;
    const failed = run({ env: variablesOf(main), failing: { [failing]: code }, does });
    expect(failed.code).toBe(code);
    expect(failed.calls.map(({ command }) => command).slice(0, -1)).toEqual(before);
    expect(failed.calls[before.length].command).toContain(failing);
  });

  test('a command in the middle that fails stops a build of several', () => {
    const spec = buildSpec(plan([main], { framework: AmplifyFramework.vite({ buildCommand: 'npm run lint; npm run build\nnpm run sitemap' }) }));
    const failed = run({ env: variablesOf(main), failing: { 'npm run lint': 6 } }, spec);
    expect(failed.code).toBe(6);
    expect(failed.calls.at(-1)!.command).toBe('npm run lint');
  });

  test('a branch may have any name', () => {
    const names = ['feature/login', 'a b', "it's", 'say "hi"', '$(touch x)', '`touch x`', '$HOME', 'a\\b', '*', 'a;b', 'a|b', 'ü', '-n', '#1', '!x', '~', '{a,b}', "'", '"'];
    const odd = names.flatMap(name => [branch(name, { backend: BranchBackend.own(), requires: ['API_KEY'] })]);
    const shared = branch('shared', { backend: BranchBackend.sharedWith('$(touch x)') });
    const spec = buildSpec(plan([...odd, shared]));
    for (const planned of odd) {
      const { code, calls, read } = run({ env: variablesOf(planned) }, spec);
      expect(calls.map(({ argv }) => argv)).toEqual([expect.anything(), ['npx', 'ampx', 'pipeline-deploy', '--branch', planned.name, '--app-id', APP], expect.anything()]);
      expect({ code, touched: read('x') }).toEqual({ code: 0, touched: undefined });
    }
    const { calls } = run({ env: variablesOf(shared) }, spec);
    expect(calls[1].argv).toEqual(['npx', 'ampx', 'generate', 'outputs', '--branch', '$(touch x)', '--app-id', APP]);
  });
});

test('a pull request is refused where no previews are planned', () => {
  const { code, output, calls } = runBuild(buildSpec(plan([main])), { env: { ...variablesOf(main), AWS_PULL_REQUEST_ID: '12' } });
  expect(output).toContain('no previews of pull requests, so pull request 12 is not built');
  expect({ code, calls }).toEqual({ code: 1, calls: [] });
});

test('previews with a backend of their own deploy it', () => {
  const spec = buildSpec(plan([docs], { previews: { backend: BranchBackend.own(), requires: [], variables: [] } }));
  expect(commands(spec, { env: { AWS_BRANCH: 'pr-1', AWS_PULL_REQUEST_ID: '1' } }))
    .toEqual([INSTALL, `npx ampx pipeline-deploy --branch pr-1 --app-id ${APP}`, 'npm run build']);
  expect(commands(spec, { env: variablesOf(docs) })).toEqual([INSTALL, 'npm run build']);
});

test('a branch that lacks secrets is not built', () => {
  const planned = branch('main', { requires: ['NEXTAUTH_SECRET', 'API_KEY'], variables: ['API_KEY'], secrets: ['NEXTAUTH_SECRET', 'CLIENT_SECRET'] });
  const spec = buildSpec(plan([planned]));
  expect(commands(spec, { env: variablesOf(planned) })).toEqual([INSTALL, 'npm run build']);
  const lacking = runBuild(spec, { env: { AWS_BRANCH: 'main', SECRET_PARAMETERS: '/a/CLIENT_SECRET_2' } });
  expect(lacking.output).toContain("Branch 'main' lacks API_KEY, NEXTAUTH_SECRET, CLIENT_SECRET. Give it");
  expect(lacking.calls).toEqual([]);
});

test('the region is required of AWS, not of the branch', () => {
  const planned = branch('main', { requires: ['AWS_REGION'] });
  expect(commands(buildSpec(plan([planned])), { env: { AWS_BRANCH: 'main' } })).toEqual([INSTALL, 'npm run build']);
});

test('everything happens in the folder of the app in a monorepo', () => {
  const { calls, folder } = runBuild(buildSpec(plan([main], { appRoot: 'apps/web' })), { env: variablesOf(main), does: INSTALLED });
  expect(folder).toMatch(/\/apps\/web$/);
  expect(calls.map(({ command, directory }) => [command, directory])).toEqual([
    [INSTALL, folder], [`npx ampx pipeline-deploy --branch main --app-id ${APP}`, folder], ['npm run build', folder],
  ]);
});

test('the app is installed for the build where Amplify was told to leave out the backend', () => {
  for (const installCommand of [INSTALL, 'npm ci --cache .npm --prefer-offline # all of it', `cd . && ${INSTALL}\n`]) {
    const spec = buildSpec(plan([main], { framework: AmplifyFramework.vite({ installCommand }) })).replace(/backend:[^]*?\nfrontend:/, 'frontend:');
    expect(commands(spec, { env: variablesOf(main) })).toEqual([INSTALL, 'npm run build']);
    expect(commands(spec, { env: variablesOf(main), files: { 'node_modules/x': '' } })).toEqual(['npm run build']);
  }
});

test('own commands come before and after the build, in the shell of Amplify, with all variables', () => {
  const spec = buildSpec(plan([main, docs], {
    preBuildCommands: ['export MINE=1', 'npm run "before $AWS_S3_BUCKET"'],
    postBuildCommands: ['npm run after', 'npm run last'],
  }));
  const { calls } = runBuild(spec, { env: variablesOf(main), does: INSTALLED });
  expect(calls.map(({ command }) => command)).toEqual([
    INSTALL, `npx ampx pipeline-deploy --branch main --app-id ${APP}`, 'npm run before AWS_S3_BUCKET of main', 'npm run build', 'npm run after', 'npm run last',
  ]);
  expect(calls[3].env).toMatchObject({ MINE: '1', AWS_S3_BUCKET: 'AWS_S3_BUCKET of main' });
});

test('a build command may count on variables that are not set being empty', () => {
  const planned = branch('main', { variables: ['AWS_X'] });
  const spec = buildSpec(plan([planned], { framework: AmplifyFramework.vite({ buildCommand: 'npm run "build$UNSET"' }) }));
  expect(commands(spec, { env: variablesOf(planned) })).toEqual([INSTALL, 'npm run build']);
});

test('whatever the plan, each branch gets its own backend, and no other', () => {
  const backends = fc.constantFrom(BranchBackend.own(), BranchBackend.none(), BranchBackend.sharedWith('main'), BranchBackend.sharedWith('a "b" $c `d` \'e\' \\'));
  const name = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'ab/-. \'"$`\\(){}*?[]!#&;|<>~ü') });
  const plans = fc.uniqueArray(fc.record({ name, backend: backends }), { minLength: 1, maxLength: 6, selector: planned => planned.name });
  fc.assert(fc.property(plans, fc.constantFrom<Shell>(...SHELLS), (planned, shell) => {
    const spec = buildSpec(plan(planned.map(({ name: of, backend }) => branch(of, { backend }))));
    for (const { name: AWS_BRANCH, backend } of planned) {
      const { code, calls } = runBuild(spec, { shell, env: { AWS_BRANCH, AMPLIFY_APP_ID: APP } });
      expect(code).toBe(0);
      const ampx = calls.filter(({ argv }) => argv[0] === 'npx').map(({ argv }) => argv.slice(2));
      const shared = backend.sharedBranch === undefined ? [] : [['generate', 'outputs', '--branch', backend.sharedBranch, '--app-id', APP]];
      expect(ampx).toEqual(backend.deploys ? [['pipeline-deploy', '--branch', AWS_BRANCH, '--app-id', APP]] : shared);
    }
  }), { numRuns: 15 });
});

test('no branch gets what another one requires', () => {
  const known = ['A', 'B', 'AWS_C', 'D'];
  const planned = fc.array(fc.subarray(known), { minLength: 1, maxLength: 4 })
    .map(all => all.map((requires, index): PlannedBranch => branch(`branch-${index}`, { requires })));
  fc.assert(fc.property(planned, fc.subarray(known), (all, given) => {
    const spec = buildSpec(plan(all) as BuildPlan);
    for (const { name, requires } of all) {
      const { code, output, calls } = runBuild(spec, { env: variablesOf(branch(name, { variables: given })) });
      const missing = requires.filter(variable => !given.includes(variable));
      expect(code).toBe(missing.length > 0 ? 1 : 0);
      expect(calls).toHaveLength(missing.length > 0 ? 0 : 2);
      if (missing.length > 0) expect(output).toContain(`Branch '${name}' lacks ${missing.join(', ')}. `);
    }
  }), { numRuns: 15 });
});
