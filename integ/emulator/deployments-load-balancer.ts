import {
  Action, DeregisterTargetsCommand, DescribeListenersCommand, DescribeRulesCommand, DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client,
  ModifyListenerCommand, ModifyRuleCommand, RegisterTargetsCommand, Rule, TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { LoadBalancerSettings } from './deployments-model';

/** What share of a rule's requests goes to which target group. */
export type Weights = ReadonlyMap<string, number>;

/** What ECS does to load balancers, by their API. */
export class LoadBalancers {
  constructor(private readonly client: ElasticLoadBalancingV2Client) {}

  /** @param rule ARN of a rule, or of a listener for its default rule */
  public async weights(rule: string): Promise<Weights> {
    const { Actions = [] } = await this.rule(rule);
    return weightsOf(forwardOf(Actions, rule));
  }

  /** Forwards the rule's requests to these target groups; what it does before that, such as signing in, stays. */
  public async forward(rule: string, weights: Weights): Promise<void> {
    const { Actions = [], RuleArn, IsDefault } = await this.rule(rule);
    const { Order } = forwardOf(Actions, rule);
    const groups = [...weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
    const actions: Action[] = [
      ...Actions.filter(({ Type }) => Type !== 'forward'),
      { Type: 'forward', Order, ForwardConfig: { TargetGroups: groups } },
    ];
    await (IsDefault
      ? this.client.send(new ModifyListenerCommand({ ListenerArn: listenerOf(rule), DefaultActions: actions }))
      : this.client.send(new ModifyRuleCommand({ RuleArn, Actions: actions })));
  }

  public async register(group: string, port: number): Promise<void> {
    await this.client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1', Port: port }] }));
  }

  public async deregister(group: string, port: number): Promise<void> {
    await this.client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1', Port: port }] }));
  }

  public async group(arn: string): Promise<TargetGroup> {
    const { TargetGroups } = await this.client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
    return TargetGroups![0];
  }

  /** Seconds that a target group gives to open requests. */
  public async deregistrationDelay(group: string): Promise<number> {
    const { Attributes = [] } = await this.client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group }));
    return Number(Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value ?? 300);
  }

  /** Mistakes that ECS finds when it deploys: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html */
  public async check(settings: readonly LoadBalancerSettings[]): Promise<void> {
    for (const { TargetGroupArn, AdvancedConfiguration: advanced } of settings) {
      if (!advanced) {
        throw invalid('advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy');
      }
      const { AlternateTargetGroupArn, ProductionListenerRule: rule, TestListenerRule } = advanced;
      const production = await this.weights(rule);
      const test: Weights = TestListenerRule ? await this.weights(TestListenerRule) : new Map();
      const own = [TargetGroupArn, AlternateTargetGroupArn];
      const serving = [...production].filter(([, weight]) => weight > 0).map(([group]) => group);
      if (serving.length !== 1) {
        throw invalid(`productionListenerRule ${rule} should have exactly one target group serving traffic but found ${serving.length} `
          + 'target groups which are serving traffic');
      }
      if (!own.includes(serving[0])) {
        throw invalid(`Production listener rule is forwarding traffic to unexpected target group ${serving[0]}`);
      }
      const lost = own.find((group) => !production.has(group) && !test.has(group));
      if (lost) {
        throw invalid(`Target group ${lost} is not associated with either productionListenerRule or testListenerRule.`);
      }
    }
  }

  private async rule(arn: string): Promise<Rule> {
    if (arn.includes(':listener/')) {
      const { Listeners } = await this.client.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
      return { Actions: Listeners![0].DefaultActions, IsDefault: true };
    }
    const { Rules } = await this.client.send(new DescribeRulesCommand({ RuleArns: [arn] }));
    if (!Rules?.length) {
      throw new Error(`there is no listener rule ${arn}`);
    }
    return Rules[0];
  }
}

/** The listener of a rule; a listener is its own. */
export function listenerOf(rule: string): string {
  return rule.includes(':listener/') ? rule : rule.replace(':listener-rule/', ':listener/').split('/').slice(0, -1).join('/');
}

export function weightsOf({ ForwardConfig, TargetGroupArn }: Action): Weights {
  const groups = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn, Weight: 1 }];
  return new Map(groups.map((group) => [group.TargetGroupArn!, group.Weight ?? 1]));
}

function invalid(reason: string): Error {
  return new Error(`Service deployment rolled back because of invalid networking configuration: ${reason}`);
}

function forwardOf(actions: readonly Action[], rule: string): Action {
  const forward = actions.find(({ Type }) => Type === 'forward');
  if (!forward) {
    throw new Error(`${rule} does not forward: ${JSON.stringify(actions)}`);
  }
  return forward;
}
