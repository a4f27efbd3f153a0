import { Token } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import type { AppBucketProps, ExistingBucket } from './app-bucket-props';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { checkServerAccessLogs } from '../observability/access-logs-bucket';
import { checkBesideExisting, checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkText, display } from '../validate';

/** S3 lets a file into Standard-IA after so many days, and out of it again after as many. */
const LEAST_DAYS_OF_A_CLASS = 30;
const LONGEST = 3650;
const ARCHIVES = [s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, s3.StorageClass.GLACIER, s3.StorageClass.DEEP_ARCHIVE].map(({ value }) => value);
const ORIGIN = /^https:\/\/[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d{1,5})?$/;
const OWN_COMPUTER = /^http:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?$/;
const OF_NEW_BUCKET: (keyof AppBucketProps)[] = [
  'infrequentAccessDays', 'archiveDays', 'archiveStorageClass', 'noncurrentVersionDays', 'encryptionKey', 'serverAccessLogs', 'accessLogsBucket',
  'accessLogRetentionDays',
];

interface TransitionDays {
  readonly infrequentAccess: number;
  readonly archive: number;
}

/** After how many days a file moves. */
export function transitionDays({ infrequentAccessDays = 30, archiveDays }: AppBucketProps): TransitionDays {
  // A token is not reckoned with: it would come out as another number.
  if (Token.isUnresolved(infrequentAccessDays)) return { infrequentAccess: infrequentAccessDays, archive: archiveDays ?? 90 };
  return { infrequentAccess: infrequentAccessDays, archive: archiveDays ?? infrequentAccessDays + 60 };
}

/** Refuses what S3 would refuse, and what would have no effect. */
export function validateAppBucket(where: IConstruct, props: AppBucketProps): void {
  checkKinds(where, props);
  checkInteger(where, 'noncurrentVersionDays', props.noncurrentVersionDays, 1, LONGEST);
  checkInteger(where, 'accessLogRetentionDays', props.accessLogRetentionDays, 1, LONGEST);
  checkTransitions(where, props);
  if (props.existing !== undefined && props.existing !== null) checkExisting(where, props, props.existing);
  checkKnown(where, 'allowedOrigins', props.allowedOrigins);
  checkList(where, 'allowedOrigins', props.allowedOrigins);
  for (const origin of props.allowedOrigins ?? []) checkOrigin(where, origin, props.profile);
  checkServerAccessLogs(where, props);
}

function checkKinds(where: IConstruct, props: AppBucketProps): void {
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkKind(where, 'accessLogsBucket', props.accessLogsBucket, 'bucketArn', 'an s3.IBucket');
  checkKind(where, 'archiveStorageClass', props.archiveStorageClass, 'value', 'a StorageClass, such as StorageClass.GLACIER');
  checkKnown(where, 'serverAccessLogs', props.serverAccessLogs);
  checkBoolean(where, 'serverAccessLogs', props.serverAccessLogs);
}

function checkTransitions(where: IConstruct, props: AppBucketProps): void {
  checkInteger(where, 'infrequentAccessDays', props.infrequentAccessDays, LEAST_DAYS_OF_A_CLASS, LONGEST - LEAST_DAYS_OF_A_CLASS);
  const { infrequentAccess, archive } = transitionDays(props);
  if (!Token.isUnresolved(infrequentAccess)) {
    checkInteger(where, props.archiveDays === undefined ? 'archiveDays, 60 more than infrequentAccessDays,' : 'archiveDays', archive,
      infrequentAccess + LEAST_DAYS_OF_A_CLASS, LONGEST);
  }
  const archiveClass = props.archiveStorageClass?.value;
  if (archiveClass === undefined || ARCHIVES.includes(archiveClass)) return;
  throw new PlatformError(where, {
    problem: 'archiveStorageClass is no archive.',
    got: `archiveStorageClass ${display(archiveClass)}`,
    allowed: ARCHIVES.join(', '),
    fix: 'choose one of the Glacier classes, or leave archiveStorageClass out',
  });
}

/** Refuses what names no bucket. */
export function checkExistingBucket(where: IConstruct, prop: string, existing: ExistingBucket): void {
  checkKind(where, prop, existing, 'bucketName', "an ExistingBucket, such as { bucketName: 'game-audio' }");
  checkGiven(where, `${prop}.bucketName`, existing.bucketName, 'the name of a bucket');
  checkText(where, `${prop}.bucketName`, existing.bucketName, /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'lower-case letters, digits, . and -, 3 to 63; the name, not the ARN');
  checkKind(where, `${prop}.encryptionKey`, existing.encryptionKey, 'keyArn', 'a kms.IKey');
}

function checkExisting(where: IConstruct, props: AppBucketProps, existing: ExistingBucket): void {
  checkExistingBucket(where, 'existing', existing);
  checkBesideExisting(where, 'bucket', props, OF_NEW_BUCKET, 'existing with profile and allowedOrigins');
}

/** Refuses an origin that no browser sends, or that stands for more than one. */
export function checkOrigin(where: IConstruct, origin: string, profile: EnvironmentProfile = EnvironmentProfile.production()): void {
  checkGiven(where, 'origin', origin, 'an origin');
  // A star beside a token is known as well as one alone.
  if (typeof origin === 'string' && origin.includes('*')) refuseOrigin(where, 'an origin stands for more than one.', origin);
  if (Token.isUnresolved(origin)) return;
  if (typeof origin !== 'string') refuseOrigin(where, 'an origin is not a text.', origin);
  if (OWN_COMPUTER.test(origin)) return checkOwnComputer(where, origin, profile);
  if (!ORIGIN.test(origin) || origin.endsWith(':443')) refuseOrigin(where, 'an origin is not what a browser sends.', origin);
}

function checkOwnComputer(where: IConstruct, origin: string, profile: EnvironmentProfile): void {
  if (!profile.deletionProtection) return;
  throw new PlatformError(where, {
    problem: `pages on a developer's own computer are not let into the bucket of a protected environment (${profile.name}).`,
    got: `origin '${origin}'`,
    allowed: 'https origins',
    fix: 'leave it out here, and use the bucket of development or staging from your computer',
  });
}

function refuseOrigin(where: IConstruct, problem: string, origin: unknown): never {
  throw new PlatformError(where, {
    problem,
    got: `origin ${display(origin)}`,
    allowed: 'exact https origins in lower case such as https://www.example.com, without path, slash at the end or :443; http://localhost:3000 in development',
    fix: 'name each origin by itself, as the browser shows it in the Origin header',
  });
}
