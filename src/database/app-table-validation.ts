import { RemovalPolicy, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { IConstruct } from 'constructs';
import type { AppTableIndex, AppTableProps, ExistingTable } from './app-table-props';
import { appTableSchema } from './app-table-schema';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { checkBesideExisting, checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkOneOf, checkText, display } from '../validate';

const MAXIMUM_INDEXES = 20;
const NAME = /^[A-Za-z0-9_.-]{3,255}$/;
const NAME_IN_WORDS = 'letters, digits, _, . and -, 3 to 255';
const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];
const OF_NEW_TABLE: (keyof AppTableProps)[] = [
  'maximumReadRequestUnits', 'maximumWriteRequestUnits', 'pointInTimeRecovery', 'recoveryPeriodDays', 'deletionProtection', 'removalPolicy', 'encryptionKey',
  'stream', 'contributorInsights',
];

/** Refuses what DynamoDB would refuse, and what would have no effect. */
export function validateAppTable(where: IConstruct, props: AppTableProps): void {
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkValues(where, props);
  checkSchema(where, props);
  if (props.existing !== undefined && props.existing !== null) checkExisting(where, props, props.existing);
  checkRecovery(where, props);
  checkRemoval(where, props);
}

function checkValues(where: IConstruct, props: AppTableProps): void {
  for (const prop of ['maximumReadRequestUnits', 'maximumWriteRequestUnits'] as const) checkInteger(where, prop, props[prop], 1, Number.MAX_SAFE_INTEGER);
  checkInteger(where, 'recoveryPeriodDays', props.recoveryPeriodDays, 1, 35);
  for (const prop of ['pointInTimeRecovery', 'deletionProtection', 'alarms'] as const) {
    checkKnown(where, prop, props[prop]);
    checkBoolean(where, prop, props[prop]);
  }
  checkOneOf(where, 'removalPolicy', props.removalPolicy, REMOVAL_POLICIES);
  checkOneOf(where, 'stream', props.stream, Object.values(dynamodb.StreamViewType));
  checkOneOf(where, 'contributorInsights', props.contributorInsights, Object.values(dynamodb.ContributorInsightsMode));
  checkText(where, 'timeToLiveAttribute', props.timeToLiveAttribute, /^.{1,255}$/s, 'the name of an attribute, 1 to 255 characters');
}

function checkSchema(where: IConstruct, props: AppTableProps): void {
  checkKnown(where, 'indexes', props.indexes);
  checkList(where, 'indexes', props.indexes);
  const { partitionKey, sortKey, indexes } = appTableSchema(props);
  checkInteger(where, 'number of indexes', indexes.length, 0, MAXIMUM_INDEXES);
  checkAttribute(where, 'partitionKey', partitionKey);
  checkAttribute(where, 'sortKey', sortKey);
  for (const index of indexes) checkIndex(where, index);
  checkDifferent(where, 'indexes', indexes.map(({ indexName }) => indexName));
  for (const key of [{ partitionKey, sortKey }, ...indexes]) checkDifferent(where, 'partitionKey and sortKey', [key.partitionKey.name, key.sortKey?.name]);
  checkTypes(where, [partitionKey, sortKey, ...indexes.flatMap(index => [index.partitionKey, index.sortKey])]);
}

function checkIndex(where: IConstruct, index: AppTableIndex): void {
  checkGiven(where, 'indexes', index, 'an AppTableIndex');
  checkKind(where, 'indexes', index, 'indexName', "an AppTableIndex, such as { indexName: 'GSI1', partitionKey: … }");
  checkGiven(where, 'indexName', index.indexName, NAME_IN_WORDS);
  checkText(where, 'indexName', index.indexName, NAME, NAME_IN_WORDS);
  checkGiven(where, `partitionKey of index ${index.indexName}`, index.partitionKey, 'an attribute');
  checkAttribute(where, `partitionKey of index ${index.indexName}`, index.partitionKey);
  checkAttribute(where, `sortKey of index ${index.indexName}`, index.sortKey);
}

function checkAttribute(where: IConstruct, prop: string, attribute?: dynamodb.Attribute): void {
  if (attribute === undefined || attribute === null) return;
  checkKind(where, prop, attribute, 'name', "an attribute, such as { name: 'PK', type: AttributeType.STRING }");
  checkText(where, `${prop} name`, attribute.name, /^.{1,255}$/s, '1 to 255 characters');
  checkGiven(where, `${prop} type`, attribute.type, 'AttributeType.STRING, NUMBER or BINARY');
  checkOneOf(where, `${prop} type`, attribute.type, Object.values(dynamodb.AttributeType));
}

function checkDifferent(where: IConstruct, prop: string, names: (string | undefined)[]): void {
  const known = names.filter((name): name is string => name !== undefined && !Token.isUnresolved(name));
  const twice = known.find((name, position) => known.indexOf(name) !== position);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: `${prop} have the same name twice.`,
    got: display(twice),
    allowed: 'a name once',
    fix: 'give one of them another name, or leave it out',
  });
}

/** An attribute can be in several keys, of one type. */
function checkTypes(where: IConstruct, attributes: (dynamodb.Attribute | undefined)[]): void {
  const types = new Map<string, dynamodb.AttributeType>();
  for (const attribute of attributes) {
    if (!attribute) continue;
    const before = types.get(attribute.name) ?? attribute.type;
    types.set(attribute.name, attribute.type);
    if (before === attribute.type) continue;
    throw new PlatformError(where, {
      problem: 'an attribute has two types.',
      got: `attribute '${attribute.name}' as ${before} and ${attribute.type}`,
      allowed: 'one type for each attribute of the keys',
      fix: 'give it the same type in every key, or use another attribute',
    });
  }
}

function checkExisting(where: IConstruct, props: AppTableProps, existing: ExistingTable): void {
  checkKind(where, 'existing', existing, 'tableName', "an ExistingTable, such as { tableName: 'game' }");
  checkGiven(where, 'existing.tableName', existing.tableName, NAME_IN_WORDS);
  checkText(where, 'existing.tableName', existing.tableName, NAME, `${NAME_IN_WORDS}; the name, not the ARN`);
  checkKind(where, 'existing.encryptionKey', existing.encryptionKey, 'keyArn', 'a kms.IKey');
  checkKnown(where, 'existing.indexNames', existing.indexNames);
  checkList(where, 'existing.indexNames', existing.indexNames);
  for (const [index, name] of (existing.indexNames ?? []).entries()) {
    checkGiven(where, `existing.indexNames[${index}]`, name, NAME_IN_WORDS);
    checkText(where, `existing.indexNames[${index}]`, name, NAME, NAME_IN_WORDS);
  }
  checkBesideExisting(where, 'table', props, OF_NEW_TABLE, 'existing with profile, keys, indexes, timeToLiveAttribute, alarms');
}

function checkRecovery(where: IConstruct, props: AppTableProps): void {
  const { pointInTimeRecovery, recoveryPeriodDays, profile = EnvironmentProfile.production() } = props;
  if (recoveryPeriodDays === undefined || (pointInTimeRecovery ?? recoversByDefault(profile))) return;
  throw new PlatformError(where, {
    problem: 'there is no recovery period without point-in-time recovery.',
    got: `recoveryPeriodDays ${recoveryPeriodDays}, pointInTimeRecovery ${pointInTimeRecovery ?? `off by the profile ${profile.name}`}`,
    allowed: 'recoveryPeriodDays with pointInTimeRecovery true',
    fix: 'set pointInTimeRecovery to true, or leave recoveryPeriodDays out',
  });
}

/** Whether tables of an environment can be restored to a point in time: not where data goes with its stack anyway. */
export function recoversByDefault({ removalPolicy }: EnvironmentProfile): boolean {
  return removalPolicy !== RemovalPolicy.DESTROY;
}

function checkRemoval(where: IConstruct, props: AppTableProps): void {
  const { removalPolicy, deletionProtection, profile = EnvironmentProfile.production() } = props;
  const chosen = removalPolicy ?? profile.removalPolicyWithoutSnapshot;
  if (props.existing || chosen !== RemovalPolicy.DESTROY || !(deletionProtection ?? profile.deletionProtection)) return;
  throw new PlatformError(where, {
    problem: 'deletion protection and a removal policy that destroys contradict each other.',
    got: 'deletionProtection true, removalPolicy destroy',
    allowed: 'deletionProtection true with RETAIN or RETAIN_ON_UPDATE_OR_DELETE; or deletionProtection false',
    fix: removalPolicy ? 'set deletionProtection to false as well, or leave removalPolicy out' : 'set removalPolicy as well, or leave deletionProtection out',
  });
}
