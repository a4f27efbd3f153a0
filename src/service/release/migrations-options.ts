import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';

/** How a web service migrates its database. */
export interface MigrationsOptions {
  /** Command that brings the database to the schema of the image that it runs in, such as `['alembic', 'upgrade', 'head']`. */
  readonly command: string[];
  /**
   * Variables in plain text, beside the service's own; where both have one of a name, this one counts.
   * @default - the service's own
   */
  readonly environment?: { [name: string]: string };
  /**
   * Variables from Secrets Manager or Parameter Store, such as the login of the database's owner, beside the service's own;
   * where both have one of a name, this one counts.
   * @default - the service's own
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * Time after which a run is stopped and counts as failed, 1 to 55 minutes: CloudFormation waits one hour for the first run.
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;
  /**
   * CPU units of the task: 256, 512, 1024, 2048, 4096, 8192 or 16384; 1024 is one vCPU.
   * @default - the service's
   */
  readonly cpu?: number;
  /**
   * Memory of the task in MiB, a size that Fargate has for this `cpu`.
   * @default - the service's
   */
  readonly memoryLimitMiB?: number;
}
