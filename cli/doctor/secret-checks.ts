import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { bad, Finding, good, unknown } from './finding';
import { parametersIn, parametersReadBy, SecretReference, secretsIn, textsOf } from './texts';
import { allResources, DeployableStack, Place } from '../assembly';

type Settings = { readonly profile?: string; readonly region?: string };

/** Whether every secret and parameter that the templates name is there, with its fields, and not empty. Values are looked at here and go nowhere. */
export async function checkSecrets(where: string, stacks: readonly DeployableStack[], place: Place, settings: Settings): Promise<Finding[]> {
  const texts = new Set(stacks.flatMap(stack => [...textsOf(allResources(stack), place)]));
  const parameters = new Set([...parametersIn(texts), ...stacks.flatMap(stack => [stack, ...stack.nested].flatMap(parametersReadBy))]);
  const secretsManager = new SecretsManagerClient(settings);
  const ssm = new SSMClient(settings);
  return Promise.all([
    ...merged(secretsIn(texts).filter(({ id }) => !id.startsWith('arn:') || id.includes(`:${place.region}:${place.account}:`))).map(secret => checkSecret(where, secret, secretsManager)),
    ...[...parameters].map(name => checkParameter(where, name, ssm)),
  ]);
}

/** A secret is named by its name in one place, and by an ARN that ends in it in another. Those of other accounts and regions are theirs to look at. */
function merged(secrets: readonly SecretReference[]): SecretReference[] {
  const fields = new Map<string, Set<string>>();
  for (const { id, fields: names } of secrets) {
    const name = id.replace(/^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:/, '');
    const known = fields.get(name) ?? fields.set(name, new Set()).get(name)!;
    for (const each of names) known.add(each);
  }
  return [...fields].map(([id, names]) => ({ id, fields: [...names] }));
}

async function checkSecret(where: string, { id, fields }: SecretReference, client: SecretsManagerClient): Promise<Finding> {
  const check = `secret ${id}`;
  try {
    const { SecretString: text = '', SecretBinary: bytes } = await readSecret(id, client);
    const empty = emptyFields(text, fields);
    const fix = `aws secretsmanager put-secret-value --secret-id ${id} --secret-string file://value.json`;
    if (!text && !bytes?.length) return bad(where, check, 'is empty', fix);
    if (empty.length > 0) return bad(where, check, `has nothing in ${empty.join(', ')}`, `add it to its JSON: ${fix}`);
    return good(where, check, fields.length > 0 ? `has ${fields.join(', ')}` : 'has a value');
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') return unknown(where, check, error);
    return bad(where, check, 'is not there', `aws secretsmanager create-secret --name ${id} --secret-string file://value.json`);
  }
}

/** An ARN's last part is the name, or the name with six characters that Secrets Manager added. */
async function readSecret(id: string, client: SecretsManagerClient) {
  try {
    return await client.send(new GetSecretValueCommand({ SecretId: id }));
  } catch (error) {
    const name = id.replace(/-[A-Za-z0-9]{6}$/, '');
    if ((error as Error).name !== 'ResourceNotFoundException' || name === id) throw error;
    return client.send(new GetSecretValueCommand({ SecretId: name }));
  }
}

function emptyFields(text: string, fields: readonly string[]): string[] {
  let value: any;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  return fields.filter(field => [undefined, null, ''].includes(value?.[field]));
}

async function checkParameter(where: string, name: string, client: SSMClient): Promise<Finding> {
  const check = `parameter ${name}`;
  try {
    const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return parameter?.Value?.trim() ? good(where, check, 'has a value') : bad(where, check, 'is empty', `aws ssm put-parameter --overwrite --name ${name} --value …`);
  } catch (error) {
    if ((error as Error).name !== 'ParameterNotFound') return unknown(where, check, error);
    return bad(where, check, 'is not there', `aws ssm put-parameter --type String --name ${name} --value …`);
  }
}
