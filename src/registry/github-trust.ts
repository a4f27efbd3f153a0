import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from '../managed-policy-role';
import { checkList, checkText } from '../validate';

/** Who signs the tokens of workflows on github.com. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/** For whom the tokens are that AWS takes. */
const AUDIENCE = 'sts.amazonaws.com';
const PROVIDER_ID = 'GithubIdentityProvider';

/** A role that workflows assume without a stored secret. */
export interface GithubTrust {
  readonly description: string;
  /** What workflows the tokens may be of, as `sub` of the token has it. */
  readonly subjects: string[];
  /** Further claims of the token, each with the values that it may have. */
  readonly claims?: { readonly [claim: string]: string[] };
  readonly issuer?: string;
  readonly provider?: iam.IOIDCProviderRef;
  readonly permissionsBoundary?: iam.IManagedPolicy;
  readonly maxSessionDuration?: Duration;
}

/** A role without rights, for those workflows and nobody else. */
export function trustedRole(scope: Construct, id: string, trust: GithubTrust): iam.Role {
  return new ManagedPolicyRole(scope, id, {
    // IAM takes no other letters here.
    description: trust.description.replace(/[^\x20-\x7e\xa1-\xff]/g, '?'),
    assumedBy: new iam.FederatedPrincipal(providerArn(scope, trust), conditions(trust), 'sts:AssumeRoleWithWebIdentity'),
    permissionsBoundary: trust.permissionsBoundary,
    maxSessionDuration: trust.maxSessionDuration,
  });
}

/** An account can have one provider for an issuer, so a stack makes it once. */
function providerArn(scope: Construct, { provider, issuer = GITHUB_ISSUER }: GithubTrust): string {
  if (provider) return provider.oidcProviderRef.oidcProviderArn;
  const stack = Stack.of(scope);
  const id = issuer === GITHUB_ISSUER ? PROVIDER_ID : `${PROVIDER_ID}-${issuer}`;
  const made = stack.node.tryFindChild(id.replace(/\//g, '--')) as iam.OidcProviderNative | undefined;
  return (made ?? new iam.OidcProviderNative(stack, id, { url: `https://${issuer}`, clientIds: [AUDIENCE] })).oidcProviderArn;
}

/** @see https://docs.github.com/en/actions/reference/security/oidc */
function conditions({ subjects, claims = {}, issuer = GITHUB_ISSUER }: GithubTrust): iam.Conditions {
  const exact = {
    [`${issuer}:aud`]: AUDIENCE,
    ...Object.fromEntries(Object.entries(claims).map(([claim, values]) => [`${issuer}:${claim}`, values])),
  };
  const subject = { [`${issuer}:sub`]: subjects };
  return subjects.some(each => each.includes('*')) ? { StringEquals: exact, StringLike: subject } : { StringEquals: { ...exact, ...subject } };
}

export function branchSubject(repository: string, branch: string): string {
  return `repo:${repository}:ref:refs/heads/${branch}`;
}

export function tagSubject(repository: string, tag: string): string {
  return `repo:${repository}:ref:refs/tags/${tag}`;
}

export function environmentSubject(repository: string, environment: string): string {
  return `repo:${repository}:environment:${environment}`;
}

export function pullRequestSubject(repository: string): string {
  return `repo:${repository}:pull_request`;
}

/** Immutable subjects, as repositories have that were made since July 2026, have the numbers of owner and repository in them, always both. */
const REPOSITORY = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9._-]+|@\d+\/[A-Za-z0-9._-]+@\d+)$/;

export function checkRepository(where: Construct, repository: string | undefined): void {
  checkText(where, 'repository', repository, REPOSITORY, "one repository as 'owner/name', or with both numbers as 'owner@123/name@456', without wildcards");
}

const EXACT_REFERENCE = /^[A-Za-z0-9_.][^\s:?*[\\^~]*$/;
const REFERENCE = /^[A-Za-z0-9_.][^\s:?*[\\^~]*\*?$/;

/** Branches or tags; with a star at the end for all that begin so. */
export function checkReferences(where: Construct, prop: string, names: string[] | undefined, allowed: string): void {
  checkList(where, prop, names);
  for (const name of names ?? []) checkText(where, prop, name, REFERENCE, allowed);
}

/** Branches by their whole names. */
export function checkBranches(where: Construct, prop: string, names: string[] | undefined): void {
  checkList(where, prop, names);
  for (const name of names ?? []) checkText(where, prop, name, EXACT_REFERENCE, "the whole name of a branch, such as 'main'");
}

/** A name that no other environment's tokens have: a token has `%3A` where an environment has a colon, and leaves a `%` as it is. */
export function checkEnvironmentName(where: Construct, prop: string, name: string | undefined): void {
  checkText(where, prop, name, /^[^\s*?:%]([^*?:%]*[^\s*?:%])?$/, 'the name of one environment, without wildcards, colons and percent signs');
}

/** The token's `iss` without `https://`. */
export function checkIssuer(where: Construct, issuer: string | undefined): void {
  checkText(where, 'issuer', issuer, /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/[A-Za-z0-9._-]+)*$/,
    `host and path without https:// and port, such as ${GITHUB_ISSUER}/acme or github.example.com/_services/token`);
}
