import { shorten } from './migration-task';
import { follow, WaitingWorld } from './migration-wait';
import { answerCloudFormation, CustomResourceRequest } from '../../custom-resource-answer';

/** CloudFormation's request, or the function's own continuation of it. */
export interface MigrationRequest extends CustomResourceRequest {
  readonly ResourceProperties: {
    readonly TaskDefinition: string;
    readonly Version: string;
    /** Whether ECS calls the hook in each deployment. */
    readonly ReleasedByHook: 'true' | 'false';
  };
  /** When CloudFormation asked, in milliseconds since 1970; only in a continuation. */
  readonly since?: number;
}

/** CloudFormation gives a custom resource an hour. The rest is for a task that is stopped then. */
const PATIENCE_MILLISECONDS = 55 * 60_000;
/** CloudFormation takes an answer of 4096 bytes. */
const REASON_BYTES = 3000;

/**
 * Migrates for CloudFormation: the first version before anything serves, and later ones where no hook does.
 * Answers the request to go on with in a further invocation, nothing when CloudFormation has its answer.
 */
export async function answerMigrationRequest(request: MigrationRequest, world: WaitingWorld): Promise<MigrationRequest | undefined> {
  try {
    return await migrate(request, world);
  } catch (error) {
    await failRequest(request, `The migration failed. ${error}`);
    return undefined;
  }
}

/** Tells CloudFormation of a failure. */
export async function failRequest(request: MigrationRequest, reason: string): Promise<void> {
  await answerCloudFormation(request, { Status: 'FAILED', Reason: shortenEscaped(reason), PhysicalResourceId: idOf(request) });
}

async function migrate(request: MigrationRequest, world: WaitingWorld): Promise<MigrationRequest | undefined> {
  if (isMigrating(request)) {
    const { TaskDefinition: taskDefinition, Version: version } = request.ResourceProperties;
    const since = request.since ?? world.now();
    const progress = await follow({ execution: request.RequestId, version, taskDefinition, since, deadline: since + PATIENCE_MILLISECONDS }, world);
    if (progress.kind === 'waiting') return { ...request, since };
    if (progress.kind === 'failed') {
      await failRequest(request, progress.reason);
      return undefined;
    }
  }
  await answerCloudFormation(request, { Status: 'SUCCESS', PhysicalResourceId: idOf(request) });
  return undefined;
}

function isMigrating({ RequestType, ResourceProperties }: MigrationRequest): boolean {
  return RequestType === 'Create' || (RequestType === 'Update' && ResourceProperties.ReleasedByHook !== 'true');
}

/** Always the same: a new one would make CloudFormation delete the old. */
function idOf({ PhysicalResourceId, LogicalResourceId }: MigrationRequest): string {
  return PhysicalResourceId ?? LogicalResourceId;
}

/** Quotes and line ends take two bytes in JSON. */
function shortenEscaped(reason: string): string {
  const escapes = Buffer.byteLength(JSON.stringify(reason)) - Buffer.byteLength(reason);
  return shorten(reason, Math.max(1000, REASON_BYTES - escapes));
}
