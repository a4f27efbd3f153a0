import { App } from 'aws-cdk-lib';
import { addPromotion } from './promotion';
import { RpgStack } from './rpg-stack';

const app = new App();
const domainName = app.node.tryGetContext('domainName') ?? 'rpg.example.com';

new RpgStack(app, 'Rpg', {
  env: { region: 'eu-central-1' },
  domainName,
  productionTable: app.node.tryGetContext('productionTable') ?? 'rpg-production',
});
addPromotion(app, domainName);

app.synth();
