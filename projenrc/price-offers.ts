/*
 * Where each price of the table stands in AWS's offer files. Usage types begin with a code of their region (`EUC1-`, `USE1-`), which is left off here.
 * Only prices are here whose place two public readers of these files agree on, or Infracost's source names; the others stay as they were collected.
 */

/** A price in an offer file: rows whose columns have these values. Columns are named in lower case, without spaces. */
export interface Offer {
  /** Service, as the address of its offer file has it. */
  readonly service: string;
  /** Usage type without its region. */
  readonly usage: string;
  /** Further columns. */
  readonly columns?: { readonly [column: string]: string };
  /** How many of the file's units the table's unit has. */
  readonly times?: number;
  /** Whether one file has it for all regions. */
  readonly isGlobal?: boolean;
}

const APPLICATION = { productfamily: 'Load Balancer-Application' };
const SERVERLESS = { productfamily: 'Serverless' };
const POSTGRES = { databaseengine: 'PostgreSQL' };
const AURORA = { databaseengine: 'Aurora PostgreSQL' };

const FIXED: { readonly [key: string]: Offer } = {
  'alb': { service: 'AWSELB', usage: 'LoadBalancerUsage', columns: APPLICATION },
  'alb-capacity': { service: 'AWSELB', usage: 'LCUUsage', columns: APPLICATION },
  'aurora-capacity': { service: 'AmazonRDS', usage: 'Aurora:ServerlessV2Usage', columns: AURORA },
  'aurora-capacity-io-optimized': { service: 'AmazonRDS', usage: 'Aurora:ServerlessV2IOOptimizedUsage', columns: AURORA },
  'bucket-reads': { service: 'AmazonS3', usage: 'Requests-Tier2', times: 1000 },
  'bucket-storage': { service: 'AmazonS3', usage: 'TimedStorage-ByteHrs', columns: { volumetype: 'Standard' } },
  'bucket-writes': { service: 'AmazonS3', usage: 'Requests-Tier1', times: 1000 },
  'cdn-data': { service: 'AmazonCloudFront', usage: 'US-DataTransfer-Out-Bytes', isGlobal: true },
  'cdn-requests-america': { service: 'AmazonCloudFront', usage: 'US-Requests-Tier2-HTTPS', times: 10_000, isGlobal: true },
  'cdn-requests-europe': { service: 'AmazonCloudFront', usage: 'EU-Requests-Tier2-HTTPS', times: 10_000, isGlobal: true },
  'config-evaluation': { service: 'AWSConfig', usage: 'ConfigRuleEvaluations' },
  'config-item': { service: 'AWSConfig', usage: 'ConfigurationItemRecorded' },
  'dns-zone': { service: 'AmazonRoute53', usage: 'HostedZone', columns: { productfamily: 'DNS Zone' }, isGlobal: true },
  'endpoint': { service: 'AmazonVPC', usage: 'VpcEndpoint-Hours' },
  'endpoint-data': { service: 'AmazonVPC', usage: 'VpcEndpoint-Bytes' },
  'fargate-arm-memory': { service: 'AmazonECS', usage: 'Fargate-ARM-GB-Hours' },
  'fargate-arm-vcpu': { service: 'AmazonECS', usage: 'Fargate-ARM-vCPU-Hours:perCPU' },
  'fargate-x86-memory': { service: 'AmazonECS', usage: 'Fargate-GB-Hours' },
  'fargate-x86-vcpu': { service: 'AmazonECS', usage: 'Fargate-vCPU-Hours:perCPU' },
  'firewall': { service: 'awswaf', usage: 'WebACLV2' },
  'firewall-requests': { service: 'awswaf', usage: 'RequestV2-Tier1', times: 1_000_000 },
  'firewall-rule': { service: 'awswaf', usage: 'RuleV2' },
  'function-requests': { service: 'AWSLambda', usage: 'Request', columns: SERVERLESS, times: 1_000_000 },
  'function-x86': { service: 'AWSLambda', usage: 'Lambda-GB-Second', columns: SERVERLESS },
  'image-storage': { service: 'AmazonECR', usage: 'TimedStorage-ByteHrs' },
  'key': { service: 'awskms', usage: 'KMS-Keys' },
  'key-requests': { service: 'awskms', usage: 'KMS-Requests', times: 10_000 },
  'nat': { service: 'AmazonEC2', usage: 'NatGateway-Hours' },
  'nat-data': { service: 'AmazonEC2', usage: 'NatGateway-Bytes' },
  'public-ipv4': { service: 'AmazonVPC', usage: 'PublicIPv4:InUseAddress' },
  'queue-requests': { service: 'AWSQueueService', usage: 'Requests-RBP', times: 1_000_000 },
  'rds-storage-multi': { service: 'AmazonRDS', usage: 'RDS:Multi-AZ-GP3-Storage', columns: POSTGRES },
  'rds-storage-single': { service: 'AmazonRDS', usage: 'RDS:GP3-Storage', columns: POSTGRES },
  'secret': { service: 'AWSSecretsManager', usage: 'AWSSecretsManager-Secrets' },
  'table-reads': { service: 'AmazonDynamoDB', usage: 'ReadRequestUnits', times: 1_000_000 },
  'table-storage': { service: 'AmazonDynamoDB', usage: 'TimedStorage-ByteHrs', columns: { volumetype: 'Amazon DynamoDB - Indexed DataStore' } },
  'table-writes': { service: 'AmazonDynamoDB', usage: 'WriteRequestUnits', times: 1_000_000 },
  'topic-requests': { service: 'AmazonSNS', usage: 'Requests-Tier1', times: 1_000_000 },
};

/** By the key's first part; its second is the type of instance. */
const BY_TYPE: { readonly [kind: string]: (type: string) => Offer } = {
  'instance': type => ({
    service: 'AmazonEC2', usage: `BoxUsage:${type}`, columns: { 'operatingsystem': 'Linux', 'preinstalleds/w': 'NA', 'capacitystatus': 'Used', 'tenancy': 'Shared' },
  }),
  'rds-single': type => ({ service: 'AmazonRDS', usage: `InstanceUsage:${type}`, columns: POSTGRES }),
  'rds-multi': type => ({ service: 'AmazonRDS', usage: `Multi-AZUsage:${type}`, columns: POSTGRES }),
  'redis': type => ({ service: 'AmazonElastiCache', usage: `NodeUsage:${type}`, columns: { cacheengine: 'Redis' } }),
  'valkey': type => ({ service: 'AmazonElastiCache', usage: `NodeUsage:${type}`, columns: { cacheengine: 'Valkey' } }),
};

/** Where a key's price stands, if that is known. */
export function offerOf(key: string): Offer | undefined {
  const [kind, type] = key.split(':');
  return FIXED[key] ?? BY_TYPE[kind]?.(type);
}
