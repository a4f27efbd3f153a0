import type { Duration } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type * as iam from 'aws-cdk-lib/aws-iam';

/** What one GitHub environment deploys to. */
export interface DeliveryTarget {
  /** Name of the environment on GitHub, such as `production`, in the upper and lower case that workflows write. */
  readonly environment: string;
  /**
   * AWS account that is deployed to. Another one than the stack's has to be bootstrapped with `--trust` for the stack's.
   * @default - the stack's
   */
  readonly account?: string;
  /**
   * Regions that are deployed to, such as `eu-central-1`, and `us-east-1` for certificates of CloudFront.
   * @default - the stack's
   */
  readonly regions?: string[];
  /**
   * Qualifier that account and regions were bootstrapped with. Environments in one account and region are kept apart by different ones.
   * @default - that of the app's context `@aws-cdk/core:bootstrapQualifier`, or 'hnb659fds'
   */
  readonly qualifier?: string;
  /**
   * Branches whose workflows may deploy here, by their whole names. It holds also where the environment on GitHub has no such rule, or loses it.
   * AWS compares this claim in its commercial regions, for tokens of github.com.
   * @default - those that the environment's rules on GitHub allow
   */
  readonly branches?: string[];
  /**
   * Whole subject of the environment's tokens, for a repository whose subject claim is customised. It begins with the repository and has the environment
   * in it, such as `repo:acme/shop:environment:production:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main`.
   * @default - `repo:<repository>:environment:<environment>`
   */
  readonly subject?: string;
  /**
   * Image repositories of this environment alone, such as those of its own account.
   * @default - the `images` of all
   */
  readonly images?: ecr.IRepository[];
  /**
   * Whether pull requests of the repository itself get the role that looks too, without a GitHub environment.
   * @default false
   */
  readonly pullRequests?: boolean;
}

/** Properties of `DeliveryRoles`. */
export interface DeliveryRolesProps {
  /**
   * Repository on GitHub, such as `acme/shop`, in the upper and lower case that GitHub shows. One with immutable subjects, as all have that were made
   * since July 2026, with its numbers: `acme@123/shop@456`.
   */
  readonly repository: string;
  /** What is deployed to, one for each GitHub environment. */
  readonly targets: DeliveryTarget[];
  /**
   * Image repositories that deployments push to, such as `repository` of an `ImageRegistry`.
   * @default - none
   */
  readonly images?: ecr.IRepository[];
  /**
   * Branches, by their whole names, whose workflows push images before an environment is chosen. Deployments then do not push, they only look at images.
   * @default - none
   */
  readonly buildBranches?: string[];
  /**
   * Whether jobs of GitHub environments called as those here with `-read` behind may look at what is deployed, to find drift and to compare pull
   * requests with it. They get the bootstrap's lookup role, which reads almost anything in the account except what a key of one's own encrypts.
   * @default true
   */
  readonly readRoles?: boolean;
  /**
   * GitHub's identity provider in this account. An account can have only one: give it where another stack has made it.
   * @default - made once for the stack
   */
  readonly provider?: iam.IOIDCProviderRef;
  /**
   * Who issues the tokens, without `https://`: of an enterprise with an issuer of its own `token.actions.githubusercontent.com/acme`, of GitHub
   * Enterprise Server `github.example.com/_services/token`.
   * @default 'token.actions.githubusercontent.com'
   */
  readonly issuer?: string;
  /**
   * Boundary of what the roles may ever do.
   * @default - none
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /**
   * Longest session of a role, 1 to 12 hours. What it assumes from there ends after an hour, as AWS has it.
   * @default Duration.hours(1)
   */
  readonly maximumSession?: Duration;
}
