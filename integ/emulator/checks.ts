/** Counts what holds, and says what does not. */
export class Checks {
  private passed = 0;
  private readonly failures: string[] = [];

  public check(what: string, holds: boolean, got: unknown): void {
    if (holds) {
      this.passed++;
      return;
    }
    this.fail(`${what}, got ${JSON.stringify(got)}`);
  }

  public fail(what: string): void {
    this.failures.push(what);
    console.log(`  ✗ ${what}`);
  }

  /** Runs a step, with a line before it and the time it took behind. */
  public async step<T>(what: string, action: () => Promise<T>): Promise<T> {
    const started = Date.now();
    console.log(`▸ ${what} ...`);
    const result = await action();
    console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return result;
  }

  /** The closing line; the process ends with 1 if anything failed. */
  public close(name: string): void {
    console.log(`${name}: ${this.passed} passed, ${this.failures.length} failed`);
    process.exitCode = this.failures.length > 0 ? 1 : 0;
  }
}
