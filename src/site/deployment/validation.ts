import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../../errors';
import { checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkText, display } from '../../validate';
import type { SiteDeploymentProps } from '../site-deployment';

const DAY = 24 * 60 * 60;

/** Refuses what could not be published, besides what the folder itself shows. */
export function validateSiteDeployment(where: IConstruct, props: SiteDeploymentProps): void {
  const bucket = 'a bucket, such as new SiteBucket(this, \'Files\').bucket';
  checkGiven(where, 'bucket', props?.bucket, bucket);
  checkKind(where, 'bucket', props.bucket, 'bucketName', bucket);
  checkGiven(where, 'directory', props.directory, 'the folder that the build of the site writes');
  checkKnown(where, 'directory', props.directory);
  checkText(where, 'directory', props.directory, /^[^\0]+$/, 'the path of a folder');
  checkKind(where, 'distribution', props.distribution, 'distributionId', 'a CloudFront distribution');
  checkKind(where, 'runtimeConfig', props.runtimeConfig, '_files', 'a RuntimeConfig, such as RuntimeConfig.script({ values: { … } })');
  checkDuration(where, 'gracePeriod', props.gracePeriod, 0, 365 * DAY);
  checkInteger(where, 'keptReleases', props.keptReleases, 2, 100);
  checkKnown(where, 'keptReleases', props.keptReleases);
  checkBoolean(where, 'waitForInvalidation', props.waitForInvalidation);
  checkKind(where, 'profile', props.profile, 'removalPolicyWithoutSnapshot', 'an EnvironmentProfile, such as EnvironmentProfile.production()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a key of KMS');
  checkOneOf(where, 'removalPolicy', props.removalPolicy, [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]);
  checkPatterns(where, props);
}

function checkPatterns(where: IConstruct, { immutable = [], cacheControl = {} }: SiteDeploymentProps): void {
  checkList(where, 'immutable', immutable);
  checkMap(where, 'cacheControl', cacheControl);
  for (const pattern of immutable) checkPattern(where, 'immutable', pattern);
  for (const [pattern, value] of Object.entries(cacheControl)) {
    checkPattern(where, 'cacheControl', pattern);
    checkKnown(where, `cacheControl of ${pattern}`, value);
    checkText(where, `cacheControl of ${pattern}`, value, /^[\x21-\x7e][\x20-\x7e]*$/, 'a value of the Cache-Control header, such as \'public, max-age=3600\'');
  }
}

function checkPattern(where: IConstruct, prop: string, pattern: unknown): void {
  const isPattern = typeof pattern === 'string' && pattern !== '' && !Token.isUnresolved(pattern) && !pattern.startsWith('!') && !pattern.includes('\\');
  if (isPattern) return;
  throw new PlatformError(where, {
    problem: `${prop} has something that is no pattern of paths.`,
    got: `${prop} ${display(pattern)}`,
    allowed: 'paths below the site, in which * is anything within a folder, ** anything, ? one letter and {a,b} one of several',
    fix: 'write the pattern as a text, such as \'build/**/*.js\'',
  });
}

const publishers = new WeakMap<IConstruct, IConstruct>();

/** Refuses a second site in one bucket: each would take the other's files for its own old ones. */
export function checkOnlyPublisher(where: IConstruct, bucket: IConstruct): void {
  const other = publishers.get(bucket);
  if (!other) {
    publishers.set(bucket, where);
    return;
  }
  throw new PlatformError(where, {
    problem: 'another SiteDeployment publishes into this bucket, and each would remove the other\'s files.',
    got: `bucket ${bucket.node.path}, which ${other.node.path} has`,
    allowed: 'a bucket for each site',
    fix: 'give this site a bucket of its own, or publish one folder with both',
  });
}
