import { RemovalPolicy, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import type { SearchDomainProps } from './search-domain-props';
import { SearchDomainSettings, searchDomainSettings, zonesOf } from './search-domain-settings';
import { checkSearchInstanceType, MAXIMUM_STORAGE_GIB } from './search-instance-types';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkText, display } from '../validate';

const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];
const VERSIONS = /^(2\.(3|5|7|9|11|13|15|17|19)|3\.\d{1,2})$/;
/** A hyphen would let the template of one index match what holds another. */
const INDEX_NAME = /^[a-z][a-z0-9_]{0,39}$/;

/** Refuses what does not exist or does not go together, and answers the settings with every default in place. */
export function validateSearchDomain(where: IConstruct, props: SearchDomainProps): SearchDomainSettings {
  checkGiven(where, 'vpc', props?.vpc, 'an ec2.IVpc');
  checkKind(where, 'vpc', props.vpc, 'vpcId', 'an ec2.IVpc');
  checkKind(where, 'profile', props.profile, 'searchInstanceType', 'an EnvironmentProfile');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkBoolean(where, 'dedicatedMasters', props.dedicatedMasters);
  checkKnown(where, 'dedicatedMasters', props.dedicatedMasters);
  checkBoolean(where, 'alarms', props.alarms);
  checkText(where, 'engineVersion', props.engineVersion, VERSIONS, '2.3 to 2.19 or 3.x, such as 2.19');
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  checkOneOf(where, 'removalPolicy', props.removalPolicy, REMOVAL_POLICIES);
  checkIndexes(where, props.indexes);

  const settings = searchDomainSettings(props);
  checkSearchInstanceType(where, 'instanceType', settings.instanceType);
  checkSearchInstanceType(where, 'masterInstanceType', settings.masterInstanceType);
  checkMasters(where, props, settings);
  checkKnown(where, 'dataNodes', settings.dataNodes);
  checkInteger(where, 'dataNodes', settings.dataNodes, 1, 80);
  checkKnown(where, 'storageGiB', settings.storageGiB);
  checkInteger(where, 'storageGiB', settings.storageGiB, 10, MAXIMUM_STORAGE_GIB[settings.instanceType] ?? 24576);
  checkZones(where, settings);
  checkSubnets(where, 'functionSubnets', settings.vpc, settings.functionSubnets);
  return settings;
}

function checkMasters(where: IConstruct, { masterInstanceType }: SearchDomainProps, { dedicatedMasters }: SearchDomainSettings): void {
  if (masterInstanceType === undefined || dedicatedMasters) return;
  throw new PlatformError(where, {
    problem: 'there are no dedicated master nodes to choose a type for.',
    got: `masterInstanceType ${display(masterInstanceType)}, dedicatedMasters false`,
    allowed: 'masterInstanceType with dedicatedMasters true',
    fix: 'leave masterInstanceType out, or set dedicatedMasters to true',
  });
}

function checkIndexes(where: IConstruct, indexes: SearchDomainProps['indexes']): void {
  checkList(where, 'indexes', indexes);
  const seen = new Set<string>();
  for (const [position, index] of (indexes ?? []).entries()) {
    const prop = `indexes[${position}]`;
    checkKind(where, prop, index, 'name', 'an object with a name');
    checkGiven(where, `${prop}.name`, index?.name, 'a name such as games');
    checkKnown(where, `${prop}.name`, index.name);
    checkText(where, `${prop}.name`, index.name, INDEX_NAME, 'lower-case letters, digits and underscores, a letter first, at most 40 characters');
    checkMap(where, `${prop}.mappings`, index.mappings);
    checkMap(where, `${prop}.settings`, index.settings);
    if (index.name === 'outbox' || seen.has(index.name)) refuseName(where, index.name, seen.has(index.name));
    seen.add(index.name);
  }
}

function refuseName(where: IConstruct, name: string, twice: boolean): never {
  throw new PlatformError(where, {
    problem: twice ? 'two indexes have the same name.' : 'this name belongs to the table of changes in PostgreSQL.',
    got: `indexes with the name ${display(name)}${twice ? ' twice' : ''}`,
    allowed: twice ? 'each name once' : 'any other name',
    fix: `give ${twice ? 'one of them' : 'it'} another name`,
  });
}

function checkZones(where: IConstruct, { vpc, vpcSubnets, dataNodes }: SearchDomainSettings): void {
  const { availabilityZones, isPendingLookup } = checkSubnets(where, 'vpcSubnets', vpc, vpcSubnets);
  if (isPendingLookup || Token.isUnresolved(availabilityZones)) return;
  const available = new Set(availabilityZones).size;
  const zones = zonesOf(dataNodes, available);
  if (dataNodes % zones === 0 && zones <= available) return;
  throw new PlatformError(where, {
    problem: `${dataNodes} data nodes cannot be spread evenly over the zones of the subnets.`,
    got: `dataNodes ${dataNodes}, subnets in ${available} ${available === 1 ? 'zone' : 'zones'}`,
    allowed: 'one data node, a multiple of two with subnets in two zones, or a multiple of three with subnets in three',
    fix: available === 1 ? 'choose subnets in two zones, or set dataNodes to 1' : `set dataNodes to ${dataNodes + 1}`,
  });
}

function checkSubnets(where: IConstruct, prop: string, vpc: ec2.IVpc, selection: ec2.SubnetSelection): ec2.SelectedSubnets {
  let problem = `${prop} select no subnet of the VPC.`;
  try {
    const selected = vpc.selectSubnets(selection);
    if (selected.hasPublic) problem = `${prop} are public subnets.`;
    else if (selected.isPendingLookup || Token.isUnresolved(selected.subnetIds) || selected.subnetIds.length > 0) return selected;
  } catch {
    // Told below, in the words of this library.
  }
  throw new PlatformError(where, {
    problem,
    got: `${prop} ${display(selection)}`,
    allowed: 'a selection that finds private or isolated subnets',
    fix: `give a VPC with private subnets, or choose others with ${prop}`,
  });
}
