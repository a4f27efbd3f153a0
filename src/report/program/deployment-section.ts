import { type DeploymentPath, durationOf, endOf } from './deployment-path';
import { type Cell, type GanttBar, type Part, type Section } from './document';
import type { ReportEnvironment } from './environments';
import { nameOf } from './names';

/** What is there sooner has no bar of its own. */
const SHORTEST = 0.5;

/** An environment with its first deployment. */
export interface DeployedEnvironment {
  readonly environment: ReportEnvironment;
  readonly path: DeploymentPath;
}

export function deploymentSection(all: readonly DeployedEnvironment[]): Section {
  const slow = all.filter(({ path }) => path.minutes > 0);
  return {
    id: 'deployment',
    title: 'Deployment path',
    lead: 'A first deployment, one stack after the other: what has to wait for what, by typical times that others have published. Strong bars are what everything waits for.',
    parts: slow.length === 0 ? [{ kind: 'text', text: 'Nothing here is known to take longer than a minute.' }] : [...slow.map(chart), sources(slow)],
  };
}

function chart({ environment, path }: DeployedEnvironment): Part {
  const critical = new Set(path.critical);
  const bars = [...path.steps.values()]
    .filter(step => step.minutes >= SHORTEST)
    .sort((a, b) => a.start - b.start || endOf(a) - endOf(b) || (a.resource.path < b.resource.path ? -1 : 1))
    .map((step): GanttBar => {
      const { resource, start, minutes } = step;
      return { name: nameOf(resource), type: resource.type, start, minutes, critical: critical.has(step) };
    });
  return { kind: 'gantt', caption: `${environment.name}: about ${inMinutes(path.minutes)}`, minutes: path.minutes, bars };
}

function sources(all: readonly DeployedEnvironment[]): Part {
  const used = new Set(all.flatMap(({ path }) => [...path.steps.keys()].flatMap(resource => durationOf(resource) ?? [])));
  const rows = [...used].sort((a, b) => a.resource < b.resource ? -1 : 1).map((duration): Cell[] => [
    duration.resource, { text: inMinutes(duration.minutes), order: duration.minutes }, duration.confidence, duration.sources.join('; '),
  ]);
  return {
    kind: 'details',
    summary: 'Where the times come from',
    parts: [{ kind: 'table', caption: 'Published times to make a resource', columns: [{ name: 'Resource' }, { name: 'Time', numeric: true }, { name: 'Confidence' }, { name: 'Sources' }], rows }],
  };
}

export function inMinutes(minutes: number): string {
  return `${Number(minutes.toFixed(minutes < 10 ? 1 : 0))} min`;
}
