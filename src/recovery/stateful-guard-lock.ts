import { randomBytes } from 'crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'fs';
import { basename, dirname, join } from 'path';
import { PlatformError, Problem } from '../errors';
import { display } from '../validate';

/** What the guard knows of a resource. */
export interface GuardedResource {
  readonly type: string;
  /** Path of its construct. */
  readonly path: string;
  /** Properties that CloudFormation can only give to a new resource, as they are in the template. */
  readonly createOnly: ReadonlyMap<string, unknown>;
  readonly version?: string;
  /** Reason for which it may be lost or replaced, once. */
  readonly allow?: string;
}

/** A stack of the lock file. */
export interface GuardedStack {
  /** Name of its stack; of a nested one its parent's, with the logical id that it has there. */
  readonly stackName: string;
  /** Resources by logical id. */
  readonly resources: ReadonlyMap<string, GuardedResource>;
  /** Reason for which the whole stack may leave the app, once. */
  readonly allow?: string;
}

/** Content of a lock file. */
export interface Lock {
  /** Digest of the list of guarded properties with which each type was written. */
  readonly types: ReadonlyMap<string, string>;
  /** Stacks by the path of their construct. */
  readonly stacks: ReadonlyMap<string, GuardedStack>;
  /** What was lost or replaced on purpose, with the reasons. */
  readonly released: ReadonlyMap<string, string>;
}

const FORMAT = 1;
const ABOUT = 'Stateful resources that a deployment must not lose or replace. Kept by StatefulGuard of cdk-web-platform at each synth: commit it.';

export const EMPTY_LOCK: Lock = { types: new Map(), stacks: new Map(), released: new Map() };

/** The same text for the same content: sorted, so that two branches seldom change the same lines. */
export function lockText({ types, stacks, released }: Lock): string {
  return `${JSON.stringify({
    format: FORMAT,
    about: ABOUT,
    types: sorted(types),
    stacks: sorted(stacks, stack => ({
      stackName: stack.stackName,
      resources: sorted(stack.resources, ({ type, path, createOnly, version }) => ({ type, path, createOnly: sorted(createOnly), version })),
    })),
    released: sorted(released),
  }, undefined, 2)}\n`;
}

function sorted<T>(map: ReadonlyMap<string, T>, each: (value: T) => unknown = value => value): object {
  // By code unit: a locale must not decide how a file in the repository is sorted.
  return Object.fromEntries([...map].sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => [key, each(value)]));
}

/** The lock file as it is; nothing where there is none yet. */
export function readLock(file: string): Lock | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refused(file, 'the lock file cannot be read.', (error as Error).message, 'make it readable');
  }
  return parsed(file, text);
}

/** Beside the file and then in its place: a synth that is interrupted, or a second one, never leaves half a file. */
export function writeLock(path: string, lock: Lock): void {
  // A link stays one.
  const file = existsSync(path) ? realpathSync(path) : path;
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    const opened = openSync(draft, 'wx', 0o644);
    try {
      writeFileSync(opened, lockText(lock));
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw refused(file, 'the lock file cannot be written.', (error as Error).message,
      'make its directory, and let this user write to it; in a pipeline, which must not write it, set ci: true');
  }
}

function parsed(file: string, text: string): Lock {
  if (/^(<{7}|={7}|>{7})( |$)/m.test(text)) {
    throw refused(file, 'the lock file has the marks of a merge conflict.', 'lines that begin with <<<<<<<, ======= or >>>>>>>',
      'keep the entries of both sides and synthesize again: what both branches added is added by itself, what only one removed is told');
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw damaged(file, (error as Error).message);
  }
  const root = object(file, 'the file', content);
  if (typeof root.format === 'number' && root.format > FORMAT) {
    throw refused(file, 'the lock file was written by a newer version of cdk-web-platform.', `format ${root.format}`,
      'install the version that the rest of the team has', `format ${FORMAT}`);
  }
  if (root.format !== FORMAT) throw damaged(file, `format ${display(root.format)}`);
  return {
    types: strings(file, 'types', root.types),
    stacks: mapped(file, 'stacks', root.stacks, (value, at) => parsedStack(file, at, value)),
    released: strings(file, 'released', root.released),
  };
}

function parsedStack(file: string, at: string, value: unknown): GuardedStack {
  const { stackName, resources, allow } = object(file, at, value);
  return {
    stackName: string(file, `${at}.stackName`, stackName),
    resources: mapped(file, `${at}.resources`, resources, (resource, where) => parsedResource(file, where, resource)),
    allow: reason(file, at, allow),
  };
}

function parsedResource(file: string, at: string, value: unknown): GuardedResource {
  const { type, path, createOnly, version, allow } = object(file, at, value);
  return {
    type: string(file, `${at}.type`, type),
    path: string(file, `${at}.path`, path),
    createOnly: mapped(file, `${at}.createOnly`, createOnly, property => property),
    version: version === undefined ? undefined : string(file, `${at}.version`, version),
    allow: reason(file, at, allow),
  };
}

/** A word such as "yes" is not what a colleague needs to know in a year. */
function reason(file: string, at: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim().length >= 10) return value.trim();
  throw refused(file, `allow of ${at} is not a reason.`, `allow ${display(value)}`, 'write why it may go', 'a sentence of 10 characters or more');
}

function mapped<T>(file: string, at: string, value: unknown, each: (value: unknown, at: string) => T): Map<string, T> {
  return new Map(Object.entries(object(file, at, value)).map(([key, entry]) => [key, each(entry, `${at}.${key}`)]));
}

function strings(file: string, at: string, value: unknown): Map<string, string> {
  return mapped(file, at, value, (entry, where) => string(file, where, entry));
}

function object(file: string, at: string, value: unknown): { readonly [key: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as { [key: string]: unknown };
  throw damaged(file, `${at} ${display(value)}`);
}

function string(file: string, at: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw damaged(file, `${at} ${display(value)}`);
}

function damaged(file: string, got: string): PlatformError {
  return refused(file, 'the lock file is damaged.', got, 'take back the last good version, as with `git checkout` of this file, and synthesize again');
}

function refused(file: string, problem: string, got: string, fix: string, allowed: Problem['allowed'] = 'a lock file that StatefulGuard wrote'): PlatformError {
  return new PlatformError(file, { problem, got, allowed, fix });
}
