/*
 * What the browser suite visits: examples/arcade in production, and its site once more as in staging, behind a password.
 * `-c site=<folder>` is the built site, `-c parts=uploads,search,recovery` what production has got so far.
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

const parts: string = app.node.tryGetContext('parts');
const [uploads, search, recovery] = ['uploads', 'search', 'recovery'].map(part => parts.includes(part));

new ArcadeStack(app, 'ArcadeProduction', {
  env, site, zone, uploads, search, recovery, version: 'v1', profile: EnvironmentProfile.production(), domainName: 'arcade.example.com',
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
