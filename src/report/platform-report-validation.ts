import { Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { PlatformReportProps } from './platform-report';
import { validateCostEstimate } from '../cost/cost-estimate-validation';
import { PlatformError } from '../errors';
import { checkKnown, checkText, display } from '../validate';

const REPORT = Symbol.for('cdk-web-platform.report');

/** Refuses a report of something that has no assembly of its own, and a second one, which would write over the first. */
export function validatePlatformReport(where: IConstruct, scope: IConstruct, { title, usage, region, freeTier }: PlatformReportProps): void {
  if (!Stage.isStage(scope)) {
    throw new PlatformError(where, {
      problem: 'a report is of a whole app or stage.',
      got: `scope ${display(scope.node.path)}`,
      allowed: 'an App or a Stage',
      fix: 'write new PlatformReport(app, \'Report\')',
    });
  }
  checkKnown(where, 'title', title);
  checkText(where, 'title', title, /^[^\n]{1,120}$/, 'one line of up to 120 characters');
  validateCostEstimate(where, { usage, region, freeTier });
  checkOnlyReport(where, scope);
}

function checkOnlyReport(where: IConstruct, scope: IConstruct): void {
  const other = (scope as { [REPORT]?: IConstruct })[REPORT];
  if (other) {
    throw new PlatformError(where, {
      problem: 'there is a report of this already.',
      got: `a report here and at ${other.node.path}`,
      allowed: 'one report of an app or stage',
      fix: 'take one of them away; a report of the app has all of its stages in it',
    });
  }
  Object.defineProperty(scope, REPORT, { value: where });
}
