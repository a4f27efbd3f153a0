import { createHash } from 'crypto';

/** A task as far as it matters here. */
export interface MigrationTask {
  /** Whether the command has ended, or never will begin. */
  readonly stopped: boolean;
  readonly exitCode?: number;
  /** ECS's word for why it stopped, such as `EssentialContainerExited`. */
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** When the command began and ended, in milliseconds since 1970. */
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** What ECS is asked for. */
export interface TaskRequest {
  readonly taskDefinition: string;
  /** Command in place of the task definition's. */
  readonly command?: string[];
  /** The same request with the same token starts no second task. */
  readonly token: string;
  readonly startedBy: string;
}

/** Why there is no task. */
export interface TaskRefusal {
  readonly refusal: string;
  /** Whether ECS may have room later. */
  readonly passing: boolean;
}

export type TaskAnswer = { readonly task: string } | TaskRefusal;

/** Tasks of ECS, and what they print. */
export interface MigrationTasks {
  run(request: TaskRequest): Promise<TaskAnswer>;
  /** The task; nothing where ECS does not know it. */
  describe(task: string): Promise<MigrationTask | undefined>;
  stop(task: string, reason: string): Promise<void>;
  /** The running task that was started under this name. */
  find(startedBy: string): Promise<string | undefined>;
  /**
   * The end of the output, oldest line first.
   *
   * @param patient whether to wait for output that has not arrived yet
   */
  lastLines(task: string, patient: boolean): Promise<string[]>;
}

/** Name under which an execution starts its tasks: ECS takes 36 letters, digits, hyphens, slashes and underscores. */
export function startedBy(execution: string): string {
  return `migration-${digest(execution).slice(0, 24)}`;
}

/** Token of one request for a task: ECS takes 64 characters. */
export function clientToken(execution: string, attempt: number): string {
  return digest(`${execution} ${attempt}`);
}

/** Key of a text of any length. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A task that ended before its command began. It changed nothing, so that another try does no harm. */
export function neverStarted({ stopped, exitCode, startedAt }: MigrationTask): boolean {
  return stopped && exitCode === undefined && startedAt === undefined;
}

/**
 * Why a stopped task is no success; nothing where it is one. A program that is stopped from outside may well end with exit code 0,
 * with half of its work done.
 */
export function failureOf(task: MigrationTask): string | undefined {
  const { exitCode, stopCode, stoppedReason = 'no reason given' } = task;
  if (neverStarted(task)) return `its task never started: ${stoppedReason}`;
  if (stopCode && stopCode !== 'EssentialContainerExited') return `its task was stopped before its command had ended: ${stoppedReason}`;
  if (exitCode === undefined) return `its task ended without an exit code: ${stoppedReason}`;
  return exitCode === 0 ? undefined : `exit code ${exitCode}`;
}

const LINES = 20;
const BYTES = 2048;

/** As many of the last lines as fit into a reason, without colours. */
export function endOf(lines: string[]): string[] {
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines.slice(-LINES).reverse()) {
    const text = shorten(plain(line), BYTES);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > BYTES + 1) break;
    kept.unshift(text);
  }
  return kept;
}

/** The beginning of a text that is longer than a number of bytes. */
export function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  // Bytes of a letter that was cut through become the replacement character.
  return `${Buffer.from(text).subarray(0, bytes - 4).toString().replace(/\uFFFD+$/, '')}…`;
}

// eslint-disable-next-line no-control-regex -- what terminals are told
const CONTROL = /\u001B\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000B-\u001F]/g;

function plain(line: string): string {
  return line.replace(CONTROL, '');
}
