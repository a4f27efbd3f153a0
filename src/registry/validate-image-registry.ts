import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { ImageRegistryProps } from './image-registry';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkGiven, checkInteger, checkOneOf, checkText, display } from '../validate';

const SHAPE_PROPS: (keyof ImageRegistryProps)[] = ['maximumImages', 'untaggedImageDays', 'removalPolicy'];

const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

/** Longest wait: CloudFormation gives up after an hour, and the answer must come before. */
const MAXIMUM_WAIT_SECONDS = 55 * 60;

/** Refuses a registry that ECR would refuse, and values that would change nothing. */
export function validateImageRegistry(where: IConstruct, props: ImageRegistryProps): void {
  checkInteger(where, 'maximumImages', props.maximumImages, 2, 10000);
  checkInteger(where, 'untaggedImageDays', props.untaggedImageDays, 1, 365);
  checkInteger(where, 'imageWait (seconds)', props.imageWait?.toSeconds({ integral: false }), 60, MAXIMUM_WAIT_SECONDS);
  checkOneOf(where, 'removalPolicy', props.removalPolicy, REMOVAL_POLICIES);
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  if (props.repository === undefined) return;

  const shape = SHAPE_PROPS.filter(prop => props[prop] !== undefined);
  if (shape.length === 0) return;
  throw new PlatformError(where, {
    problem: `an existing repository keeps its own settings, so ${shape.join(', ')} would change nothing.`,
    got: `repository, ${shape.join(', ')}`,
    allowed: 'repository (with profile, imageWait, logRetentionDays and encryptionKey, which the gate uses), or a new repository',
    fix: `remove ${shape.join(', ')}, or remove repository`,
  });
}

/** Refuses what cannot be a tag, and the one tag that names nothing for long. */
export function validateTag(where: IConstruct, tag: string): void {
  checkGiven(where, 'tag', tag, 'a tag that names one build, such as the commit');
  checkText(where, 'tag', tag, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(@sha256:[0-9a-f]{64})?$/,
    'letters, digits, underscores, dots and hyphens, at most 128, no dot or hyphen first; and by choice the digest behind it, @sha256:…');
  if (Token.isUnresolved(tag) || tag !== 'latest') return;
  throw new PlatformError(where, {
    problem: "'latest' could be pushed only once, because a tag never changes here; and a deployment would not notice another image behind it.",
    got: `tag ${display(tag)}`,
    allowed: 'a tag that names one build, such as the commit',
    fix: 'tag with the commit (git rev-parse --short HEAD) and pass it in',
  });
}
