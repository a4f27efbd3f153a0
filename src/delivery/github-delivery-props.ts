import type { Duration } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type { SmokeTest } from '../service/release/smoke-test';

/** How bad a finding of an image scan is. */
export enum ScanSeverity {
  CRITICAL = 'CRITICAL',
  HIGH = 'HIGH',
  MEDIUM = 'MEDIUM',
  LOW = 'LOW',
}

/** A container image that the delivery builds once for all environments. */
export interface DeliveryImage {
  /**
   * Name of the image: of its context key in the app, `image:<name>`, and of its variable on GitHub, `DELIVERY_REPOSITORY_<NAME>`, which is
   * the address of its repository in ECR. Small letters, digits and hyphens.
   */
  readonly name: string;
  /**
   * Folder that it is built from, relative to the repository.
   * @default '.'
   */
  readonly directory?: string;
  /**
   * Its Dockerfile, relative to `directory`.
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;
  /**
   * Stage of the Dockerfile that is built.
   * @default - the last one
   */
  readonly target?: string;
  /**
   * Processor that it is for: that of the service. It is built on a machine with that processor, not emulated.
   * @default - ecs.CpuArchitecture.ARM64, as of services
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
}

/** Where a release goes. */
export interface DeliveryEnvironment {
  /** Name of the environment, here and on GitHub, such as `staging`. */
  readonly name: string;
  /**
   * Its stacks as the CDK's command line takes them, such as `ArcadeStaging*` or `Staging/**`. All of them are deployed, and no others: not those
   * that they depend on either.
   */
  readonly stacks: string[];
  /**
   * Branches whose pushes begin a delivery at this environment. A `*` stands for any text without a slash, `**` for any text.
   * @default - ['main'] for the first environment. The others get what the one before them has proven
   */
  readonly branches?: string[];
  /**
   * Address that the smoke tests ask, such as `https://staging.example.com`.
   * @default - the environment's variable DELIVERY_URL on GitHub
   */
  readonly url?: string;
  /**
   * Requests that the environment must answer after a deployment. In `expectedFields` and `expectedText`, `{release}` stands for the release.
   * @default - none: the services' own tests decide
   */
  readonly smokeTests?: SmokeTest[];
  /**
   * Whether somebody has to approve before anything of a release reaches the environment.
   * @default - true for environments called production, prod or live, and for the last of several
   */
  readonly requiresApproval?: boolean;
  /**
   * Who may approve: users and teams of GitHub, such as `octocat` and `acme/operations`. One to six where approval is required.
   * @default - none
   */
  readonly approvers?: string[];
  /**
   * Region that the delivery signs in to.
   * @default - the delivery's
   */
  readonly region?: string;
}

/** Properties of a `GithubDelivery`. */
export interface GithubDeliveryProps {
  /** Repository on GitHub, such as `acme/arcade`. */
  readonly repository: string;
  /** Where a release goes, in this order. */
  readonly environments: DeliveryEnvironment[];
  /** Region of the environments, such as `eu-central-1`. */
  readonly region: string;
  /**
   * Images that the app's services run. The app takes them from context: `registry.image(app.node.tryGetContext('image:api') ?? 'none')`.
   * @default - none
   */
  readonly images?: DeliveryImage[];
  /**
   * Folder of the CDK app, relative to the repository. Commands run there.
   * @default '.'
   */
  readonly appDirectory?: string;
  /**
   * Version of Node.js.
   * @default '24'
   */
  readonly nodeVersion?: string;
  /**
   * Command that installs what the app and its tests need, `aws-cdk` among it.
   * @default 'npm ci'
   */
  readonly installCommand?: string;
  /**
   * Command that installs `aws-cdk` in the jobs that deploy. It should run no scripts of packages.
   * @default 'npm ci --ignore-scripts'
   */
  readonly cdkInstallCommand?: string;
  /**
   * Command that finds mistakes without running anything.
   * @default - none
   */
  readonly lintCommand?: string;
  /**
   * Command that tests.
   * @default 'npm test'
   */
  readonly testCommand?: string;
  /**
   * Command before the synth that makes what the app's assets are of, such as a site.
   * @default - none
   */
  readonly buildCommand?: string;
  /**
   * Least severity of an image scan's finding that stops a release.
   * @default ScanSeverity.HIGH
   */
  readonly stopAtSeverity?: ScanSeverity;
  /**
   * Vulnerabilities of images that are accepted, by their id such as `CVE-2026-1234`, with the reason.
   * @default - none
   */
  readonly acceptedVulnerabilities?: { [id: string]: string };
  /**
   * Whether cfn-lint and checkov judge the templates.
   * @default true
   */
  readonly templateChecks?: boolean;
  /**
   * Checks of checkov that need not pass, by their id such as `CKV_AWS_116`, with the reason.
   * @default - none
   */
  readonly acceptedChecks?: { [id: string]: string };
  /**
   * How long a job that deploys stays signed in, 1 to 12 hours. Longer than an hour only where its role allows that: `maximumSession` of `DeliveryRoles`.
   * What a deployment has not begun by then fails.
   * @default Duration.hours(1)
   */
  readonly sessionDuration?: Duration;
  /**
   * Days within which a release has to be approved, 1 to 30. Images and assembly are kept so long on GitHub.
   * @default 7
   */
  readonly approvalDays?: number;
  /**
   * Name of the workflows' files, and the beginning of their releases' tags. Two deliveries of one repository need different ones.
   * @default 'delivery'
   */
  readonly prefix?: string;
  /**
   * Qualifier that the accounts were bootstrapped with.
   * @default 'hnb659fds'
   */
  readonly bootstrapQualifier?: string;
  /**
   * Folder of the repository on this machine.
   * @default - the nearest folder with `.git`, from where the app runs upwards
   */
  readonly repositoryRoot?: string;
  /**
   * Whether files that are missing or stale fail the synth instead of being written.
   * @default - where CDK_WEB_PLATFORM_CHECK=1 or `-c cdk-web-platform:check=true` asks for it
   */
  readonly check?: boolean;
}
