import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { EnvironmentProfile } from '../environment';
import { checkBoolean, checkGiven, checkKind } from '../validate';

/** Properties of a `ServiceCluster`. */
export interface ServiceClusterProps {
  /** Network of the services. */
  readonly vpc: ec2.IVpc;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether Container Insights collects task metrics, at about 0.07 USD for each metric and month.
   * @default - the profile's
   */
  readonly containerInsights?: boolean;
}

/** An ECS cluster that runs on Fargate and Fargate Spot and has no servers. Share one among the services of an environment. */
export class ServiceCluster extends ecs.Cluster {
  constructor(scope: Construct, id: string, props: ServiceClusterProps) {
    validateServiceCluster(`${scope.node.path}/${id}`, props);
    const insights = props.containerInsights ?? (props.profile ?? EnvironmentProfile.production()).containerInsights;
    super(scope, id, {
      vpc: props.vpc,
      enableFargateCapacityProviders: true,
      containerInsightsV2: insights ? ecs.ContainerInsights.ENABLED : ecs.ContainerInsights.DISABLED,
    });
  }
}

/** Refuses a cluster without a network: `ecs.Cluster` would make one of its own, with NAT gateways. */
function validateServiceCluster(where: string, props: ServiceClusterProps): void {
  checkGiven(where, 'vpc', props?.vpc, 'an ec2.IVpc');
  checkKind(where, 'vpc', props.vpc, 'vpcId', 'an ec2.IVpc');
  checkKind(where, 'profile', props.profile, 'containerInsights', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkBoolean(where, 'containerInsights', props.containerInsights);
}
