/*
 * What is known of migrations: a record of each version, and the lock that lets one task run at a time.
 */

/** What became of one version, or of one command that was run by hand. */
export interface MigrationRecord {
  /** Image and command; for a run by hand, which one. */
  readonly version: string;
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** Deployment or invocation that it ran for the last time. */
  readonly execution: string;
  readonly taskDefinition: string;
  readonly task?: string;
  /** When it ended, as ISO 8601. */
  readonly at: string;
  /** When a run of this version ended first. Nothing where no task ever started. */
  readonly firstRun?: string;
  /** Whether it has ever succeeded. */
  readonly migrated?: boolean;
  /** Whether a command was run by hand since, so that the schema may be another one. */
  readonly unsure?: boolean;
  /** The command, where it was run by hand. */
  readonly command?: string;
  readonly exitCode?: number;
  readonly seconds?: number;
  readonly reason?: string;
  /** The end of the output. */
  readonly lastLines?: string;
}

/** Held by whoever runs a task, from before it starts until its end is recorded. */
export interface MigrationLock {
  /** Deployment or invocation that holds it. */
  readonly owner: string;
  /** Counts changes, so that each is made by one invocation only. */
  readonly revision: number;
  readonly phase: 'TAKEN' | 'LAUNCHING' | 'RUNNING' | 'STOPPING';
  /** When it was taken, in milliseconds since 1970. */
  readonly taken: number;
  /** When it was changed last. */
  readonly touched: number;
  /** Which request for a task this is. A request that ECS refused is made anew. */
  readonly attempt: number;
  readonly version: string;
  readonly taskDefinition: string;
  readonly command?: string;
  /** The task, and when it was asked for. */
  readonly task?: string;
  readonly started?: number;
  /** Why it is being stopped. */
  readonly stopReason?: string;
}

/** Where both are kept. Reads see every earlier write. */
export interface MigrationLog {
  find(version: string): Promise<MigrationRecord | undefined>;
  all(): Promise<MigrationRecord[]>;
  write(record: MigrationRecord): Promise<void>;
  /** Takes the lock if it is free, and answers whose it is then. */
  take(lock: MigrationLock): Promise<MigrationLock>;
  /** Changes the lock unless somebody else has. Answers whether it did. */
  replace(lock: MigrationLock, by: MigrationLock): Promise<boolean>;
  /** Gives the lock back unless somebody else has changed it. */
  release(lock: MigrationLock): Promise<void>;
}

/** The versions among the records, without what was run by hand. */
export function versionsOf(records: MigrationRecord[]): MigrationRecord[] {
  return records.filter(({ command }) => command === undefined);
}

/**
 * Whether the schema has gone on since a version was migrated: a later one was run after the last command by hand.
 * An old version must then not be migrated again: it would not know the schema that it meets.
 */
export function isOvertaken({ firstRun, migrated }: MigrationRecord, records: MigrationRecord[]): boolean {
  if (!migrated || firstRun === undefined) return false;
  return versionsOf(records).some(other => !other.unsure && other.firstRun !== undefined && other.firstRun > firstRun);
}
