/** Ends the part of a deployment that is under way: at its next stage, or at once where it only waits. */
export class Interruption {
  private error?: Error;
  private readonly waiting = new Set<(error: Error) => void>();

  public interrupt(error: Error): void {
    this.error ??= error;
    this.waiting.forEach((reject) => reject(error));
  }

  public check(): void {
    if (this.error) throw this.error;
  }

  /** Waits for something as long as nothing interrupts. */
  public async within<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      void work.then(resolve, reject).finally(() => this.waiting.delete(reject));
      if (this.error) reject(this.error);
      this.waiting.add(reject);
    });
  }
}

/** A deployment that nobody waits for holds up nothing. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
