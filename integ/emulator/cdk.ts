import * as path from 'path';
import { ACCOUNT, Emulator, REGION } from './emulator';
import { runToEnd } from './process';
import { REPOSITORY } from './python';

/** Options of one call of the CDK CLI. */
export interface CdkOptions {
  /** Values of `-c name=value`. */
  readonly context?: { readonly [name: string]: string };
  /** Environment variables for the app, besides this process' own and the emulator's. */
  readonly environment?: { readonly [name: string]: string };
  /** Do not print progress. */
  readonly quiet?: boolean;
}

/** The CDK CLI said no. */
export class CdkError extends Error {
  readonly #output: string;

  constructor(command: string, code: number, output: string) {
    // Errors of the library quote lines of minified code.
    const lines = output.split('\n').filter((line) => line.length < 1000);
    // The first that failed is the reason; the end tells of the way back.
    const failed = lines.filter((line) => /(CREATE|UPDATE|DELETE)_FAILED/.test(line)).slice(0, 5);
    super([`${command} ended with ${code}:`, ...failed, ...lines.slice(-30)].join('\n'));
    this.#output = output;
  }

  /** All that the CLI printed. */
  public get output(): string {
    return this.#output;
  }
}

/** The real CDK CLI, for one app, against the emulator. */
export class CdkCli {
  /** @param app command that synthesizes, for example `npx tsx --tsconfig tsconfig.dev.json examples/aivp/app.ts` */
  constructor(private readonly emulator: Emulator, private readonly app: string) {}

  /** @param regions those that the app's stacks are in */
  public async bootstrap(regions: readonly string[] = [REGION]): Promise<void> {
    await this.run(['bootstrap', ...regions.map((region) => `aws://${ACCOUNT}/${region}`), '-a', ''], {});
  }

  /** @param stacks names or patterns, `--all` for all */
  public deploy(stacks: readonly string[], options: CdkOptions = {}): Promise<string> {
    return this.run(['deploy', ...stacks, '--require-approval', 'never', '--progress', 'events'], options, true);
  }

  public destroy(stacks: readonly string[], options: CdkOptions = {}): Promise<string> {
    return this.run(['destroy', ...stacks, '--force'], options, true);
  }

  public diff(stacks: readonly string[], options: CdkOptions = {}): Promise<string> {
    return this.run(['diff', ...stacks], options, true);
  }

  private async run(words: readonly string[], options: CdkOptions, withApp: boolean = false): Promise<string> {
    const context = Object.entries(options.context ?? {}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const app = withApp ? ['-a', this.app, '-o', path.join(this.emulator.directory, 'cdk.out')] : [];
    const command = [process.execPath, path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk'), ...words, ...app, ...context, '--ci', '--no-notices'];
    const { code, output } = await runToEnd(command, {
      cwd: REPOSITORY,
      environment: { ...this.emulator.processEnvironment(), ...options.environment, NO_COLOR: '1' },
      logFile: path.join(this.emulator.directory, 'cdk.log'),
      onLine: (line) => {
        if (!options.quiet && isProgress(line)) {
          console.log(`  ${line.trim()}`);
        }
      },
    });
    if (code !== 0) {
      throw new CdkError(`cdk ${words.join(' ')}`, code, output);
    }
    return output;
  }
}

/** Of a line for every event of every resource, keeps what a person wants to follow. */
function isProgress(line: string): boolean {
  return /✅|❌|⏳|✨|FAILED|ROLLBACK|DELETE_SKIPPED|: (deploying|destroying)|: creating CloudFormation changeset/.test(line);
}
