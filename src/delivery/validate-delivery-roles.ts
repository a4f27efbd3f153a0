import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { readEnvironment } from './delivery-role-variables';
import type { DeliveryRolesProps, DeliveryTarget } from './delivery-roles-props';
import { PlatformError } from '../errors';
import { nearest } from '../nearest';
import { checkBranches, checkEnvironmentName, checkIssuer, checkRepository, GITHUB_ISSUER } from '../registry/github-trust';
import { checkBoolean, checkDuration, checkGiven, checkKind, checkKnown, checkList, checkText, display } from '../validate';

const REPOSITORY = 'an ecr.IRepository, such as repository of an ImageRegistry';

/** Refuses roles that nobody, or somebody else, could assume. */
export function validateDeliveryRoles(where: Construct, props: DeliveryRolesProps): void {
  checkGiven(where, 'repository', props?.repository, "a repository on GitHub, such as 'acme/shop'");
  checkRepository(where, props.repository);
  checkIssuer(where, props.issuer);
  validateImages(where, 'images', props.images);
  validateBuilds(where, props);
  checkBoolean(where, 'readRoles', props.readRoles);
  checkKind(where, 'provider', props.provider, 'oidcProviderRef', 'an identity provider, such as iam.OidcProviderNative.fromOidcProviderArn(…)');
  checkKind(where, 'permissionsBoundary', props.permissionsBoundary, 'managedPolicyArn', 'an iam.IManagedPolicy');
  checkDuration(where, 'maximumSession', props.maximumSession, 3600, 12 * 3600);
  validateTargets(where, props);
}

function validateTargets(where: Construct, props: DeliveryRolesProps): void {
  checkGiven(where, 'targets', props.targets, "a list with at least one, such as [{ environment: 'production' }]");
  checkList(where, 'targets', props.targets);
  for (const target of props.targets) validateTarget(where, props, target);
  // To GitHub, Production and production are the same.
  const names = props.targets.flatMap(({ environment }) => [environment, readEnvironment(environment)]).map(name => name.toLowerCase());
  if (names.length > 0 && new Set(names).size === names.length) return;
  throw new PlatformError(where, {
    problem: names.length === 0 ? 'there is nothing to deploy to.' : 'targets name an environment twice, or one that another is read by.',
    got: `targets ${display(props.targets.map(({ environment }) => environment))}`,
    allowed: 'one for each environment on GitHub that is deployed to, and none for those with -read behind',
    fix: names.length === 0 ? 'name at least one environment' : 'put accounts and regions of one environment into one target, or give it another name',
  });
}

function validateTarget(where: Construct, { repository, issuer, readRoles }: DeliveryRolesProps, target: DeliveryTarget): void {
  checkGiven(where, 'environment', target?.environment, "the name of an environment on GitHub, such as 'production'");
  checkKnown(where, 'environment', target.environment);
  checkEnvironmentName(where, 'environment', target.environment);
  checkText(where, 'account', target.account, /^\d{12}$/, 'an account id of 12 digits');
  checkKnown(where, 'regions', target.regions);
  checkList(where, 'regions', target.regions);
  for (const region of target.regions ?? []) checkText(where, 'regions', region, /^[a-z]{2,4}(-[a-z]+)+-\d$/, 'a region such as eu-central-1');
  if (target.regions?.length === 0) refuseEmpty(where, 'regions', "the stack's region");
  checkText(where, 'qualifier', target.qualifier, /^[A-Za-z0-9_-]{1,10}$/, 'letters, digits, hyphens and underscores, at most 10');
  validateImages(where, `images of ${target.environment}`, target.images);
  validatePullRequests(where, readRoles, target);
  validateSubject(where, repository, target);
  validateBranches(where, `branches of ${target.environment}`, target.branches);
  if (!target.branches || issuer === undefined || issuer === GITHUB_ISSUER) return;
  throw new PlatformError(where, {
    problem: 'AWS compares the claim of branches for tokens of github.com only.',
    got: `branches of ${target.environment} with issuer ${display(issuer)}`,
    allowed: 'branches without issuer, or issuer without branches',
    fix: "leave branches out, and restrict the environment's branches on GitHub",
  });
}

/** The subject is all that AWS knows of the job: it has to have the repository and the environment in it. */
function validateSubject(where: Construct, repository: string, { environment, subject }: DeliveryTarget): void {
  if (subject === undefined || Token.isUnresolved(repository)) return;
  checkKnown(where, 'subject', subject);
  const isExact = typeof subject === 'string' && !/[*?\s]/.test(subject.replace(environment, ''));
  if (isExact && subject.startsWith(`repo:${repository}:`) && `${subject}:`.includes(`:environment:${environment}:`)) return;
  throw new PlatformError(where, {
    problem: 'subject does not stand for this environment of this repository and nothing else.',
    got: `subject ${display(subject)}`,
    allowed: `repo:${repository}:environment:${environment}, with further claims around the environment, and no wildcard`,
    fix: "customise the repository's subject so that it has repo and context in it, and give it here as a whole",
  });
}

function validatePullRequests(where: Construct, readRoles: boolean | undefined, { environment, pullRequests }: DeliveryTarget): void {
  checkBoolean(where, `pullRequests of ${environment}`, pullRequests);
  if (!pullRequests || readRoles !== false) return;
  throw new PlatformError(where, {
    problem: 'there is no role for pull requests where there are none that read.',
    got: `pullRequests of ${environment} true, readRoles false`,
    allowed: 'pullRequests with readRoles, or neither',
    fix: 'leave readRoles out, or pullRequests',
  });
}

function validateBuilds(where: Construct, { buildBranches, images }: DeliveryRolesProps): void {
  validateBranches(where, 'buildBranches', buildBranches);
  if (!buildBranches || (images ?? []).length > 0) return;
  throw new PlatformError(where, {
    problem: 'there is nothing that builds could push to.',
    got: `buildBranches ${display(buildBranches)}, no images`,
    allowed: 'buildBranches together with images',
    fix: 'give images, or leave buildBranches out',
  });
}

/** Tells that there is no such environment. */
export function refuseEnvironment(where: Construct, prop: string, environment: string, targets: DeliveryTarget[]): never {
  const names = targets.map(target => target.environment);
  throw new PlatformError(where, {
    problem: 'there is no target with that environment.',
    got: `${prop} ${display(environment)}`,
    allowed: names.join(', '),
    fix: `write ${nearest(String(environment), names)[0]}, or add a target with that environment`,
  });
}

function validateBranches(where: Construct, prop: string, branches: string[] | undefined): void {
  checkBranches(where, prop, branches);
  if (branches?.length === 0) refuseEmpty(where, prop, 'the default');
}

function validateImages(where: Construct, prop: string, images: unknown[] | undefined): void {
  checkList(where, prop, images);
  for (const image of images ?? []) {
    checkGiven(where, prop, image, REPOSITORY);
    checkKind(where, prop, typeof image === 'object' ? image : { got: image }, 'repositoryArn', REPOSITORY);
  }
}

function refuseEmpty(where: Construct, prop: string, unlessGiven: string): never {
  throw new PlatformError(where, {
    problem: `${prop} has nothing in it, so nobody could use a role.`,
    got: `${prop} []`,
    allowed: 'at least one',
    fix: `leave ${prop} out for ${unlessGiven}`,
  });
}
