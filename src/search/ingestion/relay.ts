/* eslint-disable import/no-extraneous-dependencies -- bundled into the function */
import { setTimeout as sleep } from 'timers/promises';
import type { Client } from 'pg';
import { Change, takeChanges } from './database';

/** Sends at most ten messages, and fails if one of them was not taken. */
export type SendTen = (messages: readonly string[]) => Promise<void>;

/** How the relay runs. */
export interface RelaySettings {
  /** Pause before the outbox is looked at again, in milliseconds; 0 empties it once. */
  readonly pause: number;
  /** When no further round begins, in milliseconds since 1970. */
  readonly until: number;
}

const CHANGES_AT_ONCE = 1_000;
const SENDING_AT_ONCE = 10;

/** Moves what is in the outbox to the queue, and answers how many entries that were. */
export async function relay(database: Client, send: SendTen, { pause, until }: RelaySettings): Promise<number> {
  let moved = 0;
  for (;;) {
    const taken = await takeChanges(database, CHANGES_AT_ONCE, changes => sendAll(changes, send));
    moved += taken;
    if (taken === CHANGES_AT_ONCE && Date.now() < until) continue;
    if (pause === 0 || Date.now() + pause > until) return moved;
    await sleep(pause);
  }
}

async function sendAll(changes: readonly Change[], send: SendTen): Promise<void> {
  const tens = inParts(changes.map(change => JSON.stringify(change)), 10);
  for (const part of inParts(tens, SENDING_AT_ONCE)) await Promise.all(part.map(ten => send(ten)));
}

function inParts<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, part) => list.slice(part * size, (part + 1) * size));
}
