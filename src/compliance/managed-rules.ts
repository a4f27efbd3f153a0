import { RemovalPolicy } from 'aws-cdk-lib';
import type { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { partitionOf } from '../environment/partition';

/** A managed rule of AWS Config, as its page says. */
export interface ManagedRule {
  /** Name of its page, `https://docs.aws.amazon.com/config/latest/developerguide/<name>.html`. */
  readonly name: string;
  /** How AWS Config knows it. */
  readonly identifier: string;
  /** Type of the resources that it looks at when they change. A rule without one runs once a day and looks at the whole account. */
  readonly resourceType?: string;
  readonly parameters?: { readonly [name: string]: string };
  /** Environments that satisfy it; without it, all of them. */
  readonly when?: (profile: EnvironmentProfile) => boolean;
  /** Partitions whose regions do not have it. */
  readonly absentIn?: readonly string[];
  /** The one region that has it. */
  readonly onlyIn?: string;
  /** Its resource has no tags, so that a rule for tagged resources would never look at it. */
  readonly untagged?: boolean;
}

const CHINA = 'aws-cn';
const GOV_CLOUD = 'aws-us-gov';
const ELSEWHERE = { absentIn: [CHINA, GOV_CLOUD] };

/** Names that a secret often has, as plain variables of a container. */
const SECRET_NAMES = [
  'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'DATABASE_URL', 'DATABASE_PASSWORD', 'DB_PASSWORD', 'JWT_SECRET', 'PGPASSWORD',
  'POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'REDIS_URL', 'SECRET_KEY', 'SMTP_PASSWORD',
].join(',');

const database = { resourceType: 'AWS::RDS::DBInstance' };
const bucket = { resourceType: 'AWS::S3::Bucket' };
const loadBalancer = { resourceType: 'AWS::ElasticLoadBalancingV2::LoadBalancer' };
const task = { resourceType: 'AWS::ECS::TaskDefinition', ...ELSEWHERE };
const distribution = { resourceType: 'AWS::CloudFront::Distribution', onlyIn: EDGE_REGION };
const search = { resourceType: 'AWS::OpenSearch::Domain', ...ELSEWHERE };
const securityGroup = { resourceType: 'AWS::EC2::SecurityGroup' };
const repository = { resourceType: 'AWS::ECR::Repository', ...ELSEWHERE };

/**
 * Rules for what the blocks of this library make, each of which their templates satisfy (`test/compliance/config-conditions.ts`). What was left out,
 * and why, is in docs/compliance.md.
 *
 * Partitions are those of AWS's pages of June 2023, the last with their history in public; a region that has got a rule since then is not asked for it.
 */
export const MANAGED_RULES: readonly ManagedRule[] = [
  { name: 'rds-storage-encrypted', identifier: 'RDS_STORAGE_ENCRYPTED', ...database },
  { name: 'rds-instance-public-access-check', identifier: 'RDS_INSTANCE_PUBLIC_ACCESS_CHECK', ...database },
  { name: 'rds-multi-az-support', identifier: 'RDS_MULTI_AZ_SUPPORT', ...database, when: profile => profile.databaseMultiAz },
  {
    name: 'rds-instance-deletion-protection-enabled',
    identifier: 'RDS_INSTANCE_DELETION_PROTECTION_ENABLED',
    ...database,
    when: profile => profile.deletionProtection,
  },
  {
    name: 'db-instance-backup-enabled',
    identifier: 'DB_INSTANCE_BACKUP_ENABLED',
    ...database,
    parameters: { backupRetentionMinimum: '7' },
    when: profile => profile.databaseBackupDays >= 7,
  },
  { name: 'rds-logging-enabled', identifier: 'RDS_LOGGING_ENABLED', ...database },
  { name: 'rds-automatic-minor-version-upgrade-enabled', identifier: 'RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED', ...database, absentIn: [GOV_CLOUD] },
  { name: 'rds-instance-iam-authentication-enabled', identifier: 'RDS_INSTANCE_IAM_AUTHENTICATION_ENABLED', ...database },

  { name: 's3-bucket-ssl-requests-only', identifier: 'S3_BUCKET_SSL_REQUESTS_ONLY', ...bucket },
  { name: 's3-bucket-level-public-access-prohibited', identifier: 'S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED', ...bucket, absentIn: [GOV_CLOUD] },
  { name: 's3-bucket-versioning-enabled', identifier: 'S3_BUCKET_VERSIONING_ENABLED', ...bucket },

  { name: 'elb-deletion-protection-enabled', identifier: 'ELB_DELETION_PROTECTION_ENABLED', ...loadBalancer, when: profile => profile.deletionProtection },
  { name: 'elb-logging-enabled', identifier: 'ELB_LOGGING_ENABLED', ...loadBalancer, when: profile => profile.accessLogs },
  { name: 'alb-http-drop-invalid-header-enabled', identifier: 'ALB_HTTP_DROP_INVALID_HEADER_ENABLED', ...loadBalancer },
  { name: 'alb-http-to-https-redirection-check', identifier: 'ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK' },
  { name: 'wafv2-logging-enabled', identifier: 'WAFV2_LOGGING_ENABLED', ...ELSEWHERE, when: profile => profile.firewall },

  { name: 'ecs-containers-nonprivileged', identifier: 'ECS_CONTAINERS_NONPRIVILEGED', ...task },
  { name: 'ecs-containers-readonly-access', identifier: 'ECS_CONTAINERS_READONLY_ACCESS', ...task, when: profile => profile.readonlyRootFilesystem },
  { name: 'ecs-task-definition-log-configuration', identifier: 'ECS_TASK_DEFINITION_LOG_CONFIGURATION', ...task },
  { name: 'ecs-no-environment-secrets', identifier: 'ECS_NO_ENVIRONMENT_SECRETS', ...task, parameters: { secretKeys: SECRET_NAMES } },
  {
    name: 'ecs-container-insights-enabled',
    identifier: 'ECS_CONTAINER_INSIGHTS_ENABLED',
    resourceType: 'AWS::ECS::Cluster',
    ...ELSEWHERE,
    when: profile => profile.containerInsights,
  },
  { name: 'ecs-fargate-latest-platform-version', identifier: 'ECS_FARGATE_LATEST_PLATFORM_VERSION', resourceType: 'AWS::ECS::Service', ...ELSEWHERE },

  { name: 'elasticache-repl-grp-encrypted-at-rest', identifier: 'ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST', ...ELSEWHERE },
  { name: 'elasticache-repl-grp-encrypted-in-transit', identifier: 'ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT', ...ELSEWHERE },
  {
    name: 'elasticache-repl-grp-auto-failover-enabled',
    identifier: 'ELASTICACHE_REPL_GRP_AUTO_FAILOVER_ENABLED',
    ...ELSEWHERE,
    when: profile => profile.cacheReplicas > 0,
  },

  { name: 'cloudfront-viewer-policy-https', identifier: 'CLOUDFRONT_VIEWER_POLICY_HTTPS', ...distribution },
  { name: 'cloudfront-traffic-to-origin-encrypted', identifier: 'CLOUDFRONT_TRAFFIC_TO_ORIGIN_ENCRYPTED', ...distribution },
  { name: 'cloudfront-associated-with-waf', identifier: 'CLOUDFRONT_ASSOCIATED_WITH_WAF', ...distribution, when: profile => profile.firewall },
  { name: 'cloudfront-accesslogs-enabled', identifier: 'CLOUDFRONT_ACCESSLOGS_ENABLED', ...distribution, when: profile => profile.accessLogs },

  { name: 'vpc-flow-logs-enabled', identifier: 'VPC_FLOW_LOGS_ENABLED', when: profile => profile.flowLogs },
  { name: 'vpc-default-security-group-closed', identifier: 'VPC_DEFAULT_SECURITY_GROUP_CLOSED', ...securityGroup, untagged: true },
  {
    name: 'vpc-sg-open-only-to-authorized-ports',
    identifier: 'VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS',
    ...securityGroup,
    parameters: { authorizedTcpPorts: '80,443' },
  },
  { name: 'subnet-auto-assign-public-ip-disabled', identifier: 'SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED', resourceType: 'AWS::EC2::Subnet', absentIn: [GOV_CLOUD] },

  { name: 'cmk-backing-key-rotation-enabled', identifier: 'CMK_BACKING_KEY_ROTATION_ENABLED' },
  {
    name: 'secretsmanager-using-cmk',
    identifier: 'SECRETSMANAGER_USING_CMK',
    resourceType: 'AWS::SecretsManager::Secret',
    ...ELSEWHERE,
    when: profile => profile.customerManagedKey,
  },
  { name: 'sns-encrypted-kms', identifier: 'SNS_ENCRYPTED_KMS', resourceType: 'AWS::SNS::Topic', when: profile => profile.customerManagedKey },
  {
    name: 'lambda-function-public-access-prohibited',
    identifier: 'LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED',
    resourceType: 'AWS::Lambda::Function',
    absentIn: [CHINA],
  },
  {
    name: 'dynamodb-pitr-enabled',
    identifier: 'DYNAMODB_PITR_ENABLED',
    resourceType: 'AWS::DynamoDB::Table',
    when: profile => profile.removalPolicy !== RemovalPolicy.DESTROY,
  },
  { name: 'ecr-private-image-scanning-enabled', identifier: 'ECR_PRIVATE_IMAGE_SCANNING_ENABLED', ...ELSEWHERE },
  { name: 'ecr-private-lifecycle-policy-configured', identifier: 'ECR_PRIVATE_LIFECYCLE_POLICY_CONFIGURED', ...repository },
  { name: 'ecr-private-tag-immutability-enabled', identifier: 'ECR_PRIVATE_TAG_IMMUTABILITY_ENABLED', ...repository },

  { name: 'opensearch-encrypted-at-rest', identifier: 'OPENSEARCH_ENCRYPTED_AT_REST', ...search },
  { name: 'opensearch-node-to-node-encryption-check', identifier: 'OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK', ...search },
  { name: 'opensearch-https-required', identifier: 'OPENSEARCH_HTTPS_REQUIRED', ...search },
  { name: 'opensearch-in-vpc-only', identifier: 'OPENSEARCH_IN_VPC_ONLY', ...search },
];

/** The types that rules look at when they change, as AWS Config records them. */
export function recordedTypes(region: string): string[] {
  const rules = MANAGED_RULES.filter(rule => isIn(rule, region));
  return [...new Set(rules.flatMap(({ resourceType }) => resourceType ?? []))].sort();
}

/** Whether a region has a rule. An unknown one is taken for one of the commercial partition that is not us-east-1. */
export function isIn({ absentIn = [], onlyIn }: ManagedRule, region: string): boolean {
  if (onlyIn) return onlyIn === region;
  return !absentIn.includes(partitionOf(region));
}
