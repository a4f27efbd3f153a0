/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import type { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTasksCommand, ECSClient, ListTasksCommand, RunTaskCommand, StopTaskCommand, Task } from '@aws-sdk/client-ecs';
import { MigrationTask, MigrationTasks, TaskAnswer, TaskRequest } from './migration-task';

/** Where tasks run and what they print into. */
export interface TaskPlace {
  readonly cluster: string;
  readonly subnets: string[];
  readonly securityGroups: string[];
  readonly container: string;
  readonly logGroup: string;
  readonly streamPrefix: string;
}

/** How output is asked for. */
export interface OutputReader {
  readonly client: Pick<CloudWatchLogsClient, 'send'>;
  command(input: GetLogEventsCommand['input']): GetLogEventsCommand;
  sleep(milliseconds: number): Promise<void>;
}

const LINES = 20;
/** Output arrives a moment after the task has ended. */
const OUTPUT_TRIES = 4;
const OUTPUT_PAUSE_MILLISECONDS = 1_000;

/** Tasks on Fargate, never on Spot: AWS must not take one back in the middle of a migration. */
export class EcsTasks implements MigrationTasks {
  constructor(private readonly client: Pick<ECSClient, 'send'>, private readonly place: TaskPlace, private readonly output: () => OutputReader) {}

  public async run({ taskDefinition, command, token, startedBy }: TaskRequest): Promise<TaskAnswer> {
    const { cluster, subnets, securityGroups, container } = this.place;
    try {
      const { tasks = [], failures = [] } = await this.client.send(new RunTaskCommand({
        cluster,
        taskDefinition,
        count: 1,
        launchType: 'FARGATE',
        platformVersion: 'LATEST',
        networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: 'DISABLED' } },
        propagateTags: 'TASK_DEFINITION',
        overrides: command && { containerOverrides: [{ name: container, command }] },
        clientToken: token,
        startedBy,
      }));
      const task = tasks[0]?.taskArn;
      return task ? { task } : refusalOf(failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(' ')).join('; '));
    } catch (error) {
      // The token is that of a task which was started with other values, such as other subnets: it is the one.
      const [task] = (error as { resourceIds?: string[] }).resourceIds ?? [];
      if ((error as Error).name === 'ConflictException' && task) return { task };
      throw error;
    }
  }

  public async describe(task: string): Promise<MigrationTask | undefined> {
    const { tasks = [] } = await this.client.send(new DescribeTasksCommand({ cluster: this.place.cluster, tasks: [task] }));
    return tasks[0] && this.read(tasks[0]);
  }

  public async stop(task: string, reason: string): Promise<void> {
    await this.client.send(new StopTaskCommand({ cluster: this.place.cluster, task, reason }));
  }

  public async find(startedBy: string): Promise<string | undefined> {
    const { taskArns = [] } = await this.client.send(new ListTasksCommand({ cluster: this.place.cluster, startedBy }));
    return taskArns[0];
  }

  public async lastLines(task: string, patient: boolean): Promise<string[]> {
    const { logGroup, streamPrefix, container } = this.place;
    const { client, command, sleep } = this.output();
    const logStreamName = [streamPrefix, container, task.split('/').at(-1)].join('/');
    const end = command({ logGroupName: logGroup, logStreamName, startFromHead: false, limit: LINES });
    for (let attempt = 1; ; attempt++) {
      const { events = [] } = await unlessMissing(client.send(end));
      if (events.length > 0 || !patient || attempt === OUTPUT_TRIES) return events.flatMap(({ message = '' }) => message.trimEnd().split('\n'));
      await sleep(OUTPUT_PAUSE_MILLISECONDS);
    }
  }

  private read(task: Task): MigrationTask {
    const main = task.containers?.find(({ name }) => name === this.place.container);
    const exitCode = main?.exitCode ?? undefined;
    return {
      // A task takes a while to be cleared away when its command has ended.
      stopped: task.lastStatus === 'STOPPED' || (main?.lastStatus === 'STOPPED' && exitCode !== undefined),
      exitCode,
      stopCode: task.stopCode,
      stoppedReason: [task.stoppedReason, main?.reason].filter(Boolean).join(': ') || undefined,
      startedAt: task.startedAt?.getTime(),
      endedAt: (task.executionStoppedAt ?? task.stoppedAt)?.getTime(),
    };
  }
}

function refusalOf(reasons: string): TaskAnswer {
  return { refusal: reasons || 'it gave no reason', passing: /capacity|try again|reached the limit|RESOURCE/i.test(reasons) };
}

/** A task that printed nothing has no stream. */
async function unlessMissing<T extends object>(call: Promise<T>): Promise<Partial<T>> {
  try {
    return await call;
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return {};
  }
}
