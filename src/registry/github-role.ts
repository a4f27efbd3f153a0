import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { branchSubject, checkEnvironmentName, checkIssuer, checkReferences, checkRepository, environmentSubject, tagSubject, trustedRole } from './github-trust';
import { acknowledge } from '../acknowledge';
import { PlatformError } from '../errors';
import { checkGiven, checkList } from '../validate';

/** Which GitHub workflows may use a role. */
export interface GithubRoleOptions {
  /**
   * Repository on GitHub, such as `acme/shop`, in the upper and lower case that GitHub shows. One with immutable subjects, as all have that were made
   * since July 2026, with its numbers: `acme@123/shop@456`.
   */
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
  /**
   * Who issues the tokens, without `https://`: of an enterprise with an issuer of its own `token.actions.githubusercontent.com/acme`, of GitHub
   * Enterprise Server `github.example.com/_services/token`.
   * @default 'token.actions.githubusercontent.com'
   */
  readonly issuer?: string;
}

/** A role that workflows of one GitHub repository assume without a stored secret, to push to one image repository. */
export function createGithubRole(scope: Construct, id: string, repository: ecr.IRepository, options: GithubRoleOptions): iam.Role {
  validateGithubRole(scope, options);
  const role = githubRole(scope, id, `Pushes images from GitHub repository ${options.repository}`, options);
  repository.grantPush(role);
  // A push of an image for several processors reads its manifests back.
  repository.grant(role, 'ecr:BatchGetImage');
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', LOGIN_REASON);
  return role;
}

/** Why the right to log in to ECR has no resource. */
export const LOGIN_REASON = 'Only ecr:GetAuthorizationToken, which logs in to the registry and knows no resource: '
  + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html';

/** A role without rights that only those workflows assume. The options are validated already. */
export function githubRole(scope: Construct, id: string, description: string, options: GithubRoleOptions): iam.Role {
  const { issuer, provider } = options;
  return trustedRole(scope, id, { description, subjects: allowedSubjects(options), issuer, provider });
}

function allowedSubjects({ repository, branches, tags = [], environments = [] }: GithubRoleOptions): string[] {
  const heads = branches ?? (tags.length + environments.length > 0 ? [] : ['main']);
  return [
    ...heads.map(branch => branchSubject(repository, branch)),
    ...tags.map(tag => tagSubject(repository, tag)),
    ...environments.map(environment => environmentSubject(repository, environment)),
  ];
}

/** Refuses options by which nobody, or anybody, could use the role. */
export function validateGithubRole(where: Construct, options: GithubRoleOptions): void {
  checkGiven(where, 'repository', options?.repository, "a repository on GitHub, such as 'acme/shop'");
  checkRepository(where, options.repository);
  checkReferences(where, 'branches', options.branches, "a branch such as main, or a beginning with a star such as 'release/*'");
  checkReferences(where, 'tags', options.tags, "a tag such as v1.0, or a beginning with a star such as 'v*'");
  checkList(where, 'environments', options.environments);
  for (const environment of options.environments ?? []) checkEnvironmentName(where, 'environments', environment);
  checkIssuer(where, options.issuer);
  if (allowedSubjects(options).length > 0) return;
  throw new PlatformError(where, {
    problem: 'no workflow at all could use the role.',
    got: 'branches [], no tags, no environments',
    allowed: 'at least one branch, tag or environment',
    fix: "leave branches out for ['main'], or name what may push",
  });
}
