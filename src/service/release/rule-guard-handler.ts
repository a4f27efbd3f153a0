/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import {
  Action, DescribeRulesCommand, DescribeTargetHealthCommand, ElasticLoadBalancingV2Client, ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GuardEvent, GuardReport, guardRule, GuardSurroundings, RuleAction } from './rule-guard-logic';
import { answerCloudFormation } from '../../custom-resource-answer';

const client = new ElasticLoadBalancingV2Client();

/** A call that hangs is given up, to be tried again. */
const soon = () => ({ abortSignal: AbortSignal.timeout(5_000) });

const world: GuardSurroundings = {
  async actions(ruleArn) {
    const { Rules } = await client.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }), soon());
    return Rules![0].Actions!;
  },
  async setActions(ruleArn, actions) {
    await client.send(new ModifyRuleCommand({ RuleArn: ruleArn, Actions: actions as Action[] }), soon());
  },
  async states(targetGroupArn) {
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }), soon());
    return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth!.State!);
  },
  now: Date.now,
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};

/** CloudFormation's word that it has changed a listener rule. */
export interface RuleChangeEvent {
  readonly detail: { readonly 'physical-resource-id': string };
}

/** Guards a rule that CloudFormation has changed, also where the way back of a failed deployment leaves the custom resource out. */
export async function guardChangedRule({ detail }: RuleChangeEvent): Promise<void> {
  const RuleArn = detail['physical-resource-id'];
  const actions = await world.actions(RuleArn) as readonly RuleAction[];
  const groups = actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn }) => TargetGroupArn!);
  report(await guardRule({ RuleArn, TargetGroupArns: groups }, world));
}

/** A custom resource that is updated right after its listener rule, to keep the traffic with those who can serve it. */
export async function guardListenerRule(event: GuardEvent): Promise<void> {
  const PhysicalResourceId = event.PhysicalResourceId ?? event.LogicalResourceId;
  // A new rule is as the template says, and so are the tasks of its new service.
  if (event.RequestType !== 'Update') return answerCloudFormation(event, { Status: 'SUCCESS', PhysicalResourceId });

  const outcome = await guardRule(event.ResourceProperties, world);
  report(outcome);
  return answerCloudFormation(event, outcome.failed
    ? { Status: 'FAILED', Reason: reasonOf(outcome), PhysicalResourceId }
    : { Status: 'SUCCESS', PhysicalResourceId });
}

function report(outcome: GuardReport): void {
  const log = outcome.problem ? console.error : console.log;
  log(JSON.stringify(outcome));
}

function reasonOf({ rule, trafficTo, problem }: GuardReport): string {
  return `The listener rule ${rule} sends all traffic to ${trafficTo}, where no target is healthy. The guard ${problem}. `
    + 'Turn its weights by hand (aws elbv2 modify-rule), then deploy again or continue the rollback.';
}
