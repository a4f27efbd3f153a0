/*
 * examples/arcade as the browser suite visits it: production and staging, `-c site=<folder>` with the built site.
 * Staging rolls: an emulator has room for one listener that tests releases.
 */
import { App } from 'aws-cdk-lib';
import { ArcadeStack } from '../../examples/arcade/arcade-stack';
import * as configuration from '../../examples/arcade/cdk.json';
import { EnvironmentProfile, ReleaseStrategy } from 'cdk-web-platform';

// The CDK CLI would read the example's cdk.json, were it called in its folder.
const app = new App({ context: configuration.context });
const shared = {
  env: { region: 'eu-central-1' },
  version: 'v1',
  site: app.node.tryGetContext('site'),
  zone: { hostedZoneId: app.node.tryGetContext('hostedZoneId'), zoneName: 'arcade.example.com' },
};

new ArcadeStack(app, 'ArcadeProduction', { ...shared, profile: EnvironmentProfile.production(), domainName: 'arcade.example.com' });
new ArcadeStack(app, 'ArcadeStaging', {
  ...shared, profile: EnvironmentProfile.staging().with({ releaseStrategy: ReleaseStrategy.rolling() }), domainName: 'staging.arcade.example.com',
});
app.synth();
