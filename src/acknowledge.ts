import { Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Tells auditors why a finding of cdk-nag stands. `Validations.acknowledge()` refuses ids with `::` in them,
 * such as `AwsSolutions-IAM5[Resource::*]`, so this writes what it would have written.
 */
export function acknowledge(where: IConstruct, id: string, reason: string): void {
  where.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [`annotation::${id}`]: reason });
}

/**
 * Tells auditors why a role has one of AWS's own policies.
 *
 * @param policy name of the policy with its path, such as `service-role/AWSLambdaVPCAccessExecutionRole`
 */
export function acknowledgeAwsPolicy(role: IConstruct, policy: string, reason: string): void {
  acknowledge(role, `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`, reason);
}
