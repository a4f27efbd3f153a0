/*
 * Writes the list prices of AWS's public offer files into the table of `CostEstimate`, for the regions that it has. Needs the internet and no account;
 * reads about a gigabyte. Prices whose place in these files is not known stay as they are, and are named.
 */
import { writeFileSync } from 'fs';
import { createInterface } from 'readline';
import { Readable } from 'stream';
import { readOfferFile } from './offer-file';
import { offerOf, type Offer } from './price-offers';
import { EVERYWHERE, PRICE_TABLE, PRICED_REGIONS, priceTable, type PriceTable, type RegionalPrice } from '../src/cost/estimate/price-table';

const OFFERS = 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws';

type Prices = { readonly [key: string]: number };

/** The table with other prices in it. */
export function withPrices(table: PriceTable, collected: string, region: string, prices: Prices, date: string): PriceTable {
  const refreshed = Object.entries(prices).map(([key, usd]) => {
    const price: RegionalPrice = { usd, sourcesAgree: true, date };
    return [key, { ...table.prices[key], regions: { ...table.prices[key].regions, [region]: price } }];
  });
  return { collected, prices: { ...table.prices, ...Object.fromEntries(refreshed) } };
}

/** The table as text: a line for each price, so that a change shows as one line. */
export function formatted({ collected, prices }: PriceTable): string {
  const lines = Object.entries(prices).map(([key, entry]) => `    ${JSON.stringify(key)}: ${spaced(JSON.stringify(entry))}`);
  return `{\n  "collected": ${JSON.stringify(collected)},\n  "prices": {\n${lines.join(',\n')}\n  }\n}\n`;
}

function spaced(json: string): string {
  return json.replace(/("(?:[^"])*"):/g, '$1: ').replaceAll(',"', ', "');
}

/** What is wanted of each service in a region. */
export function wantedOf(table: PriceTable, region: string): Map<string, { [key: string]: Offer }> {
  const wanted = new Map<string, { [key: string]: Offer }>();
  for (const key of Object.keys(table.prices)) {
    const offer = offerOf(key);
    if (!offer || (offer.isGlobal ?? false) !== (region === EVERYWHERE)) continue;
    wanted.set(offer.service, { ...wanted.get(offer.service), [key]: offer });
  }
  return wanted;
}

async function main(): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  const before = priceTable();
  let table = before;
  for (const region of [...PRICED_REGIONS, EVERYWHERE]) {
    for (const [service, wanted] of wantedOf(before, region)) {
      const address = `${OFFERS}/${service}/current/${region === EVERYWHERE ? '' : `${region}/`}index.csv`;
      const found = await readOfferFile(await download(address), region, wanted);
      table = withPrices(table, today, region, found.prices, found.publicationDate);
      say(region, before, wanted, found.prices, found.ambiguous);
    }
  }
  const kept = Object.keys(before.prices).filter(key => !offerOf(key));
  process.stdout.write(`not refreshed, because their place in the offer files is not known here: ${kept.join(', ')}\n`);
  writeFileSync(PRICE_TABLE, formatted(table));
}

async function download(address: string): Promise<AsyncIterable<string>> {
  const response = await fetch(address).catch((error: Error) => {
    throw new Error(`${address} cannot be reached, so the table stays as it is: ${String(error.cause ?? error.message)}`);
  });
  if (!response.ok || !response.body) throw new Error(`${address} answers ${response.status}, so the table stays as it is`);
  return createInterface({ input: Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), crlfDelay: Infinity });
}

function say(region: string, before: PriceTable, wanted: object, prices: Prices, ambiguous: string[]): void {
  for (const key of Object.keys(wanted)) {
    const old = before.prices[key].regions[region]?.usd;
    const now = ambiguous.includes(key) ? 'several prices, kept' : prices[key] ?? 'not found, kept';
    if (now !== old) process.stdout.write(`${region} ${key}: ${old ?? 'nothing'} → ${now}\n`);
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
