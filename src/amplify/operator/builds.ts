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
