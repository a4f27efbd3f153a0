import type * as sns from 'aws-cdk-lib/aws-sns';
import type { AmplifyAppProps, AmplifyBranchOptions, AmplifyDomainOptions } from '../amplify';
import type { Monitoring } from '../observability';
import type { SmokeTest } from '../service';

/** Properties of an `AmplifyMultiBranchApp`. */
export interface AmplifyMultiBranchAppProps extends AmplifyAppProps {
  /** Branches by their names in the repository, each an environment of its own. */
  readonly branches: { [branchName: string]: AmplifyBranchOptions };
  /**
   * Domain under which branches are served.
   * @default - Amplify's own domain only
   */
  readonly domain?: AmplifyDomainOptions;
  /**
   * Whether browsers are asked for a name and a password on all branches but those of stage PRODUCTION. A branch's own `passwordProtected` counts more.
   * @default false
   */
  readonly nonProductionPassword?: boolean;
  /**
   * Requests that each branch without a password must answer, asked after each of its deployments. Somebody is told where one fails; what was deployed
   * stays, as Amplify has no way back of its own.
   * @default - none
   */
  readonly smokeTests?: SmokeTest[];
  /**
   * USD that Amplify may cost in a month before somebody is told.
   * @default - no budget
   */
  readonly monthlyBudget?: number;
  /**
   * Where alarms and the row on the dashboard go, such as those of an API beside it.
   * @default - a Monitoring of the app's own
   */
  readonly monitoring?: Monitoring;
  /**
   * Topic that alarms are published to.
   * @default - one is made
   */
  readonly alertTopic?: sns.ITopic;
  /**
   * Addresses that are told of alarms, failed builds and the budget.
   * @default - none
   */
  readonly alertEmails?: string[];
}
