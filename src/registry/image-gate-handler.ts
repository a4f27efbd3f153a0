/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import type { Context } from 'aws-lambda';
import { answer, findDigest, GateEvent, GateOutcome, openGate } from './image-gate-logic';

const client = new ECRClient({ maxAttempts: 5 });
const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));

/** A custom resource that is created when an image is in the registry. It waits longer than one invocation may last. */
export async function openImageGate(event: GateEvent, context: Context): Promise<void> {
  const outcome = await decide(event, context);
  if (outcome.kind !== 'continue') return answer(event, outcome, sleep);
  try {
    await continueLater({ ...event, deadline: outcome.deadline }, context);
  } catch (error) {
    await answer(event, { kind: 'failed', reason: `The gate could not go on waiting. ${error}` }, sleep);
  }
}

async function decide(event: GateEvent, context: Context): Promise<GateOutcome> {
  try {
    return await openGate(event, {
      findDigest: ({ RepositoryName, RegistryId, Tag }) => findDigest(() => client.send(new DescribeImagesCommand({
        repositoryName: RepositoryName, registryId: RegistryId, imageIds: [{ imageTag: Tag }],
      }))),
      now: Date.now,
      sleep,
      remaining: () => context.getRemainingTimeInMillis(),
      log: line => console.log(JSON.stringify(line)),
    });
  } catch (error) {
    return { kind: 'failed', reason: `The gate failed. ${error}` };
  }
}

async function continueLater(event: GateEvent, context: Context): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only by a wait of a quarter of an hour
  const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda');
  await new LambdaClient().send(new InvokeCommand({
    FunctionName: context.invokedFunctionArn,
    InvocationType: 'Event',
    Payload: JSON.stringify(event),
  }));
}
