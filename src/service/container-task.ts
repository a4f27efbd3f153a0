import { CfnDeletionPolicy, CfnResource, Duration, PhysicalName } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ContainerOptions } from './container-options';
import { Sidecar } from './sidecar';
import { TaskPlacement } from './task-placement';
import { MAIN_CONTAINER, TEMPORARY_VOLUME } from './validate-container-task';
import { acknowledge } from '../acknowledge';
import { EnvironmentProfile } from '../environment';
import { ManagedPolicyRole } from '../managed-policy-role';

/** Where programs put temporary files: a volume when the root file system is read-only. */
const TEMPORARY_PATH = '/tmp';

/** The task definition behind a service, a worker or a scheduled task, with its logs and its network identity. */
export class ContainerTask extends Construct {
  public readonly definition: ecs.FargateTaskDefinition;
  public readonly container: ecs.ContainerDefinition;
  public readonly logGroup: logs.LogGroup;
  public readonly securityGroup: ec2.SecurityGroup;
  public readonly vpcSubnets: ec2.SubnetSelection;

  private readonly profile: EnvironmentProfile;
  private readonly readonlyRootFilesystem: boolean;

  constructor(scope: Construct, id: string, private readonly props: ContainerOptions & TaskPlacement, containerPort?: number) {
    super(scope, id);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.readonlyRootFilesystem = props.readonlyRootFilesystem ?? this.profile.readonlyRootFilesystem;

    this.vpcSubnets = props.vpcSubnets ?? defaultSubnets(props.cluster.vpc);
    this.securityGroup = this.createSecurityGroup();
    this.logGroup = this.createLogGroup();
    this.definition = this.createDefinition();
    this.container = this.createMainContainer(containerPort);
    for (const sidecar of props.sidecars ?? []) this.addSidecar(sidecar);
    this.addVolumes();
    this.explainToAuditors();
  }

  /** Capacity for the task's share on Spot. Always a strategy, never a launch type: changing between the two would replace the service. */
  public capacityProviderStrategies(): ecs.CapacityProviderStrategy[] {
    const spotShare = this.props.spotShare ?? this.profile.spotShare;
    const onDemand = { capacityProvider: 'FARGATE', weight: 100 - spotShare };
    const spot = { capacityProvider: 'FARGATE_SPOT', weight: spotShare };
    // With a share of each, the first task stays on demand: whatever AWS takes back, one is left.
    return [{ ...onDemand, ...(spotShare > 0 && spotShare < 100 ? { base: 1 } : {}) }, spot].filter(({ weight }) => weight > 0);
  }

  private explainToAuditors(): void {
    acknowledge(this.definition.obtainExecutionRole(), 'AwsSolutions-IAM5[Resource::*]',
      'ecr:GetAuthorizationToken, which pulling an image takes, knows no resources; the images and logs themselves are named one by one: '
      + 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html');
    const variables = [this.props, ...this.props.sidecars ?? []].flatMap(({ environment = {} }) => Object.keys(environment));
    if (variables.length === 0) return;
    acknowledge(this.definition, 'AwsSolutions-ECS2',
      'Plain variables hold what is no secret, such as a version or a log level, and changing them is meant to be a deployment. Secrets have a prop of their own, `secrets`.');
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.props.cluster.vpc,
      description: `Tasks of ${this.node.scope!.node.path}`.slice(0, 255),
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'AWS and other services over TLS');
    return securityGroup;
  }

  private createLogGroup(): logs.LogGroup {
    return new logs.LogGroup(this, 'Logs', {
      retention: this.props.logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.profile.removalPolicyWithoutSnapshot,
    });
  }

  private createDefinition(): ecs.FargateTaskDefinition {
    const definition = new ecs.FargateTaskDefinition(this, 'Definition', {
      executionRole: new ManagedPolicyRole(this, 'ExecutionRole', {
        assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
        roleName: PhysicalName.GENERATE_IF_NEEDED,
      }),
      cpu: this.props.cpu ?? this.profile.cpu,
      memoryLimitMiB: this.props.memoryLimitMiB ?? this.profile.memoryLimitMiB,
      ephemeralStorageGiB: this.props.ephemeralStorageGiB,
      runtimePlatform: {
        cpuArchitecture: this.props.cpuArchitecture ?? ecs.CpuArchitecture.ARM64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
    });
    // CloudFormation would deregister the revision before, and ECS takes no service back to one that is: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
    (definition.node.defaultChild as CfnResource).cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    return definition;
  }

  private createMainContainer(containerPort?: number): ecs.ContainerDefinition {
    return this.definition.addContainer(MAIN_CONTAINER, {
      ...this.containerOptions(MAIN_CONTAINER, this.props),
      readonlyRootFilesystem: this.readonlyRootFilesystem,
      portMappings: containerPort === undefined ? undefined : [{ containerPort }],
    });
  }

  private addSidecar(sidecar: Sidecar): void {
    const container = this.definition.addContainer(sidecar.name, {
      ...this.containerOptions(sidecar.name, sidecar),
      readonlyRootFilesystem: sidecar.readonlyRootFilesystem ?? this.readonlyRootFilesystem,
      portMappings: sidecar.ports?.map(containerPort => ({ containerPort })),
      essential: sidecar.essential ?? true,
      memoryLimitMiB: sidecar.memoryLimitMiB,
      healthCheck: sidecar.healthCheckCommand && { command: sidecar.healthCheckCommand, interval: Duration.seconds(10) },
    });
    if (sidecar.mainWaitsFor !== undefined) {
      this.container.addContainerDependencies({ container, condition: sidecar.mainWaitsFor });
    }
  }

  private containerOptions(name: string, from: Pick<Sidecar, 'image' | 'command' | 'environment' | 'secrets' | 'stopTimeout'>): ecs.ContainerDefinitionOptions {
    return {
      containerName: name,
      image: from.image,
      command: from.command,
      environment: from.environment,
      secrets: from.secrets,
      stopTimeout: from.stopTimeout ?? Duration.seconds(30),
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: name }),
    };
  }

  private addVolumes(): void {
    const mounts = [
      { container: this.container, volumes: this.mainVolumes() },
      ...(this.props.sidecars ?? []).map(sidecar => ({
        container: this.definition.findContainer(sidecar.name)!,
        volumes: sidecar.volumes ?? {},
      })),
    ];
    const names = new Set(mounts.flatMap(({ volumes }) => Object.keys(volumes)));
    for (const name of names) this.definition.addVolume({ name });
    for (const { container, volumes } of mounts) {
      const points = Object.entries(volumes).map(([sourceVolume, containerPath]) => ({ sourceVolume, containerPath, readOnly: false }));
      if (points.length > 0) container.addMountPoints(...points);
    }
  }

  private mainVolumes(): { [name: string]: string } {
    const { volumes = {} } = this.props;
    const isMounted = Object.values(volumes).includes(TEMPORARY_PATH);
    return this.readonlyRootFilesystem && !isMounted ? { ...volumes, [TEMPORARY_VOLUME]: TEMPORARY_PATH } : volumes;
  }
}

/** Private subnets with a way out where there are any, isolated ones otherwise. */
function defaultSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  return { subnetType: vpc.privateSubnets.length > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED };
}
