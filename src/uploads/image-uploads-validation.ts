import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { AnimatedImages, ImageFormat } from './image-format';
import { ImageFit, ImageSize } from './image-size';
import type { ImageUploadsProps } from './image-uploads-props';
import { PlatformError } from '../errors';
import { READABLE_TYPES } from './processing/image-type';
import { checkServerAccessLogs } from '../observability/access-logs-bucket';
import { checkExistingBucket } from '../storage/app-bucket-validation';
import { checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkOneOf, checkText, display } from '../validate';

const LARGEST_SIDE = 4096;
const MOST_SIZES = 10;
/** Why a type that people ask for is not read. */
const UNREADABLE: { readonly [type: string]: string } = {
  'image/heic': 'its codec, HEVC, is patented and in no free build of the image library; phones send JPEG where a page accepts only that',
  'image/heif': 'its codec, HEVC, is patented and in no free build of the image library; phones send JPEG where a page accepts only that',
  'image/jpg': 'its name is image/jpeg',
  'image/svg+xml': 'it can carry scripts',
  'image/*': 'each type has to be named',
};
const NUMBERS: readonly (readonly [keyof ImageUploadsProps, number, number])[] = [
  ['maximumMebibytes', 1, 100],
  ['maximumMegapixels', 1, 100],
  ['originalRetentionDays', 1, 3650],
  ['memoryMiB', 1024, 10_240],
  ['maximumConcurrency', 2, 1000],
  ['batchSize', 1, 10],
  ['maximumAttempts', 1, 10],
];

/** Refuses what Lambda, SQS and S3 would refuse, and types that could not be read. */
export function validateImageUploads(where: IConstruct, props: ImageUploadsProps): void {
  checkKinds(where, props);
  for (const [prop, min, max] of NUMBERS) checkInteger(where, prop, props[prop] as number | undefined, min, max);
  checkDuration(where, 'timeout', props.timeout, 30, 900);
  checkTypes(where, props.acceptedTypes);
  checkSizes(where, props.sizes);
  checkFormats(where, props.formats);
  checkServerAccessLogs(where, props);
  for (const prop of ['existingUploads', 'existingImages'] as const) {
    if (props[prop] !== undefined && props[prop] !== null) checkExistingBucket(where, prop, props[prop]);
  }
  if (props.existingUploads) checkBesideExistingUploads(where, props);
}

function checkBesideExistingUploads(where: IConstruct, { originalRetentionDays, existingUploads, existingImages }: ImageUploadsProps): void {
  if (originalRetentionDays !== undefined) {
    throw new PlatformError(where, {
      problem: 'the bucket of the uploads exists, and its lifecycle is not changed.',
      got: `existingUploads together with originalRetentionDays ${display(originalRetentionDays)}`,
      allowed: 'one of them',
      fix: 'leave originalRetentionDays out, and let a rule of the bucket delete what is below uploads/',
    });
  }
  if (existingImages?.bucketName !== existingUploads!.bucketName || Token.isUnresolved(existingImages.bucketName)) return;
  throw new PlatformError(where, {
    problem: 'uploads and images are in one bucket: whoever may read images would be one policy away from the uploads, which say where they were taken.',
    got: `existingUploads and existingImages ${display(existingImages.bucketName)}`,
    allowed: 'two buckets',
    fix: 'leave existingImages out: images can be made again from the uploads',
  });
}

function checkKinds(where: IConstruct, props: ImageUploadsProps): void {
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkKind(where, 'accessLogsBucket', props.accessLogsBucket, 'bucketArn', 'an s3.IBucket');
  checkOneOf(where, 'animated', props.animated, Object.values(AnimatedImages));
  for (const prop of ['malwareScan', 'serverAccessLogs', 'alarms'] as const) {
    checkKnown(where, prop, props[prop]);
    checkBoolean(where, prop, props[prop]);
  }
}

function checkTypes(where: IConstruct, types: string[] | undefined): void {
  checkSome(where, 'acceptedTypes', types, READABLE_TYPES.length);
  for (const type of types ?? []) {
    if ((READABLE_TYPES as readonly string[]).includes(type)) continue;
    const why = typeof type === 'string' ? UNREADABLE[type] : undefined;
    throw new PlatformError(where, {
      problem: `acceptedTypes has a type that cannot be read${why ? `: ${why}` : ''}.`,
      got: `acceptedTypes ${display(type)}`,
      allowed: READABLE_TYPES.join(', '),
      fix: 'leave it out',
    });
  }
  checkTwice(where, 'acceptedTypes', types ?? []);
}

function checkSizes(where: IConstruct, sizes: ImageSize[] | undefined): void {
  checkSome(where, 'sizes', sizes, MOST_SIZES);
  for (const size of sizes ?? []) {
    checkGiven(where, 'size', size, "an ImageSize, such as { name: 'small', width: 320 }");
    checkKind(where, 'size', size, 'name', "an ImageSize, such as { name: 'small', width: 320 }");
    checkGiven(where, 'size name', size.name, 'a name');
    checkText(where, 'size name', size.name, /^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, up to 32');
    checkGiven(where, `width of ${size.name}`, size.width, `1 to ${LARGEST_SIDE}`);
    for (const side of ['width', 'height'] as const) checkInteger(where, `${side} of ${size.name}`, size[side], 1, LARGEST_SIDE);
    checkOneOf(where, `fit of ${size.name}`, size.fit, Object.values(ImageFit));
  }
  checkTwice(where, 'sizes', (sizes ?? []).map(({ name }) => name));
}

function checkFormats(where: IConstruct, formats: ImageFormat[] | undefined): void {
  checkSome(where, 'formats', formats, 3);
  for (const format of formats ?? []) {
    checkGiven(where, 'format', format, 'an ImageFormat, such as ImageFormat.webp()');
    checkKind(where, 'format', format, 'quality', 'an ImageFormat, such as ImageFormat.webp()');
  }
  checkTwice(where, 'formats', (formats ?? []).map(({ name }) => name));
}

function checkSome(where: IConstruct, prop: string, list: unknown[] | undefined, most: number): void {
  checkKnown(where, prop, list);
  checkList(where, prop, list);
  if (list !== undefined && list !== null) checkInteger(where, `number of ${prop}`, list.length, 1, most);
}

function checkTwice(where: IConstruct, prop: string, names: readonly string[]): void {
  const twice = names.find((name, index) => !Token.isUnresolved(name) && names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: `${prop} has the same one twice.`,
    got: `${prop} ${display(names)}`,
    allowed: 'each once',
    fix: `leave one '${twice}' out, or give it another name`,
  });
}
