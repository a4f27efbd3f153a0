import { IConstruct } from 'constructs';
import type { AmplifyHeaders } from './amplify-app-props';
import { PlatformError } from '../errors';
import { checkGiven, checkKnown, checkList, checkMap, checkText, display } from '../validate';
import { toYaml } from '../yaml';

const EVERYWHERE = '**/*';
const LONGEST = 25_000;

/** What makes browsers careful, and no site needs otherwise. What pages may load is the app's to say: a server makes a nonce for each page. */
const CAREFUL: { readonly [name: string]: string } = {
  'Strict-Transport-Security': 'max-age=31536000',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Content-Security-Policy': "base-uri 'self'; frame-ancestors 'self'; object-src 'none'",
};

/**
 * The text that Amplify wants, with the careful headers first and the team's own over them.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/custom-header-YAML-format.html
 */
export function customHeaders(given: readonly AmplifyHeaders[], appRoot?: string): string {
  const rules = merged([{ headers: CAREFUL }, ...given]).map(({ pattern, headers }) => ({
    pattern,
    headers: Object.entries(headers).filter(([, value]) => value !== '').map(([key, value]) => ({ key, value })),
  }));
  const list = { customHeaders: rules.filter(({ headers }) => headers.length > 0) };
  return toYaml(appRoot === undefined ? list : { applications: [{ appRoot, ...list }] });
}

/** One rule for each pattern. Names of headers are the same in upper and lower case. */
function merged(rules: readonly AmplifyHeaders[]): { pattern: string; headers: { [name: string]: string } }[] {
  const byPattern = new Map<string, { [name: string]: string }>();
  for (const { pattern = EVERYWHERE, headers } of rules) {
    const names = new Set(Object.keys(headers).map(name => name.toLowerCase()));
    const before = Object.entries(byPattern.get(pattern) ?? {}).filter(([name]) => !names.has(name.toLowerCase()));
    byPattern.set(pattern, { ...Object.fromEntries(before), ...headers });
  }
  return [...byPattern].map(([pattern, headers]) => ({ pattern, headers }));
}

/** Amplify takes the text as it is: what is only known at deployment could break it. */
export function validateAmplifyHeaders(where: IConstruct, given: readonly AmplifyHeaders[], appRoot?: string): void {
  const form = "headers by name, such as { headers: { 'X-Robots-Tag': 'noindex' } }";
  checkList(where, 'customHeaders', given);
  checkKnown(where, 'customHeaders', given);
  for (const rule of given) {
    checkGiven(where, 'customHeaders', rule?.headers, form);
    const { pattern, headers } = rule;
    checkKnown(where, 'customHeaders pattern', pattern);
    checkText(where, 'customHeaders pattern', pattern, /^[\x21-\x7e]+$/, 'a path such as /images/*, without spaces');
    checkMap(where, 'customHeaders headers', headers);
    for (const [name, value] of Object.entries(headers)) checkHeader(where, name, value);
  }
  checkLength(where, customHeaders(given, appRoot).length);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-amplify-app.html */
function checkLength(where: IConstruct, length: number): void {
  if (length <= LONGEST) return;
  throw new PlatformError(where, {
    problem: 'the headers are longer than Amplify takes.',
    got: `customHeaders with ${length} characters as YAML`,
    allowed: `${LONGEST}`,
    fix: 'say once for a pattern what is the same for all of its addresses',
  });
}

function checkHeader(where: IConstruct, name: string, value: string): void {
  checkText(where, 'customHeaders', name, /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'names of headers, such as X-Robots-Tag');
  checkKnown(where, 'customHeaders', name);
  checkKnown(where, `customHeaders ${name}`, value);
  if (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)) return;
  throw new PlatformError(where, {
    problem: `${name} has a value that is no header.`,
    got: `customHeaders ${name} ${display(value)}`,
    allowed: 'printable ASCII characters on one line',
    fix: `correct the value of ${name}`,
  });
}
