import type { News } from './deployment-news';
import { Deployment, DeploymentHistory, ListedDeployment } from './release-operator-deployments';

/** How a deployment is ended. */
export type StopType = 'ROLLBACK' | 'ABORT';

/** What ending a deployment needs of the world. */
export interface UnsettledSurroundings extends DeploymentHistory {
  stop(serviceDeploymentArn: string, type: StopType): Promise<void>;
  now(): number;
}

/** The order in which a deployment passes them: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
const STAGES = [
  'RECONCILE_SERVICE', 'PRE_SCALE_UP', 'SCALE_UP', 'POST_SCALE_UP', 'TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME', 'CLEAN_UP',
];

/** What ECS answers where a request is wrong for this deployment. */
const REFUSALS = ['InvalidParameterException', 'ClientException', 'UnsupportedFeatureException'];

/**
 * Rolls back what has not settled in time, and says what there is to tell. ECS's circuit breaker counts tasks that fail and knows no clock,
 * and CloudFormation waits for hours.
 */
export async function endUnsettled(ongoing: ListedDeployment[], timeoutMinutes: number, world: UnsettledSurroundings): Promise<News[]> {
  const told: News[] = [];
  for (const { status, serviceDeploymentArn } of ongoing) {
    // What is being stopped or rolled back already is ECS's.
    if (!serviceDeploymentArn || !['PENDING', 'IN_PROGRESS'].includes(status ?? '')) continue;
    const deployment = await world.describe(serviceDeploymentArn);
    if (!deployment || !isOverdue(deployment, timeoutMinutes, world.now())) continue;
    const stopped = await stop(serviceDeploymentArn, deployment, world);
    if (stopped) told.push(newsOf(serviceDeploymentArn, stopped, timeoutMinutes, world.now()));
  }
  return told;
}

/** Whether a deployment has been at work for too long. The time that it waits for a person has a limit of its own. */
function isOverdue(deployment: Deployment, timeoutMinutes: number, now: number): boolean {
  const waits = (deployment.lifecycleHookDetails ?? []).some(({ status }) => status === 'AWAITING_ACTION');
  return !waits && now - beginning(deployment) > timeoutMinutes * 60_000;
}

/**
 * ECS does not say when a person has answered. The deployment's last change came no earlier, and without it the end that the pause
 * would have had stands for the answer: a release that has just been let on must not be taken for one that hangs.
 */
function beginning(deployment: Deployment): number {
  const began = Number(deployment.startedAt ?? deployment.createdAt);
  if (!hasWaitedForPerson(deployment)) return began;
  const { updatedAt, lifecycleHookDetails: reached = [] } = deployment;
  return Math.max(began, ...updatedAt ? [updatedAt.getTime()] : reached.map(({ expiresAt }) => Number(expiresAt ?? 0)));
}

/** A pause is among the hooks that were reached, or among the configured ones (where only Lambda hooks have a target) of a stage that was reached. */
function hasWaitedForPerson({ lifecycleHookDetails: reached = [], lifecycleStage = '', deploymentConfiguration }: Deployment): boolean {
  if (reached.some(({ targetType }) => targetType === 'PAUSE')) return true;
  const pauses = (deploymentConfiguration?.lifecycleHooks ?? []).filter(({ hookTargetArn }) => !hookTargetArn);
  return pauses.some(({ lifecycleStages = [] }) => lifecycleStages.some(stage => STAGES.indexOf(stage) <= STAGES.indexOf(lifecycleStage)));
}

/** How the deployment was ended; nothing where it ended by itself meanwhile. */
async function stop(arn: string, deployment: Deployment, world: UnsettledSurroundings): Promise<StopType | undefined> {
  const type = await rollBackOrAbort(arn, deployment, world);
  if (type) world.log({ deployment: arn, stopped: type, began: deployment.startedAt ?? deployment.createdAt, stage: deployment.lifecycleStage });
  return type;
}

/** A first deployment has nothing to go back to. */
async function rollBackOrAbort(arn: string, deployment: Deployment, world: UnsettledSurroundings): Promise<StopType | undefined> {
  try {
    await world.stop(arn, 'ROLLBACK');
    return 'ROLLBACK';
  } catch (error) {
    const { name } = error as Error;
    const isFirst = (deployment.sourceServiceRevisions ?? []).length === 0;
    if (name === 'ConflictException' && !isFirst) return undefined;
    if (name !== 'ConflictException' && !REFUSALS.includes(name)) throw error;
    world.log({ deployment: arn, problem: `no rollback: ${error}` });
  }
  await world.stop(arn, 'ABORT');
  return 'ABORT';
}

function newsOf(arn: string, stopped: StopType, timeoutMinutes: number, now: number): News {
  const reason = `not settled after ${timeoutMinutes} minutes`;
  const common = { arn, serviceDeploymentArn: arn, when: new Date(now).toISOString(), reason };
  return stopped === 'ROLLBACK'
    ? { ...common, title: 'rolled back', what: 'has not settled in time and is rolled back' }
    : { ...common, title: 'stopped', what: 'has not settled in time and was stopped; there was no version to go back to' };
}
