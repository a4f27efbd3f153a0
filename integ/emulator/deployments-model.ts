/*
 * What a template says about a service's deployments, in CloudFormation's own words:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-deploymentconfiguration.html
 */
import type { NetworkConfiguration } from '@aws-sdk/client-ecs';
import type { Task } from './deployments-tasks';

export type LifecycleStage =
  | 'RECONCILE_SERVICE' | 'PRE_SCALE_UP' | 'SCALE_UP' | 'POST_SCALE_UP' | 'TEST_TRAFFIC_SHIFT' | 'POST_TEST_TRAFFIC_SHIFT'
  | 'PRE_PRODUCTION_TRAFFIC_SHIFT' | 'PRODUCTION_TRAFFIC_SHIFT' | 'POST_PRODUCTION_TRAFFIC_SHIFT' | 'BAKE_TIME' | 'CLEAN_UP';

export type DeploymentStatus =
  | 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED';

export interface LifecycleHook {
  readonly TargetType?: 'AWS_LAMBDA' | 'PAUSE';
  readonly HookTargetArn?: string;
  readonly LifecycleStages: readonly LifecycleStage[];
  readonly HookDetails?: unknown;
  readonly TimeoutConfiguration?: { readonly TimeoutInMinutes?: number; readonly Action?: 'ROLLBACK' | 'CONTINUE' };
}

export interface DeploymentConfiguration {
  readonly Strategy?: 'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY';
  readonly BakeTimeInMinutes?: number;
  readonly LinearConfiguration?: { readonly StepPercent?: number; readonly StepBakeTimeInMinutes?: number };
  readonly CanaryConfiguration?: { readonly CanaryPercent?: number; readonly CanaryBakeTimeInMinutes?: number };
  readonly LifecycleHooks?: readonly LifecycleHook[];
  readonly Alarms?: { readonly AlarmNames: readonly string[]; readonly Enable: boolean; readonly Rollback: boolean };
  readonly DeploymentCircuitBreaker?: { readonly Enable: boolean; readonly Rollback: boolean };
}

export interface LoadBalancerSettings {
  readonly TargetGroupArn: string;
  readonly ContainerName?: string;
  readonly ContainerPort?: number;
  readonly AdvancedConfiguration?: {
    readonly AlternateTargetGroupArn: string;
    readonly ProductionListenerRule: string;
    readonly TestListenerRule?: string;
  };
}

/** How a service is deployed: what its template, or a call of the API, said last. */
export interface ServiceSettings {
  readonly configuration: DeploymentConfiguration;
  readonly loadBalancers: readonly LoadBalancerSettings[];
}

/** The emulator's own record of a service, as DescribeServices answers it. */
export interface ServiceRecord {
  readonly serviceArn: string;
  readonly serviceName: string;
  readonly clusterArn: string;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly launchType?: string;
  readonly platformVersion?: string;
  readonly capacityProviderStrategy?: readonly object[];
  readonly networkConfiguration?: NetworkConfiguration;
  readonly loadBalancers?: readonly object[];
  readonly serviceRegistries?: readonly object[];
  readonly deployments: readonly { readonly id: string }[];
}

/** What one deployment put in place: a task definition with everything around it. */
export interface ServiceRevision {
  readonly arn: string;
  readonly createdAt: Date;
  readonly service: ServiceRecord;
  readonly taskDefinition: string;
  readonly images: readonly { readonly containerName: string; readonly image: string; readonly imageDigest?: string }[];
  /** The target group of each of the service's load balancers that this revision's tasks are in. */
  readonly targetGroups: readonly string[];
  task?: Task;
}

/** The rules of the emulated controller that a drill may change. */
export interface DeploymentOptions {
  /** What a minute of bake time, of a step, and of a pause takes here. A Lambda hook's time limit is in true minutes. @default 1 */
  secondsPerMinute: number;
  /** Whether hooks run at the very first deployment of a service, which AWS does not say. @default true */
  hooksOnCreation: boolean;
  /** Whether the details of an IN_PROGRESS answer come on top of the configured ones, as AWS documents, or instead of them. @default true */
  mergeHookDetails: boolean;
  /**
   * Whether CloudFormation's rollback deploys although ECS has already gone back to that same task definition by itself,
   * which AWS does not say. @default true
   */
  deployAfterOwnRollback: boolean;
}
