/*
 * The guard's decisions, apart from everything that is AWS's. ECS moves traffic by rewriting the weights of the listener rule, and
 * CloudFormation writes the template's weights over them whenever it changes that rule: https://github.com/aws/aws-cdk/issues/36649.
 * The tasks stay where they are, so the health of the targets tells which group was live.
 *
 * An update that the guard cannot judge is let through, with an error in the log: the way back of a failed deployment is such an update
 * too, and refusing it would leave the stack in UPDATE_ROLLBACK_FAILED. It refuses only where it knows that nobody is served.
 */

import { CustomResourceRequest } from '../../custom-resource-answer';

/** What the template says. There is more in it, so that the resource changes with the rule. */
export interface GuardProperties {
  readonly RuleArn: string;
  readonly TargetGroupArns: readonly string[];
}

/** CloudFormation's request. */
export interface GuardEvent extends CustomResourceRequest {
  readonly ResourceProperties: GuardProperties;
}

/** A target group with its share of the traffic. */
export interface WeightedGroup {
  readonly TargetGroupArn?: string;
  readonly Weight?: number;
}

/** An action of a listener rule, as far as it is read. */
export interface RuleAction {
  readonly Type?: string;
  readonly TargetGroupArn?: string;
  readonly ForwardConfig?: { readonly TargetGroups?: readonly WeightedGroup[] };
  readonly AuthenticateOidcConfig?: object;
}

/** What the guard needs of the world. */
export interface GuardSurroundings {
  actions(ruleArn: string): Promise<readonly RuleAction[]>;
  setActions(ruleArn: string, actions: readonly RuleAction[]): Promise<void>;
  /** State of each target in the group. */
  states(targetGroupArn: string): Promise<readonly string[]>;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** What was found and done: a line of the log. */
export interface GuardReport {
  readonly rule: string;
  /** The group that all traffic went to when the guard looked. */
  readonly trafficTo?: string;
  /** How many targets are in which state, by target group. */
  readonly targets?: { readonly [targetGroupArn: string]: { readonly [state: string]: number } };
  readonly done: string;
  readonly problem?: string;
  /** Whether nobody is served and the guard could not change that. */
  readonly failed?: boolean;
  readonly milliseconds: number;
}

/** How long calls are tried again that may succeed later; rights for a new rule take some seconds to spread. */
export const PATIENCE_MILLISECONDS = 40_000;
/** Time between two attempts. */
export const PAUSE_MILLISECONDS = 1000;

const HEALTHY = 4;
const DRAINING = 1;
/**
 * What a target says for its group, beginning with the least:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 * Draining targets get no new requests. Unhealthy ones do, where a group has no others.
 */
const STRENGTHS = new Map([['draining', DRAINING], ['unhealthy', 2], ['unavailable', 2], ['initial', 3], ['healthy', HEALTHY]]);

type Report = Omit<GuardReport, 'rule' | 'milliseconds'>;

interface Finding {
  readonly actions: readonly RuleAction[];
  readonly trafficTo?: string;
  readonly targets: { readonly [targetGroupArn: string]: { readonly [state: string]: number } };
  /** The group that the traffic should go to instead. */
  readonly better?: string;
}

/** Looks where the rule sends the traffic and turns it to the live group where it goes to nobody. */
export async function guardRule(properties: GuardProperties, world: GuardSurroundings): Promise<GuardReport> {
  const start = world.now();
  const report = await new Guarding(properties, world, start + PATIENCE_MILLISECONDS).run();
  return { rule: properties.RuleArn, ...report, milliseconds: world.now() - start };
}

class Guarding {
  constructor(private readonly properties: GuardProperties, private readonly world: GuardSurroundings, private readonly deadline: number) {}

  public async run(): Promise<Report> {
    let finding: Finding;
    try {
      finding = await this.patiently(() => this.look());
    } catch (error) {
      return { done: 'nothing', problem: `cannot see where the traffic goes, or the health of the targets: ${textOf(error)}` };
    }
    const { actions, trafficTo, targets, better } = finding;
    if (!trafficTo || !better) return { done: 'nothing', trafficTo, targets };
    return { trafficTo, targets, ...await this.turn(turned(actions, trafficTo, better), better) };
  }

  private async look(): Promise<Finding> {
    const { RuleArn, TargetGroupArns } = this.properties;
    const [actions, ...states] = await Promise.all([this.world.actions(RuleArn), ...TargetGroupArns.map(group => this.world.states(group))]);
    const trafficTo = allTrafficTo(actions);
    const strengths = new Map(TargetGroupArns.map((group, index) => [group, strengthOf(states[index])]));
    return {
      actions,
      trafficTo,
      targets: Object.fromEntries(TargetGroupArns.map((group, index) => [group, countByState(states[index])])),
      better: trafficTo === undefined ? undefined : betterThan(trafficTo, strengths),
    };
  }

  private async turn(actions: readonly RuleAction[], to: string): Promise<Report> {
    let problem: string | undefined;
    try {
      await this.patiently(() => this.world.setActions(this.properties.RuleArn, actions));
    } catch (error) {
      problem = textOf(error);
    }
    const after = await this.readBack(to, problem === undefined);
    // Where the answer to the change was lost, it may have happened all the same.
    if (after.trafficTo === to) return { done: `turned to ${to}` };
    if (problem === undefined && after.problem) return { done: `turned to ${to}`, problem: `cannot read the rule back: ${after.problem}` };
    return {
      done: 'nothing',
      problem: `cannot turn the rule to ${to}: ${problem ?? 'it was changed, but does not show the change'}`,
      failed: true,
    };
  }

  /** Where the rule sends the traffic afterwards; a change that was taken may take a moment to show. */
  private async readBack(expected: string, wait: boolean): Promise<{ readonly trafficTo?: string; readonly problem?: string }> {
    for (;;) {
      try {
        const trafficTo = allTrafficTo(await this.patiently(() => this.world.actions(this.properties.RuleArn)));
        if (trafficTo === expected || !wait || this.isLate()) return { trafficTo };
      } catch (error) {
        return { problem: textOf(error) };
      }
      await this.world.sleep(PAUSE_MILLISECONDS);
    }
  }

  private async patiently<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!mayPass(error) || this.isLate()) throw error;
      }
      await this.world.sleep(PAUSE_MILLISECONDS);
    }
  }

  private isLate(): boolean {
    return this.world.now() + PAUSE_MILLISECONDS > this.deadline;
  }
}

/** The one group with a weight; nothing where the traffic is split, as in the middle of a canary, or not forwarded at all. */
function allTrafficTo(actions: readonly RuleAction[]): string | undefined {
  const weighted = actions.filter(isForward).flatMap(weightedGroups).filter(([, weight]) => weight > 0);
  return weighted.length === 1 ? weighted[0][0] : undefined;
}

function isForward({ Type }: RuleAction): boolean {
  return Type === 'forward';
}

function weightedGroups({ TargetGroupArn, ForwardConfig }: RuleAction): [string, number][] {
  const groups = ForwardConfig?.TargetGroups?.length ? ForwardConfig.TargetGroups : [{ TargetGroupArn }];
  return groups.map((group: WeightedGroup) => [group.TargetGroupArn!, group.Weight ?? 1]);
}

/** Another group of the pair that serves, or at least will, while this one does not. Between two that are ill there is nothing to win. */
function betterThan(current: string, strengths: Map<string, number>): string | undefined {
  const strength = strengths.get(current);
  if (strength === undefined) return undefined;
  const better = [...strengths].find(([group, other]) => group !== current && other > strength && (other === HEALTHY || strength <= DRAINING));
  return better?.[0];
}

function strengthOf(states: readonly string[]): number {
  return Math.max(0, ...states.map(state => STRENGTHS.get(state) ?? DRAINING));
}

function countByState(states: readonly string[]): { [state: string]: number } {
  return Object.fromEntries([...new Set(states)].map(state => [state, states.filter(each => each === state).length]));
}

/** The same actions, with the weight of one group given to the other. */
function turned(actions: readonly RuleAction[], from: string, to: string): RuleAction[] {
  return actions.map(action => {
    const { AuthenticateOidcConfig: login } = action;
    // The client's secret is never shown, so it cannot be given again.
    if (login) return { ...action, AuthenticateOidcConfig: { ...login, UseExistingClientSecret: true } };
    if (!isForward(action)) return action;
    const weights = new Map(weightedGroups(action));
    weights.set(to, weights.get(from)!).set(from, 0);
    const TargetGroups = [...weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
    return { ...action, TargetGroupArn: undefined, ForwardConfig: { ...action.ForwardConfig, TargetGroups } };
  });
}

/** Throttling, a broken line, a rule that does not show yet, and rights that have not spread yet. */
function mayPass(error: unknown): boolean {
  const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 500;
  return status === 429 || status >= 500 || /throttl|toomanyrequests|requestlimit|notfound|accessdenied|unauthorized/i.test(name);
}

function textOf(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}
