import { Annotations, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** Warns where a function has no way to an AWS API that it needs: neither through the internet nor through an endpoint in the VPC. */
export function warnOfMissingEndpoint(
  scope: Construct, vpc: ec2.IVpc, vpcSubnets: ec2.SubnetSelection | undefined, service: string, consequence: string,
): void {
  const isolated = vpc.selectSubnets(vpcSubnets).subnets.every(subnet => vpc.isolatedSubnets.includes(subnet));
  if (!isolated || hasEndpoint(vpc, service)) return;
  Annotations.of(scope).addWarningV2(`cdk-web-platform:smokeTestsWithout-${service}`,
    `The smoke tests run in isolated subnets: the VPC needs an interface endpoint for ${service} there, or ${consequence}.`);
}

function hasEndpoint(vpc: ec2.IVpc, service: string): boolean {
  // The region in its name may be a token. With the quote, ec2messages is not taken for ec2.
  return vpc.node.findAll().some(child => ec2.CfnVPCEndpoint.isCfnVPCEndpoint(child)
    && JSON.stringify(Stack.of(child).resolve(child.serviceName)).includes(`.${service}"`));
}
