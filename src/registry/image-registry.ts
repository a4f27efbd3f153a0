import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { createGithubRole, GithubRoleOptions } from './github-role';
import { GatedImage } from './image-gate';
import { validateImageRegistry, validateTag } from './validate-image-registry';
import { EnvironmentProfile } from '../environment';
import { withoutSnapshot } from '../environment/removal-policy';

/** Properties of an `ImageRegistry`. */
export interface ImageRegistryProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * An existing repository. It is used as it is: no lifecycle, scan or encryption is changed.
   * @default - a new repository
   */
  readonly repository?: ecr.IRepository;
  /**
   * Newest images that are kept, 2 to 10000. ECR does not know which image is in use: more than are pushed between two deployments.
   * @default 30
   */
  readonly maximumImages?: number;
  /**
   * Days after which an image without a tag is deleted, 1 to 365.
   * @default 7
   */
  readonly untaggedImageDays?: number;
  /**
   * How long the first deployment waits for an image to be pushed, 1 to 55 minutes.
   * @default Duration.minutes(55)
   */
  readonly imageWait?: Duration;
  /**
   * Key that encrypts images and the gate's log. Another key later replaces the repository.
   * @default - AWS's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * What happens to the images when the registry is removed from the stack: DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE.
   * @default - the profile's; SNAPSHOT, of which ECR has none, destroys
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Days that the gate's log is kept.
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
}

/**
 * A private repository for container images: a tag never changes, each push is scanned, old images go.
 * `image()` makes the first deployment work before there is any image.
 */
export class ImageRegistry extends Construct {
  /** The repository, new or given. */
  public readonly repository: ecr.IRepository;

  private readonly profile: EnvironmentProfile;

  constructor(scope: Construct, id: string, private readonly props: ImageRegistryProps = {}) {
    super(scope, id);
    validateImageRegistry(this, props);

    this.profile = props.profile ?? EnvironmentProfile.production();
    this.repository = props.repository ?? this.createRepository();
  }

  /**
   * The image with that tag, whether it exists already or not. The deployment makes sure that it does: the first one
   * waits while everything else is created, until somebody pushes it; a later one with a tag that is not there fails
   * within a minute, before any service is touched. Containers get the image by the digest that was found.
   *
   * @param tag names one build, such as the commit; may be a parameter of the stack. With the digest that it has to have, such as
   * `8f2c1d0@sha256:…`, a deployment that finds another one under that tag fails before any service is touched
   */
  public image(tag: string): ecs.ContainerImage {
    validateTag(this, tag);
    const { imageWait = Duration.minutes(55), logRetentionDays = this.profile.logRetentionDays, encryptionKey } = this.props;
    return new GatedImage(this, { repository: this.repository, tag, imageWait }, { logRetentionDays, encryptionKey });
  }

  /** Allows to pull images. `image()` does so itself for the tasks that use it. */
  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return this.repository.grantPull(grantee);
  }

  /** Allows to push images. */
  public grantPush(grantee: iam.IGrantable): iam.Grant {
    return this.repository.grantPush(grantee);
  }

  /** Allows to pull and push images. */
  public grantPullPush(grantee: iam.IGrantable): iam.Grant {
    return this.repository.grantPullPush(grantee);
  }

  /**
   * A role for GitHub workflows to push to this repository and nothing else, without a stored secret.
   *
   * @param id id of the role within the registry
   */
  public githubRole(id: string, options: GithubRoleOptions): iam.Role {
    return createGithubRole(this, id, this.repository, options);
  }

  private createRepository(): ecr.Repository {
    const chosen = this.props.removalPolicy ?? this.profile.removalPolicy;
    const removalPolicy = withoutSnapshot(chosen);
    return new ecr.Repository(this, 'Repository', {
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      encryption: this.props.encryptionKey ? ecr.RepositoryEncryption.KMS : undefined,
      encryptionKey: this.props.encryptionKey,
      removalPolicy,
      // A repository with images refuses to be deleted.
      emptyOnDelete: removalPolicy === RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          description: 'Images without a tag',
          rulePriority: 1,
          tagStatus: ecr.TagStatus.UNTAGGED,
          maxImageAge: Duration.days(this.props.untaggedImageDays ?? 7),
        },
        {
          description: 'All but the newest images',
          rulePriority: 2,
          tagStatus: ecr.TagStatus.ANY,
          maxImageCount: this.props.maximumImages ?? 30,
        },
      ],
    });
  }
}
