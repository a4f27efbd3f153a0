/*
 * Loaded before an example's app: when the app has synthesized, cdk-nag judges its construct tree
 * and the findings are written to the file that NAG_REPORT names. The example itself stays as a team would copy it.
 */
import { writeFileSync } from 'fs';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, NagPack, PCIDSS321Checks } from 'cdk-nag';

/** What cdk-nag says of one stack. */
export interface NagReport {
  readonly stack: string;
  /** Error findings that nobody has acknowledged, as `rule path`, by pack. */
  readonly errors: { [pack: string]: string[] };
  /** Rules of AwsSolutions that have findings, all of them acknowledged. */
  readonly acknowledgedRules: string[];
  /** Reason of each acknowledgement in the stack, by the id that cdk-nag gives the finding. */
  readonly reasons: { [id: string]: string };
}

function judge(stack: Stack): NagReport {
  const packs: NagPack[] = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new HIPAASecurityChecks(), new PCIDSS321Checks()];
  const errors = Object.fromEntries(packs.map(pack => [pack.readPackName, findings(pack, stack)]));
  const all = findings(Object.assign(new AwsSolutionsChecks(), { isAcknowledged: () => false }), stack);
  const rules = all.filter(finding => !errors.AwsSolutions.includes(finding)).map(finding => finding.split(/[[ ]/)[0]);
  return { stack: stack.stackName, errors, acknowledgedRules: [...new Set(rules)].sort(), reasons: reasons(stack) };
}

function findings(pack: NagPack, stack: Stack): string[] {
  return pack.validateScope(stack).violations
    .filter(violation => violation.severity === 'error')
    .flatMap(violation => violation.violatingResources.map(resource => `${violation.ruleName} ${resource.constructPath}`));
}

function reasons(stack: Stack): { [id: string]: string } {
  const found: { [id: string]: string } = {};
  for (const node of stack.node.findAll()) {
    for (const entry of node.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)) {
      for (const [id, reason] of Object.entries(entry.data as { [id: string]: string })) found[id.replace(/^annotation::/i, '')] = reason;
    }
  }
  return found;
}

const synth = App.prototype.synth;
App.prototype.synth = function (...args) {
  const assembly = synth.apply(this, args);
  const stacks = this.node.findAll().filter((node): node is Stack => Stack.isStack(node));
  writeFileSync(process.env.NAG_REPORT!, JSON.stringify(stacks.map(judge)));
  return assembly;
};
