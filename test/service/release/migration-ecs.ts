import { ChildProcess, spawn } from 'child_process';
import { MigrationTask, MigrationTasks, TaskAnswer, TaskRequest } from '../../../src/service/release/migration-task';

/** What a task definition says, as far as a process needs it. */
export interface LocalTaskDefinition {
  readonly command: string[];
  readonly environment?: { [name: string]: string };
}

/** A task's process. */
export interface LocalTask extends TaskRequest {
  readonly arn: string;
  readonly from: number;
  until?: number;
  readonly output: string[];
  process?: ChildProcess;
  state: MigrationTask;
}

/** From SIGTERM to SIGKILL. */
const STOP_TIMEOUT = 300;

/** ECS's tasks as processes of this machine: the command and the environment of a task definition, its output the log. */
export class LocalEcs implements MigrationTasks {
  public readonly tasks: LocalTask[] = [];
  /** Task definitions by ARN or `family:revision`. */
  public readonly definitions: { [name: string]: LocalTaskDefinition } = {};
  /** What requests for tasks fail with, one after the other. */
  public readonly refusals: (TaskAnswer | Error)[] = [];
  /** Tasks that ECS has forgotten. */
  public readonly forgotten = new Set<string>();
  /** Whether a stop is only noted. */
  public isDeaf = false;
  /** What describing fails with. */
  public outage?: Error;
  public requests = 0;

  private readonly family: string;

  constructor(family = 'migrations') {
    this.family = family;
  }

  /** Registers a task definition and answers its ARN. */
  public register(...command: string[]): string {
    const arn = `arn:aws:ecs:eu-central-1:111111111111:task-definition/${this.family}:${Object.keys(this.definitions).length + 1}`;
    this.definitions[arn] = { command, environment: {} };
    return arn;
  }

  public async run(request: TaskRequest): Promise<TaskAnswer> {
    this.requests++;
    const refusal = this.refusals.shift();
    if (refusal instanceof Error) throw refusal;
    if (refusal) return refusal;
    const known = this.tasks.find(({ token }) => token === request.token);
    return { task: (known ?? this.start(request)).arn };
  }

  public async describe(arn: string): Promise<MigrationTask | undefined> {
    if (this.outage) throw this.outage;
    return this.forgotten.has(arn) ? undefined : this.task(arn).state;
  }

  public async stop(arn: string, reason: string): Promise<void> {
    const task = this.task(arn);
    task.state = { ...task.state, stopCode: 'UserInitiated', stoppedReason: reason };
    if (this.isDeaf) return;
    task.process?.kill('SIGTERM');
    setTimeout(() => killAll(task), STOP_TIMEOUT).unref();
  }

  public async find(startedBy: string): Promise<string | undefined> {
    return this.tasks.find(task => task.startedBy === startedBy && !task.state.stopped)?.arn;
  }

  public async lastLines(arn: string): Promise<string[]> {
    return this.task(arn).output.join('').trimEnd().split('\n').filter(line => line !== '');
  }

  public task(arn: string): LocalTask {
    return this.tasks.find(task => task.arn === arn)!;
  }

  /** Pairs of tasks that ran at the same time. */
  public overlaps(): [LocalTask, LocalTask][] {
    return this.tasks.flatMap((one, index) => this.tasks.slice(index + 1)
      .filter(other => one.from < (other.until ?? Infinity) && other.from < (one.until ?? Infinity))
      .map((other): [LocalTask, LocalTask] => [one, other]));
  }

  /** Ends what still runs. */
  public async clear(): Promise<void> {
    this.tasks.forEach(killAll);
    while (this.tasks.some(({ state }) => !state.stopped)) await new Promise(resolve => setTimeout(resolve, 5));
  }

  private start(request: TaskRequest): LocalTask {
    const { command, environment } = this.definitions[request.taskDefinition] ?? { command: ['/no/such/program'] };
    const [program, ...words] = request.command ?? command;
    const id = String(this.tasks.length + 1).padStart(32, '0');
    const task: LocalTask = {
      ...request, arn: `arn:aws:ecs:eu-central-1:111111111111:task/Cluster/${id}`, from: performance.now(), output: [], state: { stopped: false },
    };
    this.tasks.push(task);
    const process = spawn(program, words, { env: { PATH: globalThis.process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    task.process = process;
    for (const stream of [process.stdout, process.stderr]) stream.on('data', data => task.output.push(`${data}`));
    process.on('spawn', () => { task.state = { ...task.state, startedAt: Date.now() }; });
    process.on('error', error => this.end(task, { stopCode: 'TaskFailedToStart', stoppedReason: `CannotStartContainerError: ${error.message}` }));
    process.on('exit', () => killAll(task));
    process.on('close', (code, signal) => this.end(task, { exitCode: code ?? (signal === 'SIGKILL' ? 137 : 143) }));
    return task;
  }

  private end(task: LocalTask, how: Partial<MigrationTask>): void {
    if (task.state.stopped) return;
    task.until = performance.now();
    task.state = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', ...how, ...task.state, stopped: true, endedAt: Date.now() };
  }
}

/** A container takes all of its processes with it. */
function killAll({ process: main }: LocalTask): void {
  try {
    if (main?.pid) process.kill(-main.pid, 'SIGKILL');
  } catch {
    // They have ended.
  }
}
