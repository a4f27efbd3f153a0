import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { AppTableIndex, AppTableProps } from './app-table-props';

const { STRING } = dynamodb.AttributeType;

/** Keys of a table and of its indexes. */
export interface AppTableSchema {
  readonly partitionKey: dynamodb.Attribute;
  readonly sortKey?: dynamodb.Attribute;
  readonly indexes: AppTableIndex[];
}

/** The keys that are meant by what was given. */
export function appTableSchema(props: AppTableProps): AppTableSchema {
  return {
    partitionKey: props.partitionKey ?? { name: 'PK', type: STRING },
    sortKey: props.sortKey ?? (props.partitionKey ? undefined : { name: 'SK', type: STRING }),
    indexes: props.indexes
      ?? [{ indexName: 'GSI1', partitionKey: { name: 'GSI1PK', type: STRING }, sortKey: { name: 'GSI1SK', type: STRING } }],
  };
}
