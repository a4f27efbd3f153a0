import { historyName } from './branch-paths';
import { startBuild } from './builds';
import { HostedBranch } from './hosted-app';
import { Changes, changes, record, recorded, RecordedVariables, same } from './variable-history';
import { OperatorWorld } from './world';

/** By hand: which versions of a branch's variables are there? */
export interface VersionsRequest {
  readonly variables: string;
}

/** By hand: gives a branch the variables back that it had. */
export interface RestoreRequest {
  readonly restoreVariables: string;
  /** Number of a version, or `previous`: the newest that differs from what the branch has now. */
  readonly version: number | string;
}

/** A version and what it changed, without values. */
export interface ListedVersion extends Changes {
  readonly version: number;
  readonly time?: string;
  /** Whether the branch has these variables now. */
  readonly current: boolean;
}

/** Oldest first. */
export interface ListedVersions {
  readonly branch: string;
  readonly versions: ListedVersion[];
}

/** What a restoration did: the branch has the variables of `restored`, which are recorded as `version`. */
export interface Restoration extends Changes {
  readonly branch: string;
  readonly restored: number;
  readonly version?: number;
  /** Build that brings them; none for an app without a repository, or if Amplify refused, which the log tells. */
  readonly job?: string;
}

export async function listVersions({ variables: branchName }: VersionsRequest, world: OperatorWorld): Promise<ListedVersions> {
  const branch = await branchOf(branchName, world);
  const versions = await versionsOf(branchName, world);
  const listed = versions.map(({ version, since, variables }, index) => ({
    version,
    time: since?.toISOString(),
    current: same(variables, branch.variables),
    ...changes(versions[index - 1]?.variables ?? {}, variables),
  }));
  return { branch: branchName, versions: listed };
}

/**
 * Restores in an order in which each step may fail: what the branch has now is recorded first, however it got there. The restored variables become
 * the newest version before the branch has them, so that `previous` means the same when all is done again.
 */
export async function restoreVariables(request: RestoreRequest, world: OperatorWorld): Promise<Restoration> {
  const { restoreVariables: branchName } = request;
  const branch = await branchOf(branchName, world);
  const versions = await versionsOf(branchName, world);
  const chosen = choose(request.version, branch, versions);
  const name = historyName(world.appId, branchName);

  if (!versions.some(({ variables }) => same(variables, branch.variables)) && await record(name, branch.variables, world) === undefined) {
    throw new Error(`What ${branchName} has now cannot be recorded, because it is too much. Nothing was changed: note it and change the branch by hand`);
  }
  const version = await record(name, chosen.variables, world);
  await world.app.setVariables(branchName, chosen.variables);
  const job = await startBuild(branchName, `Variables of version ${chosen.version} restored`, world);
  const done = { branch: branchName, restored: chosen.version, version, job, ...changes(branch.variables, chosen.variables) };
  world.log(done);
  return done;
}

async function branchOf(branchName: string, world: OperatorWorld): Promise<HostedBranch> {
  const branch = await world.app.findBranch(branchName);
  if (branch) return branch;
  const known = (await world.app.branches()).map(({ name }) => name);
  throw new Error(`The app ${world.appId} has no branch ${branchName}. It has: ${known.sort().join(', ') || 'none'}`);
}

async function versionsOf(branchName: string, world: OperatorWorld): Promise<RecordedVariables[]> {
  const versions = await recorded(historyName(world.appId, branchName), world);
  if (versions?.length) return versions;
  throw new Error(`No variables of branch ${branchName} are recorded: they are after its next deployment that changes them`);
}

function choose(wanted: number | string, branch: HostedBranch, versions: RecordedVariables[]): RecordedVariables {
  if (wanted === 'previous') {
    const previous = [...versions].reverse().find(({ variables }) => !same(variables, branch.variables));
    if (previous) return previous;
    throw new Error(`No recorded version of branch ${branch.name} differs from what it has now`);
  }
  const found = versions.find(({ version }) => String(version) === String(wanted));
  if (found) return found;
  throw new Error(`There is no version ${wanted} of the variables of branch ${branch.name}. There are: previous, ${versions.map(({ version }) => version).join(', ')}`);
}
