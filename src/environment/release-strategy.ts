import { Duration } from 'aws-cdk-lib';
import { PlatformError } from '../errors';
import { checkDuration, checkGiven, checkKind, display } from '../validate';

/** How a new version takes over. */
export enum ReleaseKind {
  /** Task by task. */
  ROLLING = 'rolling',
  /** All traffic at once, to tasks that stand beside the old ones. */
  BLUE_GREEN = 'blueGreen',
  /** A small share of the traffic first, then the rest. */
  CANARY = 'canary',
  /** Share by share. */
  LINEAR = 'linear',
}

/** A stop before users meet the new version, until a person continues or rolls back. */
export interface ReleasePause {
  /** How long the release waits for a person before it is rolled back, 1 minute to 14 days. */
  readonly timeout: Duration;
}

/** Options of a release that starts the new version beside the old one. */
export interface BlueGreenOptions {
  /**
   * How long the old version stays ready after all traffic went to the new one, 0 to 24 hours in whole minutes. An alarm in this time
   * turns the traffic back at once.
   * @default Duration.minutes(10)
   */
  readonly bakeTime?: Duration;
  /**
   * Whether the release waits for a person once its tests have passed.
   * @default - it does not wait
   */
  readonly pause?: ReleasePause;
}

/** Options of a release that a small share of the users meets first. */
export interface CanaryOptions extends BlueGreenOptions {
  /**
   * Percentage of the traffic that goes first, 0.1 to 50 in steps of 0.1.
   * @default 10
   */
  readonly stepPercent?: number;
  /**
   * How long only that share meets the new version, 1 minute to 24 hours in whole minutes.
   * @default Duration.minutes(10)
   */
  readonly stepBakeTime?: Duration;
}

/** Options of a release that users meet share by share. */
export interface LinearOptions extends BlueGreenOptions {
  /**
   * Percentage of the traffic that follows with each step, 3 to 50 in steps of 0.1.
   * @default 20
   */
  readonly stepPercent?: number;
  /**
   * Time between two steps, 1 minute to 24 hours in whole minutes.
   * @default Duration.minutes(3)
   */
  readonly stepBakeTime?: Duration;
}

/** Shares of the traffic that follow one after the other. */
interface Steps {
  readonly percent: number;
  readonly bakeTime: Duration;
}

const DAY = 1440;

/**
 * What varies when a service is released: who meets the new version, and when.
 * All but `rolling()` are ECS's own deployments with a second target group:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
 */
export class ReleaseStrategy {
  /** Replaces tasks a few at a time. Quick and cheap; both versions serve for a while, and a failed one has met users. */
  public static rolling(): ReleaseStrategy {
    return new ReleaseStrategy(ReleaseKind.ROLLING);
  }

  /** Starts the new version beside the old one and moves all traffic once it is proven. */
  public static blueGreen(options: BlueGreenOptions = {}): ReleaseStrategy {
    return new ReleaseStrategy(ReleaseKind.BLUE_GREEN, options);
  }

  /** As `blueGreen()`, with a small share of the traffic first. */
  public static canary(options: CanaryOptions = {}): ReleaseStrategy {
    return new ReleaseStrategy(ReleaseKind.CANARY, options, stepsOf('canary', options, { percent: 10, bakeTime: Duration.minutes(10) }, 0.1));
  }

  /** As `blueGreen()`, with equal shares of the traffic one after the other. */
  public static linear(options: LinearOptions = {}): ReleaseStrategy {
    return new ReleaseStrategy(ReleaseKind.LINEAR, options, stepsOf('linear', options, { percent: 20, bakeTime: Duration.minutes(3) }, 3));
  }

  /** Time that the old version stays ready after all traffic went to the new one. */
  public readonly bakeTime: Duration;
  /** The stop before users meet the new version. */
  public readonly pause?: ReleasePause;
  /** Percentage of the traffic that goes with each step; none where all goes at once. */
  public readonly stepPercent?: number;
  /** Time between two steps. */
  public readonly stepBakeTime?: Duration;

  private constructor(
    /** How a new version takes over. */
    public readonly kind: ReleaseKind,
    options: BlueGreenOptions = {},
    steps?: Steps,
  ) {
    const where = `ReleaseStrategy.${kind}`;
    checkMinutes(where, 'bakeTime', options.bakeTime, 0);
    checkPause(where, options.pause);
    this.bakeTime = options.bakeTime ?? Duration.minutes(kind === ReleaseKind.ROLLING ? 0 : 10);
    this.pause = options.pause;
    this.stepPercent = steps?.percent;
    this.stepBakeTime = steps?.bakeTime;
  }

  /** Whether the new version stands beside the old one before it meets users. */
  public get startsBeside(): boolean {
    return this.kind !== ReleaseKind.ROLLING;
  }

  /** The longest that a release waits by design: for a person, between steps and while it bakes. */
  public get waitingTime(): Duration {
    const minutes = [this.pause?.timeout, this.bakeTime].map(time => time?.toMinutes() ?? 0);
    const steps = this.stepPercent === undefined ? 0 : this.kind === ReleaseKind.CANARY ? 1 : Math.ceil(100 / this.stepPercent) - 1;
    return Duration.minutes(minutes[0] + minutes[1] + steps * (this.stepBakeTime?.toMinutes() ?? 0));
  }

  /** The strategy in words, such as `canary(10 %, 10 min)`. */
  public toString(): string {
    const steps = this.stepPercent === undefined ? '' : `${this.stepPercent} %, ${this.stepBakeTime!.toMinutes()} min, `;
    return this.startsBeside ? `${this.kind}(${steps}bake ${this.bakeTime.toMinutes()} min)` : this.kind;
  }
}

function stepsOf(kind: string, options: CanaryOptions, defaults: Steps, minimum: number): Steps {
  const where = `ReleaseStrategy.${kind}`;
  const percent = options.stepPercent ?? defaults.percent;
  if (typeof percent !== 'number' || !Number.isInteger(Math.round(percent * 1e6) / 1e5) || percent < minimum || percent > 50) {
    throw new PlatformError(where, {
      problem: 'stepPercent is no share that makes a step.',
      got: `stepPercent ${display(percent)}`,
      allowed: `${minimum} to 50, in steps of 0.1`,
      fix: 'choose a smaller share, or ReleaseStrategy.blueGreen() to move all traffic at once',
    });
  }
  checkMinutes(where, 'stepBakeTime', options.stepBakeTime, 1);
  return { percent, bakeTime: options.stepBakeTime ?? defaults.bakeTime };
}

function checkPause(where: string, pause: ReleasePause | undefined): void {
  if (pause === undefined) return;
  const allowed = '{ timeout: Duration.hours(4) }, 1 minute to 14 days';
  checkKind(where, 'pause', pause === null || typeof pause !== 'object' ? String(pause) : pause, 'timeout', allowed);
  checkGiven(where, 'pause timeout', pause.timeout, allowed);
  checkMinutes(where, 'pause timeout', pause.timeout, 1, 14 * DAY);
}

/** ECS counts in whole minutes. */
function checkMinutes(where: string, prop: string, value: Duration | undefined, minimum: number, maximum: number = DAY): void {
  checkDuration(where, prop, value, minimum * 60, maximum * 60);
  if (value === undefined || value.toSeconds() % 60 === 0) return;
  throw new PlatformError(where, {
    problem: `${prop} is not in whole minutes.`,
    got: `${prop} ${value.toSeconds()} seconds`,
    allowed: `${minimum} to ${maximum} whole minutes`,
    fix: `set ${prop} to Duration.minutes(${Math.max(minimum, Math.round(value.toSeconds() / 60))})`,
  });
}
