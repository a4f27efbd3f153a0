import type { CostLine, CostReport } from '../cost-report';

const LARGEST = 15;

/** The report as a text: blocks, the largest lines or all of them, and what is not in it. */
export function printReport(title: string, report: CostReport, allLines: boolean): string {
  const { lines, monthlyUsd, fixedUsd, usageUsd, unsureUsd, pricesOf } = report;
  const paid = lines.filter(line => allLines || line.monthlyUsd >= 0.005);
  const shown = allLines ? paid : paid.slice(0, LARGEST);
  return [
    `Cost estimate of ${title}: ${usd(monthlyUsd)} USD a month (${usd(fixedUsd)} fixed, ${usd(usageUsd)} by use; ${usd(unsureUsd)} of it unsure)`,
    `List prices on demand, collected ${pricesOf}, without taxes and discounts`,
    '',
    ...table(blocks(lines).map(([block, sum]) => [usd(sum), block])),
    '',
    shown.length < paid.length ? `The ${shown.length} largest of ${paid.length} lines:` : 'Lines:',
    ...table(shown.map(line => [usd(line.monthlyUsd), `${line.what}${line.dependsOnUse ? ' (by use)' : ''}`, amount(line), line.constructPath, line.unsure === undefined ? '' : 'unsure'])),
    ...section('No price, so not in the sum:', report.unpriced.map(({ resourceType, reason, constructPaths: [first, ...more] }) =>
      `${resourceType}: ${reason} (${first}${more.length > 0 ? ` and ${more.length} more` : ''})`)),
    ...section('A commitment of one or three years may pay for what runs all month (its prices are not in the table):', report.commitments.map(hint =>
      `${hint.name}: covers up to ${usd(hint.monthlyUsd)} a month at on-demand prices, ${hint.url}`)),
    ...section('Notes:', report.notes),
    '',
  ].join('\n');
}

function blocks(lines: CostLine[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { block, monthlyUsd } of lines) sums.set(block, (sums.get(block) ?? 0) + monthlyUsd);
  return [...sums].filter(([, sum]) => sum >= 0.005).sort(([, a], [, b]) => b - a);
}

function amount({ quantity, unit, unitPrice }: CostLine): string {
  return `${Number(quantity.toPrecision(6))} × ${unitPrice} per ${unit}`;
}

function usd(value: number): string {
  return value.toFixed(2);
}

function section(title: string, entries: string[]): string[] {
  return entries.length === 0 ? [] : ['', title, ...entries.map(entry => `  ${entry}`)];
}

/** Columns as wide as they need to be; the first is of numbers. */
function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return rows.map(row => `  ${row.map((cell, column) => column === 0 ? cell.padStart(widths[0]) : cell.padEnd(widths[column])).join('  ').trimEnd()}`);
}
