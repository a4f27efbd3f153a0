import { App } from 'aws-cdk-lib';
import { MyAppStack } from './my-app-stack';

// One app: its branches are the environments.
new MyAppStack(new App(), 'my-app');
