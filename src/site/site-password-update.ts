/*
 * Carries a password from its secret into the store that the edge reads: its hash only, and never into a log, a reason or an answer.
 */

import { createHash } from 'crypto';
import { PasswordStore } from './site-password-store';
import { CustomResourceAnswer, CustomResourceRequest, isGoingBack } from '../custom-resource-answer';
import { patiently, Waiting } from '../patience';

/** The key under which the function at the edge finds the hash. */
export const PASSWORD_KEY = 'basic-auth';

/** The secret's current value and since when it has been that. */
export interface PasswordSecret {
  readonly value?: string;
  readonly since?: Date;
}

/** What the update needs of the world. */
export interface SitePasswordWorld extends Waiting {
  readonly store: PasswordStore;
  readSecret(): Promise<PasswordSecret>;
  findStackStatus(stackId: string): Promise<string>;
  now(): Date;
}

/** By hand (`{"refresh": true}`), or by the schedule, which says how new a value is that it looks for. */
export interface RefreshRequest {
  readonly refresh: true;
  readonly changedWithinHours?: number;
}

/** Hex SHA-256 of the `Authorization` header that a browser sends for the name and password in a secret. */
export function authorizationHash(secret: string | undefined): string {
  const { username, password } = credentialsIn(secret);
  const header = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  return createHash('sha256').update(header).digest('hex');
}

/** Nothing of a wrong value is repeated: not even the error of JSON.parse, which quotes it. */
function credentialsIn(secret: string | undefined): { username: string; password: string } {
  const { username, password } = fieldsOf(secret);
  if (typeof username !== 'string' || typeof password !== 'string' || !username || !password) {
    throw new Error('the secret is no JSON object with the fields username and password, two texts that are not empty');
  }
  // The header divides them at the first colon, and browsers send no control characters.
  if (username.includes(':')) throw new Error('the username in the secret has a colon, which no browser can send');
  if (/\p{Cc}/u.test(username + password)) throw new Error('username or password in the secret has a control character, which no browser can send');
  return { username, password };
}

function fieldsOf(secret: string | undefined): { [name: string]: unknown } {
  try {
    return Object(JSON.parse(secret ?? ''));
  } catch {
    return {};
  }
}

/** Answers the custom resource. What fails on the way back is only logged: it would leave the stack in UPDATE_ROLLBACK_FAILED. */
export async function answerRequest(request: CustomResourceRequest, world: SitePasswordWorld): Promise<CustomResourceAnswer> {
  const PhysicalResourceId = request.PhysicalResourceId ?? request.LogicalResourceId;
  // The store goes with its stack. Without the key a site in use would only stay closed.
  if (request.RequestType === 'Delete') return { Status: 'SUCCESS', PhysicalResourceId };
  try {
    await updateStore(world);
    return { Status: 'SUCCESS', PhysicalResourceId };
  } catch (error) {
    const Reason = `The site's password was not stored: ${(error as Error).message}`;
    world.log({ failed: Reason });
    const goesBack = request.RequestType === 'Update' && await findGoingBack(request.StackId, world);
    return goesBack ? { Status: 'SUCCESS', PhysicalResourceId } : { Status: 'FAILED', Reason, PhysicalResourceId };
  }
}

/** Refreshes by hand or by schedule. Whoever asked sees an error as it is. */
export async function refresh({ changedWithinHours }: RefreshRequest, world: SitePasswordWorld): Promise<{ readonly refreshed: boolean }> {
  if (changedWithinHours !== undefined) {
    const { since } = await readSecret(world);
    // The store's interface is paid by the request; the secret's costs next to nothing.
    if (since !== undefined && world.now().getTime() - since.getTime() > changedWithinHours * 3_600_000) return { refreshed: false };
  }
  await updateStore(world);
  return { refreshed: true };
}

async function findGoingBack(stackId: string, world: SitePasswordWorld): Promise<boolean> {
  try {
    return isGoingBack(await world.findStackStatus(stackId));
  } catch (error) {
    world.log({ problem: `CloudFormation could not be asked whether this stack is going back: ${(error as Error).message}` });
    return false;
  }
}

async function updateStore(world: SitePasswordWorld): Promise<void> {
  const { value } = await readSecret(world);
  const hash = authorizationHash(value);
  await patiently(world, async () => {
    const { ETag, Status = 'READY', FailureReason } = await world.store.describe();
    if (Status !== 'READY') throw new Error(`the key value store is ${Status}${FailureReason ? `: ${FailureReason}` : ''}`);
    await world.store.put(PASSWORD_KEY, hash, ETag);
  }, () => true);
  world.log({ stored: PASSWORD_KEY });
}

function readSecret(world: SitePasswordWorld): Promise<PasswordSecret> {
  return patiently(world, () => world.readSecret(), error => error.name === 'AccessDeniedException');
}
