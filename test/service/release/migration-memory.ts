import { MigrationLock, MigrationLog, MigrationRecord } from '../../../src/service/release/migration-record';

/** The table's content in memory, with its conditions. What is written and read are copies, and each call takes a turn of its own. */
export class MemoryLog implements MigrationLog {
  public lock?: MigrationLock;
  public readonly records = new Map<string, MigrationRecord>();

  public async find(version: string): Promise<MigrationRecord | undefined> {
    await turn();
    return copy(this.records.get(version));
  }

  public async all(): Promise<MigrationRecord[]> {
    await turn();
    return [...this.records.values()].map(record => copy(record));
  }

  public async write(record: MigrationRecord): Promise<void> {
    await turn();
    this.records.set(record.version, copy(record));
  }

  public async take(lock: MigrationLock): Promise<MigrationLock> {
    await turn();
    this.lock ??= copy(lock);
    return copy(this.lock);
  }

  public async replace(lock: MigrationLock, by: MigrationLock): Promise<boolean> {
    await turn();
    if (!this.isStill(lock)) return false;
    this.lock = copy(by);
    return true;
  }

  public async release(lock: MigrationLock): Promise<void> {
    await turn();
    if (this.isStill(lock)) this.lock = undefined;
  }

  private isStill({ owner, revision }: MigrationLock): boolean {
    return this.lock?.owner === owner && this.lock.revision === revision;
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

function copy<T>(value: T): T {
  return value && structuredClone(value);
}
