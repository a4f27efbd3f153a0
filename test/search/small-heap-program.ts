/* The indexer and a re-index as a process of their own, whose heap a test has made small: node --max-old-space-size=… small-heap-program.ts. */
import { Client } from 'pg';
import { indexChanges } from '../../src/search/ingestion/index-changes';
import { reindex } from '../../src/search/ingestion/reindex';
import { OpenSearch } from '../../src/search/open-search';

async function main([connectionString, endpoint, documents]: string[]): Promise<void> {
  const database = new Client({ connectionString });
  await database.connect();
  const openSearch = OpenSearch.fromEnvironment(endpoint, { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }, 20_000);
  const messages = Array.from({ length: Number(documents) }, (_, n) => (
    { messageId: String(n), body: JSON.stringify({ index: 'games', id: String(n + 1), version: '1' }) }));
  const failed = await indexChanges(messages, { database, openSearch });
  const { live, copied } = await reindex({ reindex: 'games' }, { database, openSearch }, { until: Date.now() + 60_000, grace: 1 });
  await database.end();
  console.log(JSON.stringify({ failed: failed.length, copied, live }));
}

void main(process.argv.slice(2));
