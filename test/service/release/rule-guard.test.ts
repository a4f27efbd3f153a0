import { App, CfnResource, Environment, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { createRuleGuard } from '../../../src/service/release/rule-guard';
import { Route } from '../../../src/service/routes';
import { onlyResource, resourcesOf } from '../fixtures';

const ROUTE: Route = { hosts: [], paths: ['/api/*'], priority: 10 };

/** A service, as far as its rule goes. */
class Service extends Construct {
  public readonly rule: elbv2.ApplicationListenerRule;

  constructor(scope: Construct, id: string, listener: elbv2.ApplicationListener, vpc: ec2.IVpc, { hosts, paths, priority }: Route) {
    super(scope, id);
    const targetGroups = ['TargetGroup', 'AlternateTargetGroup'].map(name =>
      new elbv2.ApplicationTargetGroup(this, name, { vpc, port: 80, targetType: elbv2.TargetType.IP }));
    this.rule = new elbv2.ApplicationListenerRule(this, 'Rule', {
      listener,
      priority: priority!,
      conditions: [
        ...hosts.length > 0 ? [elbv2.ListenerCondition.hostHeaders(hosts)] : [],
        ...paths.length > 0 ? [elbv2.ListenerCondition.pathPatterns(paths)] : [],
      ],
      action: elbv2.ListenerAction.weightedForward(targetGroups.map((targetGroup, index) => ({ targetGroup, weight: 1 - index }))),
    });
    const guard = createRuleGuard(this, { rule: this.rule, targetGroups, route: { hosts, paths, priority }, logRetentionDays: 30 });
    new CfnResource(this, 'Service', { type: 'AWS::ECS::Service' }).node.addDependency(guard);
  }
}

class Platform {
  public readonly vpc: ec2.Vpc;
  private readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  private listener: elbv2.ApplicationListener;

  constructor(public readonly stack: Stack) {
    this.vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
    this.loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: this.vpc });
    this.listener = this.addListener('Http', 80);
  }

  public addListener(id: string, port: number): elbv2.ApplicationListener {
    const defaultAction = elbv2.ListenerAction.fixedResponse(404);
    this.listener = this.loadBalancer.addListener(id, { port, protocol: elbv2.ApplicationProtocol.HTTP, defaultAction });
    return this.listener;
  }

  public addService(id: string, route: Partial<Route> = {}): Service {
    return new Service(this.stack, id, this.listener, this.vpc, { ...ROUTE, ...route });
  }

  public template(): Template {
    return Template.fromStack(this.stack);
  }
}

function platform(env?: Environment): Platform {
  return new Platform(new Stack(new App(), 'Prod', { env }));
}

/** The guard's template, where the service has a route and perhaps more. */
function guardOf(route: Partial<Route> = {}, more: (service: Service) => void = () => undefined): any {
  const there = platform();
  more(there.addService('Api', route));
  return onlyResource(there.template(), 'Custom::ListenerRuleGuard');
}

describe('a guarded rule', () => {
  test('has a resource that knows the rule, its groups and its route, and comes after the rule and the right to change it', () => {
    const there = platform();
    there.addService('Api', { hosts: ['api.example.com'] });
    const resources = resourcesOf(there.template(), 'Custom::ListenerRuleGuard');
    const [[logicalId, guard]] = Object.entries(resources);

    expect(logicalId).toMatch(/^ApiRuleGuard/);
    expect(guard.Properties).toEqual({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^DeploymentHelperHandler/), 'Arn'] },
      ServiceTimeout: '300',
      RuleArn: { Ref: expect.stringMatching(/^ApiRule[0-9A-F]{8}$/) },
      TargetGroupArns: [{ Ref: expect.stringMatching(/^ApiTargetGroup/) }, { Ref: expect.stringMatching(/^ApiAlternateTargetGroup/) }],
      Hosts: ['api.example.com'],
      Paths: ['/api/*'],
      Priority: 10,
      RuleDigest: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(guard.DependsOn).toEqual([expect.stringMatching(/^ApiRule[0-9A-F]{8}$/), expect.stringMatching(/^ApiRuleGuardPolicy/)]);
    expect(Object.values(resourcesOf(there.template(), 'AWS::Events::Rule', 'DeploymentHelperRuleChanges'))[0].Properties.EventPattern).toEqual({
      'source': ['aws.cloudformation'],
      'detail-type': ['CloudFormation Resource Status Change'],
      'detail': {
        'stack-id': [{ Ref: 'AWS::StackId' }],
        'status-details': { status: ['UPDATE_COMPLETE'] },
        'logical-resource-id': [expect.stringMatching(/^ApiRule/)],
      },
    });
    there.template().hasResource('AWS::ECS::Service', { DependsOn: [logicalId] });
  });

  test.each<[string, Partial<Route>, (service: Service) => void]>([
    ['its host', { hosts: ['api.example.com'] }, () => undefined],
    ['its path', { paths: ['/v2/*'] }, () => undefined],
    ['its priority', { priority: 11 }, () => undefined],
    ['a condition that a team adds', {}, service => service.rule.addCondition(elbv2.ListenerCondition.httpHeader('X-Plan', ['pro']))],
    ['an action that a team sets', {}, service => service.rule.configureAction(elbv2.ListenerAction.fixedResponse(503))],
    ['a condition that a team writes into the resource', {}, service => { (service.rule.node.defaultChild as elbv2.CfnListenerRule).conditions = []; }],
  ])('is looked at again when CloudFormation changes %s', (_, route, more) => {
    expect(guardOf(route, more)).not.toEqual(guardOf());
  });

  test('is left alone when the rule is', () => {
    expect(guardOf()).toEqual(guardOf());
    expect(guardOf({}, service => service.node.addMetadata('release', '2'))).toEqual(guardOf());
  });

  test('is looked at again when it is replaced, on another listener', () => {
    const moved = platform();
    moved.addListener('Https', 443);
    moved.addService('Api');
    const { ListenerArn } = onlyResource(moved.template(), 'AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(ListenerArn).toEqual({ Ref: expect.stringMatching(/^LoadBalancerHttps/) });
    // Its ARN is another one then, which CloudFormation counts as a change of whatever refers to it.
    expect(onlyResource(moved.template(), 'Custom::ListenerRuleGuard').RuleArn).toEqual({ Ref: expect.stringMatching(/^ApiRule[0-9A-F]{8}$/) });
  });

  test('may have a route that is known at deployment only', () => {
    const there = platform();
    there.addService('Api', { hosts: [Token.asString({ Ref: 'Host' })], priority: Token.asNumber({ Ref: 'Priority' }) });
    expect(onlyResource(there.template(), 'Custom::ListenerRuleGuard')).toMatchObject({ Hosts: [{ Ref: 'Host' }], Priority: { Ref: 'Priority' } });
  });
});

describe('the guard', () => {
  test('is one quick function for all services of a stack, and another for another stack', () => {
    const app = new App();
    const [one, two] = ['One', 'Two'].map(id => new Platform(new Stack(app, id)));
    one.addService('Api');
    one.addService('Web', { paths: ['/*'], priority: 20 });
    two.addService('Api');

    expect(Object.keys(resourcesOf(one.template(), 'Custom::ListenerRuleGuard'))).toHaveLength(2);
    for (const template of [one.template(), two.template()]) {
      template.resourceCountIs('AWS::Lambda::Function', 1);
      template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 256, Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    }
  });

  test('may read all load balancers, as AWS knows no less, and change the guarded rules only', () => {
    const there = platform();
    there.addService('Api');
    there.addService('Web', { paths: ['/*'], priority: 20 });
    const template = there.template();
    const statements = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).flatMap(policy => policy.Properties.PolicyDocument.Statement);
    const balancing = statements.filter(({ Action }) => JSON.stringify(Action).includes('elasticloadbalancing:'));

    expect(balancing).toEqual(expect.arrayContaining([
      { Effect: 'Allow', Action: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], Resource: '*' },
      { Effect: 'Allow', Action: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], Resource: '*' },
      { Effect: 'Allow', Action: 'elasticloadbalancing:ModifyRule', Resource: { Ref: expect.stringMatching(/^ApiRule[0-9A-F]{8}$/) } },
      { Effect: 'Allow', Action: 'elasticloadbalancing:ModifyRule', Resource: { Ref: expect.stringMatching(/^WebRule[0-9A-F]{8}$/) } },
    ]));
    expect(balancing).toHaveLength(4);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.allResourcesProperties('AWS::IAM::ManagedPolicy', { Roles: [{ Ref: Match.stringLikeRegexp('^DeploymentHelperRole') }] });
  });

  test('lets one service wait for another, as users may tell it to', () => {
    const there = platform();
    const api = there.addService('Api');
    const web = there.addService('Web', { paths: ['/*'], priority: 20 });
    web.node.addDependency(api);

    // A circle in the template is refused here.
    const [rule] = Object.values(resourcesOf(there.template(), 'AWS::ElasticLoadBalancingV2::ListenerRule', 'Web'));
    expect(rule.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^ApiRuleGuard/)]));
  });

  test.each<[string, Environment | undefined]>([
    ['anywhere', undefined],
    ['in China', { account: '111111111111', region: 'cn-north-1' }],
    ['in GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
  ])('leaves auditors no question %s', (_, env) => {
    const there = platform(env);
    there.addService('Api');
    const { violations } = new AwsSolutionsChecks().validateScope(there.stack);
    const found = violations.flatMap(violation => violation.violatingResources.map(({ constructPath }) => `${violation.ruleName} ${constructPath}`));
    expect(found.filter(finding => /RuleGuard|DeploymentHelper/.test(finding))).toEqual([]);
  });
});
