/* Brings changed rows of the database of a hand-written app into its search index: a relay, a queue, and an indexer. */
import { join } from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DATABASE_PORT } from './credentials';
import { Database } from './database';
import { allow, createQueue, createSecurityGroup, Handler, HandlerProps, mayUseKeyThrough, MINUTE, Platform } from './foundation';
import { graphFromZero } from './monitoring';
import { Search } from './search';

export interface SearchIngestionProps {
  readonly platform: Platform;
  readonly vpc: ec2.IVpc;
  readonly database: Database;
  readonly search: Search;
}

export class SearchIngestion extends Construct {
  private readonly refused: sqs.Queue;
  private readonly changes: sqs.Queue;
  private readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, private readonly props: SearchIngestionProps) {
    super(scope, id);
    const { platform: { key }, vpc } = props;
    this.refused = createQueue(this, 'RefusedChangesQueue', key, { retentionPeriod: Duration.days(14) });
    this.changes = createQueue(this, 'Changes', key, {
      retentionPeriod: Duration.days(4), visibilityTimeout: Duration.minutes(5), deadLetterQueue: { queue: this.refused, maxReceiveCount: 5 },
    });
    this.securityGroup = createSecurityGroup(this, 'SecurityGroup', vpc, 'Search ingestion');
    this.allowWays();
    const indexer = this.createIndexer();
    const relay = this.createRelay();
    this.watch(indexer, relay);
  }

  private allowWays(): void {
    const { database, search } = this.props;
    this.securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'OpenSearch, Secrets Manager and SQS');
    this.securityGroup.connections.allowTo(database, ec2.Port.tcp(DATABASE_PORT), 'Search ingestion');
    this.securityGroup.connections.allowTo(search, ec2.Port.HTTPS, 'Search ingestion');
  }

  private createHandler(id: string, { environment, ...options }: Pick<HandlerProps, 'bundle' | 'description' | 'timeout' | 'environment' | 'retryAttempts'>): Handler {
    const { platform, vpc, database, search } = this.props;
    const secret = database.applicationSecret.secretArn;
    const handler = new Handler(this, id, {
      ...options,
      platform,
      logRemovalPolicy: RemovalPolicy.DESTROY,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [this.securityGroup],
      statements: [
        search.requests('Get', 'Head', 'Post', 'Put', 'Delete'),
        allow(['secretsmanager:GetSecretValue'], [secret]),
        mayUseKeyThrough(this, 'secretsmanager', platform.key, ['kms:Decrypt']),
      ],
      environment: { SEARCH_ENDPOINT: search.endpoint, DATABASE_SECRET: secret, NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem', ...environment },
    });
    const access = search.grantAccess(handler, handler.role, 'indexing');
    access.node.addDependency(search.indexes);
    handler.function.node.addDependency(access);
    return handler;
  }

  private createIndexer(): Handler {
    const indexer = this.createHandler('Indexer', {
      bundle: join('search', 'search-indexer.lambda'), description: 'Brings changed rows into the search index', timeout: Duration.seconds(50),
    });
    this.changes.grantConsumeMessages(indexer.policy);
    indexer.function.addEventSource(new SqsEventSource(this.changes, {
      batchSize: 500, maxBatchingWindow: Duration.seconds(1), maxConcurrency: 2, reportBatchItemFailures: true,
    }));
    return indexer;
  }

  private createRelay(): Handler {
    const relay = this.createHandler('Relay', {
      bundle: join('search', 'search-relay.lambda'),
      description: 'Moves changes from the outbox to the queue each minute, and rebuilds indexes on command',
      timeout: Duration.minutes(15),
      retryAttempts: 0,
      environment: { QUEUE_URL: this.changes.queueUrl, PAUSE: '0' },
    });
    this.changes.grantSendMessages(relay.policy);
    relay.function.node.addDependency(...this.props.database.ready);
    new events.Rule(this, 'Schedule', {
      description: 'Search ingestion',
      schedule: events.Schedule.rate(MINUTE),
      targets: [new targets.LambdaFunction(relay.function, { maxEventAge: MINUTE, retryAttempts: 0 })],
    });
    return relay;
  }

  private watch(indexer: Handler, relay: Handler): void {
    const { monitoring } = this.props.platform;
    const period = MINUTE;
    const refused = this.refused.metricApproximateNumberOfMessagesVisible({ period });
    const oldest = this.changes.metricApproximateAgeOfOldestMessage({ period });
    const errors = [relay, indexer].map(handler => handler.function.metricErrors({ period }));
    const values = { logs: indexer.logGroup.logGroupName, failed: this.refused.queueArn };
    monitoring.addAlarms(this, {
      RefusedChanges: { metric: refused, threshold: 0, periods: 1, page: 'search-changes-refused', values },
      LateChanges: { metric: oldest, threshold: 900, periods: 15, page: 'search-changes-late', values },
      RelayErrors: { metric: errors[0], threshold: 0, periods: 3, page: 'search-relay-errors', values: { logs: relay.logGroup.logGroupName } },
      IndexerErrors: { metric: errors[1], threshold: 0, periods: 3, page: 'search-indexer-errors', values },
    });
    monitoring.addRow('Search ingestion',
      graphFromZero('Indexing: oldest change (s)', 8, [oldest.with({ label: 'oldest change' })]),
      graphFromZero('Indexing: refused changes', 8, [refused.with({ label: 'refused' })]),
      graphFromZero('Indexing: errors', 8, [errors[0].with({ label: 'relay' }), errors[1].with({ label: 'indexer' })]));
  }
}
