const WEEK = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
const MINUTES_OF_A_DAY = 24 * 60;

/** Days as cron names them, from Monday on. */
export const DAYS: readonly string[] = WEEK;

/** A time of day as cron fields have it. */
export interface WeeklyTime {
  readonly minute: string;
  readonly hour: string;
  readonly weekDay: string;
}

/** `08:30` as minutes since midnight. */
export function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Minutes since midnight of those days as cron fields. Before 0 they are of the day before, from 1440 on of the day after. */
export function weeklyTime(minutes: number, days: readonly string[]): WeeklyTime {
  const shift = Math.floor(minutes / MINUTES_OF_A_DAY);
  const time = minutes - shift * MINUTES_OF_A_DAY;
  const shifted = days.map(day => (WEEK.indexOf(day) + shift + WEEK.length) % WEEK.length);
  return {
    minute: String(time % 60),
    hour: String(Math.floor(time / 60)),
    weekDay: shifted.sort((one, other) => one - other).map(index => WEEK[index]).join(','),
  };
}
