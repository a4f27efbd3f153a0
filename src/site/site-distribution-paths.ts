import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkGiven, checkKnown, checkList, checkText } from '../validate';

/** CloudFront's quota of behaviors, with the default one: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
export const MAXIMUM_BEHAVIORS = 75;

const PATTERN = /^\/?[A-Za-z0-9_.*$/~"'@:+&?-]{1,254}$/;

/** Refuses patterns that CloudFront would refuse, and those that would take the whole site. */
export function checkPathPatterns(where: IConstruct | string, patterns: string[]): void {
  checkList(where, 'pathPatterns', patterns);
  checkKnown(where, 'pathPatterns', patterns);
  if (patterns.length === 0) {
    throw new PlatformError(where, {
      problem: 'pathPatterns is empty, so nothing would reach the API.',
      got: 'pathPatterns []',
      allowed: 'at least one pattern',
      fix: "name the paths, such as '/api/*', or leave pathPatterns out",
    });
  }
  for (const pattern of patterns) checkPathPattern(where, pattern);
}

function checkPathPattern(where: IConstruct | string, pattern: string): void {
  checkGiven(where, 'pathPatterns', pattern, 'a pattern such as /api/*');
  checkKnown(where, 'pathPatterns', pattern);
  checkText(where, 'pathPatterns', pattern, PATTERN, 'up to 255 letters, digits and _ - . * $ / ~ " \' @ : + & ?, such as /api/*');
  if (!includes(pattern, '/')) return;
  throw new PlatformError(where, {
    problem: 'the pattern takes the site\'s first page, or all of it.',
    got: `pathPatterns '${pattern}'`,
    allowed: 'patterns below the first page, such as /api/*',
    fix: 'choose a pattern of a part of the site',
  });
}

/** Refuses a pattern that is there already, or that an earlier one includes: CloudFront takes the first that fits, so it would never be reached. */
export function checkNewPatterns(where: IConstruct | string, earlier: string[], added: string[]): void {
  const all = [...earlier];
  for (const pattern of added) {
    const before = all.find(other => includes(other, pattern));
    if (before !== undefined) throw overlap(where, before, pattern);
    all.push(pattern);
  }
  if (all.length < MAXIMUM_BEHAVIORS) return;
  throw new PlatformError(where, {
    problem: 'there are more path patterns than a distribution can have.',
    got: `${all.length} patterns and the site itself`,
    allowed: `${MAXIMUM_BEHAVIORS} behaviors, the site's own among them`,
    fix: 'put several paths into one pattern with a wildcard',
  });
}

function overlap(where: IConstruct | string, before: string, pattern: string): PlatformError {
  return new PlatformError(where, {
    problem: absolute(before) === absolute(pattern) ? `the path pattern ${pattern} is there twice.` : `the path pattern ${pattern} is never reached: ${before} comes first and includes it.`,
    got: `${before}, then ${pattern}`,
    allowed: 'patterns of which no earlier one includes a later one',
    fix: 'put the more exact pattern first, or leave it out',
  });
}

/** Whether every path that `exact` matches is matched by `general` too. In CloudFront `*` is any number of characters and `?` is one, slashes among them. */
function includes(general: string, exact: string): boolean {
  const source = absolute(general).replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '[^*]');
  return new RegExp(`^${source}$`).test(absolute(exact));
}

/** `images/*` and `/images/*` are the same to CloudFront. */
function absolute(pattern: string): string {
  return pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`;
}

/** Refuses what is no whole folder: the distribution is allowed to read a folder, and no files by a pattern. */
export function checkFolderPattern(where: IConstruct | string, pattern: string): void {
  checkGiven(where, 'pathPattern', pattern, 'a folder and what is in it, such as /images/*');
  checkKnown(where, 'pathPattern', pattern);
  checkText(where, 'pathPattern', pattern, /^(\/[\w.~-]+)+\/\*$/, 'a folder and what is in it, such as /images/*');
}
