import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { MigrationsFunction } from './migrations-function';
import { acknowledgeWildcards } from '../../acknowledge';
import { EnvironmentProfile } from '../../environment';
import { createHelperFunction } from '../../helper-function';
import { ContainerOptions } from '../container-options';
import { ContainerTask } from '../container-task';
import { TaskPlacement } from '../task-placement';

/** What the function runs, and where it remembers that. */
export interface MigrationsHandlerProps {
  readonly placement: TaskPlacement & Pick<ContainerOptions, 'logRetentionDays'>;
  readonly task: ContainerTask;
  readonly log: dynamodb.ITable;
  readonly timeout: Duration;
}

/** The function that runs migrations: called by ECS, by CloudFormation and by people. */
export class MigrationsHandler extends Construct {
  public readonly function: lambda.Function;

  constructor(scope: Construct, id: string, private readonly props: MigrationsHandlerProps) {
    super(scope, id);
    const { encryptionKey, logRetentionDays, profile = EnvironmentProfile.production() } = props.placement;
    this.function = createHelperFunction(this, MigrationsFunction, {
      statements: [...this.mayRunTasks(), ...this.mayKnow(), ...this.mayRemember()],
      logRetentionDays: logRetentionDays ?? profile.logRetentionDays,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      description: 'Migrates a database: once for each version, one task at a time',
      memorySize: 256,
      // A deployment's hook never waits; CloudFormation and people are waited for.
      timeout: Duration.minutes(15),
      environment: this.environment(),
    });
    // A policy of its own: the function would otherwise wait for a policy that names the function.
    new iam.ManagedPolicy(this, 'ContinuePolicy', {
      roles: [this.function.role!],
      statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] })],
    });
    this.explainToAuditors();
  }

  private environment(): { [name: string]: string } {
    const { placement: { cluster }, task, log, timeout } = this.props;
    const { subnetIds } = cluster.vpc.selectSubnets(task.vpcSubnets);
    return {
      CLUSTER: cluster.clusterArn,
      SUBNETS: subnetIds.join(','),
      SECURITY_GROUPS: task.securityGroup.securityGroupId,
      CONTAINER: task.container.containerName,
      LOG_GROUP: task.logGroup.logGroupName,
      // A container's stream prefix is its name.
      STREAM_PREFIX: task.container.containerName,
      TABLE: log.tableName,
      TIMEOUT_SECONDS: String(timeout.toSeconds()),
    };
  }

  private mayRunTasks(): iam.PolicyStatement[] {
    const { definition } = this.props.task;
    const onlyCluster = { ArnEquals: { 'ecs:cluster': this.props.placement.cluster.clusterArn } };
    return [
      new iam.PolicyStatement({ actions: ['ecs:RunTask'], resources: [this.revisions()], conditions: onlyCluster }),
      new iam.PolicyStatement({ actions: ['ecs:DescribeTasks', 'ecs:StopTask'], resources: [this.tasks()], conditions: onlyCluster }),
      new iam.PolicyStatement({ actions: ['ecs:ListTasks'], resources: ['*'], conditions: onlyCluster }),
      new iam.PolicyStatement({
        actions: ['ecs:TagResource'], resources: [this.tasks()], conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      }),
      new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [definition.taskRole.roleArn, definition.obtainExecutionRole().roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }),
    ];
  }

  private mayKnow(): iam.PolicyStatement[] {
    return [
      new iam.PolicyStatement({ actions: ['ecs:DescribeServiceRevisions'], resources: [this.serviceRevisions()] }),
      new iam.PolicyStatement({ actions: ['logs:GetLogEvents'], resources: [this.props.task.logGroup.logGroupArn] }),
      new iam.PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
      }),
    ];
  }

  private mayRemember(): iam.PolicyStatement[] {
    const { log, placement: { encryptionKey } } = this.props;
    return [
      new iam.PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Scan'], resources: [log.tableArn] }),
      ...encryptionKey ? [new iam.PolicyStatement({
        actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
        resources: [encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.${Aws.URL_SUFFIX}` } },
      })] : [],
    ];
  }

  /** All revisions: the image that changed the schema can also change it back. */
  private revisions(): string {
    return this.ecsArn('task-definition', `${this.props.task.definition.family}:*`);
  }

  private tasks(): string {
    return this.ecsArn('task', `${this.props.placement.cluster.clusterName}/*`);
  }

  private serviceRevisions(): string {
    return this.ecsArn('service-revision', `${this.props.placement.cluster.clusterName}/*`);
  }

  private ecsArn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'ecs', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  }

  private explainToAuditors(): void {
    const page = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html';
    const reasons = {
      [this.revisions()]: `One family in one cluster; its next revision has no number yet: ${page}`,
      [this.tasks()]: `Tasks of one cluster; they are named when they start, and are only described, stopped, or tagged as they start: ${page}`,
      [this.serviceRevisions()]: `Reads which version a deployment of the cluster starts; revisions are named then: ${page}`,
      ['*']: `ecs:ListTasks knows no task as a resource; a condition limits it to one cluster: ${page}`,
    };
    for (const [arn, reason] of Object.entries(reasons)) acknowledgeWildcards(this, [arn], reason);
  }
}
