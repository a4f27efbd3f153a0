import { Stack, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Tells auditors why a finding of cdk-nag stands. `Validations.acknowledge()` refuses ids with `::` in them,
 * such as `AwsSolutions-IAM5[Resource::*]`, so this writes what it would have written.
 */
export function acknowledge(where: IConstruct, id: string, reason: string): void {
  where.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [`annotation::${id}`]: reason });
}

/** Tells auditors why a rule that NIST's and HIPAA's packs of cdk-nag have in common is not followed. */
export function acknowledgeInStandards(where: IConstruct, rule: string, reason: string): void {
  for (const pack of ['NIST.800.53.R5', 'HIPAA.Security']) acknowledge(where, `${pack}-${rule}`, reason);
}

/**
 * Tells auditors why rights end in a wildcard. Now, for who asks before synthesis; and at its end, when references to other stacks are in the form in
 * which cdk-nag prints them.
 */
export function acknowledgeWildcards(where: IConstruct, arns: readonly string[], reason: string): void {
  const told = new Set<string>();
  const tell = () => {
    for (const arn of arns.map(each => inWords(Stack.of(where).resolve(each)))) {
      if (!told.has(arn)) acknowledge(where, `AwsSolutions-IAM5[Resource::${arn}]`, reason);
      told.add(arn);
    }
    return [];
  };
  tell();
  where.node.addValidation({ validate: tell });
}

/** An ARN as cdk-nag prints it. */
function inWords(part: unknown): string {
  if (typeof part === 'string') return part;
  const [[kind, value]] = Object.entries(part as { [kind: string]: unknown });
  if (kind === 'Fn::Join') return (value as [string, unknown[]])[1].map(inWords).join('');
  if (kind === 'Fn::GetAtt') return `<${(value as string[]).join('.')}>`;
  if (kind === 'Fn::ImportValue') return inWords(value);
  return kind === 'Ref' ? `<${value}>` : JSON.stringify(part);
}
