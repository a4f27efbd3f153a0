import { OperatorWorld } from './world';

/** Where the value of one secret comes from: Secrets Manager, or a SecureString. */
export interface DescribedSource {
  /** Name under which it is kept. */
  readonly name: string;
  readonly secret?: string;
  readonly field?: string;
  readonly parameter?: string;
}

/** What is wrong with all sources at once, without a word of their values. */
class SourcesRefused extends Error {
  constructor(problems: Error[]) {
    super(problems.map(({ message }) => message).join('; '));
    // Rights may be on their way only if nothing else is wrong.
    this.name = problems.every(({ name }) => name.startsWith('AccessDenied')) ? problems[0].name : 'SourcesRefused';
  }
}

const MAXIMUM_BYTES = 8192;

/** The value of each source, by the name under which it is kept. */
export async function readValues(sources: DescribedSource[], world: OperatorWorld): Promise<Map<string, string>> {
  const problems: Error[] = [];
  const values = new Map<string, string>();
  const secrets = await readSecrets(sources, world, problems);
  const parameters = await world.parameters.read(sources.flatMap(({ parameter }) => parameter ?? []));
  for (const source of sources) {
    if (source.secret !== undefined && !secrets.has(source.secret)) continue;
    try {
      const value = source.secret === undefined ? parameters.get(source.parameter!)?.value : valueIn(secrets.get(source.secret), source.field);
      values.set(source.name, checked(source, value));
    } catch (error) {
      problems.push(error as Error);
    }
  }
  if (problems.length > 0) throw new SourcesRefused(problems);
  return values;
}

/** Each secret once, however many of its fields are wanted. */
async function readSecrets(sources: DescribedSource[], world: OperatorWorld, problems: Error[]): Promise<Map<string, string | undefined>> {
  const found = new Map<string, string | undefined>();
  for (const arn of new Set(sources.flatMap(({ secret }) => secret ?? []))) {
    try {
      found.set(arn, await world.readSecret(arn));
    } catch (error) {
      const { name, message } = error as Error;
      problems.push(Object.assign(new Error(`${arn} cannot be read: ${message}`), { name }));
    }
  }
  return found;
}

/** JSON.parse would quote the value in its error. */
function valueIn(secret: string | undefined, field: string | undefined): string | undefined {
  if (secret === undefined || field === undefined) return secret;
  let fields: unknown;
  try {
    fields = JSON.parse(secret);
  } catch {
    return undefined;
  }
  const value = Object.entries(Object(fields)).find(([name]) => name === field)?.[1];
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value as string | undefined;
}

function checked({ name, secret, field, parameter }: DescribedSource, value: unknown): string {
  const source = secret === undefined ? `parameter ${parameter}` : field === undefined ? `secret ${secret}` : `field ${field} of secret ${secret}`;
  if (typeof value !== 'string') throw new Error(`${name}: there is no text in ${source}`);
  if (value === '') throw new Error(`${name}: ${source} is empty, which SSM cannot keep`);
  if (Buffer.byteLength(value) > MAXIMUM_BYTES) throw new Error(`${name}: ${source} has more than the ${MAXIMUM_BYTES} bytes that SSM keeps`);
  return value;
}
