import { IConstruct } from 'constructs';
import { SITE_PREFIX } from './files';
import { PlatformError } from '../../errors';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1024;

/** Refuses a file that S3 would take, and a browser could not ask for or must not. */
export function checkName(where: IConstruct, path: string): void {
  const problem = problemOf(path);
  if (!problem) return;
  throw new PlatformError(where, {
    problem: `a file of the site ${problem}.`,
    got: `file ${JSON.stringify(path)}`,
    allowed: `names in UTF-8 without control characters or backslashes, up to ${LONGEST_KEY - SITE_PREFIX.length} bytes with their folders`,
    fix: 'rename the file, or keep it out of the folder',
  });
}

function problemOf(path: string): string | undefined {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path)) return 'has a control character in its name';
  if (path.includes('\\')) return 'has a backslash in its name, which browsers turn into a slash';
  // What is not UTF-8 is read as this character.
  if (/[\ufffd\p{Surrogate}]/u.test(path)) return 'has a name that is not UTF-8';
  if (path.split('/').some(segment => /^(\.|%2e){0,2}$/i.test(segment))) return 'has a name that browsers leave out of an address';
  if (Buffer.byteLength(SITE_PREFIX + path) > LONGEST_KEY) return 'has a name that is too long for S3';
  if (/(^|\/)(\.git\/|\.git$|\.env(\.|$)|\.npmrc$|\.aws\/)/.test(path)) return 'is one that holds secrets, and a site is public';
  return undefined;
}

/** Refuses two names that look and sound the same, of which a browser on another system asks for the wrong one. */
export function checkNames(where: IConstruct, paths: string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const same = seen.get(path.normalize());
    seen.set(path.normalize(), path);
    if (same === undefined) continue;
    throw new PlatformError(where, {
      problem: 'two files of the site have names that differ only in how Unicode writes a letter.',
      got: [same, path].map(asAscii).join(' and '),
      allowed: 'names that differ in their letters',
      fix: 'remove one of the two, or rename it',
    });
  }
}

function asAscii(text: string): string {
  return `'${text.replace(/[^\x20-\x7e]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}
