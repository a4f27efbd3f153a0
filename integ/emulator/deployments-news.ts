/*
 * What ECS tells of its deployments: by DescribeServices, and on the event bus.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html
 */
import { HookExecution } from './deployments-hooks';
import { ServiceRevision } from './deployments-model';
import type { ServiceDeployment } from './deployments-run';
import type { Emulator } from './emulator';

export type State = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'ROLLING_BACK';

/** Tells the emulator, one thing after the other, while deployments go on. */
export class News {
  private queue: Promise<unknown> = Promise.resolve();
  private isClosed = false;
  private readonly hooks = new WeakMap<HookExecution, string>();

  constructor(private readonly emulator: Emulator) {}

  /** Waits until all is told. */
  public async told(): Promise<void> {
    await this.queue;
  }

  /** Nobody listens any more. */
  public close(): void {
    this.isClosed = true;
  }

  public tell(deployment: ServiceDeployment, state: State, reason: string): void {
    const { source, target, rollback } = deployment;
    const revision = rollback ? source! : target;
    this.record(deployment, state, reason, revision);
    if (state === 'FAILED' && !isToldOfFailures(deployment)) return;
    const id = revision.service.deployments[0].id;
    const reasons = {
      IN_PROGRESS: `ECS deployment ${id} in progress.`,
      ROLLING_BACK: `ECS deployment circuit breaker: rolling back to deploymentId ${id}.`,
      COMPLETED: `ECS deployment ${id} completed.`,
      FAILED: reason,
    };
    this.event('ECS Deployment State Change', target.service.serviceArn, {
      eventType: state === 'FAILED' ? 'ERROR' : 'INFO',
      eventName: `SERVICE_DEPLOYMENT_${state === 'ROLLING_BACK' ? 'IN_PROGRESS' : state}`,
      clusterArn: target.service.clusterArn,
      deploymentId: id,
      updatedAt: new Date().toISOString(),
      reason: reasons[state],
    });
  }

  public tellHook({ arn, target }: ServiceDeployment, execution: HookExecution): void {
    const { status, hookId, targetType, expiresAt, stage } = execution;
    if (this.hooks.get(execution) === status) return;
    this.hooks.set(execution, status);
    this.event('ECS Hook State Change', arn, {
      eventType: status === 'FAILED' || status === 'TIMED_OUT' ? 'ERROR' : 'INFO',
      eventName: `HOOK_${status}`,
      hookId,
      hookType: targetType,
      expiresAt: expiresAt.toISOString(),
      lifecycleStage: stage,
      clusterArn: target.service.clusterArn,
      serviceArn: target.service.serviceArn,
      serviceDeploymentArn: arn,
      updatedAt: new Date().toISOString(),
    });
  }

  private record({ arn, source, target }: ServiceDeployment, state: State, reason: string, revision: ServiceRevision): void {
    const isUnderWay = state === 'IN_PROGRESS' || state === 'ROLLING_BACK';
    this.send('EmulatorRecordDeployment', {
      service: target.service.serviceArn,
      taskDefinition: revision.taskDefinition,
      deployment: isUnderWay ? arn : undefined,
      revisions: (isUnderWay && source ? [source, target] : [revision]).map(revisionSummary),
      state: state === 'ROLLING_BACK' ? 'IN_PROGRESS' : state,
      reason,
      sourceTaskDefinition: state === 'IN_PROGRESS' ? source?.taskDefinition : undefined,
    });
  }

  private event(DetailType: string, resource: string, detail: object): void {
    this.send('EmulatorPutEvent', { Source: 'aws.ecs', DetailType, Resources: [resource], Detail: JSON.stringify(detail) });
  }

  private send(action: string, body: object): void {
    if (this.isClosed) return;
    this.queue = this.queue.then(() => call(this.emulator, action, body)).catch((error) => console.log(`deployments: ${action}: ${error}`));
  }
}

/** How the APIs name a revision; there is one process, whatever count the service wants. */
export function revisionSummary({ arn, service, task }: ServiceRevision) {
  return { arn, requestedTaskCount: service.desiredCount, runningTaskCount: task && !task.hasEnded ? service.desiredCount : 0, pendingTaskCount: 0 };
}

/** AWS sends the event of a failed rolling deployment only where a circuit breaker or alarms may fail it. */
function isToldOfFailures({ isRolling, settings: { configuration } }: ServiceDeployment): boolean {
  return !isRolling || Boolean(configuration.DeploymentCircuitBreaker?.Enable || configuration.Alarms?.Enable);
}

/** Calls an action of ECS that only the emulator has. */
export async function call({ clientSettings: { endpoint, region, credentials } }: Emulator, action: string, body: object): Promise<void> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
      'authorization': `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/${region}/ecs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}
