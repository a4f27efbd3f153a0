import { Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DesktopReleaseWorkflow, DesktopReleaseWorkflowOptions } from './desktop-release-workflow';
import { DesktopReleasesProps } from './desktop-releases-props';
import { PublishConfiguration } from './publish-configuration';
import { acknowledgeWildcards, grantPublish, RETIRED } from './publish-rights';
import { RELEASES_FOLDER } from './release-scripts';
import { RELEASE_VARIABLES } from './release-variables';
import { validateChannels } from './validate-desktop-release-workflow';
import { githubOptions, validateDesktopReleases } from './validate-desktop-releases';
import { AliasRecords } from '../edge/alias-records';
import { SiteCertificate } from '../edge/site-certificate';
import { IWatched, WatchedEvents } from '../observability';
import { githubRole } from '../registry/github-role';
import { SiteBucket } from '../site/site-bucket';
import { SiteDistribution } from '../site/site-distribution';
import { SiteHeaders } from '../site/site-headers';
import { SiteKind } from '../site/site-kind';

/**
 * Where a desktop app gets its updates: a bucket and a CDN for electron-updater's generic provider.
 *
 * Feeds (`latest.yml`, `latest-mac.yml`, `beta-linux.yml` …) are never cached, whatever they were uploaded with. Installers and block maps have the
 * version in their path and never change. Query strings and headers of apps split no cache. The bucket is private and keeps what was replaced.
 *
 * `workflow()` is the GitHub Actions workflow that builds, signs and publishes, `publishConfiguration()` what electron-builder has to know.
 */
export class DesktopReleases extends Construct implements IWatched {
  /** The bucket. */
  public readonly bucket: s3.Bucket;
  /** The CDN. */
  public readonly site: SiteDistribution;
  /** Its distribution. */
  public readonly distribution: cloudfront.Distribution;
  /** Certificate of the name; undefined where there is none. */
  public readonly certificate?: SiteCertificate;
  /** Address of the feeds, such as `https://downloads.example.com`. */
  public readonly url: string;
  /** Role of the workflow; undefined without `github`. */
  public readonly publisherRole?: iam.Role;

  constructor(scope: Construct, id: string, private readonly props: DesktopReleasesProps = {}) {
    super(scope, id);
    validateDesktopReleases(this, props);

    const { bucket, accessLogsBucket } = this.createBucket();
    this.bucket = bucket;
    this.certificate = this.createCertificate();
    this.site = this.createSite(accessLogsBucket);
    this.distribution = this.site.distribution;
    this.url = this.site.url;
    this.serveFeeds();
    this.createRecords();
    this.publisherRole = this.createPublisherRole();
  }

  /** Alarms of the CDN and the certificate, in us-east-1. */
  public get alarms(): cloudwatch.Alarm[] {
    return [...this.site.alarms, ...this.certificate?.alarms ?? []];
  }

  /** Events of a renewal of the certificate that needs somebody; undefined without a certificate. */
  public get events(): WatchedEvents[] | undefined {
    return this.certificate?.events;
  }

  /** Requests and errors of the CDN. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return this.site.dashboardWidgets();
  }

  /** Values of the repository's variables that the workflow reads, by their names: `gh variable set <name> --body <value>`. */
  public get githubVariables(): { [name: string]: string } {
    const role = this.publisherRole ? { [RELEASE_VARIABLES.role]: this.publisherRole.roleArn } : {};
    return {
      ...role,
      [RELEASE_VARIABLES.region]: Stack.of(this).region,
      [RELEASE_VARIABLES.bucket]: this.bucket.bucketName,
      [RELEASE_VARIABLES.distribution]: this.distribution.distributionId,
      [RELEASE_VARIABLES.url]: this.url,
    };
  }

  /**
   * What electron-builder's configuration has as `publish`. With `domainName` every value is known at synth.
   *
   * @param channel channel of the app; by default electron-builder takes it from the version
   */
  public publishConfiguration(channel?: string): PublishConfiguration {
    validateChannels(this, channel === undefined ? undefined : [...new Set(['latest', channel])]);
    return { provider: 'generic', url: this.url, channel, useMultipleRangeRequest: false };
  }

  /** The workflow that publishes here, with the channels, the tags, the environment and the rule for old versions of this construct. */
  public workflow(options: DesktopReleaseWorkflowOptions = {}): DesktopReleaseWorkflow {
    const { channels, oldVersions, tagPrefix, github } = this.props;
    const environment = github?.tags ? undefined : github?.environments?.[0];
    return new DesktopReleaseWorkflow({ ...options, channels, oldVersions, tagPrefix, environment });
  }

  /** Allows to publish versions here, and nothing else: nothing can be deleted. */
  public grantPublish(grantee: iam.IGrantable): void {
    grantPublish(this.place(), grantee);
  }

  private createBucket(): SiteBucket {
    const { profile, encryptionKey, oldVersions } = this.props;
    const place = new SiteBucket(this, 'Bucket', { profile, encryptionKey, intelligentTiering: true });
    if (oldVersions?._newest) {
      place.bucket.addLifecycleRule({ prefix: `${RELEASES_FOLDER}/`, tagFilters: { [RETIRED]: 'true' }, expiration: oldVersions._minimumAge });
    }
    return place;
  }

  private createCertificate(): SiteCertificate | undefined {
    const { domainName, hostedZone, certificate, profile } = this.props;
    return domainName === undefined ? undefined : new SiteCertificate(this, 'Certificate', { domainName, hostedZone, certificate, profile });
  }

  private createSite(accessLogsBucket?: s3.IBucket): SiteDistribution {
    const { profile, domainName, webAclArn } = this.props;
    return new SiteDistribution(this, 'Site', {
      profile,
      bucket: this.bucket,
      kind: SiteKind.files(),
      originPath: `/${RELEASES_FOLDER}`,
      domainNames: domainName === undefined ? undefined : [domainName],
      certificate: this.certificate?.certificate,
      webAclArn,
      accessLogsBucket,
      // Installers are compressed already, and of each there should be one copy in the cache.
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED_FOR_UNCOMPRESSED_OBJECTS,
    });
  }

  /**
   * The header comes from a policy, so that neither an app nor anything between ever keeps a feed. That of installers comes with the files: a policy
   * would add it to errors too, and a browser that asked too early would remember for a year that there is nothing.
   */
  private serveFeeds(): void {
    const headers = new SiteHeaders(this, 'FeedHeaders', { customHeaders: { 'Cache-Control': 'no-cache' } });
    this.site.addFiles('*.yml', { cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED, responseHeadersPolicy: headers.policy });
  }

  private createRecords(): void {
    const { domainName, hostedZone } = this.props;
    if (domainName === undefined || !hostedZone) return;
    new AliasRecords(this, 'Records', { hostedZone, domainNames: [domainName], target: new CloudFrontTarget(this.distribution) });
  }

  private createPublisherRole(): iam.Role | undefined {
    const { github, tagPrefix } = this.props;
    if (!github) return undefined;
    const role = githubRole(this, 'Publisher', `Publishes desktop apps from GitHub repository ${github.repository}`, githubOptions(github, tagPrefix));
    const rights = new iam.ManagedPolicy(this, 'PublisherRights', { roles: [role] });
    grantPublish(this.place(), rights);
    acknowledgeWildcards(this.place(), rights);
    return role;
  }

  private place() {
    return { bucket: this.bucket, distribution: this.distribution, retires: this.props.oldVersions?._newest !== undefined };
  }
}
