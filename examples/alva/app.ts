import { App } from 'aws-cdk-lib';
import { EnvironmentProfile } from 'cdk-web-platform';
import { AlvaStack } from './alva-stack';
import { addDelivery, DeliveryStack } from './delivery';

/** The environments there are; any other name is refused with this list. */
const ENVIRONMENTS = ['staging', 'production'];

const app = new App();
const version = app.node.tryGetContext('version') ?? 'v1';
const zone = { hostedZoneId: app.node.tryGetContext('hostedZoneId') ?? 'Z0123456789EXAMPLE', zoneName: 'alva.example.com' };
const environment: string | undefined = app.node.tryGetContext('environment');

if (environment !== undefined && !ENVIRONMENTS.includes(environment)) {
  throw new Error(`There is no environment '${environment}'. Use -c environment=${ENVIRONMENTS.join(' or -c environment=')}, or none for all.`);
}
const stacks = (environment ? [environment] : ENVIRONMENTS)
  .map(name => new AlvaStack(app, `alva-${name}`, { profile: EnvironmentProfile.fromName(name), zone, version }));
// Its environments are all there are.
if (environment === undefined) {
  addDelivery(app);
  const [staging, production] = stacks.map(({ repositories }) => repositories);
  new DeliveryStack(app, 'alva-delivery', { staging, production });
}

app.synth();
