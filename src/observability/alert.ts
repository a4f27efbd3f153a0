import { Lazy, Tokenization } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AlertSeverity } from './alert-severity';

const ALERT = Symbol.for('cdk-web-platform.alert');

/** What CloudWatch takes as the description of an alarm. */
const LONGEST_DESCRIPTION = 1024;

/** Room for a name that is only known at deployment. Those that CloudFormation makes are seldom half as long. */
const LONGEST_NAME = 128;

/** Where the library's own runbooks are. */
export const LIBRARY_RUNBOOKS = 'https://github.com/cdk-web-platform/cdk-web-platform/blob/main/docs/runbooks';

/** What a runbook says beside the meaning of its alarm and the first step. Alarms of one kind share a page. */
export interface Runbook {
  /** Name of the page: `docs/runbooks/<page>.md`. */
  readonly page: string;
  /**
   * The second and the third step, with commands between backticks. `{QueueName}` stands for the value of that dimension of the alarm's metric: the
   * text of the alarm has the name that the resource got, the page has the placeholder.
   */
  readonly then: readonly [string, string];
  /**
   * When to call for help, in one sentence.
   * @default - by severity
   */
  readonly escalate?: string;
  /**
   * Values of placeholders that are no dimensions of the metric.
   * @default - none
   */
  readonly names?: { readonly [placeholder: string]: string };
}

/** What somebody who is told of an alarm has to know. */
export interface AlertText {
  readonly meaning: string;
  readonly firstStep: string;
  readonly runbook?: Runbook;
}

/** What is known of an alarm beside what CloudWatch is told. */
export class Alert {
  /** Of an alarm. One that a team made itself is a warning, unless it says otherwise. */
  public static of(alarm: cloudwatch.AlarmBase): Alert {
    const alert = (alarm as { [ALERT]?: Alert })[ALERT] ?? new Alert(AlertSeverity.WARNING);
    return alert.keptBy(alarm);
  }

  /** Folder of the pages. */
  public runbooks: string = LIBRARY_RUNBOOKS;
  /** The last description, with the folder that it points to: CDK asks for it several times. */
  private written?: { readonly runbooks: string; readonly description?: string };

  constructor(public severity: AlertSeverity, public readonly text?: AlertText, private readonly metric?: cloudwatch.IMetric) {}

  private keptBy(alarm: cloudwatch.AlarmBase): this {
    Object.defineProperty(alarm, ALERT, { value: this, configurable: true });
    return this;
  }

  /** Makes an alarm with this text, which is written last: whoever watches the alarm may have runbooks of its own. */
  public describing<T extends cloudwatch.AlarmBase>(create: (description: string) => T): T {
    const alarm = create(Lazy.uncachedString({ produce: () => this.describe() }));
    this.keptBy(alarm);
    return alarm;
  }

  private describe(): string | undefined {
    const { runbooks, written } = this;
    if (written?.runbooks === runbooks) return written.description;
    this.written = { runbooks, description: this.description };
    return this.written.description;
  }

  /** Meaning, steps with the names of this stack as far as there is room, and where to read on. */
  private get description(): string | undefined {
    if (!this.text) return undefined;
    const { meaning, firstStep, runbook } = this.text;
    const text = this.fillIn(`${meaning} First: ${firstStep}`, runbook);
    if (!runbook) return text;
    const link = `\nRunbook: ${this.runbooks}/${runbook.page}.md`;
    const steps = runbook.then.map((step, index) => `\n${index + 2}. ${this.fillIn(step, runbook)}`);
    while (steps.length > 0 && longest([text, ...steps, link].join('')) > LONGEST_DESCRIPTION) steps.pop();
    return [text, ...steps, link].join('');
  }

  private fillIn(text: string, runbook: Runbook | undefined): string {
    const names: { [name: string]: string } = { ...this.metric && dimensionsOf(this.metric), ...runbook?.names };
    return text.replace(PLACEHOLDER, (placeholder, name) => names[name] ?? placeholder);
  }
}

/** A name in braces, as dimensions are written. JMESPath of the AWS CLI writes none of these without a colon. */
export const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

function dimensionsOf(metric: cloudwatch.IMetric): { [name: string]: string } {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  const own = (metricStat?.dimensions ?? []).map(({ name, value }) => [name, String(value)]);
  return { ...Object.assign({}, ...Object.values(mathExpression?.usingMetrics ?? {}).map(dimensionsOf)), ...Object.fromEntries(own) };
}

/** The most characters that a text can have once all names are known. */
function longest(text: string): number {
  const filled = Tokenization.reverseString(text).mapTokens({ mapToken: () => '-'.repeat(LONGEST_NAME) });
  return filled.join({ join: (left, right) => `${left ?? ''}${right ?? ''}` }).length;
}
