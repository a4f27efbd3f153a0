import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { AppTableProps } from './app-table-props';
import { tableRights } from './app-table-rights';
import { appTableSchema } from './app-table-schema';
import { recoversByDefault, validateAppTable } from './app-table-validation';
import { createTableAlarms, tableWidgets } from './app-table-watch';
import { EnvironmentProfile } from '../environment';
import { grantRights } from '../grant-rights';
import { IWatched } from '../observability';

const MINUTE = Duration.minutes(1);

/**
 * A DynamoDB table for one app: `PK` and `SK`, an index, on demand, restorable and protected as the environment asks for; or a table that exists
 * already, which is used and watched in the same way and never created, changed or replaced.
 *
 * CloudFormation knows the table as AWS::DynamoDB::GlobalTable, so that a replica in another region can be added without replacing it.
 */
export class AppTable extends Construct implements IWatched {
  /** The table. Of one that exists already, only a reference. */
  public readonly table: dynamodb.ITableV2;
  /** Name of the table. */
  public readonly tableName: string;
  /** ARN of the table. */
  public readonly tableArn: string;
  /** Names of the indexes that the app reads. */
  public readonly indexNames: string[];
  /** Customer managed key of the table; undefined where it is encrypted with a key of AWS's. */
  public readonly encryptionKey?: kms.IKey;
  /** Whether the table can be restored to any second of its recovery period. Of one that exists already it is not known. */
  public readonly pointInTimeRecovery: boolean;
  /** Alarms of the table. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly profile: EnvironmentProfile;

  constructor(scope: Construct, id: string, private readonly props: AppTableProps = {}) {
    super(scope, id);
    validateAppTable(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    const { existing } = props;

    this.indexNames = existing?.indexNames ?? appTableSchema(props).indexes.map(({ indexName }) => indexName);
    this.encryptionKey = existing ? existing.encryptionKey : props.encryptionKey;
    this.pointInTimeRecovery = !existing && (props.pointInTimeRecovery ?? recoversByDefault(this.profile));
    this.table = existing ? this.importTable(existing.tableName) : this.createTable();
    this.tableName = this.table.tableName;
    this.tableArn = this.table.tableArn;
    this.alarms = props.alarms ?? this.profile.alarms ? createTableAlarms(this, this) : [];
  }

  /**
   * Lets somebody of this account read the table and its indexes. A role of this app gets a managed policy.
   *
   * @param grantee who may read
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, this.rights(false));
  }

  /**
   * Lets somebody of this account read and write the items of the table, in transactions too, and read its indexes; neither change nor delete the table
   * itself. A role of this app gets a managed policy.
   *
   * @param grantee who may read and write
   */
  public grantReadWrite(grantee: iam.IGrantable): iam.Grant {
    return grantRights(this, grantee, this.rights(true));
  }

  /**
   * A metric of the table, as a sum for each minute.
   *
   * @param metricName its name, such as `ConsumedReadCapacityUnits`
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
   */
  public metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.table.metric(metricName, { statistic: 'Sum', period: MINUTE, ...options });
  }

  /** Capacity, throttles, response time and errors. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return tableWidgets(this);
  }

  private rights(writes: boolean) {
    const { tableArn, indexNames, encryptionKey } = this;
    return tableRights({ tableArn, indexNames, encryptionKey, region: Stack.of(this).region }, writes);
  }

  private importTable(tableName: string): dynamodb.ITableV2 {
    return dynamodb.TableV2.fromTableAttributes(this, 'Table', { tableName, encryptionKey: this.encryptionKey, globalIndexes: this.indexNames });
  }

  private createTable(): dynamodb.TableV2 {
    const { props, profile } = this;
    const { partitionKey, sortKey, indexes } = appTableSchema(props);
    const limits = { maxReadRequestUnits: props.maximumReadRequestUnits, maxWriteRequestUnits: props.maximumWriteRequestUnits };
    const table = new dynamodb.TableV2(this, 'Table', {
      partitionKey,
      sortKey,
      globalSecondaryIndexes: indexes.map((index): dynamodb.GlobalSecondaryIndexPropsV2 => ({
        indexName: index.indexName, partitionKey: index.partitionKey, sortKey: index.sortKey, ...limits,
      })),
      billing: dynamodb.Billing.onDemand(limits),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: this.pointInTimeRecovery, recoveryPeriodInDays: props.recoveryPeriodDays },
      deletionProtection: props.deletionProtection ?? profile.deletionProtection,
      removalPolicy: props.removalPolicy ?? profile.removalPolicyWithoutSnapshot,
      encryption: this.encryption(),
      timeToLiveAttribute: props.timeToLiveAttribute,
      dynamoStream: props.stream,
      contributorInsightsSpecification: props.contributorInsights ? { enabled: true, mode: props.contributorInsights } : undefined,
    });
    this.encryptInAnyRegion(table);
    return table;
  }

  private encryption(): dynamodb.TableEncryptionV2 {
    if (!this.encryptionKey) return dynamodb.TableEncryptionV2.dynamoOwnedKey();
    return this.regionIsKnown() ? dynamodb.TableEncryptionV2.customerManagedKey(this.encryptionKey) : dynamodb.TableEncryptionV2.awsManagedKey();
  }

  /** The L2 refuses a key where it does not know the region. There the table has no replicas, so that the only entry is its own. */
  private encryptInAnyRegion(table: dynamodb.TableV2): void {
    if (!this.encryptionKey || this.regionIsKnown()) return;
    const resource = table.node.defaultChild as dynamodb.CfnGlobalTable;
    resource.addPropertyOverride('Replicas.0.SSESpecification.KMSMasterKeyId', this.encryptionKey.keyArn);
  }

  private regionIsKnown(): boolean {
    return !Token.isUnresolved(Stack.of(this).region);
  }
}
