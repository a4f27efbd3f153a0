import { DesktopSystem } from './desktop-system';
import { ACTIONS } from './release-actions';
import { checkScript, COLLECT, OFFER, RETIRE, UPLOAD, VERIFY } from './release-scripts';
import { RELEASE_VARIABLES } from './release-variables';
import { action, checkOut, Job, LINUX_RUNNER, signIn, variable } from './workflow-pieces';
import { YamlValue } from '../yaml';

/** What the workflow depends on, with every default decided. */
export interface ReleaseWorkflowSettings {
  readonly name: string;
  readonly channels: string[];
  readonly systems: DesktopSystem[];
  readonly tagPrefix: string;
  readonly workingDirectory: string;
  readonly outputDirectory: string;
  readonly nodeVersion: string;
  readonly installCommand: string;
  readonly buildCommand: string;
  readonly packageCommand: string;
  readonly buildVariables: string[];
  readonly environment?: string;
  readonly initialRollout: number;
  readonly minutes: number;
  /** Versions of each channel that stay; all where nothing is said. */
  readonly newest?: number;
}

const RUNNERS = {
  [DesktopSystem.MACOS]: 'macos-15',
  [DesktopSystem.WINDOWS]: 'windows-2025',
  [DesktopSystem.LINUX]: LINUX_RUNNER,
};
const PUBLISHER = LINUX_RUNNER;

/** Minutes of the jobs that build nothing. */
const CHECK_MINUTES = 1;
const UPLOAD_MINUTES = 2;
const OFFER_MINUTES = 2;
/** Minutes of a run that are not the build's. */
export const OTHER_MINUTES = CHECK_MINUTES + UPLOAD_MINUTES + OFFER_MINUTES;

const VERSION = '${{ needs.version.outputs.version }}';
const CHANNEL = '${{ needs.version.outputs.channel }}';

/** The first of all: what the tag means, and whether everything is there. */
export function versionJob(settings: ReleaseWorkflowSettings): Job {
  const names = [...Object.values(RELEASE_VARIABLES), ...settings.buildVariables];
  return {
    'name': 'Check',
    'runs-on': PUBLISHER,
    'timeout-minutes': CHECK_MINUTES,
    'defaults': { run: { shell: 'bash' } },
    'outputs': { version: '${{ steps.check.outputs.version }}', channel: '${{ steps.check.outputs.channel }}' },
    'steps': [{
      name: 'Check tag and variables',
      id: 'check',
      env: { ROLLOUT: rollout(settings), ...Object.fromEntries(names.map(name => [name, variable(name)])) },
      run: checkScript(names, settings.channels, settings.tagPrefix),
    }],
  };
}

/** Builds and signs on each system. It has no right in AWS: what it installs from npm cannot publish. */
export function buildJob(settings: ReleaseWorkflowSettings): Job {
  return {
    'name': 'Build for ${{ matrix.system }}',
    'needs': 'version',
    'if': "github.event_name == 'push'",
    'strategy': { matrix: { include: settings.systems.map(system => ({ system, runner: RUNNERS[system] })) } },
    'runs-on': '${{ matrix.runner }}',
    'timeout-minutes': settings.minutes - OTHER_MINUTES,
    'defaults': { run: { 'shell': 'bash', 'working-directory': settings.workingDirectory } },
    'env': { VERSION, CHANNEL, OUTPUT_DIRECTORY: settings.outputDirectory },
    'steps': [
      checkOut(),
      // A cache that other runs write to has no place in what is signed.
      action('Set up Node.js', ACTIONS.setupNode, { 'node-version': settings.nodeVersion, 'package-manager-cache': false }),
      { name: 'Install', run: settings.installCommand },
      { name: 'Set version', run: 'npm version "$VERSION" --no-git-tag-version --allow-same-version' },
      { name: 'Build', env: valuesOf(settings.buildVariables), run: settings.buildCommand },
      ...settings.systems.map(system => packageStep(system, settings.packageCommand)),
      { name: 'Collect', run: COLLECT },
      action('Hand over', ACTIONS.uploadArtifact, {
        'name': 'release-${{ matrix.system }}',
        'path': settings.workingDirectory === '.' ? 'release' : `${settings.workingDirectory}/release`,
        'if-no-files-found': 'error',
        'compression-level': 0,
        'retention-days': 1,
      }),
    ],
  };
}

/** Puts the files of all systems into the bucket, once every system has built. */
export function uploadJob(settings: ReleaseWorkflowSettings): Job {
  return {
    name: 'Upload',
    ...publisher(settings, ['version', 'build'], UPLOAD_MINUTES),
    steps: [
      action('Take over', ACTIONS.downloadArtifact, { 'pattern': 'release-*', 'path': 'release', 'merge-multiple': true }),
      signIn(variable(RELEASE_VARIABLES.role), variable(RELEASE_VARIABLES.region)),
      { name: 'Upload', run: UPLOAD },
    ],
  };
}

/** The feeds, last and alone. A run by hand begins here. */
export function offerJob(settings: ReleaseWorkflowSettings): Job {
  const { environment, ...job } = publisher(settings, ['version', 'build', 'upload'], OFFER_MINUTES);
  return {
    name: 'Offer',
    ...job,
    if: '${{ !failure() && !cancelled() }}',
    environment,
    env: {
      ...publisherVariables(),
      CHANNELS: settings.channels.join(' '),
      ROLLOUT: rollout(settings),
      NEWEST: settings.newest,
    },
    steps: [
      signIn(variable(RELEASE_VARIABLES.role), variable(RELEASE_VARIABLES.region)),
      { name: 'Offer', run: OFFER },
      { name: 'Verify', run: VERIFY },
      ...(settings.newest ? [{ name: 'Retire old versions', run: RETIRE }] : []),
    ],
  };
}

function publisher(settings: ReleaseWorkflowSettings, needs: string[], minutes: number): Job {
  return {
    needs,
    'runs-on': PUBLISHER,
    'timeout-minutes': minutes,
    'environment': settings.environment,
    'permissions': { 'id-token': 'write', 'contents': 'read' },
    'defaults': { run: { shell: 'bash' } },
    'env': publisherVariables(),
  };
}

function publisherVariables(): { [name: string]: string } {
  const { bucket, distribution, url } = RELEASE_VARIABLES;
  return { VERSION, CHANNEL, ...Object.fromEntries([bucket, distribution, url].map(name => [name, variable(name)])) };
}

function packageStep(system: DesktopSystem, command: string): YamlValue {
  const runner = { [DesktopSystem.MACOS]: 'macOS', [DesktopSystem.WINDOWS]: 'Windows', [DesktopSystem.LINUX]: 'Linux' }[system];
  return {
    name: system === DesktopSystem.LINUX ? `Package for ${runner}` : `Sign and package for ${runner}`,
    if: `runner.os == '${runner}'`,
    env: signingSecrets(system),
    // Users would get an app that their system warns of, and on macOS one that cannot update itself.
    run: system === DesktopSystem.LINUX ? command : `${command} -c.forceCodeSigning=true`,
  };
}

/** @see https://www.electron.build/code-signing */
function signingSecrets(system: DesktopSystem): { [name: string]: string } | undefined {
  const secrets = (...names: string[]) => Object.fromEntries(names.map(name => [name, `\${{ secrets.${name} }}`]));
  if (system === DesktopSystem.MACOS) return secrets('CSC_LINK', 'CSC_KEY_PASSWORD', 'APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID');
  if (system === DesktopSystem.WINDOWS) return secrets('WIN_CSC_LINK', 'WIN_CSC_KEY_PASSWORD');
  return undefined;
}

function rollout(settings: ReleaseWorkflowSettings): string {
  return `\${{ inputs.rollout || '${settings.initialRollout}' }}`;
}

/** Undefined for none: GitHub refuses an empty list. */
function valuesOf(names: string[]): { [name: string]: string } | undefined {
  return names.length === 0 ? undefined : Object.fromEntries(names.map(name => [name, variable(name)]));
}
