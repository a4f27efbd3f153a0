const TRIES = 20;
const PAUSE_MILLISECONDS = 5_000;

/** What waiting needs of the world. */
export interface Waiting {
  pause(milliseconds: number): Promise<void>;
  log(line: object): void;
}

/**
 * Does something again, for up to 95 seconds, while it fails with an error that may pass: a new right is not known everywhere at once, a new store is not
 * ready at once, and somebody else may write at the same time. What is done must be able to be done again.
 */
export async function patiently<T>(world: Waiting, action: () => Promise<T>, mayPass: (error: Error) => boolean): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await action();
    } catch (error) {
      if (number === TRIES || !mayPass(error as Error)) throw error;
      world.log({ waiting: (error as Error).message, try: number });
      await world.pause(PAUSE_MILLISECONDS);
    }
  }
}
