import { App } from 'aws-cdk-lib';
import { EnvironmentProfile } from 'cdk-web-platform';
import { ArcadeStack } from './arcade-stack';

const app = new App();
const version = app.node.tryGetContext('version') ?? 'v1';
const site = app.node.tryGetContext('site');
const zone = { hostedZoneId: app.node.tryGetContext('hostedZoneId') ?? 'Z0123456789EXAMPLE', zoneName: 'arcade.example.com' };
// The certificate and the firewall of the site are made in us-east-1 by themselves.
const env = { region: 'eu-central-1' };

new ArcadeStack(app, 'ArcadeStaging', { env, profile: EnvironmentProfile.staging(), domainName: 'staging.arcade.example.com', zone, version, site });
new ArcadeStack(app, 'ArcadeProduction', { env, profile: EnvironmentProfile.production(), domainName: 'arcade.example.com', zone, version, site });

app.synth();
