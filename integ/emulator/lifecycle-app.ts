/*
 * The production environment of examples/aivp, with the changes that a life brings:
 * `-c version=v2` another image, `-c cpu=1024` another size, `-c broken=true` a change that fails half-way.
 */
import { App } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as configuration from '../../examples/aivp/cdk.json';
import { AivpStack } from '../../examples/aivp/aivp-stack';
import { EnvironmentProfile } from 'cdk-web-platform';

// The CDK CLI would read the example's cdk.json, were it called in its folder.
const app = new App({ context: configuration.context });
const context = (name: string): string | undefined => app.node.tryGetContext(name);

const stack = new AivpStack(app, 'AivpProd', { profile: EnvironmentProfile.production(), version: context('version') ?? 'v1', subdomain: 'api' });

const cpu = context('cpu');
if (cpu !== undefined) {
  const definition = stack.api.service.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
  definition.cpu = cpu;
  definition.memory = `${2 * Number(cpu)}`;
}
if (context('broken') !== undefined) {
  // After the service's own change, so that there is something to go back from.
  new sns.Topic(stack, 'Broken', { topicName: 'a name with spaces' }).node.addDependency(stack.api.service);
}

app.synth();
