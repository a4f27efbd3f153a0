import { Arn, ArnFormat, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { SiteDistributionProps, SiteErrorPage } from './site-distribution-props';
import { checkDomainName, checkDomainNames } from '../edge/validate-domain';
import { EDGE_REGION } from '../environment/edge-region';
import { PRICE_CLASSES } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkOneOf, checkText, display } from '../validate';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html */
const STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** Refuses what CloudFront would refuse, and what would not do what it looks like. */
export function validateSiteDistribution(where: IConstruct, props: SiteDistributionProps): void {
  checkGiven(where, 'bucket', props?.bucket, 'an s3.IBucket, such as new SiteBucket(…).bucket');
  checkKind(where, 'bucket', props.bucket, 'bucketArn', 'an s3.IBucket, such as new SiteBucket(…).bucket');
  checkKind(where, 'profile', props.profile, 'priceClass', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'kind', props.kind, '_rewrite', 'a SiteKind, such as SiteKind.multiPage()');
  checkKind(where, 'api', props.api, 'pathPatterns', 'a SiteApi, such as SiteApi.loadBalancer(…)');
  checkKind(where, 'headers', props.headers, 'policy', 'a SiteHeaders');
  checkKind(where, 'password', props.password, 'keyValueStore', 'a SitePassword');
  checkKind(where, 'certificate', props.certificate, 'certificateArn', 'an acm.ICertificate, such as new SiteCertificate(…).certificate');
  checkKind(where, 'accessLogsBucket', props.accessLogsBucket, 'bucketArn', 'an s3.IBucket');
  checkOneOf(where, 'priceClass', props.priceClass as string | undefined, PRICE_CLASSES);
  checkKind(where, 'geoRestriction', props.geoRestriction, 'restrictionType', "a cloudfront.GeoRestriction, such as GeoRestriction.allowlist('DE')");
  checkText(where, 'originPath', props.originPath, /^(\/[^/?#*\s]+)+$/, 'a folder with a leading slash and none at the end, such as /site');
  checkBoolean(where, 'accessLogs', props.accessLogs);
  checkBoolean(where, 'additionalMetrics', props.additionalMetrics);
  checkBoolean(where, 'alarms', props.alarms);
  checkInteger(where, 'accessLogRetentionDays', props.accessLogRetentionDays, 1, 3650);
  checkNames(where, props);
  checkCertificate(where, props);
  checkFirewall(where, props.webAclArn);
  checkHeaders(where, props);
  checkErrorPages(where, props);
  checkLogs(where, props);
}

function checkNames(where: IConstruct, { domainNames = [], redirectToFirstName }: SiteDistributionProps): void {
  checkList(where, 'domainNames', domainNames);
  checkKnown(where, 'domainNames', domainNames);
  checkBoolean(where, 'redirectToFirstName', redirectToFirstName);
  for (const name of domainNames) checkDomainName(where, 'domainNames', name);
  checkDomainNames(where, { props: 'domainNames', names: domainNames });
  if (redirectToFirstName !== true || !domainNames[0]?.startsWith('*.')) return;
  throw new PlatformError(where, {
    problem: 'nobody can be redirected to a name with a wildcard.',
    got: `redirectToFirstName true, domainNames ${display(domainNames)}`,
    allowed: 'a first name without a wildcard, or redirectToFirstName false',
    fix: "put the site's own name first",
  });
}

function checkCertificate(where: IConstruct, { certificate, domainNames = [], minimumProtocolVersion }: SiteDistributionProps): void {
  if (domainNames.length > 0 && !certificate) {
    throw new PlatformError(where, {
      problem: 'domain names need a certificate.',
      got: `domainNames ${display(domainNames)}, no certificate`,
      allowed: 'domainNames with a certificate, or neither',
      fix: 'give certificate: new SiteCertificate(…).certificate',
    });
  }
  if (certificate && domainNames.length === 0) {
    throw new PlatformError(where, {
      problem: 'a certificate is given and no name to use it for.',
      got: 'certificate given, no domainNames',
      allowed: 'a certificate with domainNames, or neither',
      fix: 'give domainNames, or leave the certificate out',
    });
  }
  if (minimumProtocolVersion && !certificate) {
    throw new PlatformError(where, {
      problem: "CloudFront's own certificate cannot be given a minimum of TLS.",
      got: `minimumProtocolVersion ${display(minimumProtocolVersion)}, no certificate`,
      allowed: 'minimumProtocolVersion with domainNames and a certificate',
      fix: 'give domainNames and certificate, or leave minimumProtocolVersion out',
    });
  }
  checkInEdgeRegion(where, 'certificate', certificate?.certificateArn, 'a certificate in us-east-1, such as new SiteCertificate(…).certificate');
}

function checkFirewall(where: IConstruct, webAclArn: string | undefined): void {
  checkText(where, 'webAclArn', webAclArn, /^arn:[^:]+:wafv2:[^:]+:\d{12}:global\/webacl\/.+$/,
    'the ARN of a web ACL for CloudFront: arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id');
  checkInEdgeRegion(where, 'webAclArn', webAclArn, 'a web ACL in us-east-1, such as that of new WebFirewall(…)');
}

function checkInEdgeRegion(where: IConstruct, prop: string, arn: string | undefined, allowed: string): void {
  if (arn === undefined || Token.isUnresolved(arn)) return;
  const { region } = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME);
  // In China there is no us-east-1.
  if (region === EDGE_REGION || arn.startsWith('arn:aws-cn:')) return;
  throw new PlatformError(where, {
    problem: 'CloudFront takes it from us-east-1 only.',
    got: `${prop} ${arn}`,
    allowed,
    fix: 'give one of us-east-1',
  });
}

function checkHeaders(where: IConstruct, { headers, responseHeadersPolicy }: SiteDistributionProps): void {
  if (!headers || !responseHeadersPolicy) return;
  throw new PlatformError(where, {
    problem: 'there are two policies for the headers.',
    got: 'headers and responseHeadersPolicy given',
    allowed: 'one of them',
    fix: 'leave one of them out',
  });
}

function checkErrorPages(where: IConstruct, { errorPages, api }: SiteDistributionProps): void {
  checkList(where, 'errorPages', errorPages);
  for (const page of errorPages ?? []) checkErrorPage(where, page);
  const statuses = (errorPages ?? []).map(({ status }) => status);
  const twice = statuses.find((status, index) => statuses.indexOf(status) !== index);
  if (twice !== undefined) {
    throw new PlatformError(where, {
      problem: `there are two pages for ${twice}.`,
      got: `errorPages ${display(errorPages)}`,
      allowed: 'one for each status',
      fix: 'leave one of them out',
    });
  }
  if (api) checkNoErrorPages(where, statuses);
}

/** Refuses error pages beside an API. */
export function checkNoErrorPages(where: IConstruct, statuses: number[]): void {
  if (statuses.length === 0) return;
  throw new PlatformError(where, {
    problem: "error pages are for the whole distribution: the API's own answers with these statuses would become pages of HTML.",
    got: `pages for ${statuses.join(', ')}, and an API`,
    allowed: 'error pages, or an API',
    fix: 'set errorPages to [], or give the API a name and a distribution of its own and let the site call it (connectSrc)',
  });
}

function checkErrorPage(where: IConstruct, page: SiteErrorPage): void {
  checkGiven(where, 'errorPages', page, '{ status: 404, path: \'/404.html\' }');
  checkGiven(where, 'errorPages status', page.status, STATUSES.join(', '));
  checkOneOf(where, 'errorPages status', page.status, STATUSES);
  checkGiven(where, 'errorPages path', page.path, 'the path of a page, such as /404.html');
  checkText(where, 'errorPages path', page.path, /^\/[^\s?#]+$/, 'the path of a page, such as /404.html');
}

function checkLogs(where: IConstruct, { accessLogs, accessLogsBucket }: SiteDistributionProps): void {
  if (accessLogs !== false || !accessLogsBucket) return;
  throw new PlatformError(where, {
    problem: 'a bucket for access logs is given, and they are turned off.',
    got: 'accessLogs false, accessLogsBucket given',
    allowed: 'accessLogsBucket with logs, or neither',
    fix: 'leave accessLogs out, or leave accessLogsBucket out',
  });
}
