/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import type { Readable } from 'stream';
import { GetObjectCommand, GetObjectCommandOutput, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processMessage, ProcessingWorld } from './processing/process-upload';
import { isBroken } from './processing/refusal';

const s3 = new S3Client({});

/** Makes images of uploads. What fails is tried again, without the others of its call. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const world = realWorld();
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, body } of event.Records) {
    try {
      await processMessage(body, world);
    } catch (error) {
      console.error(JSON.stringify({ outcome: 'failed', message: `${error}`, body }));
      // Lambda starts the function afresh, and the queue gives the uploads of this call again.
      if (isBroken(error)) process.exit(1);
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

function realWorld(): ProcessingWorld {
  const { UPLOADS_BUCKET = '', IMAGES_BUCKET, SETTINGS = '' } = process.env;
  return {
    uploadsBucket: UPLOADS_BUCKET,
    settings: JSON.parse(SETTINGS),
    async readUpload(key, etag, maximumBytes) {
      // What replaced it has a message, and where wished a scan, of its own.
      const found = await getObject(UPLOADS_BUCKET, key, `"${etag.replaceAll('"', '')}"`);
      if (!found) return 'gone';
      if (found.ContentLength! <= maximumBytes) return Buffer.from(await found.Body!.transformToByteArray());
      (found.Body as Readable).destroy();
      return 'too-large';
    },
    async readResult(key) {
      const found = await getObject(IMAGES_BUCKET, key);
      return found?.Body!.transformToString();
    },
    async writeImage(Key, Body, ContentType) {
      await s3.send(new PutObjectCommand({ Bucket: IMAGES_BUCKET, Key, Body, ContentType, CacheControl: 'public, max-age=31536000, immutable' }));
    },
    async writeResult(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket: IMAGES_BUCKET, Key, Body, ContentType: 'application/json' }));
    },
    log: line => console.log(JSON.stringify(line)),
  };
}

/** An object; undefined where there is none, or none with that etag. */
async function getObject(Bucket: string | undefined, Key: string, IfMatch?: string): Promise<GetObjectCommandOutput | undefined> {
  try {
    return await s3.send(new GetObjectCommand({ Bucket, Key, IfMatch }));
  } catch (error) {
    if (error instanceof S3ServiceException && [404, 412].includes(error.$metadata.httpStatusCode ?? 0)) return undefined;
    throw error;
  }
}
