import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Sidecar } from './sidecar';

/** What a web service, a worker and a scheduled task have in common: a container and what it needs. */
export interface ContainerOptions {
  /** Image of the container. `ImageRegistry.image()` also works before the image exists. */
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
   * Variables from Secrets Manager or Parameter Store. The task may read these secrets and no others.
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * Variables that the program cannot run without. Synthesis fails, with every missing name, unless `environment` or `secrets` has them all.
   * @default - none
   */
  readonly requiredVariables?: string[];
  /**
   * CPU units of the task: 256, 512, 1024, 2048, 4096, 8192 or 16384; 1024 is one vCPU.
   * @default - the profile's
   */
  readonly cpu?: number;
  /**
   * Memory of the task in MiB, a size that Fargate has for this `cpu`.
   * @default - the profile's
   */
  readonly memoryLimitMiB?: number;
  /**
   * Processor that the image is built for.
   * @default - ecs.CpuArchitecture.ARM64, which costs a fifth less than x86
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  /**
   * Disk of the task in GiB, 21 to 200; above 20 it is paid for.
   * @default - 20, which is free
   */
  readonly ephemeralStorageGiB?: number;
  /**
   * Whether the container cannot write to its image's file system. `/tmp` is a volume all the same; where the image's user
   * is not root, the image has to declare it (`VOLUME /tmp`), or root alone may write there.
   * See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
   * @default - the profile's
   */
  readonly readonlyRootFilesystem?: boolean;
  /**
   * Further volumes shared within the task: where the main container mounts each, by volume name.
   * @default - none
   */
  readonly volumes?: { [name: string]: string };
  /**
   * Further containers in the task.
   * @default - none
   */
  readonly sidecars?: Sidecar[];
  /**
   * Time from SIGTERM to SIGKILL, at most 120 seconds.
   * @default Duration.seconds(30)
   */
  readonly stopTimeout?: Duration;
  /**
   * Days that logs are kept.
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
  /**
   * Percentage of tasks on Fargate Spot, 0 to 100.
   * @default - the profile's
   */
  readonly spotShare?: number;
  /**
   * Subnets of the tasks.
   * @default - private subnets with a way out; isolated ones where the VPC has no such
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
