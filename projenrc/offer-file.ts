import type { Offer } from './price-offers';

/*
 * AWS's offer files as text of comma-separated values: five lines that say which file it is, one with the names of the columns, then a line for each
 * price. That of EC2 has hundreds of megabytes for a region, so they are read line by line.
 *
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
const HEADER_LINES = 5;
/** `EUC1-`, `USE1-`, and KMS's `us-east-1-`; the oldest region often has none. */
const REGION_OF_USAGE = /^(?:[A-Z]{2,4}[0-9]-|[a-z]{2}-[a-z]+-[0-9]-)/;

/** Prices of an offer file by the keys of the table. */
export interface FoundPrices {
  readonly publicationDate: string;
  readonly prices: { readonly [key: string]: number };
  /** Keys whose rows have several prices: the offers do not say enough to choose one. */
  readonly ambiguous: string[];
}

/** What is looked for, by the keys of the table. */
type Wanted = { readonly [key: string]: Offer };
type Row = { readonly [column: string]: string };

/** Reads the wanted prices of one service in one region. */
export async function readOfferFile(lines: AsyncIterable<string>, region: string, wanted: Wanted): Promise<FoundPrices> {
  const keys = new Map<string, string[]>();
  for (const [key, { usage }] of Object.entries(wanted)) keys.set(usage, [...keys.get(usage) ?? [], key]);
  const found = new Map<string, Row[]>();
  let [number, publicationDate, columns]: [number, string, string[]] = [0, '', []];
  for await (const line of lines) {
    number += 1;
    const values = parseLine(line);
    if (values[0] === 'Publication Date') publicationDate = values[1].slice(0, 10);
    if (number === HEADER_LINES + 1) columns = values.map(name => name.toLowerCase().replaceAll(' ', ''));
    const mentioned = number > HEADER_LINES + 1 ? keys.get(usageOf(values[columns.indexOf('usagetype')])) ?? [] : [];
    for (const key of mentioned) {
      const row = Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
      if (isWanted(row, region, wanted[key])) found.set(key, [...found.get(key) ?? [], row]);
    }
  }
  if (!columns.includes('usagetype') || !columns.includes('priceperunit')) {
    throw new Error('this is no offer file of AWS: it has no column of usage types or prices');
  }
  return { publicationDate, ...pricesOf(found, wanted) };
}

/** One line of comma-separated values, with quotes where a value has a comma. */
export function parseLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted === undefined ? plain : quoted.replaceAll('""', '"'));
}

function usageOf(usageType = ''): string {
  return usageType.replace(REGION_OF_USAGE, '');
}

function isWanted(row: Row, region: string, { columns = {}, isGlobal }: Offer): boolean {
  const isHere = isGlobal || row.regioncode === undefined || row.regioncode === region;
  const isOnDemand = row.termtype === 'OnDemand' && row.currency === 'USD';
  return isHere && isOnDemand && Object.entries(columns).every(([column, value]) => row[column] === value);
}

/** Of each product the first price that is one: amounts that are free come before it. */
function pricesOf(found: Map<string, Row[]>, wanted: Wanted): Omit<FoundPrices, 'publicationDate'> {
  const candidates = [...found].map(([key, rows]) => {
    const products = [...new Set(rows.map(({ sku }) => sku))].map(sku => rows
      .filter(row => row.sku === sku && Number(row.priceperunit) > 0)
      .sort((a, b) => Number(a.startingrange) - Number(b.startingrange))[0]);
    const times = wanted[key].times ?? 1;
    const prices = products.filter(row => row !== undefined).map(row => Number((Number(row.priceperunit) * times).toPrecision(10)));
    return { key, prices: [...new Set(prices)] };
  });
  return {
    prices: Object.fromEntries(candidates.filter(({ prices }) => prices.length === 1).map(({ key, prices: [price] }) => [key, price])),
    ambiguous: candidates.filter(({ prices }) => prices.length > 1).map(({ key }) => key),
  };
}
