import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type { OldVersions } from './old-versions';
import type { EnvironmentProfile } from '../environment';
import type { GithubRoleOptions } from '../registry';

/** Properties of `DesktopReleases`. */
export interface DesktopReleasesProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Name that apps look for updates at, such as `downloads.example.com`. Installed apps keep asking at the address that they were built with: choose
   * one of your own before the first release.
   * @default - the name that CloudFront gives
   */
  readonly domainName?: string;
  /**
   * Zone of `domainName`, for its records and its certificate.
   * @default - no records are made
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * Certificate of `domainName`, in us-east-1.
   * @default - one is made and validated through `hostedZone`
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Repository whose workflow publishes, through a role without a stored secret.
   * @default - no role; give rights with `grantPublish()`
   */
  readonly github?: GithubRoleOptions;
  /**
   * What the tags of versions begin with. Where `github` names neither branches nor tags nor environments, it stands for all tags with it.
   * @default 'v'
   */
  readonly tagPrefix?: string;
  /**
   * Channels, the most stable first. `latest` is the one of versions such as 1.2.3, `beta` of such as 1.3.0-beta.1. A version is also offered to each
   * less stable channel that has no newer one.
   * @default ['latest']
   */
  readonly channels?: string[];
  /**
   * What becomes of versions that newer ones have replaced.
   * @default OldVersions.keepAll()
   */
  readonly oldVersions?: OldVersions;
  /**
   * Key that encrypts the files.
   * @default - S3's own key, which costs nothing
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * ARN of a web ACL for CloudFront, such as that of a `WebFirewall`. None by default: there is nothing but files that everybody may have, an app sends
   * nothing that a rule could judge, and rate limits that suit a site stop an office of many apps behind one address in the middle of an update.
   * @default - none
   */
  readonly webAclArn?: string;
}
