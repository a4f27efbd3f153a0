import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What differs between queues of messages. */
export interface PrivateQueueOptions extends Pick<sqs.QueueProps, 'deadLetterQueue' | 'retentionPeriod' | 'visibilityTimeout'> {
  readonly encryptionKey?: kms.IKey;
}

/** A queue of messages: encrypted, reached over TLS only. */
export function createPrivateQueue(scope: Construct, id: string, { encryptionKey, ...props }: PrivateQueueOptions): sqs.Queue {
  return new sqs.Queue(scope, id, {
    encryption: encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED,
    encryptionMasterKey: encryptionKey,
    enforceSSL: true,
    ...props,
  });
}
