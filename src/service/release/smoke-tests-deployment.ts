/*
 * Smoke tests as a custom resource. When a stack goes back, CloudFormation calls its custom resources again with the properties from
 * before; one that fails then leaves the stack in UPDATE_ROLLBACK_FAILED, and only a person gets it out of there.
 */

import { SmokeTestSurroundings } from './smoke-test-run';
import { testAddress } from './smoke-tests-address';
import { CustomResourceAnswer, CustomResourceRequest, isGoingBack } from '../../custom-resource-answer';

/** What the template says. */
export interface SmokeTestsRequest extends CustomResourceRequest {
  readonly ResourceProperties: {
    readonly Url: string;
    /** The tests as JSON: CloudFormation would make texts of numbers. */
    readonly Tests: string;
    /** Changes with each release, so that CloudFormation calls again. */
    readonly Version?: string;
  };
}

/** What the deployment's tests need of the world. */
export interface DeploymentTestSurroundings extends SmokeTestSurroundings {
  findStackStatus(stackId: string): Promise<string>;
  pause(milliseconds: number): Promise<void>;
}

/** A right that has just been given is not known everywhere at once, and the stack's state is worth a second question. */
const QUESTIONS = 6;
const QUESTION_PAUSE_MILLISECONDS = 4_000;

/** Runs the tests and says what CloudFormation is told. */
export async function testDeployment(request: SmokeTestsRequest, world: DeploymentTestSurroundings): Promise<CustomResourceAnswer> {
  const PhysicalResourceId = request.PhysicalResourceId ?? request.LogicalResourceId;
  if (request.RequestType === 'Delete') return { Status: 'SUCCESS', PhysicalResourceId };

  const failure = await findFailure(request, world);
  const Reason = await judge(request, failure, world);
  if (Reason === undefined) return { Status: 'SUCCESS', PhysicalResourceId };
  world.log({ failed: Reason });
  return { Status: 'FAILED', Reason, PhysicalResourceId };
}

/** Whether a failure stops the deployment. */
async function judge(request: SmokeTestsRequest, failure: string | undefined, world: DeploymentTestSurroundings): Promise<string | undefined> {
  const { status, problem } = await askForStack(request, failure, world);
  // A first deployment that fails is deleted, which is always safe; and without this answer no later one could ever fail.
  if (problem !== undefined && request.RequestType === 'Create') return failure ?? problem;
  if (failure === undefined) return undefined;
  if (problem === undefined && !isGoingBack(status)) return failure;
  world.log({ failed: failure, told: 'only here', because: problem ?? `the stack is in ${status}: on the way back nothing may fail` });
  return undefined;
}

interface StackState {
  readonly status?: string;
  readonly problem?: string;
}

/** The state of the stack, which matters when a test failed, and when it is seen for the first time whether it can be known at all. */
async function askForStack(request: SmokeTestsRequest, failure: string | undefined, world: DeploymentTestSurroundings): Promise<StackState> {
  if (failure === undefined && request.RequestType === 'Update') return {};
  for (let question = 1; ; question++) {
    try {
      return { status: await world.findStackStatus(request.StackId) };
    } catch (error) {
      const { name, message } = error as Error;
      const problem = `CloudFormation could not be asked whether this stack is going back. ${name}: ${message.replace(/\.$/, '')}`;
      world.log({ problem, question });
      if (question === QUESTIONS) return { problem: `${problem}. Smoke tests need a way to its API: through the internet, or the interface endpoint cloudformation.` };
      await world.pause(QUESTION_PAUSE_MILLISECONDS);
    }
  }
}

function findFailure(request: SmokeTestsRequest, world: SmokeTestSurroundings): Promise<string | undefined> {
  return testAddress(() => {
    const { Url, Tests } = request.ResourceProperties;
    return { url: Url, tests: JSON.parse(Tests) };
  }, world);
}
