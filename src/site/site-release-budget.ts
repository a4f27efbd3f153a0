/** Lets as much work at once as fits into a number of bytes and a number of connections, in the order of asking. */
export class Budget {
  private readonly waiting: { readonly share: number; readonly start: () => void }[] = [];

  private failure?: { readonly error: unknown };

  constructor(private bytes: number, private places: number, private readonly most = bytes) {}

  /** Does something when there is room for it. What is larger than everything has it for itself. */
  public async spend<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const share = Math.min(bytes, this.most);
    const turn = new Promise<void>(start => this.waiting.push({ share, start }));
    this.startNext();
    await turn;
    try {
      // What others began is broken off anyway.
      if (this.failure) throw this.failure.error;
      return await work();
    } catch (error) {
      this.failure = { error };
      throw error;
    } finally {
      this.places++;
      this.bytes += share;
      this.startNext();
    }
  }

  private startNext(): void {
    while (this.waiting.length > 0 && this.places > 0 && this.bytes >= this.waiting[0].share) {
      const { share, start } = this.waiting.shift()!;
      this.places--;
      this.bytes -= share;
      start();
    }
  }
}

/** Does all of it, and waits for all of it also where one fails: nothing may go on behind the back of who cleans up. */
export async function all<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = await Promise.allSettled(items.map(work));
  const failed = results.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map(result => (result as PromiseFulfilledResult<R>).value);
}
