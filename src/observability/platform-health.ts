import { Lazy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createCompositeAlarm } from './alarm';

/** A rule has room for 10,240 characters, and the name of an alarm is 255 characters at most. */
const ALARMS_OF_ONE_RULE = 38;

/**
 * One alarm for "the platform is unhealthy": it is in alarm while any critical alarm is. It tells nobody, because each critical alarm does so itself:
 * it is for a glance, a status page, or a release that should wait.
 */
export class PlatformHealth extends Construct {
  public readonly alarm: cloudwatch.CompositeAlarm;

  private readonly critical: cloudwatch.IAlarm[] = [];
  private readonly parts: cloudwatch.CompositeAlarm[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.alarm = this.createAlarm('Unhealthy', 'The platform is unhealthy: a critical alarm is in alarm.',
      () => this.parts.length > 0 ? this.parts : this.critical);
  }

  /** Counts an alarm in, one of the same region. */
  public add(alarm: cloudwatch.IAlarm): void {
    this.critical.push(alarm);
    if (this.critical.length <= ALARMS_OF_ONE_RULE) return;
    while (this.parts.length * ALARMS_OF_ONE_RULE < this.critical.length) this.addPart();
  }

  private addPart(): void {
    const first = this.parts.length * ALARMS_OF_ONE_RULE;
    this.parts.push(this.createAlarm(`Part${this.parts.length + 1}`, 'Some of the critical alarms of the platform.',
      () => this.critical.slice(first, first + ALARMS_OF_ONE_RULE)));
  }

  private createAlarm(id: string, meaning: string, alarms: () => cloudwatch.IAlarm[]): cloudwatch.CompositeAlarm {
    // By name: an ARN is longer.
    const rule = Lazy.uncachedString({ produce: () => alarms().map(({ alarmName }) => `ALARM("${alarmName}")`).join(' OR ') });
    return createCompositeAlarm(this, id, { meaning, firstStep: 'open the runbook of that alarm.', alarmRule: cloudwatch.AlarmRule.fromString(rule) });
  }
}
