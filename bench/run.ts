/*
 * Measures the API and the Amplify app beside the same written by hand, and the site beside AWS Solutions Constructs'.
 * `ProductionWebPlatform` with everything on stands beside the same resources written by hand.
 * Prints one table. Exits with 1 when a goal is missed.
 *
 *   npm run bench -- [--pairs N] [--quick] [--no-compile] [--only everything]
 *
 * Machines are noisy: both sides run in turns in fresh processes, each pair gives one ratio, and the median of the ratios is judged.
 * What is judged is the time on the clock. The processor's stands beside it for information: it adds up all of Node's threads.
 */
import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join, relative } from 'path';
import { parseArgs } from 'util';
// eslint-disable-next-line import/no-extraneous-dependencies -- a tool of the bench
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import type { Loading, Synthesis } from './measure';
import { compileWhereStale, filesUnder } from '../projenrc/compile-where-stale';

const ROOT = join(__dirname, '..');
const GOALS = {
  synthRatio: 1.1,
  ratioOfManyStacks: 1,
  siteRatio: 1,
  amplifyRatio: 1,
  loadingMilliseconds: 30,
  everythingMilliseconds: 1000,
  everythingMebibytes: 600,
};
const MANY_STACKS = 100;
/** Where the two sides differ by choice: resources of a type that the library makes more (or, below zero, fewer) of in one stack. */
const CHOSEN_DIFFERENCE: { readonly why: string; readonly types: { readonly [type: string]: number } } = {
  why: 'By hand the default security group is closed by the VPC\'s own restrictDefaultSecurityGroup: a function and its role for this alone, whose code\n'
    + '  CDK copies and hashes for each stack. The library lets the function that guards listener rules, which both sides have, close it too,\n'
    + '  with the right to do so in a managed policy of its own. So the library makes, for each stack,',
  types: {
    'AWS::IAM::ManagedPolicy': 1,
    'Custom::ClosedDefaultSecurityGroup': 1,
    'AWS::IAM::Role': -1,
    'AWS::Lambda::Function': -1,
    'Custom::VpcRestrictDefaultSG': -1,
  },
};
const SUBJECTS = [
  'subject-platform', 'subject-hand-written', 'subject-site', 'subject-solutions-site', 'subject-amplify', 'subject-hand-written-amplify', 'subject-everything',
  'subject-hand-written-everything',
] as const;
/** What the hand-written subjects share. */
const SHARED = 'hand-written';
type Subject = typeof SUBJECTS[number];
/** What the subjects import, besides the library. */
const PACKAGES = ['aws-cdk-lib', 'constructs', '@aws-solutions-constructs'];

/** One measurement of the library and one of its counterpart, taken one after the other. */
interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

interface Row {
  readonly what: string;
  readonly ours: string;
  readonly theirs?: string;
  readonly compared?: string;
  readonly goal?: string;
  readonly met?: boolean;
  /** What stands below the table. */
  readonly note?: string;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      'pairs': { type: 'string', default: '30' },
      'quick': { type: 'boolean', default: false },
      'no-compile': { type: 'boolean', default: false },
      'only': { type: 'string' },
    },
  });
  if (values.only !== undefined && values.only !== 'everything') throw new Error(`--only ${values.only}: only \`everything\` can be measured alone`);
  const pairs = values.quick ? 5 : Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error(`--pairs ${values.pairs}: a whole number of 1 or more is needed`);
  if (!values['no-compile']) compileWhereStale();

  const folder = mkdtempSync(join(tmpdir(), 'bench-subjects-'));
  try {
    const tarball = prepare(folder);
    const manyPairs = values.quick ? 1 : Math.max(5, Math.ceil(pairs / 6));
    const rows = [
      ...values.only ? [] : blockRows(folder, tarball, pairs, manyPairs),
      ...everythingRows(folder, pairs, manyPairs),
    ];
    const notes = [`* ${CHOSEN_DIFFERENCE.why} ${listed(CHOSEN_DIFFERENCE.types)}.`, ...rows.flatMap(({ note }) => note === undefined ? [] : `** ${note}`)];
    process.stdout.write(`\n${table(rows)}\n\n${notes.join('\n')}\n`);
    process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function blockRows(folder: string, tarball: Tarball, pairs: number, manyPairs: number): Row[] {
  return [
    ...synthRows(folder, pairs),
    ...perResourceRows(folder, pairs, 'site', 'Solutions Constructs', 'subject-site', 'subject-solutions-site', GOALS.siteRatio),
    ...perResourceRows(folder, pairs, 'amplify', "CloudFormation's own resources", 'subject-amplify', 'subject-hand-written-amplify', GOALS.amplifyRatio),
    ...manyStacksRows(folder, manyPairs),
    ...loadingRows(folder, pairs),
    ...sizeRows(folder, tarball),
  ];
}

/** A package as npm packs it. */
interface Tarball {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

/**
 * Lays the subjects out as a compiled app with the packed library installed, so that nothing but their own code runs while they are measured.
 * A link to the repository would not do: aws-cdk-lib writes down where resources are made, and takes what is not in node_modules for the user's code.
 */
function prepare(folder: string): Tarball {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26,
  });
  const tarball: Tarball = JSON.parse(output)[0];
  const modules = join(folder, 'node_modules');
  const library = join(modules, 'cdk-web-platform');
  mkdirSync(library, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball.filename), '-C', library, '--strip-components', '1']);
  for (const name of PACKAGES) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  mkdirSync(join(folder, SHARED));
  for (const name of ['measure.ts', 'context.ts', ...SUBJECTS.map(subject => `${subject}.ts`), ...readdirSync(join(__dirname, SHARED)).map(file => join(SHARED, file))]) {
    const { outputText } = transpileModule(readFileSync(join(__dirname, name), 'utf8'), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), outputText);
  }
  writeSite(join(folder, 'built-site'));
  return tarball;
}

/** A small site, as a build leaves it. */
function writeSite(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>arcade</title><script src="/assets/index-Cq3xV9aB.js"></script>');
  writeFileSync(join(folder, 'assets', 'index-Cq3xV9aB.js'), `console.log(${JSON.stringify('arcade '.repeat(5000))});`);
}

function measure<T>(folder: string, ...args: string[]): T {
  const output = execFileSync(process.execPath, [join(folder, 'measure.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CDK_VALIDATION: 'false', NODE_OPTIONS: '' },
  });
  return JSON.parse(output);
}

function synthesize(folder: string, subject: Subject, stacks: number, ...count: 'count'[]): Synthesis {
  return measure(folder, 'synth', join(folder, subject), String(stacks), ...count);
}

/** Takes turns, and turns about who begins. */
function alternate<T>(count: number, what: string, ours: () => T, theirs: () => T): Pair<T>[] {
  return Array.from({ length: count }, (_, index) => {
    process.stderr.write(`\r${what}: pair ${index + 1} of ${count}${index + 1 === count ? '\n' : ''}`);
    const first = index % 2 === 0 ? ours() : theirs();
    const second = index % 2 === 0 ? theirs() : ours();
    return index % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first };
  });
}

function synthRows(folder: string, count: number): Row[] {
  // Warms the disk's cache as well.
  const ours = synthesize(folder, 'subject-platform', 1, 'count');
  const theirs = synthesize(folder, 'subject-hand-written', 1, 'count');
  const pairs = alternate(count, 'one stack', () => synthesize(folder, 'subject-platform', 1), () => synthesize(folder, 'subject-hand-written', 1));
  return [
    resourcesRow('resources in one stack', ours, theirs),
    { what: 'template (bytes)', ours: String(ours.templateBytes), theirs: String(theirs.templateBytes), compared: ratio(ours.templateBytes / theirs.templateBytes) },
    timeRow(`synth of one stack in a fresh process (median of ${count} pairs)`, pairs, each => each.milliseconds, GOALS.synthRatio),
    timeRow('  of it: loading modules and constructing', pairs, each => each.loading + each.constructing),
    timeRow('  of it: synthesizing', pairs, each => each.synthesizing),
    timeRow('  processor time', pairs, each => each.processor),
    memoryRow('  peak memory', pairs),
  ];
}

function resourcesRow(what: string, ours: Synthesis, theirs: Synthesis): Row {
  const surprises = differences(ours.types, theirs.types, CHOSEN_DIFFERENCE.types);
  return {
    what,
    ours: String(total(ours.types)),
    theirs: String(total(theirs.types)),
    compared: surprises.length === 0 ? 'the same of each type but *' : `besides *: ${surprises.join(', ')}`,
    goal: 'the same but *',
    met: surprises.length === 0,
  };
}

function manyStacksRows(folder: string, count: number): Row[] {
  const many = `${MANY_STACKS} stacks`;
  const pairs = alternate(count, many,
    () => synthesize(folder, 'subject-platform', MANY_STACKS, 'count'), () => synthesize(folder, 'subject-hand-written', MANY_STACKS, 'count'));
  return [
    timeRow(`time per resource at ${many} (median of ${count} pairs)`, pairs, each => each.milliseconds / total(each.types), GOALS.ratioOfManyStacks),
    timeRow('  of it: constructing', pairs, each => each.constructing / total(each.types)),
    timeRow('  of it: synthesizing', pairs, each => each.synthesizing / total(each.types)),
    timeRow('  processor time', pairs, each => each.processor / total(each.types)),
    timeRow(`  whole time of ${many}, whatever their resources`, pairs, each => each.milliseconds),
    memoryRow('  peak memory', pairs),
  ];
}

/** The largest platform: in a process of its own, and a hundred of them in one app. */
function everythingRows(folder: string, count: number, manyCount: number): Row[] {
  const [our, their] = ['subject-everything', 'subject-hand-written-everything'] as const;
  const [ours, theirs] = [synthesize(folder, our, 1, 'count'), synthesize(folder, their, 1, 'count')];
  const pairs = alternate(count, 'everything', () => synthesize(folder, our, 1), () => synthesize(folder, their, 1));
  const many = `${MANY_STACKS} platforms with everything`;
  const manyPairs = alternate(manyCount, many, () => synthesize(folder, our, MANY_STACKS, 'count'), () => synthesize(folder, their, MANY_STACKS, 'count'));
  const perResource = ({ milliseconds: all, types }: Synthesis) => all / total(types);
  return [
    resourcesRow('everything: resources, beside the same by hand', ours, theirs),
    { what: 'everything: templates (bytes)', ours: String(ours.templateBytes), theirs: String(theirs.templateBytes), compared: ratio(ours.templateBytes / theirs.templateBytes) },
    timeRow(`everything: synth in a fresh process (median of ${count} pairs)`, pairs, each => each.milliseconds, GOALS.synthRatio),
    limitRow('  whole time', pairs, each => each.milliseconds, GOALS.everythingMilliseconds, milliseconds),
    timeRow('  of it: loading modules and constructing', pairs, each => each.loading + each.constructing),
    timeRow('  of it: synthesizing', pairs, each => each.synthesizing),
    timeRow('  processor time', pairs, each => each.processor),
    memoryRow('  peak memory', pairs),
    timeRow(`time per resource at ${many} (median of ${manyCount} pairs)`, manyPairs, perResource, GOALS.ratioOfManyStacks),
    timeRow('  of it: constructing', manyPairs, each => each.constructing / total(each.types)),
    timeRow('  of it: synthesizing', manyPairs, each => each.synthesizing / total(each.types)),
    timeRow('  processor time', manyPairs, each => each.processor / total(each.types)),
    limitRow(`  peak memory of ${many}`, manyPairs, each => each.peakMebibytes, GOALS.everythingMebibytes, mebibytes),
  ];
}

/** Beside a peer that makes other resources, such as a site without alarms, deployment or own names: so it is told by resource. */
function perResourceRows(folder: string, count: number, name: string, peer: string, our: Subject, their: Subject, goal: number): Row[] {
  const [ours, theirs] = [synthesize(folder, our, 1, 'count'), synthesize(folder, their, 1, 'count')];
  const pairs = alternate(count, name, () => synthesize(folder, our, 1), () => synthesize(folder, their, 1));
  const perResource = pairs.map(pair => ({
    ours: pair.ours.milliseconds / total(ours.types),
    theirs: pair.theirs.milliseconds / total(theirs.types),
  }));
  return [
    { what: `${name}: resources, beside ${peer}`, ours: String(total(ours.types)), theirs: String(total(theirs.types)) },
    timeRow(`${name}: synth per resource in a fresh process (median of ${count} pairs)`, perResource, each => each, goal),
    timeRow('  whole synth', pairs, each => each.milliseconds),
    memoryRow('  peak memory', pairs),
  ];
}

function loadingRows(folder: string, count: number): Row[] {
  const pairs = alternate(count, 'require', () => measure<Loading>(folder, 'require', 'cdk-web-platform'), () => measure<Loading>(folder, 'require', 'aws-cdk-lib'));
  const above = median(pairs.map(({ ours, theirs }) => ours.milliseconds - theirs.milliseconds));
  return [{
    what: `require('cdk-web-platform') beside require('aws-cdk-lib') (median of ${count} pairs)`,
    ours: milliseconds(median(pairs.map(({ ours }) => ours.milliseconds))),
    theirs: milliseconds(median(pairs.map(({ theirs }) => theirs.milliseconds))),
    compared: `${above > 0 ? '+' : ''}${milliseconds(above)}`,
    goal: `≤ +${GOALS.loadingMilliseconds} ms`,
    met: above <= GOALS.loadingMilliseconds,
  }];
}

function sizeRows(folder: string, { size, unpackedSize, entryCount }: Tarball): Row[] {
  const assets = join(folder, 'node_modules', 'cdk-web-platform', 'assets');
  const handlers = filesUnder(assets).filter(file => file.endsWith('index.js'));
  return [
    { what: 'packed tarball (bytes)', ours: String(size), compared: `${unpackedSize} unpacked, ${entryCount} files` },
    ...handlers.map(file => ({ what: `  handler ${relative(assets, dirname(file))} (bytes)`, ours: String(statSync(file).size) })),
  ];
}

function timeRow<T>(what: string, pairs: Pair<T>[], value: (measured: T) => number, limit?: number): Row {
  const ratios = pairs.map(({ ours, theirs }) => value(ours) / value(theirs));
  const middle = median(ratios);
  return {
    what,
    ours: milliseconds(median(pairs.map(({ ours }) => value(ours)))),
    theirs: milliseconds(median(pairs.map(({ theirs }) => value(theirs)))),
    compared: `${ratio(middle)} (${ratio(quantile(ratios, 0.25))} to ${ratio(quantile(ratios, 0.75))})`,
    ...(limit !== undefined && { goal: `≤ ${ratio(limit)}`, met: middle <= limit }),
  };
}

function memoryRow(what: string, pairs: Pair<Synthesis>[]): Row {
  const [ours, theirs] = [median(pairs.map(pair => pair.ours.peakMebibytes)), median(pairs.map(pair => pair.theirs.peakMebibytes))];
  return { what, ours: mebibytes(ours), theirs: mebibytes(theirs), compared: ratio(ours / theirs) };
}

/** A goal that does not look at the peer; where the peer does not reach it either, the table says so. */
function limitRow<T>(what: string, pairs: Pair<T>[], value: (measured: T) => number, limit: number, shown: (value: number) => string): Row {
  const [ours, theirs] = [median(pairs.map(pair => value(pair.ours))), median(pairs.map(pair => value(pair.theirs)))];
  const outOfReach = theirs >= limit;
  return {
    what,
    ours: shown(ours),
    theirs: shown(theirs),
    compared: ratio(ours / theirs),
    goal: `< ${shown(limit)}${outOfReach ? ' **' : ''}`,
    met: ours < limit,
    ...outOfReach && { note: `${what.trim()}: out of reach on this machine, since by hand it is ${shown(theirs)}; the goal is less than ${shown(limit)}.` },
  };
}

/** Types of which one side makes more or fewer than was chosen. */
function differences(ours: Synthesis['types'], theirs: Synthesis['types'], chosen: Synthesis['types']): string[] {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs), ...Object.keys(chosen)])].sort()
    .filter(type => (ours[type] ?? 0) - (theirs[type] ?? 0) !== (chosen[type] ?? 0))
    .map(type => `${type} ${ours[type] ?? 0} and ${theirs[type] ?? 0}`);
}

function listed(types: { readonly [type: string]: number }): string {
  const part = (sign: number, word: string) => `${Object.entries(types).filter(([, count]) => Math.sign(count) === sign)
    .map(([type, count]) => `${Math.abs(count)} ${type}`).join(', ')} ${word}`;
  return `${part(1, 'more')}, ${part(-1, 'fewer')}`;
}

function total(types: Synthesis['types']): number {
  return Object.values(types).reduce((sum, count) => sum + count, 0);
}

function median(values: number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

function milliseconds(value: number): string {
  return `${value.toFixed(Math.abs(value) < 10 ? 3 : 0)} ms`;
}

function mebibytes(value: number): string {
  return `${value.toFixed(0)} MiB`;
}

function ratio(value: number): string {
  return value.toFixed(3);
}

function table(rows: Row[]): string {
  const verdict = ({ met }: Row) => met === undefined ? '' : met ? 'met' : 'MISSED';
  const cells = [
    ['', 'library', 'peer', 'library / peer (quartiles)', 'goal', ''],
    ...rows.map(row => [row.what, row.ours, row.theirs ?? '', row.compared ?? '', row.goal ?? '', verdict(row)]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map(line => line[column].length)));
  const lines = cells.map(line => line.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
  return [lines[0], '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...lines.slice(1)].join('\n');
}

main();
