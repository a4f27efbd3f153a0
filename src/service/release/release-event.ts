import type { LifecycleHookEvent } from './lifecycle-hook';

/** Name under which the library's own functions speak on the account's event bus. */
export const EVENT_SOURCE = 'cdk-web-platform';

/** A step of a release that failed, with the reason that ECS's own events do not have. */
export const RELEASE_STEP_FAILED = 'Release Step Failed';

/** What the event says. */
export interface ReleaseStepFailed {
  /** Such as `migration` or `smoke tests`. */
  readonly step: string;
  readonly reason: string;
  readonly serviceRevision: string;
}

/** An entry for EventBridge's PutEvents. */
export function releaseStepFailed({ executionDetails }: LifecycleHookEvent, step: string, reason: string) {
  const { serviceArn, targetServiceRevisionArn: serviceRevision } = executionDetails;
  const detail: ReleaseStepFailed = { step, reason, serviceRevision };
  return { Source: EVENT_SOURCE, DetailType: RELEASE_STEP_FAILED, Resources: [serviceArn], Detail: JSON.stringify(detail) };
}
