import { readFileSync } from 'fs';
import { join } from 'path';

/** A list price in a region, with what is known of it. */
export interface RegionalPrice {
  readonly usd: number;
  /** Whether independent sources have the same price, or AWS's own offer file has it. */
  readonly sourcesAgree: boolean;
  /** Date of the newest source. */
  readonly date: string;
}

/** The table as it ships. `prices:refresh` rewrites it. */
export interface PriceTable {
  readonly collected: string;
  readonly prices: { readonly [key: string]: { readonly unit: string; readonly regions: { readonly [region: string]: RegionalPrice } } };
}

/** A price with its unit, and the region whose price it is. */
export interface Price extends RegionalPrice {
  readonly unit: string;
  readonly region: string;
}

export const PRICE_TABLE = join(__dirname, 'list-prices.json');
/** What stands for a region where a price is the same in all. */
export const EVERYWHERE = 'global';
/** Regions of the table. */
export const PRICED_REGIONS = ['us-east-1', 'eu-central-1'];

let table: PriceTable | undefined;

/** Read when the first estimate is asked for, and never otherwise. */
export function priceTable(): PriceTable {
  table ??= JSON.parse(readFileSync(PRICE_TABLE, 'utf8')) as PriceTable;
  return table;
}

/** The price of that key, of the region or of everywhere. */
export function findPrice(key: string, region: string): Price | undefined {
  const entry = priceTable().prices[key];
  const [found] = [region, EVERYWHERE].filter(each => entry?.regions[each]);
  return found === undefined ? undefined : { ...entry.regions[found], unit: entry.unit, region: found };
}
