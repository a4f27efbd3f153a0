import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EnvironmentProfile } from '../environment';

/** Where containers run. */
export interface TaskPlacement {
  /** Cluster with Fargate's capacity providers, such as a `ServiceCluster`. */
  readonly cluster: ecs.ICluster;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key that encrypts logs and queues.
   * @default - AWS's own keys
   */
  readonly encryptionKey?: kms.IKey;
}
