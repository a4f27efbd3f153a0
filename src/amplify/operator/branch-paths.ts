import { createHash } from 'crypto';

/*
 * Names that Amplify Gen 2 gives to what belongs to a branch: packages/platform-core/src/backend_identifier_conversions.ts and
 * parameter_path_conversions.ts of https://github.com/aws-amplify/amplify-backend
 */

/** Where Gen 2 looks for secrets: those of a branch, or without one those that all branches of an app share. */
export function secretsPath(appId: string, branchName?: string): string {
  if (branchName === undefined) return `/amplify/shared/${appId}`;
  const { namespace, name } = identifiers(appId, branchName);
  return `/amplify/${namespace}/${name}-branch-${branchHash(appId, branchName)}`;
}

/** Name of the stack that `ampx pipeline-deploy` makes for a branch. */
export function backendStackName(appId: string, branchName: string): string {
  const { namespace, name } = identifiers(appId, branchName);
  return `amplify-${namespace}-${name}-branch-${branchHash(appId, branchName)}`;
}

/** Where this library keeps what belongs to an app. */
export function libraryPath(appId: string): string {
  return `/cdk-web-platform/amplify/${appId}`;
}

/** Parameter whose versions are the variables that a branch has had. */
export function historyName(appId: string, branchName: string): string {
  return `${libraryPath(appId)}/${identifiers(appId, branchName).name}-${branchHash(appId, branchName)}/variables`;
}

/** Tells branches apart whose names differ only in signs. */
function branchHash(appId: string, branchName: string): string {
  return createHash('sha512').update(appId + branchName, 'utf8').digest('hex').slice(0, 10);
}

function identifiers(appId: string, branchName: string): { namespace: string; name: string } {
  const name = lettersAndDigits(branchName).slice(0, 50);
  return { name, namespace: lettersAndDigits(appId).slice(0, 100 - name.length) };
}

function lettersAndDigits(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}
