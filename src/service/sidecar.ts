import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';

/** A further container in the task, beside the one that does the work. */
export interface Sidecar {
  /** Name of the container, unique in the task: letters, digits, hyphens and underscores. */
  readonly name: string;
  /** Image of the container. */
  readonly image: ecs.ContainerImage;
  /**
   * Command that replaces the image's own.
   * @default - the image's
   */
  readonly command?: string[];
  /**
   * Variables in plain text.
   * @default - none
   */
  readonly environment?: { [name: string]: string };
  /**
   * Variables from Secrets Manager or Parameter Store.
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * Ports that the container listens on, unique in the task.
   * @default - none
   */
  readonly ports?: number[];
  /**
   * Whether the task stops when this container stops. Leave it `false` for a container that prepares something and ends.
   * @default true
   */
  readonly essential?: boolean;
  /**
   * Command that tells whether the container is healthy, such as `['CMD-SHELL', 'pg_isready']`, asked every 10 seconds.
   * @default - none
   */
  readonly healthCheckCommand?: string[];
  /**
   * What the main container waits for before it starts: this one to have started, to be healthy (needs a health check),
   * to have ended, or to have ended with success (the last two need `essential: false`).
   * @default - it does not wait
   */
  readonly mainWaitsFor?: ecs.ContainerDependencyCondition;
  /**
   * Volumes shared within the task: where each is mounted, by volume name.
   * @default - none
   */
  readonly volumes?: { [name: string]: string };
  /**
   * Whether the container cannot write to its image's file system.
   * @default - as the main container
   */
  readonly readonlyRootFilesystem?: boolean;
  /**
   * Memory limit of the container within the task's, in MiB.
   * @default - the task's memory
   */
  readonly memoryLimitMiB?: number;
  /**
   * Time from SIGTERM to SIGKILL, at most 120 seconds.
   * @default Duration.seconds(30)
   */
  readonly stopTimeout?: Duration;
}
