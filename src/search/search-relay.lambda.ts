/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { reindex, ReindexAnswer, ReindexCommand } from './ingestion/reindex';
import { relay, RelaySettings } from './ingestion/relay';
import { withDatabase } from './ingestion/session';
import { OpenSearch } from './open-search';

const client = new SQSClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } });

const REQUEST_TIMEOUT = 20_000;
/** The schedule calls once a minute; this leaves the next call a fresh start. */
const RELAY_MILLISECONDS = 55_000;
/** Longer than the indexer may run, and any search. */
const GRACE_MILLISECONDS = 65_000;
/** What a re-index needs after copying: the grace, and the requests around it. */
const RESERVE_MILLISECONDS = 180_000;

/** Two entrances: the schedule empties the outbox, and a person's `{"reindex": "games"}` rebuilds an index. */
export async function handler(event: Partial<ReindexCommand>, context: Context): Promise<ReindexAnswer | { readonly moved: number }> {
  const answer = event.reindex === undefined
    ? { moved: await empty({ pause: Number(process.env.PAUSE), until: Date.now() + RELAY_MILLISECONDS }) }
    : await rebuild({ ...event, reindex: event.reindex }, Date.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS);
  console.log(JSON.stringify(answer));
  return answer;
}

function empty(settings: RelaySettings): Promise<number> {
  return withDatabase(process.env, database => relay(database, sendTen, settings));
}

function rebuild(command: ReindexCommand, until: number): Promise<ReindexAnswer> {
  const openSearch = OpenSearch.fromEnvironment(process.env.SEARCH_ENDPOINT ?? '', process.env, REQUEST_TIMEOUT);
  return withDatabase(process.env, database => reindex(command, { database, openSearch }, { until, grace: GRACE_MILLISECONDS }));
}

async function sendTen(messages: readonly string[]): Promise<void> {
  const { Failed = [] } = await client.send(new SendMessageBatchCommand({
    QueueUrl: process.env.QUEUE_URL,
    Entries: messages.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
  }));
  if (Failed.length > 0) throw new Error(`the queue did not take ${Failed.length} of ${messages.length} messages: ${Failed[0].Code} ${Failed[0].Message}`);
}
