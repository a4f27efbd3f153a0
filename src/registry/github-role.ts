import { Stack, Validations } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PlatformError } from '../errors';
import { ManagedPolicyRole } from '../managed-policy-role';
import { checkGiven, checkText } from '../validate';

/** Which GitHub workflows may use a role. */
export interface GithubRoleOptions {
  /** Repository on GitHub, such as `acme/shop`, in the upper and lower case that GitHub shows. */
  readonly repository: string;
  /**
   * Branches whose workflows may use it. A `*` stands for any text, but not at the beginning: `release/*`.
   * @default - ['main'] where neither tags nor environments are given, none otherwise
   */
  readonly branches?: string[];
  /**
   * Git tags whose workflows may use it. A `*` stands for any text, but not at the beginning: `v*`.
   * @default - none
   */
  readonly tags?: string[];
  /**
   * GitHub environments whose jobs may use it. GitHub decides who may use an environment, which makes this the strictest way.
   * @default - none
   */
  readonly environments?: string[];
  /**
   * GitHub's identity provider in this account. An account can have only one: give it where another stack has made it.
   * @default - made once for the stack
   */
  readonly provider?: iam.IOIDCProviderRef;
}

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER_ID = 'GithubIdentityProvider';

/** A role that workflows of one GitHub repository assume without a stored secret, to push to one image repository. */
export function createGithubRole(scope: Construct, id: string, repository: ecr.IRepository, options: GithubRoleOptions): iam.Role {
  validateGithubRole(scope, options);
  const role = githubRole(scope, id, `Pushes images from GitHub repository ${options.repository}`, options);
  repository.grantPush(role);
  // A push of an image for several processors reads its manifests back.
  repository.grant(role, 'ecr:BatchGetImage');
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'Only ecr:GetAuthorizationToken, which logs in to the registry and knows no resource: '
      + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html',
  });
  return role;
}

/** A role without rights that only those workflows assume. The options are validated already. */
export function githubRole(scope: Construct, id: string, description: string, options: GithubRoleOptions): iam.Role {
  return new ManagedPolicyRole(scope, id, {
    description,
    assumedBy: new iam.FederatedPrincipal(providerArn(scope, options), trustConditions(options), 'sts:AssumeRoleWithWebIdentity'),
  });
}

function providerArn(scope: Construct, { provider }: GithubRoleOptions): string {
  if (provider) return provider.oidcProviderRef.oidcProviderArn;
  const stack = Stack.of(scope);
  const made = stack.node.tryFindChild(PROVIDER_ID) as iam.OidcProviderNative | undefined;
  return (made ?? new iam.OidcProviderNative(stack, PROVIDER_ID, { url: `https://${ISSUER}`, clientIds: ['sts.amazonaws.com'] })).oidcProviderArn;
}

/** @see https://docs.github.com/en/actions/reference/security/oidc */
function trustConditions(options: GithubRoleOptions): iam.Conditions {
  const subjects = allowedSubjects(options);
  const audience = { [`${ISSUER}:aud`]: 'sts.amazonaws.com' };
  return subjects.some(subject => subject.includes('*'))
    ? { StringEquals: audience, StringLike: { [`${ISSUER}:sub`]: subjects } }
    : { StringEquals: { ...audience, [`${ISSUER}:sub`]: subjects } };
}

function allowedSubjects({ repository, branches, tags = [], environments = [] }: GithubRoleOptions): string[] {
  const heads = branches ?? (tags.length + environments.length > 0 ? [] : ['main']);
  return [
    ...heads.map(branch => `repo:${repository}:ref:refs/heads/${branch}`),
    ...tags.map(tag => `repo:${repository}:ref:refs/tags/${tag}`),
    ...environments.map(environment => `repo:${repository}:environment:${environment}`),
  ];
}

/** Refuses options by which nobody, or anybody, could use the role. */
export function validateGithubRole(where: Construct, options: GithubRoleOptions): void {
  checkGiven(where, 'repository', options?.repository, "a repository on GitHub, such as 'acme/shop'");
  // Where an organisation has turned immutable subjects on, names carry their numbers: acme@123/shop@456.
  checkText(where, 'repository', options.repository, /^[A-Za-z0-9-]+(@\d+)?\/[A-Za-z0-9._-]+(@\d+)?$/, "one repository as 'owner/name', without wildcards");
  const reference = /^[A-Za-z0-9_.][^\s:?*[\\^~]*\*?$/;
  for (const branch of options.branches ?? []) checkText(where, 'branches', branch, reference, "a branch such as main, or a beginning with a star such as 'release/*'");
  for (const tag of options.tags ?? []) checkText(where, 'tags', tag, reference, "a tag such as v1.0, or a beginning with a star such as 'v*'");
  for (const environment of options.environments ?? []) {
    checkText(where, 'environments', environment, /^[^\s*?:][^*?:]*$/, 'the name of one environment, without wildcards');
  }
  if (allowedSubjects(options).length > 0) return;
  throw new PlatformError(where, {
    problem: 'no workflow at all could use the role.',
    got: 'branches [], no tags, no environments',
    allowed: 'at least one branch, tag or environment',
    fix: "leave branches out for ['main'], or name what may push",
  });
}
