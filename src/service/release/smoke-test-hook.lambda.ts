/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { DescribeNetworkInterfacesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServiceRevisionsCommand, ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { isLifecycleHookEvent, LifecycleHookAnswer } from './lifecycle-hook';
import { privateAddresses } from './load-balancer-address';
import { readReleaseTestSettings, testRelease } from './smoke-test-release';
import { DEADLINE_MILLISECONDS } from './smoke-test-run';

// Without limits of its own the SDK would wait for an endpoint that the subnets do not reach until the time for the tests is over.
const limits = { maxAttempts: 3, requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true } };
const ecs = new ECSClient(limits);
const ec2 = new EC2Client(limits);
const events = new EventBridgeClient(limits);

/** ECS's question whether the new version behind the test listener is fit for users. */
export async function handler(event: object): Promise<LifecycleHookAnswer> {
  if (!isLifecycleHookEvent(event)) throw new Error('this is not an event of an ECS lifecycle hook');
  const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
  return testRelease(event, readReleaseTestSettings(process.env), {
    deadline,
    log: line => console.log(JSON.stringify(line)),
    findTaskDefinition: async serviceRevisionArn => {
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [serviceRevisionArn] });
      const { serviceRevisions } = await ecs.send(command, { abortSignal: deadline });
      return serviceRevisions?.[0]?.taskDefinition;
    },
    findAddresses: loadBalancer => privateAddresses(loadBalancer,
      filters => ec2.send(new DescribeNetworkInterfacesCommand({ Filters: filters }), { abortSignal: deadline })),
    putEvent: async entry => {
      const { Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
      const refused = Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
    },
  });
}
