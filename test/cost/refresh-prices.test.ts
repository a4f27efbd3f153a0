import { readFileSync } from 'fs';
import { join } from 'path';
import { parseLine, readOfferFile } from '../../projenrc/offer-file';
import { Offer, offerOf } from '../../projenrc/price-offers';
import { formatted, wantedOf, withPrices } from '../../projenrc/refresh-prices';
import { PRICE_TABLE, PRICED_REGIONS, priceTable } from '../../src/cost/estimate/price-table';

/** In the form of AWS's offer files, with an invented product: reserved, and on demand. */
const FRAGMENT = readFileSync(join(__dirname, 'offer-fragment.csv'), 'utf8').split('\n').filter(each => each !== '');
const [header] = FRAGMENT.slice(5);
const COLUMNS = parseLine(header);
const DEDICATED: Offer = { service: 'AmazonEC2', usage: 'DedicatedUsage:example.large', columns: { tenancy: 'Dedicated', operatingsystem: 'Windows' } };

/** A line in the fragment's form, with other values. */
function line(values: { readonly [column: string]: string }): string {
  const row = Object.fromEntries(COLUMNS.map((column, index) => [column, parseLine(FRAGMENT[8])[index]]));
  return COLUMNS.map(column => `"${values[column] ?? row[column]}"`).join(',');
}

async function read(lines: string[], wanted: { readonly [key: string]: Offer }, region = 'ap-northeast-1') {
  async function* each() { yield* lines; }
  return readOfferFile(each(), region, wanted);
}

test('a price on demand is found, and none of those that are reserved', async () => {
  expect(await read(FRAGMENT, { dedicated: DEDICATED })).toEqual({ publicationDate: '2026-01-02', prices: { dedicated: 0.25 }, ambiguous: [] });
});

test('of another region, tenancy or type there is none', async () => {
  expect((await read(FRAGMENT, { dedicated: DEDICATED }, 'eu-central-1')).prices).toEqual({});
  expect((await read(FRAGMENT, { shared: { ...DEDICATED, columns: { tenancy: 'Shared' } }, other: { ...DEDICATED, usage: 'DedicatedUsage:example.xlarge' } })).prices).toEqual({});
  expect((await read(FRAGMENT, { everywhere: { ...DEDICATED, isGlobal: true } }, 'global')).prices).toEqual({ everywhere: 0.25 });
});

test('the first amount that is not free counts, in the unit of the table', async () => {
  const requests: Offer = { service: 'AWSLambda', usage: 'Request', times: 1_000_000 };
  const tiers = [
    line({ SKU: 'A', usageType: 'EUC1-Request', StartingRange: '9', PricePerUnit: '0.0000001000' }),
    line({ SKU: 'A', usageType: 'EUC1-Request', StartingRange: '0', PricePerUnit: '0.0000000000' }),
    line({ SKU: 'A', usageType: 'EUC1-Request', StartingRange: '1', PricePerUnit: '0.0000002000' }),
  ];
  expect((await read([...FRAGMENT, ...tiers], { requests })).prices).toEqual({ requests: 0.2 });
});

test('two products of different prices are not guessed between, of the same price they are one', async () => {
  const zone: Offer = { service: 'AmazonRoute53', usage: 'HostedZone' };
  const products = (second: string) => [line({ SKU: 'A', usageType: 'HostedZone', PricePerUnit: '0.5' }), line({ SKU: 'B', usageType: 'USE1-HostedZone', PricePerUnit: second })];
  expect(await read([...FRAGMENT, ...products('0.1')], { zone })).toMatchObject({ prices: {}, ambiguous: ['zone'] });
  expect(await read([...FRAGMENT, ...products('0.50')], { zone })).toMatchObject({ prices: { zone: 0.5 }, ambiguous: [] });
});

test.each([
  ['a page that is no offer file', ['<html>']],
  ['a file without prices', [...FRAGMENT.slice(0, 5), '"SKU","usageType"']],
  ['nothing', []],
])('refused: %s', async (_, lines) => {
  await expect(read(lines, { dedicated: DEDICATED })).rejects.toThrow('this is no offer file of AWS');
});

test('values with commas and quotes, and empty ones', () => {
  expect(parseLine('"a, b","say ""c""",,d,')).toEqual(['a, b', 'say "c"', '', 'd', '']);
  expect(FRAGMENT.slice(5).map(each => parseLine(each).length)).toEqual([25, 25, 25, 25]);
});

describe('the table', () => {
  const before = priceTable();

  test('gets the price, its date and that AWS says so; all else stays', () => {
    const after = withPrices(before, '2027-01-02', 'eu-central-1', { nat: 0.06 }, '2026-12-31');
    expect(after.collected).toBe('2027-01-02');
    expect(after.prices.nat.regions).toEqual({ ...before.prices.nat.regions, 'eu-central-1': { usd: 0.06, sourcesAgree: true, date: '2026-12-31' } });
    expect({ ...after.prices, nat: before.prices.nat }).toEqual(before.prices);
  });

  test('is written as it is, so that only what changes shows', () => {
    expect(formatted(before)).toBe(readFileSync(PRICE_TABLE, 'utf8'));
  });

  test('asks each service once for a region, and for what all regions have elsewhere', () => {
    const [home, everywhere] = [wantedOf(before, PRICED_REGIONS[0]), wantedOf(before, 'global')];
    expect([...everywhere.keys()].sort()).toEqual(['AmazonCloudFront', 'AmazonRoute53']);
    expect(Object.keys(home.get('AmazonECS')!)).toEqual(['fargate-arm-memory', 'fargate-arm-vcpu', 'fargate-x86-memory', 'fargate-x86-vcpu']);
    expect(home.has('AmazonRoute53')).toBe(false);
    expect(offerOf('rds-multi:db.t4g.medium')).toEqual({ service: 'AmazonRDS', usage: 'Multi-AZUsage:db.t4g.medium', columns: { databaseengine: 'PostgreSQL' } });
    expect(offerOf('backup-copy')).toBeUndefined();
  });
});
