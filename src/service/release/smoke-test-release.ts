/*
 * What the hook decides, apart from everything that is AWS's. ECS asks it when the test listener leads to the new version and production
 * does not: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */

import { hookDetails, LifecycleHookAnswer, LifecycleHookEvent } from './lifecycle-hook';
import { PlacedLoadBalancer } from './load-balancer-address';
import { releaseStepFailed } from './release-event';
import { SmokeTestTarget } from './smoke-test-request';
import { failureReason, PlannedSmokeTest, runSmokeTests, SmokeTestSurroundings } from './smoke-test-run';

/** What the function's environment says. */
export interface ReleaseTestSettings {
  readonly tests: readonly PlannedSmokeTest[];
  /** The test listener, without its addresses. */
  readonly listener: Omit<SmokeTestTarget, 'addresses'>;
  readonly dnsName: string;
  /** The load balancer whose private addresses have to be found; none where its name stands for them. */
  readonly loadBalancer?: PlacedLoadBalancer;
}

/** What the hook needs of the world. */
export interface ReleaseTestSurroundings extends SmokeTestSurroundings {
  /** Task definition of a service revision. */
  findTaskDefinition(serviceRevisionArn: string): Promise<string | undefined>;
  findAddresses(loadBalancer: PlacedLoadBalancer): Promise<string[]>;
  putEvent(entry: ReturnType<typeof releaseStepFailed>): Promise<void>;
}

type Environment = { readonly [name: string]: string | undefined };

export function readReleaseTestSettings(environment: Environment): ReleaseTestSettings {
  const dnsName = required(environment, 'LOAD_BALANCER_DNS_NAME');
  const fullName = environment.LOAD_BALANCER_FULL_NAME;
  const host = environment.TEST_HOST;
  return {
    tests: JSON.parse(required(environment, 'SMOKE_TESTS')),
    listener: {
      protocol: required(environment, 'TEST_PROTOCOL') as SmokeTestTarget['protocol'],
      port: Number(required(environment, 'TEST_PORT')),
      host: host ?? dnsName,
      anyCertificateName: host === undefined,
    },
    dnsName,
    loadBalancer: fullName === undefined ? undefined : { fullName, vpcId: required(environment, 'VPC_ID') },
  };
}

/** Tests the new version. A failure is told on the event bus first: ECS's own events know nothing but that a hook failed. */
export async function testRelease(
  event: LifecycleHookEvent, settings: ReleaseTestSettings, world: ReleaseTestSurroundings,
): Promise<LifecycleHookAnswer> {
  if (await isAnotherRelease(event, world)) {
    world.log({ skipped: 'this deployment is not to the newest task definition: a rollback is not tested' });
    return { hookStatus: 'SUCCEEDED' };
  }
  const reason = await findFailure(settings, world);
  if (reason === undefined) return { hookStatus: 'SUCCEEDED' };

  world.log({ failed: reason });
  try {
    await world.putEvent(releaseStepFailed(event, 'smoke tests', reason));
  } catch (error) {
    world.log({ eventNotPut: String(error) });
  }
  return { hookStatus: 'FAILED' };
}

/** Whether ECS goes back to an older task definition. Where this cannot be told, the tests run. */
async function isAnotherRelease(event: LifecycleHookEvent, world: ReleaseTestSurroundings): Promise<boolean> {
  try {
    const { serviceTaskDefinition } = hookDetails(event);
    const target = await world.findTaskDefinition(event.executionDetails.targetServiceRevisionArn);
    return target !== undefined && typeof serviceTaskDefinition === 'string' && target !== serviceTaskDefinition;
  } catch (error) {
    world.log({ serviceRevisionNotKnown: String(error) });
    return false;
  }
}

async function findFailure(settings: ReleaseTestSettings, world: ReleaseTestSurroundings): Promise<string | undefined> {
  const { tests, listener, dnsName, loadBalancer } = settings;
  try {
    const addresses = loadBalancer ? await world.findAddresses(loadBalancer) : [dnsName];
    return failureReason(await runSmokeTests(tests, { ...listener, addresses }, world));
  } catch (error) {
    return (error as Error).message;
  }
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}
