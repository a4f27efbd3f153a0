/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
/* eslint-disable @typescript-eslint/no-require-imports -- what few invocations need is loaded then */
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { answerSiteRequest, RequestWorld, runSiteCommand, SiteRequest } from './site-deployment-request';
import type { Edge } from './site-release-invalidation';
import type { SiteCommand } from './site-release-return';
import { S3AssetFile, S3SiteStore } from './site-release-s3';
import { answerCloudFormation } from '../custom-resource-answer';

const limits = { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true };
// As many connections as files that go up at once, and some to read with. S3 asks to slow down by errors that are worth some tries.
const s3 = new S3Client({ maxAttempts: 6, requestHandler: { ...limits, httpsAgent: { maxSockets: 64 }, httpAgent: { maxSockets: 64 } } });

/** Three entrances: a custom resource, a schedule, and a person with a command. */
export async function handler(event: SiteRequest | SiteCommand | null, context: Context): Promise<unknown> {
  const asked = event ?? {};
  if (!('RequestType' in asked)) return runSiteCommand(asked, createWorld(context, 'sweep' in asked));
  // The request itself is not written down: whoever has its address can answer CloudFormation.
  return answerCloudFormation(asked, await answerSiteRequest(asked, createWorld(context, true)));
}

function createWorld(context: Context, patient: boolean): RequestWorld {
  const environment = process.env as { [name: string]: string };
  return {
    store: new S3SiteStore(s3, environment.BUCKET),
    edge: environment.DISTRIBUTION_ID ? createEdge(environment.DISTRIBUTION_ID) : undefined,
    asset: (bucket, key) => new S3AssetFile(s3, bucket, key),
    waitForInvalidation: environment.WAIT_FOR_INVALIDATION === 'true',
    gracePeriod: Number(environment.GRACE_PERIOD_SECONDS) * 1000,
    keptReleases: Number(environment.KEPT_RELEASES),
    execution: context.awsRequestId,
    patient,
    now: Date.now,
    remaining: () => context.getRemainingTimeInMillis(),
    sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    print: line => console.log(JSON.stringify(line)),
  };
}

function createEdge(DistributionId: string): Edge {
  const { CloudFrontClient, CreateInvalidationCommand, GetInvalidationCommand } = require('@aws-sdk/client-cloudfront');
  const cloudfront = new CloudFrontClient({ maxAttempts: 5, requestHandler: { ...limits, requestTimeout: 15_000 } });
  return {
    invalidate: async (Items, CallerReference) => {
      const InvalidationBatch = { CallerReference, Paths: { Quantity: Items.length, Items } };
      const { Invalidation } = await cloudfront.send(new CreateInvalidationCommand({ DistributionId, InvalidationBatch }));
      return Invalidation.Id;
    },
    isDone: async Id => {
      const { Invalidation } = await cloudfront.send(new GetInvalidationCommand({ DistributionId, Id }));
      return Invalidation.Status === 'Completed';
    },
  };
}
