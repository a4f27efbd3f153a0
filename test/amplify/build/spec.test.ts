import { parse } from 'yaml';
import { PLANS } from './plans';
import { branch, BuildSpec, plan } from './run';
import { AmplifyFramework } from '../../../src/amplify/amplify-framework';
import { BranchBackend } from '../../../src/amplify/branch-backend';
import { buildSpec } from '../../../src/amplify/build/build-spec';

const spec = (planned: Parameters<typeof buildSpec>[0]) => parse(buildSpec(planned)) as BuildSpec;
const main = branch('main', { backend: BranchBackend.own() });
const staging = branch('staging', { backend: BranchBackend.sharedWith('main') });
const production = branch('production', { backend: BranchBackend.own() });

test('a person can read what is done for which branch', () => {
  expect(buildSpec(plan([main, staging, production]))).toContain(`
    build:
      commands:
        - |
          bash -euo pipefail -c '
          export AMPLIFY_APP_ID="\${AMPLIFY_APP_ID:-$AWS_APP_ID}"

          case "\${AWS_BRANCH:-}" in
            main | production) npx ampx pipeline-deploy --branch "$AWS_BRANCH" --app-id "$AMPLIFY_APP_ID" ;;
            staging) npx ampx generate outputs --branch main --app-id "$AMPLIFY_APP_ID" ;;
          esac
          '
frontend:
`);
});

test('what all branches have in common is said once', () => {
  const text = buildSpec(plan([main, production], { previews: { backend: BranchBackend.own(), requires: [], variables: [] } }));
  expect(text.match(/npx ampx/g)).toHaveLength(1);
  expect(text).toContain('\n\n          npx ampx pipeline-deploy --branch "$AWS_BRANCH" --app-id "$AMPLIFY_APP_ID"\n');
  const many = Array.from({ length: 50 }, (_, index) => branch(`feature/some-longer-name-${index}`, { ...PLANS.everything.branches[0], name: `feature/some-longer-name-${index}` }));
  expect(buildSpec(plan(many, { framework: AmplifyFramework.nextJs(), smokeTest: PLANS.everything.smokeTest })).length).toBeLessThan(12_000);
});

test('commands without needs stay as they are', () => {
  const { backend, frontend } = spec(plan([branch('main')]));
  expect(backend).toBeUndefined();
  expect(frontend).toEqual({
    phases: {
      preBuild: { commands: [expect.stringContaining('is not one of main.'), 'npm ci --cache .npm --prefer-offline'] },
      build: { commands: ['npm run build'] },
    },
    artifacts: { baseDirectory: 'dist', files: ['**/*'] },
    cache: { paths: ['.npm/**/*'] },
  });
});

test('the branch is checked by the very first command, before it is installed', () => {
  for (const planned of Object.values(PLANS)) {
    const parsed = spec(planned);
    const { backend, frontend } = parsed.applications?.[0] ?? parsed;
    const [check, install] = (backend ?? frontend).phases.preBuild!.commands;
    expect(check).toMatch(/^bash -euo pipefail -c '\n# What the branch needs is checked/);
    expect(install).toBe('npm ci --cache .npm --prefer-offline');
  }
});

test('an app with a backend installs once', () => {
  const { backend, frontend } = spec(plan([main]));
  expect(backend!.phases.preBuild!.commands[1]).toBe('npm ci --cache .npm --prefer-offline');
  expect(frontend.phases.preBuild!.commands).toEqual(['test -d node_modules || npm ci --cache .npm --prefer-offline']);
});

test('the app of a monorepo has its folder', () => {
  const { version, applications, ...others } = spec(plan([main], { appRoot: 'apps/web' }));
  expect(version).toBe(1);
  expect(applications).toEqual([{ appRoot: 'apps/web', ...spec(plan([main])), version: undefined }]);
  expect(others).toEqual({});
});

test('everything of the framework is used', () => {
  const framework = AmplifyFramework.custom({
    installCommand: 'pnpm install --frozen-lockfile', buildCommand: 'pnpm build', artifactsDirectory: 'public', artifactFiles: ['**/*.html'], cachePaths: [],
  });
  const { frontend } = spec(plan([branch('main')], { framework }));
  expect(frontend.phases.preBuild!.commands[1]).toBe('pnpm install --frozen-lockfile');
  expect(frontend.phases.build!.commands).toEqual(['pnpm build']);
  expect(frontend.artifacts).toEqual({ baseDirectory: 'public', files: ['**/*.html'] });
  expect(frontend.cache).toBeUndefined();
});

test('own commands stand beside ours, the smoke test comes last', () => {
  const { frontend: { phases } } = spec(PLANS.everything);
  expect(phases.preBuild!.commands.at(-1)).toBe('npm run lint');
  expect(phases.postBuild!.commands).toEqual(['npm run sitemap', expect.stringContaining('has to answer at /login')]);
});

test('the text is plain: no tabs, no line that ends in a space, no token', () => {
  for (const planned of Object.values(PLANS)) {
    expect(buildSpec(planned)).not.toMatch(/\t|[ ]\n|\$\{Token/);
    expect(buildSpec(planned).endsWith('\n')).toBe(true);
  }
});
