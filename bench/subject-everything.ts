import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { ProductionWebPlatform, SiteKind } from 'cdk-web-platform';

/** The pattern with its production profile and everything on: what is compared with `subject-hand-written-everything.ts`. `run.ts` writes the site. */
export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id, { env: { region: 'eu-central-1' } });
  const zoneName = `${id.toLowerCase()}.example.com`;
  new ProductionWebPlatform(stack, 'Arcade', {
    domain: {
      domainName: `arcade.${zoneName}`,
      hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName }),
    },
    services: {
      Catalogue: {
        image: ecs.ContainerImage.fromRegistry('ghcr.io/example/catalogue:1'),
        containerPort: 8000,
        environment: { LOG_LEVEL: 'info' },
        migrations: { command: ['npm', 'run', 'migrate'] },
        smokeTests: [{ path: '/api/health' }],
      },
    },
    cache: true,
    proxy: true,
    site: { kind: SiteKind.singlePageApp(), directory: join(__dirname, 'built-site') },
    signIn: {},
    uploads: {},
    search: { indexes: [{ name: 'games' }] },
    recovery: { recoveryRegion: 'eu-west-1' },
    budget: { monthlyLimit: 700 },
    costAnomalies: {},
    alerts: { emails: ['ops@example.com'] },
  });
  return stack;
}
