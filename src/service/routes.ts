import { createHash } from 'crypto';
import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { exactnessOfHost, exactnessOfPath, HOST_LEVELS, includes, isMoreExact, PATH_LEVELS } from './route-pattern';
import { PlatformError } from '../errors';
import { checkInteger, checkText } from '../validate';

/** Which requests a service answers. */
export interface Route {
  readonly hosts: string[];
  readonly paths: string[];
  readonly priority?: number;
}

interface Claim {
  readonly service: IConstruct;
  readonly priority: number;
  readonly chosen: boolean;
  readonly requests: Requests[];
}

/** One host pattern with one path pattern. */
interface Requests {
  readonly host: string;
  readonly path: string;
}

const ANYTHING = '*';
const ANY_PATH = '/*';
const MAXIMUM_PRIORITY = 50_000;
/** Priorities within one level of exactness. What is left above all levels is free for rules of a team's own. */
const SLOTS = Math.floor((MAXIMUM_PRIORITY - 200) / (HOST_LEVELS * PATH_LEVELS));

/** The routes of one listener: each request has one service, the more exact route wins, and a service keeps its priority whatever is added beside it. */
export class Routes {
  private readonly claims: Claim[] = [];

  /** Takes a route for a service and answers its priority. */
  public add(service: IConstruct, route: Route): number {
    validateRoute(service, route);
    const chosen = route.priority !== undefined;
    const claim = { service, priority: route.priority ?? defaultPriority(service, route), chosen, requests: requestsOf(route) };
    for (const other of this.claims) {
      checkFreeRequests(claim, other);
      this.checkFreePriority(claim, other);
      checkReachable(claim, other);
    }
    this.claims.push(claim);
    return claim.priority;
  }

  private checkFreePriority({ service, priority, chosen }: Claim, other: Claim): void {
    if (priority !== other.priority || Token.isUnresolved(priority)) return;
    const taken = this.claims.map(claim => claim.priority).filter(each => !Token.isUnresolved(each));
    throw new PlatformError(service, {
      problem: `${other.service.node.path} has the listener rule priority ${priority} already.`,
      got: `priority ${priority}${chosen ? '' : ' (derived from the route and the path of the construct)'}`,
      allowed: `1 to ${MAXIMUM_PRIORITY}, other than ${taken.join(', ')}`,
      fix: chosen ? 'choose another priority, or leave it out' : 'set priority on one of the two services',
    });
  }
}

function checkFreeRequests(claim: Claim, other: Claim): void {
  const taken = claim.requests.find(({ host, path }) => other.requests.some(each => each.host === host && each.path === path));
  if (taken === undefined) return;
  throw new PlatformError(claim.service, {
    problem: `${other.service.node.path} answers the same requests already.`,
    got: `host and path '${taken.host}${taken.path}'`,
    allowed: 'hosts and paths that no other service of the load balancer has',
    fix: 'give one of the two services another path or host',
  });
}

/** A derived priority looks at a service's least exact pattern, so a service with several patterns can come out on the wrong side of another. */
function checkReachable(claim: Claim, other: Claim): void {
  if (claim.chosen || other.chosen) return;
  const [first, second] = claim.priority < other.priority ? [claim, other] : [other, claim];
  for (const hidden of second.requests) {
    const general = first.requests.find(each => includesRequests(each, hidden));
    if (general === undefined) continue;
    throw new PlatformError(claim.service, {
      problem: `the rule of ${first.service.node.path} would hide '${hidden.host}${hidden.path}' of ${second.service.node.path}: it comes first and matches '${general.host}${general.path}'.`,
      got: `priorities ${first.priority} and ${second.priority} (derived from the routes)`,
      allowed: `a lower priority for ${second.service.node.path} than for ${first.service.node.path}`,
      fix: 'set priority on the service with the more exact pattern, or split the service with several patterns',
    });
  }
}

function includesRequests(general: Requests, exact: Requests): boolean {
  return includes(general.host, exact.host) && includes(general.path, exact.path)
    && (isMoreExact(exact.host, general.host) || isMoreExact(exact.path, general.path));
}

function requestsOf({ hosts, paths }: Route): Requests[] {
  const hostPatterns = hosts.length > 0 ? hosts : [ANYTHING];
  const pathPatterns = paths.length > 0 ? paths : [ANY_PATH];
  // Hosts are compared without regard to case, paths with it.
  return hostPatterns.flatMap(host => pathPatterns.map(path => ({ host: Token.isUnresolved(host) ? host : host.toLowerCase(), path })));
}

function validateRoute(service: IConstruct, { hosts, paths, priority }: Route): void {
  for (const path of paths) {
    checkText(service, 'paths', path, /^\/[A-Za-z0-9_\-.$/~"'@:+&*?]{0,127}$/, 'a path that begins with /, at most 128 characters, such as /api/*');
  }
  for (const host of hosts) {
    checkText(service, 'hosts', host, /^[A-Za-z0-9*?][A-Za-z0-9*?.-]{0,127}$/, 'a host name, such as api.example.com or *.example.com');
  }
  checkInteger(service, 'priority', priority, 1, MAXIMUM_PRIORITY);
  const values = hosts.length + paths.length;
  if (values >= 1 && values <= 5) return;
  throw new PlatformError(service, {
    problem: 'a listener rule takes 1 to 5 hosts and paths together.',
    got: `${hosts.length} hosts, ${paths.length} paths`,
    allowed: '1 to 5',
    fix: 'use wildcards, or split the service',
  });
}

/**
 * Exact hosts go before hosts with wildcards and those before any host; within one host exact paths go before longer prefixes and those
 * before shorter ones. Within one level a slot is derived from the construct's path and not from the order of addition: a service that
 * is added or removed never moves another's rule.
 */
function defaultPriority(service: IConstruct, route: Route): number {
  const requests = requestsOf(route);
  const host = Math.min(...requests.map(each => exactnessOfHost(each.host)));
  const path = Math.min(...requests.map(each => exactnessOfPath(each.path)));
  const level = HOST_LEVELS * PATH_LEVELS - 1 - (host * PATH_LEVELS + path);
  const slot = createHash('sha256').update(service.node.path).digest().readUInt32BE(0) % SLOTS;
  return 1 + level * SLOTS + slot;
}
