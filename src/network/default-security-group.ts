import { Aws, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { DefaultSecurityGroupFunction } from './default-security-group-function';
import { createHelperFunction } from '../helper-function';

/** What the function needs around it. */
export interface ClosedDefaultSecurityGroupProps {
  readonly vpc: ec2.Vpc;
  readonly logRetentionDays: number;
  readonly encryptionKey?: kms.IKey;
}

/**
 * Closes the default security group of a VPC, which CloudFormation has no resource for.
 *
 * Not the VPC's own `restrictDefaultSecurityGroup`: its function has no log with an end, no key, and is copied and hashed
 * anew for each stack, which takes about a twentieth of the time to synthesize.
 */
export class ClosedDefaultSecurityGroup extends Construct {
  constructor(scope: Construct, id: string, { vpc, logRetentionDays, encryptionKey }: ClosedDefaultSecurityGroupProps) {
    super(scope, id);
    const groupArn = Stack.of(this).formatArn({ service: 'ec2', resource: 'security-group', resourceName: vpc.vpcDefaultSecurityGroup });
    const handler = createHelperFunction(this, DefaultSecurityGroupFunction, {
      statements: [new iam.PolicyStatement({
        actions: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'],
        resources: [groupArn],
      })],
      logRetentionDays,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      description: 'Closes the default security group of a VPC',
      timeout: Duration.minutes(1),
    });
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::ClosedDefaultSecurityGroup',
      serviceToken: handler.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: { GroupId: vpc.vpcDefaultSecurityGroup, Account: Aws.ACCOUNT_ID },
    });
    resource.node.addDependency(this.node.findChild('Role'));
  }
}
