/*
 * Loaded before an example's app: when the app has synthesized, cdk-nag judges its construct tree
 * and the findings are written to the file that NAG_REPORT names. The example itself stays as a team would copy it.
 */
import { writeFileSync } from 'fs';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, NagPack, PCIDSS321Checks } from 'cdk-nag';
import { IConstruct } from 'constructs';

/** What cdk-nag says of one stack. */
export interface NagReport {
  readonly stack: string;
  /** Error findings, as `rule path`, by pack. */
  readonly errors: { [pack: string]: string[] };
  /** Rules acknowledged somewhere in the stack, with their reasons. */
  readonly acknowledged: { [rule: string]: string };
}

function judge(stack: Stack): NagReport {
  const packs: NagPack[] = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new HIPAASecurityChecks(), new PCIDSS321Checks()];
  const errors = Object.fromEntries(packs.map(pack => [pack.name, pack.validateScope(stack).violations
    .filter(violation => violation.severity === 'error')
    .flatMap(violation => violation.violatingResources.map(resource => `${violation.ruleName} ${resource.constructPath}`))]));
  return { stack: stack.stackName, errors, acknowledged: acknowledgements(stack) };
}

function acknowledgements(stack: Stack): { [rule: string]: string } {
  const found: { [rule: string]: string } = {};
  const visit = (node: IConstruct) => {
    for (const entry of node.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)) {
      for (const [rule, reason] of Object.entries(entry.data as { [rule: string]: string })) found[rule.replace(/^annotation::/i, '')] = reason;
    }
    node.node.children.forEach(visit);
  };
  visit(stack);
  return found;
}

const synth = App.prototype.synth;
App.prototype.synth = function (...args) {
  const assembly = synth.apply(this, args);
  const stacks = this.node.findAll().filter((node): node is Stack => Stack.isStack(node));
  writeFileSync(process.env.NAG_REPORT!, JSON.stringify(stacks.map(judge)));
  return assembly;
};
