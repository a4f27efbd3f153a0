import { Duration } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createPrivateQueue } from '../private-queue';
import { checkDuration, checkGiven, checkInteger, checkKind } from '../validate';

/** Options of a queue that is made for a worker. */
export interface ManagedQueueOptions {
  /**
   * Time that a task has for a message before another task may get it, up to 12 hours.
   * @default Duration.minutes(5)
   */
  readonly visibilityTimeout?: Duration;
  /**
   * Attempts on a message before it goes to the dead-letter queue, 1 to 1000.
   * @default 3
   */
  readonly maximumAttempts?: number;
}

/** Where a worker's messages come from. */
export abstract class WorkerQueue {
  /** A queue made for the worker, with a dead-letter queue that keeps failed messages for 14 days. */
  public static managed(options: ManagedQueueOptions = {}): WorkerQueue {
    return new ManagedQueue(options);
  }

  /**
   * A queue that exists already.
   *
   * @param queue the queue
   * @param deadLetterQueue its dead-letter queue, to be watched
   */
  public static existing(queue: sqs.IQueue, deadLetterQueue?: sqs.IQueue): WorkerQueue {
    return new ExistingQueue({ queue, deadLetterQueue });
  }

  /** @internal */
  public abstract _validate(scope: Construct): void;

  /** @internal */
  public abstract _bind(scope: Construct, encryptionKey?: kms.IKey): QueuePair;
}

/** A queue and where its failed messages go. */
export interface QueuePair {
  readonly queue: sqs.IQueue;
  readonly deadLetterQueue?: sqs.IQueue;
}

class ExistingQueue extends WorkerQueue {
  constructor(private readonly pair: QueuePair) {
    super();
  }

  public _validate(scope: Construct): void {
    checkGiven(scope, 'queue', this.pair.queue, 'an sqs.IQueue');
    checkKind(scope, 'queue', this.pair.queue, 'queueArn', 'an sqs.IQueue');
    checkKind(scope, 'deadLetterQueue', this.pair.deadLetterQueue, 'queueArn', 'an sqs.IQueue');
  }

  public _bind(): QueuePair {
    return this.pair;
  }
}

class ManagedQueue extends WorkerQueue {
  constructor(private readonly options: ManagedQueueOptions) {
    super();
  }

  public _validate(scope: Construct): void {
    checkDuration(scope, 'queue visibilityTimeout', this.options.visibilityTimeout, 0, 43_200);
    checkInteger(scope, 'queue maximumAttempts', this.options.maximumAttempts, 1, 1000);
  }

  public _bind(scope: Construct, encryptionKey?: kms.IKey): QueuePair {
    const deadLetterQueue = createPrivateQueue(scope, 'DeadLetterQueue', { encryptionKey, retentionPeriod: Duration.days(14) });
    const queue = createPrivateQueue(scope, 'Queue', {
      encryptionKey,
      visibilityTimeout: this.options.visibilityTimeout ?? Duration.minutes(5),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: this.options.maximumAttempts ?? 3 },
    });
    return { queue, deadLetterQueue };
  }
}
