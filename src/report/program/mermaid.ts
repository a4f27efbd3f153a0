import type { Architecture, DiagramNode } from './architecture';
import { Shape } from './node-kinds';

/** An architecture as a flowchart of Mermaid, which GitHub draws: https://mermaid.js.org/syntax/flowchart.html */
export function mermaidOf({ nodes, edges }: Architecture, nameOfBlock: (path: string) => string): string {
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const drawn = nodes.filter(({ id }) => connected.has(id));
  const ids = new Map(drawn.map(({ id }, index) => [id, `n${index}`]));
  const blocks = [...new Set(drawn.flatMap(({ block }) => block ?? []))];
  const box = (node: DiagramNode) => `${ids.get(node.id)}${SHAPES[node.shape](`"${plain(node.name)}${node.kind ? `<br/>${plain(node.kind)}` : ''}"`)}`;
  return [
    'flowchart LR',
    ...drawn.filter(({ block }) => block === undefined).map(node => `  ${box(node)}`),
    ...blocks.flatMap((block, index) => [`  subgraph b${index} ["${plain(nameOfBlock(block))}"]`, ...drawn.filter(node => node.block === block).map(node => `    ${box(node)}`), '  end']),
    ...edges.map(({ from, to, kind, label }) => `  ${ids.get(from)} ${kind === 'right' ? '-.->' : '-->'}${kind === 'traffic' && label ? `|"${plain(label)}"|` : ''} ${ids.get(to)}`),
  ].join('\n');
}

const SHAPES: { readonly [shape in Shape]: (text: string) => string } = {
  [Shape.DOOR]: text => `[${text}]`,
  [Shape.COMPUTE]: text => `[${text}]`,
  [Shape.STORE]: text => `[(${text})]`,
  [Shape.QUEUE]: text => `([${text}])`,
  [Shape.NETWORK]: text => `[${text}]`,
  [Shape.OUTSIDE]: text => `((${text}))`,
};

/** Mermaid takes entities for what its own syntax has. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:/()_–×-]/gu, character => `#${character.codePointAt(0)};`);
}
