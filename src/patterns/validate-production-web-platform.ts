import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkGivenParts, GivenParts } from './given-parts';
import { entryName, isInternal, isPublic } from './platform-entry';
import { asksServices } from './platform-uptime';
import type { PlatformDomain, PlatformServiceOptions, PlatformSignInOptions, ProductionWebPlatformProps } from './production-web-platform-props';
import { checkDomainName, checkDomainNames, checkHostedZone } from '../edge/validate-domain';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import type { WebLoadBalancer } from '../service';
import { checkBoolean, checkGiven, checkKind, checkList, checkMap, checkText, display } from '../validate';

const NAME = /^[A-Za-z][A-Za-z0-9-]*$/;

/** Ids of the platform's own parts. */
const TAKEN = ['EncryptionKey', 'Network', 'Cluster', 'LoadBalancer', 'Database', 'Cache', 'Monitoring', 'ReleaseOperator'];

const GIVEN_PARTS: GivenParts<ProductionWebPlatformProps> = [['loadBalancer', ['loadBalancerFirewall']]];
const GIVEN_DIRECTORY: GivenParts<PlatformSignInOptions> = [[
  'directory', ['domain', 'existing', 'providers', 'selfSignUp', 'featurePlan', 'mfa', 'passwordPolicy', 'standardAttributes', 'customAttributes', 'email'],
]];

const MAPS = [
  'services', 'domain', 'site', 'signIn', 'uploads', 'search', 'alerts', 'recovery', 'budget', 'costAnomalies', 'workingHours',
] as const;

/** Which platform has a name, in each app. */
const claims = new WeakMap<IConstruct, Map<string, string>>();

/** Refuses parts that do not go together. What belongs to one part is judged by that part. */
export function validateProductionWebPlatform(where: IConstruct, props: ProductionWebPlatformProps): void {
  checkGiven(where, 'services', props?.services, 'services by name, such as { Api: { image, containerPort: 8000 } }');
  for (const prop of MAPS) checkMap(where, prop, props[prop]);
  checkKind(where, 'profile', props.profile, 'databaseClass', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'loadBalancer', props.loadBalancer, '_addRoute', 'a WebLoadBalancer');
  checkKind(where, 'loadBalancerFirewall', props.loadBalancerFirewall, 'webAclArn', 'a WebFirewall with FirewallPlacement.regional()');
  checkKind(where, 'errorTracking', props.errorTracking, 'siteValues', 'an ErrorTracking, such as ErrorTracking.sentry(…)');
  checkBoolean(where, 'publicLoadBalancer', props.publicLoadBalancer);
  checkBoolean(where, 'search.ingestion', props.search?.ingestion);
  checkBoolean(where, 'alerts.objectives', props.alerts?.objectives);
  checkList(where, 'apiPaths', props.apiPaths);
  checkList(where, 'alerts.emails', props.alerts?.emails);
  checkText(where, 'alerts.uptimePath', props.alerts?.uptimePath, /^\/[^\s]{0,254}$/, 'a path that begins with /, without spaces, at most 255 characters');
  checkGivenParts(where, props, GIVEN_PARTS);
  checkOneService(where, props);
  if (props.domain) checkDomain(where, props.domain);
  if (props.loadBalancer) checkGivenLoadBalancer(where, props, props.loadBalancer);
  else checkEntry(where, props);
  checkSite(where, props);
  checkUptimePath(where, props);
  if (props.signIn) checkSignIn(where, props.signIn, props);
  for (const [name, options] of Object.entries(props.services)) checkService(where, name, options, props);
  if (props.domain) claim(where, props.domain.domainName);
}

/** Refuses a service that would never be called, or that takes the place of one of the platform's own parts. */
export function checkService(where: IConstruct, name: string, options: PlatformServiceOptions, props: ProductionWebPlatformProps): void {
  const { site } = props;
  checkText(where, 'name of a service', name, NAME, 'letters, digits and hyphens, beginning with a letter');
  checkGiven(where, `services.${name}`, options, 'what the service runs, such as { image, containerPort: 8000 }');
  checkMap(where, `services.${name}`, options);
  for (const prop of ['usesSignIn', 'usesUploads', 'usesSearch'] as const) checkBoolean(where, `services.${name}.${prop}`, options[prop]);
  if (TAKEN.includes(name)) {
    throw new PlatformError(where, {
      problem: 'the name of a service is that of one of the platform\'s own parts.',
      got: `service ${name}`,
      allowed: `names besides ${TAKEN.join(', ')}`,
      fix: `call it ${name}Service`,
    });
  }
  if (site && !isPublic(props) && options.signIn) {
    throw new PlatformError(where, {
      problem: 'browsers come back from the sign-in pages to the load balancer, which CloudFront alone reaches.',
      got: `services.${name}.signIn, and a private load balancer`,
      allowed: 'services that verify tokens themselves, or publicLoadBalancer',
      fix: 'leave it out and read AUTH_ISSUER, AUTH_JWKS_URI and AUTH_CLIENT_ID in the service',
    });
  }
  if (!site || !options.hosts?.length) return;
  throw new PlatformError(where, {
    problem: 'CloudFront brings requests of one name, so that services cannot be told apart by hosts.',
    got: `services.${name}.hosts ${display(options.hosts)}`,
    allowed: `services.${name}.paths`,
    fix: `give paths, such as ['/api/${name.toLowerCase()}/*']`,
  });
}

function checkOneService(where: IConstruct, { services }: ProductionWebPlatformProps): void {
  if (Object.keys(services).length > 0) return;
  throw new PlatformError(where, {
    problem: 'a platform has at least one service.', got: 'services {}', allowed: 'one or more', fix: 'add one, or compose a StaticCdnSite where there is none',
  });
}

function checkDomain(where: IConstruct, { domainName, alternativeDomainNames, hostedZone }: PlatformDomain): void {
  checkGiven(where, 'domain.domainName', domainName, 'a domain name, such as example.com');
  checkDomainName(where, 'domain.domainName', domainName);
  checkList(where, 'domain.alternativeDomainNames', alternativeDomainNames);
  checkGiven(where, 'domain.hostedZone', hostedZone, 'a route53.IHostedZone');
  checkHostedZone(where, hostedZone);
  checkDomainNames(where, { props: 'domain.domainName and domain.alternativeDomainNames', names: [domainName, ...alternativeDomainNames ?? []], hostedZone });
}

function checkSite(where: IConstruct, { site, apiPaths, domain, uploads }: ProductionWebPlatformProps): void {
  if (!site && apiPaths !== undefined) {
    throw new PlatformError(where, {
      problem: 'apiPaths says what CloudFront does not serve from the site, but there is no site.', got: 'apiPaths, and no site', allowed: 'apiPaths with site', fix: 'leave apiPaths out',
    });
  }
  if (!site || !uploads || domain) return;
  throw new PlatformError(where, {
    problem: 'pages upload to a bucket that has to know the name of their site, and the site has to know the bucket: CloudFront\'s name comes too late.',
    got: 'uploads with a site, and no domain',
    allowed: 'uploads with a domain, or without a site',
    fix: 'give a domain',
  });
}

function checkEntry(where: IConstruct, { site, publicLoadBalancer, domain }: ProductionWebPlatformProps): void {
  if (!site && publicLoadBalancer === false) {
    throw new PlatformError(where, {
      problem: 'nobody would reach the services: without a site there is no CloudFront before the load balancer.',
      got: 'publicLoadBalancer false, and no site',
      allowed: 'publicLoadBalancer true, or a site',
      fix: 'leave publicLoadBalancer out',
    });
  }
  if (!site || !publicLoadBalancer || domain) return;
  throw new PlatformError(where, {
    problem: 'CloudFront speaks HTTPS to a load balancer that is public, and needs a name for that.',
    got: 'publicLoadBalancer true with a site, and no domain',
    allowed: 'a domain, or a load balancer that CloudFront alone reaches',
    fix: 'give a domain, or leave publicLoadBalancer out',
  });
}

/** CloudFront compares the certificate with the name that it asks for; AWS's own name is on none. */
function checkGivenLoadBalancer(where: IConstruct, props: ProductionWebPlatformProps, loadBalancer: WebLoadBalancer): void {
  const { path } = loadBalancer.node;
  const scheme = isInternal(loadBalancer) ? 'internal' : 'internet-facing';
  if (props.publicLoadBalancer !== undefined && props.publicLoadBalancer !== isPublic(props)) {
    throw new PlatformError(where, {
      problem: 'the load balancer that is given is not what publicLoadBalancer says.',
      got: `publicLoadBalancer ${props.publicLoadBalancer}, and ${path}, which is ${scheme}`,
      allowed: 'loadBalancer alone',
      fix: 'leave publicLoadBalancer out',
    });
  }
  if (!props.site || entryName(props) !== undefined || (!isPublic(props) && !loadBalancer.certificate)) return;
  throw new PlatformError(where, {
    problem: 'CloudFront speaks HTTPS to the load balancer that is given, which has no name that its certificate could be for.',
    got: `a site, and ${path}, which is ${scheme} and has ${loadBalancer.certificate ? 'a certificate and no domainName' : 'no certificate'}`,
    allowed: 'a load balancer with domainName and a certificate for it, or an internal one without HTTPS',
    fix: 'give it domainName and hostedZone, or domainName and certificate, where it is made',
  });
}

/** An explicit wish is not ignored in silence, and not granted where it would wake somebody every night. */
function checkUptimePath(where: IConstruct, props: ProductionWebPlatformProps): void {
  const { alerts, workingHours, profile = EnvironmentProfile.production() } = props;
  if (!workingHours || !profile.alarms || alerts?.uptimePath === undefined || !asksServices(props, alerts.uptimePath)) return;
  throw new PlatformError(where, {
    problem: 'uptimePath is answered by services, which sleep outside the workingHours: a critical alarm would ring every night.',
    got: `alerts.uptimePath ${display(alerts.uptimePath)}, and workingHours`,
    allowed: 'a path of the site, or one of them alone',
    fix: 'leave alerts.uptimePath out where there are workingHours',
  });
}

function checkSignIn(where: IConstruct, signIn: PlatformSignInOptions, { domain, site }: ProductionWebPlatformProps): void {
  checkKind(where, 'signIn.directory', signIn.directory, 'addBrowserClient', 'a UserDirectory');
  for (const prop of ['callbackPath', 'logoutPath'] as const) checkText(where, `signIn.${prop}`, signIn[prop], /^\/[^\s#]*$/, 'a path such as /callback');
  checkGivenParts(where, signIn, GIVEN_DIRECTORY);
  if ((domain && site) || !signIn.providers?.length || signIn.domain) return;
  throw new PlatformError(where, {
    problem: 'people sign in with accounts of others on sign-in pages, which have no name here.',
    got: `signIn.providers, and no ${domain ? 'site' : 'domain'}`,
    allowed: 'a domain with a site, whose sign-in pages are at auth. before it, or signIn.domain',
    fix: "give a domain and a site, or signIn.domain: SignInDomain.prefix('shop')",
  });
}

function claim(where: IConstruct, domainName: string): void {
  if (Token.isUnresolved(domainName)) return;
  const names = claims.get(where.node.root) ?? new Map<string, string>();
  claims.set(where.node.root, names);
  const other = names.get(domainName.toLowerCase());
  names.set(domainName.toLowerCase(), where.node.path);
  if (other === undefined) return;
  throw new PlatformError(where, {
    problem: 'two platforms have one name, and CloudFront gives a name to one distribution only.',
    got: `domain.domainName ${display(domainName)}, which ${other} has`,
    allowed: 'a name that no other platform has',
    fix: `give one of them another name, such as staging.${domainName}`,
  });
}
