import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MyAppStack } from '../src/my-app-stack';
import { EnvironmentProfile } from 'cdk-web-platform';

const profile = EnvironmentProfile.production();
const production = Template.fromStack(new MyAppStack(new App(), 'Production', { profile, version: 'v1' }));

test('the production database is encrypted, in two zones, private, and not deleted by mistake', () => {
  production.hasResourceProperties('AWS::RDS::DBInstance', {
    StorageEncrypted: true, MultiAZ: true, PubliclyAccessible: false, DeletionProtection: true,
  });
});

test('a new version starts beside the old one', () => {
  production.hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } });
});

test('the API is asked for its health before it gets requests', () => {
  production.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { HealthCheckPath: '/health' });
});
