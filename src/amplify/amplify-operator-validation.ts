import { IConstruct } from 'constructs';
import type { AmplifyOperatorProps, KeepSecretsOptions, RememberVariablesOptions } from './amplify-operator-props';
import { PlatformError } from '../errors';
import { checkBoolean, checkDuration, checkGiven, checkKind, checkList, checkMap, checkText, display } from '../validate';

const DAY = 86_400;
const MOST_SECRETS = 50;
const SECRET_NAME = /^[\w.-]{1,128}$/;
const BRANCH = 'the name of a branch, such as main or feature/login: 1 to 255 characters';

/** Refuses what Amplify has no app for, and lifetimes that mean nothing. */
export function validateAmplifyOperator(where: IConstruct, props: AmplifyOperatorProps): void {
  const anAppId = 'the id of an Amplify app, such as d2mgxqlhqfnu3l';
  checkGiven(where, 'appId', props.appId, anAppId);
  checkText(where, 'appId', props.appId, /^d[a-z0-9]{1,19}$/, anAppId);
  checkKind(where, 'profile', props.profile, 'logRetentionDays', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkDuration(where, 'previewLifetime', props.previewLifetime, DAY, 365 * DAY);
  checkBoolean(where, 'previewBackends', props.previewBackends);
}

export function validateKeepSecrets(where: IConstruct, { branchName, secrets }: KeepSecretsOptions): void {
  checkText(where, 'branchName', branchName, /^[^]{1,255}$/, BRANCH);
  checkGiven(where, 'secrets', secrets, 'sources of secrets by their names');
  checkMap(where, 'secrets', secrets);
  const names = Object.keys(secrets);
  if (names.length < 1 || names.length > MOST_SECRETS) {
    throw new PlatformError(where, {
      problem: 'secrets has too few or too many entries for one place.',
      got: `${names.length} secrets`,
      allowed: `1 to ${MOST_SECRETS}`,
      fix: names.length === 0 ? 'name at least one secret' : 'divide them: call keepSecrets() twice, with two ids',
    });
  }
  for (const [name, source] of Object.entries(secrets)) {
    checkText(where, 'name of a secret', name, SECRET_NAME, '1 to 128 letters, digits and _ . -');
    checkGiven(where, `secrets.${name}`, source, 'a SecretSource, such as SecretSource.fromSecretsManager(secret)');
    checkKind(where, `secrets.${name}`, source, '_statements', 'a SecretSource, such as SecretSource.fromSecretsManager(secret)');
  }
}

export function validateRememberVariables(where: IConstruct, { branchName, variables, startBuilds, executeAfter }: RememberVariablesOptions): void {
  checkGiven(where, 'branchName', branchName, BRANCH);
  checkText(where, 'branchName', branchName, /^[^]{1,255}$/, BRANCH);
  checkGiven(where, 'variables', variables, 'values by name');
  checkMap(where, 'variables', variables);
  for (const [name, value] of Object.entries(variables)) checkText(where, `variables.${name}`, value, /^[^]*$/, 'a text');
  checkBoolean(where, 'startBuilds', startBuilds);
  checkList(where, 'executeAfter', executeAfter);
}

/** Two resources would write the same parameter in turns. */
export function refuseTwice(where: IConstruct, branchName: string | undefined, name: string): never {
  throw new PlatformError(where, {
    problem: 'a secret is kept twice at the same place.',
    got: `${name} for ${branchName === undefined ? 'all branches' : `branch ${display(branchName)}`}`,
    allowed: 'each name once for a branch, and once for all branches',
    fix: `leave ${name} out here, or give it another name`,
  });
}
