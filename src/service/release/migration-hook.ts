import { hookDetails, LifecycleHookAnswer, LifecycleHookEvent } from './lifecycle-hook';
import { advance, MigrationRun } from './migration-advance';
import { MigrationWorld } from './migration-settlement';
import { releaseStepFailed } from './release-event';

/** What a deployment's hook needs beside. */
export interface HookWorld extends MigrationWorld {
  /** Task definition of a service revision; nothing where ECS does not say. */
  taskDefinitionOf(serviceRevision: string): Promise<string | undefined>;
  /** Puts an event on the account's bus. */
  announce(event: ReturnType<typeof releaseStepFailed>): Promise<void>;
}

/** Details that the service's hook is configured with. */
interface Release {
  readonly taskDefinition: string;
  readonly version: string;
  /** Task definition of the service that this release starts. */
  readonly serviceTaskDefinition: string;
}

/** Seconds between two questions of ECS. */
const CALL_BACK_SECONDS = 5;

/** One step of a deployment's migration. ECS asks again until it has ended. */
export async function answerHook(event: LifecycleHookEvent, world: HookWorld): Promise<LifecycleHookAnswer> {
  try {
    return await takeStep(event, world);
  } catch (error) {
    return fail(event, `The migration could not be started. ${error}`, world);
  }
}

async function takeStep(event: LifecycleHookEvent, world: HookWorld): Promise<LifecycleHookAnswer> {
  const details = hookDetails(event);
  const release = readRelease(details);
  const memory = remembered(event, details);
  if (!memory && await isAnotherRelease(event, release, world)) return { hookStatus: 'SUCCEEDED' };

  const { execution, since } = memory ?? { execution: event.executionId, since: world.now() };
  const run: MigrationRun = { execution, since, version: release.version, taskDefinition: release.taskDefinition };
  const progress = await advance(run, world);
  if (progress.kind === 'failed') return fail(event, progress.reason, world);
  if (progress.kind === 'succeeded') return { hookStatus: 'SUCCEEDED' };
  return {
    hookStatus: 'IN_PROGRESS',
    callBackDelay: CALL_BACK_SECONDS,
    // With the configured details: whether ECS adds them is not documented.
    hookDetails: {
      ...details, execution, since: String(since), task: progress.task, serviceRevision: event.executionDetails.targetServiceRevisionArn,
    },
  };
}

function readRelease(details: { readonly [name: string]: unknown }): Release {
  const { taskDefinition, version, serviceTaskDefinition } = details;
  for (const [name, value] of Object.entries({ taskDefinition, version, serviceTaskDefinition })) {
    if (typeof value !== 'string' || value === '') throw new Error(`The hook's details have no ${name}.`);
  }
  return { taskDefinition, version, serviceTaskDefinition } as Release;
}

/** What an earlier step of the same deployment answered. */
function remembered({ executionDetails }: LifecycleHookEvent, { execution, since, serviceRevision }: { readonly [name: string]: unknown }) {
  if (serviceRevision !== executionDetails.targetServiceRevisionArn || typeof execution !== 'string') return undefined;
  return { execution, since: Number(since) };
}

/**
 * Whether the deployment starts another version than the details belong to: ECS keeps the newest details when it rolls back,
 * and when somebody deploys an old version by hand.
 */
async function isAnotherRelease({ executionDetails }: LifecycleHookEvent, { serviceTaskDefinition }: Release, world: HookWorld): Promise<boolean> {
  const { targetServiceRevisionArn: serviceRevision } = executionDetails;
  try {
    const starts = await world.taskDefinitionOf(serviceRevision);
    if (starts === serviceTaskDefinition) return false;
    world.print({ migration: starts ? 'not for this version' : 'version of the deployment unknown', serviceRevision, starts, serviceTaskDefinition });
    return starts !== undefined;
  } catch (error) {
    world.print({ migration: 'version of the deployment unknown', serviceRevision, problem: `${error}` });
    return false;
  }
}

async function fail(event: LifecycleHookEvent, reason: string, world: HookWorld): Promise<LifecycleHookAnswer> {
  world.print({ migration: 'blocks the deployment', reason });
  try {
    await world.announce(releaseStepFailed(event, 'migration', reason));
  } catch (error) {
    world.print({ migration: 'failure not announced', problem: `${error}` });
  }
  return { hookStatus: 'FAILED' };
}
