import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkGiven, checkText } from '../validate';

/*
 * Amplify refuses names of variables that begin with AWS. Such a variable is stored with a prefix, and the build gives it back its name.
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/environment-variables.html
 */

const REFUSED_BY_AMPLIFY = /^AWS/;
const PREFIX = 'APP_';
const PREVIEW_PREFIX = 'PREVIEW_';
const MAX_LENGTH = 255;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Names that nobody can give a value, with the reason. */
const TAKEN: readonly (readonly [RegExp, string])[] = [
  [/^AWS_(BRANCH|BRANCH_ARN|APP_ID|COMMIT_ID|JOB_ID|CLONE_URL|DEFAULT_REGION|CACHE_BUCKET.*|PULL_REQUEST_.*)$/, 'Amplify sets it in each build'],
  [/^(CODEBUILD_.*|AMPLIFY_APP_ID|AMPLIFY_MONOREPO_APP_ROOT|secrets)$/, 'it is set for each build already'],
  [/^SECRET_PARAMETERS$/, 'it tells the app where its secrets are'],
  [/^(AWS_LAMBDA_.*|AWS_EXECUTION_ENV|AWS_XRAY_.*|LAMBDA_.*|_HANDLER|_X_AMZN_.*)$/, 'Lambda sets it where the app runs'],
  [/^AWS_(ACCESS_KEY.*|SECRET_(ACCESS_)?KEY|SESSION_TOKEN|SECURITY_TOKEN|CREDENTIAL.*|PROFILE|DEFAULT_PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE)$/,
    'it decides with which rights the build and the app work, and these are those of their roles'],
  [/^AWS_(ROLE_.*|WEB_IDENTITY_.*|CONTAINER_.*|EC2_METADATA_.*)$/, 'it decides with which rights the build and the app work, and these are those of their roles'],
  [/^AWS_(ENDPOINT_URL.*|IGNORE_CONFIGURED_ENDPOINT_URLS|CA_BUNDLE|PAGER|DEFAULT_OUTPUT|CLI_.*|DATA_PATH)$/, 'it would change what the AWS CLI does in the build'],
  [/^APP_AWS/, 'it is where the build keeps a variable whose name begins with AWS'],
  [/^PREVIEW_/, 'it is where builds of pull requests find their variables'],
  [/^_build_/, 'the scripts of the build use it'],
  [/^(PATH|HOME|PWD|OLDPWD|SHELL|USER|IFS|ENV|CDPATH|GLOBIGNORE|SHELLOPTS|BASHOPTS|BASH|BASH_.*|PS[0-4]|PROMPT_COMMAND|POSIXLY_CORRECT|SHLVL|_)$/,
    'the shell of the build works with it'],
  [/^(UID|EUID|PPID|GROUPS|SECONDS|RANDOM|LINENO|DIRSTACK|FUNCNAME|PIPESTATUS|OPTARG|OPTIND|OPTERR|REPLY|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE)$/,
    'the shell of the build sets it'],
  [/^(LD_.*|DYLD_.*|CI|TMPDIR)$/, 'the programs of the build work with it'],
];

/** Whether AWS sets the variable wherever the app is built and runs: it is known to the app, and is not stored. */
export function isSetByAws(name: string): boolean {
  return name === 'AWS_REGION';
}

/** The name under which Amplify keeps the variable. */
export function storedName(name: string): string {
  return REFUSED_BY_AMPLIFY.test(name) ? `${PREFIX}${name}` : name;
}

/** The name under which the app keeps the variable for builds of pull requests, which get no branch's variables. */
export function previewName(name: string): string {
  return `${PREVIEW_PREFIX}${name}`;
}

/** Refuses a name, as the app wants it, that no shell or not Amplify would take, or that is somebody else's. */
export function checkVariableName(where: IConstruct | string, prop: string, name: string): void {
  checkGiven(where, prop, name, 'the name of a variable');
  if (Token.isUnresolved(name)) throw refused(where, prop, name, 'is only known at deployment', 'write the name as plain text');
  checkText(where, prop, name, NAME, 'letters of the alphabet, digits and underscores, not beginning with a digit');
  const limit = MAX_LENGTH - (storedName(name).length - name.length);
  if (name.length > limit) throw refused(where, prop, name, `has ${name.length} characters, at most ${limit} are possible`, 'choose a shorter name');
  const taken = TAKEN.find(([names]) => names.test(name));
  if (taken) throw refused(where, prop, name, `cannot be given a value: ${taken[1]}`, 'choose another name');
}

function refused(where: IConstruct | string, prop: string, name: string, reason: string, fix: string): PlatformError {
  return new PlatformError(where, {
    problem: `${prop} ${reason}.`,
    got: `${prop} '${name}'`,
    allowed: 'a name that neither AWS nor the shell of the build uses itself',
    fix,
  });
}
