import { Construct, IConstruct } from 'constructs';
import { validateCostEstimate } from './cost-estimate-validation';
import type { CostReport } from './cost-report';
import type { CostUsage } from './cost-usage';
import { templateResources } from './estimate/construct-resources';
import { estimateCosts } from './estimate/estimate-costs';
import { printReport } from './estimate/print-report';

const CONTEXT_KEY = 'cost-estimate';
const ALL_LINES = 'lines';

/** Properties of a `CostEstimate`. */
export interface CostEstimateProps {
  /**
   * What is estimated together: an app, stages, stacks or constructs.
   * @default - everything in the construct's scope. A stack's own siblings, such as that in us-east-1, are in the app's scope alone
   */
  readonly scopes?: IConstruct[];
  /**
   * What the app is used for in a month.
   * @default - a small product: a million requests, 50 GB to the internet, 5 GB of logs
   */
  readonly usage?: CostUsage;
  /**
   * Region whose prices count where a stack's region is only known at deployment, or has no prices in the table: `us-east-1` or `eu-central-1`.
   * @default 'us-east-1'
   */
  readonly region?: string;
  /**
   * Whether what AWS gives each account every month, such as three dashboards or 100 GB to the internet, is taken off once.
   * False where other apps of the account use it up. Free months of new accounts are never taken off.
   * @default true
   */
  readonly freeTier?: boolean;
  /**
   * Whether the estimate is printed at each synth, to the error output.
   * @default - where `-c cost-estimate=true` asks for it, or `-c cost-estimate=lines` with every line
   */
  readonly print?: boolean;
}

/**
 * What an app will cost a month, from its templates: AWS's list prices on demand, in USD, without taxes and discounts. It makes no resource, needs no
 * account and looks nothing up; prices come from a dated table of us-east-1 and eu-central-1 that ships with the library, and is read only when an
 * estimate is asked for. A line whose price has one source, or sources that differ, says that it is unsure; what has no price is named.
 *
 * Counted are the fewest tasks of each service, and the least of what scales by itself. Not counted: releases, scheduled tasks, what crosses zones
 * and regions, snapshots beyond the free ones, calls of APIs, and rotations of keys.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html
 */
export class CostEstimate extends Construct {
  constructor(scope: Construct, id: string, private readonly props: CostEstimateProps = {}) {
    super(scope, id);
    validateCostEstimate(this, props);

    const wanted = props.print ?? ![undefined, 'false'].includes(this.contextValue());
    // After all aspects and references between stacks, as the templates will be.
    if (wanted) this.node.addValidation({ validate: () => this.print() });
  }

  /** The estimate as data: of what is there when it is called. After `app.synth()`, or in a validation, it is of the templates as they are deployed. */
  public report(): CostReport {
    const { scopes = [this.node.scope!], usage = {}, region = 'us-east-1', freeTier = true } = this.props;
    return estimateCosts(templateResources(scopes), { usage, region, freeTier });
  }

  private print(): string[] {
    const { scopes = [this.node.scope!] } = this.props;
    const title = scopes.map(({ node }) => node.path || 'the app').join(', ');
    process.stderr.write(`${printReport(title, this.report(), this.contextValue() === ALL_LINES)}\n`);
    return [];
  }

  /** `-c` gives texts, cdk.json may have others. */
  private contextValue(): string | undefined {
    const value: unknown = this.node.tryGetContext(CONTEXT_KEY) ?? undefined;
    return value === undefined ? undefined : String(value);
  }
}
