import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';

/** GetParameters takes no more names in one call. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const BATCH = 10;

/** The part of the SSM client that is needed here, so that a test can stand in for it. */
export interface ParameterReader {
  send(command: GetParametersCommand): Promise<{ Parameters?: { Name?: string; Value?: string }[] }>;
}

/**
 * Reads the secrets that SECRET_PARAMETERS names (full SSM parameter names, separated by commas) with the role of the server, and puts each into the
 * environment under the last segment of its name: /amplify/app/branch/NEXTAUTH_SECRET becomes NEXTAUTH_SECRET.
 * A variable that has a value already keeps it, and its parameter is not read. Values are never logged.
 *
 * @returns names of the parameters that are not there or may not be read any more: the stack has given them up since this server was built.
 */
export async function loadSecrets(environment: Record<string, string | undefined> = process.env, client?: ParameterReader): Promise<string[]> {
  const listed = (environment.SECRET_PARAMETERS ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const wanted = [...new Set(listed)].filter((name) => !environment[variableName(name)]);
  const reader: ParameterReader = client ?? new SSMClient();
  const values = new Map<string, string>();
  for (let start = 0; start < wanted.length; start += BATCH) {
    for (const [name, value] of await readBatch(wanted.slice(start, start + BATCH), reader)) {
      values.set(name, value);
    }
  }
  for (const [name, value] of values) {
    environment[variableName(name)] ||= value;
  }
  return wanted.filter((name) => !values.has(name));
}

/** SSM refuses all of a batch where the role may not read one of them. */
async function readBatch(names: string[], reader: ParameterReader): Promise<[string, string][]> {
  try {
    const { Parameters = [] } = await reader.send(new GetParametersCommand({ Names: names, WithDecryption: true }));
    return Parameters.flatMap(({ Name, Value }): [string, string][] => (Name && Value ? [[Name, Value]] : []));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AccessDeniedException') {
      throw error;
    }
    return names.length === 1 ? [] : (await Promise.all(names.map((name) => readBatch([name], reader)))).flat();
  }
}

/**
 * For the start of a server. One that lacks a secret starts all the same, and what needs the secret fails: after a secret was given up in the stack,
 * servers that are not rebuilt yet would all end. When the Parameter Store cannot be asked at all, the process ends, and the next one tries again.
 */
export async function loadSecretsOrExit(): Promise<void> {
  try {
    const missing = await loadSecrets();
    if (missing.length > 0) {
      console.error(`These secrets are named in SECRET_PARAMETERS but cannot be read: ${missing.join(', ')}`);
    }
  } catch (error) {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    process.exit(1);
  }
}

function variableName(parameterName: string): string {
  return parameterName.slice(parameterName.lastIndexOf('/') + 1);
}
