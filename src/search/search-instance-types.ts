import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { nearest } from '../nearest';
import { display } from '../validate';

const LARGE_TO_8 = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge'];
const GRAVITON_2 = [...LARGE_TO_8, '12xlarge'];
const SINCE_2023 = [...GRAVITON_2, '16xlarge'];
const SINCE_2023_SMALL = ['medium', ...SINCE_2023];
const INTEL = ['large', 'xlarge', '2xlarge', '4xlarge', '12xlarge'];

/**
 * The current families that keep their data on EBS volumes and can be encrypted at rest, which fine-grained access needs. Left out are families with disks of
 * their own, and OpenSearch-optimized ones, which keep indexes in S3 and bring rules of their own for replication.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html
 */
const FAMILIES: { [family: string]: string[] } = {
  t3: ['small', 'medium'],
  m5: INTEL,
  m6g: GRAVITON_2,
  m7g: SINCE_2023_SMALL,
  m7i: SINCE_2023,
  m8g: SINCE_2023_SMALL,
  c5: ['large', 'xlarge', '2xlarge', '4xlarge', '9xlarge', '18xlarge'],
  c6g: GRAVITON_2,
  c7g: SINCE_2023,
  c7i: SINCE_2023,
  c8g: SINCE_2023,
  r5: INTEL,
  r6g: GRAVITON_2,
  r7g: SINCE_2023_SMALL,
  r7i: SINCE_2023,
  r8g: SINCE_2023_SMALL,
};

/** Instance types that can be had. */
export const SEARCH_INSTANCE_TYPES = Object.entries(FAMILIES).flatMap(([family, sizes]) => sizes.map(size => `${family}.${size}.search`));

/**
 * GiB of storage that the smallest types can have; all others take more than a first domain asks for.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html
 */
export const MAXIMUM_STORAGE_GIB: { [instanceType: string]: number | undefined } = { 't3.small.search': 100, 't3.medium.search': 200 };

/** Refuses an instance type that does not exist, and names those that may have been meant. */
export function checkSearchInstanceType(where: IConstruct, prop: string, instanceType: string | undefined): void {
  if (instanceType === undefined || Token.isUnresolved(instanceType) || SEARCH_INSTANCE_TYPES.includes(instanceType)) return;
  const family = String(instanceType).split('.')[0];
  const sameFamily = SEARCH_INSTANCE_TYPES.filter(type => type.startsWith(`${family}.`));
  const meant = nearest(String(instanceType), sameFamily.length > 0 ? sameFamily : SEARCH_INSTANCE_TYPES);
  throw new PlatformError(where, {
    problem: 'there is no such instance type for search on EBS volumes.',
    got: `${prop} ${display(instanceType)}`,
    allowed: `${meant.join(', ')} or another size of ${Object.keys(FAMILIES).join(', ')}`,
    fix: `set ${prop} to ${meant[0]}, or leave it out`,
  });
}
