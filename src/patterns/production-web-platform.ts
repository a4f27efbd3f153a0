import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ContainerPlatform } from './container-platform';
import {
  PlatformAccess, PlatformScheduledTaskOptions, PlatformServiceOptions, PlatformSignInOptions, PlatformWorkerOptions, ProductionWebPlatformProps,
} from './production-web-platform-props';
import { StaticCdnSite } from './static-cdn-site';
import { checkService, validateProductionWebPlatform } from './validate-production-web-platform';
import { RedisCache } from '../cache';
import { Budget, CostAnomalyMonitor, WorkingHours } from '../cost';
import { PostgresDatabase } from '../database';
import { FirewallPlacement, IWebFirewall, SiteCertificate, WebFirewall } from '../edge';
import { EncryptionKey } from '../encryption';
import { EnvironmentProfile } from '../environment';
import { SignInClient, SignInDomain, UserDirectory } from '../identity';
import { WebNetwork } from '../network';
import { Monitoring } from '../observability';
import { ContainerOptions, ScheduledTask, WebLoadBalancer, WebService, Worker } from '../service';
import { ContentSecurityPolicy, RuntimeConfig, SiteApi } from '../site';

/**
 * Everything that a product needs in production: container services with their data, a site before them under the same name, sign-in, alarms, and costs that
 * are watched. It composes the public blocks and the other patterns, and holds no resource of its own; each part is an attribute, and each can be given.
 *
 * CloudFront serves the site and brings `/api/*` to a load balancer that nobody else reaches. What has to be in us-east-1 gets a stack of its own there.
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
  /** The site, and CloudFront before it. */
  public readonly site?: StaticCdnSite;
  /** Users, and how they sign in. */
  public readonly users?: UserDirectory;
  /** The site, as users sign in to it. */
  public readonly signInClient?: SignInClient;
  /** Certificate of the sign-in pages. */
  public readonly signInCertificate?: SiteCertificate;
  /** What a month may cost. */
  public readonly budget?: Budget;
  /** Costs that are not as usual. */
  public readonly costAnomalies?: CostAnomalyMonitor;
  /** Hours in which the platform runs. */
  public readonly workingHours?: WorkingHours;
  /** Services by name. */
  public readonly services: { [name: string]: WebService } = {};
  /** Address of the platform, such as `https://example.com`. */
  public readonly url: string;

  constructor(scope: Construct, id: string, private readonly props: ProductionWebPlatformProps) {
    super(scope, id);
    validateProductionWebPlatform(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();

    this.encryptionKey = props.encryptionKey ?? this.createEncryptionKey();
    const firewall = this.createLoadBalancerFirewall();
    this.loadBalancerFirewall = props.loadBalancerFirewall ?? firewall;
    this.containers = this.createContainers();
    if (firewall) this.monitoring.watch(firewall);
    this.signInCertificate = this.createSignInCertificate();
    this.users = props.signIn && this.createUsers(props.signIn);
    this.signInClient = this.users && this.createSignInClient(this.users);
    for (const [name, options] of Object.entries(props.services)) this.addService(name, options);
    this.site = this.createSite();
    this.url = this.site?.url ?? this.containers.url;
    this.budget = this.createBudget();
    this.costAnomalies = this.createCostAnomalies();
    this.workingHours = this.createWorkingHours();
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
   * @param name the service's identity: letters and digits, beginning with a letter
   */
  public addService(name: string, options: PlatformServiceOptions): WebService {
    checkService(this, name, options, this.props);
    const service = this.containers.addService(name, this.placed(options));
    this.services[name] = service;
    return service;
  }

  /** Adds containers that work without being called. */
  public addWorker(name: string, options: PlatformWorkerOptions): Worker {
    return this.containers.addWorker(name, this.placed(options));
  }

  /** Adds a container that runs at given times. */
  public addScheduledTask(name: string, options: PlatformScheduledTaskOptions): ScheduledTask {
    return this.containers.addScheduledTask(name, this.placed(options));
  }

  private createEncryptionKey(): kms.IKey | undefined {
    return this.profile.customerManagedKey ? new EncryptionKey(this, 'EncryptionKey', { profile: this.profile }).key : undefined;
  }

  private get isPublic(): boolean {
    return this.props.publicLoadBalancer ?? this.props.site === undefined;
  }

  /**
   * Always the same one: to take one away from a load balancer while another comes would leave it without any. Behind CloudFront it has no limits by address,
   * as CloudFront comes with a few addresses for everybody; those are before the site.
   */
  private createLoadBalancerFirewall(): WebFirewall | undefined {
    const { profile, encryptionKey, props: { loadBalancer, loadBalancerFirewall, site } } = this;
    if (loadBalancer || loadBalancerFirewall || !profile.firewall) return undefined;
    return new WebFirewall(this, 'LoadBalancerFirewall', { placement: FirewallPlacement.regional(), profile, encryptionKey, rateLimits: site ? [] : undefined });
  }

  private createContainers(): ContainerPlatform {
    const {
      services, domain, site, apiPaths, publicLoadBalancer, loadBalancerFirewall, signIn, budget, costAnomalies, workingHours, ...parts
    } = this.props;
    const entry = parts.loadBalancer ? {} : {
      internal: !this.isPublic,
      domainName: this.loadBalancerName(),
      hostedZone: domain?.hostedZone,
      firewall: this.loadBalancerFirewall,
    };
    return new ContainerPlatform(this, 'Containers', { ...parts, ...entry, profile: this.profile, encryptionKey: this.encryptionKey });
  }

  private loadBalancerName(): string | undefined {
    const { domain } = this.props;
    return domain && `${this.isPublic ? 'api' : 'origin'}.${domain.domainName}`;
  }

  private createSignInCertificate(): SiteCertificate | undefined {
    const { signIn, site, domain } = this.props;
    if (!signIn || signIn.domain || signIn.directory || !domain || !site) return undefined;
    const { domainName, hostedZone } = domain;
    const certificate = new SiteCertificate(this, 'SignInCertificate', { domainName: `auth.${domainName}`, hostedZone, profile: this.profile });
    this.monitoring.watch(certificate);
    return certificate;
  }

  private createUsers({ domain, callbackPath, logoutPath, directory, ...options }: PlatformSignInOptions): UserDirectory {
    return directory ?? new UserDirectory(this, 'Users', { ...options, profile: this.profile, domain: domain ?? this.signInDomain() });
  }

  private signInDomain(): SignInDomain | undefined {
    if (!this.signInCertificate) return undefined;
    const { domainName, hostedZone } = this.props.domain!;
    return SignInDomain.custom({ domainName: `auth.${domainName}`, hostedZone, certificate: this.signInCertificate.certificate });
  }

  /** Back to the platform's name, which is known, and not to its distribution, which waits for the client's id. */
  private createSignInClient(users: UserDirectory): SignInClient | undefined {
    const { domain, site, signIn: { callbackPath = '/callback', logoutPath = '/' } = {} } = this.props;
    if (!domain || !site) return undefined;
    const address = `https://${domain.domainName}`;
    const client = users.addBrowserClient('Site', { callbackUrls: [`${address}${callbackPath}`], logoutUrls: [`${address}${logoutPath}`] });
    this.monitoring.watch(users);
    return client;
  }

  private createSite(): StaticCdnSite | undefined {
    const { site: options, domain } = this.props;
    if (!options) return undefined;
    const site = new StaticCdnSite(this, 'Site', {
      ...options,
      profile: this.profile,
      encryptionKey: this.encryptionKey,
      domainName: domain?.domainName,
      alternativeDomainNames: domain?.alternativeDomainNames,
      hostedZone: domain?.hostedZone,
      api: this.siteApi(),
      runtimeConfig: this.runtimeConfig(options.runtimeConfig),
      contentSecurityPolicy: options.headers ? undefined : this.contentSecurityPolicy(options.contentSecurityPolicy),
      monitoring: this.monitoring,
    });
    // Cognito takes a name only when its parent is in DNS.
    if (site.records && this.signInCertificate) this.users?.domain?.node.addDependency(site.records);
    return site;
  }

  private siteApi(): SiteApi {
    const { loadBalancer } = this.loadBalancer;
    const options = { pathPatterns: this.props.apiPaths };
    const domainName = this.loadBalancerName();
    if (this.isPublic) return SiteApi.loadBalancer(loadBalancer, { ...options, domainName: domainName! });
    return SiteApi.privateLoadBalancer(loadBalancer, { ...options, domainName });
  }

  private runtimeConfig(given?: RuntimeConfig): RuntimeConfig | undefined {
    if (!this.props.site!.directory || !this.signInClient) return given;
    return (given ?? RuntimeConfig.script({ values: {} }))._withDefaults({
      AUTH_ISSUER: this.users!.issuer,
      AUTH_CLIENT_ID: this.signInClient.clientId,
      ...this.users!.signInUrl ? { AUTH_URL: this.users!.signInUrl } : {},
    });
  }

  /** Pages ask for tokens where users sign in. */
  private contentSecurityPolicy(given: ContentSecurityPolicy = new ContentSecurityPolicy()): ContentSecurityPolicy {
    const { signInUrl } = this.users ?? {};
    return signInUrl ? given.and({ connectSrc: [signInUrl] }) : given;
  }

  private placed<T extends ContainerOptions>({ usesSignIn = true, ...options }: T & PlatformAccess) {
    return { ...options, environment: { ...usesSignIn ? this.signInClient?.environment : {}, ...options.environment } };
  }

  private createBudget(): Budget | undefined {
    const { budget, alertEmails } = this.props;
    return budget && new Budget(this, 'Budget', { emails: alertEmails, topic: this.monitoring.topic, ...budget });
  }

  private createCostAnomalies(): CostAnomalyMonitor | undefined {
    const { costAnomalies } = this.props;
    return costAnomalies && new CostAnomalyMonitor(this, 'CostAnomalies', { topic: this.monitoring.topic, ...costAnomalies });
  }

  private createWorkingHours(): WorkingHours | undefined {
    const { workingHours } = this.props;
    if (!workingHours) return undefined;
    const services = Object.values(this.services);
    const { instance } = this.database;
    const hours = new WorkingHours(this, 'WorkingHours', {
      ...workingHours,
      profile: this.profile,
      services: services.map(({ scaling }) => scaling),
      databases: instance ? [instance] : [],
      silencedAlarms: [...services, this.database].flatMap(({ alarms }) => alarms),
    });
    this.monitoring.watch(hours);
    return hours;
  }
}
