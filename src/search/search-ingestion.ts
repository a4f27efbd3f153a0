import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { OUTBOX_SQL } from './ingestion/outbox-sql';
import { functionSubnets } from './search-domain-settings';
import { SearchIndexerFunction } from './search-indexer-function';
import { SearchIngestionProps } from './search-ingestion-props';
import { validateSearchIngestion } from './search-ingestion-validation';
import { createIngestionAlarms, ingestionWidgets } from './search-ingestion-watch';
import { SearchRelayFunction } from './search-relay-function';
import { EnvironmentProfile } from '../environment';
import { createHelperFunction, HelperFunctionOptions } from '../helper-function';
import { IWatched } from '../observability/watched';
import { createPrivateQueue } from '../private-queue';

/**
 * Shorter than OpenSearch remembers the versions of deleted documents (`index.gc_deletes`, 60 seconds): whoever read a row before it was deleted
 * has written it, or been stopped, before that is forgotten.
 */
const INDEXER_TIMEOUT = Duration.seconds(50);

/**
 * Keeps the indexes of a `SearchDomain` equal to the rows of a PostgreSQL: outbox → relay → queue → bulk indexer.
 *
 * A standard queue, not a FIFO one: its messages are names of documents and versions order them, so that order in the queue would only cost, ten messages
 * a batch at most and a bad document in the way of those behind it.
 */
export class SearchIngestion extends Construct implements IWatched {
  /** What a migration runs once, as the owner of the tables: the outbox, its trigger, and `search.watch(table, index, column)`. */
  public static readonly OUTBOX_SQL = OUTBOX_SQL;

  /** Changes on their way. */
  public readonly queue: sqs.Queue;
  /** Changes that could not be indexed. */
  public readonly deadLetterQueue: sqs.Queue;
  /** Empties the outbox; called with `{"reindex": "<index>"}` it rebuilds an index without downtime. */
  public readonly relay: lambda.Function;
  /** Indexes what the queue brings. */
  public readonly indexer: lambda.Function;
  /** Alarms; empty where the profile has alarms off. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly profile: EnvironmentProfile;
  private readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, private readonly props: SearchIngestionProps) {
    super(scope, id);
    validateSearchIngestion(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();

    const { encryptionKey } = props;
    this.deadLetterQueue = createPrivateQueue(this, 'RefusedChangesQueue', { encryptionKey, retentionPeriod: Duration.days(14) });
    this.queue = createPrivateQueue(this, 'Changes', {
      encryptionKey,
      // As long as AWS advises for functions: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * INDEXER_TIMEOUT.toSeconds()),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 5 },
    });
    this.securityGroup = this.createSecurityGroup();
    this.indexer = this.createIndexer();
    this.relay = this.createRelay();
    this.alarms = props.alarms ?? this.profile.alarms ? createIngestionAlarms(this, this) : [];
  }

  /** The command that rebuilds an index from the database while the old one serves. It answers when searches go to the new one. */
  public reindexCommand(indexName: string): string {
    return `aws lambda invoke --function-name ${this.relay.functionName} --region ${Stack.of(this).region} --cli-read-timeout 900 `
      + `--cli-binary-format raw-in-base64-out --payload '{"reindex":"${indexName}"}' /dev/stdout`;
  }

  /** The row on the dashboard. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return ingestionWidgets(this);
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const { vpc, database, search } = this.props;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc, description: `Search ingestion of ${this.node.path}`.slice(0, 255), allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'OpenSearch, Secrets Manager and SQS');
    // From this side: the rules are then made in this stack, and that of the data does not depend on it.
    securityGroup.connections.allowToDefaultPort(database, 'Search ingestion');
    securityGroup.connections.allowToDefaultPort(search, 'Search ingestion');
    return securityGroup;
  }

  private createIndexer(): lambda.Function {
    const scope = new Construct(this, 'Indexer');
    const indexer = createHelperFunction(scope, SearchIndexerFunction, {
      ...this.commonOptions(),
      description: 'Brings changed rows into the search index',
      timeout: INDEXER_TIMEOUT,
      statements: [
        ...this.commonStatements(scope),
        new iam.PolicyStatement({
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], resources: [this.queue.queueArn],
        }),
      ],
    });
    const source = new lambda.EventSourceMapping(scope, 'Source', {
      target: indexer,
      eventSourceArn: this.queue.queueArn,
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(1),
      // The fewest there can be: each has a session of the database and sends bulk requests one after the other.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
    // Lambda tries the role's rights on the queue; and what came before the role is let in would only be refused.
    source.node.addDependency(this.letIn(scope));
    return indexer;
  }

  private createRelay(): lambda.Function {
    const scope = new Construct(this, 'Relay');
    const interval = this.props.interval?.toSeconds() ?? 60;
    const options = this.commonOptions();
    const relay = createHelperFunction(scope, SearchRelayFunction, {
      ...options,
      description: 'Moves changes from the outbox to the queue each minute, and rebuilds indexes on command',
      // The longest that Lambda allows, for a re-index.
      timeout: Duration.minutes(15),
      // The next minute tries again.
      retryAttempts: 0,
      environment: { ...options.environment, QUEUE_URL: this.queue.queueUrl, PAUSE: String(interval < 60 ? interval * 1000 : 0) },
      statements: [
        ...this.commonStatements(scope),
        new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }),
      ],
    });
    this.letIn(scope);
    new events.Rule(scope, 'Schedule', {
      description: `Search ingestion of ${this.node.path}`.slice(0, 512),
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [new targets.LambdaFunction(relay, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    return relay;
  }

  private letIn(scope: Construct): iam.Role {
    const role = scope.node.findChild('Role') as iam.Role;
    this.props.search._letIn(role, 'indexing');
    return role;
  }

  private commonOptions(): Omit<HelperFunctionOptions, 'statements'> {
    const { vpc, vpcSubnets, search, databaseSecret, encryptionKey, logRetentionDays } = this.props;
    return {
      logRetentionDays: logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      vpc,
      vpcSubnets: vpcSubnets ?? functionSubnets(vpc),
      securityGroups: [this.securityGroup],
      memorySize: 256,
      environment: {
        SEARCH_ENDPOINT: search.endpoint,
        DATABASE_SECRET: databaseSecret.secretArn,
        // Amazon's certificate authorities, which Node.js runtimes ship but no longer load by themselves:
        // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      },
    };
  }

  private commonStatements(scope: Construct): iam.PolicyStatement[] {
    const { search, databaseSecret } = this.props;
    const key = databaseSecret.encryptionKey;
    return [
      search._requestStatement(scope, 'indexing'),
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [databaseSecret.secretArn] }),
      ...key ? [new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this).region}.${Aws.URL_SUFFIX}` } },
      })] : [],
    ];
  }
}
