/**
 * What an app can lose, and when it is back, in minutes. Losses follow from how often is backed up; times are aims, which a team tries in a drill: they
 * grow with the data.
 */
export interface RecoveryObjective {
  /** Path of the block. */
  readonly block: string;
  /** Most that is lost when data is destroyed by mistake and the region stands. */
  readonly lossMinutes: number;
  /** Most that is lost with the region; undefined without a recovery region, where all of it may be lost. */
  readonly regionLossMinutes?: number;
  /** Time in which it is back after a mistake. */
  readonly backMinutes: number;
  /** Time in which it is back in the recovery region; undefined without one. */
  readonly regionBackMinutes?: number;
  /** What this rests on. */
  readonly by: string;
}

/** Minutes as people say them. */
export function inWords(minutes: number | undefined): string {
  if (minutes === undefined) return 'everything';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 6) / 10;
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 2.4) / 10} days`;
}
