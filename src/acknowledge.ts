import { Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Tells auditors why a finding of cdk-nag stands. `Validations.acknowledge()` refuses ids with `::` in them,
 * such as `AwsSolutions-IAM5[Resource::*]`, so this writes what it would have written.
 */
export function acknowledge(where: IConstruct, id: string, reason: string): void {
  where.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [`annotation::${id}`]: reason });
}
