import { LocalEcs } from './migration-ecs';
import { MemoryLog } from './migration-memory';
import { advance, MigrationProgress, MigrationRun } from '../../../src/service/release/migration-advance';
import { HookWorld } from '../../../src/service/release/migration-hook';
import { MigrationLog } from '../../../src/service/release/migration-record';
import { WaitingWorld } from '../../../src/service/release/migration-wait';

/** Everything around a migration: processes for tasks, a table, and a clock that can be put forward. */
export class LocalWorld implements HookWorld, WaitingWorld {
  public readonly tasks = new LocalEcs();
  public readonly memory = new MemoryLog();
  public readonly log: MigrationLog = this.memory;
  public limit = 60_000;
  public readonly lines: { [name: string]: unknown }[] = [];
  public readonly announced: { [name: string]: unknown }[] = [];
  /** Task definitions of the service, by service revision. */
  public readonly serviceRevisions: { [serviceRevision: string]: string } = {};
  /** What calls beside tasks and table fail with. */
  public outage?: Error;
  /** Milliseconds that the invocation may still take. */
  public remainingMilliseconds = 900_000;

  private ahead = 0;

  public now(): number {
    return Date.now() + this.ahead;
  }

  public putForward(milliseconds: number): void {
    this.ahead += milliseconds;
  }

  public print(line: object): void {
    this.lines.push(JSON.parse(JSON.stringify(line)));
  }

  public async sleep(milliseconds: number): Promise<void> {
    this.remainingMilliseconds -= milliseconds;
    await new Promise(resolve => setTimeout(resolve, 10));
  }

  public remaining(): number {
    return this.remainingMilliseconds;
  }

  public async taskDefinitionOf(serviceRevision: string): Promise<string | undefined> {
    if (this.outage) throw this.outage;
    return this.serviceRevisions[serviceRevision];
  }

  public async announce(event: object): Promise<void> {
    if (this.outage) throw this.outage;
    this.announced.push(event as { [name: string]: unknown });
  }

  /** What a release of a command asks for. */
  public run(execution: string, version: string, taskDefinition: string): MigrationRun {
    return { execution, version, taskDefinition, since: this.now() };
  }

  /** Takes steps until it has ended. */
  public async toTheEnd(run: MigrationRun): Promise<Exclude<MigrationProgress, { kind: 'waiting' }>> {
    for (;;) {
      const progress = await advance(run, this);
      if (progress.kind !== 'waiting') return progress;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  /** What the log says, in order. */
  public story(): string[] {
    return this.lines.map(({ migration }) => migration as string).filter((word, index, all) => word !== all[index - 1]);
  }
}

/** An error as the AWS SDK throws it. */
export function awsError(name: string, httpStatusCode?: number, message = 'no'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

/** Polls until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise(resolve => setTimeout(resolve, 10));
}
