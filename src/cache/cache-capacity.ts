/** Size of a cache on nodes. */
export interface CacheNodesOptions {
  /**
   * Node type, such as `cache.t4g.small`.
   * @default - the profile's
   */
  readonly nodeType?: string;
  /**
   * Read replicas beside the primary, 0 to 5. One or more take over when the primary or its zone fails.
   * @default - the profile's
   */
  readonly replicas?: number;
}

/** Limits of a serverless cache. They are what stands between a runaway client and the bill. */
export interface CacheServerlessOptions {
  /**
   * Most data that it stores, in GB, 1 to 5000. A full cache evicts keys that expire and then refuses writes.
   * @default 10
   */
  readonly maximumStorageGB?: number;
  /**
   * Most ElastiCache processing units a second, 1,000 to 15,000,000; a simple read or write of up to 1 kB is one. Above it, commands are throttled.
   * @default 10000
   */
  readonly maximumEcpuPerSecond?: number;
}

/** How much a cache can hold and do, and how it is paid for. Changing between nodes and serverless makes a new, empty cache. */
export class CacheCapacity {
  /** A primary and its replicas, paid by the hour. The cheapest for a steady load. */
  public static nodes(options: CacheNodesOptions = {}): CacheCapacity {
    return new CacheCapacity(false, options, {});
  }

  /** Grows and shrinks by itself over several zones, paid by data and requests. For loads that come and go. */
  public static serverless(options: CacheServerlessOptions = {}): CacheCapacity {
    return new CacheCapacity(true, {}, options);
  }

  private constructor(
    /** Whether there are no nodes to choose. */
    public readonly isServerless: boolean,
    /** Size on nodes, as given. */
    public readonly nodeOptions: CacheNodesOptions,
    /** Limits of a serverless cache, as given. */
    public readonly serverlessOptions: CacheServerlessOptions,
  ) {}
}
