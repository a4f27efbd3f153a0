import { EnvironmentProfile } from 'cdk-web-platform';
import { App } from 'aws-cdk-lib';
import { AivpStack } from './aivp-stack';

const app = new App();
const version = app.node.tryGetContext('version') ?? 'v1';

new AivpStack(app, 'AivpDev', { profile: EnvironmentProfile.development(), version });
new AivpStack(app, 'AivpStaging', { profile: EnvironmentProfile.staging(), version, subdomain: 'api.staging' });
new AivpStack(app, 'AivpProd', { profile: EnvironmentProfile.production(), version, subdomain: 'api' });

app.synth();
