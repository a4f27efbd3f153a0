/*
 * What ECS asks a deployment's lifecycle hook, and what it takes for an answer:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */

/** What ECS sends. `hookDetails` holds what the template says; after IN_PROGRESS, what was answered. */
export interface LifecycleHookEvent {
  readonly executionId: string;
  readonly lifecycleStage: string;
  readonly resourceArn: string;
  readonly executionDetails: {
    readonly serviceArn: string;
    readonly targetServiceRevisionArn: string;
  };
  readonly hookDetails?: string | { readonly [name: string]: unknown };
}

/** What a hook answers. Anything but these, and FAILED, rolls the deployment back. */
export interface LifecycleHookAnswer {
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  /** Seconds until ECS asks again. */
  readonly callBackDelay?: number;
  readonly hookDetails?: { readonly [name: string]: unknown };
}

/** Whether an event of a function comes from ECS. */
export function isLifecycleHookEvent(event: object): event is LifecycleHookEvent {
  return 'lifecycleStage' in event && 'executionDetails' in event;
}

/** The details as an object: ECS's references show it as an object and as its text. */
export function hookDetails(event: LifecycleHookEvent): { readonly [name: string]: unknown } {
  const { hookDetails: details = {} } = event;
  return typeof details === 'string' ? JSON.parse(details) : details;
}
