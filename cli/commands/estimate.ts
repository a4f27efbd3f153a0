import type { CostReport } from '../../src/cost/cost-report';
import { DeployableStack, readStacks } from '../assembly';
import { estimateAssembly } from '../estimate-assembly';
import { findAssembly } from '../synthesize';
import { paint, table, Terminal } from '../terminal';

export interface EstimateOptions {
  readonly app?: string;
  readonly region: string;
  readonly freeTier: boolean;
}

const WHERE = 'cdk-web-platform estimate';

/** What each stack of an assembly costs a month, and its blocks. */
export async function estimate({ app, region, freeTier }: EstimateOptions, terminal: Terminal): Promise<void> {
  const stacks = readStacks(await findAssembly(app, WHERE, terminal), WHERE);
  const report = estimateAssembly(stacks, { region, freeTier });
  const rows = stacks.map(stack => ({ stack, ...sumsOf(stack, report) }));
  terminal.result(print(rows, report), {
    monthlyUsd: report.monthlyUsd,
    fixedUsd: report.fixedUsd,
    usageUsd: report.usageUsd,
    unsureUsd: report.unsureUsd,
    pricesOf: report.pricesOf,
    stacks: rows.map(({ stack: { name, ...place }, monthlyUsd, blocks }) => (
      { stack: name, account: place.account, region: place.region, monthlyUsd, blocks })),
    lines: report.lines,
    unpriced: report.unpriced,
    notes: report.notes,
  });
}

/** One stack's part of the report. */
interface Sums {
  readonly monthlyUsd: number;
  readonly blocks: readonly { readonly block: string; readonly monthlyUsd: number }[];
}

function sumsOf({ path }: DeployableStack, { lines }: CostReport): Sums {
  const sums = new Map<string, number>();
  for (const { constructPath, block, monthlyUsd } of lines) {
    if (constructPath.startsWith(`${path}/`)) sums.set(block, (sums.get(block) ?? 0) + monthlyUsd);
  }
  const blocks = [...sums].map(([block, sum]) => ({ block, monthlyUsd: cents(sum) })).sort((a, b) => b.monthlyUsd - a.monthlyUsd);
  return { monthlyUsd: cents([...sums.values()].reduce((total, sum) => total + sum, 0)), blocks };
}

function print(rows: readonly (Sums & { readonly stack: DeployableStack })[], report: CostReport): string {
  const { monthlyUsd, fixedUsd, usageUsd, unsureUsd, pricesOf, unpriced, notes } = report;
  const lines = rows.flatMap(({ stack: { name, region }, monthlyUsd: sum, blocks }) => [
    [name + (region ? ` (${region})` : ''), usd(sum)],
    ...blocks.filter(block => block.monthlyUsd >= 0.005).map(block => [`  ${block.block}`, usd(block.monthlyUsd)]),
  ]);
  return [
    paint('bold', `${usd(monthlyUsd)} USD a month: ${usd(fixedUsd)} fixed, ${usd(usageUsd)} by use; ${usd(unsureUsd)} of it unsure`),
    `List prices on demand, collected ${pricesOf}, with the usage of a small product. Yours: CostEstimate in the app.`,
    '',
    table(lines, [1]),
    ...unpriced.map(({ resourceType, reason }) => `No price, so not in the sum: ${resourceType}, ${reason}`),
    ...notes,
  ].join('\n');
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

function usd(amount: number): string {
  return amount.toFixed(2);
}
