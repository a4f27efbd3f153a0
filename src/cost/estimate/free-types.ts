/*
 * Types that AWS does not charge for by themselves: what they lead to has lines of its own. Schedules and rules of EventBridge are
 * here because what an app uses of them is free or costs less than a cent.
 */
const FREE_TYPES: { readonly [service: string]: string } = {
  Amplify: 'Branch Domain',
  ApplicationAutoScaling: 'ScalableTarget ScalingPolicy',
  Backup: 'BackupSelection BackupVault RestoreTestingPlan',
  Budgets: 'Budget',
  CDK: 'Metadata',
  CE: 'AnomalyMonitor AnomalySubscription CostCategory',
  Chatbot: 'CustomAction MicrosoftTeamsChannelConfiguration SlackChannelConfiguration',
  CloudFormation: 'CustomResource Macro Stack WaitCondition WaitConditionHandle',
  CloudFront: 'CachePolicy CloudFrontOriginAccessIdentity KeyGroup OriginAccessControl OriginRequestPolicy PublicKey ResponseHeadersPolicy VpcOrigin',
  CloudWatch: 'AnomalyDetector',
  Cognito: 'IdentityPool IdentityPoolPrincipalTag IdentityPoolRoleAttachment LogDeliveryConfiguration ManagedLoginBranding Terms UserPoolClient'
    + ' UserPoolDomain UserPoolGroup UserPoolIdentityProvider UserPoolResourceServer UserPoolRiskConfigurationAttachment UserPoolUICustomizationAttachment'
    + ' UserPoolUser UserPoolUserToGroupAttachment',
  Config: 'ConfigurationAggregator AggregationAuthorization DeliveryChannel RemediationConfiguration StoredQuery',
  EC2: 'DHCPOptions EIPAssociation EgressOnlyInternetGateway FlowLog InternetGateway KeyPair LaunchTemplate NetworkAcl NetworkAclEntry NetworkInterface'
    + ' PlacementGroup PrefixList Route RouteTable SecurityGroup SecurityGroupEgress SecurityGroupIngress SecurityGroupVpcAssociation Subnet SubnetCidrBlock'
    + ' SubnetNetworkAclAssociation SubnetRouteTableAssociation VPC VPCBlockPublicAccessOptions VPCCidrBlock VPCDHCPOptionsAssociation VPCGatewayAttachment',
  ECR: 'PullThroughCacheRule RegistryPolicy ReplicationConfiguration RepositoryCreationTemplate',
  ECS: 'CapacityProvider ClusterCapacityProviderAssociations TaskDefinition',
  ElastiCache: 'ParameterGroup SecurityGroup SubnetGroup User UserGroup',
  ElasticLoadBalancingV2: 'Listener ListenerCertificate ListenerRule TargetGroup',
  Events: 'EventBusPolicy Rule',
  IAM: 'AccessKey Group GroupPolicy InstanceProfile ManagedPolicy OIDCProvider Policy Role RolePolicy SAMLProvider ServiceLinkedRole User UserPolicy'
    + ' UserToGroupAddition',
  KMS: 'Alias Grant',
  Lambda: 'Alias CodeSigningConfig EventInvokeConfig EventSourceMapping LayerVersion LayerVersionPermission Permission Url Version',
  Logs: 'AccountPolicy Delivery DeliveryDestination DeliverySource LogStream QueryDefinition ResourcePolicy SubscriptionFilter',
  RDS: 'DBClusterParameterGroup DBParameterGroup DBProxyTargetGroup DBSecurityGroup DBSubnetGroup EventSubscription OptionGroup',
  ResourceGroups: 'Group',
  Route53: 'CidrCollection RecordSet RecordSetGroup',
  S3: 'BucketPolicy',
  SNS: 'Subscription TopicInlinePolicy TopicPolicy',
  SQS: 'QueueInlinePolicy QueuePolicy',
  Scheduler: 'Schedule ScheduleGroup',
  SecretsManager: 'ResourcePolicy RotationSchedule SecretTargetAttachment',
  SecurityHub: 'AutomationRule FindingAggregator Standard',
  Synthetics: 'Group',
  WAFv2: 'IPSet LoggingConfiguration RegexPatternSet WebACLAssociation',
};

/** Whether a type costs nothing by itself. Functions behind custom resources are priced as functions. */
export function isFreeType(type: string): boolean {
  if (type.startsWith('Custom::')) return true;
  const [, service, name] = type.split('::');
  return (FREE_TYPES[service] ?? '').split(' ').includes(name);
}
