import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { acrossStacks, differ, rootStack } from './across-stacks';

/**
 * The zone, as a stack can use it: one that another stack makes in another region is referred to by an id that is carried over.
 *
 * @param scope where it is used
 */
export function reachableZone(scope: Construct, hostedZone: route53.IHostedZone): route53.IHostedZone {
  if (!Token.isUnresolved(hostedZone.hostedZoneId) || !differ(rootStack(hostedZone).region, rootStack(scope).region)) return hostedZone;
  return scope.node.tryFindChild('Zone') as route53.IHostedZone | undefined ?? route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: acrossStacks(hostedZone, 'Id', hostedZone.hostedZoneId, scope),
    zoneName: hostedZone.zoneName,
  });
}
