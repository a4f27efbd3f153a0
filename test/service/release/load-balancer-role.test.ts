import { App, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { createLoadBalancerRole } from '../../../src/service/release/load-balancer-role';
import { onlyResource, resourcesOf } from '../fixtures';

/** Two services on one load balancer. */
class Platform {
  public readonly stack: Stack;
  private readonly vpc: ec2.Vpc;
  private readonly listener: elbv2.ApplicationListener;

  constructor(env?: Environment) {
    this.stack = new Stack(new App(), 'Prod', { env });
    this.vpc = new ec2.Vpc(this.stack, 'Vpc', { natGateways: 0 });
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this.stack, 'LoadBalancer', { vpc: this.vpc });
    this.listener = loadBalancer.addListener('Http', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
  }

  public addService(id: string, withListener = true): iam.Role {
    const scope = new Construct(this.stack, id);
    const groups = ['Blue', 'Green'].map(name => new elbv2.ApplicationTargetGroup(scope, name, { vpc: this.vpc, port: 80, targetType: elbv2.TargetType.IP }));
    const rules = ['Production', 'Test'].map((name, index) => new elbv2.ApplicationListenerRule(scope, name, {
      listener: this.listener,
      priority: index + 1 + 10 * scope.node.addr.charCodeAt(3),
      conditions: [elbv2.ListenerCondition.pathPatterns([`/${id}/*`])],
      action: elbv2.ListenerAction.forward(groups),
    }));
    return createLoadBalancerRole(scope, { listeners: withListener ? [this.listener] : [], rules, targetGroups: groups });
  }

  public template(): Template {
    return Template.fromStack(this.stack);
  }
}

function ref(beginning: string) {
  return { Ref: expect.stringMatching(`^${beginning}[0-9A-F]{8}$`) };
}

test('the role may do what ECS needs for a release, at the traffic of its own service only', () => {
  const platform = new Platform();
  platform.addService('Api');
  platform.addService('Web');

  const { PolicyDocument, Roles } = onlyResource(platform.template(), 'AWS::IAM::ManagedPolicy', 'Api');
  expect(Roles).toEqual([ref('ApiLoadBalancerRole')]);
  expect(PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
      Resource: '*',
    },
    { Effect: 'Allow', Action: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'], Resource: [ref('ApiBlue'), ref('ApiGreen')] },
    { Effect: 'Allow', Action: 'elasticloadbalancing:ModifyListener', Resource: ref('LoadBalancerHttp') },
    { Effect: 'Allow', Action: 'elasticloadbalancing:ModifyRule', Resource: [ref('ApiProduction'), ref('ApiTest')] },
  ]);
});

test('only ECS takes the role, and nothing of AWS\'s own policies or inline ones is in it', () => {
  const platform = new Platform();
  platform.addService('Api');

  const role = onlyResource(platform.template(), 'AWS::IAM::Role');
  expect(role).toEqual({
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' } }] },
  });
  platform.template().resourceCountIs('AWS::IAM::Policy', 0);
});

test('without a listener to change there is no statement about listeners', () => {
  const platform = new Platform();
  platform.addService('Api', false);

  const { PolicyDocument } = onlyResource(platform.template(), 'AWS::IAM::ManagedPolicy');
  expect(JSON.stringify(PolicyDocument)).not.toContain('ModifyListener');
  expect(PolicyDocument.Statement).toHaveLength(3);
});

test('whoever depends on the role waits for its rights as well', () => {
  const platform = new Platform();
  const role = platform.addService('Api');
  new iam.Role(platform.stack, 'Waiting', { assumedBy: new iam.AnyPrincipal() }).node.addDependency(role);

  const [waiting] = Object.values(resourcesOf(platform.template(), 'AWS::IAM::Role', 'Waiting'));
  expect(waiting.DependsOn).toEqual([expect.stringMatching(/^ApiLoadBalancerRolePolicy/), expect.stringMatching(/^ApiLoadBalancerRole/)]);
});

test.each<[string, Environment | undefined]>([
  ['anywhere', undefined], ['in China', { account: '111111111111', region: 'cn-north-1' }], ['in GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
])('auditors have no question about it %s', (_, env) => {
  const platform = new Platform(env);
  platform.addService('Api');
  const { violations } = new AwsSolutionsChecks().validateScope(platform.stack);
  const found = violations.flatMap(violation => violation.violatingResources.map(({ constructPath }) => `${violation.ruleName} ${constructPath}`));
  expect(found.filter(finding => finding.includes('LoadBalancerRole'))).toEqual([]);
});
