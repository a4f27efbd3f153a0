import { EVERYWHERE, findPrice, type Price, PRICED_REGIONS, priceTable } from './price-table';
import { regionOf, TemplateResource } from './template-resource';
import type { CommitmentHint, CostLine, CostReport, UnpricedCost } from '../cost-report';
import type { CostUsage } from '../cost-usage';
import { DEFAULT_USAGE } from '../default-usage';

/** What all estimates assume. */
export interface BillSettings {
  readonly usage: CostUsage;
  /** Region whose prices count where a stack's own is not in the table. */
  readonly region: string;
  /** Whether what AWS gives each account every month is taken off. */
  readonly freeTier: boolean;
}

/** One thing that a resource is charged for. */
export interface Charge {
  /** Key of the price in the table. */
  readonly price: string;
  readonly what: string;
  readonly quantity: number;
  /** Whether the quantity is a usage assumption. */
  readonly use?: boolean;
  /** How much is free each month, for all resources that pay this price together. */
  readonly free?: number;
  readonly unsure?: string;
  /** The commitment that could cover it. */
  readonly commitment?: keyof typeof COMMITMENTS;
}

const COMMITMENTS = {
  'Compute Savings Plan': 'https://aws.amazon.com/savingsplans/compute-pricing/',
  'EC2 reserved instances or a Savings Plan': 'https://aws.amazon.com/savingsplans/compute-pricing/',
  'RDS reserved instances': 'https://aws.amazon.com/rds/reserved-instances/',
  'ElastiCache reserved nodes': 'https://aws.amazon.com/elasticache/reserved-cache-nodes/',
  'OpenSearch reserved instances': 'https://aws.amazon.com/opensearch-service/pricing/',
};

/** Below this much a month nobody commits for a year. */
const LEAST_COMMITMENT = 10;

/** Adds up what resources cost. Rules charge it; it knows prices, regions and what is free. */
export class Bill {
  public readonly usage: typeof DEFAULT_USAGE & CostUsage;

  private readonly byType = new Map<string, TemplateResource[]>();
  private readonly lines: CostLine[] = [];
  private readonly unpricedCosts = new Map<string, UnpricedCost>();
  private readonly freeTypes = new Set<string>();
  private readonly used = new Map<string, number>();
  private readonly covered = new Map<keyof typeof COMMITMENTS, number>();
  private readonly notes = new Set<string>();

  constructor(public readonly resources: readonly TemplateResource[], private readonly settings: BillSettings) {
    const given = Object.entries(settings.usage).filter(([, amount]) => amount !== undefined);
    this.usage = { ...DEFAULT_USAGE, ...Object.fromEntries(given) };
    for (const resource of resources) this.byType.get(resource.type)?.push(resource) ?? this.byType.set(resource.type, [resource]);
  }

  /** All resources of these types. */
  public ofType(...types: string[]): TemplateResource[] {
    return types.flatMap(type => this.byType.get(type) ?? []);
  }

  /** One resource's even share of an amount. */
  public share(amount: number, among: readonly unknown[]): number {
    return amount / Math.max(1, among.length);
  }

  /** Writes a line, or says that its price is not known. */
  public charge(resource: TemplateResource, charge: Charge): void {
    const price = this.priceOf(resource, charge.price);
    if (!price) return this.unpriced(resource, isInChina(resource) ? 'AWS China has a price list of its own, in CNY' : `the table has no price of ${charge.what}`);
    const quantity = this.afterFree(charge);
    const monthlyUsd = rounded(quantity * price.usd);
    this.lines.push({
      constructPath: resource.path,
      block: resource.block,
      resourceType: resource.type,
      what: charge.what,
      quantity: rounded(quantity),
      unit: price.unit,
      unitPrice: price.usd,
      monthlyUsd,
      dependsOnUse: charge.use ?? false,
      unsure: doubtsOf(resource, charge, price),
      priceRegion: price.region,
      priceDate: price.date,
    });
    if (charge.commitment) this.covered.set(charge.commitment, (this.covered.get(charge.commitment) ?? 0) + monthlyUsd);
  }

  /** Names what has no price. */
  public unpriced({ type, path }: TemplateResource, reason: string): void {
    const key = `${type} ${reason}`;
    const before = this.unpricedCosts.get(key)?.constructPaths ?? [];
    this.unpricedCosts.set(key, { resourceType: type, reason, constructPaths: [...before, path] });
  }

  /** Names what costs nothing. */
  public free({ type }: TemplateResource): void {
    this.freeTypes.add(type);
  }

  public hasPrice(resource: TemplateResource, key: string): boolean {
    return this.priceOf(resource, key) !== undefined;
  }

  public report(): CostReport {
    const sum = (lines: CostLine[]) => rounded(lines.reduce((total, { monthlyUsd }) => total + monthlyUsd, 0));
    return {
      lines: [...this.lines].sort((a, b) => b.monthlyUsd - a.monthlyUsd),
      monthlyUsd: sum(this.lines),
      fixedUsd: sum(this.lines.filter(({ dependsOnUse }) => !dependsOnUse)),
      usageUsd: sum(this.lines.filter(({ dependsOnUse }) => dependsOnUse)),
      unsureUsd: sum(this.lines.filter(({ unsure }) => unsure !== undefined)),
      unpriced: [...this.unpricedCosts.values()],
      freeTypes: [...this.freeTypes].sort(),
      commitments: this.commitments(),
      notes: [...this.notes],
      pricesOf: priceTable().collected,
    };
  }

  private commitments(): CommitmentHint[] {
    return [...this.covered]
      .filter(([, monthlyUsd]) => monthlyUsd >= LEAST_COMMITMENT)
      .map(([name, monthlyUsd]) => ({ name, monthlyUsd: rounded(monthlyUsd), url: COMMITMENTS[name] }));
  }

  private priceOf(resource: TemplateResource, key: string) {
    if (isInChina(resource)) return undefined;
    const region = regionOf(resource);
    return (region === undefined ? undefined : findPrice(key, region)) ?? this.elsewhere(region, key);
  }

  /** The price of the region that stands for all others. */
  private elsewhere(region: string | undefined, key: string) {
    if (region !== undefined && PRICED_REGIONS.includes(region)) return undefined;
    this.notes.add(region === undefined
      ? `The region is only known at deployment: prices of ${this.settings.region}.`
      : `There are no prices of ${region} here: those of ${this.settings.region} stand for them, and all of these lines are unsure.`);
    return findPrice(key, this.settings.region);
  }

  private afterFree({ price, quantity, free = 0 }: Charge): number {
    const before = this.used.get(price) ?? 0;
    this.used.set(price, before + quantity);
    return this.settings.freeTier ? Math.max(0, before + quantity - free) - Math.max(0, before - free) : quantity;
  }

}

function doubtsOf(resource: TemplateResource, { unsure }: Charge, price: Price): string | undefined {
  const region = regionOf(resource) ?? price.region;
  const doubts = [
    ...price.sourcesAgree ? [] : ['the price has one source, or sources that differ'],
    ...price.region === region || price.region === EVERYWHERE ? [] : [`there are no prices of ${region}`],
    ...unsure === undefined ? [] : [unsure],
    ...resource.assumptions,
    ...resource.isConditional ? ['it is only made where a condition holds'] : [],
  ];
  return doubts.length > 0 ? doubts.join('; ') : undefined;
}

function isInChina(resource: TemplateResource): boolean {
  return regionOf(resource)?.startsWith('cn-') ?? false;
}

/** To a millionth, which takes away what binary fractions add. */
export function rounded(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}
