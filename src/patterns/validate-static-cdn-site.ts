import { IConstruct } from 'constructs';
import { checkGivenParts, GivenParts } from './given-parts';
import type { StaticCdnSiteProps } from './static-cdn-site-props';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkList } from '../validate';

const GIVEN_PARTS: GivenParts<StaticCdnSiteProps> = [
  ['bucket', ['intelligentTiering']],
  ['headers', ['contentSecurityPolicy']],
  ['firewall', ['firewallEnabled']],
  ['password', ['passwordProtected']],
  ['monitoring', ['alertTopic', 'alertEmails']],
];

/** Props that do nothing by themselves, and what they are for. */
const NEEDED: readonly [keyof StaticCdnSiteProps, keyof StaticCdnSiteProps][] = [
  ['alternativeDomainNames', 'domainName'],
  ['hostedZone', 'domainName'],
  ['certificate', 'domainName'],
  ['runtimeConfig', 'directory'],
  ['cacheControl', 'directory'],
];

/** Refuses props that would be ignored in silence. What belongs to one part is judged by that part. */
export function validateStaticCdnSite(where: IConstruct, props: StaticCdnSiteProps): void {
  checkGiven(where, 'kind', props?.kind, 'SiteKind.singlePageApp(), SiteKind.multiPage() or SiteKind.prerendered()');
  checkKind(where, 'kind', props.kind, '_rewrite', 'SiteKind.singlePageApp(), SiteKind.multiPage() or SiteKind.prerendered()');
  checkKind(where, 'profile', props.profile, 'priceClass', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'bucket', props.bucket, 'bucketArn', 'an s3.IBucket, such as new SiteBucket(…).bucket');
  checkKind(where, 'accessLogsBucket', props.accessLogsBucket, 'bucketArn', 'an s3.IBucket, such as new SiteBucket(…).accessLogsBucket');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkList(where, 'alternativeDomainNames', props.alternativeDomainNames);
  checkList(where, 'alertEmails', props.alertEmails);
  checkBoolean(where, 'firewallEnabled', props.firewallEnabled);
  checkBoolean(where, 'passwordProtected', props.passwordProtected);
  checkBoolean(where, 'accessLogs', props.accessLogs);
  checkKind(where, 'firewall', props.firewall, 'webAclArn', 'a WebFirewall');
  checkKind(where, 'alertTopic', props.alertTopic, 'topicArn', 'an sns.ITopic');
  checkKind(where, 'monitoring', props.monitoring, 'watch', 'a Monitoring');
  checkGivenParts(where, props, GIVEN_PARTS);
  for (const [prop, needed] of NEEDED) checkNeeded(where, props, prop, needed);
}

function checkNeeded(where: IConstruct, props: StaticCdnSiteProps, prop: keyof StaticCdnSiteProps, needed: keyof StaticCdnSiteProps): void {
  if (props[prop] === undefined || props[needed] !== undefined) return;
  throw new PlatformError(where, {
    problem: `${prop} does nothing without ${needed}.`,
    got: `${prop}, and no ${needed}`,
    allowed: `${prop} with ${needed}`,
    fix: `give ${needed} too, or leave ${prop} out`,
  });
}
