import { Stack, Token } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct, IConstruct } from 'constructs';
import { IWebFirewall } from './web-firewall-interface';
import { PlatformError } from '../errors';
import { checkGiven, checkKind, checkText } from '../validate';

const ARN = /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:(global|regional)\/webacl\/[\w-]+\/[\w-]+$/;

/** A web ACL of the team's own. */
export class ImportedWebFirewall extends Construct implements IWebFirewall {
  constructor(scope: Construct, id: string, public readonly webAclArn: string) {
    super(scope, id);
    const allowed = 'an ARN such as arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/name/id';
    checkGiven(this, 'webAclArn', webAclArn, allowed);
    checkText(this, 'webAclArn', webAclArn, ARN, allowed);
  }

  public protect(loadBalancer: elbv2.IApplicationLoadBalancer): void {
    const known = !Token.isUnresolved(this.webAclArn);
    if (known && this.webAclArn.includes(':global/')) refuseGlobal(this, this.webAclArn);
    associate(this, known ? this.webAclArn.split(':')[3] : Stack.of(this).region, loadBalancer);
  }
}

/** A load balancer can be protected by a regional web ACL only. */
export function refuseGlobal(where: IConstruct, got: string): never {
  throw new PlatformError(where, {
    problem: 'a firewall for CloudFront cannot protect a load balancer.',
    got,
    allowed: 'FirewallPlacement.regional(), or the ARN of a regional web ACL',
    fix: 'make a second firewall with FirewallPlacement.regional() for the load balancer',
  });
}

/** Below the load balancer, which has one firewall at most, whereas a firewall can have many load balancers. */
export function associate(firewall: IWebFirewall, region: string, loadBalancer: elbv2.IApplicationLoadBalancer): void {
  checkGiven(firewall, 'loadBalancer', loadBalancer, 'an elbv2.IApplicationLoadBalancer');
  checkKind(firewall, 'loadBalancer', loadBalancer, 'loadBalancerArn', 'an elbv2.IApplicationLoadBalancer');
  checkText(firewall, 'loadBalancer', loadBalancer.loadBalancerArn, /:loadbalancer\/app\//, 'an application load balancer: AWS WAF inspects HTTP only');
  checkRegion(firewall, region, Stack.of(loadBalancer).region);
  if (loadBalancer.node.tryFindChild('WebFirewall')) {
    throw new PlatformError(firewall, {
      problem: 'the load balancer has a firewall already.',
      got: `protect(${loadBalancer.node.path}), a second time`,
      allowed: 'one firewall for each load balancer',
      fix: 'call protect() once, and put all rules into one firewall',
    });
  }
  new wafv2.CfnWebACLAssociation(loadBalancer as IConstruct as Construct, 'WebFirewall', {
    resourceArn: loadBalancer.loadBalancerArn,
    webAclArn: firewall.webAclArn,
  });
}

function checkRegion(where: IConstruct, region: string, home: string): void {
  if (Token.isUnresolved(region) || Token.isUnresolved(home) || home === region) return;
  throw new PlatformError(where, {
    problem: 'a web ACL protects load balancers of its own region only.',
    got: `a web ACL in ${region}, a load balancer in ${home}`,
    allowed: `load balancers in ${region}`,
    fix: `give the load balancer a firewall in ${home}`,
  });
}
