import { App } from 'aws-cdk-lib';
import { MyAppStack } from './my-app-stack';
import { EnvironmentProfile } from 'cdk-web-platform';

const app = new App();

new MyAppStack(app, 'my-app-staging', { profile: EnvironmentProfile.staging() });
new MyAppStack(app, 'my-app-production', { profile: EnvironmentProfile.production() });
