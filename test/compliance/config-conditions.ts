/*
 * The conditions of AWS Config's managed rules, as their pages word them (https://docs.aws.amazon.com/config/latest/developerguide/<name>.html), over the
 * resources of templates. A condition answers what is noncompliant; `breaks` makes a compliant resource noncompliant.
 */

export interface Resource {
  readonly Type: string;
  readonly Properties: { [name: string]: any };
}

/** Resources of one template, by logical id. */
export type Resources = { [id: string]: Resource };

export interface Condition {
  /** Types of the resources, as CloudFormation has them. */
  readonly types: string[];
  /** Whether a resource satisfies the rule. */
  readonly holds: (properties: Resource['Properties'], resources: Resources, id: string) => boolean;
  /** Changes a resource, or one that belongs to it, so that the rule is not satisfied any more. */
  readonly breaks: (properties: Resource['Properties'], resources: Resources, id: string) => void;
}

/** Ids of resources that do not satisfy a condition. */
export function noncompliant({ types, holds }: Condition, resources: Resources): string[] {
  return idsOf(resources, types).filter(id => !holds(resources[id].Properties ?? {}, resources, id));
}

/** Ids of the resources that a condition looks at. */
export function idsOf(resources: Resources, types: string[]): string[] {
  return Object.keys(resources).filter(id => types.includes(resources[id].Type));
}

const ofType = (resources: Resources, type: string) => idsOf(resources, [type]).map(id => resources[id].Properties);
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** A property of one type that has to be as it should. */
function property(type: string, path: string, isRight: (value: any) => boolean, wrong: unknown): Condition {
  const names = path.split('.');
  const last = names.pop()!;
  const parentOf = (properties: any) => names.reduce((value, name) => value[name] ??= {}, properties);
  return {
    types: [`AWS::${type}`],
    holds: properties => isRight(names.reduce((value, name) => value?.[name], properties)?.[last]),
    breaks: properties => { parentOf(properties)[last] = wrong; },
  };
}

const isTrue = (value: unknown) => value === true || value === 'true';
const isGiven = (value: unknown) => value !== undefined && value !== '';

/** What the load balancer's page says of an attribute. */
function balancerAttribute(key: string, wrong: string): Condition {
  const attribute = (properties: any) => properties.LoadBalancerAttributes?.find(({ Key }: { Key: string }) => Key === key);
  return {
    types: ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
    holds: properties => isTrue(attribute(properties)?.Value),
    breaks: properties => { attribute(properties).Value = wrong; },
  };
}

/** Each container of a task definition. */
function container(isRight: (definition: any) => boolean, makeWrong: (definition: any) => void): Condition {
  return {
    types: ['AWS::ECS::TaskDefinition'],
    holds: ({ ContainerDefinitions }) => ContainerDefinitions.every(isRight),
    breaks: ({ ContainerDefinitions }) => makeWrong(ContainerDefinitions[0]),
  };
}

/** Each cache behaviour of a distribution. */
const behaviors = ({ DistributionConfig: { DefaultCacheBehavior, CacheBehaviors = [] } }: any) => [DefaultCacheBehavior, ...CacheBehaviors];

/** Statements by which a policy refuses plain HTTP. */
const refusesHttp = ({ Effect, Condition: condition }: any) => Effect === 'Deny' && String(condition?.Bool?.['aws:SecureTransport']) === 'false';
const policiesOf = (resources: Resources, id: string) =>
  ofType(resources, 'AWS::S3::BucketPolicy').filter(({ Bucket }) => same(Bucket, { Ref: id }));

/** Rules of a security group, in it or beside it. */
function ingress(properties: any, resources: Resources, id: string): any[] {
  const beside = ofType(resources, 'AWS::EC2::SecurityGroupIngress').filter(({ GroupId }) => same(GroupId, { 'Fn::GetAtt': [id, 'GroupId'] }));
  return [...properties.SecurityGroupIngress ?? [], ...beside];
}

const PUBLIC = ({ CidrIp, CidrIpv6 }: any) => CidrIp === '0.0.0.0/0' || CidrIpv6 === '::/0';
const BLOCKED = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

/** By identifier of the rule. */
export const CONDITIONS: { readonly [identifier: string]: (parameters: { [name: string]: string }) => Condition } = {
  RDS_STORAGE_ENCRYPTED: () => property('RDS::DBInstance', 'StorageEncrypted', isTrue, false),
  RDS_INSTANCE_PUBLIC_ACCESS_CHECK: () => property('RDS::DBInstance', 'PubliclyAccessible', value => value === false, true),
  RDS_MULTI_AZ_SUPPORT: () => property('RDS::DBInstance', 'MultiAZ', isTrue, false),
  RDS_INSTANCE_DELETION_PROTECTION_ENABLED: () => property('RDS::DBInstance', 'DeletionProtection', isTrue, false),
  DB_INSTANCE_BACKUP_ENABLED: ({ backupRetentionMinimum }) =>
    property('RDS::DBInstance', 'BackupRetentionPeriod', value => value >= Number(backupRetentionMinimum), Number(backupRetentionMinimum) - 1),
  // Of PostgreSQL, RDS exports these two.
  RDS_LOGGING_ENABLED: () => property('RDS::DBInstance', 'EnableCloudwatchLogsExports',
    value => ['postgresql', 'upgrade'].every(log => value?.includes(log)), ['postgresql']),
  // On unless it is turned off.
  RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED: () => property('RDS::DBInstance', 'AutoMinorVersionUpgrade', value => value !== false, false),
  RDS_INSTANCE_IAM_AUTHENTICATION_ENABLED: () => property('RDS::DBInstance', 'EnableIAMDatabaseAuthentication', isTrue, false),

  S3_BUCKET_SSL_REQUESTS_ONLY: () => ({
    types: ['AWS::S3::Bucket'],
    holds: (_, resources, id) => policiesOf(resources, id).some(({ PolicyDocument }) => PolicyDocument.Statement.some(refusesHttp)),
    breaks: (_, resources, id) => {
      for (const { PolicyDocument } of policiesOf(resources, id)) {
        PolicyDocument.Statement = PolicyDocument.Statement.filter((each: any) => !refusesHttp(each));
      }
    },
  }),
  S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED: () => property('S3::Bucket', 'PublicAccessBlockConfiguration',
    value => BLOCKED.every(name => isTrue(value?.[name])), { BlockPublicAcls: true }),
  S3_BUCKET_VERSIONING_ENABLED: () => property('S3::Bucket', 'VersioningConfiguration.Status', value => value === 'Enabled', 'Suspended'),

  ELB_DELETION_PROTECTION_ENABLED: () => balancerAttribute('deletion_protection.enabled', 'false'),
  ELB_LOGGING_ENABLED: () => balancerAttribute('access_logs.s3.enabled', 'false'),
  ALB_HTTP_DROP_INVALID_HEADER_ENABLED: () => balancerAttribute('routing.http.drop_invalid_header_fields.enabled', 'false'),
  ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK: () => ({
    types: ['AWS::ElasticLoadBalancingV2::Listener'],
    holds: ({ Protocol, DefaultActions }) => Protocol !== 'HTTP' || DefaultActions.every(({ RedirectConfig }: any) => RedirectConfig?.Protocol === 'HTTPS'),
    breaks: properties => Object.assign(properties, { Protocol: 'HTTP', DefaultActions: [{ Type: 'fixed-response' }] }),
  }),
  WAFV2_LOGGING_ENABLED: () => ({
    types: ['AWS::WAFv2::WebACL'],
    holds: (_, resources, id) => ofType(resources, 'AWS::WAFv2::LoggingConfiguration').some(({ ResourceArn }) => same(ResourceArn, { 'Fn::GetAtt': [id, 'Arn'] })),
    breaks: (_, resources) => {
      for (const logging of idsOf(resources, ['AWS::WAFv2::LoggingConfiguration'])) delete resources[logging];
    },
  }),

  ECS_CONTAINERS_NONPRIVILEGED: () => container(({ Privileged }) => !Privileged, definition => { definition.Privileged = true; }),
  ECS_CONTAINERS_READONLY_ACCESS: () =>
    container(({ ReadonlyRootFilesystem }) => isTrue(ReadonlyRootFilesystem), definition => { definition.ReadonlyRootFilesystem = false; }),
  ECS_TASK_DEFINITION_LOG_CONFIGURATION: () =>
    container(({ LogConfiguration }) => isGiven(LogConfiguration), definition => { delete definition.LogConfiguration; }),
  ECS_NO_ENVIRONMENT_SECRETS: ({ secretKeys }) => container(
    ({ Environment = [] }) => !Environment.some(({ Name }: { Name: string }) => secretKeys.split(',').includes(Name)),
    definition => { definition.Environment = [{ Name: secretKeys.split(',')[0], Value: 'x' }]; }),
  ECS_CONTAINER_INSIGHTS_ENABLED: () => property('ECS::Cluster', 'ClusterSettings',
    value => value?.some(({ Name, Value }: any) => Name === 'containerInsights' && ['enabled', 'enhanced'].includes(Value)),
    [{ Name: 'containerInsights', Value: 'disabled' }]),
  // The latest unless another one is asked for.
  ECS_FARGATE_LATEST_PLATFORM_VERSION: () => property('ECS::Service', 'PlatformVersion', value => value === undefined || value === 'LATEST', '1.3.0'),

  ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST: () => property('ElastiCache::ReplicationGroup', 'AtRestEncryptionEnabled', isTrue, false),
  ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT: () => property('ElastiCache::ReplicationGroup', 'TransitEncryptionEnabled', isTrue, false),
  ELASTICACHE_REPL_GRP_AUTO_FAILOVER_ENABLED: () => property('ElastiCache::ReplicationGroup', 'AutomaticFailoverEnabled', isTrue, false),

  CLOUDFRONT_VIEWER_POLICY_HTTPS: () => ({
    types: ['AWS::CloudFront::Distribution'],
    holds: properties => behaviors(properties).every(({ ViewerProtocolPolicy }) => ViewerProtocolPolicy !== 'allow-all'),
    breaks: properties => { behaviors(properties)[0].ViewerProtocolPolicy = 'allow-all'; },
  }),
  // For `match-viewer` the other rule on viewers is enough.
  CLOUDFRONT_TRAFFIC_TO_ORIGIN_ENCRYPTED: () => ({
    types: ['AWS::CloudFront::Distribution'],
    holds: ({ DistributionConfig }) => DistributionConfig.Origins.every(({ CustomOriginConfig }: any) => CustomOriginConfig?.OriginProtocolPolicy !== 'http-only'),
    breaks: ({ DistributionConfig }) => { DistributionConfig.Origins[0].CustomOriginConfig = { OriginProtocolPolicy: 'http-only' }; },
  }),
  CLOUDFRONT_ASSOCIATED_WITH_WAF: () => property('CloudFront::Distribution', 'DistributionConfig.WebACLId', isGiven, ''),
  CLOUDFRONT_ACCESSLOGS_ENABLED: () => property('CloudFront::Distribution', 'DistributionConfig.Logging.Bucket', isGiven, ''),

  VPC_FLOW_LOGS_ENABLED: () => ({
    types: ['AWS::EC2::VPC'],
    holds: (_, resources, id) => ofType(resources, 'AWS::EC2::FlowLog').some(({ ResourceId }) => same(ResourceId, { Ref: id })),
    breaks: (_, resources) => {
      for (const log of idsOf(resources, ['AWS::EC2::FlowLog'])) delete resources[log];
    },
  }),
  // EC2 makes the group with the VPC and opens it; a custom resource closes it.
  VPC_DEFAULT_SECURITY_GROUP_CLOSED: () => ({
    types: ['AWS::EC2::VPC'],
    holds: (_, resources, id) => ofType(resources, 'Custom::ClosedDefaultSecurityGroup')
      .some(({ GroupId }) => same(GroupId, { 'Fn::GetAtt': [id, 'DefaultSecurityGroup'] })),
    breaks: (_, resources) => {
      for (const closed of idsOf(resources, ['Custom::ClosedDefaultSecurityGroup'])) delete resources[closed];
    },
  }),
  VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS: ({ authorizedTcpPorts }) => ({
    types: ['AWS::EC2::SecurityGroup'],
    holds: (...group) => ingress(...group).filter(PUBLIC).every(({ IpProtocol, FromPort, ToPort }) =>
      IpProtocol === 'tcp' && FromPort === ToPort && authorizedTcpPorts.split(',').includes(String(FromPort))),
    breaks: properties => { properties.SecurityGroupIngress = [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 }]; },
  }),
  SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED: () => property('EC2::Subnet', 'MapPublicIpOnLaunch', value => !value, true),

  CMK_BACKING_KEY_ROTATION_ENABLED: () => property('KMS::Key', 'EnableKeyRotation', isTrue, false),
  SECRETSMANAGER_USING_CMK: () => property('SecretsManager::Secret', 'KmsKeyId', isGiven, undefined),
  SNS_ENCRYPTED_KMS: () => property('SNS::Topic', 'KmsMasterKeyId', isGiven, undefined),
  LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED: () => ({
    types: ['AWS::Lambda::Permission'],
    holds: ({ Principal, SourceAccount, SourceArn }) => Principal !== '*' || isGiven(SourceAccount) || isGiven(SourceArn),
    breaks: properties => {
      properties.Principal = '*';
      delete properties.SourceAccount;
      delete properties.SourceArn;
    },
  }),
  DYNAMODB_PITR_ENABLED: () => {
    const pointInTime = (properties: any) => (properties.Replicas ?? [properties]).map((each: any) => each.PointInTimeRecoverySpecification ??= {});
    return {
      types: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
      holds: properties => pointInTime(properties).every((each: any) => isTrue(each.PointInTimeRecoveryEnabled)),
      breaks: properties => { pointInTime(properties)[0].PointInTimeRecoveryEnabled = false; },
    };
  },
  ECR_PRIVATE_IMAGE_SCANNING_ENABLED: () => property('ECR::Repository', 'ImageScanningConfiguration.ScanOnPush', isTrue, false),
  ECR_PRIVATE_LIFECYCLE_POLICY_CONFIGURED: () => property('ECR::Repository', 'LifecyclePolicy.LifecyclePolicyText', isGiven, ''),
  ECR_PRIVATE_TAG_IMMUTABILITY_ENABLED: () => property('ECR::Repository', 'ImageTagMutability', value => value === 'IMMUTABLE', 'MUTABLE'),

  OPENSEARCH_ENCRYPTED_AT_REST: () => property('OpenSearchService::Domain', 'EncryptionAtRestOptions.Enabled', isTrue, false),
  OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK: () => property('OpenSearchService::Domain', 'NodeToNodeEncryptionOptions.Enabled', isTrue, false),
  OPENSEARCH_HTTPS_REQUIRED: () => property('OpenSearchService::Domain', 'DomainEndpointOptions.EnforceHTTPS', isTrue, false),
  OPENSEARCH_IN_VPC_ONLY: () => property('OpenSearchService::Domain', 'VPCOptions.SubnetIds', value => value?.length > 0, []),
};
