import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { WatchedEvents } from '../observability';

/** What EventBridge says of a deployment. */
export enum AmplifyJobStatus {
  SUCCEEDED = 'SUCCEED',
  FAILED = 'FAILED',
}

/**
 * A rule for the end of an app's deployments.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-amplify.html
 */
export function createBuildsRule(
  scope: Construct, id: string, filter: { appId: string; branchName?: string; statuses: AmplifyJobStatus[] },
): events.Rule {
  const { appId, branchName, statuses } = filter;
  return new events.Rule(scope, id, {
    description: `Deployments of ${scope.node.path}: ${statuses.join(', ')}`.slice(0, 512),
    eventPattern: {
      source: ['aws.amplify'],
      detailType: ['Amplify Deployment Status Change'],
      detail: { appId: [appId], jobStatus: statuses, ...branchName === undefined ? {} : { branchName: [branchName] } },
    },
  });
}

/** Builds that people are told of. There is no metric of them. */
export function watchBuilds(scope: Construct, appId: string, successToo: boolean): WatchedEvents {
  const statuses = [AmplifyJobStatus.FAILED, ...successToo ? [AmplifyJobStatus.SUCCEEDED] : []];
  return {
    rule: createBuildsRule(scope, 'Builds', { appId, statuses }),
    meaning: successToo
      ? 'A build of the Amplify app has ended. Where it failed, what was deployed before is still served: read its log in the console.'
      : 'A build of the Amplify app failed; what was deployed before is still served. First: read the log of the job named here in the console.',
  };
}
