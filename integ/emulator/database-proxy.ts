import { DescribeDBInstancesCommand, DescribeDBProxiesCommand, DescribeDBProxyTargetsCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Emulator } from './emulator';

const PROXY = /@127\.0\.0\.1:5432\//;

/** No proxy of RDS listens here: a process that would connect to one connects to the database that it stands before. */
export async function behindProxy(emulator: Emulator, environment: { readonly [name: string]: string }): Promise<{ [name: string]: string }> {
  if (!Object.values(environment).some(value => PROXY.test(value))) return { ...environment };
  const port = await portBehindProxy(new RDSClient(emulator.clientSettings));
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replace(PROXY, `@127.0.0.1:${port}/`)]));
}

async function portBehindProxy(client: RDSClient): Promise<number> {
  const { DBProxies: proxies = [] } = await client.send(new DescribeDBProxiesCommand({}));
  if (proxies.length !== 1) throw new Error(`a process connects to a proxy, and there are ${proxies.length}`);
  const { Targets: [target] = [] } = await client.send(new DescribeDBProxyTargetsCommand({ DBProxyName: proxies[0].DBProxyName }));
  const { DBInstances: [instance] = [] } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: target?.RdsResourceId }));
  return instance.Endpoint!.Port!;
}
