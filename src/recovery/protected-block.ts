import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AppTable, PostgresDatabase } from '../database';
import { AppBucket } from '../storage';

/** As AWS Backup names types of resources. */
export enum ProtectedType {
  AURORA = 'Aurora',
  DYNAMODB = 'DynamoDB',
  RDS = 'RDS',
  S3 = 'S3',
}

/** A block as backups see it. */
export interface ProtectedBlock {
  readonly block: Construct;
  readonly type: ProtectedType;
  readonly arn: string;
  readonly encryptionKey?: kms.IKey;
}

export function databaseAsProtected(block: PostgresDatabase): ProtectedBlock {
  return { block, type: block.instance ? ProtectedType.RDS : ProtectedType.AURORA, arn: block.databaseArn!, encryptionKey: block.encryptionKey };
}

export function tableAsProtected(block: AppTable): ProtectedBlock {
  return { block, type: ProtectedType.DYNAMODB, arn: block.tableArn, encryptionKey: block.encryptionKey };
}

export function bucketAsProtected(block: AppBucket): ProtectedBlock {
  return { block, type: ProtectedType.S3, arn: block.bucketArn, encryptionKey: block.encryptionKey };
}
