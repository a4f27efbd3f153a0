import { join } from 'path';
import { everyAlarm, SynthesizedAlarm } from './every-alarm';
import { Alert, AlertText, Runbook } from '../../src/observability/alert';
import { AlertSeverity } from '../../src/observability/alert-severity';

export const FOLDER = join(__dirname, '..', '..', 'docs', 'runbooks');

const NOTICE = '<!-- Written by "npx projen runbooks" from the alarms themselves. -->';

/** When to call for help, unless a runbook says otherwise. */
const ESCALATION: { [severity in AlertSeverity]: string } = {
  critical: 'Call the second on-call after a quarter of an hour without a cause, at once where users are turned away.',
  warning: 'Take it to the team the same day; call for help when a critical alarm joins it.',
};

/** An alarm with its runbook. */
interface Documented {
  readonly alarm: SynthesizedAlarm;
  readonly severity: AlertSeverity;
  readonly text: AlertText;
  readonly runbook: Runbook;
}

/** Alarms by the page of their runbook. */
export function documented(alarms: SynthesizedAlarm[] = everyAlarm()): Map<string, Documented[]> {
  const pages = new Map<string, Documented[]>();
  for (const alarm of alarms) {
    const { severity, text } = Alert.of(alarm.alarm);
    if (!text?.runbook) continue;
    const { page } = text.runbook;
    pages.set(page, [...pages.get(page) ?? [], { alarm, severity, text, runbook: text.runbook }]);
  }
  return new Map([...pages].sort(([one], [other]) => one.localeCompare(other)));
}

/** All pages, by file name. */
export function runbookPages(): Map<string, string> {
  const pages = documented();
  return new Map([['README.md', index(pages)], ...[...pages].map(([page, alarms]) => [`${page}.md`, pageOf(page, alarms)] as const)]);
}

function pageOf(page: string, alarms: Documented[]): string {
  const [{ runbook, severity }] = alarms;
  const firstSteps = distinct(alarms.map(({ text }) => capital(text.firstStep)));
  return [
    NOTICE,
    `# ${titleOf(page)}`,
    distinct(alarms.map(each => `- **${capital(each.severity)}**: ${each.text.meaning} (${condition(each.alarm)})`)).join('\n'),
    `1. ${firstSteps.join(' Or, for the other alarm: ')}\n${runbook.then.map((step, position) => `${position + 2}. ${step}`).join('\n')}`,
    `**When to call for help.** ${runbook.escalate ?? ESCALATION[severity]}`,
    'What stands in braces, the text of the alarm has filled in with the names of your stack. [All runbooks](README.md)',
  ].join('\n\n') + '\n';
}

function index(pages: Map<string, Documented[]>): string {
  const rows = [...pages].map(([page, alarms]) =>
    `| [${titleOf(page)}](${page}.md) | ${distinct(alarms.map(({ severity }) => severity)).join(', ')} | ${alarms[0].text.meaning} |`);
  return [
    NOTICE,
    '# Runbooks',
    'One page for each kind of alarm: what it means, the first three steps, when to call for help. Numbers are those of the examples; the text of an alarm has your own. '
    + '`psql` and `redis-cli` need a way to the database: a task of a service that has them (`aws ecs execute-command`), or a tunnel.',
    ['| alarm | severity | it means |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n') + '\n';
}

const OPERATORS: { [operator: string]: string } = {
  GreaterThanThreshold: 'above', GreaterThanOrEqualToThreshold: 'at least', LessThanThreshold: 'under', LessThanOrEqualToThreshold: 'at most',
};

/** When the alarm fires, in words. */
function condition({ properties, metrics: [{ metricName, statistic, period }] }: SynthesizedAlarm): string {
  const { Metrics, ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = properties;
  const label = Metrics?.find(({ ReturnData }: any) => ReturnData !== false)?.Label;
  const what = label ?? `${metricName}, ${statistic}`;
  return `${what}: ${OPERATORS[ComparisonOperator]} ${Threshold}, ${DatapointsToAlarm} of ${EvaluationPeriods} periods of ${period} s`;
}

function titleOf(page: string): string {
  return capital(page.replace(/-/g, ' ').replace(/\b(cpu|nat)\b/g, name => name.toUpperCase()));
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function distinct(texts: string[]): string[] {
  return [...new Set(texts)];
}

