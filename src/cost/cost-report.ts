/** One price of one resource. */
export interface CostLine {
  /** Path of the resource in the construct tree. */
  readonly constructPath: string;
  /** Path of the block that made it: the construct around it that is two below its stack, as in a pattern, or one where there is no other. */
  readonly block: string;
  /** Its CloudFormation type. */
  readonly resourceType: string;
  /** What is paid for, such as `vCPU (ARM)`. */
  readonly what: string;
  /** How much of it a month, in `unit`, after what is free. */
  readonly quantity: number;
  /** Unit of `quantity` and `unitPrice`, such as `hour`. */
  readonly unit: string;
  /** List price of one unit, in USD. */
  readonly unitPrice: number;
  /** What it costs a month, in USD: `quantity` times `unitPrice`, to a millionth. */
  readonly monthlyUsd: number;
  /** Whether the amount is a usage assumption; it is fixed otherwise. */
  readonly dependsOnUse: boolean;
  /**
   * Why the line is not to be trusted: one source for the price, sources that differ, or a property that only the deployment knows.
   * @default - sources agree and all is known
   */
  readonly unsure?: string;
  /** Region whose price it is, or `global`. */
  readonly priceRegion: string;
  /** Date of the newest source of the price, as YYYY-MM-DD. */
  readonly priceDate: string;
}

/** What is in the app and has no price in the estimate. */
export interface UnpricedCost {
  /** CloudFormation type. */
  readonly resourceType: string;
  /** Why there is no price. */
  readonly reason: string;
  /** Paths of the resources. */
  readonly constructPaths: string[];
}

/** Costs that run all month, for which AWS gives a discount to who commits to them for one or three years. */
export interface CommitmentHint {
  /** What AWS calls the commitment, such as `Compute Savings Plan`. */
  readonly name: string;
  /** What of the estimate it could cover, a month, in USD and at on-demand prices. */
  readonly monthlyUsd: number;
  /** Page with the prices of the commitment, of which none is in the table. */
  readonly url: string;
}

/** A monthly estimate. All amounts are list prices in USD, on demand, without taxes and discounts. */
export interface CostReport {
  /** Every price of every resource, the dearest first. */
  readonly lines: CostLine[];
  /** All lines together. */
  readonly monthlyUsd: number;
  /** The lines that do not depend on use. */
  readonly fixedUsd: number;
  /** The lines that depend on use. */
  readonly usageUsd: number;
  /** How much of `monthlyUsd` is unsure. */
  readonly unsureUsd: number;
  /** What has no price: the estimate is too low by what it costs. */
  readonly unpriced: UnpricedCost[];
  /** Types in the app that AWS does not charge for. */
  readonly freeTypes: string[];
  /** Where a commitment of one or three years may pay. */
  readonly commitments: CommitmentHint[];
  /** What the reader must know: regions whose prices are not known, and the like. */
  readonly notes: string[];
  /** Day on which the price table was collected, as YYYY-MM-DD. */
  readonly pricesOf: string;
}
