import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { AmplifyAppProps, AmplifyBuildSize, PullRequestPreviews } from './amplify-app-props';
import { validateAmplifyHeaders } from './amplify-headers';
import type { AmplifyRule } from './amplify-rule';
import { checkBuildPlan } from './build/build-spec';
import { checkVariables } from './validate-amplify-branch';
import { checkVariableName } from './variable-names';
import { PlatformError } from '../errors';
import { checkBoolean, checkDuration, checkGiven, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkText, display } from '../validate';

/** What Amplify takes: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-amplify-app.html */
const LONGEST_BUILD_SPEC = 25_000;
const LONGEST_PREVIEW = Duration.days(365);

/** Refuses what Amplify would refuse in the middle of a deployment. */
export function validateAmplifyApp(where: IConstruct, props: AmplifyAppProps): void {
  checkGiven(where, 'framework', props?.framework, 'an AmplifyFramework, such as AmplifyFramework.nextJs()');
  checkKind(where, 'framework', props.framework, 'buildCommand', 'an AmplifyFramework, such as AmplifyFramework.nextJs()');
  checkKind(where, 'repository', props.repository, '_credentials', "an AmplifyRepository, such as AmplifyRepository.github('acme/shop', …)");
  checkKind(where, 'profile', props.profile, 'logRetentionDays', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'serviceRole', props.serviceRole, 'roleArn', 'an iam.IRole');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkKind(where, 'buildSmokeTest', props.buildSmokeTest, 'expectedStatus', "a BuildSmokeTest, such as BuildSmokeTest.page({ path: '/login' })");
  checkText(where, 'appName', props.appName, /^[^\p{Cc}]{1,255}$/u, '1 to 255 characters');
  checkText(where, 'appRoot', props.appRoot, /^(?!.*(^|\/)\.\.?(\/|$))[\w@.-]+(\/[\w@.-]+)*$/, 'a folder such as apps/web, without a slash at its ends');
  checkOneOf(where, 'buildSize', props.buildSize, Object.values(AmplifyBuildSize));
  checkDuration(where, 'latencyThreshold', props.latencyThreshold, 1, 600_000, 'milliseconds');
  for (const prop of ['cookiesInCacheKey', 'notifyOfSuccess', 'alarms'] as const) checkBoolean(where, prop, props[prop]);
  for (const prop of ['requires', 'rules', 'preBuildCommands', 'postBuildCommands'] as const) checkList(where, prop, props[prop]);
  for (const name of props.requires ?? []) checkVariableName(where, 'requires', name);
  for (const prop of ['preBuildCommands', 'postBuildCommands'] as const) for (const command of props[prop] ?? []) checkCommand(where, prop, command);
  for (const rule of props.rules ?? []) checkRule(where, rule);
  checkVariables(where, 'variables', props.variables);
  if (props.customHeaders) validateAmplifyHeaders(where, props.customHeaders, props.appRoot);
  checkOwnBuildSpec(where, props);
  if (props.buildSmokeTest) checkBuildPlan(where, { framework: props.framework, smokeTest: props.buildSmokeTest });
  checkMap(where, 'pullRequestPreviews', props.pullRequestPreviews);
  if (props.pullRequestPreviews) checkPreviews(where, props, props.pullRequestPreviews);
}

/** Refuses a build spec that Amplify would not take. */
export function checkMadeBuildSpec(where: IConstruct, buildSpec: string): void {
  // A value that is put in later could break the YAML and the scripts in it.
  checkKnown(where, 'a command, or another part of the build spec', buildSpec);
  checkBuildSpecLength(where, buildSpec);
}

function checkRule(where: IConstruct, rule: AmplifyRule): void {
  const allowed = "an AmplifyRule, such as AmplifyRule.redirect('/old', '/new')";
  checkGiven(where, 'rules', rule, allowed);
  checkKind(where, 'rules', rule, 'source', allowed);
}

function checkCommand(where: IConstruct, prop: string, command: string): void {
  checkGiven(where, prop, command, 'commands');
  checkText(where, prop, command, /\S/, 'commands, each with something in it');
}

function checkBuildSpecLength(where: IConstruct, buildSpec: string): void {
  if (Token.isUnresolved(buildSpec) || buildSpec.length <= LONGEST_BUILD_SPEC) return;
  throw new PlatformError(where, {
    problem: 'the build spec is longer than Amplify takes.',
    got: `${buildSpec.length} characters`,
    allowed: `${LONGEST_BUILD_SPEC}`,
    fix: 'divide the branches between two apps, or move commands into a script of the repository',
  });
}

function checkOwnBuildSpec(where: IConstruct, props: AmplifyAppProps): void {
  if (props.buildSpec === undefined) return;
  checkText(where, 'buildSpec', props.buildSpec, /\S/, 'a build spec as YAML');
  checkBuildSpecLength(where, props.buildSpec);
  const ignored = (['preBuildCommands', 'postBuildCommands', 'buildSmokeTest'] as const).filter(prop => props[prop] !== undefined);
  if (ignored.length === 0) return;
  throw new PlatformError(where, {
    problem: `${ignored.join(', ')} would be part of a build spec that is made, but one is given.`,
    got: `buildSpec and ${ignored.join(', ')}`,
    allowed: 'buildSpec, or preBuildCommands, postBuildCommands and buildSmokeTest',
    fix: `write ${ignored.join(', ')} into the build spec, or leave buildSpec out`,
  });
}

function checkPreviews(where: IConstruct, { repository }: AmplifyAppProps, previews: PullRequestPreviews): void {
  checkKind(where, 'pullRequestPreviews.backend', previews.backend, 'deploys', 'a BranchBackend, such as BranchBackend.own()');
  checkList(where, 'pullRequestPreviews.targetBranches', previews.targetBranches);
  checkVariables(where, 'pullRequestPreviews.variables', previews.variables);
  checkDuration(where, 'pullRequestPreviews.lifetime', previews.lifetime, Duration.days(1).toSeconds(), LONGEST_PREVIEW.toSeconds());
  const secret = Object.entries(previews.variables ?? {}).find(([, variable]) => variable._secret);
  if (secret) {
    throw new PlatformError(where, {
      problem: 'a secret would be read by whatever a pull request changes.',
      got: `pullRequestPreviews.variables ${secret[0]} as a secret`,
      allowed: 'variables that are no secrets',
      fix: 'let the code of pull requests work without it, or with a value that protects nothing',
    });
  }
  if (repository?.url.startsWith('https://github.com/')) return;
  throw new PlatformError(where, {
    problem: 'Amplify shows pull requests of repositories on GitHub only.',
    got: `repository ${display(repository?.url)}`,
    allowed: 'AmplifyRepository.github(…)',
    fix: 'leave pullRequestPreviews out',
  });
}
