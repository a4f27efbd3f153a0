import { advance, MigrationProgress, MigrationRun } from './migration-advance';
import { MigrationWorld } from './migration-settlement';

/** What waiting in an invocation needs beside. */
export interface WaitingWorld extends MigrationWorld {
  sleep(milliseconds: number): Promise<void>;
  /** Milliseconds that this invocation may still take. */
  remaining(): number;
}

/** Time between two steps. */
export const PAUSE_MILLISECONDS = 5_000;
/** What an invocation keeps for a last step and its answer. */
export const RESERVE_MILLISECONDS = 60_000;

/** Takes steps until the run has ended or this invocation nearly has. */
export async function follow(run: MigrationRun, world: WaitingWorld, progress?: MigrationProgress): Promise<MigrationProgress> {
  let reached = progress ?? await advance(run, world);
  while (reached.kind === 'waiting' && world.remaining() > RESERVE_MILLISECONDS) {
    await world.sleep(PAUSE_MILLISECONDS);
    reached = await advance(run, world);
  }
  return reached;
}
