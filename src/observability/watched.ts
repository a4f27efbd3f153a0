import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import { IConstruct } from 'constructs';

/** Events that people are told of as they are of alarms. */
export interface WatchedEvents {
  /** Which events. Without targets until a `Monitoring` watches the block. */
  readonly rule: events.Rule;
  /** What they mean and what to do first, in a sentence each. */
  readonly meaning: string;
  /**
   * What is told of each event, as text with fields of it.
   * @default - the kind of event and its first resource
   */
  readonly about?: string;
  /**
   * Name of the page with the steps, in the folder of the runbooks and without its ending.
   * @default - none
   */
  readonly runbook?: string;
}

/** A block that can be watched: what should wake somebody, and what they should look at. */
export interface IWatched extends IConstruct {
  /** Alarms of the block; empty where the profile has alarms off. Without actions until a `Monitoring` watches the block. */
  readonly alarms: cloudwatch.Alarm[];

  /** Alarms over alarms, published like the others; undefined where there are none. */
  readonly compositeAlarms?: cloudwatch.CompositeAlarm[];

  /** Events of the block that are no metric; undefined where there are none. */
  readonly events?: WatchedEvents[];

  /** The block's row on the dashboard, 24 units wide. */
  dashboardWidgets(): cloudwatch.IWidget[];
}
