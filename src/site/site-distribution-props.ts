import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { SiteApi } from './site-api';
import type { SiteHeaders } from './site-headers';
import type { SiteKind } from './site-kind';
import type { SitePassword } from './site-password';
import type { EnvironmentProfile } from '../environment';

/** What visitors see instead of an error. */
export interface SiteErrorPage {
  /** Status that the page stands for and is sent with: 400, 403, 404, 405, 414, 416, 500, 501, 502, 503 or 504. */
  readonly status: number;
  /** Path of the page, such as `/404.html`. */
  readonly path: string;
}

/** Properties of a `SiteDistribution`. */
export interface SiteDistributionProps {
  /** Bucket with the files of the site, such as that of a `SiteBucket`. */
  readonly bucket: s3.IBucket;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * How paths become files.
   * @default SiteKind.singlePageApp()
   */
  readonly kind?: SiteKind;
  /**
   * Folder of the bucket that has the site, with a leading slash. Nothing outside of it can be asked for.
   * @default '/site'
   */
  readonly originPath?: string;
  /**
   * Names of the site. The first one is the site's; the others are redirected to it, besides those with a wildcard.
   * @default - the name that CloudFront gives
   */
  readonly domainNames?: string[];
  /**
   * Whether further names are redirected to the first one.
   * @default - true, unless the first one has a wildcard
   */
  readonly redirectToFirstName?: boolean;
  /**
   * Certificate of the names, in us-east-1, such as that of a `SiteCertificate`.
   * @default - CloudFront's own, for the name that it gives
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Oldest TLS and ciphers, where there is a certificate. With CloudFront's own, it accepts TLS 1.0.
   * @default TLS_V1_2_2021
   */
  readonly minimumProtocolVersion?: cloudfront.SecurityPolicyProtocol;
  /**
   * ARN of a web ACL for CloudFront, such as that of a `WebFirewall`.
   * @default - none
   */
  readonly webAclArn?: string;
  /**
   * Headers of the site's answers.
   * @default - strict ones
   */
  readonly headers?: SiteHeaders;
  /**
   * An existing policy for the headers of the site's answers, instead of `headers`.
   * @default - the one of `headers`
   */
  readonly responseHeadersPolicy?: cloudfront.IResponseHeadersPolicy;
  /**
   * An existing cache policy, which several distributions may share: an account can have 20. It should leave it to the files for how long they are kept.
   * @default - one is made: for as long as the file's Cache-Control says, and not at all without
   */
  readonly cachePolicy?: cloudfront.ICachePolicy;
  /**
   * An API behind the same name. Its answers get the security headers that do no harm there, and it is asked for no password: clients of an API
   * need the Authorization header themselves.
   * @default - none
   */
  readonly api?: SiteApi;
  /**
   * A password that visitors have to know, for staging.
   * @default - none
   */
  readonly password?: SitePassword;
  /**
   * Pages instead of errors. They are for the whole distribution, so that they cannot be combined with an API, whose own errors they would replace.
   * @default - for SiteKind.multiPage() and SiteKind.prerendered() /404.html, where there is no API; otherwise none
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
   * Whether access logs are written to a bucket.
   * @default - the profile's
   */
  readonly accessLogs?: boolean;
  /**
   * Bucket of the access logs, such as `accessLogsBucket` of a `SiteBucket` or a `WebLoadBalancer`. One of your own needs access control lists turned on.
   * @default - one is made
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Days that access logs are kept in a bucket that is made, 1 to 3650.
   * @default 90
   */
  readonly accessLogRetentionDays?: number;
  /**
   * Whether CloudFront tells its additional metrics, such as the origin's latency; eight metrics of CloudWatch's price for each distribution.
   * @default false
   */
  readonly additionalMetrics?: boolean;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
