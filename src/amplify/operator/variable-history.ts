import { gunzipSync, gzipSync } from 'zlib';
import { Variables } from './hosted-app';
import { Tags } from './parameter-store';
import { OperatorWorld } from './world';

/** The variables that a branch had, and since when. */
export interface RecordedVariables {
  readonly version: number;
  readonly since?: Date;
  readonly variables: Variables;
}

/** Names of variables that differ. */
export interface Changes {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

const COMPRESSED = 'gzip:';
/** What SSM keeps without a charge. */
const FREE_BYTES = 4096;
const MAXIMUM_BYTES = 8192;

/**
 * Records variables as the newest version, unless they are that already. SSM keeps the last 100 versions.
 *
 * Encrypted: what somebody has set in the console may be a secret.
 */
export async function record(name: string, variables: Variables, world: OperatorWorld, tags?: Tags): Promise<number | undefined> {
  const text = encode(variables);
  const before = (await world.parameters.read([name])).get(name);
  const latest = before && decode(before.value);
  if (latest && same(latest, variables)) return before.version;
  if (Buffer.byteLength(text) > MAXIMUM_BYTES) {
    world.log({ problem: 'These variables are not recorded: even compressed they are above the 8 KB that SSM keeps', parameter: name });
    return undefined;
  }
  const version = before ? await world.parameters.overwrite(name, text, tags) : await world.parameters.create(name, text, tags ?? {});
  world.log({ recorded: name, version });
  return version;
}

/** What is recorded, oldest first; undefined if nothing is. */
export async function recorded(name: string, world: OperatorWorld): Promise<RecordedVariables[] | undefined> {
  const versions = await world.parameters.history(name);
  return versions?.flatMap(({ version, since, value }) => {
    const variables = decode(value);
    return variables ? [{ version, since, variables }] : [];
  });
}

export function changes(before: Variables, after: Variables): Changes {
  return {
    added: Object.keys(after).filter(name => !Object.hasOwn(before, name)).sort(),
    changed: Object.keys(after).filter(name => Object.hasOwn(before, name) && before[name] !== after[name]).sort(),
    removed: Object.keys(before).filter(name => !Object.hasOwn(after, name)).sort(),
  };
}

export function same(one: Variables, other: Variables): boolean {
  return asJson(one) === asJson(other);
}

/** SSM takes no double braces, and charges for more than 4 KB. */
export function encode(variables: Variables): string {
  const text = asJson(variables);
  if (Buffer.byteLength(text) <= FREE_BYTES && !text.includes('{{')) return text;
  return COMPRESSED + gzipSync(text).toString('base64');
}

/** Undefined for what somebody else wrote. */
export function decode(text: string): Variables | undefined {
  try {
    return JSON.parse(text.startsWith(COMPRESSED) ? gunzipSync(Buffer.from(text.slice(COMPRESSED.length), 'base64')).toString() : text);
  } catch {
    return undefined;
  }
}

/** The same text for the same variables. */
function asJson(variables: Variables): string {
  return JSON.stringify(Object.fromEntries(Object.entries(variables).sort(([one], [other]) => one < other ? -1 : 1)));
}
