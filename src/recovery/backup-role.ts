import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ProtectedBlock, ProtectedType } from './protected-block';
import { acknowledgeWildcards } from '../acknowledge';
import { Right } from '../grant-rights';

/** What a role of AWS Backup's reaches. */
export interface BackupRoleOptions {
  readonly blocks: readonly ProtectedBlock[];
  /** Vault that backups are copied to. */
  readonly copyVaultArn?: string;
  /** Keys of blocks and vaults. */
  readonly keyArns: readonly string[];
}

const WILDCARDS = 'Snapshots, backups and recovery points have names that AWS makes later, and some calls are not about one resource: what AWS Backup documents, '
  + 'https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html, narrowed to this account and to the blocks that are backed up';

/**
 * The role with which AWS Backup makes, copies and deletes backups of these blocks, and of nothing else. It has the rights of AWS's managed policies for
 * these services, which themselves reach all of an account. It stays with the vault: without it, backups would not expire.
 */
export function createBackupRole(scope: Construct, id: string, { blocks, copyVaultArn, keyArns }: BackupRoleOptions): iam.Role {
  const arnsOf = (...types: ProtectedType[]) => blocks.filter(({ type }) => types.includes(type)).map(({ arn }) => arn);
  const [databases, tables, buckets] = [arnsOf(ProtectedType.RDS, ProtectedType.AURORA), arnsOf(ProtectedType.DYNAMODB), arnsOf(ProtectedType.S3)];
  const role = createRole(scope, id, 'Backs up', [
    ...vaultRights(scope, copyVaultArn),
    ...keyRights(keyArns, ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey']),
    ...databases.length > 0 ? databaseRights(scope, databases) : [],
    ...tables.length > 0 ? tableRights(tables) : [],
    ...buckets.length > 0 ? bucketRights(scope, buckets) : [],
  ], WILDCARDS);
  for (const part of [role, role.node.findChild('Policy') as iam.ManagedPolicy]) part.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return role;
}

/** A role for AWS Backup, with its rights in one managed policy. */
export function createRole(scope: Construct, id: string, does: string, rights: readonly Right[], wildcards: string): iam.Role {
  const role = new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'), description: `${does} what belongs to ${scope.node.path}` });
  const policy = new iam.ManagedPolicy(role, 'Policy', { roles: [role], statements: rights.map(right => new iam.PolicyStatement(right)) });
  acknowledgeWildcards(policy, [...new Set(rights.flatMap(({ resources }) => resources).filter(arn => arn.includes('*')))], wildcards);
  return role;
}

/** Rights to use keys, which services do through grants too. */
export function keyRights(keyArns: readonly string[], actions: string[]): Right[] {
  if (keyArns.length === 0) return [];
  const resources = [...keyArns];
  return [
    { actions, resources },
    { actions: ['kms:CreateGrant'], resources, conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
  ];
}

function vaultRights(scope: Construct, copyVaultArn: string | undefined): Right[] {
  return [
    { actions: ['backup:TagResource'], resources: [inAnyRegion(scope, 'backup', 'recovery-point', '*')] },
    // For the tags that a backup gets from what it is of.
    { actions: ['tag:GetResources'], resources: ['*'] },
    ...copyVaultArn === undefined ? [] : [
      { actions: ['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], resources: [copyVaultArn] },
      // Of a recovery point, whose ARN is that of a snapshot for some services.
      { actions: ['backup:CopyFromBackupVault'], resources: ['*'], conditions: { 'ForAllValues:StringEquals': { 'backup:CopyTargets': copyVaultArn } } },
    ],
  ];
}

function databaseRights(scope: Construct, databases: string[]): Right[] {
  const [snapshots, clusterSnapshots] = ['snapshot', 'cluster-snapshot'].map(kind => inAnyRegion(scope, 'rds', kind, 'awsbackup:*'));
  return [
    { actions: ['rds:CreateDBSnapshot', 'rds:CreateDBClusterSnapshot'], resources: [...databases, snapshots, clusterSnapshots] },
    {
      actions: ['rds:AddTagsToResource', 'rds:CopyDBSnapshot', 'rds:CopyDBClusterSnapshot', 'rds:DeleteDBSnapshot', 'rds:DeleteDBClusterSnapshot'],
      resources: [snapshots, clusterSnapshots],
    },
    {
      actions: [
        'rds:DescribeDBClusterAutomatedBackups', 'rds:DescribeDBClusterSnapshots', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots', 'rds:ListTagsForResource',
      ],
      resources: ['db', 'cluster', 'snapshot', 'cluster-snapshot', 'cluster-auto-backup'].map(kind => inAnyRegion(scope, 'rds', kind, '*')),
    },
  ];
}

function tableRights(tables: string[]): Right[] {
  return [
    { actions: ['dynamodb:CreateBackup', 'dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource', 'dynamodb:StartAwsBackupJob'], resources: tables },
    { actions: ['dynamodb:DeleteBackup', 'dynamodb:DescribeBackup'], resources: tables.map(arn => `${arn}/backup/*`) },
  ];
}

function bucketRights(scope: Construct, buckets: string[]): Right[] {
  const { partition } = Stack.of(scope);
  return [
    {
      actions: [
        's3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketNotification', 's3:GetBucketTagging', 's3:GetBucketVersioning', 's3:GetInventoryConfiguration',
        's3:ListBucket', 's3:ListBucketVersions', 's3:ListTagsForResource', 's3:PutBucketNotification', 's3:PutInventoryConfiguration',
      ],
      resources: buckets,
    },
    {
      actions: ['s3:GetObject', 's3:GetObjectAcl', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
      resources: buckets.map(arn => `${arn}/*`),
    },
    { actions: ['cloudwatch:GetMetricData', 'events:ListRules', 's3:ListAllMyBuckets'], resources: ['*'] },
    {
      actions: [
        'events:DeleteRule', 'events:DescribeRule', 'events:DisableRule', 'events:EnableRule', 'events:ListTargetsByRule', 'events:PutRule', 'events:PutTargets',
        'events:RemoveTargets',
      ],
      resources: [`arn:${partition}:events:*:${Stack.of(scope).account}:rule/AwsBackupManagedRule*`],
    },
  ];
}

/** Resources of this account. Copies are made from one region to another. */
export function inAnyRegion(scope: Construct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, region: '*', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
