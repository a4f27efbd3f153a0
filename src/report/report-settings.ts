import type { CostUsage } from '../cost/cost-usage';

/** File beside the templates, for what the report is told that no template says. */
export const SETTINGS_FILE = 'platform-report.json';

/** What is in it. */
export interface ReportSettings {
  readonly title?: string;
  readonly usage?: CostUsage;
  readonly region?: string;
  readonly freeTier?: boolean;
}
