import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';

/** A block that can be watched: what should wake somebody, and what they should look at. */
export interface IWatched extends IConstruct {
  /** Alarms of the block; empty where the profile has alarms off. Without actions until a `Monitoring` watches the block. */
  readonly alarms: cloudwatch.Alarm[];

  /** The block's row on the dashboard, 24 units wide. */
  dashboardWidgets(): cloudwatch.IWidget[];
}
