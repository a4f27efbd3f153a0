import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { AmplifyAppProps } from './amplify-app-props';
import { AmplifyBranchOptions, AmplifyBranchProps, AmplifyStage } from './amplify-branch-props';
import { AmplifyPlatform } from './amplify-framework';
import { BranchBackend, resolveBackend } from './branch-backend';
import { BranchVariable, checkVariable } from './branch-variable';
import { checkVariableName } from './variable-names';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkKnown, checkMap, checkOneOf, checkText, display } from '../validate';

/** Branches of an app in Amplify: https://docs.aws.amazon.com/amplify/latest/userguide/quotas-chapter.html */
const MOST_BRANCHES = 50;
/** Characters: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. A variable has room for as many secrets at least. */
const LONGEST_POLICY = 6144;
const LENGTH_OF_THE_REST = 144;

/** What is known of the branches of an app, by their names. */
export type BranchesByName = ReadonlyMap<string, AmplifyBranchOptions>;

type Variables = { readonly [name: string]: BranchVariable };

/** All variables of a branch, or of pull requests: the app's, those that come with a shared backend, and its own, which count most. */
export function variablesOf(
  app: AmplifyAppProps, { backend, variables }: Pick<AmplifyBranchOptions, 'backend' | 'variables'>, branches: BranchesByName,
): Variables {
  const shared = backend?.sharedBranch === undefined ? undefined : branches.get(backend.sharedBranch)?.variables;
  return { ...app.variables, ...shared, ...variables };
}

/** The backends of branches, by the branches' names. */
export function backendsOf(branches: BranchesByName): ReadonlyMap<string, BranchBackend> {
  return new Map([...branches].map(([branchName, { backend = BranchBackend.none() }]) => [branchName, backend]));
}

/** Refuses a branch that could not be built. */
export function validateAmplifyBranch(where: IConstruct, props: AmplifyBranchProps): void {
  checkGiven(where, 'app', props?.app, 'an AmplifyApp');
  checkKind(where, 'app', props.app, 'addBranch', 'an AmplifyApp');
  const { app, branchName } = props;
  validateBranchOptions(where, branchName, props);
  checkStack(where, app);
  checkNew(where, branchName, app._branches);
  validateBranchOf(where, app._props, branchName, new Map([...app._branches, [branchName, props]]));
}

/** What can be said of a branch without its app. */
export function validateBranchOptions(where: IConstruct, branchName: string, options: AmplifyBranchOptions): void {
  checkGiven(where, 'branchName', branchName, 'the name of a branch, such as main');
  checkKnown(where, 'branchName', branchName);
  checkText(where, 'branchName', branchName, /^[^\p{Cc}]{1,255}$/u, '1 to 255 characters on one line');
  checkKind(where, `backend of ${branchName}`, options.backend, 'deploys', 'a BranchBackend, such as BranchBackend.own()');
  checkOneOf(where, `stage of ${branchName}`, options.stage, Object.values(AmplifyStage));
  for (const prop of ['autoBuild', 'passwordProtected', 'skewProtection'] as const) checkBoolean(where, `${prop} of ${branchName}`, options[prop]);
  checkText(where, `description of ${branchName}`, options.description, /^[^]{1,1000}$/, '1 to 1,000 characters');
  checkVariables(where, `variables of ${branchName}`, options.variables);
}

/** What can be said of a branch beside the others. */
export function validateBranchOf(where: IConstruct, app: AmplifyAppProps, branchName: string, branches: BranchesByName): void {
  checkQuota(where, branches);
  const options = branches.get(branchName)!;
  const backends = backendsOf(branches);
  const backend = backends.get(branchName)!;
  if (!backend.deploys) resolveBackend(where, branchName, backend, backends);
  const variables = variablesOf(app, options, branches);
  checkRequired(where, `branch ${branchName}`, app.requires ?? [], Object.keys(variables), 'variables of the branch, or of the app');
  const secrets = Object.keys(variables).filter(name => variables[name]._secret);
  checkReadable(where, app, backend, secrets.filter(name => !variables[name]._availableAtBuild));
  checkNumber(where, branchName, secrets);
}

/** Refuses names and values that are none. */
export function checkVariables(where: IConstruct, prop: string, variables: Variables | undefined): void {
  checkMap(where, prop, variables);
  for (const [name, variable] of Object.entries(variables ?? {})) {
    checkVariableName(where, prop, name);
    checkVariable(where, `${name} of ${prop}`, variable);
  }
}

/** All that is missing, at once. */
export function checkRequired(where: IConstruct, whose: string, requires: readonly string[], given: readonly string[], place: string): void {
  const missing = requires.filter(name => !given.includes(name));
  if (missing.length === 0) return;
  throw new PlatformError(where, {
    problem: `${whose} ${missing.length === 1 ? 'lacks a variable that is' : 'lacks variables that are'} required: ${missing.join(', ')}.`,
    got: given.length > 0 ? `only ${given.join(', ')}` : 'no variables',
    allowed: `a value for each of ${requires.join(', ')}`,
    fix: `give ${missing.join(', ')} in ${place}`,
  });
}

/** The app's build spec and its memory of variables need the branch, which needs the app. */
function checkStack(where: IConstruct, app: IConstruct): void {
  if (Stack.of(where) === Stack.of(app)) return;
  throw new PlatformError(where, {
    problem: 'a branch in another stack than its app: the two stacks would depend on each other.',
    got: `a branch in ${display(Stack.of(where).node.path)}`,
    allowed: `the stack of the app, ${display(Stack.of(app).node.path)}`,
    fix: 'call addBranch() of the app',
  });
}

/** Refuses a branch that there is already. */
export function checkNew(where: IConstruct, branchName: string, branches: BranchesByName): void {
  if (!branches.has(branchName)) return;
  throw new PlatformError(where, {
    problem: 'the app has a branch of this name already.',
    got: `branchName ${display(branchName)}`,
    allowed: 'each branch once',
    fix: 'remove one of the two',
  });
}

function checkQuota(where: IConstruct, branches: BranchesByName): void {
  if (branches.size <= MOST_BRANCHES) return;
  throw new PlatformError(where, {
    problem: 'an Amplify app has no more branches.',
    got: `${branches.size} branches, the last of them ${display([...branches.keys()].at(-1))}`,
    allowed: `${MOST_BRANCHES}, and pull requests that are shown count too`,
    fix: 'divide the branches between two apps',
  });
}

/** A secret that neither a server, nor a backend, nor the build may read was probably meant for somebody. */
function checkReadable(where: IConstruct, { framework }: AmplifyAppProps, backend: BranchBackend, unread: string[]): void {
  if (framework.platform === AmplifyPlatform.SSR || backend.deploys || backend.sharedBranch !== undefined || unread.length === 0) return;
  throw new PlatformError(where, {
    problem: 'a site without a server and a backend has nobody who could read a secret.',
    got: `secrets ${unread.join(', ')}`,
    allowed: 'secrets for a framework with a server, for a branch with a backend, or with availableAtBuild',
    fix: 'set availableAtBuild where the build needs them; whatever it puts into the site is public',
  });
}

/** The branch's role has one policy that names them all. */
function checkNumber(where: IConstruct, branchName: string, secrets: string[]): void {
  const path = `/amplify/d123456789abcd/${branchName.replace(/[^A-Za-z0-9]/g, '').slice(0, 50)}-branch-0123456789/`;
  const { length } = JSON.stringify(secrets.map(name => `arn:aws:ssm:ap-southeast-1:111111111111:parameter${path}${name}`));
  if (length <= LONGEST_POLICY - LENGTH_OF_THE_REST) return;
  throw new PlatformError(where, {
    problem: `branch ${branchName} has more secrets than one policy can name.`,
    got: `${secrets.length} secrets, whose names take ${length} characters`,
    allowed: `${LONGEST_POLICY - LENGTH_OF_THE_REST} characters`,
    fix: 'keep several values in one secret, as JSON',
  });
}
