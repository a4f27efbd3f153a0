import { Duration, Token } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { ContentSecurityPolicy, MAXIMUM_HEADER_LENGTH } from './content-security-policy';
import { accountWideName } from '../edge/account-wide-name';
import { PlatformError } from '../errors';
import { checkBoolean, checkDuration, checkKind, checkMap, checkOneOf, checkText, display } from '../validate';

/** Properties of `SiteHeaders`. */
export interface SiteHeadersProps {
  /**
   * What pages may load, call and be shown in.
   * @default - a strict one: only the site itself
   */
  readonly contentSecurityPolicy?: ContentSecurityPolicy;
  /**
   * For how long browsers that have been here once refuse to come without TLS, in whole seconds up to two years.
   * @default Duration.days(365)
   */
  readonly hstsMaxAge?: Duration;
  /**
   * Whether that is so for all hosts below the site's too. Not by default: a host below that still answers without TLS, such as an old
   * intranet page, could no longer be reached, and no visitor can be told to forget it.
   * @default false
   */
  readonly hstsIncludeSubdomains?: boolean;
  /**
   * Whether browsers may have the site in the list that they are shipped with. Needs `hstsIncludeSubdomains` and a year at least. Not by default:
   * to leave the list takes months. https://hstspreload.org
   * @default false
   */
  readonly hstsPreload?: boolean;
  /**
   * What other sites are told of where a visitor comes from.
   * @default STRICT_ORIGIN_WHEN_CROSS_ORIGIN
   */
  readonly referrerPolicy?: cloudfront.HeadersReferrerPolicy;
  /**
   * Features of the browser that pages may use, as the header has them.
   * @default - no camera, microphone, location, payment or USB
   */
  readonly permissionsPolicy?: string;
  /**
   * Whether windows of other sites share a browsing context with the site's: `same-origin-allow-popups`, `same-origin` (which cuts off sign-in pop-ups)
   * or `unsafe-none`.
   * @default 'same-origin-allow-popups'
   */
  readonly crossOriginOpenerPolicy?: string;
  /**
   * Further headers, by name.
   * @default - none
   */
  readonly customHeaders?: { [name: string]: string };
  /**
   * Headers of S3's answers that visitors are not told.
   * @default - Server, and S3's own about encryption: with a KMS key, that is the key's ARN with the account's number in it
   */
  readonly removeHeaders?: string[];
}

const PERMISSIONS = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';
const HEADERS_OF_S3 = ['Server', 'x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id', 'x-amz-server-side-encryption-bucket-key-enabled'];
const MAXIMUM_CUSTOM_HEADERS = 10;
const YEAR = 365 * 24 * 3600;

/**
 * The headers that make browsers careful with a site: Content-Security-Policy, HSTS, no guessing of content types, no framing, and others.
 *
 * It is one response headers policy, of which an account can have 20: give one `SiteHeaders` to several distributions where they may share it.
 */
export class SiteHeaders extends Construct {
  /** The policy. */
  public readonly policy: cloudfront.IResponseHeadersPolicy;

  constructor(scope: Construct, id: string, private readonly props: SiteHeadersProps = {}) {
    super(scope, id);
    validateSiteHeaders(this, props);
    const contentSecurityPolicy = props.contentSecurityPolicy ?? new ContentSecurityPolicy();
    const customHeaders = this.customHeaders(contentSecurityPolicy);
    checkCustomHeaders(this, customHeaders);

    this.policy = new cloudfront.ResponseHeadersPolicy(this, 'Policy', {
      responseHeadersPolicyName: accountWideName(this, 128),
      comment: `Headers of ${this.node.path}`.slice(0, 128),
      securityHeadersBehavior: this.securityHeaders(contentSecurityPolicy),
      customHeadersBehavior: { customHeaders },
      removeHeaders: props.removeHeaders ?? HEADERS_OF_S3,
    });
  }

  private securityHeaders(policy: ContentSecurityPolicy): cloudfront.ResponseSecurityHeadersBehavior {
    const { hstsMaxAge = Duration.days(365), hstsIncludeSubdomains = false, hstsPreload = false } = this.props;
    const frameOption = frameOptionOf(policy);
    return {
      contentSecurityPolicy: policy.reportOnly ? undefined : { contentSecurityPolicy: policy.value, override: true },
      contentTypeOptions: { override: true },
      frameOptions: frameOption && { frameOption, override: true },
      referrerPolicy: {
        referrerPolicy: this.props.referrerPolicy ?? cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN,
        override: true,
      },
      strictTransportSecurity: { accessControlMaxAge: hstsMaxAge, includeSubdomains: hstsIncludeSubdomains, preload: hstsPreload, override: true },
    };
  }

  private customHeaders(policy: ContentSecurityPolicy): cloudfront.ResponseCustomHeader[] {
    const values: { [name: string]: string | undefined } = {
      'Content-Security-Policy-Report-Only': policy.reportOnly ? policy.value : undefined,
      'Reporting-Endpoints': policy._reportingEndpoints,
      'Permissions-Policy': this.props.permissionsPolicy ?? PERMISSIONS,
      'Cross-Origin-Opener-Policy': this.props.crossOriginOpenerPolicy ?? 'same-origin-allow-popups',
      ...this.props.customHeaders,
    };
    return Object.entries(values).flatMap(([header, value]) => value === undefined ? [] : [{ header, value, override: true }]);
  }
}

/** The older header, which says the same as `frame-ancestors` to old browsers as far as it can: it knows no list of sites. */
function frameOptionOf({ _frameAncestors: ancestors }: ContentSecurityPolicy): cloudfront.HeadersFrameOption | undefined {
  if (ancestors.length !== 1) return undefined;
  if (ancestors[0] === "'none'") return cloudfront.HeadersFrameOption.DENY;
  return ancestors[0] === "'self'" ? cloudfront.HeadersFrameOption.SAMEORIGIN : undefined;
}

const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Headers that have an option of their own, or are part of what CloudFront's policy has fields for. */
const HAVE_OPTIONS = [
  'content-security-policy', 'content-security-policy-report-only', 'reporting-endpoints', 'permissions-policy', 'cross-origin-opener-policy',
  'strict-transport-security', 'referrer-policy', 'x-frame-options', 'x-content-type-options',
];

function validateSiteHeaders(where: Construct, props: SiteHeadersProps): void {
  checkKind(where, 'contentSecurityPolicy', props.contentSecurityPolicy, 'reportOnly', 'a ContentSecurityPolicy');
  checkDuration(where, 'hstsMaxAge', props.hstsMaxAge, 0, 2 * YEAR);
  checkBoolean(where, 'hstsIncludeSubdomains', props.hstsIncludeSubdomains);
  checkBoolean(where, 'hstsPreload', props.hstsPreload);
  checkOneOf(where, 'crossOriginOpenerPolicy', props.crossOriginOpenerPolicy, ['same-origin-allow-popups', 'same-origin', 'unsafe-none']);
  checkOneOf(where, 'referrerPolicy', props.referrerPolicy, Object.values(cloudfront.HeadersReferrerPolicy));
  checkMap(where, 'customHeaders', props.customHeaders);
  for (const name of Object.keys(props.customHeaders ?? {})) checkHeaderName(where, name);
  for (const name of props.removeHeaders ?? []) checkText(where, 'removeHeaders', name, NAME, 'names of headers, such as Server');
  checkPreload(where, props);
}

function checkHeaderName(where: Construct, name: string): void {
  checkText(where, 'customHeaders', name, NAME, 'names of headers, such as X-Robots-Tag');
  if (!HAVE_OPTIONS.includes(name.toLowerCase())) return;
  throw new PlatformError(where, {
    problem: `${name} has an option of its own.`,
    got: `customHeaders with ${name}`,
    allowed: 'other headers',
    fix: 'set it by contentSecurityPolicy, hstsMaxAge, referrerPolicy, permissionsPolicy or crossOriginOpenerPolicy',
  });
}

function checkPreload(where: Construct, { hstsPreload, hstsIncludeSubdomains, hstsMaxAge }: SiteHeadersProps): void {
  if (!hstsPreload || hstsIncludeSubdomains && (hstsMaxAge?.toSeconds() ?? YEAR) >= YEAR) return;
  throw new PlatformError(where, {
    problem: 'browsers take a site into their list only with all hosts below it, and for a year at least.',
    got: `hstsPreload true, hstsIncludeSubdomains ${hstsIncludeSubdomains ?? false}, hstsMaxAge ${hstsMaxAge?.toSeconds() ?? YEAR} seconds`,
    allowed: 'hstsPreload with hstsIncludeSubdomains true and hstsMaxAge of 365 days or more',
    fix: 'leave hstsPreload out unless all hosts below the site are on TLS for good',
  });
}

function checkCustomHeaders(where: Construct, headers: cloudfront.ResponseCustomHeader[]): void {
  if (headers.length > MAXIMUM_CUSTOM_HEADERS) {
    throw new PlatformError(where, {
      problem: 'there are more headers than CloudFront adds.',
      got: `${headers.length}: ${headers.map(({ header }) => header).join(', ')}`,
      allowed: `${MAXIMUM_CUSTOM_HEADERS} besides the security headers that CloudFront knows by name`,
      fix: 'leave out some of customHeaders',
    });
  }
  for (const { header, value } of headers) {
    if (Token.isUnresolved(value) || typeof value === 'string' && value.length <= MAXIMUM_HEADER_LENGTH && /^[\x20-\x7e]+$/.test(value)) continue;
    throw new PlatformError(where, {
      problem: `${header} has a value that CloudFront does not take.`,
      got: display(value),
      allowed: `1 to ${MAXIMUM_HEADER_LENGTH} printable ASCII characters`,
      fix: `shorten or correct the value of ${header}`,
    });
  }
}
