import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { basename, dirname, join } from 'path';
import { parse } from 'yaml';
import { runBash } from './workflow-run';

export interface DeliveryWorkflow {
  readonly name: string;
  readonly on: any;
  readonly permissions: Record<string, string>;
  readonly concurrency?: Concurrency;
  readonly jobs: Record<string, DeliveryJob>;
}

interface Concurrency {
  readonly 'group': string;
  readonly 'cancel-in-progress': boolean;
}

export interface DeliveryJob {
  readonly 'name': string;
  readonly 'if'?: string;
  readonly 'needs'?: string | string[];
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly 'permissions': Record<string, string>;
  readonly 'environment'?: string | { readonly name: string; readonly url?: string };
  readonly 'concurrency'?: Concurrency;
  readonly 'outputs'?: Record<string, string>;
  readonly 'strategy'?: { readonly matrix: { readonly include: Record<string, string>[] } };
  readonly 'defaults': { readonly run: Record<string, string> };
  readonly 'steps': DeliveryStep[];
}

export interface DeliveryStep {
  readonly 'name': string;
  readonly 'id'?: string;
  readonly 'uses'?: string;
  readonly 'with'?: Record<string, string | number | boolean>;
  readonly 'env'?: Record<string, string | number>;
  readonly 'run'?: string;
  readonly 'working-directory'?: string;
}

/** The programs that would reach out. */
const PROGRAMS = join(__dirname, 'stand-ins');

type Values = Readonly<Record<string, string>>;

/** Where a run is closer to GitHub than in a test. */
export interface DeliveryHubOptions {
  /** Folder of programs that come before the stand-ins. */
  readonly programs?: string;
  /** Variables that every script sees. */
  readonly environment?: Values;
  /** What is checked out. @default - nothing */
  readonly repository?: string;
  /** Told of each script, when it has ended. */
  readonly onScript?: (step: string, milliseconds: number) => void;
}

/**
 * GitHub for the workflows of a delivery: each run does its jobs in real bash, one job in a folder of its own, with artifacts that really go from one to
 * the other. What reaches out is done by stand-ins; releases, registries and comments stay from run to run.
 */
export class DeliveryHub {
  public readonly home = mkdtempSync(join(tmpdir(), 'delivery-'));
  public vars: Values = {};

  /** With all that is there of another one. */
  constructor(before?: DeliveryHub, public readonly options: DeliveryHubOptions = {}) {
    if (before) cpSync(before.home, this.home, { recursive: true, filter: path => !basename(path).startsWith('run-') });
    else for (const folder of ['failing', 'registry', 'releases', 'environments', 'scans', 'comments']) mkdirSync(join(this.home, folder));
  }

  public run(text: string, number: number, inputs: Values = {}): DeliveryRun {
    return new DeliveryRun(this, parse(text) as DeliveryWorkflow, number, inputs);
  }

  public remove(): void {
    rmSync(this.home, { recursive: true });
  }

  /** Lines of what was called, those with a word. */
  public calls(word = ''): string[] {
    return this.read('calls').split('\n').filter(line => line.includes(word) && line !== '');
  }

  public read(file: string): string {
    return existsSync(join(this.home, file)) ? readFileSync(join(this.home, file), 'utf8') : '';
  }

  public write(file: string, text: string): void {
    mkdirSync(dirname(join(this.home, file)), { recursive: true });
    writeFileSync(join(this.home, file), text);
  }

  /** Writes down for GitHub's answers that a job of a run has deployed. */
  public deployed(workflow: string, number: number, job: string): void {
    const { workflow_runs: runs } = JSON.parse(this.read(`runs/${workflow}`) || '{"workflow_runs": []}');
    if (!runs.some(({ id }: { id: number }) => id === number)) runs.unshift({ id: number, run_number: number });
    this.write(`runs/${workflow}`, JSON.stringify({ workflow_runs: runs }));
    const { jobs } = JSON.parse(this.read(`jobs/${number}`) || '{"jobs": []}');
    this.write(`jobs/${number}`, JSON.stringify({ jobs: [...jobs, { name: job, steps: [{ name: 'Deploy', conclusion: 'success' }] }] }));
  }

  /** Makes calls fail that contain some words, until the file is removed. */
  public fail(words: string, message = 'it failed'): void {
    this.write(`failing/${words.replace(/\W/g, '-')}`, `${words}\n${message}\n`);
  }

  /** Answers of ECR's scan, one after the other. */
  public scans(...answers: (string | object)[]): void {
    for (const file of readdirSync(join(this.home, 'scans'))) rmSync(join(this.home, 'scans', file));
    answers.forEach((answer, index) => this.write(`scans/${index}`, typeof answer === 'string' ? answer : JSON.stringify(answer)));
  }
}

export class DeliveryRun {
  public readonly outputs: Record<string, string> = {};
  private readonly folder: string;

  constructor(
    private readonly hub: DeliveryHub, private readonly workflow: DeliveryWorkflow, private readonly number: number, private readonly inputs: Values,
  ) {
    this.folder = mkdtempSync(join(hub.home, `run-${number}-`));
  }

  /** Runs jobs one after the other, each with the whole of its matrix; answers what they print. */
  public async jobs(...names: string[]): Promise<string> {
    let output = '';
    for (const name of names) {
      const { strategy } = this.workflow.jobs[name];
      for (const matrix of strategy?.matrix.include ?? [{}]) output += await this.job(name, matrix);
    }
    return output;
  }

  /** A file that one job has handed over to others. */
  public artifact(name: string, file: string): string {
    return readFileSync(join(this.folder, 'artifacts', name, file), 'utf8');
  }

  private async job(name: string, matrix: Values): Promise<string> {
    const job = this.workflow.jobs[name];
    const workspace = mkdtempSync(join(this.folder, `${name}-`));
    const temp = mkdtempSync(join(this.folder, `${name}-temp-`));
    const steps: Record<string, string> = {};
    const value = (text: string) => text.replace(/\$\{\{ ?(.*?) ?\}\}/g, (_, expression: string) => this.evaluate(expression, { matrix, steps, temp }));
    let output = '';
    for (const step of job.steps) {
      if (step.uses) this.use(step, workspace, value);
      if (step.run === undefined) continue;
      const began = performance.now();
      output += await this.script(job, step, workspace, temp, value);
      if (step.name === 'Deploy') this.hub.deployed(`${this.workflow.name}.yml`, this.number, job.name);
      this.hub.options.onScript?.(step.name, performance.now() - began);
      for (const [key, text] of readOutputs(join(temp, 'output'))) steps[`${step.id}.${key}`] = text;
    }
    for (const [key, text] of Object.entries(job.outputs ?? {})) this.outputs[`${name}.${key}`] = value(text);
    return output;
  }

  private script(job: DeliveryJob, step: DeliveryStep, workspace: string, temp: string, value: (text: string) => string): Promise<string> {
    const script = join(temp, 'step.sh');
    writeFileSync(script, step.run!);
    const directory = join(workspace, step['working-directory'] ?? job.defaults.run['working-directory'] ?? '.');
    mkdirSync(directory, { recursive: true });
    return runBash(script, directory, {
      ...Object.fromEntries(['HOME', 'TMPDIR'].map(name => [name, process.env[name]])),
      PATH: [this.hub.options.programs, PROGRAMS, process.env.PATH].filter(Boolean).join(':'),
      STAND_IN_HOME: this.hub.home,
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: join(temp, 'output'),
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_WORKFLOW_REF: `acme/shop/.github/workflows/${this.workflow.name}.yml@refs/heads/main`,
      GITHUB_RUN_NUMBER: String(this.number),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_RUN_ID: '4242',
      GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
      RUNNER_TEMP: temp,
      no_proxy: '127.0.0.1',
      ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, value(String(text))])),
      // Nobody waits in a test.
      ...(step.env?.SCAN_SECONDS ? { SCAN_SECONDS: '2', SCAN_PAUSE_SECONDS: '0.1' } : {}),
      ...(step.env?.RETRY_SECONDS ? { RETRY_SECONDS: '0' } : {}),
      ...this.hub.options.environment,
    });
  }

  private use({ uses, with: options = {} }: DeliveryStep, workspace: string, value: (text: string) => string): void {
    const text = (name: string) => value(String(options[name]));
    const { repository } = this.hub.options;
    if (repository && uses!.startsWith('actions/checkout@')) cpSync(repository, workspace, { recursive: true });
    const artifacts = join(this.folder, 'artifacts');
    mkdirSync(artifacts, { recursive: true });
    if (uses!.startsWith('actions/upload-artifact@')) upload(join(artifacts, text('name')), workspace, text('path'));
    if (!uses!.startsWith('actions/download-artifact@')) return;
    const wanted = options.name ? [text('name')] : readdirSync(artifacts).filter(name => name.startsWith(text('pattern').replace('*', '')));
    if (wanted.length === 0) throw new Error(`there is no artifact ${text('pattern')}`);
    for (const name of wanted) cpSync(join(artifacts, name), join(workspace, text('path')), { recursive: true });
  }

  private evaluate(expression: string, context: { matrix: Values; steps: Values; temp: string }): string {
    const [area, ...rest] = expression.split('.');
    const areas: Readonly<Record<string, () => string | undefined>> = {
      vars: () => this.hub.vars[rest[0]] ?? '',
      inputs: () => this.inputs[rest[0]],
      matrix: () => context.matrix[rest[0]],
      steps: () => context.steps[`${rest[0]}.${rest[2]}`],
      needs: () => this.outputs[`${rest[0]}.${rest[2]}`],
      runner: () => context.temp,
      github: () => ({ 'token': 'token', 'sha': '0123456789', 'event.number': '17' } as Values)[rest.join('.')],
    };
    const found = areas[area]?.();
    if (found === undefined) throw new Error(`${expression} has no value here`);
    return found;
  }
}

/** As the action does: of a folder its content, of a pattern the files themselves. */
function upload(artifact: string, workspace: string, path: string): void {
  const folder = path.startsWith('/') ? dirname(path) : join(workspace, path);
  const files = readdirSync(folder).filter(file => !path.includes('*') || file.endsWith(basename(path).slice(1)));
  if (files.length === 0) throw new Error(`there is nothing to hand over in ${path}`);
  mkdirSync(artifact);
  for (const file of files) cpSync(join(folder, file), join(artifact, file), { recursive: true });
}

function readOutputs(file: string): [string, string][] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(line => line.split('=') as [string, string]) : [];
}
