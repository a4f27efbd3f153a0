import { Stack } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { StaticCdnSiteProps } from './static-cdn-site-props';
import { validateStaticCdnSite } from './validate-static-cdn-site';
import { AliasRecords, FirewallPlacement, IWebFirewall, SiteCertificate, WebFirewall } from '../edge';
import { createProfileKey } from '../encryption/profile-key';
import { EnvironmentProfile } from '../environment';
import { IWatched, Monitoring } from '../observability';
import { SmokeTests } from '../service';
import { SiteBucket, SiteDeployment, SiteDistribution, SiteHeaders, SitePassword } from '../site';

/**
 * A site in a private bucket behind CloudFront, with its names, certificate, firewall, headers and releases: production-ready in a dozen lines.
 * It composes the public blocks and holds no resource of its own; each part is an attribute, and each can be given.
 *
 * What CloudFront looks for in us-east-1 is made there, whatever the region of the stack.
 */
export class StaticCdnSite extends Construct {
  /** What differs between environments. */
  public readonly profile: EnvironmentProfile;
  /** Key that encrypts files, logs and secrets. */
  public readonly encryptionKey?: kms.IKey;
  /** Bucket of the site; its files are below `site/`. */
  public readonly bucket: s3.IBucket;
  /** Certificate of the names. */
  public readonly certificate?: acm.ICertificate;
  /** Firewall before the site. */
  public readonly firewall?: IWebFirewall;
  /** Password that visitors are asked for. */
  public readonly password?: SitePassword;
  /** CloudFront before the bucket. */
  public readonly site: SiteDistribution;
  /** Records of the names; undefined where no zone is given. */
  public readonly records?: AliasRecords;
  /** What publishes the folder, and goes back to earlier releases. */
  public readonly deployment?: SiteDeployment;
  /** Tests of what was deployed. */
  public readonly smokeTests?: SmokeTests;
  /** Alarms, dashboard and where alarms are sent. */
  public readonly monitoring: Monitoring;
  /** Address of the site, such as `https://www.example.com`. */
  public readonly url: string;

  private readonly domainNames: string[];

  constructor(scope: Construct, id: string, private readonly props: StaticCdnSiteProps) {
    super(scope, id);
    validateStaticCdnSite(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.domainNames = props.domainName === undefined ? [] : [props.domainName, ...props.alternativeDomainNames ?? []];

    this.encryptionKey = props.encryptionKey ?? createProfileKey(this, this.profile);
    const made = props.bucket ? undefined : this.createBucket();
    this.bucket = props.bucket ?? made!.bucket;
    const certificate = this.createCertificate();
    this.certificate = certificate?.certificate;
    this.firewall = props.firewall ?? this.createFirewall();
    this.password = props.password ?? this.createPassword();
    this.site = this.createDistribution(made ? made.accessLogsBucket : props.accessLogsBucket);
    this.url = this.site.url;
    this.records = this.createRecords();
    this.deployment = props.directory === undefined ? undefined : this.createDeployment(props.directory);
    this.smokeTests = props.smokeTests && this.createSmokeTests();
    this.monitoring = props.monitoring ?? this.createMonitoring();
    for (const part of [this.site, certificate, this.firewall]) if (isWatched(part) && this.isBeside(part)) this.monitoring.watch(part);
  }

  private createBucket(): SiteBucket {
    const { profile, encryptionKey, props: { intelligentTiering, accessLogsBucket } } = this;
    // Where a bucket for logs is given, logs are wanted.
    const serverAccessLogs = accessLogsBucket ? true : undefined;
    return new SiteBucket(this, 'Bucket', { profile, encryptionKey, intelligentTiering, serverAccessLogs, accessLogsBucket });
  }

  private createCertificate(): SiteCertificate | undefined {
    const { domainName, alternativeDomainNames: subjectAlternativeNames, hostedZone, certificate } = this.props;
    if (domainName === undefined) return undefined;
    return new SiteCertificate(this, 'Certificate', { domainName, subjectAlternativeNames, hostedZone, certificate, profile: this.profile });
  }

  private createFirewall(): WebFirewall | undefined {
    if (!(this.props.firewallEnabled ?? this.profile.firewall)) return undefined;
    return new WebFirewall(this, 'Firewall', { placement: FirewallPlacement.cloudFront(), profile: this.profile, encryptionKey: this.encryptionKey });
  }

  private createPassword(): SitePassword | undefined {
    if (!this.props.passwordProtected) return undefined;
    return new SitePassword(this, 'Password', { profile: this.profile, encryptionKey: this.encryptionKey });
  }

  private createDistribution(accessLogsBucket?: s3.IBucket): SiteDistribution {
    const { kind, api, contentSecurityPolicy, headers, errorPages, geoRestriction, priceClass, accessLogs } = this.props;
    return new SiteDistribution(this, 'Site', {
      profile: this.profile,
      bucket: this.bucket,
      kind,
      api,
      headers: headers ?? new SiteHeaders(this, 'Headers', { contentSecurityPolicy }),
      errorPages,
      geoRestriction,
      priceClass,
      domainNames: this.domainNames.length > 0 ? this.domainNames : undefined,
      certificate: this.certificate,
      webAclArn: this.firewall?.webAclArn,
      password: this.password,
      accessLogs,
      accessLogsBucket: accessLogs === false ? undefined : accessLogsBucket,
    });
  }

  private createRecords(): AliasRecords | undefined {
    const { domainNames, props: { hostedZone } } = this;
    if (!hostedZone || domainNames.length === 0) return undefined;
    return new AliasRecords(this, 'Records', { hostedZone, domainNames, target: new targets.CloudFrontTarget(this.site.distribution) });
  }

  private createDeployment(directory: string): SiteDeployment {
    const { profile, encryptionKey, bucket, props: { runtimeConfig, cacheControl } } = this;
    return new SiteDeployment(this, 'Deployment', {
      profile,
      encryptionKey,
      bucket,
      distribution: this.site.distribution,
      directory,
      runtimeConfig,
      cacheControl,
    });
  }

  private createSmokeTests(): SmokeTests {
    const { profile, encryptionKey, deployment } = this;
    return new SmokeTests(this, 'SmokeTests', {
      profile,
      encryptionKey,
      url: this.url,
      tests: this.props.smokeTests!,
      version: deployment?.releaseId,
      executeAfter: [this.site, ...this.records ? [this.records] : []],
    });
  }

  private createMonitoring(): Monitoring {
    const { profile, encryptionKey, props: { alertTopic, alertEmails } } = this;
    return new Monitoring(this, 'Monitoring', { profile, encryptionKey, topic: alertTopic, emails: alertEmails });
  }

  /** What another stack makes, such as a firewall of several sites, is watched there. */
  private isBeside(part: IConstruct): boolean {
    return Stack.of(part) === Stack.of(this);
  }
}

function isWatched(part: IConstruct | undefined): part is IWatched {
  return part !== undefined && 'dashboardWidgets' in part;
}
