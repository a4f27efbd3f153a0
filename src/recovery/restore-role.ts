import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { createRole, keyRights } from './backup-role';
import { Right } from '../grant-rights';

/** What AWS Backup's tests restore to begins with the first; the procedure's commands begin it with the second. */
export const RESTORED_NAMES = ['awsbackup-restore-test-', 'restored-'];

const WILDCARDS = 'What is restored gets its name then, behind a fixed beginning, from backups whose names AWS made: what AWS Backup documents, '
  + 'https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html, narrowed to this account and region and to such names';

/**
 * The role with which AWS Backup restores databases, tables and buckets in the region of its stack. It writes to and deletes only what it restored:
 * nothing that an app uses has such a name.
 */
export function createRestoreRole(scope: Construct, id: string, keyArns: readonly string[]): iam.Role {
  return createRole(scope, id, 'Restores', [
    ...databaseRights(scope),
    ...tableRights(scope),
    ...bucketRights(scope),
    ...keyRights(keyArns, [
      'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo',
    ]),
  ], WILDCARDS);
}

function databaseRights(scope: Construct): Right[] {
  const arn = (kind: string, name: string) => Stack.of(scope).formatArn({
    service: 'rds', resource: kind, resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const restored = RESTORED_NAMES.flatMap(name => [arn('db', `${name}*`), arn('cluster', `${name}*`)]);
  const described = ['db', 'cluster', 'snapshot', 'cluster-snapshot'].map(kind => arn(kind, '*'));
  return [
    {
      actions: ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:RestoreDBClusterFromSnapshot', 'rds:CreateDBInstance'],
      resources: [
        ...restored, ...['snapshot', 'cluster-snapshot'].map(kind => arn(kind, 'awsbackup:*')), ...['subgrp', 'og', 'pg', 'cluster-pg'].map(kind => arn(kind, '*')),
      ],
    },
    { actions: ['rds:AddTagsToResource', 'rds:DeleteDBCluster', 'rds:DeleteDBInstance'], resources: restored },
    {
      actions: [
        'rds:DescribeDBClusterSnapshots', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances', 'rds:DescribeDBSnapshots', 'rds:ListTagsForResource',
      ],
      resources: described,
    },
  ];
}

function tableRights(scope: Construct): Right[] {
  const arn = (name: string) => Stack.of(scope).formatArn({ service: 'dynamodb', resource: 'table', resourceName: name });
  return [
    {
      actions: [
        'dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query',
        'dynamodb:RestoreTableFromAwsBackup', 'dynamodb:RestoreTableFromBackup', 'dynamodb:Scan', 'dynamodb:UpdateItem',
      ],
      resources: RESTORED_NAMES.map(name => arn(`${name}*`)),
    },
    { actions: ['dynamodb:RestoreTableFromBackup'], resources: [arn('*/backup/*')] },
  ];
}

function bucketRights(scope: Construct): Right[] {
  const restored = RESTORED_NAMES.map(name => `arn:${Stack.of(scope).partition}:s3:::${name}*`);
  return [
    {
      actions: [
        's3:CreateBucket', 's3:GetBucketLocation', 's3:GetBucketOwnershipControls', 's3:GetBucketVersioning', 's3:ListBucket', 's3:ListBucketVersions',
        's3:PutBucketOwnershipControls', 's3:PutBucketVersioning',
      ],
      resources: restored,
    },
    {
      actions: [
        's3:DeleteObject', 's3:GetObject', 's3:GetObjectAcl', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionAcl', 's3:ListMultipartUploadParts',
        's3:PutObject', 's3:PutObjectAcl', 's3:PutObjectTagging', 's3:PutObjectVersionAcl',
      ],
      resources: restored.map(arn => `${arn}/*`),
    },
  ];
}
