import { Aws, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DeploymentHelper, DeploymentHelperProps } from '../deployment-helper';

/** The VPC, and how the log of what happens to it is kept. */
export interface ClosedDefaultSecurityGroupProps extends DeploymentHelperProps {
  readonly vpc: ec2.Vpc;
}

/**
 * Closes the default security group of a VPC, which CloudFormation has no resource for.
 *
 * Not the VPC's own `restrictDefaultSecurityGroup`: its function has no log with an end, no key, and is copied and hashed
 * anew for each stack, which takes about a twentieth of the time to synthesize.
 */
export class ClosedDefaultSecurityGroup extends Construct {
  constructor(scope: Construct, id: string, { vpc, ...props }: ClosedDefaultSecurityGroupProps) {
    super(scope, id);
    const helper = DeploymentHelper.of(this, props);
    const groupArn = Stack.of(this).formatArn({ service: 'ec2', resource: 'security-group', resourceName: vpc.vpcDefaultSecurityGroup });
    const policy = helper.allow(this, 'Policy', [new iam.PolicyStatement({
      actions: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'],
      resources: [groupArn],
    })]);
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::ClosedDefaultSecurityGroup',
      serviceToken: helper.serviceToken,
      serviceTimeout: Duration.minutes(5),
      properties: { GroupId: vpc.vpcDefaultSecurityGroup, Account: Aws.ACCOUNT_ID },
    });
    resource.node.addDependency(policy);
  }
}
