import { AmplifyFramework } from '../amplify-framework';
import { BranchBackend } from '../branch-backend';
import { BuildSmokeTest } from '../build-smoke-test';

/** Everything that the build spec of an app is made from. All names of variables are those that the app wants. */
export interface BuildPlan {
  readonly framework: AmplifyFramework;
  /** Folder of the app in a monorepo, such as apps/web. */
  readonly appRoot?: string;
  readonly branches: readonly PlannedBranch[];
  /** Builds of pull requests; without them such a build is refused. */
  readonly previews?: PlannedPreviews;
  /** Run after what the app depends on was installed. */
  readonly preBuildCommands?: readonly string[];
  readonly postBuildCommands?: readonly string[];
  readonly smokeTest?: BuildSmokeTest;
}

export interface PlannedBranch {
  /** As git has it. */
  readonly name: string;
  readonly backend: BranchBackend;
  /** Variables without which nothing is built. */
  readonly requires: readonly string[];
  /** All variables that the app may have. */
  readonly variables: readonly string[];
  /** Names that SECRET_PARAMETERS has. */
  readonly secrets: readonly string[];
  /** Those of them that the build may read. */
  readonly buildSecrets: readonly string[];
}

export interface PlannedPreviews {
  readonly backend: BranchBackend;
  readonly requires: readonly string[];
  readonly variables: readonly string[];
}
