import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DeploymentHelper, DeploymentHelperProps } from '../deployment-helper';
import { PlatformError } from '../errors';

/** An image to wait for. */
export interface AwaitedImage {
  readonly repository: ecr.IRepository;
  readonly tag: string;
  /** How long a first deployment waits. */
  readonly imageWait: Duration;
}

/** CloudFormation gives a custom resource one hour for its answer. */
const SERVICE_TIMEOUT = Duration.hours(1);

const POLICY = 'ImageGatePolicy';

/**
 * An image that is waited for at deployment, and used by the digest that was found.
 *
 * Not CDK's provider framework with `isComplete`: that makes three more functions and a state machine whose role needs
 * rights on everything. The stack's helper calls itself again before its quarter of an hour ends.
 */
export class GatedImage extends ecs.ContainerImage {
  constructor(private readonly registry: Construct, private readonly image: AwaitedImage, private readonly log: DeploymentHelperProps) {
    super();
  }

  public bind(scope: Construct, containerDefinition: ecs.ContainerDefinition): ecs.ContainerImageConfig {
    checkRegion(scope, this.registry);
    const { repository } = this.image;
    repository.grantPull(containerDefinition.taskDefinition.obtainExecutionRole());
    return { imageName: `${repository.repositoryUri}@${this.createGate(scope).getAttString('Digest')}` };
  }

  /** A resource that is there when the tag is in the repository. */
  private createGate(scope: Construct): CustomResource {
    const { repository, tag, imageWait } = this.image;
    const helper = DeploymentHelper.of(this.registry, this.log);
    const [name, digest] = Token.isUnresolved(tag) ? [tag] : tag.split('@');
    const gate = new CustomResource(scope, 'ImageGate', {
      resourceType: 'Custom::ImageGate',
      serviceToken: helper.serviceToken,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        RepositoryName: repository.repositoryName,
        RepositoryUri: repository.repositoryUri,
        RegistryId: repository.env.account,
        Tag: name,
        Digest: digest,
        WaitSeconds: imageWait.toSeconds(),
      },
    });
    gate.node.addDependency(this.allowLook(helper));
    return gate;
  }

  /**
   * Registries that lie side by side share a policy, because IAM attaches few of them to a role. Registries inside of
   * different constructs do not: users may tell one construct to wait for the other, with all that is in it.
   */
  private allowLook(helper: DeploymentHelper): iam.ManagedPolicy {
    const scope = this.registry.node.scope as Construct;
    const policy = scope.node.tryFindChild(POLICY) as iam.ManagedPolicy | undefined ?? helper.allow(scope, POLICY, [
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [helper.serviceToken] }),
    ]);
    policy.addStatements(new iam.PolicyStatement({ actions: ['ecr:DescribeImages'], resources: [this.image.repository.repositoryArn] }));
    return policy;
  }
}

function checkRegion(where: Construct, registry: Construct): void {
  const [here, there] = [Stack.of(where).region, Stack.of(registry).region];
  if (here === there || Token.isUnresolved(here) || Token.isUnresolved(there)) return;
  throw new PlatformError(where, {
    problem: 'CloudFormation cannot wait for an image through a registry construct in another region.',
    got: `container in ${here}, ImageRegistry in ${there}`,
    allowed: 'both in one region',
    fix: `make an ImageRegistry in ${here} for this service, or take ecs.ContainerImage.fromEcrRepository() without the gate`,
  });
}
