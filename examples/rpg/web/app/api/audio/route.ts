import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { NextResponse, type NextRequest } from 'next/server';
import { signedInPlayer } from '../../../lib/authentication';
import { problem, readObject } from '../../../lib/request';
import { setting } from '../../../lib/settings';

const EXTENSIONS: Record<string, string> = { 'audio/mpeg': 'mp3', 'audio/ogg': 'ogg', 'audio/wav': 'wav', 'audio/webm': 'webm' };
const LARGEST_BYTES = 10 * 1024 * 1024;
const VALID_SECONDS = 300;

// The default signs the checksum of an empty body into the address, and the upload would be refused.
const bucket = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });

/** Addresses for one audio file: the browser puts it to uploadUrl with the same type and size, and plays it from downloadUrl. */
export async function POST(request: NextRequest): Promise<NextResponse> {
  const player = await signedInPlayer(request);
  if (!player) {
    return problem(401, 'Sign in first.');
  }
  const { type, size } = await readObject(request);
  const extension = typeof type === 'string' && Object.hasOwn(EXTENSIONS, type) ? EXTENSIONS[type] : undefined;
  if (typeof type !== 'string' || !extension) {
    return problem(400, `type must be one of ${Object.keys(EXTENSIONS).join(', ')}.`);
  }
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > LARGEST_BYTES) {
    return problem(400, `size must be the file's bytes, at most ${LARGEST_BYTES}.`);
  }
  const object = { Bucket: setting('AWS_S3_BUCKET_NAME'), Key: `audio/${player}/${randomUUID()}.${extension}` };
  // Signed headers bind the upload to what was asked for; without them any type and size would go through.
  const uploadUrl = await getSignedUrl(bucket, new PutObjectCommand({ ...object, ContentType: type, ContentLength: size }), {
    expiresIn: VALID_SECONDS,
    signableHeaders: new Set(['host', 'content-type', 'content-length']),
  });
  const downloadUrl = await getSignedUrl(bucket, new GetObjectCommand(object), { expiresIn: VALID_SECONDS });
  return NextResponse.json({ key: object.Key, uploadUrl, downloadUrl, validSeconds: VALID_SECONDS });
}
