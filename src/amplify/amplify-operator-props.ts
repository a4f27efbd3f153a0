import type { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import type { SecretSource } from './secret-source';
import type { EnvironmentProfile } from '../environment';

/** Properties of an `AmplifyOperator`. */
export interface AmplifyOperatorProps {
  /** Id of the app, such as `d2mgxqlhqfnu3l`: of this stack, or one that was made elsewhere, such as in the console. */
  readonly appId: string;
  /**
   * How long the log is kept.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key for the log, the function's configuration and events that failed.
   * @default - AWS's own
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How long the preview of a pull request stays after its last build, from 1 day to 365 days. Looked after once a day.
   * @default - until its pull request is closed
   */
  readonly previewLifetime?: Duration;
  /**
   * Whether previews have Gen 2 backends of their own, which then go with them. Needs `previewLifetime`.
   * @default false
   */
  readonly previewBackends?: boolean;
}

/** Which secrets are kept, and for whom. */
export interface KeepSecretsOptions {
  /**
   * Name of the branch, as git has it.
   * @default - the secrets are for all branches of the app
   */
  readonly branchName?: string;
  /** Where the value of each comes from, by the name that the app wants: 1 to 50 of them, with letters, digits and `_.-` in their names. */
  readonly secrets: { readonly [name: string]: SecretSource };
}

/** Which variables are remembered, and when. */
export interface RememberVariablesOptions {
  /** Name of the branch, as git has it. */
  readonly branchName: string;
  /** All variables that the branch has, none of them secret. */
  readonly variables: { readonly [name: string]: string };
  /** Whether the branch is built when its variables or secrets have changed, or when it never was. */
  readonly startBuilds: boolean;
  /** What must be there before: the branch, with these variables. */
  readonly executeAfter: IConstruct[];
}
