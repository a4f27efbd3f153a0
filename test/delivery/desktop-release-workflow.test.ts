import { execFileSync } from 'child_process';
import { Duration, Lazy, Token } from 'aws-cdk-lib';
import { workflowOf } from './workflow-run';
import { DesktopReleaseWorkflow, DesktopReleaseWorkflowProps } from '../../src/delivery/desktop-release-workflow';
import { DesktopSystem } from '../../src/delivery/desktop-system';
import { OldVersions } from '../../src/delivery/old-versions';

const everything: DesktopReleaseWorkflowProps = {
  name: 'Arcade',
  channels: ['latest', 'beta', 'alpha'],
  systems: [DesktopSystem.WINDOWS, DesktopSystem.LINUX],
  tagPrefix: 'desktop-v',
  workingDirectory: 'apps/desktop',
  outputDirectory: 'release-builds',
  nodeVersion: '22',
  installCommand: 'npm ci --workspaces',
  buildCommand: 'npm run build -- --mode: production # now',
  packageCommand: 'npx electron-builder -p never',
  buildVariables: ['VITE_API_BASE_URL', 'VITE_SENTRY_DSN'],
  environment: 'production',
  oldVersions: OldVersions.keepNewest(20),
  initialRollout: 10,
  timeout: Duration.minutes(30),
};

describe('the workflow', () => {
  test('the same options give the same text', () => {
    expect(new DesktopReleaseWorkflow(everything).toYaml()).toBe(new DesktopReleaseWorkflow({ ...everything }).toYaml());
  });

  test('a tag of a version starts it, and so does a person with a percentage', () => {
    const { on, concurrency } = workflowOf();
    expect(on.push.tags).toEqual(['v*']);
    // A number 0 would be taken for nothing given.
    expect(on.workflow_dispatch.inputs.rollout.type).toBe('string');
    expect(concurrency).toEqual({ 'group': 'desktop-release', 'cancel-in-progress': false });
  });

  test('it builds on three systems, uploads when all have built, and the feeds come last in a job of their own', () => {
    const { jobs } = workflowOf();
    expect(Object.keys(jobs)).toEqual(['version', 'build', 'upload', 'offer']);
    expect(jobs.build.strategy!.matrix.include).toEqual([
      { system: 'macos', runner: 'macos-15' },
      { system: 'windows', runner: 'windows-2025' },
      { system: 'linux', runner: 'ubuntu-24.04' },
    ]);
    expect(jobs.upload.needs).toEqual(['version', 'build']);
    expect(jobs.offer.needs).toEqual(['version', 'build', 'upload']);
    expect(jobs.upload.steps.find(({ name }) => name === 'Upload')!.run).not.toMatch(/latest.*\.yml/);
  });

  test('a run by hand builds nothing, and offers unless something failed', () => {
    const { jobs } = workflowOf();
    expect(jobs.build.if).toBe("github.event_name == 'push'");
    // Without a condition of its own it would be skipped together with what it needs.
    expect(jobs.upload.if).toBeUndefined();
    expect(jobs.offer.if).toBe('${{ !failure() && !cancelled() }}');
  });

  test('only the jobs that publish may sign in, and nothing writes to the repository', () => {
    const { permissions, jobs } = workflowOf();
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.version.permissions).toBeUndefined();
    expect(jobs.build.permissions).toBeUndefined();
    expect(jobs.upload.permissions).toEqual({ 'id-token': 'write', 'contents': 'read' });
    expect(jobs.offer.permissions).toEqual({ 'id-token': 'write', 'contents': 'read' });
  });

  test('every action is pinned by a full commit', () => {
    const uses = Object.values(workflowOf(everything).jobs).flatMap(({ steps }) => steps.flatMap(step => step.uses ?? []));
    expect(new Set(uses.map(use => use.split('@')[0]))).toEqual(new Set([
      'actions/checkout', 'actions/setup-node', 'actions/upload-artifact', 'actions/download-artifact', 'aws-actions/configure-aws-credentials',
    ]));
    for (const use of uses) expect(use).toMatch(/@[0-9a-f]{40}$/);
  });

  test('the time of all jobs together is the given one, 15 minutes by default', () => {
    const minutes = (props?: DesktopReleaseWorkflowProps) => Object.values(workflowOf(props).jobs).reduce((sum, job) => sum + job['timeout-minutes'], 0);
    expect(minutes()).toBe(15);
    expect(minutes(everything)).toBe(30);
    expect(minutes({ timeout: Duration.minutes(8) })).toBe(8);
  });

  test('secrets reach only the step that signs, each system its own', () => {
    const { build } = workflowOf().jobs;
    const withSecrets = build.steps.filter(({ env }) => JSON.stringify(env ?? {}).includes('secrets.'));
    expect(withSecrets.map(({ name, if: condition, env }) => [name, condition, Object.keys(env!)])).toEqual([
      ['Sign and package for macOS', "runner.os == 'macOS'", ['CSC_LINK', 'CSC_KEY_PASSWORD', 'APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID']],
      ['Sign and package for Windows', "runner.os == 'Windows'", ['WIN_CSC_LINK', 'WIN_CSC_KEY_PASSWORD']],
    ]);
    for (const { run } of withSecrets) expect(run).toBe('npx electron-builder --publish never -c.forceCodeSigning=true');
  });

  test('the build gets the variables of the repository, and the version of the tag', () => {
    const { build, version } = workflowOf(everything).jobs;
    expect(build.steps.find(({ name }) => name === 'Build')!.env).toEqual({
      VITE_API_BASE_URL: '${{ vars.VITE_API_BASE_URL }}', VITE_SENTRY_DSN: '${{ vars.VITE_SENTRY_DSN }}',
    });
    expect(version.steps[0].env).toMatchObject({ VITE_SENTRY_DSN: '${{ vars.VITE_SENTRY_DSN }}' });
    expect(build.steps.find(({ name }) => name === 'Set version')!.run).toContain('npm version "$VERSION"');
    expect(workflowOf({ buildVariables: [] }).jobs.build.steps.find(({ name }) => name === 'Build')!.env).toBeUndefined();
  });

  test('every option is used', () => {
    const { name, on, jobs } = workflowOf(everything);
    expect(name).toBe('Arcade');
    expect(on.push.tags).toEqual(['desktop-v*']);
    expect(jobs.build.strategy!.matrix.include.map(({ system }) => system)).toEqual(['windows', 'linux']);
    expect(jobs.build.defaults.run['working-directory']).toBe('apps/desktop');
    expect(jobs.build.env!.OUTPUT_DIRECTORY).toBe('release-builds');
    expect(jobs.build.steps.map(({ run }) => run)).toEqual(expect.arrayContaining([
      'npm ci --workspaces', 'npm run build -- --mode: production # now', 'npx electron-builder -p never', 'npx electron-builder -p never -c.forceCodeSigning=true',
    ]));
    expect(jobs.build.steps.at(-1)!.with!.path).toBe('apps/desktop/release');
    expect([jobs.upload.environment, jobs.offer.environment, jobs.build.environment]).toEqual(['production', 'production', undefined]);
    expect(jobs.offer.env).toMatchObject({ CHANNELS: 'latest beta alpha', NEWEST: 20, ROLLOUT: "${{ inputs.rollout || '10' }}" });
    expect(jobs.offer.steps.at(-1)!.name).toBe('Retire old versions');
  });

  test('nothing is retired where every version stays', () => {
    const { offer } = workflowOf({ oldVersions: OldVersions.keepAll() }).jobs;
    expect(offer.steps.map(({ name }) => name)).not.toContain('Retire old versions');
    expect(offer.env).not.toHaveProperty('NEWEST');
  });

  test.each([[undefined], [everything]])('bash takes every script, and none has an expression in it', props => {
    const scripts = Object.values(workflowOf(props).jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(scripts.length).toBeGreaterThan(8);
    for (const script of scripts) {
      expect(() => execFileSync('bash', ['-n'], { input: script, stdio: ['pipe', 'pipe', 'pipe'] })).not.toThrow();
      // A value in the script's own text could be a command.
      expect(script).not.toContain('${{');
    }
  });
});

describe('bad input', () => {
  const refused = (props: object, words: string | RegExp) => expect(() => new DesktopReleaseWorkflow(props)).toThrow(words);

  test.each<[object, string]>([
    [{ channels: [] }, "channels do not begin with 'latest'"],
    [{ channels: ['beta'] }, "channels do not begin with 'latest'"],
    [{ channels: ['latest', 'beta', 'beta'] }, 'name one twice'],
    [{ channels: ['latest', 'Beta'] }, "got: channels 'Beta'"],
    [{ channels: ['latest', 'be-ta'] }, "got: channels 'be-ta'"],
    [{ channels: ['latest', 'x; rm -rf'] }, 'not well-formed'],
    [{ channels: ['latest', 'feed'] }, "got: channels 'feed'"],
    [{ channels: 'latest' }, 'channels is not a list'],
    [{ channels: ['latest', 7] }, 'got: channels 7'],
    [{ systems: [] }, 'systems has none'],
    [{ systems: ['linux', 'linux'] }, 'or one twice'],
    [{ systems: ['beos'] }, 'systems has a value that does not exist'],
    [{ systems: 'linux' }, 'systems is not a list'],
    [{ tagPrefix: '' }, 'tagPrefix is not well-formed'],
    [{ tagPrefix: 'v*' }, 'tagPrefix is not well-formed'],
    [{ tagPrefix: '"; echo' }, 'tagPrefix is not well-formed'],
    [{ workingDirectory: '../other' }, 'workingDirectory is not well-formed'],
    [{ workingDirectory: '/apps' }, 'workingDirectory is not well-formed'],
    [{ outputDirectory: 'a/../b' }, 'outputDirectory is not well-formed'],
    [{ nodeVersion: 24 }, 'nodeVersion is not well-formed'],
    [{ nodeVersion: 'lts' }, 'nodeVersion is not well-formed'],
    [{ buildCommand: 'a\nb' }, 'buildCommand is not well-formed'],
    [{ packageCommand: '${{ secrets.X }}' }, 'packageCommand is not well-formed'],
    [{ installCommand: '' }, 'installCommand is not well-formed'],
    [{ name: ' x' }, 'name is not well-formed'],
    [{ environment: 'prod*' }, 'environment is not well-formed'],
    [{ buildVariables: ['vite'] }, 'buildVariables is not well-formed'],
    [{ buildVariables: ['GITHUB_TOKEN'] }, 'buildVariables is not well-formed'],
    [{ buildVariables: 'X' }, 'buildVariables is not a list'],
    [{ initialRollout: 101 }, 'initialRollout is not a whole number from 0 to 100'],
    [{ initialRollout: '10' }, 'initialRollout is not a whole number'],
    [{ timeout: Duration.minutes(7) }, 'timeout (seconds) is not a whole number from 480'],
    [{ timeout: Duration.seconds(601) }, 'timeout (minutes) is not a whole number'],
    [{ timeout: 15 }, 'timeout is not what it should be'],
    [{ oldVersions: 5 }, 'oldVersions is not what it should be'],
  ])('%j is refused', (props, words) => refused(props, words));

  test('what is known only at deployment cannot be in a file of the repository', () => {
    refused({ environment: Lazy.string({ produce: () => 'x' }) }, 'environment is only known at deployment');
    refused({ buildVariables: [Lazy.string({ produce: () => 'x' })] }, 'buildVariables is only known at deployment');
    refused({ channels: Lazy.list({ produce: () => ['latest'] }) }, 'channels is only known at deployment');
    refused({ channels: ['latest', Lazy.string({ produce: () => 'x' })] }, 'channels is only known at deployment');
    refused({ timeout: Duration.minutes(Token.asNumber({ resolve: () => 15 })) }, 'timeout is only known at deployment');
  });

  test.each<[() => OldVersions, string]>([
    [() => OldVersions.keepNewest(1), 'versions is not a whole number from 2 to 1000'],
    [() => OldVersions.keepNewest('5' as unknown as number), "got: versions '5'"],
    [() => OldVersions.keepNewest(undefined as unknown as number), 'versions is missing'],
    [() => OldVersions.keepNewest(5, { minimumAge: Duration.hours(1) }), 'minimumAge'],
    [() => OldVersions.keepNewest(5, { minimumAge: Duration.hours(36) }), 'minimumAge (days) is not a whole number'],
    [() => OldVersions.keepNewest(5, { minimumAge: 3 as unknown as Duration }), 'minimumAge is not what it should be'],
  ])('old versions: %s', (make, words) => expect(make).toThrow(words));
});
