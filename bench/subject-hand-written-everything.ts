/*
 * What `subject-everything.ts` makes, as a team without the library would write it: see `subject-hand-written.ts`, whose parts it shares.
 *
 * What CloudFront needs is in us-east-1 before the platform, what watches CloudFront there after it, and the copies of the data are in a region of their own.
 */
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { DEFAULT_CROSS_STACK_REFERENCES } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { Cache } from './hand-written/cache';
import { certificateGraph, watchCertificate } from './hand-written/certificates';
import { watchCosts } from './hand-written/cost';
import { Database } from './hand-written/database';
import { Firewall, firewallGraphs, watchFirewall } from './hand-written/firewall';
import { createFailedEvents, createKey, Handler, Platform } from './hand-written/foundation';
import { LoadBalancer } from './hand-written/load-balancer';
import { Monitoring } from './hand-written/monitoring';
import { Network } from './hand-written/network';
import { addObjectiveRow, addUptimeRow, availability, createUptimeCheck, latency, siteAvailability, watchObjective, watchUptime } from './hand-written/objectives';
import { Recovery, RecoveryRegion } from './hand-written/recovery';
import { callHooks, createSmokeTest, Migrations } from './hand-written/release-steps';
import { createDeploymentHelper, ReleaseOperator } from './hand-written/releases';
import { Search } from './hand-written/search';
import { SearchIngestion } from './hand-written/search-ingestion';
import { WebService } from './hand-written/service';
import { SignIn } from './hand-written/sign-in';
import { addSiteRow, EDGE_REGION, Site, watchSite } from './hand-written/site';
import { Uploads } from './hand-written/uploads';

const RECOVERY_REGION = 'eu-west-1';

export function addStack(app: App, id: string): Stack {
  const zoneName = `${id.toLowerCase()}.example.com`;
  const edge = new EdgeStack(app, `${id}-edge`, zoneName);
  const copies = new RecoveryRegion(new RegionalStack(app, `${id}-recovery`, RECOVERY_REGION), 'Recovery');
  const arcade = new ArcadeStack(app, id, { zoneName, edge, copies });
  new EdgeAlarmsStack(app, `${id}-edge-alarms`, edge, arcade);
  return arcade;
}

/** A stack that reads what others output, without a function for it. */
class RegionalStack extends Stack {
  constructor(scope: Construct, id: string, region: string) {
    super(scope, id, { env: { region }, crossRegionReferences: true });
    this.node.setContext(DEFAULT_CROSS_STACK_REFERENCES, 'weak');
  }

  protected findZone(zoneName: string): route53.IHostedZone {
    return route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName });
  }
}

/** What a distribution and sign-in pages have to have in us-east-1. */
class EdgeStack extends RegionalStack {
  public readonly siteCertificate: acm.ICertificate;
  public readonly signInCertificate: acm.ICertificate;
  public readonly firewall: { readonly name: string; readonly rateLimit: boolean };
  public readonly webAclArn: string;

  constructor(scope: Construct, id: string, zoneName: string) {
    super(scope, id, EDGE_REGION);
    const validation = acm.CertificateValidation.fromDns(this.findZone(zoneName));
    this.siteCertificate = new acm.Certificate(this, 'SiteCertificate', { domainName: `arcade.${zoneName}`, validation });
    this.signInCertificate = new acm.Certificate(this, 'SignInCertificate', { domainName: `auth.arcade.${zoneName}`, validation });
    this.firewall = { name: `${id}-Firewall`, rateLimit: true };
    this.webAclArn = new Firewall(this, 'Firewall', { ...this.firewall, key: createKey(this, 'Key'), scope: 'CLOUDFRONT' }).webAclArn;
  }
}

interface ArcadeProps {
  readonly zoneName: string;
  readonly edge: EdgeStack;
  readonly copies: RecoveryRegion;
}

class ArcadeStack extends RegionalStack {
  public readonly domainName: string;
  public readonly site: Site;
  public readonly healthCheckId: string;
  private readonly platform: Platform;
  private readonly zone: route53.IHostedZone;
  private readonly database: Database;
  private readonly cache: Cache;
  private readonly loadBalancer: LoadBalancer;
  private readonly search: Search;
  private readonly uploads: Uploads;

  constructor(scope: Construct, id: string, { zoneName, edge, copies }: ArcadeProps) {
    super(scope, id, 'eu-central-1');
    const key = createKey(this, 'Key');
    this.platform = { key, monitoring: new Monitoring(this, 'Monitoring', key), failedEvents: createFailedEvents(this, key) };
    const { platform, platform: { monitoring } } = this;
    this.domainName = `arcade.${zoneName}`;
    this.zone = this.findZone(zoneName);
    const origin = `https://${this.domainName}`;
    const { vpc } = new Network(this, 'Network', platform);
    const helper = createDeploymentHelper(this, platform);

    this.loadBalancer = this.createLoadBalancer(vpc);
    this.database = new Database(this, 'Database', { platform, vpc, proxy: true, backups: { region: RECOVERY_REGION, key: copies.key } });
    this.cache = new Cache(this, 'Cache', platform, vpc);
    monitoring.addRow('Sign-in certificate (alarms in us-east-1)', certificateGraph(edge.signInCertificate, EDGE_REGION));
    const loginName = `auth.${this.domainName}`;
    const signIn = new SignIn(this, 'SignIn', { monitoring, zone: this.zone, domainName: loginName, certificate: edge.signInCertificate, origin });
    this.uploads = new Uploads(this, 'Uploads', platform, origin, { bucket: copies.uploads, key: copies.key, region: RECOVERY_REGION });
    this.search = new Search(this, 'Search', { platform, vpc, helper });
    new SearchIngestion(this, 'SearchIngestion', { platform, vpc, database: this.database, search: this.search });
    this.createService(vpc, helper, signIn);

    const { AUTH_ISSUER, AUTH_CLIENT_ID } = signIn.environment;
    this.site = this.createSite(edge, loginName, { AUTH_ISSUER, AUTH_CLIENT_ID, AUTH_URL: `https://${loginName}` });
    signIn.waitFor(...this.site.records);
    this.healthCheckId = createUptimeCheck(this, 'Uptime', this.domainName).healthCheckId;
    this.addObjectives(edge);
    new Recovery(this, 'Recovery', { platform, database: this.database.instance, uploads: this.uploads.bucket, other: copies });
    watchCosts(this, platform, 700);
    monitoring.createHealth();
    monitoring.createDashboard();
  }

  private createLoadBalancer(vpc: Network['vpc']): LoadBalancer {
    const { platform, zone, region } = this;
    const { key, monitoring } = platform;
    const firewall = { name: `${this.node.id}-LoadBalancerFirewall`, rateLimit: false };
    const { webAclArn } = new Firewall(this, 'Firewall', { ...firewall, key, scope: 'REGIONAL' });
    watchFirewall(this, firewall, monitoring, region);
    const domainName = `origin.${this.domainName}`;
    return new LoadBalancer(this, 'LoadBalancer', {
      platform, vpc, zone, domainName, internetFacing: false, webAclArn, graphs: firewallGraphs(firewall.name, region),
    });
  }

  private createService(vpc: Network['vpc'], helper: Handler, signIn: SignIn): void {
    const { platform, database, cache, loadBalancer, search, uploads } = this;
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, enableFargateCapacityProviders: true, containerInsightsV2: ecs.ContainerInsights.ENABLED });
    const task = {
      platform,
      vpc,
      cluster,
      image: 'ghcr.io/example/catalogue:1',
      environment: { ...signIn.environment, ...uploads.environment, OPENSEARCH_URL: search.endpoint, LOG_LEVEL: 'info' },
    };
    const REDIS_URL = cache.secret;
    const migrations = new Migrations(this, 'Migrations', {
      ...task, secrets: { DATABASE_URL: database.ownerSecret, REDIS_URL }, command: ['npm', 'run', 'migrate'],
    });
    migrations.task.securityGroup.connections.allowToDefaultPort(database.instance);
    migrations.run.node.addDependency(...database.ready);

    const catalogue = new WebService(this, 'Catalogue', {
      ...task, loadBalancer, helper, priority: 100, secrets: { DATABASE_URL: database.applicationSecret, REDIS_URL },
    });
    const { service, taskRole } = catalogue;
    for (const part of [database, cache, search]) service.connections.allowToDefaultPort(part);
    uploads.grantUse(catalogue, taskRole);
    search.grantRead(catalogue, taskRole);
    const smokeTest = createSmokeTest(this, 'SmokeTest', { ...task, loadBalancer });
    const hookRole = callHooks(catalogue, service, migrations, smokeTest);
    service.node.addDependency(...database.ready, cache.secret, migrations.run, hookRole, taskRole);
    new ReleaseOperator(this, 'ReleaseOperator', platform, { service, secret: database.applicationSecret, timeoutMinutes: 41 });
  }

  private createSite({ siteCertificate: certificate, webAclArn }: EdgeStack, loginName: string, config: { [name: string]: string }): Site {
    const { platform, zone, domainName, loadBalancer, uploads } = this;
    return new Site(this, 'Site', {
      platform,
      zone,
      domainName,
      certificate,
      webAclArn,
      loadBalancer,
      images: uploads.images,
      connectTo: [`https://${loginName}`, `https://${uploads.bucket.bucketRegionalDomainName}`],
      config,
      directory: join(__dirname, 'built-site'),
    });
  }

  private addObjectives(edge: EdgeStack): void {
    const { platform: { monitoring }, loadBalancer: { loadBalancer }, site } = this;
    addSiteRow(site, monitoring);
    monitoring.addRow('Site certificate (alarms in us-east-1)', certificateGraph(edge.siteCertificate, EDGE_REGION));
    monitoring.addRow('Site firewall (alarms in us-east-1)', ...firewallGraphs(edge.firewall.name, EDGE_REGION, true));
    for (const [id, objective] of Object.entries({ Availability: availability(loadBalancer), Latency: latency(loadBalancer) })) {
      watchObjective(new Construct(this, id), objective, monitoring);
      addObjectiveRow(id, objective, monitoring);
    }
    addObjectiveRow('Site availability', siteAvailability(site.distribution.distributionId), monitoring);
    addUptimeRow(this.healthCheckId, this.domainName, monitoring);
  }
}

/** What can be watched in us-east-1 only. */
class EdgeAlarmsStack extends RegionalStack {
  constructor(scope: Construct, id: string, edge: EdgeStack, { site, healthCheckId, domainName }: ArcadeStack) {
    super(scope, id, EDGE_REGION);
    const { siteCertificate, signInCertificate, firewall } = edge;
    const monitoring = new Monitoring(this, 'Monitoring', createKey(this, 'Key'));
    watchCertificate(new Construct(this, 'SignInCertificate'), signInCertificate, monitoring);
    watchCertificate(new Construct(this, 'SiteCertificate'), siteCertificate, monitoring);
    watchFirewall(new Construct(this, 'Firewall'), firewall, monitoring);
    watchSite(new Construct(this, 'Site'), site, monitoring);
    watchObjective(new Construct(this, 'SiteAvailability'), siteAvailability(site.distribution.distributionId), monitoring);
    watchUptime(this, healthCheckId, domainName, monitoring);
  }
}
