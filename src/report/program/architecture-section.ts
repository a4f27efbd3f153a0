import type { Architecture } from './architecture';
import { drawDiagram, type Graphviz } from './diagram';
import { count, type Part, type Section } from './document';
import type { ReportEnvironment } from './environments';
import { mermaidOf } from './mermaid';
import { blockTitles } from './names';
import { Shape } from './node-kinds';

/** An environment with what is drawn of it. */
export interface DrawnEnvironment {
  readonly environment: ReportEnvironment;
  readonly architecture: Architecture;
}

export function architectureSection(all: readonly DrawnEnvironment[], graphviz: Graphviz): Section {
  return {
    id: 'architecture',
    title: 'Architecture',
    lead: 'Who can talk to whom: solid lines are let through by security groups, with their ports, or forwarded by AWS; dotted lines are rights of roles. Cylinders keep data, dashed boxes work at deployments only.',
    parts: all.flatMap(each => drawn(each, graphviz)),
  };
}

function drawn({ environment, architecture }: DrawnEnvironment, graphviz: Graphviz): Part[] {
  const { nodes, edges } = architecture;
  const title = blockTitles(environment);
  const caption = `${environment.name}: ${count(nodes.length, 'part')}, ${count(edges.length, 'connection')}`;
  const svg = drawDiagram(graphviz, architecture, `Architecture of ${caption}. The connections are listed below.`, title);
  const name = (id: string) => nodes.find(node => node.id === id)!;
  const says = (id: string) => ({ text: name(id).name, note: [name(id).kind, name(id).block === undefined ? '' : title(name(id).block!)].filter(Boolean).join(', ') });
  const alone = nodes.filter(({ id }) => !edges.some(({ from, to }) => from === id || to === id));
  return [
    ...svg === undefined ? [] : [{ kind: 'figure', caption, svg, mermaid: mermaidOf(architecture, title) } as const],
    ...edges.length === 0 ? [] : [{
      kind: 'details',
      summary: `${environment.name}: the connections as a table`,
      parts: [{
        kind: 'table',
        caption: `Connections of ${environment.name}`,
        columns: [{ name: 'From' }, { name: 'To' }, { name: 'By' }, { name: 'What' }],
        rows: edges.map(({ from, to, kind, label }) => [says(from), says(to), { traffic: 'security groups', right: 'a role', forward: 'AWS' }[kind], kind === 'traffic' && /^\d/.test(label) ? `TCP ${label}` : label]),
      }],
    } as const],
    ...alone.length === 0 ? [] : [{
      kind: 'details',
      summary: `${environment.name}: ${count(alone.length, 'part')} that nothing of the app talks to by itself`,
      parts: [{ kind: 'list', items: alone.map(({ id, shape }) => ({ ...says(id), note: `${says(id).note}${shape === Shape.STORE ? ', keeps data' : ''}` })) }],
    } as const],
  ];
}
