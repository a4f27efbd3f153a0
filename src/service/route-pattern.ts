/*
 * How exact a pattern of a listener rule is, in few levels: the fewer there are, the more priorities each has, and the rarer it is
 * that two services come out on the same one. A pattern that includes another is on a lower level, or on the same in rare cases.
 */

const WILDCARD = /[*?]/;

/** Any host, hosts with wildcards and up to two, three, or more labels, an exact host. */
export const HOST_LEVELS = 5;

/** Any path, six lengths of prefix, an exact path. */
export const PATH_LEVELS = 8;

/** Level of a host pattern, 0 for any host. */
export function exactnessOfHost(pattern: string): number {
  if (pattern === '*') return 0;
  if (!WILDCARD.test(pattern)) return HOST_LEVELS - 1;
  const labels = pattern.split('.').filter(label => label !== '' && !WILDCARD.test(label)).length;
  return Math.min(Math.max(labels - 1, 1), HOST_LEVELS - 2);
}

/** Level of a path pattern, 0 for any path: two for each whole segment, one for a segment that is only begun. */
export function exactnessOfPath(pattern: string): number {
  if (pattern === '/*') return 0;
  if (!WILDCARD.test(pattern)) return PATH_LEVELS - 1;
  const segments = pattern.split('/').slice(1).filter(segment => segment !== '');
  const whole = segments.filter(segment => !WILDCARD.test(segment)).length;
  const begun = segments.some(segment => WILDCARD.test(segment) && /[^*?]/.test(segment)) ? 1 : 0;
  return Math.min(Math.max(2 * whole + begun, 1), PATH_LEVELS - 2);
}

/** Whether every request that `exact` matches is matched by `general` too. */
export function includes(general: string, exact: string): boolean {
  const source = general.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '[^*]');
  return new RegExp(`^${source}$`).test(exact);
}

/** Whether `general` matches more than `exact` does. */
export function isMoreExact(exact: string, general: string): boolean {
  return !includes(exact, general);
}
