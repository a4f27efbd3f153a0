import { MigrationLock, MigrationLog, MigrationRecord } from './migration-record';
import { endOf, failureOf, MigrationTask, MigrationTasks, neverStarted } from './migration-task';

/** What migrations need of the world. */
export interface MigrationWorld {
  readonly log: MigrationLog;
  readonly tasks: MigrationTasks;
  /** How long a task may take, in milliseconds. */
  readonly limit: number;
  now(): number;
  print(line: object): void;
}

/** ECS takes a moment until a new task can be described. */
const VISIBLE_MILLISECONDS = 60_000;
/** From SIGTERM to SIGKILL at most two minutes, and a while until ECS says so. */
export const STOP_MILLISECONDS = 150_000;
/** Requests for a task that never starts: a network interface or a new role that came too late is worth a second one. */
const ATTEMPTS = 2;

/** A lock whose task is known. */
export type RunningLock = MigrationLock & Required<Pick<MigrationLock, 'task' | 'started'>>;

export function isRunning(lock: MigrationLock): lock is RunningLock {
  return lock.task !== undefined && lock.started !== undefined;
}

/**
 * Looks after the task that holds the lock: whoever asks, its time limit is kept and its end is recorded.
 * Answers the record when it has ended, nothing while it has not.
 */
export async function settle(lock: RunningLock, world: MigrationWorld, deadline?: number): Promise<MigrationRecord | undefined> {
  const task = await world.tasks.describe(lock.task);
  if (!task) return settleUnknown(lock, world);
  if (task.stopped) return settleStopped(lock, task, world);

  const stopReason = overdue(lock, world, deadline);
  if (!stopReason || lock.phase === 'STOPPING') return undefined;
  world.print({ migration: 'stopping', version: lock.version, task: lock.task, reason: stopReason });
  await world.tasks.stop(lock.task, `Migration: ${stopReason}`);
  await world.log.replace(lock, changed(lock, world, { phase: 'STOPPING', stopReason }));
  return undefined;
}

/** The lock with changes. */
export function changed(lock: MigrationLock, world: MigrationWorld, changes: Partial<MigrationLock>): MigrationLock {
  return { ...lock, ...changes, revision: lock.revision + 1, touched: world.now() };
}

/** Records that a task was told to stop and does not. The lock stays where it is: what may still run must keep others out. */
export async function giveUp(lock: RunningLock, world: MigrationWorld): Promise<MigrationRecord> {
  return writeRecord(lock, world, { ran: true, problem: `${lock.stopReason}, but ECS has not ended its task yet` });
}

/** Records what became of a version and gives the lock back; in this order, so that nobody takes it in between and runs the version again. */
export async function finish(lock: MigrationLock, world: MigrationWorld, end: Ending): Promise<MigrationRecord> {
  const record = await writeRecord(lock, world, end);
  await world.log.release(lock);
  return record;
}

/** How a run ended. */
export interface Ending {
  /** Nothing where it succeeded. */
  readonly problem?: string;
  /** Whether its command may have done something. */
  readonly ran: boolean;
  readonly exitCode?: number;
  readonly seconds?: number;
  readonly lines?: string[];
}

function overdue({ started }: RunningLock, world: MigrationWorld, deadline = Infinity): string | undefined {
  const now = world.now();
  if (now >= started + world.limit) return `time limit of ${world.limit / 60_000} minutes reached`;
  return now >= deadline ? 'CloudFormation waits no longer' : undefined;
}

async function settleUnknown(lock: RunningLock, world: MigrationWorld): Promise<MigrationRecord | undefined> {
  if (world.now() - lock.started < VISIBLE_MILLISECONDS) return undefined;
  return finish(lock, world, { ran: true, problem: 'ECS no longer knows its task, so that nobody can say how it ended' });
}

async function settleStopped(lock: RunningLock, task: MigrationTask, world: MigrationWorld): Promise<MigrationRecord | undefined> {
  const problem = lock.stopReason ?? failureOf(task);
  const ran = !neverStarted(task);
  if (!ran && !lock.stopReason && lock.attempt < ATTEMPTS) {
    world.print({ migration: 'trying again', version: lock.version, task: lock.task, reason: problem });
    await world.log.replace(lock, changed(lock, world, { phase: 'TAKEN', attempt: lock.attempt + 1, task: undefined, started: undefined }));
    return undefined;
  }
  const lines = ran ? endOf(await lastLines(lock.task, problem !== undefined, world)) : [];
  const seconds = Math.round(((task.endedAt ?? world.now()) - (task.startedAt ?? lock.started)) / 1000);
  return finish(lock, world, { problem, ran, seconds, lines, exitCode: task.exitCode });
}

/** What went wrong counts, also where its output cannot be read. */
async function lastLines(task: string, patient: boolean, world: MigrationWorld): Promise<string[]> {
  try {
    return await world.tasks.lastLines(task, patient);
  } catch (error) {
    world.print({ migration: 'output unknown', task, problem: `${error}` });
    return [];
  }
}

async function writeRecord(lock: MigrationLock, world: MigrationWorld, end: Ending): Promise<MigrationRecord> {
  const { problem, ran, exitCode, seconds, lines = [] } = end;
  const before = await world.log.find(lock.version);
  const at = new Date(world.now()).toISOString();
  const record: MigrationRecord = {
    version: lock.version,
    status: problem ? 'FAILED' : 'SUCCEEDED',
    execution: lock.owner,
    taskDefinition: lock.taskDefinition,
    task: lock.task,
    at,
    firstRun: before?.firstRun ?? (ran ? at : undefined),
    migrated: before?.migrated || !problem,
    command: lock.command,
    exitCode,
    seconds,
    reason: problem && reasonOf(lock, problem, seconds, lines),
    lastLines: lines.join('\n'),
  };
  await world.log.write(record);
  world.print({ migration: problem ? 'failed' : 'finished', ...record, lastLines: lines });
  return record;
}

function reasonOf({ command, task, taskDefinition }: MigrationLock, problem: string, seconds: number | undefined, lines: string[]): string {
  return [
    `${command ? 'The command' : 'The migration'} failed${seconds === undefined ? '' : ` after ${seconds} s`}: ${problem}.`,
    ...lines.length > 0 ? ['Last lines of its output:', ...lines] : [],
    task ? `Task ${task} of ${taskDefinition}.` : `Task definition ${taskDefinition}.`,
  ].join('\n');
}
