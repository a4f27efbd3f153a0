import { advance, MigrationProgress, MigrationRun } from './migration-advance';
import { MigrationLog, versionsOf } from './migration-record';
import { follow, WaitingWorld } from './migration-wait';

/** What a person asks for, or the function's own continuation of it. */
export interface CommandRequest {
  /** Such as `['alembic', 'downgrade', '-1']`. */
  readonly command: string[];
  /** Task definition to run it in, as ARN or `family:revision`. */
  readonly taskDefinition?: string;
  /** Only in a continuation: who asked, and when, in milliseconds since 1970. */
  readonly execution?: string;
  readonly since?: number;
}

/** What that person is told. */
export interface CommandAnswer {
  readonly status: 'SUCCEEDED' | 'RUNNING';
  readonly task?: string;
  readonly taskDefinition?: string;
  readonly exitCode?: number;
  readonly seconds?: number;
  readonly lastLines?: string[];
}

/** The answer, and the request to go on with in a further invocation where this one ends before the command. */
export interface CommandOutcome {
  readonly answer: CommandAnswer;
  readonly continuation?: CommandRequest;
}

/** Whether an event of the function is such a request. */
export function isCommandRequest(event: object): event is CommandRequest {
  const { command, taskDefinition } = event as Partial<CommandRequest>;
  return Array.isArray(command) && command.length > 0 && command.every(word => typeof word === 'string')
    && (taskDefinition === undefined || typeof taskDefinition === 'string');
}

/**
 * Runs a command as the same kind of task, such as one that takes the last migration back. While another runs it refuses instead of
 * waiting: the AWS CLI asks again when it has waited a minute for an answer, and the command must not be run twice then.
 */
export async function runCommand(request: CommandRequest, invocation: string, world: WaitingWorld): Promise<CommandOutcome> {
  const run = await planRun(request, invocation, world);
  const first = await advance(run, world);
  if (first.kind === 'waiting' && first.holder) throw new Error(`Nothing was run: ${first.on} is under way. Ask again when it has ended.`);

  const progress = await follow(run, world, first);
  if (progress.kind === 'failed') throw new Error(progress.reason);
  return progress.kind === 'waiting' ? stillRunning(run, progress) : { answer: answerOf(progress.record) };
}

async function planRun(request: CommandRequest, invocation: string, world: WaitingWorld): Promise<MigrationRun> {
  const { command, execution = `by hand ${invocation}`, since = world.now() } = request;
  const taskDefinition = request.taskDefinition ?? await newestTaskDefinition(world.log);
  return { execution, version: execution, taskDefinition, command, since };
}

/** That of the image which knows the schema as it is. */
async function newestTaskDefinition(log: MigrationLog): Promise<string> {
  const [newest] = versionsOf(await log.all())
    .filter(({ status }) => status === 'SUCCEEDED')
    .sort((one, other) => one.at < other.at ? 1 : -1);
  if (newest) return newest.taskDefinition;
  throw new Error('Nothing was run: no version has been migrated so far. Give the one to run it in as "taskDefinition".');
}

function stillRunning({ command, taskDefinition, execution, since }: MigrationRun, { task }: MigrationProgress & { kind: 'waiting' }): CommandOutcome {
  return { answer: { status: 'RUNNING', task, taskDefinition }, continuation: { command: command!, taskDefinition, execution, since } };
}

function answerOf({ task, taskDefinition, exitCode, seconds, lastLines }: (MigrationProgress & { kind: 'succeeded' })['record']): CommandAnswer {
  return { status: 'SUCCEEDED', task, taskDefinition, exitCode, seconds, lastLines: lastLines ? lastLines.split('\n') : [] };
}
