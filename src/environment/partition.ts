import { Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';

/** Partition of AWS that a region is in. One that is not known, or that CDK does not know yet, is taken for one of the commercial partition. */
export function partitionOf(region: string): string {
  return Token.isUnresolved(region) ? 'aws' : RegionInfo.get(region).partition ?? 'aws';
}
