import { IConstruct } from 'constructs';
import type { SiteKind } from './site-kind';
import { PlatformError } from '../errors';

/** CloudFront's limit for the code of a function. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions */
export const MAXIMUM_FUNCTION_BYTES = 10_240;

/** What the function at the edge does with a request. */
export interface ViewerRequestOptions {
  readonly kind: SiteKind;
  /** The site's one name, where others are redirected to it. */
  readonly canonicalName?: string;
  /** The other names. */
  readonly otherNames?: string[];
  /** Whether visitors have to know a password. */
  readonly password: boolean;
}

/*
 * The parts of the program. It runs in CloudFront's own runtime: ECMAScript 5.1 with const, let, arrow functions, template literals and
 * async, so neither destructuring nor for-of nor optional chaining:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */

const PASSWORD = `
// The store has the SHA-256 of the one right header. Without it, nobody is let in.
async function isAllowed(request) {
  const header = request.headers.authorization;
  if (!header) return false;
  try {
    const right = await cf.kvs().get('basic-auth');
    return crypto.createHash('sha256').update(header.value).digest('hex') === right;
  } catch (error) {
    return false;
  }
}
`;

const UNAUTHORIZED = `{
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: {
      'www-authenticate': { value: 'Basic realm="site", charset="UTF-8"' },
      'cache-control': { value: 'no-store' },
    },
  }`;

const REDIRECT = `
function redirect(location) {
  return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: location } } };
}

function query(request) {
  const parts = [];
  Object.keys(request.querystring || {}).forEach(name => {
    const entry = request.querystring[name];
    (entry.multiValue || [entry]).forEach(one => parts.push(name + '=' + one.value));
  });
  return parts.length > 0 ? '?' + parts.join('&') : '';
}
`;

const LOCAL = `
// A browser takes //name and /\\name for another host, and looks over control characters.
function local(uri) {
  return uri.replace(/^[\\/\\\\\\x00-\\x20]+/, '/');
}
`;

const WITHOUT_SLASH = `
function withoutSlash(uri) {
  let end = uri.length;
  while (uri[end - 1] === '/') end -= 1;
  return uri.slice(0, end);
}
`;

const IS_FILE = `
// The last segment has an extension: letters and digits with at least one letter.
function isFile(uri) {
  const dot = uri.lastIndexOf('.');
  const extension = uri.slice(dot + 1);
  return dot >= 0 && /^[a-z0-9]+$/i.test(extension) && /[a-z]/i.test(extension) || uri.startsWith('/.well-known/');
}
`;

/** The program of the function at the edge; undefined where requests stay as they are. */
export function viewerRequestCode(options: ViewerRequestOptions): string | undefined {
  const { kind, canonicalName, otherNames = [], password } = options;
  const rewrite = kind._rewrite();
  const redirectsNames = canonicalName !== undefined && otherNames.length > 0;
  if (rewrite.length === 0 && !redirectsNames && !password) return undefined;

  const steps = [
    ...redirectsNames ? redirectNames() : [],
    ...password ? [`if (!(await isAllowed(request))) return ${UNAUTHORIZED};`] : [],
    ...rewrite.length > 0 ? rewriteSteps(rewrite) : [],
    'return request;',
  ];
  const uses = (name: string) => steps.some(step => step.includes(`${name}(`));
  return [
    ...password ? ["import cf from 'cloudfront';", "import crypto from 'crypto';", ''] : [],
    ...redirectsNames ? [`const NAME = ${JSON.stringify(canonicalName)};`, `const OTHER_NAMES = ${JSON.stringify(otherNames)};`, ''] : [],
    `${password ? 'async ' : ''}function handler(event) {`,
    '  const request = event.request;',
    ...steps.map(step => `  ${step}`),
    '}',
  ].join('\n') + '\n' + [
    password ? PASSWORD : '',
    uses('redirect') ? REDIRECT : '',
    uses('local') ? LOCAL : '',
    uses('withoutSlash') ? WITHOUT_SLASH : '',
    uses('isFile') ? IS_FILE : '',
  ].join('');
}

function redirectNames(): string[] {
  return [
    "const host = request.headers.host ? request.headers.host.value.toLowerCase().split(':')[0] : NAME;",
    "if (OTHER_NAMES.indexOf(host) >= 0) return redirect('https://' + NAME + local('/' + request.uri) + query(request));",
  ];
}

function rewriteSteps(rewrite: string[]): string[] {
  return [
    '// What a dot is to S3, and to those who decode it.',
    "const uri = request.uri.replace(/%2e/gi, '.');",
    "if (uri[0] !== '/' || /\\/\\.\\.?(\\/|$)/.test(uri)) return { statusCode: 400, statusDescription: 'Bad Request' };",
    'if (isFile(uri)) return request;',
    ...rewrite,
  ];
}

/** Refuses a program that CloudFront would refuse, in the middle of a deployment. */
export function checkFunctionSize(where: IConstruct, code: string): void {
  const bytes = Buffer.byteLength(code);
  if (bytes <= MAXIMUM_FUNCTION_BYTES) return;
  throw new PlatformError(where, {
    problem: 'the function at the edge is too large.',
    got: `${bytes} bytes`,
    allowed: `at most ${MAXIMUM_FUNCTION_BYTES} bytes`,
    fix: 'name fewer domains, or set redirectToFirstName to false',
  });
}
