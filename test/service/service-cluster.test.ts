import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Platform, refusal, wrong } from './fixtures';
import { EnvironmentProfile, ServiceCluster, ServiceClusterProps } from '../../src';

test('a cluster has no servers, and Fargate and Fargate Spot', () => {
  const template = new Platform().template();

  template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', { CapacityProviders: ['FARGATE', 'FARGATE_SPOT'] });
  template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 0);
});

test.each([
  ['production', undefined, 'enabled'],
  ['development', undefined, 'disabled'],
  ['development', true, 'enabled'],
  ['production', false, 'disabled'],
])('Container Insights of %s with containerInsights %s is %s', (name, containerInsights, expected) => {
  const stack = new Stack();
  new ServiceCluster(stack, 'Cluster', { vpc: new ec2.Vpc(stack, 'Vpc'), profile: EnvironmentProfile.fromName(name), containerInsights });

  Template.fromStack(stack).hasResourceProperties('AWS::ECS::Cluster', { ClusterSettings: [{ Name: 'containerInsights', Value: expected }] });
});

test.each([
  ['no properties', undefined, /vpc is missing/],
  ['no vpc, for which CDK would make a network of its own', {}, /vpc is missing/],
  ['the id of a vpc', { vpc: 'vpc-1' }, /vpc is not what it should be/],
  ['the name of a profile', { profile: 'production' }, /profile is not what it should be/],
  ['a word for a boolean', { containerInsights: 'false' }, /containerInsights is not a boolean/],
])('a cluster with %s is refused and nothing is made', (_, props, message) => {
  const stack = new Stack(new App(), 'Stack');
  const given = props && 'vpc' in props || props === undefined || Object.keys(props).length === 0 ? props : { vpc: new ec2.Vpc(stack, 'Vpc'), ...props };
  const refused = refusal(() => new ServiceCluster(stack, 'Cluster', wrong<ServiceClusterProps>(given)));

  expect(refused).toMatch(message);
  expect(refused).toMatch(/^Stack\/Cluster: /);
  expect(stack.node.tryFindChild('Cluster')).toBeUndefined();
});
