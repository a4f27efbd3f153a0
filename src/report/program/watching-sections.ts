import { type Cell, count, type Section } from './document';
import type { ReportEnvironment } from './environments';
import { nameOf, nameOfPath } from './names';
import { inWords } from './references';
import { inWords as minutesInWords } from '../../recovery/recovery-objective';

const ALARMS = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

/** What an alarm tells an operator. */
export interface AlarmText {
  readonly name: string;
  readonly meaning: string;
  readonly firstStep: string;
  readonly runbook?: string;
  readonly environments: readonly string[];
}

/** Alarms of all environments; one that several have is there once. */
export function alarmsOf(environments: readonly ReportEnvironment[]): AlarmText[] {
  const alarms = new Map<string, AlarmText & { environments: string[] }>();
  for (const environment of environments) {
    for (const resource of environment.resources.filter(({ type }) => ALARMS.includes(type))) {
      const text = textOf(inWords(resource.properties.AlarmDescription));
      // Thresholds and names differ between environments, and the alarm is the same.
      const known = alarms.get(nameOf(resource));
      if (known) known.environments.push(environment.name);
      else alarms.set(nameOf(resource), { name: nameOf(resource), ...text, environments: [environment.name] });
    }
  }
  return [...alarms.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** As `Alert` writes it: meaning, first step, further steps, runbook. Somebody else's description is the meaning. */
function textOf(description: string): Pick<AlarmText, 'meaning' | 'firstStep' | 'runbook'> {
  const runbook = /\nRunbook: (\S+)$/.exec(description)?.[1];
  const [meaning, firstStep = ''] = description.replace(/\nRunbook: \S+$/, '').split(/\n2\. /)[0].split(/ First: (.*)/s);
  return { meaning, firstStep: firstStep.charAt(0).toUpperCase() + firstStep.slice(1), runbook };
}

export function alarmSection(environments: readonly ReportEnvironment[]): Section {
  const alarms = alarmsOf(environments);
  return {
    id: 'alarms',
    title: 'Alarms and runbooks',
    lead: alarms.length === 0 ? 'There are no alarms.' : `${count(alarms.length, 'alarm')}: what each means, and what to do first.`,
    parts: alarms.length === 0 ? [] : [{
      kind: 'table',
      caption: 'Alarms',
      columns: [{ name: 'Alarm' }, { name: 'It means' }, { name: 'First' }, { name: 'Runbook' }],
      rows: alarms.map(({ name, meaning, firstStep, runbook, environments: where }): Cell[] => [
        { text: name, note: where.join(', ') },
        meaning || 'nothing is said',
        firstStep || '–',
        runbook === undefined ? '–' : { text: runbook.split('/').pop()!.replace(/\.md$/, ''), href: runbook },
      ]),
    }],
  };
}

export function recoverySection(environments: readonly ReportEnvironment[]): Section {
  const rows = environments.flatMap(environment => environment.stacks
    .flatMap(({ facts }) => [...facts.values()])
    .flatMap(({ objectives = [] }) => objectives)
    .map(({ block, lossMinutes, backMinutes, regionLossMinutes, regionBackMinutes, by }): Cell[] => [
      environment.name,
      { text: nameOfPath(block, environment), note: by },
      minutes(lossMinutes), minutes(backMinutes), minutes(regionLossMinutes), regionBackMinutes === undefined ? 'not at all' : minutes(regionBackMinutes),
    ]));
  return {
    id: 'recovery',
    title: 'Recovery objectives',
    lead: rows.length === 0
      ? 'No environment has a Recovery: what is lost with a database, a table or a bucket is decided by what the service itself keeps.'
      : 'What can be lost at most, and when it is back. Losses follow from how often is backed up; times are aims, to be tried in a drill.',
    parts: rows.length === 0 ? [] : [{
      kind: 'table',
      caption: 'Objectives by block',
      columns: [
        { name: 'Environment' }, { name: 'Block' }, { name: 'Lost after a mistake', numeric: true }, { name: 'Back after', numeric: true },
        { name: 'Lost with the region', numeric: true }, { name: 'Back elsewhere after', numeric: true },
      ],
      rows,
    }],
  };
}

function minutes(value: number | undefined): Cell {
  return { text: minutesInWords(value), order: value ?? Number.MAX_SAFE_INTEGER };
}
