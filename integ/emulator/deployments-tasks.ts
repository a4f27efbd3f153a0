import { DeployedService, RunningService } from './deployed-service';
import { LoadBalancers } from './deployments-load-balancer';
import { LoadBalancerSettings, ServiceRevision } from './deployments-model';
import type { Emulator } from './emulator';
import { REPOSITORY } from './python';
import { isNamed, Traffic } from './traffic';

/** What runs for a service: one process stands for all tasks of a revision. */
export interface ServiceProgram {
  /** The command, given the port of 127.0.0.1 that stands for the container's; 0 for a container without ports. */
  readonly command: (port: number) => readonly string[];
  /** @default - the directory of the image's program (`emulator.programs`), or the repository's root */
  readonly cwd?: string;
  /** What the process gets besides what the task definition says, such as its role's credentials. @default - nothing */
  readonly surroundings?: (service: DeployedService) => { readonly [name: string]: string };
  /** For how long a process may take until it listens, and again until its health check passes. @default 30 */
  readonly secondsToStart?: number;
}

/** The process of a revision. */
export interface Task extends RunningService {
  /** Waits until it is healthy, then takes requests: a load balancer sends none before. */
  register(): Promise<void>;
  /** Takes no more requests, waits for those that are open, and ends. */
  drain(): Promise<void>;
}

/** Starts the processes of revisions, and puts them behind load balancers. */
export class Tasks {
  private readonly programs: { readonly service: string | RegExp; readonly program: ServiceProgram }[] = [];
  private readonly running = new Set<Task>();

  constructor(private readonly emulator: Emulator, private readonly traffic: Traffic, private readonly loadBalancers: LoadBalancers) {}

  /** What was said last counts first. */
  public add(service: string | RegExp, program: ServiceProgram): void {
    this.programs.unshift({ service, program });
  }

  /** Starts a revision's process, or nothing for a service without a program. It throws why a task would not start. */
  public async start(revision: ServiceRevision, loadBalancers: readonly LoadBalancerSettings[]): Promise<Task | undefined> {
    const program = this.programs.find(({ service }) => isNamed(revision.service.serviceName, service))?.program;
    if (!program || revision.service.desiredCount === 0) return undefined;

    const service = await DeployedService.read(this.emulator, revision.service.serviceArn, revision.taskDefinition);
    const [first] = loadBalancers;
    const container = service.container(first?.ContainerName);
    const image = await this.emulator.programs.find(container.image!) ?? {};
    if ('neverStarts' in image && image.neverStarts) throw new Error(image.neverStarts);
    if ('hangsInProvisioning' in image && image.hangsInProvisioning) throw new Error('its tasks stay in PROVISIONING');

    const directory = 'directory' in image ? image.directory : undefined;
    const running = await service.start({
      command: program.command,
      cwd: program.cwd ?? directory ?? REPOSITORY,
      binaries: 'binaries' in image ? image.binaries : undefined,
      container: container.name,
      containerPort: first?.ContainerPort,
      secondsToStart: program.secondsToStart,
      surroundings: program.surroundings?.(service),
    });
    return this.track(running, revision.targetGroups, program.secondsToStart ?? 30);
  }

  public async stop(): Promise<void> {
    await Promise.all([...this.running].map((task) => task.stop()));
  }

  private track(running: RunningService, groups: readonly string[], secondsToStart: number): Task {
    const task: Task = {
      ...running,
      get hasEnded() {
        return running.hasEnded;
      },
      register: async () => {
        await Promise.all(groups.map((group) => this.waitUntilHealthy(running, group, secondsToStart)));
        await Promise.all(groups.map((group) => this.loadBalancers.register(group, running.port)));
      },
      drain: async () => {
        await Promise.all(groups.map((group) => this.loadBalancers.deregister(group, running.port).catch(ignoreMissing)));
        const delays = await Promise.all(groups.map((group) => this.loadBalancers.deregistrationDelay(group).catch(() => 0)));
        await this.traffic.drained(running.port, Math.max(0, ...delays) * 1000);
        await task.stop();
      },
      stop: async () => {
        await running.stop();
        this.running.delete(task);
      },
    };
    this.running.add(task);
    return task;
  }

  /** As the target group would: its path, its statuses, twice in a row. */
  private async waitUntilHealthy(task: RunningService, arn: string, seconds: number): Promise<void> {
    const { HealthCheckPath: path = '/', Matcher } = await this.loadBalancers.group(arn);
    const end = Date.now() + seconds * 1000;
    let last = '';
    for (let healthy = 0; healthy < 2;) {
      if (task.hasEnded) {
        throw new Error(`the process ended, log in ${task.logFile}`);
      }
      if (Date.now() > end) {
        throw new Error(`the health check of ${arn.split('/')[1]} failed: ${path} answered ${last}`);
      }
      const asked = fetch(`${task.url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(5000) });
      last = await asked.then(({ status }) => `${status}`, (error) => `${error}`);
      healthy = accepts(Matcher?.HttpCode ?? '200', Number(last)) ? healthy + 1 : 0;
      if (healthy < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** @param codes such as `200`, `200,302` or `200-299` */
function accepts(codes: string, status: number): boolean {
  return codes.split(',').some((code) => {
    const [from, to = from] = code.split('-').map(Number);
    return from <= status && status <= to;
  });
}

/** The target group may have gone with its stack. */
function ignoreMissing(error: Error): void {
  if (!error.name.startsWith('TargetGroupNotFound')) throw error;
}
