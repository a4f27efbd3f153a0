import { Duration } from 'aws-cdk-lib';
import { checkDuration, checkGiven, checkInteger } from '../validate';

/** Options of keeping only the newest versions. */
export interface KeepNewestOptions {
  /**
   * How old a version at least is when it is deleted, in whole days, 1 day to 10 years.
   * @default Duration.days(90)
   */
  readonly minimumAge?: Duration;
}

/**
 * What becomes of versions that newer ones have replaced.
 *
 * S3's lifecycle alone cannot decide it: it knows how old a file is, and not which version is the current one, of which somebody may
 * download the installer years after it was made. So the workflow decides, after each release, and S3 deletes.
 */
export class OldVersions {
  /**
   * Every version stays; S3 Intelligent-Tiering stores what nobody asks for at a lower price. Whoever skipped versions still gets
   * small updates, because the block maps of all versions are there.
   */
  public static keepAll(): OldVersions {
    return new OldVersions();
  }

  /**
   * The newest versions of each channel stay, and whatever version a feed names. The workflow marks the others with the tag `retired`, and S3
   * deletes what is marked and old enough. Who still has a deleted version downloads the next update in full.
   *
   * @param versions how many of each channel, 2 to 1000
   */
  public static keepNewest(versions: number, options: KeepNewestOptions = {}): OldVersions {
    const where = 'OldVersions.keepNewest';
    checkGiven(where, 'versions', versions, 'a number of versions, such as 20');
    checkInteger(where, 'versions', versions, 2, 1000);
    const minimumAge = options.minimumAge ?? Duration.days(90);
    checkDuration(where, 'minimumAge', minimumAge, 86_400, 3650 * 86_400);
    checkInteger(where, 'minimumAge (days)', minimumAge.toDays({ integral: false }), 1, 3650);
    return new OldVersions(versions, minimumAge);
  }

  private constructor(
    /** @internal */ public readonly _newest?: number,
    /** @internal */ public readonly _minimumAge?: Duration,
  ) {}
}
