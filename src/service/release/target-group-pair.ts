import { Duration } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';

type Metrics = elbv2.IApplicationTargetGroupMetrics;

/**
 * The two target groups between which releases move the traffic. Which of them is live changes with each release,
 * so whatever is measured is measured over both.
 */
export class TargetGroupPair {
  public readonly groups: readonly [elbv2.ApplicationTargetGroup, elbv2.ApplicationTargetGroup];

  constructor(scope: Construct, props: elbv2.ApplicationTargetGroupProps) {
    this.groups = [
      new elbv2.ApplicationTargetGroup(scope, 'TargetGroup', props),
      // There with every strategy, so that a change of strategy leaves the listener rule as it is. An empty group costs nothing.
      new elbv2.ApplicationTargetGroup(scope, 'AlternateTargetGroup', props),
    ];
  }

  /** Sends everything to the first group, where the first version starts. ECS rewrites these weights with each release. */
  public forward(): elbv2.ListenerAction {
    const [targetGroup, alternate] = this.groups;
    return elbv2.ListenerAction.weightedForward([{ targetGroup, weight: 1 }, { targetGroup: alternate, weight: 0 }]);
  }

  /** What both groups count together. */
  public sum(label: string, metricOf: (metrics: Metrics) => cloudwatch.IMetric, period?: Duration): cloudwatch.MathExpression {
    return this.combine(label, (blue, green) => `FILL(${blue}, 0) + FILL(${green}, 0)`, metricOf, period);
  }

  /** The worse of both groups. */
  public highest(label: string, metricOf: (metrics: Metrics) => cloudwatch.IMetric, period?: Duration): cloudwatch.MathExpression {
    return this.combine(label, (blue, green) => `MAX([FILL(${blue}, 0), FILL(${green}, 0)])`, metricOf, period);
  }

  /** Scales on the requests of both groups. Auto Scaling's own metric knows one, which is without requests after every other release. */
  public scaleOnRequests(scaling: ecs.ScalableTaskCount, requestsPerTarget: number): void {
    scaling.scaleOnRequestCount('Requests', { targetGroup: this.groups[0], requestsPerTarget });
    const policy = scaling.node.findAll().find(child => child instanceof appscaling.CfnScalingPolicy && child.node.path.includes('/Requests')) as appscaling.CfnScalingPolicy;
    policy.targetTrackingScalingPolicyConfiguration = {
      targetValue: requestsPerTarget,
      customizedMetricSpecification: {
        metrics: [
          ...this.groups.map((group, index) => ({
            id: COLOURS[index],
            metricStat: {
              metric: {
                namespace: 'AWS/ApplicationELB',
                metricName: 'RequestCountPerTarget',
                dimensions: [{ name: 'TargetGroup', value: group.targetGroupFullName }],
              },
              stat: 'Sum',
            },
            returnData: false,
          })),
          { id: 'both', expression: 'FILL(blue, 0) + FILL(green, 0)', returnData: true },
        ],
      },
    };
  }

  private combine(
    label: string, expression: (blue: string, green: string) => string, metricOf: (metrics: Metrics) => cloudwatch.IMetric, period?: Duration,
  ): cloudwatch.MathExpression {
    // Unique in a graph of several.
    const ids = COLOURS.map(colour => `${colour}${label.replace(/[^A-Za-z0-9]/g, '')}`);
    const usingMetrics = Object.fromEntries(this.groups.map((group, index) => [ids[index], metricOf(group.metrics)]));
    return new cloudwatch.MathExpression({ label, expression: expression(ids[0], ids[1]), usingMetrics, period });
  }
}

const COLOURS = ['blue', 'green'];
