import { spawnSync } from 'child_process';
import { rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import { Stage } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { validatePlatformReport } from './platform-report-validation';
import { type ReportSettings, SETTINGS_FILE } from './report-settings';
import type { CostUsage } from '../cost';

/** Properties of `PlatformReport`. */
export interface PlatformReportProps {
  /**
   * What the report is called.
   * @default 'Platform report'
   */
  readonly title?: string;
  /**
   * What each environment is used for in a month, for its costs.
   * @default - a small product: a million requests, 50 GB to the internet, 5 GB of logs
   */
  readonly usage?: CostUsage;
  /**
   * Region whose prices count where a stack's region is only known at deployment, or has no prices in the table: `us-east-1` or `eu-central-1`.
   * @default 'us-east-1'
   */
  readonly region?: string;
  /**
   * Whether what AWS gives each account every month is taken off the costs, of each environment once.
   * @default true
   */
  readonly freeTier?: boolean;
}

/** The program, which the command line runs too. */
const PROGRAM = join(__dirname, '..', '..', 'assets', 'report', 'write-report.js');

/**
 * Writes what an app is, at each synth, beside its templates: `cdk.out/report/index.html`, one file that opens from disk without network, and the same as
 * `report.md`. Architecture, costs of all environments side by side, security, alarms with runbooks, recovery objectives, the path of a first deployment,
 * and every resource with a link to the console.
 *
 * It makes no resource, needs no account and looks nothing up. The same app gives the same bytes. A report that cannot be written is told of and stops
 * nothing.
 */
export class PlatformReport extends Construct {
  constructor(scope: Construct, id: string, props: PlatformReportProps = {}) {
    super(scope, id);
    validatePlatformReport(this, scope, props);
    afterSynthesis(scope as Stage, assembly => this.write(assembly, props));
  }

  private write({ directory, manifest }: CloudAssembly, { title, usage, region, freeTier }: PlatformReportProps): void {
    rmSync(join(directory, 'report'), { recursive: true, force: true });
    // The CLI looks something up and synthesizes again.
    if ((manifest.missing ?? []).length > 0) return;
    const settings: ReportSettings = { title, usage, region, freeTier };
    writeFileSync(join(directory, SETTINGS_FILE), JSON.stringify(settings, undefined, 2));
    // In a process of its own: nothing of it loads with the library, and its WebAssembly loads asynchronously, which a synth cannot wait for.
    const { status, stderr, error } = spawnSync(process.execPath, [PROGRAM, directory], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    if (status !== 0) process.stderr.write(`${this.node.path}: no report was written. ${(error?.message ?? stderr).trim()}\n`);
  }
}

/**
 * Around `synth`, because the manifest is written last of all; what CDK calls at synthesis comes before it, and a validation plugin may not write beside the
 * templates.
 */
function afterSynthesis(stage: Stage, run: (assembly: CloudAssembly) => void): void {
  const synth = stage.synth.bind(stage);
  let last: CloudAssembly | undefined;
  stage.synth = options => {
    const assembly = synth(options);
    if (assembly !== last) run(assembly);
    last = assembly;
    return assembly;
  };
}
