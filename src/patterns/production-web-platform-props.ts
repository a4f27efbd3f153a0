import type * as route53 from 'aws-cdk-lib/aws-route53';
import { ContainerPlatformParts } from './container-platform-props';
import { ApiScheduledTaskOptions, ApiServiceOptions, ApiWorkerOptions } from './data-access';
import { StaticCdnSiteOptions } from './static-cdn-site-props';
import type { BudgetProps, CostAnomalyMonitorProps, WorkingHoursOptions } from '../cost';
import type { IWebFirewall } from '../edge';
import type { SignInDomain, UserDirectory, UserDirectoryOptions } from '../identity';

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
}

/** Options of a service of a `ProductionWebPlatform`. */
export interface PlatformServiceOptions extends ApiServiceOptions, PlatformAccess {}

/** Options of a worker of a `ProductionWebPlatform`. */
export interface PlatformWorkerOptions extends ApiWorkerOptions, PlatformAccess {}

/** Options of a scheduled task of a `ProductionWebPlatform`. */
export interface PlatformScheduledTaskOptions extends ApiScheduledTaskOptions, PlatformAccess {}

/** How users of a platform sign in. */
export interface PlatformSignInOptions extends UserDirectoryOptions {
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
   * @default - true without a site, otherwise false
   */
  readonly publicLoadBalancer?: boolean;
  /**
   * Firewall before the load balancer, in this region, such as one with rules of your own. CloudFront comes with a few addresses for everybody, so that
   * it must not limit requests by address where there is a site.
   * @default - one with the recommended rules where the profile says so
   */
  readonly loadBalancerFirewall?: IWebFirewall;
  /**
   * How users sign in.
   * @default - they do not
   */
  readonly signIn?: PlatformSignInOptions;
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
   * Hours in which development or staging runs; outside of them the platform's services have no task and its database is stopped. Refused in production.
   * @default - it always runs
   */
  readonly workingHours?: WorkingHoursOptions;
}
