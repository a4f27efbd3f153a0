import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkEndpointNames } from './endpoint-services';
import type { WebNetworkProps } from './web-network';
import { EnvironmentProfile, NatKind } from '../environment';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBoolean, checkInteger, checkOneOf, display } from '../validate';

/** Most zones that the address plan has room for. */
export const MAXIMUM_ZONES = 3;

const SHAPE_PROPS: (keyof WebNetworkProps)[] = [
  'cidr', 'availabilityZones', 'availabilityZoneNames', 'natStrategy', 'internetGateway', 'interfaceEndpoints', 'flowLogs', 'logRetentionDays',
];

const PRIVATE_RANGES = [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]] as const;

/** Refuses a network that cannot be made, or a VPC that cannot carry a platform. */
export function validateWebNetwork(where: IConstruct, props: WebNetworkProps): void {
  if (props.vpc !== undefined) {
    checkExistingVpc(where, props);
    return;
  }
  const profile = props.profile ?? EnvironmentProfile.production();
  checkCidr(where, props.cidr);
  checkInteger(where, 'availabilityZones', props.availabilityZones, 2, MAXIMUM_ZONES);
  checkZoneNames(where, props);
  checkNat(where, props, profile);
  checkEndpointNames(where, props.interfaceEndpoints ?? profile.interfaceEndpoints);
  checkBoolean(where, 'flowLogs', props.flowLogs);
  checkBoolean(where, 'alarms', props.alarms);
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
}

/** Zones of the network: the names given, else the number asked for. */
export function zoneCount(props: WebNetworkProps, profile: EnvironmentProfile): number {
  return props.availabilityZoneNames?.length ?? props.availabilityZones ?? profile.availabilityZones;
}

function checkExistingVpc(where: IConstruct, props: WebNetworkProps): void {
  const vpc = props.vpc!;
  const shape = SHAPE_PROPS.filter(prop => props[prop] !== undefined);
  if (shape.length > 0) {
    throw new PlatformError(where, {
      problem: `an existing VPC keeps its own shape, so ${shape.join(', ')} would change nothing.`,
      got: `vpc, ${shape.join(', ')}`,
      allowed: 'vpc alone (with profile, alarms and encryptionKey), or a new VPC without vpc',
      fix: `remove ${shape.join(', ')}, or remove vpc`,
    });
  }
  if (vpc.privateSubnets.length > 0 || vpc.isolatedSubnets.length > 0) return;
  throw new PlatformError(where, {
    problem: 'the VPC has no private and no isolated subnets, and neither services nor databases belong into public ones.',
    got: `vpc with ${vpc.publicSubnets.length} public, 0 private and 0 isolated subnets`,
    allowed: 'private or isolated subnets in at least two zones',
    fix: 'name its private subnets where the VPC is imported (privateSubnetIds, isolatedSubnetIds), or leave vpc out',
  });
}

function checkCidr(where: IConstruct, cidr: string | undefined): void {
  if (cidr === undefined) return;
  const refuse = (problem: string, fix: string): never => {
    throw new PlatformError(where, {
      problem,
      got: `cidr ${display(cidr)}`,
      allowed: 'a private range (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16) of /16 to /24',
      fix,
    });
  };
  if (Token.isUnresolved(cidr)) {
    refuse('cidr is only known at deployment, but subnets are divided at synth.', "write the range out, such as '10.0.0.0/16'");
  }
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(String(cidr));
  if (!match || match.slice(1, 5).some(part => Number(part) > 255)) return refuse('cidr is not an address range.', "write it as '10.0.0.0/16'");
  const address = toNumber(match.slice(1, 5).join('.'));
  const mask = Number(match[5]);
  if (mask < 16 || mask > 24) refuse(`a range of /${mask} is too ${mask < 16 ? 'large for a VPC' : 'small for nine subnets, of which a load balancer needs 32 addresses each'}.`, 'choose a mask of 16 to 24');
  if (!PRIVATE_RANGES.some(([start, bits]) => firstAddress(address, bits) === toNumber(start))) refuse('cidr is not a private range.', "use '10.0.0.0/16'");
  const start = firstAddress(address, mask);
  if (start !== address) refuse('cidr does not begin where a range of this size begins.', `use '${toText(start)}/${mask}'`);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map(bits => Math.floor(address / 2 ** bits) % 256).join('.');
}

function firstAddress(address: number, mask: number): number {
  const size = 2 ** (32 - mask);
  return Math.floor(address / size) * size;
}

function checkZoneNames(where: IConstruct, { availabilityZoneNames: names, availabilityZones }: WebNetworkProps): void {
  if (names === undefined) return;
  const wellFormed = Array.isArray(names) && names.length >= 2 && names.length <= MAXIMUM_ZONES && new Set(names).size === names.length;
  if (wellFormed && (availabilityZones === undefined || availabilityZones === names.length)) return;
  throw new PlatformError(where, {
    problem: wellFormed ? 'availabilityZones and availabilityZoneNames disagree.' : 'availabilityZoneNames are not two or three different zones.',
    got: `availabilityZoneNames ${display(names)}${availabilityZones === undefined ? '' : `, availabilityZones ${availabilityZones}`}`,
    allowed: "two or three different zones, such as ['eu-central-1a', 'eu-central-1b']",
    fix: wellFormed ? 'leave availabilityZones out' : 'name each zone once, or leave availabilityZoneNames out',
  });
}

function checkNat(where: IConstruct, props: WebNetworkProps, profile: EnvironmentProfile): void {
  const natStrategy = props.natStrategy ?? profile.natStrategy;
  const zones = zoneCount(props, profile);
  checkBoolean(where, 'internetGateway', props.internetGateway);
  if (natStrategy.kind === NatKind.GATEWAYS && natStrategy.count > zones) {
    throw new PlatformError(where, {
      problem: 'there are more NAT gateways than availability zones.',
      got: `natStrategy ${natStrategy}, ${zones} zones`,
      allowed: `NatStrategy.gateways(1) to NatStrategy.gateways(${zones})`,
      fix: `use NatStrategy.gateways(${zones})`,
    });
  }
  if (props.internetGateway === false && natStrategy.kind !== NatKind.NONE) {
    throw new PlatformError(where, {
      problem: 'NAT leads to the internet, and without an internet gateway there is none.',
      got: `internetGateway false, natStrategy ${natStrategy}`,
      allowed: 'internetGateway false with NatStrategy.none(); or internetGateway true',
      fix: 'set natStrategy to NatStrategy.none(), or leave internetGateway out',
    });
  }
}
