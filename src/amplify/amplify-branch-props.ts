import type { AmplifyApp } from './amplify-app';
import type { BranchBackend } from './branch-backend';
import type { BranchVariable } from './branch-variable';

/** What a branch is for, as Amplify's console shows it. */
export enum AmplifyStage {
  /** Users are here. */
  PRODUCTION = 'PRODUCTION',
  /** Somebody tries what comes next. */
  BETA = 'BETA',
  /** Developers only. */
  DEVELOPMENT = 'DEVELOPMENT',
  /** Something is tried out. */
  EXPERIMENTAL = 'EXPERIMENTAL',
}

/** What a branch of an Amplify app may be given. */
export interface AmplifyBranchOptions {
  /**
   * Amplify Gen 2 backend of the branch: its own, another branch's, or none.
   * @default BranchBackend.none()
   */
  readonly backend?: BranchBackend;
  /**
   * Variables of the branch. One whose backend is another's has the other's too; its own count more. What somebody sets for the branch in Amplify's
   * console is gone with the next change here.
   * @default - the app's
   */
  readonly variables?: { [name: string]: BranchVariable };
  /**
   * What the branch is for.
   * @default - PRODUCTION for branches named main, master, production or prod; DEVELOPMENT otherwise
   */
  readonly stage?: AmplifyStage;
  /**
   * Whether each push is built and deployed.
   * @default true
   */
  readonly autoBuild?: boolean;
  /**
   * Whether browsers ask for a name and a password. Both are in a secret that all protected branches share.
   * @default false
   */
  readonly passwordProtected?: boolean;
  /**
   * Whether pages of an earlier deployment keep getting the files that belong to it.
   * @default true
   * @see https://docs.aws.amazon.com/amplify/latest/userguide/skew-protection.html
   */
  readonly skewProtection?: boolean;
  /**
   * A sentence for the console.
   * @default - none
   */
  readonly description?: string;
}

/** Properties of an `AmplifyBranch`. */
export interface AmplifyBranchProps extends AmplifyBranchOptions {
  /** App that the branch is of. */
  readonly app: AmplifyApp;
  /** Name of the branch in the repository, such as `main` or `feature/login`. */
  readonly branchName: string;
}

/**
 * Id of a construct that is a branch's. A slash would become two hyphens, which another branch may have; no branch in git has a colon.
 * @internal
 */
export function branchId(kind: string, branchName: string): string {
  return `${kind}-${branchName}`.replace(/\//g, ':');
}

/** Branches that users are usually served from. */
const PRODUCTION_NAMES = ['main', 'master', 'production', 'prod'];

/**
 * Whether a branch asks for a password, where all but production do.
 * @internal
 */
export function isProtected(branchName: string, options: AmplifyBranchOptions, nonProductionPassword: boolean | undefined): boolean {
  return options.passwordProtected ?? ((nonProductionPassword ?? false) && stageOf(branchName, options) !== AmplifyStage.PRODUCTION);
}

/**
 * What a branch is for, by its name where nobody says.
 * @internal
 */
export function stageOf(branchName: string, { stage }: AmplifyBranchOptions): AmplifyStage {
  return stage ?? (PRODUCTION_NAMES.includes(branchName) ? AmplifyStage.PRODUCTION : AmplifyStage.DEVELOPMENT);
}
