import { RemovalPolicy } from 'aws-cdk-lib';
import { EnvironmentProfile } from '../environment';

/** How often what is backed up, how long it is kept, and what a team aims at when it is needed. */
export interface BackupSchedule {
  /** Hour in UTC at which backups may begin. */
  readonly hour: number;
  /** Days that a day's backup is kept. */
  readonly dailyDays: number;
  /** Days that a Sunday's backup is kept; 0 for none. */
  readonly weeklyDays: number;
  /** Days that the backup of a month's first day is kept; 0 for none. */
  readonly monthlyDays: number;
}

/** What a profile's environment has to survive. */
interface Protection extends BackupSchedule {
  readonly restoreTests: boolean;
  /** Minutes in which a team aims to be back, after a mistake and after the loss of a region. */
  readonly aims: { readonly mistake: number; readonly region: number };
}

const HOUR = 5;

const HOURS = 60;

const LET_GO: Protection = {
  hour: HOUR, dailyDays: 7, weeklyDays: 0, monthlyDays: 0, restoreTests: false, aims: { mistake: 24 * HOURS, region: 72 * HOURS },
};
const KEPT: Protection = {
  hour: HOUR, dailyDays: 14, weeklyDays: 35, monthlyDays: 0, restoreTests: false, aims: { mistake: 4 * HOURS, region: 24 * HOURS },
};
const PROTECTED: Protection = {
  hour: HOUR, dailyDays: 35, weeklyDays: 91, monthlyDays: 366, restoreTests: true, aims: { mistake: HOURS, region: 4 * HOURS },
};

/** Development's data goes with its stack, staging's leaves a snapshot, production's is protected. */
export function protectionOf(profile: EnvironmentProfile): Protection {
  if (profile.deletionProtection) return PROTECTED;
  return profile.removalPolicy === RemovalPolicy.DESTROY ? LET_GO : KEPT;
}
