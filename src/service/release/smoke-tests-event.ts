/*
 * Smoke tests after something else than CloudFormation has deployed, such as Amplify. EventBridge waits for no answer: a failure is an
 * invocation that fails, which Lambda counts for the alarm, and whose event goes to the dead letter queue.
 */

import { SmokeTestSurroundings } from './smoke-test-run';
import { AddressTests, testAddress } from './smoke-tests-address';

/** What EventBridge is told to send: nothing of its own event, which is another one for each deployer. */
export type SmokeTestsEvent = AddressTests;

/** Runs the tests, and throws what failed and why. */
export async function testAfterEvent(event: SmokeTestsEvent, world: SmokeTestSurroundings): Promise<void> {
  const failed = await testAddress(() => event, world);
  if (failed === undefined) return;
  world.log({ failed });
  throw new Error(failed);
}
