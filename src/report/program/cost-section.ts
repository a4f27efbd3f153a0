import { count, type Cell, type Part, type Section } from './document';
import type { ReportEnvironment } from './environments';
import { blockName, nameOf } from './names';
import type { CostLine, CostReport } from '../../cost/cost-report';
import type { BillSettings } from '../../cost/estimate/bill';
import { estimateCosts } from '../../cost/estimate/estimate-costs';

/** Less than half a cent is nothing to pay. */
const LEAST = 0.005;

/** An environment with its estimate. */
export interface PricedEnvironment {
  readonly environment: ReportEnvironment;
  readonly report: CostReport;
}

export function priced(environments: readonly ReportEnvironment[], settings: BillSettings): PricedEnvironment[] {
  return environments.map(environment => ({ environment, report: estimateCosts(environment.resources, settings) }));
}

export function costSection(all: readonly PricedEnvironment[]): Section {
  const [{ report: { pricesOf } }] = all;
  return {
    id: 'costs',
    title: 'Costs',
    lead: `An estimate of a month in US dollars: list prices on demand of ${pricesOf}, without taxes and discounts.${unpricedNotice(all)}`,
    parts: [byBlock(all), ...all.filter(({ report }) => report.monthlyUsd >= LEAST).map(details), ...gaps(all)],
  };
}

/** Who reads a sum has to know that it is too low. */
function unpricedNotice(all: readonly PricedEnvironment[]): string {
  const types = [...new Set(all.flatMap(({ report }) => report.unpriced.map(({ resourceType }) => resourceType)))].sort();
  return types.length === 0 ? '' : ` Not in it, or not wholly, for want of a price: ${types.join(', ')}.`;
}

/** Environments side by side: the table is the chart. */
function byBlock(all: readonly PricedEnvironment[]): Part {
  const sums = all.map(({ environment, report }) => sumsOf(environment, report.lines));
  const most = Math.max(...sums.flatMap(sum => [...sum.values()]), LEAST);
  const largest = (block: string) => Math.max(...sums.map(sum => sum.get(block) ?? 0));
  const blocks = [...new Set(sums.flatMap(sum => [...sum.keys()]))]
    .filter(block => largest(block) >= LEAST)
    .sort((a, b) => largest(b) - largest(a) || (a < b ? -1 : 1));
  return {
    kind: 'table',
    caption: 'USD a month by block',
    columns: [{ name: 'Block' }, ...all.map(({ environment }) => ({ name: environment.name, numeric: true }))],
    rows: blocks.map(block => [block, ...sums.map((sum, series): Cell => {
      const usd = sum.get(block) ?? 0;
      return { text: sum.has(block) ? amount(usd) : '–', order: usd, bar: { share: usd / most, series } };
    })]),
    total: ['In all', ...all.map(({ report: { monthlyUsd, fixedUsd, usageUsd } }): Cell => ({ text: amount(monthlyUsd), note: `${amount(fixedUsd)} fixed, ${amount(usageUsd)} by use` }))],
  };
}

function sumsOf({ resources }: ReportEnvironment, lines: readonly CostLine[]): Map<string, number> {
  const blocks = new Map(resources.map(resource => [resource.path, blockName(resource)]));
  const sums = new Map<string, number>();
  for (const { constructPath, monthlyUsd } of lines) {
    const block = blocks.get(constructPath)!;
    sums.set(block, (sums.get(block) ?? 0) + monthlyUsd);
  }
  return sums;
}

function details({ environment, report }: PricedEnvironment): Part {
  const names = new Map(environment.resources.map(resource => [resource.path, nameOf(resource)]));
  const paid = report.lines.filter(({ monthlyUsd }) => monthlyUsd >= LEAST);
  return {
    kind: 'details',
    summary: `${environment.name}: ${count(paid.length, 'line')}`,
    parts: [{
      kind: 'table',
      caption: `What ${environment.name} pays for`,
      columns: [{ name: 'USD a month', numeric: true }, { name: 'For' }, { name: 'Amount' }, { name: 'Resource' }],
      rows: paid.map(({ monthlyUsd, what, dependsOnUse, unsure, quantity, unit, unitPrice, constructPath }) => [
        { text: amount(monthlyUsd), order: monthlyUsd },
        { text: dependsOnUse ? `${what} (by use)` : what, note: unsure && `unsure: ${unsure}` },
        `${Number(quantity.toPrecision(6))} × ${unitPrice} per ${unit}`,
        names.get(constructPath)!,
      ]),
    }],
  };
}

/** What is not in the sums, said as plainly as they are. */
function gaps(all: readonly PricedEnvironment[]): Part[] {
  const unpriced = new Map<string, Set<string>>();
  for (const { environment, report } of all) {
    for (const { resourceType, reason } of report.unpriced) {
      const key = `${resourceType}: ${reason}`;
      unpriced.set(key, new Set([...unpriced.get(key) ?? [], environment.name]));
    }
  }
  const commitments = all.flatMap(({ environment, report }) => report.commitments
    .map(({ name, monthlyUsd, url }): Cell => ({ text: `${environment.name}: ${name}`, href: url, note: `covers up to ${amount(monthlyUsd)} a month at these prices` })));
  const notes = [...new Set(all.flatMap(({ report }) => report.notes))];
  return [
    ...listOf(`Not in the sums (${unpriced.size})`, [...unpriced].sort().map(([what, where]): Cell => ({ text: what, note: [...where].join(', ') }))),
    ...listOf('Where a commitment of one or three years may pay', commitments),
    ...notes.map((text): Part => ({ kind: 'text', text })),
  ];
}

function listOf(summary: string, items: Cell[]): Part[] {
  return items.length === 0 ? [] : [{ kind: 'details', summary, parts: [{ kind: 'list', items }] }];
}

/** Thousands are told apart as everybody reads them, whatever the machine's language. */
export function amount(usd: number): string {
  return usd.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',');
}
