import { backendStackName } from './branch-paths';
import { HostedBranch } from './hosted-app';
import { OperatorWorld } from './world';

/** By schedule or by hand: removes what shows pull requests that nobody has worked on. */
export interface RemovePreviewsRequest {
  readonly removePreviews: true;
}

/** How long a preview stays after its last build, and whether it has a backend of its own. */
export interface PreviewSettings {
  readonly lifetimeHours: number;
  readonly haveBackends: boolean;
}

/** What became of previews, by the names of their branches. */
export interface RemovedPreviews {
  readonly removed: string[];
  /** Their backends are being deleted; the branch goes with the next call after that. */
  readonly waiting: string[];
}

const PREVIEW = /^pr-[1-9]\d*$/;

/** One that cannot be removed does not stop the others. */
export async function removePreviews({ lifetimeHours, haveBackends }: PreviewSettings, world: OperatorWorld): Promise<RemovedPreviews> {
  const removed: string[] = [];
  const waiting: string[] = [];
  const problems: string[] = [];
  for (const branch of (await world.app.branches()).filter(({ name }) => PREVIEW.test(name))) {
    try {
      if (!await isForgotten(branch, lifetimeHours, world)) continue;
      const hasGone = !haveBackends || await removeBackend(branch, world);
      if (hasGone) await world.app.deleteBranch(branch.name);
      (hasGone ? removed : waiting).push(branch.name);
    } catch (error) {
      problems.push(`${branch.name}: ${(error as Error).message}`);
    }
  }
  world.log({ removed, waiting, problems });
  if (problems.length > 0) throw new Error(`Not all previews could be removed: ${problems.join('; ')}`);
  return { removed, waiting };
}

/** The last build tells, since Amplify changes the branch too when its backend goes. */
async function isForgotten(branch: HostedBranch, lifetimeHours: number, world: OperatorWorld): Promise<boolean> {
  if (!branch.isPreview) {
    world.log({ left: branch.name, because: 'it has the name of a preview, but Amplify does not say that it shows a pull request' });
    return false;
  }
  const job = await world.app.lastJob(branch.name);
  if (job?.isRunning) return false;
  return world.now().getTime() - (job?.time ?? branch.updated).getTime() > lifetimeHours * 3_600_000;
}

/**
 * Asks for the deletion of the stack once, and answers whether it has gone. The branch waits: the stack changes it on its way, and a stack
 * that cannot be deleted is not forgotten with it.
 */
async function removeBackend({ name }: HostedBranch, world: OperatorWorld): Promise<boolean> {
  const stackName = backendStackName(world.appId, name);
  const status = await world.findStackStatus(stackName);
  if (status === undefined || status === 'DELETE_COMPLETE') return true;
  if (status === 'DELETE_IN_PROGRESS') return false;
  if (status === 'DELETE_FAILED') world.log({ problem: `The backend ${stackName} could not be deleted last time; trying again` });
  await world.deleteStack(stackName);
  world.log({ deleting: stackName });
  return false;
}
