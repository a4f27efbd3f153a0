import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { SearchDomainProps, SearchIndex } from './search-domain-props';
import { EnvironmentProfile } from '../environment';
import { withoutSnapshot } from '../environment/removal-policy';

/** The properties of a search domain with every default in place. */
export interface SearchDomainSettings extends SearchDomainProps {
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly functionSubnets: ec2.SubnetSelection;
  readonly engineVersion: string;
  readonly instanceType: string;
  readonly dataNodes: number;
  readonly dedicatedMasters: boolean;
  readonly masterInstanceType: string;
  readonly storageGiB: number;
  readonly indexes: SearchIndex[];
  readonly logRetentionDays: number;
  readonly removalPolicy: RemovalPolicy;
  readonly alarms: boolean;
}

/** Own prop, else the profile's value, else the block's default. */
export function searchDomainSettings(props: SearchDomainProps): SearchDomainSettings {
  const profile = props.profile ?? EnvironmentProfile.production();
  const vpcSubnets = props.vpcSubnets ?? closedSubnets(props.vpc);
  return {
    ...props,
    vpcSubnets,
    functionSubnets: props.functionSubnets ?? functionSubnets(props.vpc, vpcSubnets),
    engineVersion: props.engineVersion ?? '2.19',
    instanceType: props.instanceType ?? profile.searchInstanceType,
    dataNodes: props.dataNodes ?? profile.searchDataNodes,
    dedicatedMasters: props.dedicatedMasters ?? profile.searchDedicatedMasters,
    masterInstanceType: props.masterInstanceType ?? 'm7g.medium.search',
    storageGiB: props.storageGiB ?? 20,
    indexes: props.indexes ?? [],
    logRetentionDays: props.logRetentionDays ?? profile.logRetentionDays,
    removalPolicy: withoutSnapshot(props.removalPolicy ?? profile.removalPolicy),
    alarms: props.alarms ?? profile.alarms,
  };
}

/** Over how many zones data nodes are spread evenly, which OpenSearch Service insists on. */
export function zonesOf(dataNodes: number, available: number): number {
  if (dataNodes === 1) return 1;
  return dataNodes % 3 === 0 && available >= 3 ? 3 : 2;
}

/** Where functions run that call AWS: with a way out where there is one. */
export function functionSubnets(vpc: ec2.IVpc, otherwise = closedSubnets(vpc)): ec2.SubnetSelection {
  return vpc.privateSubnets.length > 0 ? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } : otherwise;
}

function closedSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  return { subnetType: vpc.isolatedSubnets.length > 0 ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS };
}
