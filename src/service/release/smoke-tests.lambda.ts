/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DEADLINE_MILLISECONDS } from './smoke-test-run';
import { SmokeTestsRequest, testDeployment } from './smoke-tests-deployment';
import { answerCloudFormation } from '../../custom-resource-answer';

// Without limits of its own the SDK would wait for an endpoint that the subnets do not reach until the function times out.
const client = new CloudFormationClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});

/** A custom resource that is created or updated when what was deployed answers as expected. */
export async function handler(request: SmokeTestsRequest): Promise<void> {
  const answer = await testDeployment(request, {
    deadline: AbortSignal.timeout(DEADLINE_MILLISECONDS),
    log: line => console.log(JSON.stringify(line)),
    pause: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    findStackStatus: async stackId => {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
      return Stacks![0].StackStatus!;
    },
  });
  await answerCloudFormation(request, answer);
}
