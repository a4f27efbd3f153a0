import { existsSync } from 'fs';
import { resolve } from 'path';
import { Refusal } from './outcome';
import { runProgram } from './program';
import type { Terminal } from './terminal';
import { PlatformError } from '../src/errors';

const DEFAULT_ASSEMBLY = 'cdk.out';

/** The assembly that was named, or one that is made of the app of this folder now: an old one would tell of an app that is no more. */
export async function findAssembly(given: string | undefined, where: string, terminal: Terminal): Promise<string> {
  if (given !== undefined) return resolve(given);
  await synthesize(where, terminal);
  return resolve(DEFAULT_ASSEMBLY);
}

/** Runs the app of this folder, and answers what it printed for people. */
export async function synthesize(where: string, terminal: Terminal, context: readonly string[] = []): Promise<string> {
  if (!existsSync('cdk.json')) {
    throw new PlatformError(where, {
      problem: 'there is no CDK app in this folder.',
      got: `${process.cwd()}, without cdk.json`,
      allowed: 'a folder with cdk.json, or --app with an assembly',
      fix: 'go to the folder of your cdk.json, or name an assembly: --app path/to/cdk.out',
    });
  }
  const options = ['--quiet', '--output', DEFAULT_ASSEMBLY, ...context.flatMap(each => ['--context', each])];
  const { code, tail } = await terminal.step('cdk synth', () => runProgram('npx', ['cdk', 'synth', ...options]));
  if (code === 0) return tail;
  throw new Refusal(`cdk synth ended with ${code}:\n${tail}`, 'mend what the app says above, and try again');
}
