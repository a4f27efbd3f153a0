import { Duration } from 'aws-cdk-lib';
import { DesktopSystem } from './desktop-system';
import { OldVersions } from './old-versions';
import { buildJob, offerJob, ReleaseWorkflowSettings, uploadJob, versionJob } from './release-jobs';
import { validateDesktopReleaseWorkflow } from './validate-desktop-release-workflow';
import { withReasons } from './workflow-comments';
import { toYaml } from '../yaml';

/** Options of a `DesktopReleaseWorkflow`. */
export interface DesktopReleaseWorkflowOptions {
  /**
   * Name of the workflow on GitHub.
   * @default 'Desktop release'
   */
  readonly name?: string;
  /**
   * Systems that the app is built for.
   * @default - macOS, Windows and Linux
   */
  readonly systems?: DesktopSystem[];
  /**
   * Folder of the app in the repository, relative to its root.
   * @default '.'
   */
  readonly workingDirectory?: string;
  /**
   * Folder that electron-builder writes to, relative to `workingDirectory`: its `directories.output`.
   * @default 'dist'
   */
  readonly outputDirectory?: string;
  /**
   * Version of Node.js that builds the app.
   * @default '24'
   */
  readonly nodeVersion?: string;
  /**
   * Command that installs the app's dependencies.
   * @default 'npm ci'
   */
  readonly installCommand?: string;
  /**
   * Command that builds the app, before electron-builder.
   * @default 'npm run build'
   */
  readonly buildCommand?: string;
  /**
   * Command that makes installers and feeds and publishes nothing. On macOS and Windows it is called with `-c.forceCodeSigning=true`.
   * @default 'npx electron-builder --publish never'
   */
  readonly packageCommand?: string;
  /**
   * Variables of the repository that the build command gets, under the same names. A run without one of them fails before it builds.
   * @default ['VITE_API_BASE_URL']
   */
  readonly buildVariables?: string[];
  /**
   * Percentage of users that a new version is offered to at first, 0 to 100. A run by hand offers it to more.
   * @default 100
   */
  readonly initialRollout?: number;
  /**
   * How long a run may take, 8 to 360 minutes. All but five of them are the build's. Runs that wait for a free runner or for Apple's
   * notarization take longer.
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;
}

/** Properties of a `DesktopReleaseWorkflow` that stands by itself. */
export interface DesktopReleaseWorkflowProps extends DesktopReleaseWorkflowOptions {
  /**
   * Channels, the most stable first. `latest` is the one of versions such as 1.2.3, `beta` of such as 1.3.0-beta.1.
   * @default ['latest']
   */
  readonly channels?: string[];
  /**
   * What the tags of versions begin with. The rest is the version: `v1.2.3`.
   * @default 'v'
   */
  readonly tagPrefix?: string;
  /**
   * GitHub environment of the jobs that publish.
   * @default - none
   */
  readonly environment?: string;
  /**
   * What becomes of versions that newer ones have replaced.
   * @default OldVersions.keepAll()
   */
  readonly oldVersions?: OldVersions;
}

/**
 * The GitHub Actions workflow that builds, signs and publishes a desktop app with electron-builder. It is text: write it to
 * `.github/workflows/desktop-release.yml` and commit it.
 *
 * A tag such as `v1.2.3` builds that version on each system, uploads all files when every system has built, and offers it by the feeds as
 * the very last. A run by hand at the tag of a published version offers that version again without building it: to a larger share of users,
 * or in place of a newer one that turned out to be bad.
 */
export class DesktopReleaseWorkflow {
  private readonly settings: ReleaseWorkflowSettings;

  constructor(props: DesktopReleaseWorkflowProps = {}) {
    validateDesktopReleaseWorkflow('DesktopReleaseWorkflow', props);
    this.settings = settingsOf(props);
  }

  /** The workflow's text. The same options give the same text. */
  public toYaml(): string {
    const { name, tagPrefix } = this.settings;
    return `# Written by DesktopReleaseWorkflow of cdk-web-platform: change its options rather than this file.\n${withReasons(toYaml({
      name,
      'run-name': `${name} \${{ github.ref_name }}`,
      'on': {
        push: { tags: [`${tagPrefix}*`] },
        workflow_dispatch: {
          inputs: {
            rollout: {
              description: 'Percentage of users that the version of the chosen tag is offered to, 0 to 100',
              required: true,
              default: '100',
              type: 'string',
            },
          },
        },
      },
      // Two runs at once could leave the feeds of different systems at different versions.
      'concurrency': { 'group': 'desktop-release', 'cancel-in-progress': false },
      'permissions': { contents: 'read' },
      'jobs': {
        version: versionJob(this.settings),
        build: buildJob(this.settings),
        upload: uploadJob(this.settings),
        offer: offerJob(this.settings),
      },
    }))}`;
  }
}

function settingsOf(props: DesktopReleaseWorkflowProps): ReleaseWorkflowSettings {
  return {
    name: props.name ?? 'Desktop release',
    channels: props.channels ?? ['latest'],
    systems: props.systems ?? [DesktopSystem.MACOS, DesktopSystem.WINDOWS, DesktopSystem.LINUX],
    tagPrefix: props.tagPrefix ?? 'v',
    workingDirectory: props.workingDirectory ?? '.',
    outputDirectory: props.outputDirectory ?? 'dist',
    nodeVersion: props.nodeVersion ?? '24',
    installCommand: props.installCommand ?? 'npm ci',
    buildCommand: props.buildCommand ?? 'npm run build',
    packageCommand: props.packageCommand ?? 'npx electron-builder --publish never',
    buildVariables: props.buildVariables ?? ['VITE_API_BASE_URL'],
    environment: props.environment,
    initialRollout: props.initialRollout ?? 100,
    minutes: (props.timeout ?? Duration.minutes(15)).toMinutes(),
    newest: props.oldVersions?._newest,
  };
}
