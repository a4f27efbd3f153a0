import { App, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { EnvironmentProfile, ServiceCluster, WebLoadBalancer, WebLoadBalancerProps, WebService, WebServiceProps } from '../../src';
import { PlatformError } from '../../src/errors';

export const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/python:3.11-slim');

/** A stack with a network, a cluster and a load balancer, to put services on. */
export class Platform {
  public readonly app = new App();
  public readonly stack: Stack;
  public readonly vpc: ec2.Vpc;
  public readonly cluster: ServiceCluster;
  private balancer?: WebLoadBalancer;

  constructor(public readonly profile?: EnvironmentProfile, env?: Environment, id = 'Platform') {
    this.stack = new Stack(this.app, id, { env });
    this.vpc = new ec2.Vpc(this.stack, 'Vpc');
    this.cluster = new ServiceCluster(this.stack, 'Cluster', { vpc: this.vpc, profile });
  }

  public get loadBalancer(): WebLoadBalancer {
    return this.balancer ??= this.addLoadBalancer('LoadBalancer');
  }

  public addLoadBalancer(id: string, props: Partial<WebLoadBalancerProps> = {}): WebLoadBalancer {
    return new WebLoadBalancer(this.stack, id, { vpc: this.vpc, profile: this.profile, ...props });
  }

  public addService(id: string, props: Partial<WebServiceProps> = {}): WebService {
    const { loadBalancer } = 'loadBalancer' in props ? props as WebServiceProps : this;
    return new WebService(this.stack, id, { ...this.serviceProps(loadBalancer), ...props });
  }

  public serviceProps(loadBalancer = this.loadBalancer): WebServiceProps {
    return { cluster: this.cluster, loadBalancer, profile: this.profile, image: IMAGE, containerPort: 8000 };
  }

  public template(): Template {
    return Template.fromStack(this.stack);
  }
}

/** Resources of a type whose logical id begins with a text, as one object by logical id. */
export function resourcesOf(template: Template, type: string, beginning = ''): { [logicalId: string]: any } {
  return Object.fromEntries(Object.entries(template.findResources(type)).filter(([logicalId]) => logicalId.startsWith(beginning)));
}

/** Properties of the only resource of a type whose logical id begins with a text. */
export function onlyResource(template: Template, type: string, beginning = ''): any {
  const found = Object.values(resourcesOf(template, type, beginning));
  expect(found).toHaveLength(1);
  return found[0].Properties;
}

/** A value of a wrong type, as a JavaScript user can give it. */
export function wrong<T>(value: unknown): T {
  return value as T;
}

/** The message of the PlatformError that this throws. A construct can be tried once only, since its id is taken afterwards. */
export function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    return (error as PlatformError).message;
  }
  throw new Error('nothing was refused');
}
