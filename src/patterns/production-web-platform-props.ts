import type { Duration } from 'aws-cdk-lib';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { ContainerPlatformParts } from './container-platform-props';
import { ApiScheduledTaskOptions, ApiServiceOptions, ApiWorkerOptions } from './data-access';
import { StaticCdnSiteOptions } from './static-cdn-site-props';
import type { BudgetProps, CostAnomalyMonitorProps, WorkingHoursOptions } from '../cost';
import type { IWebFirewall } from '../edge';
import type { SignInAccessOptions, SignInDomain, UserDirectory, UserDirectoryOptions } from '../identity';
import type { AlertRoute, ErrorTracking } from '../observability';
import type { RecoveryOptions } from '../recovery';
import type { SearchDomainOptions } from '../search';
import type { ImageUploadsOptions } from '../uploads';

/** The name of a platform, and the zone that it is in. */
export interface PlatformDomain {
  /**
   * Name of the site, such as `example.com`. The load balancer gets `api.` or, where only CloudFront reaches it, `origin.` before it, and sign-in `auth.`
   */
  readonly domainName: string;
  /** Zone of the names, for their records and certificates. */
  readonly hostedZone: route53.IHostedZone;
  /**
   * Further names of the site, such as `www.example.com`. They are redirected to `domainName`.
   * @default - none
   */
  readonly alternativeDomainNames?: string[];
}

/** Which of the platform's parts a container uses besides its data. */
export interface PlatformAccess {
  /**
   * Whether the container finds in `AUTH_ISSUER`, `AUTH_JWKS_URI` and `AUTH_CLIENT_ID` how to verify the tokens of users who signed in.
   * @default true
   */
  readonly usesSignIn?: boolean;
  /**
   * Whether the container may sign uploads and read what became of them, and finds in its variables where they go.
   * @default true
   */
  readonly usesUploads?: boolean;
  /**
   * Whether the container may search, and finds the address in `OPENSEARCH_URL`.
   * @default true
   */
  readonly usesSearch?: boolean;
}

/** Options of a service of a `ProductionWebPlatform`. */
export interface PlatformServiceOptions extends ApiServiceOptions, PlatformAccess {}

/** Options of a worker of a `ProductionWebPlatform`. */
export interface PlatformWorkerOptions extends ApiWorkerOptions, PlatformAccess {}

/** Options of a scheduled task of a `ProductionWebPlatform`. */
export interface PlatformScheduledTaskOptions extends ApiScheduledTaskOptions, PlatformAccess {}

/** How users of a platform sign in, and what its site is let at. With `OAuthScope.COGNITO_ADMIN` among `scopes`, pages reach Cognito's API as well. */
export interface PlatformSignInOptions extends UserDirectoryOptions, SignInAccessOptions {
  /**
   * Where the sign-in pages are.
   * @default - `auth.` before the platform's domain, where it has a site; otherwise there are none
   */
  readonly domain?: SignInDomain;
  /**
   * Path of the site to which users come back when they signed in.
   * @default '/callback'
   */
  readonly callbackPath?: string;
  /**
   * Path of the site to which users come when they signed out.
   * @default '/'
   */
  readonly logoutPath?: string;
  /**
   * Users that another platform or stack has already, instead of a directory of its own. The site's client is added to it.
   * @default - a directory is made
   */
  readonly directory?: UserDirectory;
}

/** What users of a platform search. */
export interface PlatformSearchOptions extends SearchDomainOptions {
  /**
   * Whether changes of the database come into the indexes by themselves. A migration of the team's has to run `SearchIngestion.OUTBOX_SQL` first.
   * @default - where there are `indexes`
   */
  readonly ingestion?: boolean;
}

/** Who is told of what, and what the platform promises. */
export interface PlatformAlertOptions {
  /**
   * Mail addresses that alarms are sent to. Each gets a mail to confirm.
   * @default - none
   */
  readonly emails?: string[];
  /**
   * Further ways to tell people, such as `AlertRoute.pagerDuty(…)` for critical alarms and `AlertRoute.slack(…)` for all.
   * @default - none
   */
  readonly routes?: AlertRoute[];
  /**
   * Topic that alarms are sent to.
   * @default - one is made
   */
  readonly topic?: sns.ITopic;
  /**
   * Folder of the runbooks that the texts of alarms point to, without a slash at its end.
   * @default - docs/runbooks of this library
   */
  readonly runbookUrl?: string;
  /**
   * Whether there are alarms on how fast the error budgets of availability and response time are used up (about 7 USD a month).
   * @default - where the profile has deletion protection
   */
  readonly objectives?: boolean;
  /**
   * Requests in four weeks that are answered without an error of the platform's, in percent: 94 to 99.999.
   * @default 99.9
   */
  readonly availabilityPercent?: number;
  /**
   * Time in which 95 of 100 requests are answered.
   * @default Duration.millis(200)
   */
  readonly latency?: Duration;
  /**
   * Path that is asked from around the world, every 30 seconds from several places. It has to answer with 200 to 399, at night too where there are `workingHours`.
   * @default - '/', where the site asks for no password; without a site the first `healthCheckPath` that the load balancer brings to its own service. Nothing is
   * asked where there is none, and without a site where there are `workingHours`
   */
  readonly uptimePath?: string;
}

/** Properties of a `ProductionWebPlatform`. Everything but one service is optional. */
export interface ProductionWebPlatformProps extends ContainerPlatformParts {
  /** Container services by name, at least one. A name is the service's identity: another name makes another service. */
  readonly services: { [name: string]: PlatformServiceOptions };
  /**
   * Name of the platform. Without one, browsers reach the site under CloudFront's name, and CloudFront the load balancer over HTTP inside AWS's network.
   * @default - CloudFront's name
   */
  readonly domain?: PlatformDomain;
  /**
   * The site, and what CloudFront serves.
   * @default - none; the load balancer is public
   */
  readonly site?: StaticCdnSiteOptions;
  /**
   * Paths of the site's name that services answer.
   * @default ['/api/*']
   */
  readonly apiPaths?: string[];
  /**
   * Whether the load balancer is reached from the internet too, at `api.` before the domain, rather than through CloudFront alone.
   *
   * Another value replaces the load balancer. A platform that begins without a site and gets one later says `true` to keep it.
   * @default - true without a site, otherwise false; as it is where `loadBalancer` is given
   */
  readonly publicLoadBalancer?: boolean;
  /**
   * Firewall before the load balancer, in this region, such as one with rules of your own. CloudFront comes with a few addresses for everybody, so that
   * it must not limit these by address where there is a site.
   * @default - one with the recommended rules where the profile says so; before a public load balancer with a limit by address, for all but Amazon's network
   * where there is a site
   */
  readonly loadBalancerFirewall?: IWebFirewall;
  /**
   * How users sign in.
   * @default - they do not
   */
  readonly signIn?: PlatformSignInOptions;
  /**
   * What users upload, and what is made of it. Images are served below `/images/` where there is a site.
   * @default - nothing
   */
  readonly uploads?: ImageUploadsOptions;
  /**
   * What users search: an OpenSearch domain in the network (29 USD a month in development and staging, 253 in production).
   * @default - none
   */
  readonly search?: PlatformSearchOptions;
  /**
   * Who is told of what, and what the platform promises.
   * @default - nobody is told; in production there are alarms on 99.9 % availability, and on 95 % of the requests within 200 ms
   */
  readonly alerts?: PlatformAlertOptions;
  /**
   * Where errors of services and site are collected, such as `ErrorTracking.sentry(…)`.
   * @default - in the logs only
   */
  readonly errorTracking?: ErrorTracking;
  /**
   * The way back: backups of database and uploads, and of further buckets and tables, in this and another region, and tests that they can be restored.
   * @default - RDS's own backups, and older versions of files
   */
  readonly recovery?: RecoveryOptions;
  /**
   * What a month may cost. The platform's own topic and addresses are told where it names none.
   * @default - no budget
   */
  readonly budget?: BudgetProps;
  /**
   * Whose costs people are told of when they are not as usual. The platform's own topic is told where it names none.
   *
   * An account may have one monitor of all its services: where AWS or another platform made it, give it as `existing`.
   * @default - no monitor
   */
  readonly costAnomalies?: CostAnomalyMonitorProps;
  /**
   * Hours in which development or staging runs; outside of them the platform's services and workers have no task, its database is stopped, and what would
   * ring because of that is silent. Scheduled tasks keep their times: give them times within the hours. Refused in production.
   * @default - it always runs
   */
  readonly workingHours?: WorkingHoursOptions;
}
