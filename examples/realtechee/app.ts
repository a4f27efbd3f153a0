import { App } from 'aws-cdk-lib';
import { RealtecheeStack } from './realtechee-stack';

const app = new App();
new RealtecheeStack(app, 'Realtechee', { env: { region: 'eu-central-1' } });
app.synth();
