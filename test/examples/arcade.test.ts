import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import { context } from '../../examples/arcade/cdk.json';
import { DeliveryStack } from '../../examples/arcade/delivery';
import { EnvironmentProfile } from '../../src';
import { INTERNET, reachable, securityEdges } from '../security-graph';

/* Each line of the reference app, by its name. */

const site = mkdtempSync(join(tmpdir(), 'arcade-'));
writeFileSync(join(site, 'index.html'), '<!doctype html><title>arcade</title>');

type Stacks = { readonly [id: string]: Template };

function environment(name: string): Stacks {
  const app = new App({ context: { ...context, 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false });
  const zone = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'arcade.example.com' };
  const domainName = 'arcade.example.com';
  const env = { region: 'eu-central-1' };
  const { registry: { repository } } = new ArcadeStack(app, 'Arcade', { env, profile: EnvironmentProfile.fromName(name), domainName, zone, version: 'v1', site });
  new DeliveryStack(app, 'Arcade-delivery', { env, staging: repository, production: repository });
  return Object.fromEntries(app.synth().stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]));
}

const production = environment('production');
const { 'Arcade': home, 'Arcade-edge': edge, 'Arcade-edge-alarms': edgeAlarms, 'Arcade-recovery-eu-west-1': recovery, 'Arcade-delivery': delivery } = production;

function all(template: Template, type: string): any[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties);
}

describe('network', () => {
  test('VPC over two or more zones, NAT, flow logs, endpoints', () => {
    expect(new Set(all(home, 'AWS::EC2::Subnet').map(({ AvailabilityZone }) => JSON.stringify(AvailabilityZone))).size).toBeGreaterThanOrEqual(2);
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::FlowLog', 'AWS::EC2::VPCEndpoint']) expect(all(home, type).length).toBeGreaterThan(0);
  });

  test('security groups: internet through CloudFront to the load balancer, to services, to PostgreSQL 5432 and Redis 6379, and nothing else', () => {
    expect(reachable(home, INTERNET)).toEqual([]);
    const ports = (to: RegExp) => [...new Set(securityEdges(home).filter(rule => to.test(rule.to)).map(rule => rule.ports))];
    expect(ports(/CacheSecurityGroup/)).toEqual(['tcp 6379']);
    expect(ports(/DatabaseProxy/)).toEqual(['tcp 5432']);
    expect(ports(/SearchSecurityGroup/)).toEqual(['tcp 443']);
  });
});

describe('data', () => {
  test('PostgreSQL Multi-AZ, backups, encryption, parameter group, RDS Proxy', () => {
    home.hasResourceProperties('AWS::RDS::DBInstance', { MultiAZ: true, StorageEncrypted: true, BackupRetentionPeriod: Match.anyValue(), DBParameterGroupName: Match.anyValue() });
    home.resourceCountIs('AWS::RDS::DBProxy', 1);
  });

  test('Redis encrypted in transit and at rest, with a parameter group', () => {
    home.hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
      TransitEncryptionEnabled: true, AtRestEncryptionEnabled: true, CacheParameterGroupName: Match.anyValue(),
    });
  });

  test('OpenSearch with access policy, index templates and an ingestion path', () => {
    home.hasResourceProperties('AWS::OpenSearchService::Domain', { AccessPolicies: Match.anyValue(), AdvancedSecurityOptions: Match.objectLike({ Enabled: true }) });
    home.resourceCountIs('Custom::SearchIndexes', 1);
    home.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
  });
});

describe('services', () => {
  test('ECR with lifecycle, scanning and CI access', () => {
    home.hasResourceProperties('AWS::ECR::Repository', { LifecyclePolicy: Match.anyValue(), ImageScanningConfiguration: { ScanOnPush: true } });
    expect(JSON.stringify(all(delivery, 'AWS::IAM::Role'))).toContain('repo:acme/arcade:environment:production');
    expect(JSON.stringify(all(delivery, 'AWS::IAM::ManagedPolicy'))).toMatch(/ecr:PutImage.*Arcade:ExportsOutput[A-Za-z]*Registry/);
  });

  test('ECS Fargate with execution and task roles', () => {
    home.hasResourceProperties('AWS::ECS::TaskDefinition', { ExecutionRoleArn: Match.anyValue(), TaskRoleArn: Match.anyValue(), RequiresCompatibilities: ['FARGATE'] });
  });

  test('load balancer with HTTPS, HTTP to HTTPS at the edge, health checks', () => {
    home.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS', Port: 443 });
    home.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { HealthCheckPath: '/api/health' });
    const [{ DistributionConfig }] = all(home, 'AWS::CloudFront::Distribution');
    expect(DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https');
  });

  test('scaling on CPU, memory, requests and a schedule', () => {
    const metrics = all(home, 'AWS::ApplicationAutoScaling::ScalingPolicy')
      .map(policy => policy.TargetTrackingScalingPolicyConfiguration).map(target => target.PredefinedMetricSpecification?.PredefinedMetricType ?? 'requests').sort();
    expect(metrics).toEqual(['ECSServiceAverageCPUUtilization', 'ECSServiceAverageMemoryUtilization', 'requests']);
    home.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { ScheduledActions: [Match.objectLike({ ScheduledActionName: Match.stringLikeRegexp('evening') })] });
  });

  test('zero-downtime blue/green', () => {
    home.hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } });
  });
});

describe('names', () => {
  test('records and health checks', () => {
    expect(all(home, 'AWS::Route53::RecordSet').map(({ Name }) => Name)).toEqual(expect.arrayContaining(['arcade.example.com.', 'www.arcade.example.com.']));
    expect(Object.keys({ ...home.findResources('AWS::Route53::HealthCheck'), ...edgeAlarms.findResources('AWS::Route53::HealthCheck') })).toHaveLength(1);
  });

  test("certificates for the main domain and the API's, DNS-validated, with renewal watched", () => {
    const certificates = [...all(home, 'AWS::CertificateManager::Certificate'), ...all(edge, 'AWS::CertificateManager::Certificate')];
    expect(certificates.map(({ DomainName }) => DomainName).sort()).toEqual(['arcade.example.com', 'auth.arcade.example.com', 'origin.arcade.example.com']);
    expect(certificates.every(({ ValidationMethod }) => ValidationMethod === 'DNS')).toBe(true);
    expect(all(home, 'AWS::CloudWatch::Alarm').some(({ MetricName }) => MetricName === 'DaysToExpiry')).toBe(true);
  });
});

test('React frontend in a private bucket (versioned, lifecycle) behind CloudFront (HTTPS only, own domain, caching by kind of file)', () => {
  const buckets = all(home, 'AWS::S3::Bucket');
  expect(buckets.every(({ PublicAccessBlockConfiguration: block }) => block.BlockPublicPolicy && block.RestrictPublicBuckets)).toBe(true);
  const versioned = { VersioningConfiguration: { Status: 'Enabled' }, LifecycleConfiguration: Match.anyValue() };
  home.hasResourceProperties('AWS::S3::Bucket', versioned);
  home.resourceCountIs('Custom::SiteDeployment', 1);
});

test('Cognito: password policy, verification, MFA, recovery; Google sign-in with scopes and callback URLs', () => {
  home.hasResourceProperties('AWS::Cognito::UserPool', {
    AutoVerifiedAttributes: ['email'],
    MfaConfiguration: 'OPTIONAL',
    Policies: { PasswordPolicy: Match.objectLike({ MinimumLength: 12 }) },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
  });
  home.hasResourceProperties('AWS::Cognito::UserPoolIdentityProvider', {
    ProviderType: 'Google', ProviderDetails: Match.objectLike({ authorize_scopes: Match.stringLikeRegexp('email') }),
  });
  home.hasResourceProperties('AWS::Cognito::UserPoolClient', { CallbackURLs: ['https://arcade.example.com/callback'], SupportedIdentityProviders: ['COGNITO', 'Google'] });
});

describe('watching', () => {
  test("dashboards and alarms (CPU, memory, errors), the app's own metrics, SNS and PagerDuty", () => {
    const alarms = all(home, 'AWS::CloudWatch::Alarm');
    const namesIn = (metrics: any[]) => metrics.map(one => one.MetricStat?.Metric.MetricName);
    const metricNames = new Set(alarms.flatMap(({ MetricName, Metrics = [] }) => [MetricName, ...namesIn(Metrics)]));
    for (const name of ['CPUUtilization', 'MemoryUtilization', 'HTTPCode_Target_5XX_Count', 'Plays']) expect([...metricNames]).toContain(name);
    home.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    home.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'https', Endpoint: Match.stringLikeRegexp('arcade/pagerduty') });
  });

  test('a runbook for each alarm', () => {
    const alarms = [...all(home, 'AWS::CloudWatch::Alarm'), ...all(edgeAlarms, 'AWS::CloudWatch::Alarm')];
    const without = alarms.filter(({ AlarmDescription }) => !/runbooks\/[a-z0-9-]+\.md/.test(JSON.stringify(AlarmDescription)));
    // The team's own metric, whose page the team writes.
    expect(without.filter(alarm => !JSON.stringify(alarm).includes('Plays'))).toEqual([]);
  });
});

describe('safety', () => {
  test('secrets in Secrets Manager, rotated', () => {
    expect(all(home, 'AWS::SecretsManager::RotationSchedule').length).toBeGreaterThanOrEqual(2);
  });

  test('WAF on CloudFront and load balancer: managed groups, rate limits, own rules', () => {
    const rulesOf = (template: Template) => all(template, 'AWS::WAFv2::WebACL').flatMap(({ Rules }) => Rules) as { Name: string; Statement: any }[];
    expect(rulesOf(edge).map(({ Name }) => Name)).toContain('Probes');
    expect(rulesOf(edge).some(({ Statement }) => Statement.RateBasedStatement)).toBe(true);
    for (const template of [home, edge]) expect(rulesOf(template).some(({ Statement }) => Statement.ManagedRuleGroupStatement)).toBe(true);
    home.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });

  test('RDS snapshots copied to another region, bucket replication, restore tested on a schedule', () => {
    home.hasResourceProperties('AWS::RDS::DBInstance', { AutomaticBackupReplicationRegion: 'eu-west-1' });
    home.hasResourceProperties('AWS::S3::Bucket', { ReplicationConfiguration: Match.anyValue() });
    home.hasResourceProperties('AWS::Backup::RestoreTestingPlan', { ScheduleExpression: Match.stringLikeRegexp('cron') });
    recovery.resourceCountIs('AWS::Backup::BackupVault', 1);
  });
});

test('uploads bucket, SQS, Lambda that makes the image sizes, with a dead-letter queue', () => {
  home.hasResourceProperties('AWS::SQS::Queue', { RedrivePolicy: Match.objectLike({ maxReceiveCount: 3 }) });
  home.hasResourceProperties('AWS::Lambda::EventSourceMapping', { FunctionResponseTypes: ['ReportBatchItemFailures'] });
});

test('cost anomaly detection, budgets, Intelligent-Tiering, lifecycle', () => {
  home.resourceCountIs('AWS::CE::AnomalySubscription', 1);
  home.resourceCountIs('AWS::Budgets::Budget', 1);
  expect(JSON.stringify(all(home, 'AWS::S3::Bucket'))).toContain('INTELLIGENT_TIERING');
});

test('staging is smaller than production, and the same app', () => {
  const { Arcade: staging } = environment('staging');
  staging.hasResourceProperties('AWS::RDS::DBInstance', { MultiAZ: false });
  staging.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 1 });
  expect(Object.keys(staging.toJSON().Resources).length).toBeLessThan(Object.keys(home.toJSON().Resources).length);
});

test('it promises 99.9 %, and 95 of 100 requests under 200 ms', () => {
  const ids = Object.keys(home.findResources('AWS::CloudWatch::CompositeAlarm'));
  for (const objective of ['Availability', 'Latency']) expect(ids.some(id => id.includes(`${objective}BurnsFast`))).toBe(true);
});
