/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { AttributeValue, DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { MigrationLock, MigrationLog, MigrationRecord } from './migration-record';
import { digest } from './migration-task';

const LOCK = 'lock';

/** The log as a DynamoDB table: an item for each version, and one that is the lock. */
export class MigrationTable implements MigrationLog {
  constructor(private readonly client: Pick<DynamoDBClient, 'send'>, private readonly name: string) {}

  public async find(version: string): Promise<MigrationRecord | undefined> {
    return this.get(keyOf(version));
  }

  public async all(): Promise<MigrationRecord[]> {
    const records: MigrationRecord[] = [];
    let start: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.client.send(new ScanCommand({
        TableName: this.name, ConsistentRead: true, ExclusiveStartKey: start,
      }));
      records.push(...Items.filter(({ id }) => id.S !== LOCK).map(item => fromItem<MigrationRecord>(item)));
      start = LastEvaluatedKey;
    } while (start);
    return records;
  }

  public async write(record: MigrationRecord): Promise<void> {
    await this.client.send(new PutItemCommand({ TableName: this.name, Item: toItem(keyOf(record.version), record) }));
  }

  public async take(lock: MigrationLock): Promise<MigrationLock> {
    for (;;) {
      const isTaken = await unlessChanged(this.client.send(new PutItemCommand({
        TableName: this.name, Item: toItem(LOCK, lock), ConditionExpression: 'attribute_not_exists(id)',
      })));
      // Nothing there: whoever held it has given it back in between.
      const holder = isTaken ? lock : await this.get<MigrationLock>(LOCK);
      if (holder) return holder;
    }
  }

  public async replace(lock: MigrationLock, by: MigrationLock): Promise<boolean> {
    return unlessChanged(this.client.send(new PutItemCommand({ TableName: this.name, Item: toItem(LOCK, by), ...isStill(lock) })));
  }

  public async release(lock: MigrationLock): Promise<void> {
    await unlessChanged(this.client.send(new DeleteItemCommand({ TableName: this.name, Key: { id: { S: LOCK } }, ...isStill(lock) })));
  }

  private async get<T extends MigrationRecord | MigrationLock>(id: string): Promise<T | undefined> {
    const { Item: item } = await this.client.send(new GetItemCommand({ TableName: this.name, Key: { id: { S: id } }, ConsistentRead: true }));
    return item && fromItem<T>(item);
  }
}

type Item = Record<string, AttributeValue>;

/** A key has at most 2048 bytes, and a command may be longer. */
function keyOf(version: string): string {
  return `version ${digest(version)}`;
}

function isStill({ owner, revision }: MigrationLock) {
  return {
    ConditionExpression: '#owner = :owner AND #revision = :revision',
    ExpressionAttributeNames: { '#owner': 'owner', '#revision': 'revision' },
    ExpressionAttributeValues: { ':owner': { S: owner }, ':revision': { N: String(revision) } },
  };
}

async function unlessChanged(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    return false;
  }
}

function toItem(id: string, values: object): Item {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return { id: { S: id }, ...Object.fromEntries(known.map(([name, value]) => [name, toAttribute(value)])) };
}

function toAttribute(value: string | number | boolean): AttributeValue {
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'boolean' ? { BOOL: value } : { S: value };
}

function fromItem<T>({ id, ...attributes }: Item): T {
  return Object.fromEntries(Object.entries(attributes).map(([name, { S, N, BOOL }]) => [name, S ?? BOOL ?? Number(N)])) as T;
}
