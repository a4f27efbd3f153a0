import { Aws, Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Right } from '../grant-rights';
import { IMAGES_PREFIX, RESULTS_PREFIX, UPLOADS_PREFIX } from './processing/settings';

const REASON = "The files of one folder, whose names the app's work gives them; nothing of the bucket itself, and no other bucket: "
  + 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html';

/** What rights are about. */
export interface UploadPlaces {
  readonly uploads: s3.IBucket;
  readonly uploadsKey?: kms.IKey;
  readonly images: s3.IBucket;
  readonly imagesKey?: kms.IKey;
}

/** To upload, and so to sign uploads: a presigned one can do what its signer may, and no more. */
export function uploadRights({ uploads, uploadsKey }: UploadPlaces): Right[] {
  return [files(uploads, ['s3:PutObject'], UPLOADS_PREFIX), ...key(uploads, uploadsKey, 'kms:GenerateDataKey')];
}

/** To read what became of uploads, and the images. */
export function readRights({ images, imagesKey }: UploadPlaces): Right[] {
  return [files(images, ['s3:GetObject'], IMAGES_PREFIX, RESULTS_PREFIX), list(images), ...key(images, imagesKey, 'kms:Decrypt')];
}

/** To delete an upload with all that was made of it. */
export function deleteRights({ uploads, images }: UploadPlaces): Right[] {
  return [files(uploads, ['s3:DeleteObject'], UPLOADS_PREFIX), files(images, ['s3:DeleteObject'], IMAGES_PREFIX, RESULTS_PREFIX), list(images)];
}

/** Of the function that makes the images. */
export function processingRights({ uploads, uploadsKey, images, imagesKey }: UploadPlaces): Right[] {
  return [
    files(uploads, ['s3:GetObject'], UPLOADS_PREFIX),
    files(images, ['s3:PutObject'], IMAGES_PREFIX, RESULTS_PREFIX),
    files(images, ['s3:GetObject'], RESULTS_PREFIX),
    list(uploads),
    list(images),
    ...uploadsKey === imagesKey ? [] : key(uploads, uploadsKey, 'kms:Decrypt'),
    ...key(images, imagesKey, 'kms:Decrypt', 'kms:GenerateDataKey'),
  ];
}

function files(bucket: s3.IBucket, actions: string[], ...folders: string[]): Right {
  return { actions, resources: folders.map(folder => bucket.arnForObjects(`${folder}*`)), wildcardReason: REASON };
}

/** Without it S3 answers 403 for a file that is missing, as for one that is forbidden. */
function list(bucket: s3.IBucket): Right {
  return { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] };
}

function key(bucket: s3.IBucket, encryptionKey: kms.IKey | undefined, ...actions: string[]): Right[] {
  if (!encryptionKey) return [];
  const service = `s3.${Stack.of(bucket).region}.${Aws.URL_SUFFIX}`;
  return [{ actions, resources: [encryptionKey.keyArn], conditions: { StringEquals: { 'kms:ViaService': service } } }];
}
