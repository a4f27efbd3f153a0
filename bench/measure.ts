/*
 * Runs in a process of its own and prints what it measured as one line of JSON.
 *
 *   node measure.js synth <subject> <stacks> [count]   constructs and synthesizes that many stacks of a subject
 *   node measure.js require <module>                   loads a module
 */
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { createRequire } from 'module';
import { tmpdir } from 'os';
import { join } from 'path';
import type { App as CdkApp, Stack } from 'aws-cdk-lib';
import { CONTEXT } from './context';

/** What one synthesis cost. */
export interface Synthesis {
  /** From loading the first module to the written assembly. */
  readonly milliseconds: number;
  readonly loading: number;
  readonly constructing: number;
  readonly synthesizing: number;
  /** Processor time of the same span, which other processes on the machine disturb less. */
  readonly processor: number;
  readonly peakMebibytes: number;
  /** Resources by type and size of all templates; only when asked to count. */
  readonly types: { [type: string]: number };
  readonly templateBytes: number;
}

/** What loading a module cost. */
export interface Loading {
  readonly milliseconds: number;
}

/** Modules are loaded by name and at a chosen moment, because loading them is measured. */
const load = createRequire(__filename);

function measureLoading(name: string): Loading {
  const start = performance.now();
  load(name);
  return { milliseconds: performance.now() - start };
}

function measureSynthesis(subject: string, stacks: number, count: boolean): Synthesis {
  const outdir = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const before = process.cpuUsage();
    const start = performance.now();
    const { App } = load('aws-cdk-lib') as { App: typeof CdkApp };
    const { addStack } = load(subject) as { addStack: (app: CdkApp, id: string) => Stack };
    const loaded = performance.now();
    const app = new App({ outdir, context: CONTEXT });
    for (let index = 1; index <= stacks; index += 1) addStack(app, `Api${index}`);
    const constructed = performance.now();
    const assembly = app.synth();
    const end = performance.now();
    const { user, system } = process.cpuUsage(before);
    const peakMebibytes = process.resourceUsage().maxRSS / 1024;
    return {
      milliseconds: end - start,
      loading: loaded - start,
      constructing: constructed - loaded,
      synthesizing: end - constructed,
      processor: (user + system) / 1000,
      peakMebibytes,
      ...contents(count ? assembly.stacks.map(stack => stack.templateFullPath) : []),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function contents(templates: string[]): Pick<Synthesis, 'types' | 'templateBytes'> {
  const types: { [type: string]: number } = {};
  let templateBytes = 0;
  for (const template of templates) {
    const text = readFileSync(template, 'utf8');
    templateBytes += text.length;
    const resources: { Type: string }[] = Object.values(JSON.parse(text).Resources);
    for (const { Type } of resources) types[Type] = (types[Type] ?? 0) + 1;
  }
  return { types, templateBytes };
}

const [what, name, stacks, count] = process.argv.slice(2);
const result = what === 'require' ? measureLoading(name) : measureSynthesis(name, Number(stacks), count === 'count');
process.stdout.write(JSON.stringify(result));
