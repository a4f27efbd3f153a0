import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ServiceCluster, Worker } from '../../src';

test('a service waits until its cluster has the capacity providers that it names', () => {
  const stack = new Stack(new App(), 'Stack');
  const cluster = new ServiceCluster(stack, 'Cluster', { vpc: new ec2.Vpc(stack, 'Vpc') });
  new Worker(stack, 'Worker', { cluster, image: ecs.ContainerImage.fromRegistry('example/worker') });

  const template = Template.fromStack(stack);
  const [associations] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
  template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([associations]) });
});
