import { Duration, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { SignInClientOptions } from './sign-in-client-options';
import { customAttributes, mappedAttributes, requiredAttributes } from './user-attributes';
import type { UserDirectoryProps, UserGroupOptions } from './user-directory-props';
import { PlatformError } from '../errors';
import { checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkOrder, checkText, display } from '../validate';

const MOST_URLS = 100;
const LONGEST_URL = 1024;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HTTPS = /^https:\/\/[^\s/]+(\/\S*)?$/;
const OWN_COMPUTER = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/\S*)?$/;
const OWN_SCHEME = /^(?!(https?|javascript|data|file|vbscript|blob|about):)[a-z][a-z0-9+.-]*:\S+$/;

/** Refuses a client that Cognito would refuse, or that would send users where nobody meant. */
export function validateSignInClient(
  where: Construct, clients: Construct, name: string, options: SignInClientOptions, directory: UserDirectoryProps,
): void {
  checkName(where, clients, 'client', name, /^[A-Za-z][\w-]{0,63}$/, 'letters, digits, _ and -, 1 to 64, beginning with a letter');
  checkGiven(where, 'options', options, 'the options of the client');
  checkUrls(where, `callbackUrls of ${name}`, options.callbackUrls, 1);
  checkUrls(where, `logoutUrls of ${name}`, options.logoutUrls, 0);
  checkScopes(where, name, options);
  checkAttributes(where, name, options, directory);
  checkDuration(where, 'accessTokenValidity', options.accessTokenValidity, 5 * MINUTE, DAY);
  checkDuration(where, 'idTokenValidity', options.idTokenValidity, 5 * MINUTE, DAY);
  checkDuration(where, 'refreshTokenValidity', options.refreshTokenValidity, HOUR, 3650 * DAY);
  const refresh = seconds(options.refreshTokenValidity) ?? 30 * DAY;
  checkOrder(where, 'accessTokenValidity (seconds)', seconds(options.accessTokenValidity), 'refreshTokenValidity (seconds)', refresh);
  checkOrder(where, 'idTokenValidity (seconds)', seconds(options.idTokenValidity), 'refreshTokenValidity (seconds)', refresh);
}

/** Refuses a group that Cognito would refuse. */
export function validateUserGroup(where: Construct, groups: Construct, name: string, options: UserGroupOptions): void {
  checkName(where, groups, 'group', name, /^[\w+=,.@-]{1,128}$/, 'letters, digits and _+=,.@-, 1 to 128');
  checkText(where, `description of ${name}`, options.description, /^[^]{0,2048}$/, 'at most 2048 characters');
  checkInteger(where, `precedence of ${name}`, options.precedence, 0, 2 ** 31 - 1);
  checkKind(where, `role of ${name}`, options.role, 'roleArn', 'an iam.IRole');
}

function checkName(where: Construct, siblings: Construct, kind: string, name: string, form: RegExp, allowed: string): void {
  checkGiven(where, `name of a ${kind}`, name, allowed);
  checkKnown(where, `name of a ${kind}`, name);
  checkText(where, `name of a ${kind}`, name, form, allowed);
  if (!siblings.node.tryFindChild(name)) return;
  throw new PlatformError(where, {
    problem: `there are two ${kind}s of one name.`,
    got: `${kind} ${display(name)} a second time`,
    allowed: `each ${kind} once`,
    fix: `give the second ${kind} another name, or use the first`,
  });
}

function checkScopes(where: Construct, name: string, { scopes }: SignInClientOptions): void {
  const prop = `scopes of ${name}`;
  checkList(where, prop, scopes);
  for (const scope of scopes ?? []) checkGiven(where, prop, scope, 'a cognito.OAuthScope');
  // A text has no members, and would leave the client without the scope.
  const wrong = scopes?.find(scope => typeof scope.scopeName !== 'string');
  if (wrong === undefined && scopes?.length !== 0) return;
  throw new PlatformError(where, {
    problem: 'a client has no scopes that tokens could be asked for.',
    got: `${prop} ${display(wrong ?? scopes)}`,
    allowed: 'at least one cognito.OAuthScope, such as OAuthScope.OPENID',
    fix: 'name the scopes, or leave them out',
  });
}

function checkAttributes(where: Construct, name: string, options: SignInClientOptions, directory: UserDirectoryProps): void {
  for (const option of ['readAttributes', 'writeAttributes'] as const) {
    const prop = `${option} of ${name}`;
    checkKind(where, prop, options[option], 'withStandardAttributes', 'a cognito.ClientAttributes');
    const names = options[option]?.attributes();
    if (!names) continue;
    // https://github.com/aws/aws-cdk/issues/30608
    if (names.length === 0) refuseAttributes(where, prop, names, 'Cognito takes no attributes for all of them.', 'at least one', `name some, or leave ${prop} out`);
    if (!directory.existing) checkOfPool(where, prop, names, directory, option === 'writeAttributes');
  }
}

function checkOfPool(where: Construct, prop: string, names: string[], directory: UserDirectoryProps, written: boolean): void {
  const custom = customAttributes(directory);
  const unknown = names.find(each => each.startsWith('custom:') && !custom.includes(each));
  if (unknown) {
    refuseAttributes(where, prop, names, `the pool has no attribute ${unknown}.`, ['standard attributes', ...custom].join(', '), `add it to customAttributes, or take it out of ${prop}`);
  }
  const needed = written ? [...new Set([...requiredAttributes(directory), ...mappedAttributes(directory)])] : [];
  const missing = needed.filter(each => !names.includes(each));
  if (missing.length === 0) return;
  refuseAttributes(where, prop, names, 'Cognito could not write what is required of users, or what a provider says of them.', `${needed.join(', ')} and others`,
    `add ${missing.join(', ')} to ${prop}`);
}

function refuseAttributes(where: Construct, prop: string, names: string[], problem: string, allowed: string, fix: string): never {
  throw new PlatformError(where, { problem, got: `${prop} ${display(names)}`, allowed, fix });
}

function checkUrls(where: Construct, prop: string, urls: string[] | undefined, least: number): void {
  if (least > 0) checkGiven(where, prop, urls, 'a list of URLs, such as https://www.example.com/callback');
  checkKnown(where, prop, urls);
  checkList(where, prop, urls);
  checkInteger(where, `number of ${prop}`, urls?.length ?? 0, least, MOST_URLS);
  for (const url of urls ?? []) checkUrl(where, prop, url);
}

function checkUrl(where: Construct, prop: string, url: string): void {
  // A star beside a token is known as well as one alone.
  if (typeof url === 'string' && url.includes('*')) refuseUrl(where, prop, url, 'a URL stands for more than one: whoever gets any of them gets the code.');
  if (Token.isUnresolved(url)) return;
  if (typeof url !== 'string') refuseUrl(where, prop, url, 'a URL is not a text.');
  if (url.includes('#')) refuseUrl(where, prop, url, 'a URL has a fragment, which Cognito refuses.');
  if (url.length > LONGEST_URL) refuseUrl(where, prop, url, `a URL is longer than ${LONGEST_URL} characters.`);
  if (HTTPS.test(url) || OWN_COMPUTER.test(url) || OWN_SCHEME.test(url)) return;
  refuseUrl(where, prop, url, url.startsWith('http://') ? 'codes are sent without encryption.' : 'a URL is not one that users can be sent to.');
}

function refuseUrl(where: Construct, prop: string, url: unknown, problem: string): never {
  throw new PlatformError(where, {
    problem,
    got: `${prop} ${display(url)}`,
    allowed: "exact https URLs such as https://www.example.com/callback, http://localhost:3000 on a developer's own computer, an app's own scheme such as shop://signed-in",
    fix: 'name each URL by itself, as the app asks for it',
  });
}

function seconds(duration: Duration | undefined): number | undefined {
  return duration?.toSeconds({ integral: false });
}
