import { createHash } from 'crypto';
import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkInteger, checkText } from '../validate';

/** Which requests a service answers. */
export interface Route {
  readonly hosts: string[];
  readonly paths: string[];
  readonly priority?: number;
}

const ANY_PATH = '/*';
const MAXIMUM_PRIORITY = 50_000;
const BAND = 16_000;
const SLOTS = 150;

/** The routes of one listener: each request has one service, the more exact route wins, and a service keeps its priority whatever is added beside it. */
export class Routes {
  private readonly owners = new Map<string, IConstruct>();
  private readonly priorities = new Map<number, IConstruct>();

  /** Takes a route for a service and answers its priority. */
  public add(service: IConstruct, route: Route): number {
    validateRoute(service, route);
    const priority = route.priority ?? defaultPriority(service, route);
    this.checkFreePriority(service, priority, route.priority !== undefined);
    this.checkFreeRequests(service, route);

    this.priorities.set(priority, service);
    for (const key of requestKeys(route)) this.owners.set(key, service);
    return priority;
  }

  private checkFreePriority(service: IConstruct, priority: number, chosen: boolean): void {
    const owner = this.priorities.get(priority);
    if (owner === undefined || Token.isUnresolved(priority)) return;
    throw new PlatformError(service, {
      problem: `${owner.node.path} has the listener rule priority ${priority} already.`,
      got: `priority ${priority}${chosen ? '' : ' (derived from the route and the path of the construct)'}`,
      allowed: `1 to ${MAXIMUM_PRIORITY}, other than ${[...this.priorities.keys()].join(', ')}`,
      fix: chosen ? 'choose another priority, or leave it out' : 'set priority on one of the two services',
    });
  }

  private checkFreeRequests(service: IConstruct, route: Route): void {
    const taken = requestKeys(route).find(key => this.owners.has(key));
    if (taken === undefined) return;
    throw new PlatformError(service, {
      problem: `${this.owners.get(taken)!.node.path} answers the same requests already.`,
      got: `host and path '${taken}'`,
      allowed: 'hosts and paths that no other service of the load balancer has',
      fix: 'give one of the two services another path or host',
    });
  }
}

function requestKeys({ hosts, paths }: Route): string[] {
  const hostKeys = hosts.length > 0 ? hosts : ['*'];
  const pathKeys = paths.length > 0 ? paths : [ANY_PATH];
  return hostKeys.flatMap(host => pathKeys.map(path => `${host}${path}`));
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
 * Hosts go before paths, longer patterns before shorter ones, "everything" last. Within one length a slot is derived from the
 * construct's path and not from the order of addition: a service that is added or removed never moves another's rule.
 */
function defaultPriority(service: IConstruct, { hosts, paths }: Route): number {
  const band = hosts.length > 0 ? 0 : 1;
  const literal = Math.min(...[...hosts, ...paths.filter(path => path !== ANY_PATH)].map(pattern => pattern.replace(/[*?]/g, '').length), 100);
  const isCatchAll = hosts.length === 0 && paths.includes(ANY_PATH);
  const slot = createHash('sha256').update(service.node.path).digest().readUInt32BE(0) % SLOTS;
  return isCatchAll ? 2 * BAND + 1 + slot : 1 + band * BAND + (100 - literal) * SLOTS + slot;
}
