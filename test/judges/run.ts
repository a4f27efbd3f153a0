/*
 * Synthesizes every example and has it judged: cfn-lint, checkov (suppressions ignored) and four packs of cdk-nag; and the GitHub workflows by
 * actionlint, shellcheck and zizmor, alone with `--workflows`.
 * Prints one table, with findings and in parentheses the rules that have them, and the reasons of what is acknowledged; exits with 1 when a gate is missed.
 */
import { execFileSync } from 'child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { basename, dirname, join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { sample } from 'fast-check';
import type { NagReport } from './nag-preload';
import { judgeWorkflows } from './workflows';
import { buildWebApp } from '../../integ/emulator/edge/web-app';
import { pythonEnvironment } from '../../integ/emulator/python';
import { build, configurations } from '../patterns/random-configurations';

const ROOT = join(__dirname, '..', '..');
const GATES = { lintErrors: 0, solutionsErrors: 0 };
/** Gates of single stacks, where it counts. */
interface StackGates {
  /** Least share of checkov's checks that pass. */
  readonly checkovShare?: number;
  /** Most resources. */
  readonly resources?: number;
  /** Most rules of AwsSolutions that are acknowledged. */
  readonly acknowledgedRules?: number;
  /** Most rules of other packs that have findings. */
  readonly rules?: { readonly [pack: string]: number };
}

const STACKS: { readonly [stack: string]: StackGates } = {
  'AivpProd': { checkovShare: 0.97 },
  'alva-production': { checkovShare: 0.97 },
  'ArcadeProduction': { checkovShare: 0.973, resources: 350, acknowledgedRules: 6, rules: { 'NIST.800.53.R5': 8, 'HIPAA.Security': 8, 'PCI.DSS.321': 6 } },
  'Rpg': { checkovShare: 0.96 },
  'Realtechee': { checkovShare: 0.95 },
  // A pattern by itself, without what a team adds: the same few findings weigh more.
  'pattern-production': { acknowledgedRules: 4 },
  'site-production': { checkovShare: 0.95, acknowledgedRules: 2 },
  'published-site-production': { checkovShare: 0.94, acknowledgedRules: 2 },
  'account-production': { checkovShare: 0.97, acknowledgedRules: 2 },
  'search-production': { checkovShare: 0.96, acknowledgedRules: 3 },
  // One of its two has no key of its own, as by default.
  'uploads-production': { checkovShare: 0.9, acknowledgedRules: 1 },
  'amplify-production': { checkovShare: 0.96, acknowledgedRules: 2 },
  'delivery-production': { checkovShare: 1, acknowledgedRules: 1 },
};

const RANDOM_SAMPLE = 30;

interface Verdict {
  readonly stack: string;
  readonly resources: number;
  readonly lintErrors: string[];
  readonly passed: number;
  readonly failed: string[];
  readonly nag: NagReport;
}

function synthesize(source: string, folder: string, site: string): NagReport[] {
  const report = join(folder, 'nag.json');
  execFileSync(process.execPath, ['--require', 'tsx/cjs', '--require', join(__dirname, 'nag-preload.ts'), join(source, 'app.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.dev.json'),
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...JSON.parse(readFileSync(join(ROOT, 'examples/aivp/cdk.json'), 'utf8')).context, site }),
      CDK_VALIDATION: 'false',
      NAG_REPORT: report,
    },
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

/** Runs a judge that says with its exit code that it found something, and answers what it printed. */
function ask(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Lint errors of a random sample of the configurations that the unit tests synthesize. */
function lintRandomSample(bin: string, folder: string): string[] {
  const files = sample(configurations, { numRuns: RANDOM_SAMPLE, seed: 20261120 }).map((configuration, index) => {
    const stack = new Stack(new App({ outdir: join(folder, `random-${index}`), analyticsReporting: false }), 'Random');
    build(stack, configuration);
    (stack.node.root as App).synth();
    return join(folder, `random-${index}`, 'Random.template.json');
  });
  const lint: { Level: string; Rule: { Id: string }; Filename: string; Message: string }[] =
    JSON.parse(ask(join(bin, 'cfn-lint'), ['--format', 'json', '--template', ...files]) || '[]');
  return lint.filter(({ Level }) => Level === 'Error').map(({ Rule, Filename, Message }) => `${basename(dirname(Filename))}: ${Rule.Id} ${Message}`);
}

function judge(bin: string, template: string, nag: NagReport): Verdict {
  const lint: { Level: string; Rule: { Id: string }; Location: { Path: { PathString?: string } | string } }[] =
    JSON.parse(ask(join(bin, 'cfn-lint'), ['--format', 'json', '--template', template]) || '[]');
  // Where it has no check for anything in a template, it says so without results.
  const options = ['--framework', 'cloudformation', '--skip-download', '--compact', '--output', 'json'];
  const { results = NOTHING } = JSON.parse(ask(join(bin, 'checkov'), ['--file', template, ...options]));
  // A check that was suppressed in the template counts as failed: only what is really so is so.
  const failed = [...results.failed_checks, ...results.skipped_checks].map(({ check_id, resource }) => `${check_id} ${resource}`);
  return {
    stack: nag.stack,
    resources: Object.keys(JSON.parse(readFileSync(template, 'utf8')).Resources).length,
    lintErrors: lint.filter(({ Level }) => Level === 'Error').map(({ Rule, Location }) => `${Rule.Id} ${JSON.stringify(Location.Path)}`),
    passed: results.passed_checks.length,
    failed,
    nag,
  };
}

const NOTHING = { passed_checks: [], failed_checks: [], skipped_checks: [] };

function share({ passed, failed }: Verdict): number {
  return failed.length === 0 ? 1 : passed / (passed + failed.length);
}

/** Rules that have findings. */
function rulesOf(findings: string[]): string[] {
  return [...new Set(findings.map(finding => finding.split(/[[ ]/)[0]))].sort();
}

/** What auditors would be shown: production, and what has gates of its own. */
function isAudited({ stack }: Verdict): boolean {
  return /prod/i.test(stack) || stack in STACKS;
}

function print(verdicts: Verdict[]): void {
  console.table(verdicts.map(verdict => ({
    'stack': verdict.stack,
    'resources': verdict.resources,
    'cfn-lint E': verdict.lintErrors.length,
    'checkov': `${verdict.passed}/${verdict.failed.length} (${share(verdict).toFixed(3)})`,
    ...Object.fromEntries(Object.entries(verdict.nag.errors).map(([pack, errors]) => [pack, `${errors.length} (${rulesOf(errors).length})`])),
    'acknowledged rules': verdict.nag.acknowledgedRules.length,
  })));
  if (!process.argv.includes('--verbose')) return;
  for (const { stack, lintErrors, failed, nag } of verdicts) {
    console.log(`\n${stack}`);
    for (const finding of [...lintErrors, ...failed, ...Object.values(nag.errors).flat()].sort()) console.log(`  ${finding}`);
  }
}

function missedGates(verdicts: Verdict[]): string[] {
  return verdicts.flatMap(verdict => {
    const { stack, resources, lintErrors, failed, nag } = verdict;
    const solutions = nag.errors.AwsSolutions;
    const { checkovShare = 0, resources: mostResources = Infinity, acknowledgedRules = Infinity, rules = {} } = STACKS[stack] ?? {};
    const others = Object.entries(rules).map(([pack, most]) => ({ pack, most, found: rulesOf(nag.errors[pack]) }));
    return [
      ...(lintErrors.length > GATES.lintErrors ? [`${stack}: cfn-lint errors: ${lintErrors.join('; ')}`] : []),
      ...(share(verdict) < checkovShare ? [`${stack}: checkov ${share(verdict).toFixed(3)}: ${failed.join('; ')}`] : []),
      ...(resources > mostResources ? [`${stack}: ${resources} resources`] : []),
      ...(isAudited(verdict) && solutions.length > GATES.solutionsErrors ? [`${stack}: AwsSolutions: ${solutions.join('; ')}`] : []),
      ...(nag.acknowledgedRules.length > acknowledgedRules ? [`${stack}: acknowledged: ${nag.acknowledgedRules.join(', ')}`] : []),
      ...others.filter(({ most, found }) => found.length > most).map(({ pack, found }) => `${stack}: ${pack}: ${found.join(', ')}`),
    ];
  });
}

/** Judges the templates and answers what each gate missed; and how many gates there were. */
async function judgeTemplates(bin: string, folder: string): Promise<{ gates: number; missed: string[] }> {
  const site = join(folder, 'site');
  await buildWebApp('judged', site);
  const sources = [...readdirSync(join(ROOT, 'examples')).map(example => join(ROOT, 'examples', example)), join(__dirname, 'pattern')];
  const verdicts = sources.flatMap(source => {
    const output = join(folder, basename(source));
    return synthesize(source, output, site).map(nag => judge(bin, join(output, `${nag.stack}.template.json`), nag));
  });
  print(verdicts);
  const reasons = Object.assign({}, ...verdicts.map(({ nag }) => nag.reasons));
  for (const [id, reason] of Object.entries(reasons)) console.log(`acknowledged ${id}: ${reason}`);
  for (const { stack, nag } of verdicts) console.log(`${stack}: ${nag.acknowledgedRules.join(', ')}`);

  const randomErrors = lintRandomSample(bin, folder);
  console.log(`random sample: ${RANDOM_SAMPLE} configurations, ${randomErrors.length} cfn-lint errors`);
  return { gates: 4 * verdicts.length + RANDOM_SAMPLE, missed: [...missedGates(verdicts), ...randomErrors] };
}

/** No finding of any judge is allowed. */
async function judgeAllWorkflows(bin: string, folder: string): Promise<{ gates: number; missed: string[] }> {
  const { files, scripts, findings } = await judgeWorkflows(bin, folder);
  const counts = Object.entries(findings).map(([judged, found]) => `${judged} ${found.length}`).join(', ');
  console.log(`workflows: ${files} files with ${scripts} scripts; findings: ${counts}`);
  return { gates: 3 * files, missed: Object.entries(findings).flatMap(([judged, found]) => found.map(finding => `${judged}: ${finding}`)) };
}

async function main(): Promise<void> {
  const { bin } = await pythonEnvironment('judges', join(__dirname, 'requirements.txt'));
  const folder = mkdtempSync(join(tmpdir(), 'judges-'));
  try {
    const parts = process.argv.includes('--workflows') ? [judgeAllWorkflows] : [judgeTemplates, judgeAllWorkflows];
    let [gates, missed]: [number, string[]] = [0, []];
    for (const part of parts) {
      const result = await part(bin, folder);
      [gates, missed] = [gates + result.gates, [...missed, ...result.missed]];
    }
    for (const line of missed) console.error(`missed: ${line}`);
    console.log(`judges: ${Math.max(gates - missed.length, 0)} passed, ${missed.length} failed`);
    process.exitCode = missed.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
