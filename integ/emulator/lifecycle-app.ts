/*
 * The production environment of examples/aivp, with the changes that a life brings:
 * `-c version=v2` another image, `-c cpu=1024` another size, `-c unprotected=true` no deletion protection, as before a planned end;
 * and for drills, `-c paths=/api/*,/health` other paths, `-c migrationMinutes=1` another time limit, `-c broken=true` a resource that fails
 * when the service has been updated.
 */
import { App, Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
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
  migrationTimeout: Duration.minutes(Number(context('migrationMinutes') ?? '15')),
  domainName: 'api.aivp.example.com',
  zone: { hostedZoneId: context('hostedZoneId')!, zoneName: 'aivp.example.com' },
});

const service = stack.api.service.service.node.findChild('Service') as ecs.CfnService;

const cpu = context('cpu');
if (cpu !== undefined) {
  const definition = stack.api.service.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
  definition.cpu = cpu;
  definition.memory = `${2 * Number(cpu)}`;
}

const paths = context('paths');
if (paths !== undefined) {
  const rule = stack.api.service.listenerRule.node.defaultChild as elbv2.CfnListenerRule;
  rule.conditions = [{ field: 'path-pattern', pathPatternConfig: { values: paths.split(',') } }];
}

if (context('broken') !== undefined) {
  const broken = new elbv2.CfnListenerRule(stack, 'Broken', {
    listenerArn: 'arn:aws:elasticloadbalancing:eu-central-1:111111111111:listener/app/nowhere/0/0', priority: 1, actions: [], conditions: [],
  });
  broken.addDependency(service);
}
app.synth();
