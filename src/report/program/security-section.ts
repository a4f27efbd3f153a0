import type { DrawnEnvironment } from './architecture-section';
import type { AssemblyResource } from './assembly';
import { type Cell, count, type Part, type Section } from './document';
import { encryptionOf } from './encryption';
import type { ReportEnvironment } from './environments';
import { exposuresOf } from './exposure';
import { nameOf, nameOfPath } from './names';
import type { ResourceIndex } from './references';
import { secretReaders } from './secrets';
import type { Violation } from './validations';

export function securitySection(all: readonly DrawnEnvironment[], index: ResourceIndex, violations: readonly Violation[]): Section {
  return {
    id: 'security',
    title: 'Security',
    lead: 'What the templates say. What somebody changed by hand, and what policies of other accounts allow, they do not know.',
    parts: [
      { kind: 'heading', text: 'What is public' }, publicTable(all, index),
      { kind: 'heading', text: 'What security groups let through' }, trafficTable(all),
      { kind: 'heading', text: 'Encryption' }, encryptionTable(all),
      { kind: 'heading', text: 'Who can read which secret' }, secretTable(all, index),
      { kind: 'heading', text: 'Findings that were accepted' }, ...acknowledged(all.map(({ environment }) => environment)),
      ...violations.length === 0 ? [] : [{ kind: 'heading', text: 'Findings that stand' } as const, violationTable(violations)],
    ],
  };
}

function what(resource: AssemblyResource): Cell {
  return { text: nameOf(resource), note: resource.type };
}

function publicTable(all: readonly DrawnEnvironment[], index: ResourceIndex): Part {
  const rows = all.flatMap(({ environment, architecture }) => exposuresOf(environment, architecture.rules, index)
    .map(({ resource, how, tone }): Cell[] => [environment.name, what(resource), { text: how, tone }]));
  if (rows.length === 0) return { kind: 'text', text: 'Nothing that the templates tell of.' };
  return { kind: 'table', caption: 'What anybody can reach', columns: [{ name: 'Environment' }, { name: 'Resource' }, { name: 'How' }], rows };
}

function trafficTable(all: readonly DrawnEnvironment[]): Part {
  const rows = all.flatMap(({ environment, architecture }) => architecture.rules.map(({ group, peer, outside, ports, description, into }): Cell[] => {
    const own = nameOf(group);
    const other = peer ? nameOf(peer) : outside;
    return [environment.name, into ? other : own, into ? own : other, ports, into ? 'in' : 'out', description];
  }));
  if (rows.length === 0) return { kind: 'text', text: 'There are no security groups.' };
  return {
    kind: 'details',
    summary: `${count(rows.length, 'rule')}`,
    parts: [{
      kind: 'table',
      caption: 'Rules of security groups',
      columns: [{ name: 'Environment' }, { name: 'From' }, { name: 'To' }, { name: 'Port' }, { name: 'Rule' }, { name: 'Why' }],
      rows,
    }],
  };
}

function encryptionTable(all: readonly DrawnEnvironment[]): Part {
  const rows = sideBySide(all.map(({ environment }) => environment), resource => {
    const encryption = encryptionOf(resource);
    return encryption && { text: encryption.inTransit ? `${encryption.key}; ${encryption.inTransit} in transit` : encryption.key, tone: encryption.tone };
  });
  if (rows.length === 0) return { kind: 'text', text: 'Nothing keeps data.' };
  const table: Part = { kind: 'table', caption: 'How data is encrypted', columns: [{ name: 'Resource' }, ...all.map(({ environment }) => ({ name: environment.name }))], rows };
  const bare = rows.filter(cells => cells.some(cell => typeof cell !== 'string' && cell.tone === 'danger')).length;
  return {
    kind: 'details',
    open: bare > 0,
    summary: bare > 0 ? `${bare} of ${count(rows.length, 'resource')} not encrypted at rest` : `${count(rows.length, 'resource')}, all encrypted at rest`,
    parts: [table],
  };
}

/** The same resources of several environments in one row. */
function sideBySide(environments: readonly ReportEnvironment[], say: (resource: AssemblyResource) => Cell | undefined): Cell[][] {
  const rows = new Map<string, { readonly head: Cell; readonly cells: Cell[] }>();
  environments.forEach((environment, column) => environment.resources.forEach(resource => {
    const cell = say(resource);
    if (cell === undefined) return;
    const key = `${nameOf(resource)} ${resource.type}`;
    if (!rows.has(key)) rows.set(key, { head: what(resource), cells: environments.map(() => '–') });
    rows.get(key)!.cells[column] = cell;
  }));
  return [...rows.values()].map(({ head, cells }) => [head, ...cells]);
}

function secretTable(all: readonly DrawnEnvironment[], index: ResourceIndex): Part {
  const rows = all.flatMap(({ environment }) => secretReaders(environment, index).map(({ secret, name, readers }): Cell[] => [
    environment.name,
    secret ? what(secret) : { text: name, note: 'named in a policy' },
    readers.length === 0 ? 'no role' : readers.map(({ role, users }) => users.length > 0 ? users.map(nameOf).join(', ') : `${nameOf(role)} (a role)`).filter(unique).join('; '),
  ]));
  if (rows.length === 0) return { kind: 'text', text: 'There are no secrets.' };
  return { kind: 'table', caption: 'Readers of secrets, by the policies of roles', columns: [{ name: 'Environment' }, { name: 'Secret' }, { name: 'Read by' }], rows };
}

/** By rule and reason, because one reason often stands at many places. */
function acknowledged(environments: readonly ReportEnvironment[]): Part[] {
  const groups = new Map<string, { readonly rule: string; readonly reason: string; readonly paths: Set<string> }>();
  for (const environment of environments) {
    for (const { rule, reason, path } of environment.stacks.flatMap(({ acknowledgements }) => acknowledgements)) {
      const family = rule.replace(/\[.*$/s, '');
      const key = `${family} ${reason}`;
      if (!groups.has(key)) groups.set(key, { rule: family, reason, paths: new Set() });
      groups.get(key)!.paths.add(nameOfPath(path, environment));
    }
  }
  if (groups.size === 0) return [{ kind: 'text', text: 'None.' }];
  return [{
    kind: 'table',
    caption: 'Accepted findings, with the reason',
    columns: [{ name: 'Rule' }, { name: 'Why it stands' }, { name: 'Where' }],
    rows: [...groups].sort(([a], [b]) => a < b ? -1 : 1).map(([, { rule, reason, paths }]) => {
      const [first, ...more] = [...paths].sort();
      return [{ text: rule, code: true }, reason, { text: first, note: more.length > 0 ? `and ${more.length} more: ${more.slice(0, 6).join(', ')}${more.length > 6 ? ', …' : ''}` : undefined }];
    }),
  }];
}

function violationTable(violations: readonly Violation[]): Part {
  return {
    kind: 'table',
    caption: 'What validations of the app found, and nobody accepted',
    columns: [{ name: 'Rule' }, { name: 'Severity' }, { name: 'What' }, { name: 'Where' }],
    rows: violations.map(({ rule, severity, description, where }) => [{ text: rule, code: true }, severity, description, where.join(', ')]),
  };
}

function unique<T>(value: T, index: number, all: readonly T[]): boolean {
  return all.indexOf(value) === index;
}
