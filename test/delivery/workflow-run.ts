import { execFile } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { parse } from 'yaml';
import { AWS_PROGRAM } from './aws-stand-in';
import { DesktopReleaseWorkflow, DesktopReleaseWorkflowProps } from '../../src/delivery/desktop-release-workflow';

/** As much of a workflow as the tests read. */
export interface Workflow {
  readonly name: string;
  readonly on: {
    readonly push: { readonly tags: string[] };
    readonly workflow_dispatch: { readonly inputs: { readonly rollout: { readonly type: string } } };
  };
  readonly permissions: Record<string, string>;
  readonly concurrency: { readonly 'group': string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Record<string, Job>;
}

export interface Job {
  readonly 'runs-on': string;
  readonly 'needs'?: string | string[];
  readonly 'if'?: string;
  readonly 'timeout-minutes': number;
  readonly 'environment'?: string;
  readonly 'permissions'?: Record<string, string>;
  readonly 'defaults': { readonly run: Record<string, string> };
  readonly 'env'?: Record<string, string | number>;
  readonly 'strategy'?: { readonly matrix: { readonly include: { readonly system: string; readonly runner: string }[] } };
  readonly 'steps': Step[];
}

export interface Step {
  readonly name: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Record<string, string | number | boolean>;
  readonly env?: Record<string, string>;
  readonly run?: string;
}

export function workflowOf(props?: DesktopReleaseWorkflowProps): Workflow {
  return parse(new DesktopReleaseWorkflow(props).toYaml()) as Workflow;
}

/** A run of the workflow: what GitHub would give to each step, with bash as GitHub calls it and a folder as S3. */
export class WorkflowRun {
  public readonly folder: string;
  public readonly bucket: string;

  constructor(private readonly workflow: Workflow, buckets: string, private readonly env: Record<string, string>) {
    this.folder = mkdtempSync(join(dirname(buckets), 'workflow-'));
    this.bucket = join(buckets, 'releases');
    mkdirSync(this.bucket, { recursive: true });
    const programs = join(this.folder, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'aws'), AWS_PROGRAM, { mode: 0o755 });
    mkdirSync(this.workspace);
  }

  public get workspace(): string {
    return join(this.folder, 'workspace');
  }

  /** Runs one step's script; rejects with its output where it fails. */
  public step(job: string, name: string, env: Record<string, string> = {}): Promise<string> {
    const { run } = this.workflow.jobs[job].steps.find(step => step.name === name)!;
    const script = join(this.folder, 'step.sh');
    writeFileSync(script, run!);
    const environment = {
      ...process.env,
      PATH: `${join(this.folder, 'programs')}:${process.env.PATH}`,
      RELEASES_BUCKET: 'releases',
      RELEASES_DISTRIBUTION_ID: 'E123',
      RELEASES_ROLE_ARN: 'arn:aws:iam::111111111111:role/releases',
      RELEASES_REGION: 'eu-central-1',
      VITE_API_BASE_URL: 'https://api.example.com',
      GITHUB_SHA: '0123456789012345678901234567890123456789',
      GITHUB_RUN_ID: '42',
      GITHUB_OUTPUT: join(this.folder, 'output'),
      no_proxy: '127.0.0.1',
      ...constants(this.workflow.jobs[job].env),
      ...this.env,
      ...env,
    };
    return runBash(script, this.workspace, environment);
  }

  /** What the first job found of the tag. */
  public outputs(): Record<string, string> {
    const file = join(this.folder, 'output');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    return Object.fromEntries(lines.map(line => line.split('=') as [string, string]));
  }
}

/** Runs a script with bash as GitHub calls it; rejects with its output where it fails. */
export function runBash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], { cwd, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** A whole release: what electron-builder wrote on each system goes through collecting, uploading and offering. */
export async function release(
  workflow: Workflow, buckets: string, url: string, version: string, built: Record<string, string | Buffer>, rollout = '100',
): Promise<WorkflowRun> {
  const run = await prepared(workflow, buckets, url, version, rollout, 'push');
  const dist = join(run.workspace, 'dist');
  mkdirSync(dist);
  for (const [name, content] of Object.entries(built)) writeFileSync(join(dist, name), content);
  await run.step('build', 'Collect', { ...run.outputs(), CHANNEL: run.outputs().channel });
  await run.step('upload', 'Upload', jobEnv(run));
  await offerSteps(workflow, run, rollout);
  return run;
}

/** A run by hand at the tag of a published version. */
export async function offer(workflow: Workflow, buckets: string, url: string, version: string, rollout: string): Promise<WorkflowRun> {
  const run = await prepared(workflow, buckets, url, version, rollout, 'workflow_dispatch');
  await offerSteps(workflow, run, rollout);
  return run;
}

async function prepared(workflow: Workflow, buckets: string, url: string, version: string, rollout: string, event: string): Promise<WorkflowRun> {
  const run = new WorkflowRun(workflow, buckets, { RELEASES_URL: url, GITHUB_EVENT_NAME: event, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: `v${version}` });
  await run.step('version', 'Check tag and variables', { ROLLOUT: rollout });
  return run;
}

async function offerSteps(workflow: Workflow, run: WorkflowRun, rollout: string): Promise<void> {
  const scripts = workflow.jobs.offer.steps.filter(step => step.run).map(step => step.name);
  for (const name of scripts) await run.step('offer', name, { ...jobEnv(run), ROLLOUT: rollout });
}

function jobEnv(run: WorkflowRun): Record<string, string> {
  return { VERSION: run.outputs().version, CHANNEL: run.outputs().channel };
}

/** Values of a job's env that are no expressions. */
function constants(env: Record<string, string | number> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]).filter(([, value]) => !value.includes('${{')));
}

export function names(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).filter(name => !name.endsWith('.metadata')).sort();
}
