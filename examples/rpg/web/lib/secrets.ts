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
 * @throws an Error with the names of all parameters that do not exist, so that a server without its secrets does not start.
 */
export async function loadSecrets(environment: Record<string, string | undefined> = process.env, client?: ParameterReader): Promise<void> {
  const listed = (environment.SECRET_PARAMETERS ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const wanted = [...new Set(listed)].filter((name) => !environment[variableName(name)]);
  if (wanted.length === 0) {
    return;
  }

  const reader: ParameterReader = client ?? new SSMClient();
  const values = new Map<string, string>();
  for (let start = 0; start < wanted.length; start += BATCH) {
    const answer = await reader.send(new GetParametersCommand({ Names: wanted.slice(start, start + BATCH), WithDecryption: true }));
    for (const { Name, Value } of answer.Parameters ?? []) {
      if (Name && Value) {
        values.set(Name, Value);
      }
    }
  }

  const missing = wanted.filter((name) => !values.has(name));
  if (missing.length > 0) {
    throw new Error(`These secrets are named in SECRET_PARAMETERS but are not in the Parameter Store: ${missing.join(', ')}`);
  }
  for (const name of wanted) {
    environment[variableName(name)] ||= values.get(name);
  }
}

/** Ends the process when a secret is missing: Next would go on and answer every request with 500, and a next process may find what this one did not. */
export async function loadSecretsOrExit(): Promise<void> {
  try {
    await loadSecrets();
  } catch (error) {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    process.exit(1);
  }
}

function variableName(parameterName: string): string {
  return parameterName.slice(parameterName.lastIndexOf('/') + 1);
}
