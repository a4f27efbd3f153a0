import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';

/** A firewall that is made here, or one that a team has already. */
export interface IWebFirewall extends IConstruct {
  /** ARN of the web ACL, as a distribution takes it. */
  readonly webAclArn: string;

  /**
   * Puts the firewall before a load balancer. A load balancer has one firewall at most.
   *
   * @param loadBalancer in the same region
   */
  protect(loadBalancer: elbv2.IApplicationLoadBalancer): void;
}
