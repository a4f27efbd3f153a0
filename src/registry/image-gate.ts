import { CustomResource, Duration, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ImageGateFunction } from './image-gate-function';
import { PlatformError } from '../errors';
import { createHelperFunction } from '../helper-function';

/** How a gate keeps its log. */
export interface ImageGateProps {
  readonly logRetentionDays: number;
  readonly encryptionKey?: kms.IKey;
}

/** An image to wait for. */
export interface AwaitedImage {
  readonly repository: ecr.IRepository;
  readonly tag: string;
  /** How long a first deployment waits. */
  readonly imageWait: Duration;
}

/** CloudFormation gives a custom resource one hour for its answer. */
const SERVICE_TIMEOUT = Duration.hours(1);

/**
 * The function behind the image gates of one stack: a custom resource that is created when a tag is in the repository.
 *
 * Not CDK's provider framework with `isComplete`: that makes three more functions and a state machine whose role needs
 * rights on everything. This one calls itself again before its quarter of an hour ends.
 */
export class ImageGate extends Construct {
  /** The one gate of the stack; the first registry that needs it says how its log is kept. */
  public static of(scope: Construct, props: ImageGateProps): ImageGate {
    const stack = Stack.of(scope);
    return stack.node.tryFindChild('ImageGate') as ImageGate ?? new ImageGate(stack, 'ImageGate', props);
  }

  private readonly handler: lambda.Function;
  private readonly continuation: iam.ManagedPolicy;
  private readonly repositoryArns = new Set<string>();

  private constructor(scope: Construct, id: string, props: ImageGateProps) {
    super(scope, id);
    this.handler = createHelperFunction(this, ImageGateFunction, {
      statements: [new iam.PolicyStatement({
        actions: ['ecr:DescribeImages'],
        resources: Lazy.list({ produce: () => [...this.repositoryArns] }),
      })],
      logRetentionDays: props.logRetentionDays,
      encryptionKey: props.encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      description: 'Waits until an image is in the registry',
      memorySize: 128,
      timeout: Duration.minutes(15),
    });
    // A policy of its own: the function would otherwise wait for a policy that names the function.
    this.continuation = new iam.ManagedPolicy(this, 'ContinuePolicy', {
      roles: [this.handler.role!],
      statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.handler.functionArn] })],
    });
  }

  /** The digest that a tag has when the resource is there. */
  public digest(scope: Construct, { repository, tag, imageWait }: AwaitedImage): string {
    checkRegion(scope, this);
    this.repositoryArns.add(repository.repositoryArn);
    const resource = new CustomResource(scope, 'ImageGate', {
      resourceType: 'Custom::ImageGate',
      serviceToken: this.handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        RepositoryName: repository.repositoryName,
        RepositoryUri: repository.repositoryUri,
        RegistryId: repository.env.account,
        Tag: tag,
        WaitSeconds: imageWait.toSeconds(),
      },
    });
    resource.node.addDependency(this.node.findChild('Role'), this.continuation);
    return resource.getAttString('Digest');
  }
}

function checkRegion(where: Construct, gate: Construct): void {
  const [here, there] = [Stack.of(where).region, Stack.of(gate).region];
  if (here === there || Token.isUnresolved(here) || Token.isUnresolved(there)) return;
  throw new PlatformError(where, {
    problem: 'CloudFormation cannot wait for an image through a registry construct in another region.',
    got: `container in ${here}, ImageRegistry in ${there}`,
    allowed: 'both in one region',
    fix: `make an ImageRegistry in ${here} for this service, or take ecs.ContainerImage.fromEcrRepository() without the gate`,
  });
}

/** An image that is waited for at deployment, and used by the digest that was found. */
export class GatedImage extends ecs.ContainerImage {
  constructor(private readonly registry: Construct, private readonly image: AwaitedImage, private readonly gate: ImageGateProps) {
    super();
  }

  public bind(scope: Construct, containerDefinition: ecs.ContainerDefinition): ecs.ContainerImageConfig {
    const { repository } = this.image;
    repository.grantPull(containerDefinition.taskDefinition.obtainExecutionRole());
    const digest = ImageGate.of(this.registry, this.gate).digest(scope, this.image);
    return { imageName: `${repository.repositoryUri}@${digest}` };
  }
}
