import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import * as net from 'net';
import * as path from 'path';

const running = new Set<ChildProcess>();
const temporaryDirectories = new Set<string>();

/** How a process is started. */
export interface ProcessOptions {
  readonly cwd?: string;
  /** @default - that of this process */
  readonly environment?: NodeJS.ProcessEnv;
  /** File that output is appended to. @default - output is only kept for the error message */
  readonly logFile?: string;
  /** Called with each line of output. */
  readonly onLine?: (line: string) => void;
}

/** Output and exit code of a process that ended. */
export interface ProcessResult {
  readonly code: number;
  readonly output: string;
}

/** Starts a process that lives until it is stopped, or until this process ends. */
export function start(command: readonly string[], options: ProcessOptions = {}): ChildProcess {
  const log = options.logFile ? fs.openSync(options.logFile, 'a') : 'ignore';
  const child = spawn(command[0], command.slice(1), {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    stdio: ['ignore', log, log],
  });
  if (typeof log === 'number') {
    fs.closeSync(log);
  }
  return track(child);
}

/** Stops a process by its id: politely, then after five seconds for certain. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(force);
}

/** Runs a command to its end, whatever its exit code. */
export async function runToEnd(command: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const child = track(spawn(command[0], command.slice(1), {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  }));
  let output = '';
  let rest = '';
  const collect = (chunk: string) => {
    output += chunk;
    if (options.logFile) {
      fs.appendFileSync(options.logFile, chunk);
    }
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => options.onLine?.(line));
  };
  child.stdout!.setEncoding('utf8').on('data', collect);
  child.stderr!.setEncoding('utf8').on('data', collect);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  if (rest) {
    options.onLine?.(rest);
  }
  return { code, output };
}

/** Runs a command to its end; a failure throws with the end of its output. */
export async function run(command: readonly string[], options: ProcessOptions = {}): Promise<string> {
  const { code, output } = await runToEnd(command, options);
  if (code !== 0) {
    throw new Error(`"${command.join(' ')}" ended with ${code}:\n${output.split('\n').slice(-40).join('\n')}`);
  }
  return output;
}

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Lets a server listen on a free port of 127.0.0.1. */
export async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as net.AddressInfo).port;
}

/** Waits until `attempt` does not throw; ends early when the process that it waits for has ended. */
export async function waitFor<T>(what: string, seconds: number, attempt: () => Promise<T>, child?: ChildProcess): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (child && (child.exitCode !== null || child.signalCode !== null)) {
        throw new Error(`${what}: its process ended with ${child.exitCode ?? child.signalCode}`);
      }
      if (Date.now() > end) {
        throw new Error(`${what}: not ready after ${seconds} s (${error})`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A folder that goes when this process does. */
export function temporaryDirectory(parent: string, name: string): string {
  const directory = fs.mkdtempSync(path.join(parent, `${name}-`));
  // The database's own user has to pass through.
  fs.chmodSync(directory, 0o755);
  temporaryDirectories.add(directory);
  return directory;
}

export function removeTemporaryDirectory(directory: string): void {
  fs.rmSync(directory, { recursive: true, force: true });
  temporaryDirectories.delete(directory);
}

function track(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

function leaveNothingBehind(): void {
  running.forEach((child) => child.kill('SIGTERM'));
  temporaryDirectories.forEach(removeTemporaryDirectory);
}

process.on('exit', leaveNothingBehind);
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
  process.on(signal, () => {
    leaveNothingBehind();
    process.exit(code);
  });
}

/** A server that answers 200 to everything, for images that nothing else stands for. */
export function answerAll(port: number): readonly string[] {
  return [process.execPath, '-e', `require('http').createServer((_, response) => response.end()).listen(${port}, '127.0.0.1')`];
}
