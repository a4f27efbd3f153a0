import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { nearest } from '../nearest';
import { display } from '../validate';

const BURSTABLE = ['micro', 'small', 'medium'];
const INTEL = ['large', 'xlarge', '2xlarge', '4xlarge', '12xlarge', '24xlarge'];
const GRAVITON = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'];

/**
 * The current families with their sizes: those that support encryption in transit and at rest, and snapshots.
 * Neither CloudFormation nor cfn-lint looks at the type of a replication group's nodes; ElastiCache does, minutes into a deployment.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheNode.html
 */
const FAMILIES: { [family: string]: string[] } = {
  t4g: BURSTABLE,
  t3: BURSTABLE,
  m7g: GRAVITON,
  m6g: GRAVITON,
  m5: INTEL,
  r7g: GRAVITON,
  r6g: GRAVITON,
  r5: INTEL,
  r6gd: GRAVITON.filter(size => size !== 'large'),
  c7gn: GRAVITON,
};

/** Node types that can be had. */
export const CACHE_NODE_TYPES = Object.entries(FAMILIES).flatMap(([family, sizes]) => sizes.map(size => `cache.${family}.${size}`));

/** Refuses a node type that does not exist, and names those that may have been meant. */
export function checkNodeType(where: IConstruct, nodeType: string): void {
  if (Token.isUnresolved(nodeType) || CACHE_NODE_TYPES.includes(nodeType)) return;
  const meant = nearestNodeTypes(String(nodeType));
  throw new PlatformError(where, {
    problem: 'there is no such cache node type.',
    got: `nodeType ${display(nodeType)}`,
    allowed: `${meant.join(', ')} or another size of ${Object.keys(FAMILIES).join(', ')}`,
    fix: `set nodeType to ${meant[0]}, or leave it out`,
  });
}

/**
 * Whether a node has two vCPUs, as all burstable ones and each family's `large` do. On those the engine shares its CPU with
 * everything else, and the host's CPU is the one to watch rather than the engine's.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
 */
export function isTwoCpuNode(nodeType: string): boolean {
  return [...BURSTABLE, 'large'].some(size => nodeType.endsWith(`.${size}`));
}

/** Whether the nodes keep part of their data on local disks, which has to be turned on for them. */
export function hasDataTiering(nodeType: string): boolean {
  return nodeType.startsWith('cache.r6gd.');
}

function nearestNodeTypes(nodeType: string): string[] {
  const family = nodeType.replace(/^(cache|db)\./, '').split('.')[0];
  const candidates = family in FAMILIES ? FAMILIES[family].map(size => `cache.${family}.${size}`) : CACHE_NODE_TYPES;
  return nearest(nodeType, candidates);
}
