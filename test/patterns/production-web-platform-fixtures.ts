import { Environment, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { FRANKFURT, importedZone, newStack, SITE_FOLDER } from './static-cdn-site-fixtures';
import { ProductionWebPlatform, ProductionWebPlatformProps, SiteKind, StaticCdnSiteOptions } from '../../src';

export const IMAGE = ecs.ContainerImage.fromRegistry('example/api');
export const SITE: StaticCdnSiteOptions = { kind: SiteKind.singlePageApp(), directory: SITE_FOLDER };
export const SERVICES = { Api: { image: IMAGE, containerPort: 8000 } };

/** The pattern with one service, and the props of a test. */
export function addPlatform(stack: Stack, props: Partial<ProductionWebPlatformProps> = {}, id: string = 'Arcade'): ProductionWebPlatform {
  return new ProductionWebPlatform(stack, id, { services: SERVICES, ...props });
}

/** The pattern with a domain, a site and sign-in, in a stack of its own. */
export function platformWithSite(props: Partial<ProductionWebPlatformProps> = {}, env: Environment | undefined = FRANKFURT) {
  const stack = newStack(env);
  const domain = { domainName: 'arcade.example.com', hostedZone: importedZone(stack) };
  const platform = addPlatform(stack, { domain, site: SITE, signIn: {}, ...props });
  return { stack, platform };
}

/** Everything on. */
export const EVERYTHING: Partial<ProductionWebPlatformProps> = {
  cache: true,
  proxy: true,
  uploads: {},
  search: { indexes: [{ name: 'games' }] },
  recovery: { recoveryRegion: 'eu-west-1' },
  budget: { monthlyLimit: 700 },
  costAnomalies: {},
  alerts: { emails: ['ops@example.com'] },
};
