import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { IMAGE, Platform } from './fixtures';
import { ScheduledTask, ServiceCluster, WebLoadBalancer, WebService, Worker } from '../../src';
import { describeEdges, INTERNET, reachable } from '../security-graph';

/** Logical ids without their hash. */
const shortened = (node: string) => node.replace(/[0-9A-F]{8}$/, '').replace('TaskSecurityGroup', '').replace('SecurityGroup', '');

const lines = (template: Template, from: string) => describeEdges(reachable(template, from), shortened);

function nodeOf(template: Template, beginning: string): string {
  return Object.keys(template.findResources('AWS::EC2::SecurityGroup')).find(id => id.startsWith(beginning))!;
}

test('internet -> load balancer -> service on its port -> the internet over TLS, and nothing else', () => {
  const platform = new Platform();
  platform.addService('Api', { paths: ['/api/*'] });
  platform.addService('Site', { containerPort: 3000, sidecars: [{ name: 'proxy', image: IMAGE, ports: [8443] }] });
  new Worker(platform.stack, 'Worker', { cluster: platform.cluster, image: IMAGE });
  new ScheduledTask(platform.stack, 'Report', { cluster: platform.cluster, image: IMAGE, schedule: scheduler.ScheduleExpression.rate(Duration.days(1)) });
  const template = platform.template();

  expect(lines(template, INTERNET)).toEqual([
    'Api -> internet: tcp 443',
    'LoadBalancer -> Api: tcp 8000',
    'LoadBalancer -> Site: tcp 3000',
    'Site -> internet: tcp 443',
    'internet -> LoadBalancer: tcp 80',
  ]);
});

test('with HTTPS both ports are open, for the redirect', () => {
  const platform = new Platform();
  platform.addLoadBalancer('Front', { certificate: acm.Certificate.fromCertificateArn(platform.stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/1') });

  expect(lines(platform.template(), INTERNET)).toEqual(['internet -> Front: tcp 443', 'internet -> Front: tcp 80']);
});

test('from the internet nothing is reached behind a load balancer that only an office may call', () => {
  const platform = new Platform();
  platform.addService('Api', { loadBalancer: platform.addLoadBalancer('Front', { allowedCidrs: ['203.0.113.0/24'] }) });
  const template = platform.template();

  expect(lines(template, INTERNET)).toEqual([]);
  expect(lines(template, '203.0.113.0/24')).toEqual(['203.0.113.0/24 -> Front: tcp 80', 'Api -> internet: tcp 443', 'Front -> Api: tcp 8000']);
});

test('an internal load balancer is reached from the network only', () => {
  const platform = new Platform();
  platform.addService('Api', { loadBalancer: platform.addLoadBalancer('Front', { internal: true }) });
  const template = platform.template();

  expect(lines(template, INTERNET)).toEqual([]);
  expect(lines(template, 'vpc')).toEqual(['Api -> internet: tcp 443', 'Front -> Api: tcp 8000', 'vpc -> Front: tcp 80']);
});

test('a worker and a scheduled task can be reached by nobody', () => {
  const platform = new Platform();
  new Worker(platform.stack, 'Worker', { cluster: platform.cluster, image: IMAGE });
  const template = platform.template();

  expect(lines(template, nodeOf(template, 'Worker'))).toEqual(['Worker -> internet: tcp 443']);
  expect(lines(template, INTERNET)).toEqual([]);
});

test('the graph knows that a group without egress rules may send everything, and that both sides have to allow', () => {
  const stack = new Stack();
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const open = new ec2.SecurityGroup(stack, 'Open', { vpc });
  const closed = new ec2.SecurityGroup(stack, 'Closed', { vpc, allowAllOutbound: false });
  const database = new ec2.SecurityGroup(stack, 'Database', { vpc, allowAllOutbound: false });
  new ec2.CfnSecurityGroup(stack, 'Bare', { groupDescription: 'bare', vpcId: vpc.vpcId });
  database.addIngressRule(open, ec2.Port.tcp(5432));
  database.addIngressRule(closed, ec2.Port.tcp(5432));
  database.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcpRange(6000, 6010));
  const template = Template.fromStack(stack);

  expect(lines(template, nodeOf(template, 'Open'))).toEqual(['Open -> Database: tcp 5432', 'Open -> internet: everything']);
  expect(lines(template, nodeOf(template, 'Closed'))).toEqual([]);
  expect(lines(template, 'Bare')).toEqual(['Bare -> internet: everything']);
  expect(lines(template, '10.0.0.0/8')).toEqual(['10.0.0.0/8 -> Database: tcp 6000-6010']);
});

test('services in stacks of their own make no cycle: the rules between them and the load balancer are theirs', () => {
  const platform = new Platform();
  const { vpc, cluster, loadBalancer } = platform;
  const api = new Stack(platform.app, 'ApiStack');
  new WebService(api, 'Api', { ...platform.serviceProps(), targetRequestsPerMinute: 600 });
  const front = new Stack(platform.app, 'FrontStack');
  const other = new WebLoadBalancer(front, 'Front', { vpc });
  const site = new Stack(platform.app, 'SiteStack');
  new WebService(site, 'Site', { ...platform.serviceProps(), cluster: new ServiceCluster(new Stack(platform.app, 'ClusterStack'), 'Cluster', { vpc }), loadBalancer: other });

  expect(() => platform.app.synth()).not.toThrow();
  expect(platform.stack.dependencies).toEqual([]);
  expect(front.dependencies).toEqual([platform.stack]);
  expect(cluster.vpc).toBe(loadBalancer.loadBalancer.vpc);
  for (const stack of [api, site]) {
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
  }
});
