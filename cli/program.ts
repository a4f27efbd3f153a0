import { spawn } from 'child_process';

const TAIL_LINES = 30;

/** How a program ended, and the last it said. */
export interface ProgramResult {
  readonly code: number;
  readonly output: string;
  readonly tail: string;
}

/** Runs a program to its end. */
export async function runProgram(command: string, args: readonly string[]): Promise<ProgramResult> {
  // On Windows npx is a script of the shell, for which other programs' paths would end at a space.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' && command === 'npx' });
  let output = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    said += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => said += chunk);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', exit => resolve(exit ?? 1));
  });
  // Programs that end with a stack trace of minified code would bury their message.
  const tail = said.split('\n').filter(line => line.trim() && line.length < 1000).slice(-TAIL_LINES).join('\n');
  return { code, output, tail };
}
