/*
 * The production environment of examples/aivp, with the changes that a life brings:
 * `-c version=v2` another image, `-c cpu=1024` another size, `-c unprotected=true` no deletion protection, as before a planned end.
 */
import { App } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AivpStack } from '../../examples/aivp/aivp-stack';
import * as configuration from '../../examples/aivp/cdk.json';
import { EnvironmentProfile } from 'cdk-web-platform';

// The CDK CLI would read the example's cdk.json, were it called in its folder.
const app = new App({ context: configuration.context });
const context = (name: string): string | undefined => app.node.tryGetContext(name);

const production = EnvironmentProfile.production();
const profile = context('unprotected') === undefined ? production : production.with({ deletionProtection: false });
const stack = new AivpStack(app, 'AivpProd', {
  profile,
  version: context('version') ?? 'v1',
  domainName: 'api.aivp.example.com',
  zone: { hostedZoneId: context('hostedZoneId')!, zoneName: 'aivp.example.com' },
});

const cpu = context('cpu');
if (cpu !== undefined) {
  const definition = stack.api.service.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
  definition.cpu = cpu;
  definition.memory = `${2 * Number(cpu)}`;
}
app.synth();
