import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { SignInProvider } from './sign-in-provider';
import { customAttributes, fixedAttributes, requiredAttributes, STANDARD_ATTRIBUTES } from './user-attributes';
import type { UserDirectoryProps } from './user-directory-props';
import { PlatformError } from '../errors';
import { checkGiven, checkKind, checkKnown, checkList, checkMap, checkText, display } from '../validate';

const RESERVED = ['cognito', 'facebook', 'loginwithamazon', 'signinwithapple'];

const MAPPABLE = [...Object.values(STANDARD_ATTRIBUTES), 'email_verified', 'phone_number_verified', 'username'];

/** Refuses providers with which nobody could sign in. */
export function validateSignInProviders(where: IConstruct, props: UserDirectoryProps): void {
  checkKnown(where, 'providers', props.providers);
  const names = new Set<string>();
  for (const provider of props.providers ?? []) {
    checkGiven(where, 'providers', provider, 'a SignInProvider, such as SignInProvider.google(…)');
    checkKind(where, 'providers', provider, '_options', 'a SignInProvider, such as SignInProvider.google(…)');
    checkProviderName(where, provider, names);
    checkOptions(where, provider);
    checkScopes(where, provider);
    checkMapping(where, provider, props);
  }
  if (props.domain || names.size === 0) return;
  const [first] = names;
  throw new PlatformError(where, {
    problem: `sign-in with ${first} needs the sign-in pages, and there is no domain for them.`,
    got: `providers ${[...names].join(', ')} without domain`,
    allowed: 'providers with a domain',
    fix: "give domain, such as SignInDomain.prefix('shop') or SignInDomain.custom({ domainName: 'auth.example.com', certificate })",
  });
}

function checkProviderName(where: IConstruct, { _name: name, _type: type }: SignInProvider, names: Set<string>): void {
  const form = 'letters, digits and hyphens, 3 to 32, beginning with a letter, and no name of a provider that Cognito has built in';
  checkGiven(where, 'name of a provider', name, form);
  checkKnown(where, 'name of a provider', name);
  checkText(where, 'name of a provider', name, /^[A-Za-z][A-Za-z0-9-]{2,31}$/, form);
  const known = name.toLowerCase();
  if (!names.has(name) && !RESERVED.includes(known) && (type === 'Google' || known !== 'google')) {
    names.add(name);
    return;
  }
  throw new PlatformError(where, {
    problem: names.has(name) ? `there are two providers ${name}.` : `${name} is a provider that Cognito has built in.`,
    got: `provider ${display(name)}`,
    allowed: form,
    fix: names.has(name) ? 'leave one of them out' : 'give the provider another name; Google is SignInProvider.google(…)',
  });
}

function checkOptions(where: IConstruct, { _name: name, _options: options, _issuerUrl: issuerUrl }: SignInProvider): void {
  checkGiven(where, `options of ${name}`, options, 'the options of the provider');
  checkGiven(where, `clientId of ${name}`, options.clientId, 'the client id that the provider gave');
  checkText(where, `clientId of ${name}`, options.clientId, /^\S+$/, 'the client id that the provider gave');
  checkGiven(where, `clientSecret of ${name}`, options.clientSecret, 'a secretsmanager.ISecret, not the secret itself');
  checkKind(where, `clientSecret of ${name}`, secretOrNothing(options.clientSecret), 'secretArn', 'a secretsmanager.ISecret, not the secret itself');
  checkText(where, `clientSecretField of ${name}`, options.clientSecretField, /./, 'the name of a field of the secret');
  checkText(where, `issuerUrl of ${name}`, issuerUrl, /^https:\/\/[^\s/]+(\/[^\s?#]*[^\s?#/])?$/, 'an https URL without a slash at the end, such as https://login.example.com');
}

/** The message about a value that is no secret would print it: a client secret that was written out. */
function secretOrNothing(secret: unknown): unknown {
  return typeof secret === 'object' && secret !== null && 'secretArn' in secret ? secret : {};
}

function checkScopes(where: IConstruct, { _name: name, _type: type, _scopes: scopes }: SignInProvider): void {
  checkKnown(where, `scopes of ${name}`, scopes);
  checkList(where, `scopes of ${name}`, scopes);
  for (const scope of scopes) {
    checkGiven(where, `scopes of ${name}`, scope, 'the name of a scope');
    checkText(where, `scopes of ${name}`, scope, /^\S+$/, 'the name of a scope each, such as openid');
  }
  const needed = type === 'Google' ? ['openid', 'email'] : ['openid'];
  const missing = needed.filter(scope => !scopes.includes(scope));
  if (missing.length === 0 || scopes.some(scope => Token.isUnresolved(scope))) return;
  throw new PlatformError(where, {
    problem: scopes.length === 0 ? `sign-in with ${name} asks for nothing.` : `sign-in with ${name} does not ask for ${missing.join(' and ')}.`,
    got: `scopes of ${name} ${display(scopes)}`,
    allowed: `${needed.join(', ')} and others`,
    fix: `add ${missing.join(' and ')}, or leave scopes out`,
  });
}

/** Cognito writes mapped attributes at each sign-in, and fails the sign-in where it cannot, or where a required one is missing. */
function checkMapping(where: IConstruct, { _name: name, _mapping: mapping }: SignInProvider, props: UserDirectoryProps): void {
  checkMap(where, `attributeMapping of ${name}`, mapping);
  const [known, fixed] = [[...MAPPABLE, ...customAttributes(props)], fixedAttributes(props)];
  const refuse = (problem: string, attribute: string, fix: string) => {
    throw new PlatformError(where, { problem, got: `attributeMapping of ${name} ${display(mapping)}`, allowed: `attributes of the pool: ${known.join(', ')}`, fix: `${fix} ${attribute}` });
  };
  for (const [attribute, claim] of Object.entries(mapping)) {
    checkText(where, `attributeMapping of ${name}, ${attribute},`, claim, /^\S+$/, 'the name of a claim of the provider');
    if (!known.includes(attribute)) refuse(`the pool has no attribute ${attribute}.`, attribute, 'add to customAttributes, or take out of the mapping,');
    if (fixed.includes(attribute)) refuse(`Cognito could not write ${attribute} at the second sign-in, because it is not mutable.`, attribute, 'take out of the mapping, or make mutable,');
  }
  const missing = requiredAttributes(props).find(attribute => mapping[attribute] === undefined);
  if (missing !== undefined) refuse(`${missing} is required, and nobody who signs in with ${name} would have it.`, missing, 'map a claim to');
}
