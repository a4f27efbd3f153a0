import { execFile } from 'child_process';
import * as path from 'path';

const PROGRAM = path.join(__dirname, '../../assets/cli/cdk-web-platform.js');

/** How the program ended, and what it said to machines and to people. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as npm does, without any AWS settings of this machine. */
export function call(args: readonly string[], options: { readonly cwd?: string; readonly environment?: NodeJS.ProcessEnv } = {}): Promise<Answer> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  const env = {
    ...own, AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', ...options.environment,
  };
  return new Promise(resolve => execFile(process.execPath, [PROGRAM, ...args], { cwd: options.cwd, env }, (error, stdout, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, stdout, stderr })));
}
