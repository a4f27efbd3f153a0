import { Duration, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { ContainerPlatformProps } from './container-platform-props';
import { ApiScheduledTaskOptions, ApiServiceOptions, ApiWorkerOptions, DataAccess } from './data-access';
import { addressFrom, allowKeyElsewhere } from './data-secret';
import { validateContainerPlatform } from './validate-container-platform';
import { RedisCache } from '../cache';
import { PostgresDatabase } from '../database';
import { createProfileKey } from '../encryption/profile-key';
import { EnvironmentProfile } from '../environment';
import { WebNetwork } from '../network';
import { IWatched, Monitoring } from '../observability';
import { tellReport } from '../report-facts';
import { ContainerOptions, MigrationsOptions, ReleaseOperator, ScheduledTask, ServiceCluster, WebLoadBalancer, WebService, Worker } from '../service';

/**
 * What container services need besides themselves: network, cluster, load balancer, PostgreSQL and, where asked, a cache, alarms and somebody who looks after
 * releases. It composes the public blocks and holds no resource of its own; each part is an attribute, and each can be given.
 */
export class ContainerPlatform extends Construct {
  /** What differs between environments. */
  public readonly profile: EnvironmentProfile;
  /** Key that encrypts data and logs. */
  public readonly encryptionKey?: kms.IKey;
  /** Network of everything. */
  public readonly network: WebNetwork;
  /** Cluster of the services. */
  public readonly cluster: ecs.ICluster;
  /** Front door of the services. */
  public readonly loadBalancer: WebLoadBalancer;
  /** Database of the services. */
  public readonly database: PostgresDatabase;
  /** Cache of the services. */
  public readonly cache?: RedisCache;
  /** Alarms, dashboard and where alarms are sent. */
  public readonly monitoring: Monitoring;
  /** What looks after the releases of all services: tells of failed ones, ends stuck ones, brings rotated logins to running tasks. */
  public readonly releaseOperator: ReleaseOperator;
  /** Address of the API, such as `https://api.example.com`. */
  public readonly url: string;

  constructor(scope: Construct, id: string, private readonly platform: ContainerPlatformProps = {}) {
    super(scope, id);
    validateContainerPlatform(this, platform);
    this.profile = platform.profile ?? EnvironmentProfile.production();
    tellReport(this, { profile: this.profile.name, composes: true });

    this.encryptionKey = platform.encryptionKey ?? createProfileKey(this, this.profile);
    this.network = platform.network ?? this.createNetwork();
    this.cluster = platform.cluster ?? new ServiceCluster(this, 'Cluster', { vpc: this.network.vpc, profile: this.profile });
    this.loadBalancer = platform.loadBalancer ?? this.createLoadBalancer();
    this.database = platform.database ?? this.createDatabase();
    this.cache = platform.redisCache ?? (platform.cache ? this.createCache() : undefined);
    this.monitoring = this.createMonitoring();
    this.releaseOperator = this.createReleaseOperator();
    this.url = this.loadBalancer.url;
  }

  /** Adds a service with its own paths or hosts. It gets `DATABASE_URL` and `REDIS_URL`, and its alarms go where all others go. */
  public addService(id: string, options: ApiServiceOptions): WebService {
    const { migrations, ...placed } = this.placed(options);
    const service = new WebService(this, id, {
      ...placed,
      loadBalancer: this.loadBalancer,
      migrations: migrations && this.asOwner(migrations, options),
    });
    if (service.migrations && (options.usesDatabase ?? true)) {
      service.migrations.connections.allowToDefaultPort(this.database.ownerConnections);
      allowKeyElsewhere(service.migrations, this.database.ownerSecret);
      service.migrations.ready.node.addDependency(this.database.credentialsReady);
    }
    this.watchReleases(service.service, options, service.longestRelease);
    return this.joined(service, service.service, options);
  }

  /** Adds containers that work without being called, with the same data and monitoring as a service. */
  public addWorker(id: string, options: ApiWorkerOptions): Worker {
    const worker = new Worker(this, id, this.placed(options));
    this.watchReleases(worker.service, options);
    return this.joined(worker, worker.service, options);
  }

  /** Adds a container that runs at given times, with the same data and monitoring as a service. */
  public addScheduledTask(id: string, options: ApiScheduledTaskOptions): ScheduledTask {
    const task = new ScheduledTask(this, id, this.placed(options));
    return this.joined(task, task.schedule, options);
  }

  private createNetwork(): WebNetwork {
    return new WebNetwork(this, 'Network', { profile: this.profile, vpc: this.platform.vpc, encryptionKey: this.platform.vpc ? undefined : this.encryptionKey });
  }

  private createLoadBalancer(): WebLoadBalancer {
    const { domainName, alternativeDomainNames, hostedZone, certificate, redirectHttp, internal, allowedCidrs } = this.platform;
    const { firewall, firewallEnabled } = this.platform;
    return new WebLoadBalancer(this, 'LoadBalancer', {
      vpc: this.network.vpc,
      profile: this.profile,
      domainName,
      alternativeDomainNames,
      hostedZone,
      certificate,
      redirectHttp,
      internal,
      allowedCidrs,
      firewall,
      firewallEnabled,
      encryptionKey: this.encryptionKey,
    });
  }

  private createDatabase(): PostgresDatabase {
    return new PostgresDatabase(this, 'Database', {
      profile: this.profile,
      vpc: this.network.vpc,
      vpcSubnets: this.network.dataSubnets,
      handlerSubnets: this.network.serviceSubnets,
      capacity: this.platform.databaseCapacity,
      databaseName: this.platform.databaseName,
      snapshotIdentifier: this.platform.snapshotIdentifier,
      fromRecoveryPoint: this.platform.fromRecoveryPoint,
      proxy: this.platform.proxy,
      encryptionKey: this.encryptionKey,
    });
  }

  private createCache(): RedisCache {
    return new RedisCache(this, 'Cache', {
      profile: this.profile,
      vpc: this.network.vpc,
      vpcSubnets: this.network.dataSubnets,
      encryptionKey: this.encryptionKey,
    });
  }

  private createMonitoring(): Monitoring {
    const parts: (IWatched | undefined)[] = [this.network, this.loadBalancer, this.database, this.cache];
    return new Monitoring(this, 'Monitoring', {
      profile: this.profile,
      topic: this.platform.alertTopic,
      emails: this.platform.alertEmails,
      routes: this.platform.alertRoutes,
      runbookUrl: this.platform.runbookUrl,
      encryptionKey: this.encryptionKey,
      // What another stack makes is watched there: its alarms and this dashboard would need each other.
      watched: parts.filter(part => part !== undefined).filter(part => Stack.of(part) === Stack.of(this)),
    });
  }

  private createReleaseOperator(): ReleaseOperator {
    const { cluster, profile, encryptionKey, monitoring: { topic } } = this;
    return new ReleaseOperator(this, 'ReleaseOperator', { cluster, profile, encryptionKey, topic });
  }

  private watchReleases(service: ecs.FargateService, { usesDatabase = true }: DataAccess, timeout?: Duration): void {
    this.releaseOperator.watch(service, { timeout, rotatedSecrets: usesDatabase ? [this.database.applicationSecret] : [] });
  }

  /** Migrations own what they make: they log in as the database's owner, in the variable in which the service logs in as the application. */
  private asOwner(migrations: MigrationsOptions, { usesDatabase = true }: DataAccess): MigrationsOptions {
    if (!usesDatabase) return migrations;
    return { ...migrations, secrets: { DATABASE_URL: addressFrom(this, this.database.ownerSecret), ...migrations.secrets } };
  }

  /** The options of a container, with the addresses of its data and its place in the platform. */
  private placed<T extends ContainerOptions & DataAccess>(options: T) {
    const { usesDatabase = true, usesCache = true, ...container } = options;
    const addresses = {
      ...(usesDatabase ? { DATABASE_URL: addressFrom(this, this.database.applicationSecret) } : {}),
      ...(usesCache && this.cache ? { REDIS_URL: addressFrom(this, this.cache.secret) } : {}),
    };
    return {
      vpcSubnets: this.network.serviceSubnets,
      ...container,
      secrets: { ...addresses, ...options.secrets },
      cluster: this.cluster,
      profile: this.profile,
      encryptionKey: this.encryptionKey,
    };
  }

  /** Opens the way to the data, and starts nothing before the data has credentials for it. */
  private joined<T extends WebService | Worker | ScheduledTask>(block: T, starts: IConstruct, options: DataAccess): T {
    const { usesDatabase = true, usesCache = true } = options;
    if (usesDatabase) {
      block.connections.allowToDefaultPort(this.database.applicationConnections);
      allowKeyElsewhere(block, this.database.applicationSecret);
      starts.node.addDependency(this.database.credentialsReady);
    }
    if (usesCache && this.cache) {
      block.connections.allowToDefaultPort(this.cache);
      allowKeyElsewhere(block, this.cache.secret);
      starts.node.addDependency(this.cache.secret);
    }
    this.monitoring.watch(block);
    return block;
  }
}
