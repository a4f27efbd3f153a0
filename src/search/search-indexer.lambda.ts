import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { indexChanges } from './ingestion/index-changes';
import { withDatabase } from './ingestion/session';
import { OpenSearch } from './open-search';

const REQUEST_TIMEOUT = 20_000;
/** What the last documents may take. A function that was stopped could not answer which of its messages are done. */
const RESERVE_MILLISECONDS = 25_000;

/** Indexes what a batch of messages names; messages that have to come again are answered one by one. */
export async function handler({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const until = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS;
  const openSearch = OpenSearch.fromEnvironment(process.env.SEARCH_ENDPOINT ?? '', process.env, REQUEST_TIMEOUT);
  const failed = await withDatabase(process.env, database => indexChanges(Records, { database, openSearch }, until));
  console.log(JSON.stringify({ messages: Records.length, failed: failed.length }));
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) };
}
