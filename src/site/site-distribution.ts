import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SiteApi } from './site-api';
import { checkFolderPattern, checkNewPatterns, checkPathPatterns } from './site-distribution-paths';
import { SiteDistributionProps } from './site-distribution-props';
import { letDistributionRead } from './site-distribution-rights';
import { checkNoErrorPages, validateSiteDistribution } from './site-distribution-validation';
import { SiteHeaders } from './site-headers';
import { SiteKind } from './site-kind';
import { ofDistribution, SiteWatch, SiteWatchProps, siteWidgets } from './site-watch';
import { checkFunctionSize, viewerRequestCode } from './viewer-request';
import { acknowledge } from '../acknowledge';
import { accountWideName } from '../edge/account-wide-name';
import { EdgePlace } from '../edge/us-east-1';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { IWatched } from '../observability';
import { AccessLogsBucket, accessLogsRemovalPolicy } from '../observability/access-logs-bucket';
import { checkGiven, checkKind } from '../validate';

/**
 * CloudFront in front of a bucket: HTTPS only, HTTP/2 and 3, IPv6, compression, security headers, a function that brings paths to files,
 * and an API behind the same name where there is one. The bucket stays private: only this distribution reads it, and only the site's folder.
 *
 * Its alarms are in us-east-1, where CloudFront tells its metrics: in a stack beside this one where this one is elsewhere.
 */
export class SiteDistribution extends Construct implements IWatched {
  /** The distribution. */
  public readonly distribution: cloudfront.Distribution;
  /** Address of the site, such as `https://www.example.com`. */
  public readonly url: string;
  /** The function at the edge; undefined where requests stay as they are. */
  public readonly viewerRequest?: cloudfront.Function;
  /** Bucket of the access logs. */
  public readonly accessLogsBucket?: s3.IBucket;
  /** Alarms and dashboard of the distribution, in us-east-1. */
  public readonly watch: SiteWatch;

  private readonly profile: EnvironmentProfile;
  private readonly kind: SiteKind;
  private readonly pathPatterns: string[] = [];
  private readonly accessControl: cloudfront.S3OriginAccessControl;
  private readonly files: cloudfront.BehaviorOptions;

  constructor(scope: Construct, id: string, private readonly props: SiteDistributionProps) {
    super(scope, id);
    validateSiteDistribution(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.kind = props.kind ?? SiteKind.singlePageApp();
    const code = this.viewerRequestCode();

    this.viewerRequest = code === undefined ? undefined : this.createViewerRequest(code);
    this.accessLogsBucket = this.createAccessLogs();
    this.accessControl = this.createAccessControl();
    this.files = this.siteBehavior();
    this.distribution = this.createDistribution();
    this.letDistributionRead();
    if (props.api) this.addApi('Api', props.api);
    this.watch = this.createWatch();
    this.url = `https://${this.ownName() ?? this.distribution.distributionDomainName}`;
  }

  /** Alarms of the distribution. */
  public get alarms(): cloudwatch.Alarm[] {
    return this.watch.alarms;
  }

  /** Requests, errors and the function at the edge, for a dashboard in any region. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return siteWidgets(this.watched(this.distribution.distributionId, this.viewerRequest?.functionName));
  }

  /**
   * Adds an API besides that of `api`. The first pattern that fits a path has it.
   *
   * @param id id of what belongs to it, which should stay the same
   * @param api the API
   */
  public addApi(id: string, api: SiteApi): void {
    checkGiven(this, 'api', api, 'a SiteApi, such as SiteApi.httpsEndpoint(…)');
    checkKind(this, 'api', api, 'pathPatterns', 'a SiteApi, such as SiteApi.httpsEndpoint(…)');
    checkNoErrorPages(this, this.errorResponses().map(({ httpStatus }) => httpStatus));
    checkNewPatterns(this, this.pathPatterns, api.pathPatterns);
    const { origin, originRequestPolicy } = api._bind(new Construct(this, id));
    for (const pattern of api.pathPatterns) {
      this.addBehavior(pattern, origin, {
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy,
        // A redirect would come too late: what the client sent was already sent in plain text, and it would come back without its body.
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        // CloudFront's own, which counts in no quota and, besides for content types, adds only what the API does not say itself.
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
      });
    }
  }

  /**
   * Serves paths from somewhere else, in a way of your own. It gets neither the password nor the function of the site.
   *
   * @param pathPattern such as `/images/*`
   * @param origin where they come from
   * @param options how they are cached and forwarded
   */
  public addBehavior(pathPattern: string, origin: cloudfront.IOrigin, options?: cloudfront.AddBehaviorOptions): void {
    checkPathPatterns(this, [pathPattern]);
    checkNewPatterns(this, this.pathPatterns, [pathPattern]);
    this.distribution.addBehavior(pathPattern, origin, options);
    this.pathPatterns.push(pathPattern);
  }

  /**
   * Serves some of the site's files in another way, such as feeds that nobody should keep. What `options` leaves out is as with all others: the origin,
   * how long they are kept, the headers, the function and with it the password.
   *
   * @param pathPattern such as `*.xml`
   * @param options what differs
   */
  public addFiles(pathPattern: string, options: cloudfront.AddBehaviorOptions): void {
    const { origin, ...rest } = this.files;
    const given = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
    this.addBehavior(pathPattern, origin, { ...rest, ...given });
  }

  /**
   * Serves the files of another bucket as they are, such as the images of an `ImageUploads`: the path `/images/a.webp` is the file `images/a.webp`.
   * They are kept as long as their Cache-Control says, and get the headers of the site; neither its function nor its password.
   *
   * @param bucket the bucket; this distribution is allowed to read the folder
   * @param pathPattern a folder and what is in it, such as `/images/*`
   */
  public addBucket(bucket: s3.IBucket, pathPattern: string): void {
    checkGiven(this, 'bucket', bucket, 'an s3.IBucket');
    checkKind(this, 'bucket', bucket, 'bucketArn', 'an s3.IBucket');
    checkFolderPattern(this, pathPattern);
    const origin = origins.S3BucketOrigin.withBucketDefaults(bucket, { originAccessControlId: this.accessControl.originAccessControlId });
    this.addBehavior(pathPattern, origin, { ...this.files, functionAssociations: undefined });
    letDistributionRead(this, bucket, this.distribution.distributionId, pathPattern.slice(1, -2));
  }

  /** Lets somebody make CloudFront forget what it keeps. */
  public grantInvalidate(grantee: iam.IGrantable): iam.Grant {
    return this.distribution.grantCreateInvalidation(grantee);
  }

  /**
   * A metric of the distribution over five minutes, for a dashboard in any region or an alarm in us-east-1.
   *
   * @param metricName such as `Requests` (`Sum`) or `5xxErrorRate` (`Average`)
   * @param statistic the one that CloudFront gives this metric
   */
  public metric(metricName: string, statistic: string): cloudwatch.Metric {
    return ofDistribution(this.distribution.distributionId, metricName, statistic).with({ region: EDGE_REGION });
  }

  private viewerRequestCode(): string | undefined {
    const [first, ...others] = this.props.domainNames ?? [];
    const redirects = this.props.redirectToFirstName !== false && this.ownName() !== undefined;
    const code = viewerRequestCode({
      kind: this.kind,
      canonicalName: redirects ? lowerCase(first) : undefined,
      otherNames: others.filter(name => !name.startsWith('*.')).map(lowerCase),
      password: this.props.password !== undefined,
    });
    if (code !== undefined) checkFunctionSize(this, code);
    return code;
  }

  private createViewerRequest(code: string): cloudfront.Function {
    return new cloudfront.Function(this, 'ViewerRequest', {
      functionName: accountWideName(this, 64),
      comment: `Paths of ${this.node.path}`.slice(0, 128),
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      code: cloudfront.FunctionCode.fromInline(code),
      keyValueStore: this.props.password?.keyValueStore,
    });
  }

  private createAccessLogs(): s3.IBucket | undefined {
    const { accessLogsBucket, accessLogs = accessLogsBucket !== undefined || this.profile.accessLogs, accessLogRetentionDays } = this.props;
    if (!accessLogs) return undefined;
    AccessLogsBucket.checkCloudFrontDelivers(this, (accessLogsBucket?.env ?? Stack.of(this)).region);
    const bucket = accessLogsBucket ?? new AccessLogsBucket(this, 'AccessLogs', {
      retentionDays: accessLogRetentionDays,
      removalPolicy: accessLogsRemovalPolicy(this.profile),
    }).bucket;
    AccessLogsBucket.admitCloudFront(bucket);
    return bucket;
  }

  private createDistribution(): cloudfront.Distribution {
    const { props } = this;
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: this.node.path.slice(0, 128),
      defaultBehavior: this.files,
      defaultRootObject: 'index.html',
      domainNames: props.domainNames,
      certificate: props.certificate,
      minimumProtocolVersion: props.certificate && (props.minimumProtocolVersion ?? cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021),
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableIpv6: true,
      priceClass: props.priceClass ?? this.profile.priceClass,
      geoRestriction: props.geoRestriction,
      webAclId: props.webAclArn,
      errorResponses: this.errorResponses(),
      logBucket: this.accessLogsBucket,
      logFilePrefix: this.accessLogsBucket && 'cloudfront/',
      publishAdditionalMetrics: props.additionalMetrics,
    });
    // Until the store has the password, nobody is let in: whoever deploys should find it working.
    if (props.password) distribution.node.addDependency(props.password.ready);
    if (!props.certificate) {
      acknowledge(distribution, 'AwsSolutions-CFR4',
        'The site has no name of its own yet. With the certificate for the name that CloudFront gives, CloudFront decides on TLS versions, and no setting changes '
        + 'that: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesGeneral.html. With domainNames and a certificate it is TLS 1.2.');
    }
    return distribution;
  }

  private createAccessControl(): cloudfront.S3OriginAccessControl {
    return new cloudfront.S3OriginAccessControl(this, 'AccessControl', {
      originAccessControlName: accountWideName(this, 64),
      signing: cloudfront.Signing.SIGV4_ALWAYS,
    });
  }

  private siteBehavior(): cloudfront.BehaviorOptions {
    const { bucket, headers, responseHeadersPolicy } = this.props;
    return {
      // The L2's own way lets the distribution read all of the bucket.
      origin: origins.S3BucketOrigin.withBucketDefaults(bucket, {
        originPath: this.originPath(),
        originAccessControlId: this.accessControl.originAccessControlId,
      }),
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
      cachePolicy: this.props.cachePolicy ?? this.createCachePolicy(),
      responseHeadersPolicy: responseHeadersPolicy ?? (headers ?? new SiteHeaders(this, 'Headers')).policy,
      functionAssociations: this.viewerRequest && [{ eventType: cloudfront.FunctionEventType.VIEWER_REQUEST, function: this.viewerRequest }],
    };
  }

  private createCachePolicy(): cloudfront.CachePolicy {
    return new cloudfront.CachePolicy(this, 'CachePolicy', {
      cachePolicyName: accountWideName(this, 128),
      comment: 'As long as the Cache-Control of the file says',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    });
  }

  private errorResponses(): cloudfront.ErrorResponse[] {
    const { errorPages, api } = this.props;
    const page = this.kind._notFoundPage;
    const pages = errorPages ?? (page !== undefined && !api ? [{ status: 404, path: page }] : []);
    return pages.map(({ status, path }) => ({ httpStatus: status, responseHttpStatus: status, responsePagePath: path }));
  }

  private letDistributionRead(): void {
    letDistributionRead(this, this.props.bucket, this.distribution.distributionId, this.originPath().slice(1));
  }

  private createWatch(): SiteWatch {
    const { distributionId } = this.distribution;
    const functionName = this.viewerRequest?.functionName;
    // A stack in us-east-1 without anything in it could not be deployed.
    if (!(this.props.alarms ?? this.profile.alarms)) return new SiteWatch(this, 'Watch', { ...this.watched(distributionId, functionName), alarms: false });
    const place = EdgePlace.after(this);
    const carried = this.watched(
      place.carry(this.distribution, 'Id', distributionId),
      functionName && place.carry(this.viewerRequest!, 'Name', functionName),
    );
    return new SiteWatch(place.scope, 'Watch', carried);
  }

  private watched(distributionId: string, functionName?: string): SiteWatchProps {
    return { distributionId, functionName, additionalMetrics: this.props.additionalMetrics };
  }

  private originPath(): string {
    return this.props.originPath ?? '/site';
  }

  /** The site's one name; undefined where it has none, or a wildcard. */
  private ownName(): string | undefined {
    const name = this.props.domainNames?.[0];
    return name?.startsWith('*.') ? undefined : name;
  }
}

function lowerCase(name: string): string {
  return Token.isUnresolved(name) ? name : name.toLowerCase();
}
