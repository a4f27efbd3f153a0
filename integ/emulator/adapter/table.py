"""Every resource type that the adapter adds to MiniStack's, or adds something to.

A type that is neither here nor in MiniStack fails the whole stack, which is what we want: nothing passes because
it was ignored. `Recorded` types are in the stack and nothing stands behind them: assert those on the template.
"""

from . import budgets, cloudfront, deliveries, domains, dynamodb, ec2, ecs, elasticache, elbv2, others, rds, s3, secretsmanager, wafv2
from .cloudformation import Recorded

TABLE = {
    # Missing in MiniStack's CloudFormation, and made by its service APIs.
    "AWS::Budgets::Budget": budgets.Budget,
    "AWS::CloudFront::MonitoringSubscription": cloudfront.MonitoringSubscription,
    "AWS::CloudFront::VpcOrigin": cloudfront.VpcOrigin,
    "AWS::CloudWatch::CompositeAlarm": others.CompositeAlarm,
    "AWS::EC2::EIP": ec2.ElasticIp,
    "AWS::EC2::FlowLog": ec2.FlowLog,
    "AWS::EC2::Instance": ec2.Instance,
    "AWS::EC2::NatGateway": ec2.NatGateway,
    "AWS::EC2::SecurityGroupEgress": ec2.SecurityGroupEgress,
    "AWS::EC2::SecurityGroupIngress": ec2.SecurityGroupIngress,
    "AWS::ECS::ClusterCapacityProviderAssociations": ecs.ClusterCapacityProviderAssociations,
    "AWS::ElastiCache::ServerlessCache": elasticache.ServerlessCache,
    "AWS::IAM::OIDCProvider": others.OidcProvider,
    "AWS::Logs::Delivery": deliveries.Delivery,
    "AWS::Logs::DeliveryDestination": deliveries.DeliveryDestination,
    "AWS::Logs::DeliverySource": deliveries.DeliverySource,
    "AWS::RDS::DBProxy": rds.Proxy,
    "AWS::RDS::DBProxyTargetGroup": rds.ProxyTargetGroup,
    "AWS::Route53::RecordSetGroup": domains.RecordSetGroup,
    "AWS::SecretsManager::ResourcePolicy": secretsmanager.ResourcePolicy,
    "AWS::SecretsManager::RotationSchedule": secretsmanager.RotationSchedule,
    "AWS::WAFv2::IPSet": wafv2.IpSet,
    "AWS::WAFv2::LoggingConfiguration": wafv2.LoggingConfiguration,
    "AWS::WAFv2::RegexPatternSet": wafv2.RegexPatternSet,
    "AWS::WAFv2::WebACLAssociation": wafv2.WebAclAssociation,
    # In MiniStack's CloudFormation, with something missing or wrong.
    "AWS::CertificateManager::Certificate": domains.Certificate,
    "AWS::CloudFront::CachePolicy": cloudfront.CachePolicy,
    "AWS::CloudFront::Distribution": cloudfront.Distribution,
    "AWS::CloudFront::Function": cloudfront.Function,
    "AWS::CloudFront::KeyValueStore": cloudfront.KeyValueStore,
    "AWS::CloudFront::OriginAccessControl": cloudfront.OriginAccessControl,
    "AWS::CloudFront::OriginRequestPolicy": cloudfront.OriginRequestPolicy,
    "AWS::CloudFront::ResponseHeadersPolicy": cloudfront.ResponseHeadersPolicy,
    "AWS::CloudWatch::Alarm": others.Alarm,
    "AWS::DynamoDB::GlobalTable": dynamodb.GlobalTable,
    "AWS::DynamoDB::Table": dynamodb.Table,
    "AWS::EC2::VPC": ec2.Vpc,
    "AWS::ECS::Service": ecs.Service,
    "AWS::ECS::TaskDefinition": ecs.TaskDefinition,
    "AWS::ElastiCache::ReplicationGroup": elasticache.ReplicationGroup,
    "AWS::ElastiCache::User": elasticache.User,
    "AWS::ElastiCache::UserGroup": elasticache.UserGroup,
    "AWS::ElasticLoadBalancingV2::ListenerRule": elbv2.ListenerRule,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": elbv2.LoadBalancer,
    "AWS::RDS::DBCluster": rds.Cluster,
    "AWS::RDS::DBInstance": rds.Instance,
    "AWS::Route53::HostedZone": domains.HostedZone,
    "AWS::S3::Bucket": s3.Bucket,
    "AWS::SecretsManager::Secret": secretsmanager.Secret,
    "AWS::WAFv2::WebACL": wafv2.WebAcl,
    # MiniStack has no API for these.
    "AWS::ApplicationAutoScaling::ScalableTarget": Recorded,
    "AWS::ApplicationAutoScaling::ScalingPolicy": Recorded,
    "AWS::ElasticLoadBalancingV2::ListenerCertificate": Recorded,
    "AWS::GuardDuty::MalwareProtectionPlan": Recorded,
    "AWS::IAM::ServiceLinkedRole": Recorded,
    "AWS::Logs::QueryDefinition": Recorded,
}
