import { App } from 'aws-cdk-lib';
import { MyAppStack } from './my-app-stack';
import { EnvironmentProfile } from 'cdk-web-platform';

const app = new App();
/** Tag of the image to deploy: -c version=v2 */
const version = app.node.tryGetContext('version') ?? 'v1';

new MyAppStack(app, 'my-app-staging', { profile: EnvironmentProfile.staging(), version });
new MyAppStack(app, 'my-app-production', { profile: EnvironmentProfile.production(), version });
