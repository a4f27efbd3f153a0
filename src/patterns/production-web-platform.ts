import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ContainerPlatform } from './container-platform';
import { entryApi, entryName, entryRateLimits, isPublic } from './platform-entry';
import { createObjectives } from './platform-objectives';
import { createSignIn, PlatformSignIn } from './platform-sign-in';
import { createUptimeCheck } from './platform-uptime';
import { createWorkingHours, sleepToo } from './platform-working-hours';
import {
  PlatformAccess, PlatformScheduledTaskOptions, PlatformServiceOptions, PlatformWorkerOptions, ProductionWebPlatformProps,
} from './production-web-platform-props';
import { StaticCdnSite } from './static-cdn-site';
import { checkService, validateProductionWebPlatform } from './validate-production-web-platform';
import { RedisCache } from '../cache';
import { Budget, CostAnomalyMonitor, WorkingHours } from '../cost';
import { PostgresDatabase } from '../database';
import { FirewallPlacement, IWebFirewall, SiteCertificate, WebFirewall } from '../edge';
import { createProfileKey } from '../encryption/profile-key';
import { EnvironmentProfile } from '../environment';
import { SignInClient, UserDirectory } from '../identity';
import { WebNetwork } from '../network';
import { IWatched, Monitoring, ServiceLevelObjective, UptimeCheck } from '../observability';
import { Recovery } from '../recovery';
import { tellReport } from '../report-facts';
import { SearchDomain, SearchIngestion } from '../search';
import { ContainerOptions, ScheduledTask, WebLoadBalancer, WebService, Worker } from '../service';
import { ContentSecurityPolicy, RuntimeConfig } from '../site';
import { ImageUploads } from '../uploads';

/**
 * Everything that a product needs in production: container services with their data, a site before them under the same name, sign-in, uploads, search,
 * alarms, the way back, and costs that are watched. It composes the public blocks and the other patterns, and holds no resource of its own; each part is an
 * attribute, and each can be given.
 *
 * CloudFront serves the site and brings `/api/*` to a load balancer that nobody else reaches. What has to be in us-east-1 or in the recovery region gets
 * a stack of its own there.
 */
export class ProductionWebPlatform extends Construct {
  /** What differs between environments. */
  public readonly profile: EnvironmentProfile;
  /** Key that encrypts data, files and logs. */
  public readonly encryptionKey?: kms.IKey;
  /** Network, cluster, load balancer, data and monitoring of the services. */
  public readonly containers: ContainerPlatform;
  /** Firewall before the load balancer. */
  public readonly loadBalancerFirewall?: IWebFirewall;
  /** Users, and how they sign in. */
  public readonly users?: UserDirectory;
  /** The site, as users sign in to it. */
  public readonly signInClient?: SignInClient;
  /** Certificate of the sign-in pages; undefined where their domain is given. */
  public readonly signInCertificate?: SiteCertificate;
  /** What users upload, and the images that are made of it. */
  public readonly uploads?: ImageUploads;
  /** What is searched. */
  public readonly search?: SearchDomain;
  /** How changes of the database come into the search. */
  public readonly searchIngestion?: SearchIngestion;
  /** Services by name. */
  public readonly services: { [name: string]: WebService } = {};
  /** The site, and CloudFront before it. */
  public readonly site?: StaticCdnSite;
  /** What the platform promises, and how much of the error budget is left; empty where nothing is promised. */
  public readonly objectives: ServiceLevelObjective[];
  /** Is in alarm while any critical alarm of the platform in its region is; undefined where alarms are off. */
  public readonly unhealthyAlarm?: cloudwatch.CompositeAlarm;
  /** What asks the platform from around the world. */
  public readonly uptimeCheck?: UptimeCheck;
  /** Backups, copies of them in another region, and tests of both. */
  public readonly recovery?: Recovery;
  /** What a month may cost. */
  public readonly budget?: Budget;
  /** Costs that are not as usual. */
  public readonly costAnomalies?: CostAnomalyMonitor;
  /** Hours in which the platform runs. */
  public readonly workingHours?: WorkingHours;
  /** Address of the platform, such as `https://example.com`. */
  public readonly url: string;

  constructor(scope: Construct, id: string, private readonly props: ProductionWebPlatformProps) {
    super(scope, id);
    validateProductionWebPlatform(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    tellReport(this, { profile: this.profile.name, composes: true });

    this.encryptionKey = props.encryptionKey ?? createProfileKey(this, this.profile);
    const firewall = this.createLoadBalancerFirewall();
    this.loadBalancerFirewall = props.loadBalancerFirewall ?? firewall;
    this.containers = this.createContainers();
    this.watch(firewall);
    const signIn = this.createSignIn();
    this.signInCertificate = signIn?.certificate;
    this.users = signIn?.users;
    this.signInClient = signIn?.client;
    this.uploads = this.watch(this.createUploads());
    this.search = this.watch(this.createSearch());
    this.searchIngestion = this.watch(this.createIngestion());
    for (const [name, options] of Object.entries(props.services)) this.addService(name, options);
    this.site = this.createSite();
    this.url = this.site?.url ?? this.containers.url;
    this.objectives = createObjectives(this, props.alerts ?? {}, this);
    this.objectives.forEach(objective => this.watch(objective));
    this.uptimeCheck = this.watch(createUptimeCheck(this, props, this));
    this.recovery = this.watch(this.createRecovery());
    this.budget = this.createBudget();
    this.costAnomalies = this.createCostAnomalies();
    this.workingHours = this.watch(props.workingHours && createWorkingHours(this, props.workingHours, this));
    this.unhealthyAlarm = this.monitoring.unhealthyAlarm;
  }

  /** Network of everything. */
  public get network(): WebNetwork {
    return this.containers.network;
  }

  /** Cluster of the services. */
  public get cluster(): ecs.ICluster {
    return this.containers.cluster;
  }

  /** Front door of the services. */
  public get loadBalancer(): WebLoadBalancer {
    return this.containers.loadBalancer;
  }

  /** Database of the services. */
  public get database(): PostgresDatabase {
    return this.containers.database;
  }

  /** Cache of the services, where there is one. */
  public get cache(): RedisCache | undefined {
    return this.containers.cache;
  }

  /** Alarms, dashboard and where alarms are sent. */
  public get monitoring(): Monitoring {
    return this.containers.monitoring;
  }

  /**
   * Adds a service with its own paths. It gets the addresses of the platform's parts, and its alarms go where all others go.
   *
   * @param name the service's identity: letters, digits and hyphens, beginning with a letter
   */
  public addService(name: string, options: PlatformServiceOptions): WebService {
    checkService(this, name, options, this.props);
    const service = this.joined(this.containers.addService(name, this.placed(options)), options);
    this.services[name] = service;
    return service;
  }

  /** Adds containers that work without being called. */
  public addWorker(name: string, options: PlatformWorkerOptions): Worker {
    return this.joined(this.containers.addWorker(name, this.placed(options)), options);
  }

  /** Adds a container that runs at given times. */
  public addScheduledTask(name: string, options: PlatformScheduledTaskOptions): ScheduledTask {
    return this.joined(this.containers.addScheduledTask(name, this.placed(options)), options);
  }

  /** Always the same one: to take one away from a load balancer while another comes would leave it without any. */
  private createLoadBalancerFirewall(): WebFirewall | undefined {
    const { profile, encryptionKey, props } = this;
    if (props.loadBalancer || props.loadBalancerFirewall || !profile.firewall) return undefined;
    const rateLimits = entryRateLimits(props);
    return new WebFirewall(this, 'LoadBalancerFirewall', { placement: FirewallPlacement.regional(), profile, encryptionKey, rateLimits });
  }

  private createContainers(): ContainerPlatform {
    const { domain, alerts, loadBalancer } = this.props;
    const entry = loadBalancer ? {} : {
      // Of a private one, CloudFront alone: it speaks to one port, and is let in by its own addresses.
      ...isPublic(this.props) ? {} : { internal: true, allowedCidrs: [], redirectHttp: false },
      domainName: entryName(this.props),
      hostedZone: domain?.hostedZone,
      firewall: this.loadBalancerFirewall,
    };
    const { emails: alertEmails, topic: alertTopic, routes: alertRoutes, runbookUrl } = alerts ?? {};
    const { profile, encryptionKey } = this;
    return new ContainerPlatform(this, 'Containers', { ...this.props, ...entry, profile, encryptionKey, alertEmails, alertTopic, alertRoutes, runbookUrl });
  }

  /** One for everything that is made here, so that all of its access logs are in one place. */
  private get accessLogsBucket(): s3.IBucket | undefined {
    return this.props.loadBalancer ? undefined : this.loadBalancer.accessLogsBucket;
  }

  private createSignIn(): PlatformSignIn | undefined {
    const { profile, monitoring, props: { signIn, site, domain } } = this;
    return signIn && createSignIn(this, signIn, { profile, monitoring, siteDomain: site && domain });
  }

  private createUploads(): ImageUploads | undefined {
    const { profile, encryptionKey, props: { uploads, domain } } = this;
    if (!uploads) return undefined;
    const allowedOrigins = domain ? [`https://${domain.domainName}`] : undefined;
    return new ImageUploads(this, 'Uploads', { ...uploads, profile, encryptionKey, allowedOrigins, accessLogsBucket: this.accessLogsBucket });
  }

  private createSearch(): SearchDomain | undefined {
    const { profile, encryptionKey, network, props: { search } } = this;
    if (!search) return undefined;
    const { ingestion, ...options } = search;
    return new SearchDomain(this, 'Search', {
      ...options, profile, encryptionKey, vpc: network.vpc, vpcSubnets: network.dataSubnets, functionSubnets: network.serviceSubnets,
    });
  }

  private createIngestion(): SearchIngestion | undefined {
    const { profile, encryptionKey, network, search, database, props } = this;
    if (!search || !(props.search!.ingestion ?? search.indexNames.length > 0)) return undefined;
    const ingestion = new SearchIngestion(this, 'SearchIngestion', {
      profile,
      encryptionKey,
      vpc: network.vpc,
      vpcSubnets: network.serviceSubnets,
      search,
      database: database.applicationConnections,
      databaseSecret: database.applicationSecret,
    });
    ingestion.relay.node.addDependency(database.credentialsReady);
    return ingestion;
  }

  private createSite(): StaticCdnSite | undefined {
    const { site: options, domain } = this.props;
    if (!options) return undefined;
    const site = new StaticCdnSite(this, 'Site', {
      accessLogsBucket: this.accessLogsBucket,
      ...options,
      profile: this.profile,
      encryptionKey: this.encryptionKey,
      domainName: domain?.domainName,
      alternativeDomainNames: domain?.alternativeDomainNames,
      hostedZone: domain?.hostedZone,
      api: entryApi(this.props, this.loadBalancer),
      runtimeConfig: this.runtimeConfig(options.runtimeConfig),
      contentSecurityPolicy: options.headers ? undefined : this.contentSecurityPolicy(options.contentSecurityPolicy),
      monitoring: this.monitoring,
    });
    if (this.uploads) site.site.addBucket(this.uploads.bucket, this.uploads.pathPattern);
    // Cognito takes a name only when its parent is in DNS.
    if (site.records && this.signInCertificate) this.users?.domain?.node.addDependency(site.records);
    return site;
  }

  /** What the site reads when it runs; values of the team's own win. */
  private runtimeConfig(given?: RuntimeConfig): RuntimeConfig | undefined {
    const values = {
      ...this.signInClient ? { AUTH_ISSUER: this.users!.issuer, AUTH_CLIENT_ID: this.signInClient.clientId } : {},
      ...this.signInClient && this.users!.signInUrl ? { AUTH_URL: this.users!.signInUrl } : {},
      ...this.props.errorTracking?.siteValues,
    };
    if (!this.props.site!.directory || Object.keys(values).length === 0) return given;
    return (given ?? RuntimeConfig.script({ values: {} }))._withDefaults(values);
  }

  /** Pages ask for tokens where users sign in, upload where uploads go, and report errors where they are collected. */
  private contentSecurityPolicy(given: ContentSecurityPolicy = new ContentSecurityPolicy()): ContentSecurityPolicy {
    const { signInUrl } = this.users ?? {};
    const { siteOrigin } = this.props.errorTracking ?? {};
    const uploadUrl = this.uploads && `https://${this.uploads.uploads.bucket.bucketRegionalDomainName}`;
    const connectSrc = [signInUrl, this.signInClient?.apiUrl, uploadUrl, siteOrigin].filter(source => source !== undefined);
    return connectSrc.length > 0 ? given.and({ connectSrc }) : given;
  }

  /** The options of a container, with what it needs to know of the platform. */
  private placed<T extends ContainerOptions & PlatformAccess>({ usesSignIn = true, usesUploads = true, usesSearch = true, ...options }: T) {
    const { errorTracking } = this.props;
    const environment = {
      ...errorTracking?.environment,
      ...usesSignIn ? this.signInClient?.environment : {},
      ...usesUploads ? this.uploads?.environment : {},
      ...usesSearch && this.search ? { OPENSEARCH_URL: this.search.endpoint } : {},
      ...options.environment,
    };
    return { ...options, environment, secrets: { ...errorTracking?.secrets, ...options.secrets } };
  }

  /** Gives a container the rights and the ways that it needs, and the hours of all others. */
  private joined<T extends WebService | Worker | ScheduledTask>(block: T, { usesUploads = true, usesSearch = true }: PlatformAccess): T {
    if (usesUploads && this.uploads) {
      this.uploads.grantUpload(block);
      this.uploads.grantRead(block);
    }
    if (usesSearch && this.search) {
      block.connections.allowToDefaultPort(this.search);
      this.search.grantRead(block);
    }
    if (this.workingHours) sleepToo(this.workingHours, block);
    return block;
  }

  private createRecovery(): Recovery | undefined {
    const { profile, encryptionKey, database, uploads, props: { recovery } } = this;
    if (!recovery) return undefined;
    const buckets = [...uploads ? [uploads.uploads] : [], ...recovery.buckets ?? []];
    return new Recovery(this, 'Recovery', { ...recovery, profile, encryptionKey, buckets, databases: this.props.database ? [] : [database] });
  }

  private createBudget(): Budget | undefined {
    const { budget, alerts } = this.props;
    return budget && new Budget(this, 'Budget', { emails: alerts?.emails, topic: this.monitoring.topic, ...budget });
  }

  private createCostAnomalies(): CostAnomalyMonitor | undefined {
    const { costAnomalies } = this.props;
    return costAnomalies && new CostAnomalyMonitor(this, 'CostAnomalies', { topic: this.monitoring.topic, ...costAnomalies });
  }

  private watch<T extends IWatched>(block: T | undefined): T | undefined {
    if (block) this.monitoring.watch(block);
    return block;
  }
}
