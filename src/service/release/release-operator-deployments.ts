/*
 * What the operator reads of ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */

/** Where a service is. */
export interface ServiceAddress {
  readonly cluster: string;
  readonly service: string;
}

/** A deployment as ECS lists it, as far as it is read. */
export interface ListedDeployment {
  readonly serviceDeploymentArn?: string;
  readonly status?: string;
  readonly createdAt?: Date;
  readonly targetServiceRevisionArn?: string;
}

/** A hook that a deployment has come to. */
export interface ReachedHook {
  readonly hookId?: string;
  readonly targetType?: string;
  readonly status?: string;
  readonly expiresAt?: Date;
  readonly timeoutAction?: string;
}

/** A deployment as ECS describes it, as far as it is read. */
export interface Deployment {
  readonly serviceDeploymentArn?: string;
  readonly status?: string;
  readonly statusReason?: string;
  readonly createdAt?: Date;
  readonly startedAt?: Date;
  readonly updatedAt?: Date;
  readonly sourceServiceRevisions?: { readonly arn?: string }[];
  readonly targetServiceRevision?: { readonly arn?: string };
  readonly lifecycleStage?: string;
  readonly lifecycleHookDetails?: ReachedHook[];
  readonly deploymentConfiguration?: {
    readonly lifecycleHooks?: { readonly hookTargetArn?: string; readonly lifecycleStages?: string[] }[];
  };
  readonly rollback?: { readonly reason?: string };
  readonly alarms?: { readonly triggeredAlarmNames?: string[] };
}

/** A version of a service, as far as it is read. */
export interface Revision {
  readonly serviceRevisionArn?: string;
  readonly taskDefinition?: string;
  readonly containerImages?: { readonly containerName?: string; readonly image?: string; readonly imageDigest?: string }[];
}

/** Which deployments are wanted. */
export interface DeploymentFilter {
  readonly status?: readonly string[];
  readonly createdAfter?: Date;
}

/** What both the news and the checks ask ECS. */
export interface DeploymentHistory {
  list(address: ServiceAddress, filter: DeploymentFilter): Promise<ListedDeployment[]>;
  describe(serviceDeploymentArn: string): Promise<Deployment | undefined>;
  revisions(arns: string[]): Promise<Revision[]>;
  log(line: object): void;
}

/** States of a deployment that has not ended. */
export const ONGOING = ['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

/** What the ARN of a service, of a deployment or of a revision says. */
export function parseArn(arn: string): ServiceAddress & { readonly partition: string; readonly region: string } {
  const [, partition, , region, , resource] = arn.split(':');
  const [, cluster, service] = resource.split('/');
  return { partition, region, cluster, service };
}

/** A failure as the SDK throws it. */
interface AwsFailure extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether a call failed because of what is there no longer, or not yet. */
export function isGone(error: unknown): boolean {
  const { name, message } = error as AwsFailure;
  return /^(Service|Cluster|ServiceDeployment|Resource)(NotFound|NotActive)Exception$/.test(name) || (name === 'ValidationError' && /does not exist/.test(message));
}

/** Whether the same call may succeed a few minutes later. What has no metadata did not come from AWS: it is our own mistake. */
export function isPassing(error: unknown): boolean {
  const { name, $metadata } = error as AwsFailure;
  if (!$metadata) return false;
  const { httpStatusCode: status } = $metadata;
  return /throttl|toomanyrequests|limitexceeded/i.test(name) || status === undefined || status === 429 || status >= 500;
}
