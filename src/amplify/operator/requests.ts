import { historyName, secretsPath } from './branch-paths';
import { startBuild } from './builds';
import type { Variables as VariablesByName } from './hosted-app';
import { isOwn, Owner, ownerTags, tagsOf } from './ownership';
import { DescribedSource } from './secret-values';
import { keepSecrets, removeSecrets } from './secrets';
import { record, same } from './variable-history';
import { directionOf, OperatorWorld } from './world';
import { CustomResourceAnswer, CustomResourceRequest } from '../../custom-resource-answer';
import { patiently } from '../../patience';

interface SecretsProperties {
  readonly AppId: string;
  readonly BranchName?: string;
  readonly Sources: DescribedSource[];
}

interface VariablesProperties {
  readonly AppId: string;
  readonly BranchName: string;
  readonly Variables: VariablesByName;
  /** Revisions of the secrets that the branch reads. */
  readonly Secrets?: string[];
  /** CloudFormation makes texts of all values. */
  readonly StartBuilds: string;
}

interface SecretsRequest extends CustomResourceRequest {
  readonly ResourceType: 'Custom::AmplifySecrets';
  readonly ResourceProperties: SecretsProperties;
  readonly OldResourceProperties?: SecretsProperties;
}

interface VariablesRequest extends CustomResourceRequest {
  readonly ResourceType: 'Custom::AmplifyVariables';
  readonly ResourceProperties: VariablesProperties;
  readonly OldResourceProperties?: VariablesProperties;
}

/** Requests of CloudFormation. */
export type OperatorRequest = SecretsRequest | VariablesRequest;

/** CloudFormation refuses an answer of more than 4,096 bytes, with all that it says. The log has the rest. */
const LONGEST_REASON = 1000;

type Data = { readonly [name: string]: string };

/**
 * Answers a custom resource. Its physical id is the path that it writes to: where that is another one, CloudFormation has the old one deleted once
 * the deployment has succeeded, or the new one if it has failed. What fails on the way back is only logged.
 */
export async function answerRequest(request: OperatorRequest, world: OperatorWorld): Promise<CustomResourceAnswer> {
  const PhysicalResourceId = request.RequestType === 'Delete' ? request.PhysicalResourceId! : physicalId(request);
  try {
    if (request.RequestType === 'Delete') {
      await remove(request, world);
      return { Status: 'SUCCESS', PhysicalResourceId };
    }
    const answer = () => request.ResourceType === 'Custom::AmplifySecrets' ? keep(request, world) : remember(request, world);
    const Data = await patiently(world, answer, ({ name }) => name.startsWith('AccessDenied'));
    return { Status: 'SUCCESS', PhysicalResourceId, Data };
  } catch (error) {
    const reason = `${PhysicalResourceId}: ${(error as Error).message}`;
    world.log({ failed: reason });
    const Reason = reason.slice(0, LONGEST_REASON);
    const direction = await directionOf(request.StackId, world);
    // A creation is never part of the way back.
    if (direction === 'back' && request.RequestType !== 'Create') {
      // Other resources still ask for the attributes.
      return { Status: 'SUCCESS', PhysicalResourceId, Data: { Path: PhysicalResourceId, Revision: 'unknown' } };
    }
    // On the way back, the path of the request is the one that stays.
    if (direction === 'forth') await removeFirstTry(request, PhysicalResourceId, world);
    return { Status: 'FAILED', Reason, PhysicalResourceId };
  }
}

function physicalId({ ResourceType, ResourceProperties: { AppId, BranchName } }: OperatorRequest): string {
  return ResourceType === 'Custom::AmplifySecrets' ? secretsPath(AppId, BranchName) : historyName(AppId, BranchName!);
}

function ownerIn({ StackId, LogicalResourceId }: CustomResourceRequest): Owner {
  return { stackId: StackId, resource: LogicalResourceId };
}

async function keep(request: SecretsRequest, world: OperatorWorld): Promise<Data> {
  const { ResourceProperties: { AppId, BranchName, Sources }, OldResourceProperties: before } = request;
  const set = { appId: AppId, branchName: BranchName, sources: Sources, owner: ownerIn(request) };
  const { revision } = await keepSecrets(set, world, before?.Sources.map(({ name }) => name));
  return { Path: secretsPath(AppId, BranchName), Revision: revision };
}

/** Builds only on the way forth: on the way back the last commit may be what has failed. */
async function remember(request: VariablesRequest, world: OperatorWorld): Promise<Data> {
  const { ResourceProperties: { AppId, BranchName, Variables, Secrets = [], StartBuilds }, OldResourceProperties: before } = request;
  const name = historyName(AppId, BranchName);
  const tags = (await tagsOf([name], world)).get(name);
  await record(name, Variables, world, ownerTags(ownerIn(request)));
  // A history outlives the id of the resource that writes it.
  if (tags && !isOwn(tags, ownerIn(request))) await world.parameters.tag(name, ownerTags(ownerIn(request)));

  if (String(StartBuilds) !== 'true' || await directionOf(request.StackId, world) === 'back') return {};
  const hasChanged = before?.BranchName !== BranchName || !same(before.Variables, Variables) || String(before.Secrets ?? []) !== String(Secrets);
  if (hasChanged || await isWithoutJob(BranchName, world)) await startBuild(BranchName, 'Variables or secrets changed', world);
  return {};
}

async function isWithoutJob(branchName: string, world: OperatorWorld): Promise<boolean> {
  try {
    return await world.app.lastJob(branchName) === undefined;
  } catch (error) {
    world.log({ problem: `Amplify could not be asked for the builds of ${branchName}: ${(error as Error).message}` });
    return false;
  }
}

async function remove(request: OperatorRequest, world: OperatorWorld): Promise<void> {
  const name = request.PhysicalResourceId!;
  if (request.ResourceType === 'Custom::AmplifySecrets') {
    // Another id is CloudFormation's own, of a resource that was never created.
    if (!name.startsWith('/amplify/')) return;
    await removeSecrets(name, ownerIn(request), request.ResourceProperties.Sources.map(source => source.name), world);
    return;
  }
  const own = [...await tagsOf(name.startsWith('/') ? [name] : [], world)].filter(([, tags]) => isOwn(tags, ownerIn(request)));
  await world.parameters.remove(own.map(([owned]) => owned));
}

/** CloudFormation may not know the new path of an update that failed. */
async function removeFirstTry(request: OperatorRequest, path: string, world: OperatorWorld): Promise<void> {
  if (request.RequestType !== 'Update' || path === request.PhysicalResourceId) return;
  try {
    await remove({ ...request, PhysicalResourceId: path }, world);
  } catch (error) {
    world.log({ problem: `What was begun below ${path} may have stayed: ${(error as Error).message}` });
  }
}
