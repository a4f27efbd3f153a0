import { isOvertaken, MigrationLock, MigrationRecord, versionsOf } from './migration-record';
import { changed, finish, giveUp, isRunning, MigrationWorld, RunningLock, settle, STOP_MILLISECONDS } from './migration-settlement';
import { clientToken, startedBy, TaskAnswer, TaskRefusal } from './migration-task';

/** What is to be run. */
export interface MigrationRun {
  /** Deployment or invocation that asks. */
  readonly execution: string;
  readonly version: string;
  readonly taskDefinition: string;
  /** Command by hand, in place of the task definition's. */
  readonly command?: string[];
  /** When it was asked for, in milliseconds since 1970. */
  readonly since: number;
  /** When the asker stops waiting. */
  readonly deadline?: number;
}

/** How far it is. */
export type MigrationProgress =
  | { readonly kind: 'waiting'; readonly on: string; readonly task?: string; readonly holder?: MigrationLock }
  | { readonly kind: 'succeeded'; readonly record: MigrationRecord }
  | { readonly kind: 'failed'; readonly reason: string };

/** Longer than a request for a task takes with all its tries. */
const LAUNCH_MILLISECONDS = 60_000;
/** After this a request for a task that nobody finished was abandoned. */
const ABANDONED_MILLISECONDS = 120_000;
/** What new rights take to be known everywhere. */
const RIGHTS_MILLISECONDS = 60_000;

/**
 * Takes a migration one step further, and never waits. One task runs at a time, whoever asks and however often;
 * a version that was migrated is never migrated again, which makes every way back safe.
 */
export async function advance(run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress> {
  try {
    return await step(run, world);
  } catch (error) {
    if (!isPassing(error, run, world)) return { kind: 'failed', reason: `The migration could not go on. ${error}` };
    world.print({ migration: 'waiting', version: run.version, on: `${error}` });
    return { kind: 'waiting', on: `${error}` };
  }
}

async function step(run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress> {
  const decided = await decide(run, world);
  if (decided) return decided;

  const lock = await world.log.take(newLock(run, world));
  if (lock.owner !== run.execution) return waitFor(lock, run, world);
  return isRunning(lock) ? watch(lock, run, world) : launch(lock, run, world);
}

/** What the records say already. */
async function decide(run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress | undefined> {
  const record = await world.log.find(run.version);
  if (!record) return undefined;
  if (record.status === 'FAILED' && record.execution === run.execution) return { kind: 'failed', reason: record.reason! };
  if (record.status === 'SUCCEEDED' && !record.unsure) return already(record, 'already migrated', world);
  return isOvertaken(record, await world.log.all()) ? already(record, 'migrated before a later version', world) : undefined;
}

function already(record: MigrationRecord, why: string, world: MigrationWorld): MigrationProgress {
  world.print({ migration: why, version: record.version, at: record.at });
  return { kind: 'succeeded', record };
}

function newLock({ execution, version, taskDefinition, command }: MigrationRun, world: MigrationWorld): MigrationLock {
  const now = world.now();
  return {
    owner: execution,
    revision: 1,
    phase: 'TAKEN',
    taken: now,
    touched: now,
    attempt: 1,
    version,
    taskDefinition,
    command: command && JSON.stringify(command),
  };
}

async function watch(lock: RunningLock, run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress> {
  const isUnstoppable = lock.phase === 'STOPPING' && world.now() - lock.touched >= STOP_MILLISECONDS;
  const record = await settle(lock, world, run.deadline) ?? (isUnstoppable ? await giveUp(lock, world) : undefined);
  if (record) return record.status === 'SUCCEEDED' ? { kind: 'succeeded', record } : { kind: 'failed', reason: record.reason! };
  world.print({ migration: 'waiting', version: run.version, task: lock.task, seconds: Math.round((world.now() - lock.started) / 1000) });
  return { kind: 'waiting', on: 'its task', task: lock.task };
}

/** Asks ECS for the task. Only the invocation that announced it does so, and another one in its place when it did not come back. */
async function launch(lock: MigrationLock, run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress> {
  const announced = changed(lock, world, { phase: 'LAUNCHING' });
  const isSomebodyAtIt = lock.phase === 'LAUNCHING' && world.now() - lock.touched < LAUNCH_MILLISECONDS;
  if (isSomebodyAtIt || !await world.log.replace(lock, announced)) return { kind: 'waiting', on: 'the start of its task' };
  // Another execution of the same version may have ended between the look at the records and the lock.
  const decided = await decide(run, world);
  if (decided) {
    await world.log.release(announced);
    return decided;
  }
  if (run.command) await doubtRecords(world);

  const answer = await request(announced, run, world);
  if ('refusal' in answer) return refused(announced, answer, run, world);
  await world.log.replace(announced, changed(announced, world, { phase: 'RUNNING', task: answer.task, started: world.now() }));
  world.print({ migration: 'started', version: run.version, command: run.command, task: answer.task, taskDefinition: run.taskDefinition });
  return { kind: 'waiting', on: 'its task', task: answer.task };
}

async function request(lock: MigrationLock, run: MigrationRun, world: MigrationWorld): Promise<TaskAnswer> {
  const { execution, taskDefinition, command } = run;
  try {
    return await world.tasks.run({ taskDefinition, command, token: clientToken(execution, lock.attempt), startedBy: startedBy(execution) });
  } catch (error) {
    if (!isPassing(error, run, world)) return { refusal: `${error}`, passing: false };
    // The next step asks again, with the same token: ECS may have started the task and its answer was lost.
    await world.log.replace(lock, changed(lock, world, { phase: 'TAKEN' }));
    throw error;
  }
}

/** What is run by hand may change the schema either way: each version is migrated again when it is released the next time. */
async function doubtRecords({ log }: MigrationWorld): Promise<void> {
  for (const record of versionsOf(await log.all())) await log.write({ ...record, unsure: true });
}

async function refused(lock: MigrationLock, { refusal, passing }: TaskRefusal, run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress> {
  if (!passing || world.now() >= endOfPatience(lock.taken, run, world)) {
    const { reason } = await finish(lock, world, { ran: false, problem: `ECS starts no task: ${refusal}` });
    return { kind: 'failed', reason: reason! };
  }
  // A new request has a new token: the old one would bring the old answer.
  await world.log.replace(lock, changed(lock, world, { phase: 'TAKEN', attempt: lock.attempt + 1 }));
  world.print({ migration: 'waiting', version: run.version, on: refusal });
  return { kind: 'waiting', on: refusal };
}

/** Looks after whoever holds the lock: it may never come back. */
async function waitFor(lock: MigrationLock, run: MigrationRun, world: MigrationWorld): Promise<MigrationProgress> {
  if (await isOver(lock, world)) return step(run, world);

  const holder = `${lock.command ? `the command ${lock.command}` : `the migration of ${lock.version}`}${lock.task ? ` in task ${lock.task}` : ''}`;
  if (world.now() >= endOfPatience(run.since, run, world)) {
    return { kind: 'failed', reason: `Another migration is under way, and this one has waited long enough: ${holder}, since ${new Date(lock.taken).toISOString()}.` };
  }
  world.print({ migration: 'waiting', version: run.version, on: holder });
  return { kind: 'waiting', on: holder, holder: lock };
}

async function isOver(lock: MigrationLock, world: MigrationWorld): Promise<boolean> {
  if (isRunning(lock)) return await settle(lock, world) !== undefined;
  if (world.now() - lock.touched < ABANDONED_MILLISECONDS) return false;

  const task = await world.tasks.find(startedBy(lock.owner));
  if (task) await world.log.replace(lock, changed(lock, world, { phase: 'RUNNING', task, started: lock.touched }));
  else await world.log.release(lock);
  return task === undefined;
}

function endOfPatience(since: number, { deadline = Infinity }: MigrationRun, { limit }: MigrationWorld): number {
  return Math.min(since + limit, deadline);
}

/** Whether an error of AWS goes away by waiting, and there is time to wait. */
function isPassing(error: unknown, run: MigrationRun, world: MigrationWorld): boolean {
  const { name = '', $metadata } = error as Partial<Error> & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (/accessdenied/i.test(name)) return world.now() - run.since < RIGHTS_MILLISECONDS;
  // Without a status there was no answer: the network.
  const passes = /throttl|toomanyrequests|limitexceeded|throughputexceeded/i.test(name) || ($metadata && (status === undefined || status === 429 || status >= 500));
  return !!passes && world.now() < endOfPatience(run.since + world.limit, run, world) + STOP_MILLISECONDS;
}
