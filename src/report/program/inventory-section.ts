import type { AssemblyResource } from './assembly';
import { resourceLink, stackLink } from './console-links';
import { type Cell, count, type Part, type Section } from './document';
import type { ReportEnvironment } from './environments';
import { nameOf } from './names';

export function inventorySection(environments: readonly ReportEnvironment[]): Section {
  return {
    id: 'inventory',
    title: 'Inventory',
    lead: 'Every resource of every template. Links lead to the console: to the resource where its name is known, and else to the list of its stack.',
    parts: [stackTable(environments), ...environments.map(inventory)],
  };
}

function stackTable(environments: readonly ReportEnvironment[]): Part {
  return {
    kind: 'table',
    caption: 'Stacks in the order in which they are deployed',
    columns: [{ name: 'Environment' }, { name: 'Stack' }, { name: 'Region' }, { name: 'Account' }, { name: 'Resources', numeric: true }],
    rows: environments.flatMap(({ name, stacks }) => stacks.map((stack): Cell[] => [
      name,
      { text: stack.name, href: stackLink(stack), note: stack.parent ? `in ${stack.parent.name}` : stack.needs.length > 0 ? `after ${stack.needs.join(', ')}` : undefined },
      stack.region ?? 'any', stack.account ?? 'any', String(stack.resources.length),
    ])),
  };
}

function inventory({ name, resources }: ReportEnvironment): Part {
  const sorted = [...resources].sort((a, b) => order(a) < order(b) ? -1 : 1);
  return {
    kind: 'details',
    summary: `${name}: ${count(resources.length, 'resource')} of ${count(new Set(resources.map(({ type }) => type)).size, 'type')}`,
    parts: [{
      kind: 'table',
      caption: `Resources of ${name}`,
      columns: [{ name: 'Type' }, { name: 'Construct' }, { name: 'Logical id' }, { name: 'Stack' }],
      rows: sorted.map(resource => [resource.type, nameOf(resource), { text: resource.logicalId, href: resourceLink(resource) }, resource.home.name]),
    }],
  };
}

function order({ type, path, home }: AssemblyResource): string {
  return [type, path, home.name].join('\n');
}
