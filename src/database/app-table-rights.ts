import { Aws } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Right } from '../grant-rights';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:ConditionCheckItem', 'dynamodb:DescribeTable'];
const READ_INDEX = ['dynamodb:Query', 'dynamodb:Scan'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];
const DECRYPT = ['kms:Decrypt', 'kms:DescribeKey'];
const ENCRYPT = ['kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'];

/** What rights are given on. */
export interface TableReach {
  readonly tableArn: string;
  readonly indexNames: string[];
  readonly encryptionKey?: kms.IKey;
  readonly region: string;
}

/**
 * Rights on the items of one table and of its indexes. Transactions have no actions of their own: they need those of the requests they are made of.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
export function tableRights({ tableArn, indexNames, encryptionKey, region }: TableReach, writes: boolean): Right[] {
  return [
    { actions: writes ? [...READ, ...WRITE] : READ, resources: [tableArn] },
    ...indexNames.length > 0 ? [{ actions: READ_INDEX, resources: indexNames.map(name => `${tableArn}/index/${name}`) }] : [],
    ...encryptionKey ? [{
      actions: writes ? [...DECRYPT, ...ENCRYPT] : DECRYPT,
      resources: [encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${Aws.URL_SUFFIX}` } },
    }] : [],
  ];
}
