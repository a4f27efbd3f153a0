import type { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { AmplifyFramework } from './amplify-framework';
import type { AmplifyRepository } from './amplify-repository';
import type { AmplifyRule } from './amplify-rule';
import type { BranchBackend } from './branch-backend';
import type { BranchVariable } from './branch-variable';
import type { BuildSmokeTest } from './build-smoke-test';
import type { EnvironmentProfile } from '../environment';

/** Machine that builds an app. Larger ones cost more for each minute. */
export enum AmplifyBuildSize {
  /** 4 vCPU and 8 GiB. */
  STANDARD_8GB = 'STANDARD_8GB',
  /** 8 vCPU and 16 GiB. */
  LARGE_16GB = 'LARGE_16GB',
  /** 36 vCPU and 72 GiB. */
  XLARGE_72GB = 'XLARGE_72GB',
}

/** Headers of the answers for some addresses. */
export interface AmplifyHeaders {
  /**
   * Addresses, such as `/images/*`. `**` followed by `/*` is all of them.
   * @default - all
   */
  readonly pattern?: string;
  /** Headers by name. One that is an empty text is left out, also where the library would set it. */
  readonly headers: { [name: string]: string };
}

/**
 * What Amplify does with pull requests. It builds them with the role of all branches: whoever may open one can use all that this role may, which
 * is a warning at synth where builds may read secrets (`availableAtBuild`) or deploy backends.
 */
export interface PullRequestPreviews {
  /**
   * Backend of a pull request. `BranchBackend.own()` makes one for each, which Amplify removes when the pull request is closed.
   * @default BranchBackend.none()
   */
  readonly backend?: BranchBackend;
  /**
   * Branches whose pull requests are shown.
   * @default - all but those of stage PRODUCTION
   */
  readonly targetBranches?: string[];
  /**
   * Variables of the pull requests' builds, besides the app's and those of the branch that the backend is shared with. No secrets: who opens a pull
   * request decides what its build does with them. Amplify keeps them with the app itself: a value of something that needs the app, such as the name of a bucket
   * that lets the app's own domain in, would be a circle; give that name another value here.
   * @default - none
   */
  readonly variables?: { [name: string]: BranchVariable };
  /**
   * How long a preview stays that nobody has pushed to, in whole days. Its backend goes with it, where it has its own.
   * @default - until its pull request is closed
   */
  readonly lifetime?: Duration;
}

/** Properties of an `AmplifyApp`. */
export interface AmplifyAppProps {
  /** How the app is built, where the result is, and whether it has a server. */
  readonly framework: AmplifyFramework;
  /**
   * Where the code comes from.
   * @default - none: somebody uploads what is served, for a pipeline that builds by itself
   */
  readonly repository?: AmplifyRepository;
  /**
   * Name of the app in the console.
   * @default - one with the name of the stack in it
   */
  readonly appName?: string;
  /**
   * Folder of the app in a repository of several, such as `apps/web`.
   * @default - the repository's own
   */
  readonly appRoot?: string;
  /**
   * Variables of all branches. One of a branch with the same name counts more.
   * @default - none
   */
  readonly variables?: { [name: string]: BranchVariable };
  /**
   * Names of the variables without which no branch can be built. A branch that lacks one is refused at synth, and if somebody removes one later, by
   * its build, before anything else is done.
   * @default - none
   */
  readonly requires?: string[];
  /**
   * Shows pull requests before they are merged. GitHub only, and no public repositories with a server or a backend.
   * @default - pull requests are not shown
   */
  readonly pullRequestPreviews?: PullRequestPreviews;
  /**
   * Redirects, rewrites and pages for what is not there. The first that matches counts.
   * @default - none
   */
  readonly rules?: AmplifyRule[];
  /**
   * Headers of the answers, besides those that make browsers careful.
   * @default - HSTS, nosniff, no framing by others, and a Content-Security-Policy that says no more than that
   */
  readonly customHeaders?: AmplifyHeaders[];
  /**
   * Commands before the build.
   * @default - none
   */
  readonly preBuildCommands?: string[];
  /**
   * Commands after the build.
   * @default - none
   */
  readonly postBuildCommands?: string[];
  /**
   * Request that the app must answer when it has been built, before it is deployed.
   * @default - none
   */
  readonly buildSmokeTest?: BuildSmokeTest;
  /**
   * The whole build spec, instead of the one that is made. Nothing checks a branch's variables then.
   * @default - made of the branches, their backends and variables
   */
  readonly buildSpec?: string;
  /**
   * Machine that builds the app.
   * @default AmplifyBuildSize.STANDARD_8GB
   */
  readonly buildSize?: AmplifyBuildSize;
  /**
   * Whether answers are kept apart by the visitors' cookies in Amplify's cache: for servers whose cacheable answers depend on them.
   * @default false
   */
  readonly cookiesInCacheKey?: boolean;
  /**
   * Role that builds the app and deploys its backends. It is not changed.
   * @default - one is made with what the branches need
   */
  readonly serviceRole?: iam.IRole;
  /**
   * Whether people are told of builds that succeeded too.
   * @default false
   */
  readonly notifyOfSuccess?: boolean;
  /**
   * Slowest answer to one request in twenty that is no reason to call somebody.
   * @default Duration.seconds(3)
   */
  readonly latencyThreshold?: Duration;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
  /**
   * What differs between environments. One app has branches of several: the profile is for what they share.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key for logs and for the password of protected branches.
   * @default - AWS's own
   */
  readonly encryptionKey?: kms.IKey;
}
