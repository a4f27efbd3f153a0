import { historyName } from './branch-paths';
import { OperatorWorld } from './world';

/**
 * Starts a build of a branch's latest commit. Its failure is told and stops nobody: what it was to bring arrives with the next push.
 *
 * @returns id of the job; undefined if none was started
 */
export async function startBuild(branchName: string, reason: string, world: OperatorWorld): Promise<string | undefined> {
  try {
    if (!await world.app.repository()) {
      world.log({ notBuilt: branchName, because: 'the app has no repository: upload a build' });
      return undefined;
    }
    const job = await world.app.startJob(branchName, reason);
    world.log({ building: branchName, job });
    return job;
  } catch (error) {
    world.log({ notBuilt: branchName, problem: (error as Error).message });
    return undefined;
  }
}

/** When a build of a branch has ended, as EventBridge tells it. */
export interface BuildEndedRequest {
  readonly buildEnded: string;
}

/** A build that was begun this long before its variables were recorded may have them: CloudFormation gives them to the branch first. */
const RECORDING_MILLISECONDS = 5_000;

/**
 * Builds a branch again whose variables were changed during its last build: Amplify starts no second one beside the first, and one push is often
 * both a build and a deployment of the stack.
 *
 * @returns id of the job; undefined if none was needed
 */
export async function buildAgain({ buildEnded: branchName }: BuildEndedRequest, world: OperatorWorld): Promise<string | undefined> {
  const name = historyName(world.appId, branchName);
  const changed = (await world.parameters.read([name])).get(name)?.since;
  if (!changed) return undefined;
  const job = await world.app.lastJob(branchName);
  // The end of one that is running is told too.
  if (!job?.begun || job.isRunning || changed.getTime() - job.begun.getTime() < RECORDING_MILLISECONDS) return undefined;
  if (!(await world.app.findBranch(branchName))?.buildsItself) return undefined;
  return startBuild(branchName, 'Variables changed during the last build', world);
}
