import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { EnvironmentProfile } from '../environment';
import { createHelperFunction } from '../helper-function';
import { readContent, SiteAssets, SiteContent } from './deployment/content';
import { ConfigFile } from './deployment/files';
import { siteDeploymentRights } from './deployment/rights';
import { checkOnlyPublisher, validateSiteDeployment } from './deployment/validation';
import { SiteDeploymentFunction } from './site-deployment-function';
import { RuntimeConfig } from './site-runtime-config';

/** Properties of `SiteDeployment`. */
export interface SiteDeploymentProps {
  /**
   * Bucket of the site. Files go below `site/`, records of releases below `releases/`. It has to keep versions of its objects, or there is no
   * way back to files that were replaced.
   */
  readonly bucket: s3.IBucket;
  /** Folder that the build of the site writes, with an `index.html`. */
  readonly directory: string;
  /**
   * Distribution that forgets what has changed.
   * @default - nothing is invalidated
   */
  readonly distribution?: cloudfront.IDistribution;
  /**
   * Values that the built site reads when it runs.
   * @default - none
   */
  readonly runtimeConfig?: RuntimeConfig;
  /**
   * Patterns of files whose names change with their content, for builds other than the usual ones: browsers keep them for a year.
   * @default - files with a hash in their name, in the folders of Vite, Next.js, Astro, SvelteKit, Nuxt and Create React App
   */
  readonly immutable?: string[];
  /**
   * Cache-Control by pattern, such as `{ 'fonts/**': 'public, max-age=86400' }`. The first pattern that matches decides.
   * @default - immutable files a year, pages, service workers and web manifests asked for each time, all else 5 minutes
   */
  readonly cacheControl?: { readonly [pattern: string]: string };
  /**
   * How long files stay that belong to no release any more, for pages that are still open, 0 to 365 days. Pages themselves go at once.
   * @default Duration.days(7)
   */
  readonly gracePeriod?: Duration;
  /**
   * How many releases can be gone back to, 2 to 100, for as long as the bucket keeps old versions of its objects: 30 days in a `SiteBucket`.
   * @default 10
   */
  readonly keptReleases?: number;
  /**
   * Whether the deployment waits until CloudFront has forgotten what has changed, which takes a minute or more.
   * @default false
   */
  readonly waitForInvalidation?: boolean;
  /**
   * Whether all files go with the site (DESTROY), so that the bucket can be deleted after it.
   * @default - that of the profile
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key for the log and the function's configuration. Objects are encrypted as the bucket says.
   * @default - AWS's own
   */
  readonly encryptionKey?: kms.IKey;
}

/** The longest that Lambda allows. */
const HANDLER_TIMEOUT = Duration.minutes(15);

/**
 * Publishes a folder as a site, so that no page ever asks for a file that is not there: new files with a hash in their name go up first and
 * pages last, and old files stay for a while. Only what changed is read, uploaded and invalidated.
 *
 * Who may invoke `function` can list the releases, `{ "releases": true }`, and go back to one, `{ "rollBackTo": "previous" }` or its id.
 * The next deployment with other files or values publishes those again.
 *
 * Not CDK's `BucketDeployment`: that fetches and uploads all files each time, in no order, and removes the old ones at once.
 */
export class SiteDeployment extends Construct {
  /**
   * Id of the release, of its files and of its config, known when it is up: whatever refers to it waits for that.
   */
  public readonly releaseId: string;
  /** First part of the release's id, known at synth: it changes with the files and with what browsers are told of them. */
  public readonly contentId: string;
  /** The function that publishes. */
  public readonly function: lambda.IFunction;
  /** Created when the files are up. What needs them depends on it. */
  public readonly ready: IConstruct;
  /** How many files the last deployment uploaded, for an output. */
  public readonly uploadedFiles: string;

  constructor(scope: Construct, id: string, private readonly props: SiteDeploymentProps) {
    super(scope, id);
    validateSiteDeployment(this, props);
    const { directory, immutable = [], cacheControl = {}, bucket } = props;
    const configs = props.runtimeConfig?._files(this) ?? [];
    const content = readContent(this, directory, { immutable, cacheControl }, configs.map(({ path }) => path));
    checkOnlyPublisher(this, bucket);

    const assets = new SiteAssets(this, 'Assets', content);
    const handler = this.createHandler(assets);
    const resource = this.createResource(handler, assets, content, configs);
    this.createSchedule(handler);
    this.function = handler;
    this.ready = resource;
    this.contentId = content.contentId;
    this.releaseId = resource.getAttString('ReleaseId');
    this.uploadedFiles = resource.getAttString('Uploaded');
  }

  private get profile(): EnvironmentProfile {
    return this.props.profile ?? EnvironmentProfile.production();
  }

  private get removesAll(): boolean {
    return (this.props.removalPolicy ?? this.profile.removalPolicyWithoutSnapshot) === RemovalPolicy.DESTROY;
  }

  private createHandler(assets: SiteAssets): lambda.Function {
    const { bucket, distribution, gracePeriod = Duration.days(7), keptReleases = 10, waitForInvalidation = false, encryptionKey } = this.props;
    return createHelperFunction(this, SiteDeploymentFunction, {
      statements: siteDeploymentRights(this, { bucket, assets, distribution, waitForInvalidation, removesAll: this.removesAll }),
      logRetentionDays: this.profile.logRetentionDays,
      removalPolicy: this.profile.removalPolicyWithoutSnapshot,
      encryptionKey,
      description: 'Publishes a site, removes old files after a while, and goes back to earlier releases',
      // It needs about 250 MB; the rest is for the processor and the network that come with it, one whole processor here:
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
      memorySize: 1769,
      timeout: HANDLER_TIMEOUT,
      // Lambda tries again what fails early. What was killed for lack of time would come back when CloudFormation has gone back already.
      maxEventAge: Duration.minutes(10),
      environment: {
        BUCKET: bucket.bucketName,
        GRACE_PERIOD_SECONDS: String(gracePeriod.toSeconds()),
        KEPT_RELEASES: String(keptReleases),
        WAIT_FOR_INVALIDATION: String(waitForInvalidation),
        ...distribution && { DISTRIBUTION_ID: distribution.distributionId },
      },
    });
  }

  private createResource(handler: lambda.Function, assets: SiteAssets, content: SiteContent, configs: ConfigFile[]): CustomResource {
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::SiteDeployment',
      serviceToken: handler.functionArn,
      // A function that was killed cannot answer; a little longer than it may run is long enough to wait.
      serviceTimeout: HANDLER_TIMEOUT.plus(Duration.minutes(1)),
      properties: {
        Bucket: this.props.bucket.bucketName,
        ContentId: content.contentId,
        AssetBucket: assets.bucketName,
        ArchiveKey: assets.archive.s3ObjectKey,
        ManifestKey: assets.manifest.s3ObjectKey,
        Configs: configs.map(({ path, globalName, values }) => ({ Path: path, GlobalName: globalName, Values: values })),
        RemoveOnDelete: String(this.removesAll),
      },
    });
    // Before the rights are there nothing can be published, and when they are gone nothing can be removed.
    resource.node.addDependency(this.node.findChild('Role'));
    return resource;
  }

  private createSchedule(handler: lambda.Function): void {
    new events.Rule(this, 'Sweep', {
      description: 'Removes files of a site whose time is over',
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(handler, { event: events.RuleTargetInput.fromObject({ sweep: true }) })],
    });
  }
}
