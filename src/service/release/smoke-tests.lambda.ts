/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DEADLINE_MILLISECONDS } from './smoke-test-run';
import { SmokeTestsRequest, testDeployment } from './smoke-tests-deployment';
import { SmokeTestsEvent, testAfterEvent } from './smoke-tests-event';
import { answerCloudFormation } from '../../custom-resource-answer';

// Without limits of its own the SDK would wait for an endpoint that the subnets do not reach until the function times out.
const client = new CloudFormationClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});

/** A custom resource that is created or updated when what was deployed answers as expected; and the target of events, which fails when it does not. */
export async function handler(event: SmokeTestsRequest | SmokeTestsEvent): Promise<void> {
  const world = {
    deadline: AbortSignal.timeout(DEADLINE_MILLISECONDS),
    log: (line: object) => console.log(JSON.stringify(line)),
  };
  if (!('RequestType' in event)) return testAfterEvent(event, world);
  const answer = await testDeployment(event, {
    ...world,
    pause: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    findStackStatus: async stackId => {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
      return Stacks![0].StackStatus!;
    },
  });
  await answerCloudFormation(event, answer);
}
