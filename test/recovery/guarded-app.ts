import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, AppProps, Stack } from 'aws-cdk-lib';
import { StatefulGuard, StatefulGuardProps } from '../../src';

/** A repository with a lock file, in which an app is synthesized again and again. */
export class Repository {
  public readonly directory = mkdtempSync(join(tmpdir(), 'guard-'));
  public readonly lockFile = join(this.directory, 'stateful.lock.json');
  /** What the guard told in the terminal. */
  public readonly notices: string[] = [];

  /** Synthesizes as on a laptop, and returns why it failed. */
  public synth(build: (app: App) => void, props: StatefulGuardProps = {}, appProps: AppProps = {}): string {
    const told = jest.spyOn(console, 'error').mockImplementation(text => void this.notices.push(String(text)));
    try {
      const app = new App({ outdir: join(this.directory, 'cdk.out'), ...appProps });
      new StatefulGuard(app, 'StatefulGuard', { lockFile: this.lockFile, ci: false, ...props });
      build(app);
      app.synth();
      return '';
    } catch (error) {
      return (error as Error).message;
    } finally {
      told.mockRestore();
    }
  }

  /** Synthesizes one stack. */
  public stack(build: (stack: Stack) => void, props: StatefulGuardProps = {}, appProps: AppProps = {}): string {
    return this.synth(app => build(new Stack(app, 'Shop')), props, appProps);
  }

  public get text(): string {
    return readFileSync(this.lockFile, 'utf8');
  }

  /** The lock file as JSON. */
  public get lock() {
    return JSON.parse(this.text);
  }

  public get hasLock(): boolean {
    return existsSync(this.lockFile);
  }

  /** Edits the lock file by hand. */
  public edit(change: (lock: any) => void): void {
    const { lock } = this;
    change(lock);
    writeFileSync(this.lockFile, JSON.stringify(lock, undefined, 2));
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
