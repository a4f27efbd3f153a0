import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { BRANCH_PATTERN, overlap } from './branch-patterns';
import { branchesOf, requiresApproval } from './delivery-plan';
import { DeliveryEnvironment, DeliveryImage, GithubDeliveryProps, ScanSeverity } from './github-delivery-props';
import { PlatformError } from '../errors';
import { validateSmokeTests } from '../service/release/smoke-test-validation';
import { checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkText, display } from '../validate';

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,49}$/;
const FOLDER = /^(\.|(?!\.\.?(\/|$))[\w.-]+(\/(?!\.\.?(\/|$))[\w.-]+)*)$/;
const LINE = /^[^\s$]([^\r\n$]*[^\s$])?$/;
/** GitHub takes six: https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments */
const MAXIMUM_APPROVERS = 6;

/** Refuses a road that could not be built, or that leads past a check. */
export function validateGithubDelivery(where: IConstruct, props: GithubDeliveryProps): void {
  checkGiven(where, 'props', props, 'an object with repository, environments and region');
  validateTexts(where, props);
  validateReasons(where, 'acceptedVulnerabilities', props.acceptedVulnerabilities, /^[A-Za-z]+-[A-Za-z0-9-]+$/, 'an id such as CVE-2026-1234');
  validateReasons(where, 'acceptedChecks', props.acceptedChecks, /^CKV2?_AWS_\d+$/, 'an id such as CKV_AWS_116');
  checkOneOf(where, 'stopAtSeverity', props.stopAtSeverity, Object.values(ScanSeverity));
  checkBoolean(where, 'templateChecks', props.templateChecks);
  checkBoolean(where, 'check', props.check);
  checkInteger(where, 'approvalDays', props.approvalDays, 1, 30);
  checkDuration(where, 'sessionDuration', props.sessionDuration, 3600, 12 * 3600);
  validateImages(where, props.images);
  validateEnvironments(where, props.environments);
}

/** Refuses names of stacks that lead to none, or that two environments share. Only when all stacks are there. */
export function checkStacks(where: IConstruct, { environments }: GithubDeliveryProps, stacks: Stack[]): void {
  const ids = stacks.map(({ node }) => node.path);
  const owners = new Map<string, string>();
  for (const { name, stacks: patterns } of environments) {
    for (const pattern of patterns) {
      const found = ids.filter(id => stackPattern(pattern).test(id));
      if (found.length === 0) {
        throw new PlatformError(where, {
          problem: `the environment ${name} names stacks that the app does not have.`,
          got: `stacks ${display(pattern)}`,
          allowed: `patterns of ${ids.join(', ') || 'no stacks at all'}`,
          fix: 'write the name as `npx cdk list` shows it, or make the stacks',
        });
      }
      for (const id of found) {
        const owner = owners.get(id) ?? name;
        owners.set(id, owner);
        if (owner === name) continue;
        throw new PlatformError(where, {
          problem: 'a stack would be deployed with two environments.',
          got: `${id} in ${owner} and in ${name}`,
          allowed: 'each stack in one environment',
          fix: 'narrow the stacks of one of them',
        });
      }
    }
  }
}

/** A name, without an address around it. */
export function validateRepository(where: IConstruct, repository: string): void {
  checkGiven(where, 'repository', repository, "a repository on GitHub, such as 'acme/arcade'");
  checkText(where, 'repository', known(where, 'repository', repository), /^[A-Za-z0-9](-?[A-Za-z0-9])*\/(?!\.\.?$)[A-Za-z0-9._-]+$/,
    "one repository as 'owner/name', such as 'acme/arcade'");
}

function stackPattern(pattern: string): RegExp {
  const source = pattern.replace(/[.+^$()|{}[\]\\]/g, '\\$&').replace(/\*\*|\*/g, stars => stars === '**' ? '.*' : '[^/]*');
  return new RegExp(`^${source}$`);
}

function validateTexts(where: IConstruct, props: GithubDeliveryProps): void {
  const text = (prop: keyof GithubDeliveryProps & string, form: RegExp, allowed: string) =>
    checkText(where, prop, known(where, prop, props[prop] as string | undefined), form, allowed);
  validateRepository(where, props.repository);
  checkGiven(where, 'region', props.region, "a region, such as 'eu-central-1'");
  checkRegion(where, 'region', props.region);
  text('appDirectory', FOLDER, "a folder below, such as 'infrastructure', or '.'");
  text('nodeVersion', /^\d+(\.\d+){0,2}$/, "a version such as '24' or '24.4.1'");
  for (const prop of ['installCommand', 'cdkInstallCommand', 'lintCommand', 'testCommand', 'buildCommand'] as const) text(prop, LINE, 'one line without $');
  text('prefix', /^[a-z][a-z0-9-]{0,30}$/, "small letters, digits and hyphens, such as 'delivery'");
  text('bootstrapQualifier', /^[a-z0-9]{1,10}$/, '1 to 10 small letters and digits');
  text('repositoryRoot', /\S/, 'a folder');
}

function validateReasons(where: IConstruct, prop: string, reasons: { [id: string]: string } | undefined, form: RegExp, allowed: string): void {
  checkMap(where, prop, reasons);
  for (const [id, reason] of Object.entries(reasons ?? {})) {
    checkText(where, prop, id, form, allowed);
    checkGiven(where, `${prop}.${id}`, reason, 'a reason');
    checkText(where, `${prop}.${id}`, reason, /^\s*\S[^]{8,}\S\s*$/, 'a reason of 10 characters or more');
  }
}

function validateImages(where: IConstruct, images: DeliveryImage[] | undefined): void {
  checkList(where, 'images', images);
  (images ?? []).forEach((image, index) => {
    const prop = `images[${index}]`;
    checkGiven(where, `${prop}.name`, image?.name, "a name, such as 'api'");
    checkText(where, `${prop}.name`, known(where, `${prop}.name`, image.name), /^[a-z][a-z0-9-]{0,30}$/, 'small letters, digits and hyphens');
    checkText(where, `${prop}.directory`, known(where, `${prop}.directory`, image.directory), FOLDER, "a folder below, such as 'api', or '.'");
    checkText(where, `${prop}.dockerfile`, known(where, `${prop}.dockerfile`, image.dockerfile), FOLDER, "a file below directory, such as 'Dockerfile'");
    checkText(where, `${prop}.target`, known(where, `${prop}.target`, image.target), /^[A-Za-z0-9._-]+$/, 'the name of a stage');
    checkKind(where, `${prop}.cpuArchitecture`, image.cpuArchitecture, '_cpuArchitecture', 'ecs.CpuArchitecture.ARM64 or ecs.CpuArchitecture.X86_64');
  });
  checkOnce(where, 'images', (images ?? []).map(({ name }) => name));
}

function validateEnvironments(where: IConstruct, environments: DeliveryEnvironment[]): void {
  checkGiven(where, 'environments', environments, "at least one, such as { name: 'production', stacks: ['Production'] }");
  checkList(where, 'environments', environments);
  if (environments.length === 0) {
    throw new PlatformError(where, {
      problem: 'there is no environment to deliver to.', got: 'environments []', allowed: 'at least one', fix: "add { name: 'production', stacks: ['Production'] }",
    });
  }
  environments.forEach((environment, index) => validateEnvironment(where, `environments[${index}]`, environment));
  checkOnce(where, 'environments', environments.map(({ name }) => name.toLowerCase()));
  environments.forEach(environment => checkApprovers(where, environment, requiresApproval(environment, environments)));
  checkFirst(where, environments);
  checkApprovalOrder(where, environments);
  checkBranches(where, environments);
}

function validateEnvironment(where: IConstruct, prop: string, environment: DeliveryEnvironment): void {
  checkGiven(where, `${prop}.name`, environment?.name, "a name, such as 'staging'");
  checkText(where, `${prop}.name`, known(where, `${prop}.name`, environment.name), NAME, "letters, digits and hyphens, such as 'staging'");
  checkGiven(where, `${prop}.stacks`, environment.stacks, "names of stacks, such as ['ArcadeStaging*']");
  validateList(where, `${prop}.stacks`, environment.stacks, /^[A-Za-z*][A-Za-z0-9/*_-]*$/, "a name or a pattern, such as 'ArcadeStaging*' or 'Staging/**'", true);
  validateList(where, `${prop}.branches`, environment.branches, BRANCH_PATTERN, "a branch or a pattern, such as 'main' or 'release/*'", true);
  validateApprovers(where, `${prop}.approvers`, environment.approvers);
  checkUrl(where, `${prop}.url`, environment.url);
  checkBoolean(where, `${prop}.requiresApproval`, environment.requiresApproval);
  checkRegion(where, `${prop}.region`, environment.region);
  if (environment.smokeTests !== undefined) validateSmokeTests(where, `${prop}.smokeTests`, environment.smokeTests);
}

/** Users and teams. */
export function validateApprovers(where: IConstruct, prop: string, approvers: string[] | undefined): void {
  validateList(where, prop, approvers, /^[A-Za-z0-9][A-Za-z0-9-]*(\/[A-Za-z0-9._-]+)?$/, "users and teams, such as 'octocat' and 'acme/operations'", false);
}

export function checkUrl(where: IConstruct, prop: string, url: string | undefined): void {
  checkText(where, prop, known(where, prop, url), /^https?:\/\/[A-Za-z0-9.-]+(:\d+)?\/?$/, "an address without a path, such as 'https://staging.example.com'");
}

function validateList(where: IConstruct, prop: string, values: string[] | undefined, form: RegExp, allowed: string, filled: boolean): void {
  checkKnown(where, prop, values);
  checkList(where, prop, values);
  for (const value of values ?? []) checkText(where, prop, known(where, prop, value), form, allowed);
  if (!values || !filled || values.length > 0) return;
  throw new PlatformError(where, { problem: `${prop} is empty.`, got: `${prop} []`, allowed: `at least one: ${allowed}`, fix: `name one in ${prop}, or leave it out where it is optional` });
}

export function checkApprovers(where: IConstruct, { name, approvers = [] }: Pick<DeliveryEnvironment, 'name' | 'approvers'>, required: boolean): void {
  if (required ? approvers.length > 0 && approvers.length <= MAXIMUM_APPROVERS : approvers.length === 0) return;
  throw new PlatformError(where, {
    problem: required ? `the environment ${name} has to be approved, and ${approvers.length === 0 ? 'nobody may do so' : 'GitHub takes no more than six approvers'}.`
      : `the environment ${name} has approvers, and needs no approval.`,
    got: `approvers ${display(approvers)}`,
    allowed: required ? '1 to 6 users and teams' : 'no approvers, or requiresApproval: true',
    fix: required ? "name them, such as approvers: ['acme/operations'], or set requiresApproval: false" : 'set requiresApproval: true, or leave approvers out',
  });
}

function checkFirst(where: IConstruct, environments: DeliveryEnvironment[]): void {
  if (branchesOf(environments[0], environments).length > 0) return;
  throw new PlatformError(where, { problem: 'no push leads to the first environment.', got: 'branches []', allowed: 'at least one branch', fix: "leave branches out for ['main']" });
}

/** What is approved was seen before: on a road, nothing that needs no approval comes after what needs one. */
function checkApprovalOrder(where: IConstruct, environments: DeliveryEnvironment[]): void {
  environments.forEach((environment, index) => {
    const before = environments[index - 1];
    if (!before || environment.branches !== undefined) return;
    if (!requiresApproval(before, environments) || requiresApproval(environment, environments)) return;
    throw new PlatformError(where, {
      problem: 'an environment that needs an approval comes before one that needs none.',
      got: `${before.name} before ${environment.name}`,
      allowed: 'environments from the first to try to the last to reach, such as staging and then production',
      fix: `put ${environment.name} before ${before.name}, or give it branches of its own`,
    });
  });
}

function checkBranches(where: IConstruct, environments: DeliveryEnvironment[]): void {
  const all = environments.flatMap(environment => branchesOf(environment, environments).map(branch => ({ branch, name: environment.name })));
  for (const [index, one] of all.entries()) {
    const other = all.slice(index + 1).find(({ branch, name }) => name !== one.name && overlap(one.branch, branch));
    if (!other) continue;
    throw new PlatformError(where, {
      problem: `one push would go to ${one.name} and to ${other.name} at once, and nothing would be proven in between.`,
      got: `${one.name} with ${display(one.branch)}, ${other.name} with ${display(other.branch)}`,
      allowed: 'branches that no two environments share',
      fix: `leave branches of ${other.name} out, and it gets what ${one.name} has proven, or narrow one of them`,
    });
  }
}

function checkOnce(where: IConstruct, prop: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, { problem: `${prop} has a name twice.`, got: `${prop} ${display(names)}`, allowed: 'each name once', fix: `rename one ${display(twice)}` });
}

function checkRegion(where: IConstruct, prop: string, region: string | undefined): void {
  checkText(where, prop, known(where, prop, region), /^[a-z]{2}(-[a-z]+)+-\d$/, "a region, such as 'eu-central-1'");
}

/** What is in a file of the repository has to be known. */
export function known<T>(where: IConstruct, prop: string, value: T): T {
  if (Token.isUnresolved(value)) checkKnown(where, prop, value);
  return value;
}
