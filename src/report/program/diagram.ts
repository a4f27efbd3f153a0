import type { Architecture, DiagramEdge, DiagramNode } from './architecture';
import { attribute, text } from './markup';
import { Shape } from './node-kinds';

/** What lays the boxes out; in WebAssembly, loaded once by whoever asks for a report. */
export interface Graphviz {
  renderString(graph: string, options: { readonly format: string }): string;
}

/** What a block is called. */
type Naming = (path: string) => string;

/** Graphviz measures in inches of 72 points. */
const POINTS = 72;
const HEIGHT = 46;
const LONGEST_NAME = 28;
const MARGIN = 8;

interface Layout {
  readonly bb: string;
  readonly objects?: readonly { readonly _gvid: number; readonly name: string; readonly pos?: string; readonly bb?: string }[];
  readonly edges?: readonly { readonly pos: string; readonly n: string }[];
}

/** Draws what is connected as SVG, whose colours are those of the page around it; nothing where nothing is. */
export function drawDiagram(graphviz: Graphviz, architecture: Architecture, title: string, nameOfBlock: Naming): string | undefined {
  const { edges } = architecture;
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const nodes = architecture.nodes.filter(({ id }) => connected.has(id));
  if (nodes.length === 0) return undefined;
  const layout = JSON.parse(graphviz.renderString(graphOf(nodes, edges, nameOfBlock), { format: 'json0' })) as Layout;
  const [, , width, height] = numbers(layout.bb);
  const flipped = (y: number) => round(height - y);
  const objects = new Map((layout.objects ?? []).map(object => [object.name, object]));

  const blocks = blocksOf(nodes).map((block, number) => drawBlock(numbers(objects.get(`cluster_${number}`)!.bb!), flipped, nameOfBlock(block)));
  const lines = edges.map((edge, number) => drawEdge(edge, nodes, layout.edges!.find(({ n }) => n === `${number}`)!, flipped));
  const boxes = nodes.map((node, number) => drawNode(node, numbers(objects.get(`n${number}`)!.pos!), flipped));
  const size = [round(width + 2 * MARGIN), round(height + 2 * MARGIN)];
  return [
    `<svg class="diagram" role="img" aria-label="${attribute(title)}" width="${size[0]}" height="${size[1]}" viewBox="${-MARGIN} ${-MARGIN} ${size[0]} ${size[1]}">`,
    ...blocks, ...lines, ...boxes,
    '</svg>',
  ].join('\n');
}

function graphOf(nodes: readonly DiagramNode[], edges: readonly DiagramEdge[], nameOfBlock: Naming): string {
  const number = new Map(nodes.map(({ id }, index) => [id, index]));
  const draw = (node: DiagramNode) => `n${number.get(node.id)} [width=${round(widthOf(node) / POINTS)},height=${round(HEIGHT / POINTS)}];`;
  return [
    'digraph {',
    'rankdir=LR; nodesep=0.22; ranksep=0.95; splines=true; newrank=true; remincross=true; fontname="Helvetica"; fontsize=12;',
    'node [shape=box,fixedsize=true,label=""]; edge [fontname="Helvetica",fontsize=10,arrowsize=0.7];',
    ...nodes.filter(({ block }) => block === undefined).map(draw),
    ...blocksOf(nodes).map((block, index) => [
      // The label keeps room for the block's name.
      `subgraph cluster_${index} { label=${JSON.stringify(shortened(nameOfBlock(block)))}; labeljust=l; margin=12;`,
      ...nodes.filter(node => node.block === block).map(draw),
      '}',
    ].join(' ')),
    ...edges.map(({ from, to, kind }, index) => `n${number.get(from)} -> n${number.get(to)} [n="${index}"${kind === 'right' ? ',weight=0.4' : ''}];`),
    '}',
  ].join('\n');
}

function blocksOf(nodes: readonly DiagramNode[]): string[] {
  return [...new Set(nodes.flatMap(({ block }) => block ?? []))];
}

function drawBlock([left, bottom, right, top]: number[], flipped: (y: number) => number, name: string): string {
  return `<g class="block"><rect x="${left}" y="${flipped(top)}" width="${round(right - left)}" height="${round(top - bottom)}" rx="10"/>`
    + `<text x="${left + 12}" y="${flipped(top - 17)}">${text(shortened(name))}</text></g>`;
}

function drawNode(node: DiagramNode, [x, y]: number[], flipped: (y: number) => number): string {
  const width = widthOf(node);
  const [left, top] = [round(x - width / 2), round(flipped(y) - HEIGHT / 2)];
  const outline = node.shape === Shape.STORE ? cylinder(left, top, width) : `<rect x="${left}" y="${top}" width="${width}" height="${HEIGHT}" rx="${node.shape === Shape.QUEUE || node.shape === Shape.OUTSIDE ? HEIGHT / 2 : 6}"/>`;
  const middle = node.shape === Shape.STORE ? 3 : 0;
  const kind = node.atDeployment ? `${node.kind}, at deployment` : node.kind;
  const lines = kind && kind !== node.name && !node.name.endsWith(`× ${node.kind}`)
    ? `<text x="${round(x)}" y="${round(top + 20 + middle)}">${text(shortened(node.name))}</text><text class="kind" x="${round(x)}" y="${round(top + 35 + middle)}">${text(kind)}</text>`
    : `<text x="${round(x)}" y="${round(top + 27 + middle)}">${text(shortened(node.name))}</text>`;
  const paths = node.resources.map(({ construct }) => construct);
  return `<g class="node ${node.shape}${node.atDeployment ? ' helper' : ''}"><title>${text([...paths.slice(0, 12), ...paths.length > 12 ? [`and ${paths.length - 12} more`] : []].join('\n') || node.name)}</title>${outline}${lines}</g>`;
}

/** What keeps data looks like it does in every architecture diagram. */
function cylinder(left: number, top: number, width: number): string {
  const right = round(left + width);
  const [up, down, depth] = [top + 5, round(top + HEIGHT - 5), 5];
  return `<path d="M${left} ${up}V${down}C${left} ${down + depth + 2} ${right} ${down + depth + 2} ${right} ${down}V${up}"/>`
    + `<path d="M${left} ${up}C${left} ${up + depth + 2} ${right} ${up + depth + 2} ${right} ${up}C${right} ${up - depth - 2} ${left} ${up - depth - 2} ${left} ${up}Z"/>`;
}

function drawEdge({ kind, from, to, label }: DiagramEdge, nodes: readonly DiagramNode[], { pos }: NonNullable<Layout['edges']>[number], flipped: (y: number) => number): string {
  const points = pos.split(' ').map(part => part.replace(/^[es],/, '')).map(part => part.split(',').map(Number)).map(([x, y]) => [round(x), flipped(y)]);
  const [end, start, ...rest] = pos.startsWith('e,') ? points : [points[points.length - 1], ...points];
  const curve = `M${start.join(' ')}C${rest.map(point => point.join(' ')).join(' ')}`;
  const name = (id: string) => nodes.find(node => node.id === id)!.name;
  return `<g class="edge ${kind}"><title>${text(`${name(from)} → ${name(to)}${label ? `: ${label}` : ''}`)}</title><path d="${curve}"/>${arrow(rest[rest.length - 1] ?? start, end)}${kind === 'traffic' ? drawLabel([start, ...rest], label) : ''}</g>`;
}

/** On its line, where no other is taken for it: in the middle of the middle curve. */
function drawLabel(points: number[][], label: string): string {
  const curves = (points.length - 1) / 3;
  const first = 3 * Math.floor((curves - 1) / 2);
  const middle = (axis: number) => {
    const [from, one, other, to] = points.slice(first, first + 4).map(point => point[axis]);
    return curves % 2 === 0 ? to : (from + 3 * one + 3 * other + to) / 8;
  };
  return `<text x="${round(middle(0))}" y="${round(middle(1) + 3.5)}">${text(shortened(label))}</text>`;
}

function arrow([x, y]: number[], [tipX, tipY]: number[]): string {
  const length = Math.hypot(tipX - x, tipY - y) || 1;
  const [alongX, alongY] = [(tipX - x) / length, (tipY - y) / length];
  const corner = (side: number) => `${round(tipX - 8 * alongX - side * 3.5 * alongY)} ${round(tipY - 8 * alongY + side * 3.5 * alongX)}`;
  return `<path class="tip" d="M${round(tipX)} ${round(tipY)}L${corner(1)} ${corner(-1)}Z"/>`;
}

/** As wide as its text in a typical sans serif of 13 pixels. */
function widthOf({ name, kind, atDeployment }: DiagramNode): number {
  const longest = Math.max(shortened(name).length * 7.1, (kind.length + (atDeployment ? 15 : 0)) * 6);
  return Math.round(Math.max(96, longest + 26));
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

function numbers(list: string): number[] {
  return list.split(',').map(Number).map(round);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
