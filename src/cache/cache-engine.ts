import { checkKnown, checkText } from '../validate';

/**
 * The software that a cache runs. Both speak the Redis protocol; clients cannot tell them apart.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
 */
export class CacheEngine {
  /**
   * Valkey, the open continuation of Redis: 20 % cheaper on nodes and 33 % on serverless, and its licence stays open.
   *
   * @param version major and minor version, 7.2 to 9.x
   */
  public static valkey(version: string = '8.2'): CacheEngine {
    return new CacheEngine('CacheEngine.valkey', 'valkey', version, /^(7\.2|[89]\.\d)$/, '7.2, 8.0, 8.1, 8.2 or a later 8.x or 9.x');
  }

  /**
   * Redis in its last version under an open licence.
   *
   * @param version major and minor version, 7.0 or 7.1
   */
  public static redisOss(version: string = '7.1'): CacheEngine {
    return new CacheEngine('CacheEngine.redisOss', 'redis', version, /^7\.[01]$/, '7.0, 7.1');
  }

  private constructor(
    where: string,
    /** ElastiCache's name of the engine. */
    public readonly name: string,
    /** Major and minor version. */
    public readonly version: string,
    form: RegExp,
    allowed: string,
  ) {
    checkKnown(where, 'version', version);
    checkText(where, 'version', version, form, allowed);
  }

  /** Major version, which serverless caches are asked for. */
  public get majorVersion(): string {
    return this.version.split('.')[0];
  }

  /** Family of the parameter groups that go with the version. */
  public get parameterGroupFamily(): string {
    return `${this.name}${this.majorVersion}`;
  }

  /** The engine in words, such as `valkey 8.2`. */
  public toString(): string {
    return `${this.name} ${this.version}`;
  }
}
