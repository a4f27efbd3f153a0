import { Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Tells auditors why a role has one of AWS's own policies. `Validations.acknowledge()` refuses the rule's id,
 * because of the `::` in it, so this writes what it would have written.
 *
 * @param policy name of the policy with its path, such as `service-role/AWSLambdaVPCAccessExecutionRole`
 */
export function acknowledgeAwsPolicy(role: IConstruct, policy: string, reason: string): void {
  const id = `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`;
  role.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [`annotation::${id}`]: reason });
}
