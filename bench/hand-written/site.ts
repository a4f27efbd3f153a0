/* The site of a hand-written app: files in a private bucket behind CloudFront, which sends the API's paths to the load balancer. */
import { createHash } from 'crypto';
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { join, relative } from 'path';
import { CustomResource, Duration, Stack, Stage } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as aliases from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { allow, allowService, createBucket, createLogBucket, Handler, mayUseKeyThrough, Platform } from './foundation';
import { LoadBalancer } from './load-balancer';
import { graphFromZero, Monitoring } from './monitoring';

export const EDGE_REGION = 'us-east-1';
const VIEWER_REQUEST = `function handler(event) {
  const request = event.request;
  // What a dot is to S3, and to those who decode it.
  const uri = request.uri.replace(/%2e/gi, '.');
  if (uri[0] !== '/' || /\\/\\.\\.?(\\/|$)/.test(uri)) return { statusCode: 400, statusDescription: 'Bad Request' };
  if (isFile(uri)) return request;
  request.uri = "/index.html";
  return request;
}

// The last segment has an extension: letters and digits with at least one letter.
function isFile(uri) {
  const dot = uri.lastIndexOf('.');
  const extension = uri.slice(dot + 1);
  return dot >= 0 && /^[a-z0-9]+$/i.test(extension) && /[a-z]/i.test(extension) || uri.startsWith('/.well-known/');
}
`;

export interface SiteProps {
  readonly platform: Platform;
  readonly zone: route53.IHostedZone;
  readonly domainName: string;
  readonly certificate: acm.ICertificate;
  readonly webAclArn: string;
  readonly loadBalancer: LoadBalancer;
  /** Images beside the site. */
  readonly images: s3.Bucket;
  /** Where pages connect to, besides the site. */
  readonly connectTo: string[];
  /** What pages are told. */
  readonly config: { readonly [name: string]: string };
  readonly directory: string;
}

export class Site extends Construct {
  public readonly distribution: cloudfront.Distribution;
  public readonly records: route53.RecordSet[];
  public readonly functionName: string;
  private readonly bucket: s3.Bucket;
  private readonly accessControl: cloudfront.S3OriginAccessControl;

  constructor(scope: Construct, id: string, private readonly props: SiteProps) {
    super(scope, id);
    const accessLogs = createLogBucket(this, 'AccessLogs', { objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED });
    this.bucket = createBucket(this, 'Bucket', props.platform.key, accessLogs, { oldVersions: Duration.days(30) });
    this.functionName = `${this.node.path.replace(/\//g, '-')}-${Stack.of(this).region}`;
    this.accessControl = new cloudfront.S3OriginAccessControl(this, 'AccessControl', { signing: cloudfront.Signing.SIGV4_ALWAYS });
    this.distribution = this.createDistribution(accessLogs);
    this.allowDistribution();
    const { zone, domainName } = props;
    const target = route53.RecordTarget.fromAlias(new aliases.CloudFrontTarget(this.distribution));
    this.records = [
      new route53.ARecord(this, 'Record', { zone, recordName: domainName, target }),
      new route53.AaaaRecord(this, 'Ipv6Record', { zone, recordName: domainName, target }),
    ];
    this.deploy();
  }

  private createDistribution(logBucket: s3.IBucket): cloudfront.Distribution {
    const { props } = this;
    const files = this.createFileBehavior();
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: this.node.path,
      defaultBehavior: {
        ...files,
        origin: this.originOf(this.bucket, '/site'),
        functionAssociations: [{ eventType: cloudfront.FunctionEventType.VIEWER_REQUEST, function: this.createViewerRequest() }],
      },
      defaultRootObject: 'index.html',
      domainNames: [props.domainName],
      certificate: props.certificate,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableIpv6: true,
      priceClass: cloudfront.PriceClass.PRICE_CLASS_ALL,
      webAclId: props.webAclArn,
      logBucket,
      logFilePrefix: 'cloudfront/',
    });
    const api = origins.VpcOrigin.withApplicationLoadBalancer(props.loadBalancer.loadBalancer, {
      domainName: props.loadBalancer.domainName,
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
    });
    distribution.addBehavior('/api/*', api, {
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
    });
    distribution.addBehavior('/images/*', this.originOf(props.images), files);
    return distribution;
  }

  /** With the L2's own rights the distribution could read all of the bucket: those to a folder are below. */
  private originOf(bucket: s3.Bucket, originPath?: string): cloudfront.IOrigin {
    return origins.S3BucketOrigin.withBucketDefaults(bucket, { originPath, originAccessControlId: this.accessControl.originAccessControlId });
  }

  private createFileBehavior(): cloudfront.AddBehaviorOptions {
    const cachePolicy = new cloudfront.CachePolicy(this, 'CachePolicy', {
      comment: 'As long as the Cache-Control of the file says',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    });
    return {
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
      cachePolicy,
      responseHeadersPolicy: this.createHeaders(),
    };
  }

  private createHeaders(): cloudfront.ResponseHeadersPolicy {
    const policy = [
      "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", `connect-src 'self' ${this.props.connectTo.join(' ')}`,
      "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'",
    ];
    const headers = { 'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()', 'Cross-Origin-Opener-Policy': 'same-origin-allow-popups' };
    const encryption = 'x-amz-server-side-encryption';
    return new cloudfront.ResponseHeadersPolicy(this, 'Headers', {
      comment: `Headers of ${this.node.path}`,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: policy.join('; '), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, preload: false, override: true },
      },
      customHeadersBehavior: { customHeaders: Object.entries(headers).map(([header, value]) => ({ header, value, override: true })) },
      removeHeaders: ['Server', encryption, `${encryption}-aws-kms-key-id`, `${encryption}-bucket-key-enabled`],
    });
  }

  private createViewerRequest(): cloudfront.Function {
    return new cloudfront.Function(this, 'ViewerRequest', {
      functionName: this.functionName,
      comment: `Paths of ${this.node.path}`,
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      code: cloudfront.FunctionCode.fromInline(VIEWER_REQUEST),
    });
  }

  private allowDistribution(): void {
    const { partition, account } = Stack.of(this);
    const { platform: { key }, images } = this.props;
    const ofAccount = `arn:${partition}:cloudfront::${account}:distribution`;
    allowService(key, 'CloudFrontOfThisAccount', 'cloudfront.amazonaws.com', ['kms:Decrypt'], { ArnLike: { 'aws:SourceArn': `${ofAccount}/*` } });
    for (const [folder, bucket] of Object.entries({ site: this.bucket, images })) {
      const may = (action: string, resource: string) => bucket.addToResourcePolicy(new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
        actions: [action],
        resources: [resource],
        conditions: { StringEquals: { 'aws:SourceArn': `${ofAccount}/${this.distribution.distributionId}` } },
      }));
      may('s3:GetObject', bucket.arnForObjects(`${folder}/*`));
      may('s3:ListBucket', bucket.bucketArn);
    }
  }

  /** Publishes the files in an order in which no page asks for one that is not there, which `BucketDeployment` does not. */
  private deploy(): void {
    const { platform, directory, config } = this.props;
    const archive = new Asset(this, 'Files', { path: directory });
    const manifest = new Asset(this, 'Manifest', { path: writeManifest(this, directory) });
    const handler = new Handler(this, 'Deployment', {
      bundle: join('site', 'site-deployment.lambda'),
      description: 'Publishes a site, removes old files after a while, and goes back to earlier releases',
      memorySize: 1769,
      timeout: Duration.minutes(15),
      maxEventAge: Duration.minutes(10),
      platform,
      statements: [
        allow(['s3:GetObject'], [...[archive, manifest].map(asset => asset.bucket.arnForObjects(asset.s3ObjectKey)), this.bucket.arnForObjects('releases/*')]),
        allow(['s3:PutObject', 's3:DeleteObject'], ['site/*', 'releases/*'].map(files => this.bucket.arnForObjects(files))),
        allow(['s3:GetObjectVersion'], [this.bucket.arnForObjects('site/*')]),
        allow(['s3:ListBucket'], [this.bucket.bucketArn]),
        mayUseKeyThrough(this, 's3', platform.key),
      ],
      environment: {
        BUCKET: this.bucket.bucketName,
        GRACE_PERIOD_SECONDS: '604800',
        KEPT_RELEASES: '10',
        WAIT_FOR_INVALIDATION: 'false',
        DISTRIBUTION_ID: this.distribution.distributionId,
      },
    });
    this.distribution.grantCreateInvalidation(handler.policy);
    const deployed = new CustomResource(this, 'Deployed', {
      resourceType: 'Custom::SiteDeployment',
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.minutes(16),
      properties: {
        Bucket: this.bucket.bucketName,
        ContentId: manifest.assetHash.slice(0, 12),
        AssetBucket: archive.s3BucketName,
        ArchiveKey: archive.s3ObjectKey,
        ManifestKey: manifest.s3ObjectKey,
        Configs: [{ Path: 'config.js', GlobalName: '__CONFIG__', Values: config }],
        RemoveOnDelete: 'false',
      },
    });
    deployed.node.addDependency(handler.role);
    new events.Rule(this, 'Sweep', {
      description: 'Removes files of a site whose time is over',
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(handler.function, { event: events.RuleTargetInput.fromObject({ sweep: true }) })],
    });
  }
}

/** Into the assembly, from which it is copied as an asset. */
function writeManifest(scope: Construct, directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => {
    const file = join(entry.parentPath, entry.name);
    const content = readFileSync(file);
    const cacheControl = /-[\w-]{8}\.\w+$/.test(entry.name) ? 'public, max-age=31536000, immutable' : 'public, max-age=0, must-revalidate';
    return { path: relative(directory, file), size: content.length, sha256: createHash('sha256').update(content).digest('hex'), cacheControl };
  });
  const path = join(Stage.of(scope)!.outdir, `${scope.node.addr}.manifest.json`);
  writeFileSync(path, JSON.stringify({ files }));
  return path;
}

/** In us-east-1, where the metrics of CloudFront are. */
export function watchSite(scope: Construct, { distribution, functionName }: Site, monitoring: Monitoring): void {
  const { distributionId } = distribution;
  const values = { distribution: distributionId, function: functionName };
  monitoring.addAlarms(scope, {
    ServerErrors: {
      metric: new cloudwatch.MathExpression({
        label: 'Requests answered with 5xx (%)',
        expression: 'IF(FILL(requests, 0) * rate / 100 < 5, 0, rate)',
        usingMetrics: { requests: ofDistribution(distributionId, 'Requests', 'Sum'), rate: ofDistribution(distributionId, '5xxErrorRate', 'Average') },
      }),
      threshold: 1,
      periods: 3,
      datapointsToAlarm: 2,
      page: 'site-server-errors',
      values,
    },
    FunctionErrors: {
      metric: new cloudwatch.MathExpression({
        label: 'Failures of the function at the edge',
        expression: 'FILL(execution, 0) + FILL(validation, 0)',
        usingMetrics: { execution: ofFunction(functionName, 'FunctionExecutionErrors'), validation: ofFunction(functionName, 'FunctionValidationErrors') },
      }),
      threshold: 0,
      periods: 3,
      datapointsToAlarm: 2,
      page: 'site-function-errors',
      values,
    },
    FunctionThrottled: {
      metric: ofFunction(functionName, 'FunctionThrottles'), threshold: 0, periods: 3, datapointsToAlarm: 2, page: 'site-function-throttled', values,
    },
  });
}

export function addSiteRow({ distribution: { distributionId }, functionName }: Site, monitoring: Monitoring): void {
  const region = EDGE_REGION;
  const errors = ['4xxErrorRate', '5xxErrorRate'].map(metricName => ofDistribution(distributionId, metricName, 'Average').with({ region }));
  const ofEdge = ['FunctionExecutionErrors', 'FunctionValidationErrors', 'FunctionThrottles'].map(metricName => ofFunction(functionName, metricName).with({ region }));
  monitoring.addRow('Site (alarms in us-east-1)',
    graphFromZero('Requests', 8, [ofDistribution(distributionId, 'Requests', 'Sum').with({ region })], [], { region }),
    graphFromZero('Errors (%)', 8, errors, [], { region, leftAnnotations: [{ value: 1, label: 'alarm', color: cloudwatch.Color.RED }] }),
    graphFromZero('Function at the edge: errors', 8, ofEdge, [], { region }));
}

export function ofDistribution(DistributionId: string, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/CloudFront', metricName, dimensionsMap: { DistributionId, Region: 'Global' }, statistic });
}

function ofFunction(FunctionName: string, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace: 'AWS/CloudFront', metricName, dimensionsMap: { FunctionName, Region: 'Global' }, statistic: 'Sum' });
}
