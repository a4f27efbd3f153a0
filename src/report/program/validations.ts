import { existsSync, readFileSync } from 'fs';
import { join } from 'path';

/** A finding of a validation plugin, such as cdk-nag. */
export interface Violation {
  readonly rule: string;
  readonly severity: string;
  readonly description: string;
  readonly where: readonly string[];
}

interface ValidationReport {
  readonly pluginReports?: readonly {
    readonly violations?: readonly {
      readonly ruleName?: string;
      readonly description?: string;
      readonly severity?: string;
      readonly violatingConstructs?: readonly { readonly constructPath?: string; readonly resourceLogicalId?: string }[];
    }[];
  }[];
}

/** What CDK writes beside the manifest when an app has validations; nothing without them. */
export function readViolations(folder: string): Violation[] {
  const file = join(folder, 'policy-validation-report.json');
  if (!existsSync(file)) return [];
  const { pluginReports = [] } = JSON.parse(readFileSync(file, 'utf8')) as ValidationReport;
  return pluginReports.flatMap(({ violations = [] }) => violations.map(({ ruleName = '', description = '', severity = '', violatingConstructs = [] }) => ({
    rule: ruleName, severity, description, where: violatingConstructs.map(({ constructPath, resourceLogicalId }) => constructPath ?? resourceLogicalId ?? ''),
  })));
}
