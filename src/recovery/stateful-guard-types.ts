import { createHash } from 'crypto';
import { REPLACING_PROPERTIES } from './stateful-guard-schema';

/** Types that hold what cannot be made again, or that it cannot be read without: guarded unless said otherwise. */
export const STATEFUL_TYPES = [
  'AWS::AmazonMQ::Broker',
  'AWS::Amplify::App',
  'AWS::Backup::BackupVault',
  'AWS::Backup::LogicallyAirGappedBackupVault',
  'AWS::Cassandra::Table',
  'AWS::CodeCommit::Repository',
  'AWS::Cognito::IdentityPool',
  'AWS::Cognito::UserPool',
  'AWS::DocDB::DBCluster',
  'AWS::DSQL::Cluster',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::EC2::Volume',
  'AWS::ECR::Repository',
  'AWS::EFS::FileSystem',
  'AWS::Elasticsearch::Domain',
  'AWS::FSx::FileSystem',
  'AWS::Kinesis::Stream',
  'AWS::KMS::Key',
  'AWS::KMS::ReplicaKey',
  'AWS::MemoryDB::Cluster',
  'AWS::MSK::Cluster',
  'AWS::Neptune::DBCluster',
  'AWS::OpenSearchServerless::Collection',
  'AWS::OpenSearchService::Domain',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::RDS::GlobalCluster',
  'AWS::Redshift::Cluster',
  'AWS::Route53::HostedZone',
  'AWS::S3::Bucket',
  'AWS::S3Express::DirectoryBucket',
  'AWS::S3Tables::TableBucket',
  'AWS::SecretsManager::Secret',
  'AWS::Timestream::Table',
] as const;

/** Types that a team may add: what they hold comes back by itself, but a new one has another address or interrupts. */
const TYPES_BY_CHOICE = [
  'AWS::CloudFront::Distribution',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::EC2::EIP',
  'AWS::ECS::Service',
  'AWS::ElastiCache::CacheCluster',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SSM::Parameter',
] as const;

/** Types whose create-only properties the table has. */
export const KNOWN_TYPES: readonly string[] = [...STATEFUL_TYPES, ...TYPES_BY_CHOICE];

/** What create-only properties refer to: a new subnet group means a new database in it. */
export const SUPPORTING_TYPES: readonly string[] = [
  'AWS::DocDB::DBSubnetGroup',
  'AWS::ElastiCache::SubnetGroup',
  'AWS::MemoryDB::SubnetGroup',
  'AWS::Neptune::DBSubnetGroup',
  'AWS::RDS::DBSubnetGroup',
  'AWS::Redshift::ClusterSubnetGroup',
];

/** What becomes of properties whose schema says that a change may replace; a test holds that each is in one of the two. */
export interface ConditionalProperties {
  /** Guarded: another value means other data, or a new resource. */
  readonly guarded: readonly string[];
  /** Changed in place, or refused, in the updates that a team makes of a running one. */
  readonly inPlace: readonly string[];
}

export const CONDITIONAL_PROPERTIES: { readonly [type: string]: ConditionalProperties } = {
  'AWS::CodeCommit::Repository': { guarded: [], inPlace: ['Triggers'] },
  'AWS::ElastiCache::CacheCluster': {
    guarded: [],
    inPlace: ['AZMode', 'NumCacheNodes', 'PreferredAvailabilityZone', 'PreferredAvailabilityZones'],
  },
  'AWS::ElastiCache::ReplicationGroup': { guarded: ['NodeGroupConfiguration', 'NumNodeGroups'], inPlace: ['AuthToken'] },
  'AWS::Elasticsearch::Domain': {
    guarded: ['AdvancedSecurityOptions', 'ElasticsearchVersion', 'EncryptionAtRestOptions', 'NodeToNodeEncryptionOptions'],
    inPlace: [],
  },
  'AWS::RDS::DBCluster': { guarded: ['Engine', 'GlobalClusterIdentifier', 'MasterUsername'], inPlace: [] },
  'AWS::RDS::DBInstance': {
    guarded: [
      'AvailabilityZone', 'DBClusterSnapshotIdentifier', 'DBSnapshotIdentifier', 'Engine', 'RestoreTime', 'SourceDBClusterIdentifier',
      'SourceDBInstanceAutomatedBackupsArn', 'SourceDBInstanceIdentifier', 'SourceDbiResourceId', 'UseLatestRestorableTime',
    ],
    inPlace: [
      'AutoMinorVersionUpgrade', 'BackupRetentionPeriod', 'DBParameterGroupName', 'MultiAZ', 'PerformanceInsightsKMSKeyId',
      'PreferredMaintenanceWindow', 'StorageType',
    ],
  },
};

/**
 * What schemas leave out and AWS's pages say.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-dynamodb-lsi.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-opensearchservice-domain.html
 */
const NOT_IN_SCHEMAS: { readonly [type: string]: readonly string[] } = {
  'AWS::DynamoDB::Table': ['LocalSecondaryIndexes'],
  'AWS::OpenSearchService::Domain': ['EncryptionAtRestOptions', 'EngineVersion', 'VPCOptions'],
};

/** Of these, giving one to a resource that had none is a change in place. */
const ADDED_IN_PLACE: { readonly [type: string]: readonly string[] } = {
  'AWS::OpenSearchService::Domain': ['EncryptionAtRestOptions', 'VPCOptions'],
};

/** Of these, only losing it replaces the resource. */
const CHANGED_IN_PLACE: { readonly [type: string]: readonly string[] } = {
  'AWS::OpenSearchService::Domain': ['VPCOptions'],
};

/**
 * Properties that are changed in place only where the resource's UpdatePolicy says so.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
 */
const UPDATE_POLICIES: { readonly [type: string]: { readonly policy: string; readonly properties: readonly string[] } } = {
  'AWS::ElastiCache::ReplicationGroup': { policy: 'UseOnlineResharding', properties: ['NodeGroupConfiguration', 'NumNodeGroups'] },
  'AWS::Elasticsearch::Domain': { policy: 'EnableVersionUpgrade', properties: ['ElasticsearchVersion'] },
  'AWS::OpenSearchService::Domain': { policy: 'EnableVersionUpgrade', properties: ['EngineVersion'] },
};

/** Properties that hold a version which their service never lowers. */
const VERSION_PROPERTIES: { readonly [type: string]: string } = {
  'AWS::ElastiCache::CacheCluster': 'EngineVersion',
  'AWS::ElastiCache::ReplicationGroup': 'EngineVersion',
  'AWS::Elasticsearch::Domain': 'ElasticsearchVersion',
  'AWS::MSK::Cluster': 'KafkaVersion',
  'AWS::Neptune::DBCluster': 'EngineVersion',
  'AWS::OpenSearchService::Domain': 'EngineVersion',
  'AWS::RDS::DBCluster': 'EngineVersion',
  'AWS::RDS::DBInstance': 'EngineVersion',
  'AWS::RDS::GlobalCluster': 'EngineVersion',
};

/** Paths of the properties whose change the guard refuses. */
export function guardedProperties(type: string): readonly string[] {
  const createOnly = REPLACING_PROPERTIES[type]?.createOnly ?? [];
  return [...createOnly, ...NOT_IN_SCHEMAS[type] ?? [], ...CONDITIONAL_PROPERTIES[type]?.guarded ?? []].sort();
}

/** Whether CloudFormation's schema says no more than that a change may replace the resource. */
export function isConditional(type: string, property: string): boolean {
  return CONDITIONAL_PROPERTIES[type]?.guarded.includes(property) ?? false;
}

/** The policy with which CloudFormation changes this property in place. */
export function updatePolicy(type: string, property: string): string | undefined {
  const known = UPDATE_POLICIES[type];
  return known?.properties.includes(property) ? known.policy : undefined;
}

/** Whether a resource can be given what it had none of. */
export function isAddedInPlace(type: string, property: string): boolean {
  return ADDED_IN_PLACE[type]?.includes(property) ?? false;
}

/** Whether it only matters that the property is there. */
export function isChangedInPlace(type: string, property: string): boolean {
  return CHANGED_IN_PLACE[type]?.includes(property) ?? false;
}

/** The property that holds the version of its engine. */
export function versionProperty(type: string): string | undefined {
  return VERSION_PROPERTIES[type];
}

/** Tells whether an entry was written with the same list of properties: only then has one that it lacks been added since. */
export function propertiesDigest(type: string): string {
  return createHash('sha256').update(guardedProperties(type).join()).digest('hex').slice(0, 8);
}
