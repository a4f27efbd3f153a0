import { readFileSync } from 'fs';
import { schemaTable, TABLE_FILE } from '../../projenrc/stateful-guard-schema';
import { REPLACING_PROPERTIES } from '../../src/recovery/stateful-guard-schema';
import { CONDITIONAL_PROPERTIES, guardedProperties, KNOWN_TYPES } from '../../src/recovery/stateful-guard-types';

test('the table of create-only properties is the one of the installed CloudFormation schemas', () => {
  expect(readFileSync(TABLE_FILE, 'utf8')).toBe(schemaTable());
}, 30_000);

test('each property that replaces under conditions is either guarded or known to change in place', () => {
  const conditional = Object.entries(REPLACING_PROPERTIES).filter(([, properties]) => properties.conditional.length > 0);
  const decided = Object.entries(CONDITIONAL_PROPERTIES).map(([type, { guarded, inPlace }]) => [type, [...guarded, ...inPlace].sort()]);
  expect(Object.fromEntries(decided)).toEqual(Object.fromEntries(conditional.map(([type, properties]) => [type, [...properties.conditional]])));
});

test('no type is listed twice', () => {
  expect(new Set(KNOWN_TYPES).size).toBe(KNOWN_TYPES.length);
});

test('what CloudFormation documents as a replacement is guarded', () => {
  expect(guardedProperties('AWS::RDS::DBCluster')).toEqual(expect.arrayContaining(['DBClusterIdentifier', 'KmsKeyId', 'SnapshotIdentifier', 'StorageEncrypted']));
  expect(guardedProperties('AWS::DynamoDB::Table')).toEqual(['ImportSourceSpecification', 'KeySchema', 'LocalSecondaryIndexes', 'TableName']);
  expect(guardedProperties('AWS::FSx::FileSystem')).toContain('LustreConfiguration.DeploymentType');
  expect(guardedProperties('Custom::Unknown')).toEqual([]);
});
