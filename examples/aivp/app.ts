import { App } from 'aws-cdk-lib';
import { EnvironmentProfile } from 'cdk-web-platform';
import { AivpStack } from './aivp-stack';
import { addDelivery, DeliveryStack } from './delivery';
import { DesktopStack } from './desktop-stack';

const app = new App();
const version = app.node.tryGetContext('version') ?? 'v1';
const zone = { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'aivp.example.com' };

new AivpStack(app, 'AivpDev', { profile: EnvironmentProfile.development(), version });
const staging = new AivpStack(app, 'AivpStaging', { profile: EnvironmentProfile.staging(), version, domainName: 'api.staging.aivp.example.com', zone });
new DesktopStack(app, 'AivpDesktop', { env: { region: 'us-east-1' }, zone });
const production = new AivpStack(app, 'AivpProd', { profile: EnvironmentProfile.production(), version, domainName: 'api.aivp.example.com', zone });

addDelivery(app);
new DeliveryStack(app, 'AivpDelivery', { staging: staging.registry.repository, production: production.registry.repository });

app.synth();
