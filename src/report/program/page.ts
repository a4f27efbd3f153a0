import { type Cell, type Column, type Figure, type Gantt, type Part, type ReportDocument, type Section, type Table, type Tile } from './document';
import { attribute, isLink, text } from './markup';
import { SORTING, STYLES } from './styles';

/** Below this share of its own size, nobody reads a diagram: it is scrolled instead. */
const SMALLEST = 0.72;
const SERIES = 6;

/** The report as one page that needs nothing else. */
export function writePage({ title, lead, tiles, sections }: ReportDocument): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    // Whatever slipped through the escaping: nothing is fetched, and no script runs but the one below.
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; script-src \'unsafe-inline\'; img-src data:">',
    '<meta name="generator" content="cdk-web-platform">',
    `<title>${text(title)}</title>`,
    `<style>${STYLES}</style>`,
    '</head>',
    '<body>',
    '<a class="skip" href="#main">To the content</a>',
    `<header><h1>${text(title)}</h1><p>${text(lead)}</p></header>`,
    `<nav aria-label="Sections"><ul>${sections.map(each => `<li><a href="#${each.id}">${text(each.title)}</a></li>`).join('')}</ul></nav>`,
    '<main id="main">',
    `<div class="tiles">${tiles.map(tile).join('')}</div>`,
    ...sections.map(section),
    '</main>',
    '<footer>Written by PlatformReport of cdk-web-platform at synth, from the templates alone: the same app gives the same bytes.</footer>',
    `<script>${SORTING}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function tile({ name, note, facts }: Tile): string {
  return `<div class="tile"><h2>${text(name)}</h2><p>${text(note)}</p><dl>${facts.map(({ value, what }) => `<div><dt>${text(what)}</dt><dd>${text(value)}</dd></div>`).join('')}</dl></div>`;
}

function section({ id, title, lead, parts }: Section): string {
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${text(title)}</h2><p class="lead">${text(lead)}</p>\n${parts.map(part).join('\n')}\n</section>`;
}

function part(of: Part): string {
  switch (of.kind) {
    case 'text': return `<p>${text(of.text)}</p>`;
    case 'heading': return `<h3>${text(of.text)}</h3>`;
    case 'list': return `<ul class="plain">${of.items.map(item => `<li>${content(item)}</li>`).join('')}</ul>`;
    case 'details': return `<details${of.open ? ' open' : ''}><summary>${text(of.summary)}</summary>${of.parts.map(part).join('\n')}</details>`;
    case 'table': return table(of);
    case 'figure': return figure(of);
    case 'gantt': return gantt(of);
  }
}

function table({ caption, columns, rows, total }: Table): string {
  const series = seriesOf(rows);
  const head = columns.map(({ name, numeric }, index) => `<th scope="col"${numeric ? ' class="number"' : ''}>${swatch(series.get(index))}${text(name)}</th>`).join('');
  return scrolling(caption, [
    `<table class="cards${rows.length > 1 ? ' sortable' : ''}"><caption>${text(caption)}</caption><thead><tr>${head}</tr></thead><tbody>`,
    ...rows.map(row => `<tr>${row.map((cell, index) => data(cell, columns[index])).join('')}</tr>`),
    `</tbody>${total ? `<tfoot><tr>${total.map((cell, index) => data(cell, columns[index])).join('')}</tr></tfoot>` : ''}</table>`,
  ].join('\n'));
}

/** What is wider than a phone is scrolled by itself, with the keyboard too. */
function scrolling(name: string, inner: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${attribute(name)}">${inner}</div>`;
}

function seriesOf(rows: Table['rows']): Map<number, number> {
  const found = new Map<number, number>();
  for (const row of rows) row.forEach((cell, index) => typeof cell !== 'string' && cell.bar && found.set(index, cell.bar.series));
  return found;
}

function swatch(series: number | undefined): string {
  return series === undefined ? '' : `<i class="swatch" style="background:var(--s${series % SERIES})"></i>`;
}

function data(cell: Cell, { name, numeric }: Column): string {
  const { order, bar, tone } = typeof cell === 'string' ? {} as Exclude<Cell, string> : cell;
  const empty = (typeof cell === 'string' ? cell : cell.text) === '–';
  const label = empty ? ' data-empty' : ` data-of="${attribute(name)}"`;
  const sorted = order === undefined ? '' : ` data-order="${order}"`;
  const inner = tone ? `<span class="${tone}">${content(cell)}</span>` : content(cell);
  if (!bar) return `<td${numeric ? ' class="number"' : ''}${label}${sorted}>${inner}</td>`;
  const line = `<span class="track">${bar.share > 0 ? `<i style="width:${percent(bar.share)};background:var(--s${bar.series % SERIES})"></i>` : ''}</span>`;
  return `<td class="number"${label}${sorted}><div class="measure">${line}<span>${inner}</span></div></td>`;
}

function content(cell: Cell): string {
  if (typeof cell === 'string') return broken(cell);
  const words = cell.code ? `<code>${broken(cell.text)}</code>` : broken(cell.text);
  const linked = cell.href !== undefined && isLink(cell.href) ? `<a href="${attribute(cell.href)}">${words}</a>` : words;
  return cell.note === undefined || cell.note === '' ? linked : `${linked}<small>${text(cell.note)}</small>`;
}

/** Paths and types may end a line behind what divides their names. */
function broken(words: string): string {
  return text(words).replace(/(\w)(\/|::)(?=\w)/g, '$1$2<wbr>');
}

function figure({ caption, svg }: Figure): string {
  const width = Number(/width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
  const fitted = svg.replace('<svg ', `<svg style="min-width:${Math.round(width * SMALLEST)}px;max-width:${Math.round(width)}px" `);
  return `<figure><figcaption>${text(caption)}</figcaption><div class="canvas" tabindex="0" role="region" aria-label="${attribute(caption)}">${fitted}</div></figure>`;
}

function gantt({ caption, minutes, bars }: Gantt): string {
  const step = [1, 2, 5, 10, 20, 30, 60].find(each => minutes / each <= 8) ?? 120;
  const ticks = Array.from({ length: Math.floor(minutes / step) + 1 }, (_, index) => index * step);
  const axis = ticks.map(tick => `<span style="left:${percent(tick / minutes)}">${tick}</span>`).join('');
  return scrolling(caption, [
    `<table class="gantt"><caption>${text(caption)}</caption><thead><tr><th scope="col">Resource</th><th scope="col" class="lane"><div class="axis">${axis}</div></th></tr></thead><tbody>`,
    ...bars.map(({ name, type, start, minutes: length, critical }) => {
      const [begin, end] = [start / minutes, (start + length) / minutes];
      // At the right edge there is no room behind the bar.
      const [at, before] = end > 0.85 ? [begin, ' class="before"'] : [end, ''];
      const words = `${Number(length.toFixed(1))} min${critical ? ', waited for' : ''}`;
      return `<tr><th scope="row">${broken(name)}<small>${text(type)}</small></th><td class="lane"><div class="rail" style="background-size:${percent(step / minutes)} 100%">`
        + `<i${critical ? ' class="critical"' : ''} style="left:${percent(begin)};width:${percent(end - begin)}"></i><b${before} style="left:${percent(at)}">${words}</b></div></td></tr>`;
    }),
    '</tbody></table>',
  ].join('\n'));
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))}%`;
}

