import { Duration } from 'aws-cdk-lib';
import type { LoadBalancerSignIn } from './load-balancer-sign-in';
import { MigrationsOptions } from './release/migrations-options';
import { SmokeTest } from './release/smoke-test';
import { ScaledServiceOptions } from './scaled-service-options';
import { ReleaseStrategy } from '../environment';

/** What a web service needs beside its place: a container with a port, and the requests that it answers. */
export interface WebServiceOptions extends ScaledServiceOptions {
  /** Port that the container listens on, 1 to 65535. */
  readonly containerPort: number;
  /**
   * Paths that the service answers, such as `/api/*`. A path without a wildcard matches exactly.
   * @default - all paths
   */
  readonly paths?: string[];
  /**
   * Hosts that the service answers, such as `api.example.com`.
   * @default - all hosts
   */
  readonly hosts?: string[];
  /**
   * Priority of the listener rule, 1 to 50000, unique in the load balancer; the lowest matching one wins.
   * @default - hosts before paths, longer ones before shorter ones, the service for everything last
   */
  readonly priority?: number;
  /**
   * Path that answers 200 when the service is healthy. It should not depend on the database: a slow database would stop every task.
   * @default '/health'
   */
  readonly healthCheckPath?: string;
  /**
   * Time between health checks, 5 to 300 seconds. Two in a row decide either way.
   * @default Duration.seconds(15)
   */
  readonly healthCheckInterval?: Duration;
  /**
   * Time that a new task has to start before health checks count.
   * @default Duration.seconds(60)
   */
  readonly healthCheckGracePeriod?: Duration;
  /**
   * Time that a stopping task gets to finish its requests, up to 3600 seconds.
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;
  /**
   * Requests per minute and task that scaling aims at.
   * @default - requests do not scale the service
   */
  readonly targetRequestsPerMinute?: number;
  /**
   * Response time that 95 of 100 requests should stay under.
   * @default Duration.seconds(1)
   */
  readonly latencyTarget?: Duration;
  /**
   * How new versions take over. A running service does not go back from the other strategies to `rolling()`: its tasks may be in the
   * group that only those know. `ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(0) })` is nearly as quick.
   * @default - the profile's
   */
  readonly release?: ReleaseStrategy;
  /**
   * Command that brings the database to the version's schema, run once for each new version before its first task starts. A failure
   * leaves the old version serving. What runs is the new image, with the variables of the service.
   * @default - none
   */
  readonly migrations?: MigrationsOptions;
  /**
   * Requests that a new version must answer as expected before users meet it; with `ReleaseStrategy.rolling()`, right after the deployment.
   * A failure rolls back.
   * @default - none
   */
  readonly smokeTests?: SmokeTest[];
  /**
   * Lets only users through who signed in. ECS cannot start new versions beside old ones then: the release is `ReleaseStrategy.rolling()`.
   * @default - everybody; the service knows its users itself
   */
  readonly signIn?: LoadBalancerSignIn;
}
