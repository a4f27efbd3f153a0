import { App } from 'aws-cdk-lib';
import { RpgStack } from './rpg-stack';

const app = new App();
new RpgStack(app, 'Rpg', {
  env: { region: 'eu-central-1' },
  domainName: app.node.tryGetContext('domainName') ?? 'rpg.example.com',
  productionTable: app.node.tryGetContext('productionTable') ?? 'rpg-production',
});
app.synth();
