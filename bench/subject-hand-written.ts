/*
 * What `subject-platform.ts` makes, as a team without the library would write it: L2s, and L1s where there is no L2 or where it
 * cannot say the same. The same resources with the same properties where these cost time; only ids, and with them the tree, differ.
 *
 * Two things are as such a team would have them: the default security group is closed by the VPC's own `restrictDefaultSecurityGroup`
 * (the table states the difference), and nothing is explained to auditors, which the library does at its own cost.
 */
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Cache } from './hand-written/cache';
import { Database } from './hand-written/database';
import { Firewall, firewallGraphs, watchFirewall } from './hand-written/firewall';
import { createFailedEvents, createKey, Platform } from './hand-written/foundation';
import { LoadBalancer } from './hand-written/load-balancer';
import { Monitoring } from './hand-written/monitoring';
import { Network } from './hand-written/network';
import { createDeploymentHelper, ReleaseOperator } from './hand-written/releases';
import { WebService } from './hand-written/service';

export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id);
  const key = createKey(stack, 'Key');
  const monitoring = new Monitoring(stack, 'Monitoring', key);
  const platform: Platform = { key, monitoring, failedEvents: createFailedEvents(stack, key) };
  const { vpc } = new Network(stack, 'Network', platform);

  const firewall = { name: `${id}-Firewall`, rateLimit: true };
  const { webAclArn } = new Firewall(stack, 'Firewall', { ...firewall, key, scope: 'REGIONAL' });
  watchFirewall(stack, firewall, monitoring, stack.region);
  const loadBalancer = new LoadBalancer(stack, 'LoadBalancer', {
    platform,
    vpc,
    zone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' }),
    domainName: 'api.example.com',
    internetFacing: true,
    webAclArn,
    graphs: firewallGraphs(firewall.name, stack.region),
  });

  const database = new Database(stack, 'Database', { platform, vpc, proxy: false });
  const cache = new Cache(stack, 'Cache', platform, vpc);
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, enableFargateCapacityProviders: true, containerInsightsV2: ecs.ContainerInsights.ENABLED });
  const { service } = new WebService(stack, 'Service', {
    platform,
    vpc,
    cluster,
    loadBalancer,
    helper: createDeploymentHelper(stack, platform),
    priority: 100,
    image: 'ghcr.io/example/api:1',
    environment: { LOG_LEVEL: 'info' },
    secrets: { DATABASE_URL: database.applicationSecret, REDIS_URL: cache.secret },
  });
  service.connections.allowToDefaultPort(database);
  service.connections.allowToDefaultPort(cache);
  service.node.addDependency(...database.ready, cache.secret);
  new ReleaseOperator(stack, 'ReleaseOperator', platform, { service, secret: database.applicationSecret, timeoutMinutes: 26 });
  monitoring.createDashboard();
  return stack;
}
