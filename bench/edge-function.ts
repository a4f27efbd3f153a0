/*
 * How large the function at the edge is, and how long one call takes: its own code, run 100,000 times over paths of every sort.
 * CloudFront allows 10,240 bytes and less than a millisecond.
 */
import { createHash } from 'crypto';
import { SiteKind } from '../src/site/site-kind';
import { MAXIMUM_FUNCTION_BYTES, viewerRequestCode } from '../src/site/viewer-request';
import { edgeFunction, requestFor } from '../test/site/viewer-request-runtime';

const CALLS = 100_000;
const PATHS = ['/', '/about', '/about/', '/docs/1.2/intro?page=2&page=3', '/assets/index.4f2a91.js', '/users/42/orders/2026-11-21?sort=date'];
const HEADER = `Basic ${Buffer.from('team:secret').toString('base64')}`;
const STORE = new Map([['basic-auth', createHash('sha256').update(HEADER).digest('hex')]]);
const NAMES = { canonicalName: 'www.example.com', otherNames: ['example.com', 'example.org'] };

const PROGRAMS = {
  'single page': { kind: SiteKind.singlePageApp(), password: false },
  'single page, names': { kind: SiteKind.singlePageApp(), password: false, ...NAMES },
  'many pages, names': { kind: SiteKind.multiPage(), password: false, ...NAMES },
  'prerendered, names': { kind: SiteKind.prerendered(), password: false, ...NAMES },
  'many pages, names, password': { kind: SiteKind.multiPage(), password: true, ...NAMES },
};

async function measure(code: string): Promise<number> {
  const run = edgeFunction(code, STORE);
  const started = process.hrtime.bigint();
  for (let call = 0; call < CALLS; call++) await run(requestFor(PATHS[call % PATHS.length], { authorization: HEADER }));
  return Number(process.hrtime.bigint() - started) / CALLS / 1000;
}

async function main(): Promise<void> {
  const rows: { [name: string]: object } = {};
  for (const [name, options] of Object.entries(PROGRAMS)) {
    const code = viewerRequestCode(options)!;
    const bytes = Buffer.byteLength(code);
    rows[name] = { bytes, 'of the limit': `${(100 * bytes / MAXIMUM_FUNCTION_BYTES).toFixed(1)} %`, 'µs per call': (await measure(code)).toFixed(2) };
  }
  console.table(rows);
}

void main();
