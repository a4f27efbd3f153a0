import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EnvironmentProfile } from '../environment';

/** A further key by which items of an `AppTable` are found. All attributes are projected into it. */
export interface AppTableIndex {
  /** Name of the index: letters, digits, `_`, `.` and `-`, 3 to 255. */
  readonly indexName: string;
  /** Attribute by which items are grouped. */
  readonly partitionKey: dynamodb.Attribute;
  /**
   * Attribute by which items of a group are sorted.
   * @default - none
   */
  readonly sortKey?: dynamodb.Attribute;
}

/** A DynamoDB table of this account and region that exists already. It is used as it is: nothing of it is created, changed or replaced. */
export interface ExistingTable {
  /** Name of the table: letters, digits, `_`, `.` and `-`, 3 to 255. */
  readonly tableName: string;
  /**
   * Customer managed key that encrypts the table. Its policy has to leave access to IAM, as the key policies of the console do.
   * @default - the table is encrypted with a key of AWS's, which needs no rights
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Names of the table's indexes that the app reads.
   * @default - those of `indexes`
   */
  readonly indexNames?: string[];
}

/** Properties of an `AppTable`. */
export interface AppTableProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * A table that exists already, instead of a new one. Keys, indexes and `timeToLiveAttribute` may stand beside it, because they say what
   * every environment's table is like; what only a new table can be given is refused. A table that this block made before is then removed from
   * the stack, and deleted where its removal policy says so.
   *
   * To use it in one environment: `existing: profile.name === 'production' ? { tableName: 'game' } : undefined`.
   * @default - a new table
   */
  readonly existing?: ExistingTable;
  /**
   * Attribute by which items are grouped. CloudFormation replaces the table with an empty one when it changes.
   * @default - 'PK', a string
   */
  readonly partitionKey?: dynamodb.Attribute;
  /**
   * Attribute by which items of a group are sorted. CloudFormation replaces the table with an empty one when it changes.
   * @default - 'SK', a string; none where `partitionKey` is given
   */
  readonly sortKey?: dynamodb.Attribute;
  /**
   * Further keys by which items are found, at most 20.
   *
   * DynamoDB makes or deletes one index at a time: of a table that exists, add or remove one in each deployment, and change one by
   * adding it under another name first. CloudFormation fails otherwise, and rolls back.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-globaltable.html
   * @default - one, 'GSI1' with 'GSI1PK' and 'GSI1SK', both strings
   */
  readonly indexes?: AppTableIndex[];
  /**
   * Most read request units a second, 1 or more, for the table and again for each of its indexes: a guard against costs. Beyond it reads are throttled.
   * @default - no limit but the account's
   */
  readonly maximumReadRequestUnits?: number;
  /**
   * Most write request units a second, 1 or more, for the table and again for each of its indexes: a guard against costs. Beyond it writes are throttled.
   * @default - no limit but the account's
   */
  readonly maximumWriteRequestUnits?: number;
  /**
   * Whether the table can be restored to any second of the recovery period. It costs about 0.20 USD a month for each GB of the table, however long
   * the period is. When such a table is deleted, DynamoDB keeps a backup of it for 35 days at no cost.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
   * @default - yes, except where the profile's removal policy destroys: what goes with its stack needs no way back
   */
  readonly pointInTimeRecovery?: boolean;
  /**
   * Days that can be gone back, 1 to 35.
   * @default 35
   */
  readonly recoveryPeriodDays?: number;
  /**
   * Whether the table refuses deletion.
   * @default - the profile's
   */
  readonly deletionProtection?: boolean;
  /**
   * What happens to the table when it is removed from the stack: DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE.
   * @default - the profile's; SNAPSHOT, of which CloudFormation takes none here, destroys, and point-in-time recovery leaves its backup
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Customer managed key that encrypts the table.
   * @default - DynamoDB's own key, which costs nothing
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Attribute with the second since 1970 after which an item is deleted, within a few days and at no cost.
   * @default - items stay
   */
  readonly timeToLiveAttribute?: string;
  /**
   * What the table's stream of changes holds.
   * @default - there is no stream
   */
  readonly stream?: dynamodb.StreamViewType;
  /**
   * Whether CloudWatch lists the keys that are used most, or only those that are throttled, for the table and for each index. It costs for
   * each event.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
   * @default - off
   */
  readonly contributorInsights?: dynamodb.ContributorInsightsMode;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
