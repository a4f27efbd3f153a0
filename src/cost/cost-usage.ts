/**
 * What an app is used for in a month. Each amount is of everything that is estimated together, and is shared evenly by what uses it: with two
 * buckets, each holds half of `storedGB`. The defaults are a small product's.
 */
export interface CostUsage {
  /**
   * Requests of visitors. Each kind of door that is there sees all of them: distributions, load balancers, firewalls, Amplify apps.
   * @default 1_000_000
   */
  readonly requests?: number;
  /**
   * GB sent to the internet by distributions, load balancers and Amplify apps.
   * @default 50
   */
  readonly dataOutGB?: number;
  /**
   * GB that NAT gateways and interface endpoints process.
   * @default 50
   */
  readonly privateDataGB?: number;
  /**
   * GB of logs written. They are kept as long as their group keeps them, 12 months where it never deletes.
   * @default 5
   */
  readonly logsGB?: number;
  /**
   * GB in buckets, counted as S3 Standard: what lifecycle rules save is not taken off.
   * @default 20
   */
  readonly storedGB?: number;
  /**
   * Objects written to buckets.
   * @default 10_000
   */
  readonly objectWrites?: number;
  /**
   * Objects read from buckets.
   * @default 100_000
   */
  readonly objectReads?: number;
  /**
   * GB of images in registries.
   * @default 5
   */
  readonly imagesGB?: number;
  /**
   * Users who sign in at least once.
   * @default 1_000
   */
  readonly users?: number;
  /**
   * Runs of functions.
   * @default 100_000
   */
  readonly functionRuns?: number;
  /**
   * Length of a function's run, and of an answer of an Amplify app's server, in milliseconds.
   * @default 500
   */
  readonly functionMilliseconds?: number;
  /**
   * Messages through queues, at three requests each (send, receive, delete), and on topics.
   * @default 100_000
   */
  readonly messages?: number;
  /**
   * Read request units of tables on demand: reads of up to 4 KB.
   * @default 1_000_000
   */
  readonly tableReads?: number;
  /**
   * Write request units of tables on demand: writes of up to 1 KB, and again for each index.
   * @default 1_000_000
   */
  readonly tableWrites?: number;
  /**
   * GB in tables.
   * @default 1
   */
  readonly tableGB?: number;
  /**
   * GB in Aurora clusters. Other databases cost what is allocated to them.
   * @default 20
   */
  readonly auroraGB?: number;
  /**
   * Reads and writes of Aurora's storage.
   * @default 1_000_000
   */
  readonly auroraRequests?: number;
  /**
   * Aurora capacity units that each serverless instance has on average.
   * @default - the cluster's minimum, at least 0.5
   */
  readonly auroraCapacityUnits?: number;
  /**
   * GB in serverless caches.
   * @default 1
   */
  readonly cacheGB?: number;
  /**
   * Processing units of serverless caches: about one for each KB.
   * @default 10_000_000
   */
  readonly cacheUnits?: number;
  /**
   * Requests to keys of KMS.
   * @default 100_000
   */
  readonly keyRequests?: number;
  /**
   * Minutes of builds of Amplify apps.
   * @default 300
   */
  readonly buildMinutes?: number;
  /**
   * GB in vaults of AWS Backup, and as many again for each copy to another region.
   * @default 20
   */
  readonly backupGB?: number;
  /**
   * Recovery points that restore tests restore.
   * @default - one a week of each selection of resources
   */
  readonly restoreTests?: number;
  /**
   * Changes of resources that AWS Config records.
   * @default 1_000
   */
  readonly configurationChanges?: number;
  /**
   * Evaluations of rules of AWS Config.
   * @default 2_000
   */
  readonly ruleEvaluations?: number;
  /**
   * Management events that GuardDuty looks at, beside the GB of `logsGB` as flow and DNS logs.
   * @default 1_000_000
   */
  readonly managementEvents?: number;
  /**
   * Data events that trails record, where they record any.
   * @default 100_000
   */
  readonly dataEvents?: number;
  /**
   * Hours for which services' tasks run, up to 730; 240 where `WorkingHours` sends them to sleep.
   * @default 730
   */
  readonly serviceHours?: number;
  /**
   * Hours for which database instances run, up to 730; 255 where `WorkingHours` stops them.
   * @default 730
   */
  readonly databaseHours?: number;
}
