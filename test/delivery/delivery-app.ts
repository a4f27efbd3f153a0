import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { GithubDelivery, GithubDeliveryProps } from '../../src';

export const SHOP: GithubDeliveryProps = {
  repository: 'acme/shop',
  region: 'eu-central-1',
  environments: [
    { name: 'staging', stacks: ['ShopStaging'], smokeTests: [{ path: '/health', expectedFields: { version: '{release}' } }] },
    { name: 'production', stacks: ['ShopProduction'], approvers: ['acme/operations'], url: 'https://shop.example.com' },
  ],
  images: [{ name: 'api', directory: 'api' }, { name: 'web-site', directory: 'web' }],
};

export interface DeliveryApp {
  readonly app: App;
  readonly delivery: GithubDelivery;
  readonly root: string;
}

/** An app with two stacks and a delivery, in a repository of its own. */
export function deliveryApp(props: Partial<GithubDeliveryProps> = {}, root = mkdtempSync(join(tmpdir(), 'repository-')), context = {}): DeliveryApp {
  const app = new App({ analyticsReporting: false, context });
  for (const id of ['ShopStaging', 'ShopProduction']) new Stack(app, id);
  const delivery = new GithubDelivery(app, 'Delivery', { ...SHOP, repositoryRoot: root, ...props });
  return { app, delivery, root };
}

export function workflowsOf(props: Partial<GithubDeliveryProps> = {}): { [file: string]: string } {
  return deliveryApp(props).delivery.workflows;
}
