import type { IConstruct } from 'constructs';
import type { RecoveryObjective } from './recovery/recovery-objective';

/** Kind of metadata in which a construct tells the report what no template says. */
export const REPORT_METADATA = 'cdk-web-platform:report';

/** What the report reads of a construct. */
export interface ReportFacts {
  /** Name of its profile. */
  readonly profile?: string;
  /** Whether it only composes blocks: the report groups by what is in it, and not by it. */
  readonly composes?: boolean;
  /** What its blocks can lose, and when they are back. */
  readonly objectives?: readonly RecoveryObjective[];
}

/** Tells the report. As text, because that is what every version of the manifest takes. */
export function tellReport(construct: IConstruct, facts: ReportFacts): void {
  construct.node.addMetadata(REPORT_METADATA, JSON.stringify(facts));
}
