import { join } from 'path';
import { everyAlarm, SynthesizedAlarm } from './every-alarm';
import { Alert, AlertText, Runbook } from '../../src/observability/alert';
import { AlertSeverity } from '../../src/observability/alert-severity';
import { UNDONE_JOBS } from '../../src/recovery/recovery-watch';

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

/** What people are told of events, not of alarms: always a warning. */
const EVENTS: AlertText[] = Object.values(UNDONE_JOBS);

/** All pages, by file name. */
export function runbookPages(): Map<string, string> {
  const alarms = [...documented()].map(([page, of]): Page => ({
    page,
    severities: distinct(of.map(({ severity }) => severity)),
    texts: of.map(({ text }) => text),
    lines: of.map(each => `- **${capital(each.severity)}**: ${each.text.meaning} (${condition(each.alarm)})`),
  }));
  const events = EVENTS.map((text): Page => ({
    page: text.runbook!.page, severities: [AlertSeverity.WARNING], texts: [text], lines: [`- **${capital(AlertSeverity.WARNING)}**: ${text.meaning} (each time)`],
  }));
  const pages = [...alarms, ...events].sort((one, other) => one.page.localeCompare(other.page));
  return new Map([['README.md', index(pages)], ...pages.map(page => [`${page.page}.md`, pageOf(page)] as const)]);
}

/** What a page says. */
interface Page {
  readonly page: string;
  readonly severities: AlertSeverity[];
  readonly texts: AlertText[];
  readonly lines: string[];
}

function pageOf({ page, severities: [severity], texts, lines }: Page): string {
  const runbook = texts[0].runbook!;
  const firstSteps = distinct(texts.map(({ firstStep }) => capital(firstStep)));
  return [
    NOTICE,
    `# ${titleOf(page)}`,
    distinct(lines).join('\n'),
    `1. ${firstSteps.join(' Or, for the other alarm: ')}\n${runbook.then.map((step, position) => `${position + 2}. ${step}`).join('\n')}`,
    `**When to call for help.** ${runbook.escalate ?? ESCALATION[severity]}`,
    'What stands in braces, the text of the alarm has filled in with the names of your stack. [All runbooks](README.md)',
  ].join('\n\n') + '\n';
}

function index(pages: Page[]): string {
  const rows = pages.map(({ page, severities, texts }) => `| [${titleOf(page)}](${page}.md) | ${severities.join(', ')} | ${texts[0].meaning} |`);
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

function distinct<T extends string>(texts: T[]): T[] {
  return [...new Set(texts)];
}

