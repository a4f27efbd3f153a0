import { App, Stack } from 'aws-cdk-lib';
import { AccountSecurity, AccountService, ConfigRules, EncryptionKey, EnvironmentProfile, PlatformReport } from 'cdk-web-platform';
import { ArcadeStack } from './arcade-stack';
import { addDelivery, DeliveryStack } from './delivery';

const app = new App();
const version = app.node.tryGetContext('version') ?? 'v1';
const site = app.node.tryGetContext('site');
const zone = { hostedZoneId: app.node.tryGetContext('hostedZoneId') ?? 'Z0123456789EXAMPLE', zoneName: 'arcade.example.com' };
// What has to be in us-east-1 or in the recovery region is made there by itself.
const env = { region: 'eu-central-1' };

const staging = new ArcadeStack(app, 'ArcadeStaging', { env, profile: EnvironmentProfile.staging(), domainName: 'staging.arcade.example.com', zone, version, site });
const production = new ArcadeStack(app, 'ArcadeProduction', { env, profile: EnvironmentProfile.production(), domainName: 'arcade.example.com', zone, version, site });

// Once for the account, whatever runs in it.
const account = new Stack(app, 'ArcadeAccount', { env });
const accountSecurity = new AccountSecurity(account, 'Security', {
  encryptionKey: new EncryptionKey(account, 'EncryptionKey').key,
  configRecorder: AccountService.NEW,
  guardDuty: AccountService.NEW,
  cloudTrail: AccountService.NEW,
  accessAnalyzer: AccountService.NEW,
});
new ConfigRules(account, 'Rules', { accountSecurity });

addDelivery(app);
new DeliveryStack(app, 'ArcadeDelivery', { env, staging: staging.registry.repository, production: production.registry.repository });

new PlatformReport(app, 'Report');

app.synth();
