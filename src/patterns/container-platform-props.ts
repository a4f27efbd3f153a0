import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import { RedisCache } from '../cache';
import { DatabaseCapacity, DatabaseRecoveryPoint, PostgresDatabase } from '../database';
import { IWebFirewall } from '../edge/web-firewall-interface';
import { EnvironmentProfile } from '../environment';
import { WebNetwork } from '../network';
import { AlertRoute } from '../observability';
import { WebLoadBalancer } from '../service';

/** What containers stand on: data, network and what watches them. Each part can be given instead. */
export interface ContainerPlatformParts {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Name of the database in the server.
   * @default 'app'
   */
  readonly databaseName?: string;
  /**
   * Size of the database: an instance class, or Aurora Serverless v2.
   * @default - an instance of the profile's class
   */
  readonly databaseCapacity?: DatabaseCapacity;
  /**
   * Snapshot that the database is restored from.
   * @default - it begins empty
   */
  readonly snapshotIdentifier?: string;
  /**
   * Backup that the database is restored from, to the second, such as one in the recovery region.
   * @default - it begins empty, or from `snapshotIdentifier`
   */
  readonly fromRecoveryPoint?: DatabaseRecoveryPoint;
  /**
   * Whether services reach the database through RDS Proxy, which shares connections among tasks, for about 22 USD a month.
   * @default false
   */
  readonly proxy?: boolean;
  /**
   * Whether there is a cache, whose address services find in `REDIS_URL`.
   * @default false
   */
  readonly cache?: boolean;
  /**
   * Key that encrypts data and logs.
   * @default - one is made where the profile asks for it, otherwise AWS's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * VPC that exists already.
   * @default - one is made
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Network that exists already.
   * @default - one is made
   */
  readonly network?: WebNetwork;
  /**
   * Cluster that exists already, with Fargate's capacity providers.
   * @default - one is made
   */
  readonly cluster?: ecs.ICluster;
  /**
   * Load balancer that exists already.
   * @default - one is made
   */
  readonly loadBalancer?: WebLoadBalancer;
  /**
   * Database that exists already.
   * @default - one is made
   */
  readonly database?: PostgresDatabase;
  /**
   * Cache that exists already.
   * @default - one is made where `cache` is true
   */
  readonly redisCache?: RedisCache;
}

/** Properties of a `ContainerPlatform`: its front door, and the parts it stands on. */
export interface ContainerPlatformProps extends ContainerPlatformParts {
  /**
   * Name under which the API is reached, such as `api.example.com`.
   * @default - the load balancer's own name, over plain HTTP
   */
  readonly domainName?: string;
  /**
   * Further names, such as the hosts of services that are added.
   * @default - none
   */
  readonly alternativeDomainNames?: string[];
  /**
   * Zone of the domain, for its records and its certificate.
   * @default - no record is made, and the certificate has to be given
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * Certificate of the domain, in this region.
   * @default - one is made and validated through `hostedZone`, where a domain is given
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Whether HTTP is redirected to HTTPS. Without, port 80 is closed, which is safer for an API that no browser calls.
   * @default true
   */
  readonly redirectHttp?: boolean;
  /**
   * Whether the API is reached from inside the network only.
   * @default false
   */
  readonly internal?: boolean;
  /**
   * Address ranges that may connect; none where it is internal and only who is let in through its `connections` may.
   * @default - everybody; where it is internal, the VPC
   */
  readonly allowedCidrs?: string[];
  /**
   * Web application firewall before the load balancer, in this region, instead of one of its own.
   * @default - one of its own, where `firewallEnabled`
   */
  readonly firewall?: IWebFirewall;
  /**
   * Whether there is a web application firewall before the load balancer (about 10 USD a month, and 0.60 USD for a million requests).
   * @default - the profile's; false where it is internal and `firewall` is left out
   */
  readonly firewallEnabled?: boolean;
  /**
   * Mail addresses that alarms are sent to. Each gets a mail to confirm.
   * @default - none
   */
  readonly alertEmails?: string[];
  /**
   * Topic that alarms are sent to.
   * @default - one is made where the profile has alarms
   */
  readonly alertTopic?: sns.ITopic;
  /**
   * Further ways to tell people, such as `AlertRoute.pagerDuty(…)` and `AlertRoute.slack(…)`.
   * @default - none
   */
  readonly alertRoutes?: AlertRoute[];
  /**
   * Folder of the runbooks that the texts of alarms point to, without a slash at its end.
   * @default - docs/runbooks of this library
   */
  readonly runbookUrl?: string;
}
