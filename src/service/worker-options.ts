import { Duration } from 'aws-cdk-lib';
import { ScaledServiceOptions } from './scaled-service-options';
import { WorkerQueue } from './worker-queue';

/** What a worker needs beside its place. */
export interface WorkerOptions extends ScaledServiceOptions {
  /**
   * Queue that the worker reads. The task may receive and delete its messages, and finds its address in `QUEUE_URL`.
   * @default - none
   */
  readonly queue?: WorkerQueue;
  /**
   * Messages waiting for each running task that scaling aims at, 1 or more. Needs a queue and at least one task.
   * @default - 100 with a queue; CPU scales the worker as well
   */
  readonly targetBacklogPerTask?: number;
  /**
   * Age of the oldest message above which the worker is late.
   * @default Duration.minutes(15)
   */
  readonly maximumMessageAge?: Duration;
}
