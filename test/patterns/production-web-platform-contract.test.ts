import { Template } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { IMAGE, platformWithSite, SERVICES, SITE } from './production-web-platform-fixtures';
import { templatesOf } from './static-cdn-site-fixtures';
import { EnvironmentProfile, ProductionWebPlatformProps } from '../../src';

/*
 * Logical ids are a public contract: a changed one replaces users, data, keys, or the distribution and the load balancer that everybody is on.
 * Whoever changes these tables changes running systems.
 */
const CONTRACT: { [logicalId: string]: string } = {
  ArcadeContainersCachePassword18CC569B: 'AWS::SecretsManager::Secret',
  ArcadeContainersCacheReplicationGroup2815C0A2: 'AWS::ElastiCache::ReplicationGroup',
  ArcadeContainersCacheSecretE3151869: 'AWS::SecretsManager::Secret',
  ArcadeContainersClusterE22E0BF7: 'AWS::ECS::Cluster',
  ArcadeContainersDatabaseApplicationSecret4BA9CDB5: 'AWS::SecretsManager::Secret',
  ArcadeContainersDatabaseInstanceF4B83961: 'AWS::RDS::DBInstance',
  ArcadeContainersDatabaseOwnerSecretE1F8C8C7: 'AWS::SecretsManager::Secret',
  ArcadeContainersDatabaseProxyD9AB0235: 'AWS::RDS::DBProxy',
  ArcadeContainersDatabaseProxyLoginA14242095: 'AWS::SecretsManager::Secret',
  ArcadeContainersDatabaseProxyLoginBE9DC9DA1: 'AWS::SecretsManager::Secret',
  ArcadeContainersLoadBalancer57065B28: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  ArcadeContainersLoadBalancerAccessLogsBucket2A8FE51F: 'AWS::S3::Bucket',
  ArcadeContainersLoadBalancerCertificateDD25C5CD: 'AWS::CertificateManager::Certificate',
  ArcadeContainersNetworkVpc333AD98E: 'AWS::EC2::VPC',
  ArcadeEncryptionKey035DD3E1: 'AWS::KMS::Key',
  ArcadeLoadBalancerFirewallWebAclC58085D0: 'AWS::WAFv2::WebACL',
  ArcadeSiteApiVpcOrigin6428B7ED: 'AWS::CloudFront::VpcOrigin',
  ArcadeSiteBucket6BF50639: 'AWS::S3::Bucket',
  ArcadeSiteDistributionCCC36A73: 'AWS::CloudFront::Distribution',
  ArcadeUsersDomain06DB9F49: 'AWS::Cognito::UserPoolDomain',
  ArcadeUsersUserPool6DF4B8FA: 'AWS::Cognito::UserPool',
};

/** What the platform has in us-east-1 where it is elsewhere. */
const CONTRACT_BESIDE: { [logicalId: string]: string } = {
  ArcadeSignInCertificate2A45B971: 'AWS::CertificateManager::Certificate',
  ArcadeSiteCertificate4BE0FC58: 'AWS::CertificateManager::Certificate',
  ArcadeSiteFirewallWebAcl7B1444E0: 'AWS::WAFv2::WebACL',
  EdgeEncryptionKey1711446C: 'AWS::KMS::Key',
};

const STATEFUL = [
  'AWS::Cognito::UserPool', 'AWS::Cognito::UserPoolDomain', 'AWS::CloudFront::Distribution', 'AWS::CloudFront::VpcOrigin', 'AWS::EC2::VPC', 'AWS::ECS::Cluster',
  'AWS::ElastiCache::ReplicationGroup', 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::KMS::Key', 'AWS::RDS::DBInstance', 'AWS::RDS::DBProxy',
  'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::WAFv2::WebACL', 'AWS::CertificateManager::Certificate',
];

function stateful(template: Template): { [logicalId: string]: string } {
  const found = STATEFUL.flatMap(type => Object.keys(template.findResources(type)).map(id => [id, type] as const));
  return Object.fromEntries(found.sort());
}

function idsOf(props: Partial<ProductionWebPlatformProps> = {}) {
  const { stack } = platformWithSite({ cache: true, proxy: true, ...props });
  const { Stack: home, 'Stack-edge': beside } = templatesOf(stack);
  return { home: stateful(home), beside: beside ? stateful(beside) : {} };
}

test('everything that keeps state has the id that it always had', () => {
  const { home, beside } = idsOf();
  expect(home).toEqual(CONTRACT);
  expect(beside).toEqual(CONTRACT_BESIDE);
});

test.each<[string, Partial<ProductionWebPlatformProps>]>([
  ['another profile', { profile: EnvironmentProfile.production().with({ databaseClass: 'm7g.large', cacheReplicas: 2, maximumTasks: 40 }) }],
  ['another service', { services: { Admin: { image: IMAGE, containerPort: 80, paths: ['/api/admin/*'] }, ...SERVICES } }],
  ['other sign-in', { signIn: { selfSignUp: false, mfa: cognito.Mfa.REQUIRED, callbackPath: '/signed-in' } }],
  ['other paths', { apiPaths: ['/api/*', '/graphql'] }],
  ['another site', { site: { ...SITE, intelligentTiering: true, accessLogs: true } }],
  ['a budget, and people who are told', { budget: { monthlyLimit: 400 }, costAnomalies: {}, alerts: { emails: ['ops@example.com'] } }],
])('%s changes none of these ids', (_what, props) => {
  const { home, beside } = idsOf(props);
  expect({ ...home, ...CONTRACT }).toEqual(home);
  expect({ ...beside, ...CONTRACT_BESIDE }).toEqual(beside);
});

test('in production, what people would miss is kept when it leaves its stack', () => {
  const template = Template.fromStack(platformWithSite({ cache: true }).stack).toJSON();
  const kept = ['AWS::Cognito::UserPool', 'AWS::KMS::Key', 'AWS::RDS::DBInstance', 'AWS::S3::Bucket'];
  const policies = Object.entries<any>(template.Resources).filter(([, { Type }]) => kept.includes(Type))
    .map(([id, { DeletionPolicy, UpdateReplacePolicy }]) => [id, DeletionPolicy, UpdateReplacePolicy]);
  for (const [id, deletion, replace] of policies) expect([id, deletion, replace]).toEqual([id, expect.stringMatching(/^Retain/), 'Retain']);
  expect(policies.length).toBeGreaterThanOrEqual(5);
});
