import { type Cell, type Gantt, type Part, type ReportDocument, type Section, type Table } from './document';
import { isLink } from './markup';

/** The report as Markdown, as GitHub reads it: with diagrams, and without any HTML that a text could bring in. */
export function writeMarkdown({ title, lead, tiles, sections }: ReportDocument): string {
  return [
    '<!-- Written by PlatformReport of cdk-web-platform at synth. -->',
    '',
    `# ${escaped(title)}`,
    escaped(lead),
    table({
      kind: 'table',
      caption: '',
      columns: [{ name: 'Environment' }, { name: '' }, ...tiles[0].facts.map(({ what }) => ({ name: what, numeric: true }))],
      rows: tiles.map(({ name, note, facts }) => [name, note, ...facts.map(({ value }) => value)]),
    }),
    ...sections.map(section),
  ].join('\n\n').replace(/\n{3,}/g, '\n\n').trimEnd() + '\n';
}

function section({ title, lead, parts }: Section): string {
  return [`## ${escaped(title)}`, escaped(lead), ...parts.map(part)].join('\n\n');
}

function part(of: Part): string {
  switch (of.kind) {
    case 'text': return escaped(of.text);
    case 'heading': return `### ${escaped(of.text)}`;
    case 'list': return of.items.map(item => `- ${cell(item)}`).join('\n');
    // The table has its own name.
    case 'details': return [...of.parts.length === 1 && of.parts[0].kind === 'table' ? [] : [`**${escaped(of.summary)}**`], ...of.parts.map(part)].join('\n\n');
    case 'table': return table(of);
    case 'figure': return [`**${escaped(of.caption)}**`, `\`\`\`mermaid\n${of.mermaid}\n\`\`\``].join('\n\n');
    case 'gantt': return gantt(of);
  }
}

function table({ caption, columns, rows, total = [] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...caption === '' ? [] : [`**${escaped(caption)}**\n`],
    line(columns.map(({ name }) => escaped(name) || ' ')),
    line(columns.map(({ numeric }) => numeric ? '--:' : '---')),
    ...[...rows, ...total.length > 0 ? [total] : []].map(row => line(row.map(cell))),
  ].join('\n');
}

function gantt({ caption, bars }: Gantt): string {
  return table({
    kind: 'table',
    caption,
    columns: [{ name: 'Resource' }, { name: 'Type' }, { name: 'From minute', numeric: true }, { name: 'Minutes', numeric: true }, { name: 'Everything waits for it' }],
    rows: bars.map(({ name, type, start, minutes, critical }) => [name, type, String(Number(start.toFixed(1))), String(minutes), critical ? 'yes' : '']),
  });
}

function cell(value: Cell): string {
  if (typeof value === 'string') return escaped(value) || ' ';
  const words = escaped(value.text);
  const linked = value.href !== undefined && isLink(value.href) ? `[${words}](${value.href.replace(/[()|\\]/g, encodeURIComponent).replace(/\(/g, '%28').replace(/\)/g, '%29')})` : words;
  return value.note === undefined || value.note === '' ? linked : `${linked}<br>${escaped(value.note)}`;
}

/** A text that says what it says, and formats nothing. */
function escaped(value: string): string {
  return value.replace(/\s*\n\s*/g, ' ').replace(/[\\`*_{}[\]<>|#~$]/g, character => `\\${character}`).replace(/&/g, '&amp;').trim();
}
