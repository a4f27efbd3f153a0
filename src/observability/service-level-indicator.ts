import type { Duration } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkDuration, checkGiven, checkKind, checkList } from '../validate';

/**
 * Good and bad requests, as expressions of CloudWatch over metrics.
 * @internal
 */
export interface RequestCounts {
  readonly bad: string;
  readonly total: string;
  readonly metrics: { readonly [id: string]: cloudwatch.Metric };
}

/** What users notice of a service, as a share of their requests. */
export abstract class ServiceLevelIndicator {
  /**
   * Requests that are answered, and not with 5xx, of all that reach a load balancer. What the load balancer itself answers counts.
   *
   * @param loadBalancer such as `loadBalancer.loadBalancer` of a `WebLoadBalancer`
   */
  public static availability(loadBalancer: elbv2.IApplicationLoadBalancer): ServiceLevelIndicator {
    return new LoadBalancerAvailability(loadBalancer);
  }

  /**
   * Requests that the services behind a load balancer answer in time.
   *
   * @param loadBalancer such as `loadBalancer.loadBalancer` of a `WebLoadBalancer`
   * @param threshold the longest time that is good, such as `Duration.millis(200)`
   */
  public static latency(loadBalancer: elbv2.IApplicationLoadBalancer, threshold: Duration): ServiceLevelIndicator {
    return new LoadBalancerLatency(loadBalancer, threshold);
  }

  /**
   * Requests that one service answers, and not with 5xx.
   *
   * @param targetGroups all that releases move the service between: `[service.targetGroup, service.alternateTargetGroup]`; at most five
   */
  public static serviceAvailability(targetGroups: elbv2.ApplicationTargetGroup[]): ServiceLevelIndicator {
    return new ServiceAvailability(targetGroups);
  }

  /**
   * Requests that one service answers in time.
   *
   * @param targetGroups all that releases move the service between: `[service.targetGroup, service.alternateTargetGroup]`; at most five
   * @param threshold the longest time that is good, such as `Duration.millis(200)`
   */
  public static serviceLatency(targetGroups: elbv2.ApplicationTargetGroup[], threshold: Duration): ServiceLevelIndicator {
    return new ServiceLatency(targetGroups, threshold);
  }

  /**
   * Requests that CloudFront does not answer with 5xx. Its alarms are in us-east-1.
   *
   * @param distribution such as `site.distribution`
   */
  public static siteAvailability(distribution: cloudfront.IDistribution): ServiceLevelIndicator {
    return new SiteAvailability(distribution);
  }

  /** @internal */
  public readonly _distribution?: cloudfront.IDistribution;
  /**
   * What is promised unless somebody says otherwise.
   * @internal
   */
  public abstract readonly _objectivePercent: number;
  /** @internal */
  public abstract readonly _bad: string;

  /** @internal */
  public abstract _validate(where: IConstruct): void;
  /**
   * @param distributionId how the stack of the alarms knows the distribution
   * @internal
   */
  public abstract _counts(period: Duration, distributionId?: string): RequestCounts;
}

class LoadBalancerAvailability extends ServiceLevelIndicator {
  public readonly _objectivePercent = 99.9;
  public readonly _bad = 'failed requests';

  constructor(private readonly loadBalancer: elbv2.IApplicationLoadBalancer) {
    super();
  }

  public _validate(where: IConstruct): void {
    checkLoadBalancer(where, this.loadBalancer);
  }

  public _counts(period: Duration): RequestCounts {
    const { metrics } = this.loadBalancer;
    return {
      bad: 'FILL(t5, 0) + FILL(e5, 0)',
      // What no target was there for is not in the count of requests.
      total: 'FILL(rc, 0) + FILL(e5, 0)',
      metrics: {
        t5: metrics.custom('HTTPCode_Target_5XX_Count', { period, statistic: 'Sum' }),
        e5: metrics.custom('HTTPCode_ELB_5XX_Count', { period, statistic: 'Sum' }),
        rc: metrics.requestCount({ period }),
      },
    };
  }
}

class LoadBalancerLatency extends ServiceLevelIndicator {
  public readonly _objectivePercent = 95;
  public readonly _bad = 'slow requests';

  constructor(private readonly loadBalancer: elbv2.IApplicationLoadBalancer, private readonly threshold: Duration) {
    super();
  }

  public _validate(where: IConstruct): void {
    checkLoadBalancer(where, this.loadBalancer);
    checkThreshold(where, this.threshold);
  }

  public _counts(period: Duration): RequestCounts {
    const { metrics } = this.loadBalancer;
    return {
      bad: 'FILL(rc, 0) * (100 - FILL(fast, 100)) / 100',
      total: 'FILL(rc, 0)',
      metrics: { rc: metrics.requestCount({ period }), fast: metrics.targetResponseTime({ period, statistic: within(this.threshold) }) },
    };
  }
}

class ServiceAvailability extends ServiceLevelIndicator {
  public readonly _objectivePercent = 99.9;
  public readonly _bad = 'failed requests';

  constructor(private readonly groups: elbv2.ApplicationTargetGroup[]) {
    super();
  }

  public _validate(where: IConstruct): void {
    checkGroups(where, this.groups);
  }

  public _counts(period: Duration): RequestCounts {
    return {
      bad: sumOf(this.groups, index => `FILL(t5${index}, 0)`),
      total: sumOf(this.groups, index => `FILL(rc${index}, 0)`),
      metrics: Object.assign({}, ...this.groups.map(({ metrics }, index) => ({
        [`t5${index}`]: metrics.custom('HTTPCode_Target_5XX_Count', { period, statistic: 'Sum' }),
        [`rc${index}`]: metrics.requestCount({ period }),
      }))),
    };
  }
}

class ServiceLatency extends ServiceLevelIndicator {
  public readonly _objectivePercent = 95;
  public readonly _bad = 'slow requests';

  constructor(private readonly groups: elbv2.ApplicationTargetGroup[], private readonly threshold: Duration) {
    super();
  }

  public _validate(where: IConstruct): void {
    checkGroups(where, this.groups);
    checkThreshold(where, this.threshold);
  }

  public _counts(period: Duration): RequestCounts {
    return {
      bad: sumOf(this.groups, index => `FILL(rc${index}, 0) * (100 - FILL(fast${index}, 100)) / 100`),
      total: sumOf(this.groups, index => `FILL(rc${index}, 0)`),
      metrics: Object.assign({}, ...this.groups.map(({ metrics }, index) => ({
        [`rc${index}`]: metrics.requestCount({ period }),
        [`fast${index}`]: metrics.targetResponseTime({ period, statistic: within(this.threshold) }),
      }))),
    };
  }
}

class SiteAvailability extends ServiceLevelIndicator {
  public readonly _objectivePercent = 99.9;
  public readonly _bad = 'failed requests';

  constructor(public readonly _distribution: cloudfront.IDistribution) {
    super();
  }

  public _validate(where: IConstruct): void {
    checkGiven(where, 'distribution', this._distribution, 'a cloudfront.IDistribution');
    checkKind(where, 'distribution', this._distribution, 'distributionId', 'a cloudfront.IDistribution');
  }

  public _counts(period: Duration, distributionId: string = this._distribution.distributionId): RequestCounts {
    const metric = (metricName: string, statistic: string) => new cloudwatch.Metric({
      namespace: 'AWS/CloudFront', metricName, statistic, period, dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
    });
    return {
      bad: 'FILL(rc, 0) * FILL(rate, 0) / 100',
      total: 'FILL(rc, 0)',
      metrics: { rc: metric('Requests', 'Sum'), rate: metric('5xxErrorRate', 'Average') },
    };
  }
}

/** The percentage of answers that took no longer. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html */
function within(threshold: Duration): string {
  return `PR(:${threshold.toMilliseconds() / 1000})`;
}

function sumOf(groups: unknown[], term: (index: number) => string): string {
  return groups.map((_, index) => term(index)).join(' + ');
}

function checkLoadBalancer(where: IConstruct, loadBalancer: unknown): void {
  checkGiven(where, 'loadBalancer', loadBalancer, 'an elbv2.IApplicationLoadBalancer');
  checkKind(where, 'loadBalancer', loadBalancer, 'metrics', 'an elbv2.IApplicationLoadBalancer, such as loadBalancer.loadBalancer');
}

function checkGroups(where: IConstruct, groups: unknown[]): void {
  const allowed = 'one to five target groups, such as [service.targetGroup, service.alternateTargetGroup]';
  checkGiven(where, 'targetGroups', groups, allowed);
  checkList(where, 'targetGroups', groups);
  // An alarm looks at ten metrics at most, and each group has two.
  checkGiven(where, 'targetGroups', groups.length >= 1 && groups.length <= 5 ? groups : undefined, allowed);
  for (const group of groups) checkKind(where, 'targetGroups', group, 'metrics', allowed);
}

function checkThreshold(where: IConstruct, threshold: Duration): void {
  checkGiven(where, 'threshold', threshold, 'a Duration, such as Duration.millis(200)');
  checkDuration(where, 'threshold', threshold, 1, 600_000, 'milliseconds');
}
