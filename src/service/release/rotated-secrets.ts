import { DeploymentHistory, isGone, ListedDeployment, ServiceAddress } from './release-operator-deployments';

/** A service as it is now, as far as it is read. */
export interface RunningService {
  readonly status?: string;
  readonly desiredCount?: number;
  readonly taskDefinition?: string;
  readonly deployments?: { readonly createdAt?: Date }[];
}

/** What following a rotation needs of the world. */
export interface RotationSurroundings extends DeploymentHistory {
  lastRotation(secretArn: string): Promise<Date | undefined>;
  describeService(address: ServiceAddress): Promise<RunningService | undefined>;
  /** Begins a deployment of what is deployed. */
  restart(address: ServiceAddress): Promise<void>;
  now(): number;
}

/** ECS forgets deployments after 90 days: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
const HISTORY_MILLISECONDS = 89 * 86_400_000;

/**
 * Begins a deployment where a secret was rotated after the tasks began, because a task reads its secrets once, when it starts.
 * The service has no deployment at work: whatever began before the rotation has ended, well or not.
 */
export async function followRotations(address: ServiceAddress, secrets: string[], world: RotationSurroundings): Promise<void> {
  const rotated = await newestRotation(secrets, world);
  if (!rotated || world.now() - rotated.getTime() > HISTORY_MILLISECONDS) return;
  const since = await world.list(address, { createdAfter: rotated });
  if (since.some(({ status }) => status === 'SUCCESSFUL')) return;
  const service = await world.describeService(address);
  if (service?.status !== 'ACTIVE' || !service.desiredCount || await wasTried(service, since, rotated, world)) return;
  await world.restart(address);
  world.log({ ...address, restarted: 'a secret was rotated', rotatedAt: rotated, releasesThatFailedSince: since.length });
}

async function newestRotation(secrets: string[], world: RotationSurroundings): Promise<Date | undefined> {
  const rotations = await Promise.all(secrets.map(secret => world.lastRotation(secret).catch(withoutSecret)));
  return rotations.filter(rotation => rotation !== undefined).sort((one, other) => other.getTime() - one.getTime())[0];
}

/** A secret that was deleted is rotated no more. */
function withoutSecret(error: Error): undefined {
  if (!isGone(error)) throw error;
}

/**
 * Whether the tasks were replaced since, or this has failed. A failed deployment of the very task definition that the service has was an attempt
 * to do so, and another would fail alike every five minutes. A failed release of another one was rolled back to tasks
 * that may be older than the rotation.
 */
async function wasTried(service: RunningService, since: ListedDeployment[], rotated: Date, world: RotationSurroundings): Promise<boolean> {
  if (since.length === 0) return (service.deployments ?? []).some(({ createdAt }) => Number(createdAt) >= rotated.getTime());
  const targets = since.map(({ targetServiceRevisionArn }) => targetServiceRevisionArn).filter(arn => arn !== undefined);
  const revisions = await world.revisions(targets);
  return revisions.length < since.length || revisions.some(({ taskDefinition }) => taskDefinition === service.taskDefinition);
}
