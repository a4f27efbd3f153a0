/*
 * What the browser suite visits: examples/arcade in production, and its site once more as in staging, behind a password.
 * `-c site=<folder>` is the built site.
 */
import { App, Stack } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import * as configuration from '../../examples/arcade/cdk.json';
import { EnvironmentProfile, RuntimeConfig, SiteKind, StaticCdnSite } from 'cdk-web-platform';

// The CDK CLI would read the example's cdk.json, were it called in its folder.
const app = new App({ context: configuration.context });
const env = { region: 'eu-central-1' };
const site: string = app.node.tryGetContext('site');
const zone = { hostedZoneId: app.node.tryGetContext('hostedZoneId'), zoneName: 'arcade.example.com' };

// No domain of OpenSearch is here that a deployment could put index templates into: `npm run integ:search` has a real one.
new ArcadeStack(app, 'ArcadeProduction', {
  env, site, zone, version: 'v1', search: false, profile: EnvironmentProfile.production(), domainName: 'arcade.example.com',
});

const staging = new Stack(app, 'ArcadeStaging', { env });
new StaticCdnSite(staging, 'Site', {
  profile: EnvironmentProfile.staging(),
  kind: SiteKind.singlePageApp(),
  directory: site,
  domainName: 'staging.arcade.example.com',
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(staging, 'Zone', zone),
  passwordProtected: true,
  runtimeConfig: RuntimeConfig.script({ values: { VITE_API_BASE_URL: '', ENVIRONMENT: 'staging' } }),
  alertEmails: ['operations@arcade.example.com'],
});
app.synth();
