import { Annotations, CfnResource, CustomResource, Duration, Fn, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { MigrationsHandler } from './migrations-handler';
import { reachOf } from './migrations-reach';
import { validateMigrations } from './migrations-validation';
import { ReleaseHook } from './release-hook';
import { acknowledgeInStandards } from '../../acknowledge';
import { ContainerOptions } from '../container-options';
import { ContainerTask } from '../container-task';
import { TaskPlacement } from '../task-placement';

/** Properties of `Migrations`. `command` has to be given; `spotShare` and `alarms` have no effect: a migration always runs on demand. */
export interface MigrationsProps extends ContainerOptions, TaskPlacement {
  /**
   * Time after which a run is stopped and counts as failed, 1 to 55 minutes: CloudFormation waits one hour for the first run.
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;
  /**
   * Whether ECS runs new versions, as a lifecycle hook of each deployment. Otherwise CloudFormation does, when image or command change.
   * The first version is always run by CloudFormation.
   * @default false
   */
  readonly releasedByHook?: boolean;
}

/** CloudFormation gives a custom resource one hour for its answer. */
const SERVICE_TIMEOUT = Duration.hours(1);

/**
 * Runs a command once for each new version, such as `['alembic', 'upgrade', 'head']`, as a Fargate task that ends: before the first task of
 * that version starts, one at a time, and never on the way back, because a version that was migrated is not migrated again.
 * One at a time is a promise of one `Migrations`: where several services share a database, let one of them migrate it.
 *
 * Who may invoke `function` can also run a command by hand, as the same kind of task: `{ "command": ["alembic", "downgrade", "-1"] }`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
export class Migrations extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** The task definition. Old revisions stay registered when it changes, so that the image that changed a schema can change it back. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** Output of the command. */
  public readonly logGroup: logs.ILogGroup;
  /** Network identity of the task. */
  public readonly connections: ec2.Connections;
  /** Role of the program in the task. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** The function that runs the tasks. Its log says what happened in each release. */
  public readonly function: lambda.IFunction;
  /** Created when the first version is migrated. Whatever needs the schema depends on it. */
  public readonly ready: CustomResource;
  /** Time after which a run is stopped and counts as failed. */
  public readonly timeout: Duration;
  /** Which versions were migrated, and who is at it. It goes with the stack: without it the next version of each service is run again. */
  public readonly log: dynamodb.ITable;

  private readonly task: ContainerTask;
  private readonly handler: MigrationsHandler;
  private readonly version: string;

  constructor(scope: Construct, id: string, private readonly props: MigrationsProps) {
    super(scope, id);
    validateMigrations(this, props);
    this.timeout = props.timeout ?? Duration.minutes(15);

    this.task = new ContainerTask(this, 'Task', props);
    this.taskDefinition = this.task.definition;
    this.logGroup = this.task.logGroup;
    this.connections = new ec2.Connections({ securityGroups: [this.task.securityGroup] });
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.adaptDefinition();
    this.version = `${this.task.container.imageName} ${Fn.join(' ', props.command!)}`;
    this.log = this.createLog();
    this.handler = new MigrationsHandler(this, 'Handler', { placement: props, task: this.task, log: this.log, timeout: this.timeout });
    this.function = this.handler.function;
    this.ready = this.createRun();
    this.warnOfMovingTag();
  }

  /** Lets somebody run a command by hand, which may be any command: whoever can do this owns the database. */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return this.function.grantInvoke(grantee);
  }

  /**
   * What ECS calls before the first task of a new version.
   *
   * @param serviceTaskDefinitionArn task definition that the service starts in the same release
   * @internal
   */
  public _hook(serviceTaskDefinitionArn: string): ReleaseHook {
    return {
      stage: 'PRE_SCALE_UP',
      handler: this.function,
      details: {
        taskDefinition: this.taskDefinition.taskDefinitionArn,
        version: this.version,
        serviceTaskDefinition: serviceTaskDefinitionArn,
      },
    };
  }

  private adaptDefinition(): void {
    const resource = this.taskDefinition.node.defaultChild as CfnResource;
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
    // Hands SIGTERM on, which a program that runs as the first process does not get by default.
    resource.addPropertyOverride('ContainerDefinitions.0.LinuxParameters.InitProcessEnabled', true);
  }

  private createLog(): dynamodb.Table {
    const { encryptionKey } = this.props;
    const log = new dynamodb.Table(this, 'Log', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: encryptionKey ? dynamodb.TableEncryption.CUSTOMER_MANAGED : dynamodb.TableEncryption.AWS_MANAGED,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledgeInStandards(log, 'DynamoDBInBackupPlan',
      'It says which versions have migrated the database and no more. A version that it lost is migrated once more, which changes nothing; a restored backup '
      + 'would be older than the database that it speaks of. It can be set back to any second of the last 35 days.');
    return log;
  }

  private createRun(): CustomResource {
    const { vpc } = this.props.cluster;
    const resource = new CustomResource(this, 'Run', {
      resourceType: 'Custom::Migrations',
      serviceToken: this.function.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        TaskDefinition: this.taskDefinition.taskDefinitionArn,
        Version: this.version,
        ReleasedByHook: String(this.props.releasedByHook ?? false),
      },
    });
    resource.node.addDependency(
      this.handler, this.task, this.log,
      vpc.selectSubnets(this.task.vpcSubnets).internetConnectivityEstablished,
      reachOf(this, this.task.securityGroup, vpc),
    );
    return resource;
  }

  /** A tag that moves hides that the image is another one. */
  private warnOfMovingTag(): void {
    const { imageName } = this.task.container;
    const [name, tag] = imageName.slice(imageName.lastIndexOf('/') + 1).split(':');
    const isMoving = Token.isUnresolved(imageName) ? imageName.endsWith(':latest') : !name.includes('@') && [undefined, 'latest'].includes(tag);
    if (!isMoving) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:movingImageTag',
      'The image has no tag of its own version. A new image under the same tag is not migrated: its version looks like the old one. '
      + "Give each image a tag, or take ImageRegistry.image('…').");
  }
}
