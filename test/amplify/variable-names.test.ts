import { Token } from 'aws-cdk-lib';
import { checkVariableName, isSetByAws, storedName } from '../../src/amplify/variable-names';

const check = (name: string) => () => checkVariableName('App', 'variables', name);

test('a name that Amplify refuses is stored with a prefix, every other one as it is', () => {
  expect(storedName('AWS_S3_BUCKET_NAME')).toBe('APP_AWS_S3_BUCKET_NAME');
  expect(storedName('AWSOME')).toBe('APP_AWSOME');
  expect(storedName('USER_POOL_ID')).toBe('USER_POOL_ID');
  expect(storedName('MY_AWS_THING')).toBe('MY_AWS_THING');
});

test('the region is known wherever the app is', () => {
  expect(isSetByAws('AWS_REGION')).toBe(true);
  expect(isSetByAws('AWS_S3_BUCKET_NAME')).toBe(false);
  expect(check('AWS_REGION')).not.toThrow();
});

test.each(['USER_POOL_ID', 'AWS_S3_BUCKET_NAME', 'AWS_COGNITO_REGION', '_x', 'a1', 'NEXT_PUBLIC_URL', 'NODE_OPTIONS', 'NODE_ENV', 'PORT', '_LIVE_UPDATES', 'X'.repeat(255),
  `AWS_${'X'.repeat(247)}`])('takes %s', name => {
  expect(check(name)).not.toThrow();
});

test.each([
  ['AWS_BRANCH', 'Amplify sets it in each build'], ['AWS_PULL_REQUEST_ID', 'Amplify sets it'], ['AWS_COMMIT_ID', 'Amplify sets it'], ['AWS_JOB_ID', 'Amplify sets it'],
  ['AWS_DEFAULT_REGION', 'Amplify sets it'], ['AMPLIFY_APP_ID', 'set for each build already'], ['SECRET_PARAMETERS', 'where its secrets are'],
  ['AWS_ACCESS_KEY_ID', 'with which rights'], ['AWS_SECRET_ACCESS_KEY', 'with which rights'], ['AWS_SESSION_TOKEN', 'with which rights'], ['AWS_PROFILE', 'with which rights'],
  ['AWS_LAMBDA_FUNCTION_NAME', 'Lambda sets it'], ['AWS_EXECUTION_ENV', 'Lambda sets it'], ['_HANDLER', 'Lambda sets it'], ['AWS_ENDPOINT_URL_S3', 'the AWS CLI'],
  ['APP_AWS_S3_BUCKET_NAME', 'begins with AWS'], ['_build_name', 'scripts of the build'], ['PATH', 'the shell of the build works with it'], ['HOME', 'the shell'],
  ['IFS', 'the shell'], ['BASH_ENV', 'the shell'], ['SECONDS', 'the shell of the build sets it'], ['LD_PRELOAD', 'programs of the build'], ['CI', 'programs of the build'],
])('refuses %s: %s', (name, reason) => {
  expect(check(name)).toThrow('App: variables cannot be given a value: ');
  expect(check(name)).toThrow(reason);
  expect(check(name)).toThrow(`got: variables '${name}'`);
});

test.each(['', '1A', 'A-B', 'A B', 'A=B', 'Ä', 'A\n', '$(touch x)', "A'"])('refuses %j, which no shell takes', name => {
  expect(check(name)).toThrow('App: variables is not well-formed');
});

test('refuses a name that is too long under the name that is stored', () => {
  expect(check('X'.repeat(256))).toThrow('has 256 characters, at most 255 are possible');
  expect(check(`AWS_${'X'.repeat(248)}`)).toThrow('has 252 characters, at most 251 are possible');
});

test('refuses what is no name at all', () => {
  expect(check(undefined as unknown as string)).toThrow('variables is missing');
  expect(check(Token.asString({ Ref: 'X' }))).toThrow('only known at deployment');
});
