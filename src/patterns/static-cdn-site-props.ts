import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { IWebFirewall } from '../edge';
import type { EnvironmentProfile } from '../environment';
import type { Monitoring } from '../observability';
import type { SmokeTest } from '../service';
import type { ContentSecurityPolicy, RuntimeConfig, SiteApi, SiteErrorPage, SiteHeaders, SiteKind, SitePassword } from '../site';

/** What a site is, apart from its place: its files, and how they are served. */
export interface StaticCdnSiteOptions {
  /** How addresses lead to files: a single-page app, many pages, or pages that are rendered when the app is built. */
  readonly kind: SiteKind;
  /**
   * Folder with the built site. It is published with each deployment of the stack.
   * @default - the bucket starts empty, for a pipeline that publishes by itself
   */
  readonly directory?: string;
  /**
   * Certificate of the names, in us-east-1.
   * @default - one is made there and validated through `hostedZone`, where a domain is given
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Whether a firewall with the recommended rules is made.
   * @default - the profile's
   */
  readonly firewallEnabled?: boolean;
  /**
   * Firewall before the site: one with rules of your own and `FirewallPlacement.cloudFront()`, or one that the team has already.
   * One of another stack, which several sites may share, is watched there.
   * @default - one is made where `firewallEnabled` says so
   */
  readonly firewall?: IWebFirewall;
  /**
   * Values that the built site reads when it runs, which may only be known at deployment.
   * @default - none
   */
  readonly runtimeConfig?: RuntimeConfig;
  /**
   * What pages may load and call besides the site itself.
   * @default - nothing
   */
  readonly contentSecurityPolicy?: ContentSecurityPolicy;
  /**
   * Headers for browsers, instead of those that are made with `contentSecurityPolicy`.
   * @default - strict ones
   */
  readonly headers?: SiteHeaders;
  /**
   * Whether visitors are asked for a name and a password, which are made and kept in Secrets Manager.
   * @default false
   */
  readonly passwordProtected?: boolean;
  /**
   * Password that visitors are asked for, such as one with a secret that the team has already.
   * @default - one is made where `passwordProtected` says so
   */
  readonly password?: SitePassword;
  /**
   * Pages instead of errors. They are for the whole distribution, so that they cannot be combined with an API.
   * @default - /404.html for kinds with many pages, where there is no API
   */
  readonly errorPages?: SiteErrorPage[];
  /**
   * Countries that are served, or not.
   * @default - all are
   */
  readonly geoRestriction?: cloudfront.GeoRestriction;
  /**
   * From which of CloudFront's locations the site is served.
   * @default - the profile's
   */
  readonly priceClass?: cloudfront.PriceClass;
  /**
   * Whether CloudFront writes access logs. It cannot deliver them to a region that an account has to opt in to: `false` there.
   * @default - the profile's
   */
  readonly accessLogs?: boolean;
  /**
   * Bucket of this region for access logs: CloudFront's below `cloudfront/`, S3's below `bucket/`. One of your own needs access control lists turned on, for
   * CloudFront; an imported one has to allow `logging.s3.amazonaws.com` to write.
   * @default - one is made, where there are logs
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Bucket of the site, private and with versions. Files go below `site/`.
   * @default - one is made
   */
  readonly bucket?: s3.IBucket;
  /**
   * Whether files move to cheaper storage when nobody asks for them, for large ones.
   * @default false
   */
  readonly intelligentTiering?: boolean;
  /**
   * Cache-Control by pattern, such as `{ 'fonts/**': 'public, max-age=86400' }`.
   * @default - files with a hash in their name a year, pages asked for each time, all else 5 minutes
   */
  readonly cacheControl?: { readonly [pattern: string]: string };
  /**
   * Requests that the site must answer when it has been deployed; if it does not, the deployment fails and CloudFormation goes back.
   * @default - none
   */
  readonly smokeTests?: SmokeTest[];
}

/** Properties of a `StaticCdnSite`. */
export interface StaticCdnSiteProps extends StaticCdnSiteOptions {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Name under which the site is reached, such as `www.example.com`.
   * @default - the name that CloudFront gives
   */
  readonly domainName?: string;
  /**
   * Further names, such as `example.com`. They are redirected to `domainName`.
   * @default - none
   */
  readonly alternativeDomainNames?: string[];
  /**
   * Zone of the names, for their records and their certificate.
   * @default - no record is made, and the certificate has to be given
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * What answers `/api/*`.
   * @default - nothing but the site
   */
  readonly api?: SiteApi;
  /**
   * Key that encrypts files, logs and secrets.
   * @default - one is made where the profile says so
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Where the site's alarms and its row on the dashboard go, such as those of an API beside it.
   * @default - a Monitoring of the site's own
   */
  readonly monitoring?: Monitoring;
  /**
   * Topic that alarms are published to.
   * @default - one is made
   */
  readonly alertTopic?: sns.ITopic;
  /**
   * Addresses that are told of alarms.
   * @default - none
   */
  readonly alertEmails?: string[];
}
