import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import { ContainerOptions } from './container-options';

/** A change of capacity at given times, such as fewer tasks at night. */
export interface ScheduledCapacity {
  /** Name of the change, unique in the service: letters, digits and hyphens. */
  readonly name: string;
  /** When it happens. */
  readonly schedule: appscaling.Schedule;
  /**
   * Fewest tasks from then on.
   * @default - unchanged
   */
  readonly minimumTasks?: number;
  /**
   * Most tasks from then on.
   * @default - unchanged
   */
  readonly maximumTasks?: number;
}

/** What a web service and a worker have in common: tasks that run all the time, as many as are needed. */
export interface ScaledServiceOptions extends ContainerOptions {
  /**
   * Fewest tasks.
   * @default - the profile's
   */
  readonly minimumTasks?: number;
  /**
   * Most tasks.
   * @default - the profile's
   */
  readonly maximumTasks?: number;
  /**
   * Average CPU utilisation that scaling aims at, in percent, 10 to 95.
   * @default 60
   */
  readonly targetCpuPercent?: number;
  /**
   * Average memory utilisation that scaling aims at, in percent, 10 to 95.
   * @default - memory does not scale the service: most programs never give memory back
   */
  readonly targetMemoryPercent?: number;
  /**
   * Changes of capacity at given times.
   * @default - none
   */
  readonly schedules?: ScheduledCapacity[];
  /**
   * Whether ECS Exec may open a shell in a task. Needs a writable root file system.
   * @default - the profile's
   */
  readonly executeCommand?: boolean;
}
