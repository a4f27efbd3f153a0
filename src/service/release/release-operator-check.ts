import type { News } from './deployment-news';
import { isGone, isPassing, ONGOING } from './release-operator-deployments';
import { followRotations, RotationSurroundings } from './rotated-secrets';
import { endUnsettled, UnsettledSurroundings } from './unsettled-deployment';

/** A service of the same template, found while CloudFormation still waits for its first deployment. */
export interface StackResource {
  readonly stack: string;
  readonly resource: string;
}

/** What a schedule asks for. The service is named, or found by its template. */
export interface Check extends Partial<StackResource> {
  readonly cluster: string;
  readonly service?: string;
  readonly timeoutMinutes: number;
  /** ARNs of the secrets whose rotation the tasks follow. */
  readonly secrets: string[];
}

/** What a check needs of the world. */
export interface CheckSurroundings extends UnsettledSurroundings, RotationSurroundings {
  /** Physical id of a resource; nothing while it has none. */
  findResource(resource: StackResource): Promise<string | undefined>;
}

/** Looks after one service, and says what there is to tell. What passes by itself waits for the next check. */
export async function checkService(check: Check, world: CheckSurroundings): Promise<News[]> {
  const { cluster, timeoutMinutes, secrets } = check;
  try {
    const service = await nameOf(check, world);
    if (!service) return [];
    const ongoing = await world.list({ cluster, service }, { status: ONGOING });
    if (ongoing.length > 0) return await endUnsettled(ongoing, timeoutMinutes, world);
    await followRotations({ cluster, service }, secrets, world);
  } catch (error) {
    if (isGone(error)) return [];
    if (!isPassing(error)) throw error;
    world.log({ check, problem: `${error}` });
  }
  return [];
}

/** The physical id of a service is its ARN. */
async function nameOf({ service, stack, resource }: Check, world: CheckSurroundings): Promise<string | undefined> {
  if (!stack || !resource) return service;
  const id = await world.findResource({ stack, resource });
  return /:service\/[^/|]+\/([^/|]+)/.exec(id ?? '')?.[1];
}
